"""The whole ledger, judged from its first byte: the entries by the rules, every table by the entries.

The entries are replayed into a second database, the scratch; then the two are compared row by row. So an audit needs
no more memory than a node does, and one that was interrupted goes on where it was: what it had replayed is compared
with what stands there now, like everything else.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import URL, Select, Table, select

from hanse_ledger.blocks.walking import check_whole
from hanse_ledger.proofs.heads import cosigning_key, log_key
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.entry import STATE
from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.merkle import Frontier
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.genesis import Genesis, origin_of
from hanse_node.base.errors import CannotStart, StoreFailed
from hanse_node.lifecycle.rebuild import rebuild
from hanse_node.store.databases.database import SQLITE, open_database, store_errors
from hanse_node.store.databases.revision import check_revision, revision_of
from hanse_node.store.databases.shape import verify_shape
from hanse_node.store.entries import read_type
from hanse_node.store.headform import encode_head
from hanse_node.store.index import INDEXES
from hanse_node.store.index.records import record
from hanse_node.store.members import follow
from hanse_node.store.reads import Reads, standing_head
from hanse_node.store.sql import SqlLedgerStore, open_store
from hanse_node.store.statements import Statements
from hanse_node.store.tables import checkpoint, entry

COMPARED = (entry, *(index.table for index in INDEXES))
SHOWN_EVERY = 10_000
"""After so many rows somebody is told how far a comparison has come."""


Progress = Callable[[str, int, int], None]
"""Told how far a long work has come: what it does, how much of it is done, and of how much."""


class AuditReport(Struct, frozen=True, kw_only=True):
    """What an audit has found: how much it read, and the first difference, or nil when all is as it must be.

    `resumed_at` is the number of entries that an interrupted audit had replayed already.
    """

    size: int
    records: int
    difference: str | None
    resumed_at: int = 0


class CannotCheck(Exception):
    """The audit itself failed: its scratch cannot be written. It says nothing of the ledger."""


def audit(
    store: SqlLedgerStore, progress: Progress = lambda _words, _done, _total: None, scratch: Path | None = None
) -> AuditReport:
    """Apply every rule to every entry again, and compare every table with what follows.

    It reads one committed state, and holds nobody up.

    Args:
        store: an open store; the node may be running on it.
        progress: told how far it has come.
        scratch: see `audit_database`.

    Raises:
        StoreFailed: the database cannot be read.
        CannotCheck: the scratch cannot be written.
    """
    with store.reading() as reads, _place(scratch) as place:
        return _Audit(reads, store.genesis, place, progress).run(0)


def audit_database(
    url: URL,
    genesis: Genesis,
    progress: Progress = lambda _words, _done, _total: None,
    scratch: Path | None = None,
    processes: int = 0,
    *,
    still: bool = False,
) -> AuditReport:
    """Audit a database that another process may have open; otherwise as `audit`.

    Args:
        url: the database.
        genesis: where the ledger must begin.
        progress: told how far it has come.
        scratch: the file in which the entries are replayed. What an interrupted audit left in it is taken up; an audit
            that comes to an end removes it. Without one, a temporary file is used.
        processes: how many processes verify signatures beside this one.
        still: whether it is a file that nobody writes, a backup's: not one byte of it changes.

    Raises:
        StoreFailed: there is no such database, it cannot be read, or something acts in it by itself.
        CannotStart: it is of another release.
        CannotCheck: the scratch cannot be written.
    """
    if url.get_backend_name() == SQLITE and not Path(str(url.database)).is_file():
        raise StoreFailed(f"there is no database {url.database}")
    database = open_database(url, still=still)
    try:
        with store_errors(), database.connect() as connection, connection.begin(), _place(scratch) as place:
            check_revision(revision_of(connection))
            if url.get_backend_name() == SQLITE:
                # What an auditor was handed may be another's: a view in the place of a table need never end.
                verify_shape(Path(str(url.database)), "immutable=1" if still else "mode=ro")
            return _Audit(Reads(connection, Statements(database.dialect)), genesis, place, progress).run(processes)
    finally:
        database.dispose()


def remove_scratch(scratch: Path) -> None:
    """Remove a scratch, with the files that the database keeps beside it. Raises OSError."""
    for path in scratch.parent.glob(f"{scratch.name}*"):
        path.unlink(missing_ok=True)


@contextmanager
def _place(scratch: Path | None) -> Iterator[Path]:
    """Give the scratch's path, or that of a temporary one, which is gone in the end."""
    if scratch is not None:
        yield scratch
        return
    with tempfile.TemporaryDirectory(prefix="hanse-audit-") as folder:
        yield Path(folder) / "scratch.db"


