"""What the home folder knows beside heads and openings: trust at first use, and whose key is which party's.

`trust/<hash of the node's address>.json` holds the genesis that a node showed at the first contact without one;
`members/<ledger>.json` how the members of a ledger have changed since, each change proven in its place under a head;
`parties/<ledger>.json` which party each key belongs to, or which requests were made with it. Nothing here is secret,
and losing it costs a question.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from platformdirs import user_data_path

from hanse_client.base.errors import BadAnswer, SetupError
from hanse_client.base.releases import wrong_release
from hanse_client.base.streams import read_named
from hanse_io.durable import make_private, read_bounded, without_mark, write_durably
from hanse_io.locks import Lock
from hanse_ledger.proofs.trustfile import ChangeEntries, TrustFile, read_trust, write_trust
from hanse_ledger.values import limits, patterns
from hanse_ledger.values.errors import UNREADABLE, Malformed, OtherRelease, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import ObjectId, PublicKey

PARTIES_BYTES = 16 * 1024 * 1024
LOCK_SECONDS = 10

Hex32 = Annotated[str, Meta(pattern=patterns.HEX_32)]

MEMBERS_FORMAT = "hanse.members/2"

HOME_FOLDERS = (
    "alike",
    "evidence",
    "fetched",
    "heads",
    "keys",
    "members",
    "names",
    "openings",
    "parties",
    "publications",
    "received",
    "registered",
    "sealed",
    "trust",
    "unsettled",
)
"""What a client keeps in its home folder."""


class _Members(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of the members, and the head under which the newest of them were proven in their places."""

    format: str = msgspec.field(name="@type")
    changes: ChangeEntries
    checkpoint: str


Requested = Annotated[tuple[Hex32, ...], Meta(min_length=1, max_length=64)]

_decoder = msgspec.json.Decoder(dict[str, Hex32 | Requested])
_members_decoder = msgspec.json.Decoder(_Members)


