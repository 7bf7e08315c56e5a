"""What is committed about sealed documents takes effect at once: what is named is kept, what is erased goes.

Entries are searched for two words first, so that of all others none is decoded. How far that has come stands in a file:
a node that was killed between a commit and this goes on there. Nobody waits for it, and records do not.

payloads/looked    the position up to which entries were looked at, in digits
"""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from hanse_io.durable import write_whole
from hanse_ledger.kinds import steps_of
from hanse_ledger.kinds.document.bodies import EraseDocument
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.values.types import Digest
from hanse_node.base.bounds import EVENTS_READ
from hanse_node.base.errors import NodeError
from hanse_node.base.worker import Beside
from hanse_node.payloads.disk import disk
from hanse_node.payloads.holdings import Holdings
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

LOOKED = "looked"
PAUSE_SECONDS = 1.0

_NAMED = re.compile(rb"\xa7payload\x83\xa4hash\xc4\x20(.{32})", re.DOTALL)
"""How a record names sealed bytes, in canonical MessagePack: `payload`, a map of three that begins with `hash`."""

_ERASES = b"document.erase"


class CommittedPayloads:
    """A worker; see `base.worker`. Any thread may call `news`."""

    def __init__(self, store: SqlLedgerStore, holdings: Holdings, told: Callable[[], object]) -> None:
        """Prepare.

        Args:
            store: the ledger.
            holdings: all that is here of sealed documents.
            told: told after something has come to be kept, which may have to be offered to others.
        """
        self._store, self._holdings, self._told = store, holdings, told
        self._file = holdings.store.folder / LOOKED
        self._news, self._ended = Event(), False
        self._position = _read(self._file, store.head.size)
        self._thread = Beside("committed documents", self._run, self._fault)

    def start(self) -> None:
        """Begin with what was committed meanwhile."""
        self._news.set()
        self._thread.start()

    def stop(self) -> None:
        """End after the piece that is being looked at. May be called twice."""
        self._ended = True
        self._news.set()
        self._thread.stop()

    def news(self) -> None:
        """Learn that something was committed."""
        self._news.set()

    def look(self) -> None:
        """Look at what was committed since the last time. Raises NodeError."""
        size = self._store.head.size
        if self._position >= size:
            return
        if self._holdings.empty:
            self._position = size  # nothing that is committed concerns what is not here
            return
        while self._position < size and not self._ended:
            stop = min(size, self._position + EVENTS_READ)
            with self._store.reading() as reads:
                entries = reads.entries(self._position, stop)
            found = False
            for entry in entries:
                found = self._take(entry) or found
            self._position = stop
            if found:
                with disk("cannot be followed"):
                    write_whole(self._file, str(stop).encode(), flush=False)
                self._told()

    def _take(self, entry: bytes) -> bool:
        """Do what an entry asks for; tell whether it concerns a document that is here."""
        found = False
        for digest in _NAMED.findall(entry):
            found = self._holdings.store.has(digest) or found
            if self._holdings.store.has(digest):
                self._holdings.settle(digest)
        for digest in self._erased(entry) if _ERASES in entry else ():
            found = self._holdings.erase(digest) or found
        return found

    def _erased(self, entry: bytes) -> Iterator[Digest]:
        """Give the hashes of all sealed files of the documents that an entry has erased."""
        decoded = decode_entry(entry)
        if not isinstance(decoded, RecordEntry):
            return
        signed = open_decoded(decoded.payload)
        for step in steps_of(signed.record.body, signed.id):
            if isinstance(step.body, EraseDocument):
                for seal in self._holdings.naming.seals(step.body.document):
                    yield seal.hash

    def _run(self) -> None:
        while not self._ended:
            self._news.wait()
            self._news.clear()
            try:
                self.look()
            except NodeError as error:
                log.exception("what is committed of sealed documents cannot be followed", exc_info=error)
                self._pause()

    def _pause(self) -> None:
        """Look again after a while."""
        self._news.wait(PAUSE_SECONDS)
        self._news.set()

    def _fault(self, error: BaseException) -> None:
        log.critical("committed documents are looked at by the sweep alone until the next start", exc_info=error)


def _read(file: Path, size: int) -> int:
    """Read how far it had come; from now on where that is not known: the sweep sees to what was before."""
    try:
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return size
    return min(int(text), size) if text.isdecimal() else size