@contextmanager
def _scratch_errors() -> Iterator[None]:
    """Tell what is wrong with the scratch from what is wrong with the ledger, whose errors are not the store's yet."""
    try:
        yield
    except (StoreFailed, CannotStart, OSError) as error:
        raise CannotCheck(f"the scratch cannot be used: {error}") from error


class _Audit:
    """One audit: of what `reads` sees, with a scratch."""

    def __init__(self, reads: Reads, genesis: Genesis, scratch: Path, progress: Progress) -> None:
        self._reads, self._genesis, self._scratch, self._progress = reads, genesis, scratch, progress
        self._size = reads.count(entry)

    def run(self, processes: int) -> AuditReport:
        built, first = self._open()
        try:
            difference = self._judge(built, first, processes)
            with built.reading() as wanted:
                records = wanted.count(record)
        finally:
            # What was replayed stays where the audit is interrupted here.
            built.close()
        remove_scratch(self._scratch)
        return AuditReport(size=self._size, records=records, difference=difference, resumed_at=first)

    def _judge(self, built: SqlLedgerStore, first: int, processes: int) -> str | None:
        try:
            self._replay(built, first, processes)
            with built.reading() as wanted:
                self._compare(wanted)
        except ProofInvalid as error:
            return error.detail
        return None

    def _open(self) -> tuple[SqlLedgerStore, int]:
        """Take up the scratch where it fits what is to be audited, or begin a new one."""
        with _scratch_errors():
            if self._scratch.exists():
                try:
                    built = open_store(_url(self._scratch), self._genesis, lasting=False)
                    size = built.head.size
                    with built.reading() as reads:
                        last = reads.entry(size - 1)
                    if size > 1 and size <= self._size and self._last(size) == last:
                        return built, size
                    built.close()
                except (CannotStart, StoreFailed):
                    pass  # of another release, or damaged: it is made anew, and nothing is lost but time
                remove_scratch(self._scratch)
            return open_store(_url(self._scratch), self._genesis, lasting=False), 0

    def _last(self, size: int) -> bytes | None:
        try:
            return self._reads.entry(size - 1)
        except StoreFailed:
            return None  # damaged: a new replay comes to it, and says so

    def _replay(self, built: SqlLedgerStore, first: int, processes: int) -> None:
        def told(done: int) -> None:
            self._progress("entries replayed", done, self._size)

        with _scratch_errors():
            left = rebuild(built, self._entries(first), first=first, processes=processes, progress=told)
        check_whole(self._size, left)

    def _entries(self, first: int) -> Iterator[bytes]:
        expected = first
        for position, data, leaf in self._reads.rows(_ordered(entry).where(entry.c.position >= first)):
            if position != expected:
                raise ProofInvalid(f"entry {expected}: it is missing")
            if leaf != hash_leaf(data):
                raise ProofInvalid(f"entry {position}: the leaf stored beside it is not that of its bytes")
            expected += 1
            yield data

    def _compare(self, wanted: Reads) -> None:
        if encode_head(standing_head(self._reads)) != encode_head(standing_head(wanted)):
            raise ProofInvalid("head: the stored head is not the one to which the entries lead")
        for table in COMPARED:
            self._compare_table(table, wanted)
        self._compare_checkpoints(wanted)

    def _compare_table(self, table: Table, wanted: Reads) -> None:
        """Walk the rows of both databases in the order of their keys."""
        total, done = wanted.count(table), 0
        width = len(table.primary_key)
        stored, due = self._reads.rows(_ordered(table)), wanted.rows(_ordered(table))
        row, other = next(stored, None), next(due, None)
        while row is not None or other is not None:
            if row is not None and row == other:
                row, other, done = next(stored, None), next(due, None), done + 1
                if done % SHOWN_EVERY == 0 or done == total:
                    self._progress(f"rows of {table.name} compared", done, total)
                continue
            raise ProofInvalid(f"{table.name} {_first_difference(row, other, width)}")

    def _compare_checkpoints(self, wanted: Reads) -> None:
        """Walk the checkpoints and the log beside each other."""
        log = _Log(wanted)
        trust = follow(TrustFile(self._genesis), wanted)
        total, newest = self._reads.count(checkpoint), 0
        for done, (size, text) in enumerate(self._reads.rows(_ordered(checkpoint)), 1):
            newest = size
            try:
                _judge_checkpoint(text, size, log, trust)
            except (Malformed, ProofInvalid) as error:
                raise ProofInvalid(f"checkpoint {size}: {error}") from error
            if done % SHOWN_EVERY == 0 or done == total:
                self._progress("checkpoints verified", done, total)
        log.grow(self._size)
        # The newest block may be committed and its signature still on its way.
        if newest not in (0, *log.ends):
            raise ProofInvalid(f"checkpoint: the newest is of {newest} entries, but there are {self._size}")