class Knowledge:
    """The small facts in a home folder."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def trust(self, url: str) -> TrustFile | None:
        """Give what was trusted when this address was used first; nothing before that. Raises SetupError, WrongRelease.

        It is the genesis alone: how the members have changed since is proven, and kept by `remember_members`.
        Release 0.1 named the file after the address without its last slash: what it has pinned is not forgotten.
        """
        path = self._trust_path(url)
        if not path.exists():
            path = self._trust_path(url.rstrip("/"))
        try:
            return TrustFile(read_trust(read_bounded(path, limits.TRUST_FILE_BYTES)).genesis)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OtherRelease as error:
            raise wrong_release(path, error) from error
        except (OSError, Malformed) as error:
            raise SetupError(f"{path} cannot be read: {error}.", "Restore it, or remove it knowingly.") from error

    def trust_at_first_use(self, url: str, data: bytes) -> TrustFile:
        """Trust the genesis that a node shows at the first contact, and keep it.

        Raises:
            BadAnswer: it is no trust file.
            SetupError: the home folder cannot keep it.
        """
        path = self._trust_path(url)
        try:
            trust = TrustFile(read_trust(data).genesis)
            write_durably(path, write_trust(trust.genesis))
        except OtherRelease as error:
            raise wrong_release("The node's trust file", error) from error
        except Malformed as error:
            raise BadAnswer(f"The node's trust file is not one: {error}.") from error
        except OSError as error:
            raise SetupError(f"{path} cannot be written: {error.strerror}.", "Check the home folder.") from error
        return trust

    def members(self, trust: TrustFile) -> TrustFile:
        """Follow the members as far as was proven before. Raises SetupError.

        A file of before `MEMBERS_FORMAT` holds changes in places that nobody proved. It, and one that is damaged, is as
        if it were not there: what is proven next takes its place.
        """
        path = self._members_path(trust)
        try:
            kept = _members_decoder.decode(read_bounded(path, limits.TRUST_FILE_BYTES))
            return trust.extended(kept.changes) if kept.format == MEMBERS_FORMAT else trust
        except (FileNotFoundError, NotADirectoryError, *UNREADABLE):
            return trust
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
        except (Malformed, ProofInvalid) as error:
            raise SetupError(
                f"The trust file and {path} contradict each other: {error}.",
                "Get the trust file anew from a member. If that is no help, remove the other: it costs a question.",
            ) from error

    def remember_members(self, trust: TrustFile, checkpoint: bytes) -> None:
        """Keep how the members have changed; durable on return.

        Args:
            trust: with changes that were all proven in their places.
            checkpoint: the head, signed by a quorum, under which the new ones were.

        Raises:
            SetupError: the home folder cannot keep it.
        """
        kept = _Members(format=MEMBERS_FORMAT, changes=trust.changes, checkpoint=checkpoint.decode())
        path = self._members_path(trust)
        try:
            make_private(path.parent)
            write_durably(path, msgspec.json.encode(kept))
        except OSError as error:
            raise SetupError(f"{path} cannot be written: {error.strerror}.", "Check the home folder.") from error

    def parties(self, trust: TrustFile, key: PublicKey) -> tuple[ObjectId, ...]:
        """Find the party of a key: one; or those that were requested with it, the oldest first. Raises SetupError."""
        names = self._parties(self._parties_path(trust)).get(key.hex(), ())
        return tuple(bytes.fromhex(name) for name in ((names,) if isinstance(names, str) else names))

    def remember_party(self, trust: TrustFile, key: PublicKey, party: ObjectId) -> None:
        """Note the party of a key; durable on return. Raises SetupError."""
        self._note(trust, key, lambda _: party.hex())

    def remember_request(self, trust: TrustFile, key: PublicKey, party: ObjectId) -> None:
        """Note a party that was requested with a key, beside those before it; durable on return. Raises SetupError."""
        self._note(trust, key, lambda known: (*((known,) if isinstance(known, str) else known), party.hex()))

    def _note(
        self, trust: TrustFile, key: PublicKey, change: Callable[[str | tuple[str, ...]], str | tuple[str, ...]]
    ) -> None:
        path = self._parties_path(trust)
        try:
            make_private(path.parent)
            with Lock(path.with_suffix(".lock")).held(LOCK_SECONDS):
                known = self._parties(path)
                before = known.get(key.hex(), ())
                after = change(before)
                if after != before:
                    write_durably(path, msgspec.json.encode({**known, key.hex(): after}))
        except OSError as error:
            raise SetupError(f"{path} cannot be written: {error}.", "Check the home folder.") from error

    def _parties(self, path: Path) -> dict[str, str | tuple[str, ...]]:
        try:
            return _decoder.decode(read_bounded(path, PARTIES_BYTES))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, *UNREADABLE) as error:
            raise SetupError(f"{path} cannot be read: {error}.", "Restore it, or remove it.") from error

    def _trust_path(self, url: str) -> Path:
        return self._home / "trust" / f"{hash_bytes(url.encode()).hex()[:32]}.json"

    def _members_path(self, trust: TrustFile) -> Path:
        return self._home / "members" / f"{trust.ledger.hex()}.json"

    def _parties_path(self, trust: TrustFile) -> Path:
        return self._home / "parties" / f"{trust.ledger.hex()}.json"


def user_home() -> Path:
    """Give the home folder that is used where none is named: `hanse` in the user's data folder.

    Raises:
        SetupError: this user has none.
    """
    folder = user_data_path("hanse", appauthor=False)
    if not folder.is_absolute():
        raise SetupError("This user has no home folder: HOME is not set.", "Name one: --home, HANSE_HOME, or home=….")
    return folder


def given_trust(trust: TrustFile | bytes | Path | str | None) -> TrustFile | None:
    """Read the trust file that a caller gives, by path or as bytes. Raises SetupError."""
    if trust is None or isinstance(trust, TrustFile):
        return trust
    try:
        data = trust if isinstance(trust, bytes) else read_named(Path(trust), limits.TRUST_FILE_BYTES)
        return read_trust(without_mark(data))
    except OSError as error:
        raise SetupError(f"The trust file {trust!s} cannot be read: {error.strerror}.", "Check its name.") from error
    except OtherRelease as error:
        raise wrong_release("The trust file" if isinstance(trust, bytes) else Path(trust), error) from error
    except Malformed as error:
        raise SetupError(
            f"{'The trust file' if isinstance(trust, bytes) else trust} is no trust file: "
            f"{error.detail.removeprefix('trust file: ')}.",
            "Get the ledger's trust file from a member.",
        ) from error
