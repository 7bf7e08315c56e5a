"""The whole ledger, judged from its first byte: the entries by the rules, every table by the entries."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from sqlalchemy import URL, Select, select

from hanse_ledger.checkpoint import Checkpoint, parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.codec import object_id
from hanse_ledger.errors import Malformed, ProofInvalid
from hanse_ledger.hashing import hash_bytes, hash_leaf
from hanse_ledger.heads import cosigning_key, log_key
from hanse_ledger.merkle import TileReader, root_from_nodes
from hanse_ledger.notes import parse_note
from hanse_ledger.replay import Audit, MemoryLedger, replay
from hanse_ledger.state import NO_HISTORY, History, encode_object
from hanse_ledger.trust import Genesis, ledger_id, origin_of
from hanse_ledger.types import Digest
from hanse_node.errors import StoreFailed
from hanse_node.store.database import open_database, store_errors
from hanse_node.store.headform import encode_head
from hanse_node.store.reads import Reads, standing_head
from hanse_node.store.sql import SqlLedgerStore
from hanse_node.store.statements import Statements
from hanse_node.store.tables import checkpoint, claim, entry, history, object_, record, tile
from hanse_node.store.tiles import grow, node_hash

Progress = Callable[[Audit], None]


class AuditReport(Struct, frozen=True, kw_only=True):
    """What an audit has found: how much it read, and the first difference, or nil when all is as it must be."""

    size: int
    records: int
    difference: str | None


def audit(store: SqlLedgerStore, genesis: Genesis, progress: Progress = lambda _: None) -> AuditReport:
    """Apply every rule to every entry again, and compare every table with what follows.

    It reads one committed state, and holds nobody up. The ledger's state is kept in memory meanwhile.

    Args:
        store: an open store; the node may be running on it.
        genesis: where the ledger must begin.
        progress: told after each group.

    Raises:
        StoreFailed: the database cannot be read.
    """
    with store.reading() as reads:
        return _audit(reads, genesis, progress)


def audit_database(url: URL, genesis: Genesis, progress: Progress = lambda _: None) -> AuditReport:
    """Audit a database that another process may have open; otherwise as `audit`.

    Raises:
        StoreFailed: there is no such database, or it cannot be read.
    """
    if not Path(str(url.database)).is_file():
        raise StoreFailed(f"there is no database {url.database}")
    database = open_database(url)
    try:
        with store_errors(), database.connect() as connection, connection.begin():
            return _audit(Reads(connection, Statements(database.dialect)), genesis, progress)
    finally:
        database.dispose()


def _audit(reads: Reads, genesis: Genesis, progress: Progress) -> AuditReport:
    walk = _Walked(reads, progress)
    difference = None
    try:
        _compare(reads, replay(genesis, walk.entries(), progress=walk.group), walk)
    except ProofInvalid as error:
        difference = error.detail
    return AuditReport(size=len(walk.leaves), records=walk.records, difference=difference)


class _Walked:
    """What is noted while the entries are replayed."""

    def __init__(self, reads: Reads, progress: Progress) -> None:
        self._reads, self._progress = reads, progress
        self.leaves: list[Digest] = []
        self.records = 0
        self.ends: set[int] = set()

    def entries(self) -> Iterator[bytes]:
        for position, data, leaf in self._reads.rows(_ordered(entry)):
            if position != len(self.leaves):
                raise ProofInvalid(f"entry {len(self.leaves)}: it is missing")
            if leaf != hash_leaf(data):
                raise ProofInvalid(f"entry {position}: the leaf stored beside it is not that of its bytes")
            self.leaves.append(leaf)
            yield data

    def group(self, audited: Audit) -> None:
        head = audited.head
        self.records = audited.records
        self.ends.add(head.size)
        self._progress(audited)


def _compare(reads: Reads, ledger: MemoryLedger, walk: _Walked) -> None:
    if encode_head(standing_head(reads)) != encode_head(ledger.head):
        raise ProofInvalid("head: the stored head is not the one to which the entries lead")
    keys = ((object_id(name), position) for name, position in ledger.records.items())
    places = {key: (position, ledger.numbers.get(key)) for key, position in keys}
    _same("record", _keyed(reads, record), places)
    objects = {
        ledger.numbers[name]: (encode_object(value), ledger.tree.leaf(ledger.numbers[name]))
        for name, value in ledger.objects.items()
    }
    _same("object", _keyed(reads, object_), objects)
    _same("claim", _keyed(reads, claim), {hash_bytes(key): (value,) for key, value in ledger.claims.items()})
    tiles = grow(lambda _level, _index: b"", 0, walk.leaves)
    stored_tiles = (((row[0], row[1]), (row[2], row[3])) for row in reads.rows(_ordered(tile)))
    _same("tile", stored_tiles, {place: (hashes, hash_bytes(hashes)) for place, hashes in tiles.items()})
    _compare_histories(reads, ledger)
    _compare_checkpoints(reads, ledger.genesis, walk, tiles)


def _ordered(table: Any) -> Select[Any]:
    return select(table).order_by(*table.primary_key)


def _keyed(reads: Reads, table: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    return ((row[0], tuple(row[1:])) for row in reads.rows(_ordered(table)))


def _same(what: str, rows: Iterator[tuple[Any, tuple[Any, ...]]], wanted: Mapping[Any, tuple[Any, ...]]) -> None:
    """Compare a table's rows by their keys with what must stand there."""
    count = 0
    for key, values in rows:
        if key not in wanted:
            raise ProofInvalid(f"{what} {_name(key)}: nothing in the ledger leads to it")
        if values != wanted[key]:
            raise ProofInvalid(f"{what} {_name(key)}: what is stored is not what the entries lead to")
        count += 1
    if count != len(wanted):
        raise ProofInvalid(f"{what}: {len(wanted) - count} of {len(wanted)} are missing")