class _Log:
    """The log as the entries lead to it, from its first entry on: its root, and where its newest blocks end."""

    def __init__(self, reads: Reads) -> None:
        self._rows = reads.rows(select(entry.c.leaf, entry.c.data).order_by(entry.c.position))
        self._frontier = Frontier()
        self.size = 0
        self.ends: tuple[int, ...] = ()

    def grow(self, size: int) -> None:
        """Walk on, as far as there are entries."""
        while self.size < size and (row := next(self._rows, None)) is not None:
            self._frontier.append(row[0])
            self.size += 1
            if read_type(row[1]) == STATE:
                self.ends = (*self.ends[-1:], self.size)

    def root(self) -> Digest:
        """Give the root of the log as far as it was walked."""
        return self._frontier.root()


def _judge_checkpoint(text: str, size: int, log: _Log, trust: TrustFile) -> None:
    note = parse_note(text.encode())
    checkpoint = parse_checkpoint(note.text)
    origins = {origin_of(trust.ledger, each.id): each for each in trust.at(size).cosigners}
    cosigner = origins.get(checkpoint.origin)
    log.grow(size)
    if cosigner is None or checkpoint.size != size or size not in log.ends:
        raise ProofInvalid("it is of no cosigner, of another size, or not of a block's end")
    _check_root(checkpoint, log)
    verify_log_signature(note, log_key(trust.ledger, cosigner))
    verify_cosignature(note, cosigning_key(trust.ledger, cosigner))


def _check_root(checkpoint: Checkpoint, log: _Log) -> None:
    if checkpoint.root != log.root():
        raise ProofInvalid("its root is not the one to which the entries lead")


def _first_difference(row: Any, other: Any, width: int) -> str:
    """Say what differs: two rows of which at least one is there."""
    key = None if row is None else tuple(row[:width])
    due = None if other is None else tuple(other[:width])
    if key is None or (due is not None and due < key):
        return f"{_name(due)}: it is missing"
    if due is None or key < due:
        return f"{_name(key)}: nothing in the ledger leads to it"
    return f"{_name(key)}: what is stored is not what the entries lead to"


def _ordered(table: Table) -> Select[Any]:
    return select(table).order_by(*table.primary_key)


def _name(key: Any) -> str:
    words = [part.hex() if isinstance(part, bytes) else str(part) for part in key]
    return words[0] if len(words) == 1 else f"({', '.join(words)})"


def _url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))
