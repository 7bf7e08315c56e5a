"""How sealed documents lie in a node's folder: what is known of each stands in the name of its file.

payloads/kept/ab/HASH                              named by a record: kept until the document is erased
payloads/waiting/HASH.SENDER.SIZE.EXPIRES.whole    all of it has come, and no record that stands names it yet
payloads/waiting/HASH.SENDER.SIZE.EXPIRES.part     what has come of it so far, by one sender

A name is changed by renaming, which is whole or not at all: there is nothing else that could contradict it.
"""

import re
from pathlib import Path

from msgspec import Struct

from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, Moment

FOLDER, KEPT, WAITING = "payloads", "kept", "waiting"
HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"([0-9a-f]{64})\.([0-9a-f]{16})\.([1-9][0-9]{0,7})\.([0-9]{1,15})\.(part|whole)")

Key = tuple[Digest, str]
"""By what an upload is found: nobody's bytes come into another sender's."""


class WaitingName(Struct, frozen=True, kw_only=True):
    """What the name of an upload says.

    Attributes:
        digest: SHA-256 of all its bytes.
        sender: who sends it, as `sender_mark` writes him.
        size: how many bytes it will have.
        expires: when its record expires.
        whole: whether all of it has come, with this hash.
    """

    digest: Digest
    sender: str
    size: int
    expires: Moment
    whole: bool

    @property
    def key(self) -> Key:
        """By what it is found."""
        return self.digest, self.sender

    def write(self) -> str:
        """Write the file's name."""
        end = "whole" if self.whole else "part"
        return f"{self.digest.hex()}.{self.sender}.{self.size}.{self.expires}.{end}"


def read_waiting(name: str) -> WaitingName | None:
    """Read the name of an upload's file; nil where it is none."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    return WaitingName(
        digest=bytes.fromhex(found[1]),
        sender=found[2],
        size=int(found[3]),
        expires=int(found[4]),
        whole=found[5] == "whole",
    )


def sender_mark(holder: str) -> str:
    """Write who sends as it stands in names: a hash, so that any name of a token fits."""
    return hash_bytes(holder.encode())[:8].hex()


def kept_path(folder: Path, digest: Digest) -> Path:
    """Say where a document lies that a record names."""
    name = digest.hex()
    return folder / KEPT / name[:2] / name
