"""Who reads a sealed document, as its sender has told it to the node: openings of the commitments in the record.

A record says of its readers no more than salted commitments. An opening, the reader's id and the salt, proves itself
against them. Before the record stands nobody can tell true ones from false, so that each sender's are kept apart.

payloads/readers/HASH.SENDER    what somebody says of a document that no record names yet
payloads/readers/HASH           what holds against the record: 48 bytes a reader, in order
"""

import logging
import os
import re
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from msgspec import Struct

from hanse_io.durable import force, make_private, replace_durably
from hanse_ledger.kinds.document.payload import commit_reader
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Digest, ObjectId, Salt
from hanse_node.base.bounds import PAYLOAD_TELLERS
from hanse_node.base.errors import QuotaExceeded, StoreFailed
from hanse_node.payloads.disk import disk

log = logging.getLogger(__name__)

FOLDER = "readers"
ID_BYTES, SALT_BYTES = 32, 16
OPENING_BYTES = ID_BYTES + SALT_BYTES
OPENINGS_BYTES = OPENING_BYTES * limits.PAYLOAD_READERS
RETRY_SECONDS = 60

_NAME = re.compile(r"([0-9a-f]{64})(?:\.([0-9a-f]{16}))?")


class OpenedReader(Struct, frozen=True, order=True):
    """What opens the commitment to a reader: its id, and the salt."""

    reader: ObjectId
    salt: Salt

    @property
    def commitment(self) -> Digest:
        """What it opens."""
        return commit_reader(self.reader, self.salt)


def read_openings(data: bytes) -> tuple[OpenedReader, ...]:
    """Read openings, 48 bytes each: the id, and the salt. Raises Malformed: there are none, or too many."""
    count, rest = divmod(len(data), OPENING_BYTES)
    if rest or not 0 < count <= limits.PAYLOAD_READERS:
        raise Malformed(
            f"readers are told with {OPENING_BYTES} bytes each, an id and a salt, for 1 to {limits.PAYLOAD_READERS} of "
            f"them; these are {len(data)} bytes"
        )
    starts = range(0, len(data), OPENING_BYTES)
    return tuple(OpenedReader(data[at : at + ID_BYTES], data[at + ID_BYTES : at + OPENING_BYTES]) for at in starts)


def write_openings(opened: Iterable[OpenedReader]) -> bytes:
    """Write openings in order, each once."""
    return b"".join(each.reader + each.salt for each in sorted(set(opened)))


class KnownReaders:
    """The folder. Any thread may call; each method raises StoreFailed where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        """Read the names of what lies in the folder of sealed documents; what an interrupted write left is deleted."""
        self._folder, self._lock = folder / FOLDER, Lock()
        self._told: dict[Digest, set[str]] = {}
        self._held = set[Digest]()
        with disk("cannot be read, as far as their readers go"):
            make_private(self._folder)
            for entry in os.scandir(self._folder):
                name = _NAME.fullmatch(entry.name)
                if entry.name.endswith(".new"):
                    Path(entry.path).unlink()
                elif name is None:
                    log.warning("a file among readers is none, and is left alone", extra={"file": entry.name})
                elif name[2] is None:
                    self._held.add(bytes.fromhex(name[1]))
                else:
                    self._told.setdefault(bytes.fromhex(name[1]), set()).add(name[2])

    def told_of(self) -> list[Digest]:
        """List the documents of which somebody has told who reads them, before a record named them."""
        with self._lock:
            return list(self._told)

    def held_of(self) -> list[Digest]:
        """List the documents of which readers are known."""
        with self._lock:
            return list(self._held)

    def tell(self, digest: Digest, sender: str, opened: Iterable[OpenedReader]) -> None:
        """Keep what somebody says of a document; durable on return. He may say it anew. Raises QuotaExceeded."""
        with self._lock:
            tellers = self._told.get(digest, set())
            if sender not in tellers and len(tellers) >= PAYLOAD_TELLERS:
                raise QuotaExceeded("as many have told who reads this document as may", RETRY_SECONDS)
            self._write(f"{digest.hex()}.{sender}", write_openings(opened))
            self._told.setdefault(digest, set()).add(sender)

    def told(self, digest: Digest) -> tuple[OpenedReader, ...]:
        """Give all that was said of a document before its record, true or false."""
        with self._lock:
            files = [self._folder / f"{digest.hex()}.{sender}" for sender in sorted(self._told.get(digest, ()))]
            return tuple(each for file in files for each in self._read(file))

    def add(self, digest: Digest, opened: Iterable[OpenedReader]) -> bool:
        """Keep what holds against the record; durable on return. Tell whether any of it is new."""
        with self._lock:
            before = set(self._read(self._folder / digest.hex())) if digest in self._held else set[OpenedReader]()
            after = before | set(opened)
            if after == before:
                return False
            self._write(digest.hex(), write_openings(after))
            self._held.add(digest)
            return True

    def of(self, digest: Digest) -> tuple[OpenedReader, ...]:
        """Give what is known to hold of a document's readers."""
        with self._lock:
            return self._read(self._folder / digest.hex()) if digest in self._held else ()

    def forget_told(self, digest: Digest) -> None:
        """Delete what was said of a document before its record."""
        with self._lock:
            senders = self._told.pop(digest, set())
            self._delete([f"{digest.hex()}.{sender}" for sender in senders])

    def forget(self, digest: Digest) -> None:
        """Delete all that is known of a document's readers."""
        self.forget_told(digest)
        with self._lock:
            if digest in self._held:
                self._delete([digest.hex()])
                self._held.discard(digest)

    def _read(self, file: Path) -> tuple[OpenedReader, ...]:
        try:
            return read_openings(file.read_bytes())
        except (OSError, Malformed) as error:
            raise StoreFailed(f"who reads a sealed document cannot be read: {error}") from error

    def _write(self, name: str, data: bytes) -> None:
        with disk("cannot be told the readers of"):
            replace_durably(self._folder / name, data)

    def _delete(self, names: list[str]) -> None:
        with disk("cannot be forgotten, as far as their readers go"):
            for name in names:
                (self._folder / name).unlink(missing_ok=True)
            if names:
                force(self._folder)