def _compare_histories(reads: Reads, ledger: MemoryLedger) -> None:
    """Replay each stored history: it is right if it leads to the head that the object shows."""
    at = {position: name for name, position in ledger.records.items()}
    chains: dict[int, History] = {}
    for number, sequence, position in reads.rows(_ordered(history)):
        chain = chains.get(number, NO_HISTORY)
        if sequence != chain.count or position not in at:
            raise ProofInvalid(f"history of object {number}: its row {sequence} is out of place, or leads to no record")
        chains[number] = chain.after(at[position])
    for name, value in ledger.objects.items():
        number = ledger.numbers[name]
        if chains.pop(number, NO_HISTORY) != value.history:
            raise ProofInvalid(f"history of object {number}: it does not replay to the head that the object shows")
    if chains:
        raise ProofInvalid(f"history of object {min(chains)}: there is no such object")


class _Tiles:
    """The log's hashes as the entries lead to them."""

    def __init__(self, tiles: Mapping[tuple[int, int], bytes]) -> None:
        self._tiles = tiles

    def node(self, level: int, index: int) -> Digest:
        return node_hash(lambda *place: self._tiles.get(place, b""), level, index)


def _compare_checkpoints(reads: Reads, genesis: Genesis, walk: _Walked, tiles: Mapping[tuple[int, int], bytes]) -> None:
    ledger = ledger_id(genesis)
    cosigners = {origin_of(ledger, each.id): each for each in genesis.membership.cosigners}
    log, newest = _Tiles(tiles), 0
    for size, text in reads.rows(_ordered(checkpoint)):
        newest = size
        try:
            note = parse_note(text.encode())
            found = parse_checkpoint(note.text)
            cosigner = cosigners.get(found.origin)
            _check_head(found, cosigner is not None and size in walk.ends, size, log)
            assert cosigner is not None
            verify_log_signature(note, log_key(ledger, cosigner))
            verify_cosignature(note, cosigning_key(ledger, cosigner))
        except (Malformed, ProofInvalid) as error:
            raise ProofInvalid(f"checkpoint {size}: {error}") from error
    # The newest group may be committed and its signature still on its way.
    if newest not in (0, *sorted(walk.ends)[-2:]):
        raise ProofInvalid(f"checkpoint: the newest is of {newest} entries, but there are {len(walk.leaves)}")


def _check_head(found: Checkpoint, known: bool, size: int, log: TileReader) -> None:
    if not known or found.size != size:
        raise ProofInvalid("it is of no cosigner, of another size, or not of a group's end")
    if found.root != root_from_nodes(log, size):
        raise ProofInvalid("its root is not the one to which the entries lead")


def _name(key: object) -> str:
    return key.hex() if isinstance(key, bytes) else str(key)
