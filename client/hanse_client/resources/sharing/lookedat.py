"""What somebody looked at of who a party is, as the terms of an attestation; all of it is checked before it is said."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from hanse_client.base.errors import DocumentError, InvalidInput, UnsupportedDocument
from hanse_client.base.files import read_source
from hanse_documents import DocumentError as Unwritten
from hanse_documents import UnsupportedFormat
from hanse_documents.semantics.checkdigits import verify_lei, verify_vat
from hanse_ledger.values.dates import start_of
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.catalogue import CommittedKind, place_of

# A self-addressing identifier of CESR: a code for a digest of 32 bytes, and 43 signs of base64url.
_SAID = re.compile(r"[E-I][A-Za-z0-9_-]{43}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_SAME_IN_IDENTITY = ("lei", "register", "register_name", "vat")


class LookedAt(Struct, frozen=True, kw_only=True):
    """What somebody looked at of who a party is. Each is optional; what stands here is hidden, and shown term by term.

    Attributes:
        documents: papers and pages, in words, such as `articles of association`.
        lei: the LEI that was looked up (ISO 17442).
        register: the number in a register, with `register_name`, whose register it is.
        register_dated: the day of the extract from it, such as 2026-09-14.
        register_extract: the extract's file; its SHA-256 is what is said.
        vat: the VAT number that was checked.
        vat_consultation: the number of the answer, such as that which VIES gives.
        vat_consulted: the day of the answer.
        vlei: the SAID of the vLEI credential that was verified.
        wallet: a credential from a wallet, as it was presented; its SHA-256 is what is said.
        wallet_type: its type, such as `eu.europa.ec.eudi.lpid.1`.
        wallet_issuer: who issued it.
        unexamined_because: why nothing was looked at; then all others are empty.
    """

    documents: tuple[str, ...] = ()
    lei: str = ""
    register: str = ""
    register_name: str = ""
    register_dated: str = ""
    register_extract: Path | str | bytes | None = None
    vat: str = ""
    vat_consultation: str = ""
    vat_consulted: str = ""
    vlei: str = ""
    wallet: Path | str | bytes | None = None
    wallet_type: str = ""
    wallet_issuer: str = ""
    unexamined_because: str = ""

    def terms(self, now: Moment) -> dict[str, str]:
        """Give what was looked at as terms of an attestation; its files are read.

        Args:
            now: the present: no day lies after it, in milliseconds.

        Raises:
            InvalidInput: there is nothing and no reason, both, or a part of what belongs together.
            DocumentError: a number's check digits are wrong, or a file cannot be read.
            UnsupportedDocument: check digits cannot be checked here: the extra `documents` is not installed.
        """
        said = {name: " ".join(text.split()) for name, text in self._texts()}
        said = {name: text for name, text in said.items() if text}
        for name in ("register_dated", "vat_consulted"):
            if name in said:
                need_day(said[name], name, now)
        self._need_whole(said)
        if "lei" in said:
            said["lei"] = said["lei"].upper()
            _checked(verify_lei, said["lei"], "lei")
        if "vat" in said:
            said["vat"] = said["vat"].upper()
            _checked(verify_vat, said["vat"], "vat")
        if "vlei" in said and not _SAID.fullmatch(said["vlei"]):
            raise InvalidInput(
                f"{said['vlei'][:80]!r} is no SAID of a credential.",
                "It has 44 letters, digits, - and _, the first of them E to I: the field d of the credential.",
            )
        for name, file in (("register_extract", self.register_extract), ("wallet", self.wallet)):
            if file is not None:
                said[name] = hash_bytes(read_source(file)[0]).hex()
        evidence = any(name != "unexamined_because" for name in said)
        if evidence == ("unexamined_because" in said):
            raise InvalidInput(
                "What was looked at is said, or why nothing was: one of both.",
                "Name a register extract, LEI, VAT check, vLEI, credential or document; or give the reason for none.",
            )
        return said

    def _texts(self) -> Iterator[tuple[str, str]]:
        """List the texts by the names of their terms."""
        for number, document in enumerate(self.documents, 1):
            yield f"documents/{number}", document
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if name not in ("documents", "register_extract", "wallet"):
                yield name, value

    def _need_whole(self, said: Mapping[str, str]) -> None:
        """Insist that what belongs together is said together. Raises InvalidInput."""
        given = {*said} | {name for name in ("register_extract", "wallet") if getattr(self, name) is not None}
        for name, needed in _TOGETHER:
            missing = [each for each in needed if each not in given]
            if name in given and missing:
                raise InvalidInput(
                    f"{_words(name)} is given without {' and '.join(map(_words, missing))}.",
                    "Give both, or neither.",
                )


_TOGETHER = (
    ("register", ("register_name",)),
    ("register_name", ("register",)),
    ("register_dated", ("register", "register_extract")),
    ("register_extract", ("register", "register_dated")),
    ("vat_consultation", ("vat", "vat_consulted")),
    ("vat_consulted", ("vat",)),
    ("wallet", ("wallet_type", "wallet_issuer")),
    ("wallet_type", ("wallet",)),
    ("wallet_issuer", ("wallet",)),
)


def need_day(text: str, what: str, now: Moment) -> None:
    """Insist on a day that has come, such as 2026-09-14. Raises InvalidInput."""
    try:
        at = start_of(text) if _DAY.fullmatch(text) else None
    except Malformed:
        at = None
    if at is None:
        raise InvalidInput(f"{text[:80]!r} is no day ({_words(what)}).", "Write it as 2026-09-14.")
    # Days begin up to 14 hours earlier than in UTC.
    if at > now + 14 * 3_600_000:
        raise InvalidInput(f"{text} ({_words(what)}) has not come yet.", "Give the day on which it was looked at.")


def need_covered(terms: tuple[str, ...], looked: Mapping[str, str], identity: Mapping[str, str]) -> None:
    """Insist that what is vouched for is the identity to which the enrolment commits.

    Args:
        terms: the names of the terms of the identity that are vouched for.
        looked: what was looked at, by the names of an attestation's terms.
        identity: the identity by name, as the party has shown it.

    Raises:
        InvalidInput: no term is named, one is named twice, or is none, or not stated, or what was looked at differs.
    """
    if not terms or len(set(terms)) != len(terms):
        raise InvalidInput("The terms vouched for are named, each once.", "Name them: name, lei, vat…")
    for term in terms:
        try:
            place_of(CommittedKind.IDENTITY, term)
        except Malformed as error:
            raise InvalidInput(f"{error}.", "Name terms of a legal identity.") from error
        if term not in identity:
            raise InvalidInput(
                f"The party's identity does not state the term {term}.",
                f"It states {', '.join(identity)}: vouch for some of these.",
            )
    for name in _SAME_IN_IDENTITY:
        if name in looked and name in identity and _plain(looked[name]) != _plain(identity[name]):
            raise InvalidInput(
                f"What was looked at is of another: {_words(name)} {looked[name][:80]!r}, where the party's identity "
                f"says {identity[name][:80]!r}.",
                "Nothing was sent. Look up the party's own, or do not attest.",
            )


def _plain(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _checked(verify: Callable[[str, str], None], text: str, name: str) -> None:
    """Check a number's digits. Raises DocumentError; UnsupportedDocument where that cannot be done here."""
    try:
        verify(text, name)
    except UnsupportedFormat as error:
        raise UnsupportedDocument(f"The {_words(name)} is not checked: {error.seen}.", error.action) from error
    except Unwritten as error:
        raise DocumentError(
            f"The {_words(name)} {text[:40]} is mistyped or made up.",
            "Nothing was sent. Type it as the party gives it: its check digits tell a mistyped one.",
            field=name,
            seen=error.seen,
            wanted=error.wanted,
        ) from error


def _words(name: str) -> str:
    return {"lei": "LEI", "vat": "VAT number", "register": "register number", "vlei": "vLEI"}.get(
        name, name.replace("_", " ")
    )
