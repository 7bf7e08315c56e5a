"""The identities that lie in a home folder, `<home>/keys/NAME.pem`, and which of them is meant for which counterparty.

Who does not want its counterparties to see that they trade with the same firm is enrolled once for each, each time
under another key. `<home>/keys/counterparties.json`, format `hanse.counterparties/1`, says which name is whose.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import IdentityError, InvalidInput, SetupError
from hanse_client.base.releases import require_release
from hanse_client.home.identity import read_private
from hanse_client.ring.ringfile import COUNTERPARTIES, NAME
from hanse_io.durable import make_private, read_bounded, write_durably
from hanse_io.locks import Lock
from hanse_ledger.values import patterns
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import ObjectId, PublicKey

FORMAT = "hanse.counterparties/1"
FILE_BYTES = 4 * 1024 * 1024
MOST = 20_000
LOCK_SECONDS = 10
KEYS = "keys"

Hex32 = Annotated[str, Meta(pattern=patterns.HEX_32)]


class _Counterparties(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str = msgspec.field(name="@type")
    keys: Annotated[dict[Hex32, str], Meta(max_length=MOST)]


_decoder = msgspec.json.Decoder(_Counterparties)


class KeyRing:
    """The identities of a home folder. Nothing is opened here: what is given is where each lies."""

    def __init__(self, home: Path | str) -> None:
        """Take a home folder, which may be missing."""
        self._folder, self._counterparties = Path(home) / KEYS, Path(home) / COUNTERPARTIES

    def files(self) -> list[Path]:
        """List the identity files, in order of their names."""
        return sorted(path for path in self._folder.glob("*.pem") if NAME.fullmatch(path.name))

    def names(self) -> list[str]:
        """List the names of the identities, without `.pem`."""
        return [path.stem for path in self.files()]

    def file(self, name: str) -> Path:
        """Find an identity file by its name, without `.pem`. Raises InvalidInput: there is none here."""
        path = self._path(name)
        if not path.is_file():
            known = ", ".join(each.stem for each in self.files()[:8]) or "none"
            raise InvalidInput(
                f"There is no identity {name[:80]!r} in {self._folder}; there are: {known}.",
                "Put one there: hanse key add FILE",
            )
        return path

    def public_keys(self) -> dict[PublicKey, Path]:
        """Give the public keys of all identities, with their files; no passphrase is needed. Raises IdentityError."""
        from hanse_client.home.tokens.tokenfile import public_key_in  # noqa: PLC0415 (X.509 loads when a file is read)

        return {public_key_in(read_private(path)): path for path in self.files()}

    def add(self, name: str, data: bytes) -> Path:
        """Put the bytes of an identity file into the ring under a name; durable on return.

        Raises:
            IdentityError: there is another one of that name, or the folder cannot be written.
        """
        path = self._path(name)
        try:
            make_private(self._folder)
            if path.exists() and read_private(path) == data:
                return path
            write_durably(path, data, replace=False)
        except FileExistsError as error:
            raise IdentityError(f"{path} is there already.", "Choose another name: a key is never replaced.") from error
        except OSError as error:
            raise IdentityError(f"{path} cannot be written: {error.strerror}.", "Check the folder's rights.") from error
        return path

    def counterparties(self) -> dict[ObjectId, str]:
        """Give which identity is meant for which counterparty, by name. Raises SetupError."""
        path = self._counterparties
        try:
            data = read_bounded(path, FILE_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
        try:
            require_release(path, data, FORMAT)
            read = _decoder.decode(data)
        except UNREADABLE as error:
            raise SetupError(f"{path} is damaged: {error}.", "Restore it: hanse key recover") from error
        if wrong := [name for name in read.keys.values() if NAME.fullmatch(f"{name}.pem") is None]:
            raise SetupError(f"{path} is damaged: it names {wrong[0][:80]!r}.", "Restore it: hanse key recover")
        return {bytes.fromhex(party): name for party, name in read.keys.items()}

    def use(self, name: str, party: ObjectId) -> str | None:
        """Say which identity is meant for a counterparty from now on; durable on return.

        Returns:
            The name of the one that was meant before; nil where none was.

        Raises:
            InvalidInput: there is no identity of that name, or there are too many counterparties.
            SetupError: the home folder cannot be written.
        """
        self.file(name)
        try:
            with Lock(self._folder / ".lock").held(LOCK_SECONDS):
                known = self.counterparties()
                before = known.get(party)
                if party not in known and len(known) >= MOST:
                    raise InvalidInput(f"A key ring has at most {MOST} counterparties.", "Use another home folder.")
                keys = {each.hex(): known_as for each, known_as in sorted({**known, party: name}.items())}
                write_durably(self._counterparties, msgspec.json.encode(_Counterparties(format=FORMAT, keys=keys)))
        except (OSError, NotImplementedError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise SetupError(f"{self._counterparties} cannot be written: {why}.", "Check the home folder.") from error
        return before

    def for_counterparty(self, party: ObjectId) -> Path | None:
        """Give the identity file that is meant for a counterparty; nil where none is.

        Raises:
            InvalidInput: the identity that is meant is not here.
            SetupError: the home folder cannot be read.
        """
        name = self.counterparties().get(party)
        return None if name is None else self.file(name)

    def _path(self, name: str) -> Path:
        if NAME.fullmatch(f"{name}.pem") is None:
            raise InvalidInput(
                f"{name[:80]!r} is no name of an identity.", "Take letters, digits, hyphens, dots and underscores."
            )
        return self._folder / f"{name}.pem"


class MeantIdentities:
    """Which identities are meant for which counterparties, as one client holds itself to it; read once."""

    def __init__(self, home: Path) -> None:
        self._home, self._meant = home, dict[ObjectId, tuple[str, PublicKey]]()
        self._read = False

    def need(self, key: PublicKey, party: ObjectId) -> None:
        """Insist that no other identity than that of a key is meant for a counterparty.

        Raises:
            InvalidInput: another one is: signing would show that both are one. Nothing was sent.
            SetupError, IdentityError: the home folder cannot be read.
        """
        if not self._read:
            ring = KeyRing(self._home)
            names = ring.counterparties()
            keys = {path.stem: public for public, path in ring.public_keys().items()} if names else {}
            self._meant = {each: (name, keys[name]) for each, name in names.items() if name in keys}
            self._read = True
        name, meant = self._meant.get(party, ("", key))
        if meant != key:
            raise InvalidInput(
                f"For the counterparty {party.hex()} the identity {name!r} is meant, and another one would sign.",
                f"Nothing was sent. Sign with --identity {name}, or say which is meant: hanse key use NAME --buyer ID",
            )
