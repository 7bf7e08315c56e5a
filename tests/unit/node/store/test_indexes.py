"""Every index is in one list: written with each group, audited, and rebuilt from the entries."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Table, select

from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.kind import FoundBy
from hanse_ledger.kinds.objects import decode_object
from hanse_ledger.values import limits
from hanse_node.lifecycle.audit import audit_database
from hanse_node.lifecycle.copying import read_entries_of
from hanse_node.lifecycle.rebuild import rebuild
from hanse_node.store.databases.sqlite import driver
from hanse_node.store.index import INDEXES, TABLES
from hanse_node.store.index.lists import EVERYBODY, list_of, listed, waiting_of
from hanse_node.store.index.objects import object_
from hanse_node.store.index.row import Index, Seen
from hanse_node.store.reads import Reads
from hanse_node.store.sql import open_store
from hanse_node.store.tables import block, checkpoint, entry, head, publication, read_row, webhook, webhook_delivery
from tests.world.corridor import story
from tests.world.found_by import moved
from tests.world.node_ledger import GENESIS, PARTIES, commit, of_everything

TRUTH = {entry, head, block, checkpoint, publication, read_row, webhook, webhook_delivery}
"""What is no index: entries, where they end, and who has signed it; and what no entry says."""


@pytest.fixture(scope="module", autouse=True)
def _marks_lie_close() -> Iterator[None]:
    """Let a short history pass a way mark."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "WAY_MARK", 16)
        yield


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database with a row in every index; tests copy it."""
    path = tmp_path_factory.mktemp("pattern") / "ledger.db"
    store = open_store(_url(path), GENESIS)
    commit(store, *PARTIES)
    commit(store, *of_everything(range(20)))
    store.close()
    return path


def _url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def content(path: Path) -> dict[str, list[Any]]:
    """Read every index whole."""
    with _reads(path) as reads:
        return {index.table.name: _rows(reads, index.table) for index in INDEXES}


def _rows(reads: Reads, table: Table) -> list[Any]:
    return [tuple(row) for row in reads.rows(select(table).order_by(*table.primary_key))]


def test_every_table_is_of_what_is_or_an_index() -> None:
    """A table that is neither would be written by nobody, or believed without an audit."""
    assert {*TABLES.tables.values()} == TRUTH | {index.table for index in INDEXES}
    assert len({index.table for index in INDEXES}) == len(INDEXES)


def test_what_changes_is_kept_for_readers() -> None:
    """Rows that are replaced or taken away say nothing of what stood before: only one that grows does."""
    for index in INDEXES:
        changes = bool(index.replaces) or index.shrinks
        assert (index.seen in {Seen.KEPT, Seen.GROWTH}) == changes, index.table.name
        assert not (index.shrinks and index.seen is not Seen.KEPT), index.table.name


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.table.name)
def test_an_audit_misses_a_row(pattern: Path, tmp_path: Path, index: Index) -> None:
    """Of each index; and it says of which."""
    path = Path(shutil.copy(pattern, tmp_path / "ledger.db"))
    database = driver.connect(str(path))
    taken = database.execute(_delete(index)).rowcount
    database.commit()
    database.close()
    assert taken == 1
    report = audit_database(_url(path), GENESIS)
    assert report.difference is not None
    assert report.difference.startswith(f"{index.table.name} ")
    assert report.difference.endswith("it is missing")


def _delete(index: Index) -> str:
    key = ", ".join(f'"{column.name}"' for column in index.table.primary_key)
    name = index.table.name
    return f"DELETE FROM {name} WHERE ({key}) IN (SELECT {key} FROM {name} LIMIT 1)"  # noqa: S608 (names of ours)


def test_entries_lead_to_every_index(pattern: Path, tmp_path: Path) -> None:
    """A rebuild writes the same rows, and there are some in each."""
    built = tmp_path / "built.db"
    store = open_store(_url(built), GENESIS)
    with read_entries_of(_url(pattern)) as (entries, _):
        assert rebuild(store, entries) == 0
    store.close()
    wanted = content(pattern)
    assert content(built) == wanted
    assert all(wanted.values())


def test_the_list_of_two_is_what_both_have(pattern: Path) -> None:
    """A row for everybody, for each and for each two in whose lists an object stands, in its state, and where it waits.

    None besides.
    """
    wanted, kinds = set(), set()
    with _reads(pattern) as reads:
        objects = [(number, decode_object(data)) for number, data, _ in _rows(reads, object_)]
        found = {(bytes(name), number) for name, number in _rows(reads, listed)}
    for number, value in objects:
        row = type_of(value)
        state, whose = row.listed.state(value), sorted(row.listed.of_whom(value))
        wanted |= {(list_of(row.name, names, state), number) for names in ((EVERYBODY,), *((one,) for one in whose))}
        waiting = {(waiting_of(row.name, name, record), number) for record, name, _ in row.listed.waiting(value)}
        wanted |= waiting
        kinds |= {f"{row.name} waits" for _ in waiting}
        for at, one in enumerate(whose):
            for two in whose[at + 1 :]:
                kinds.add(row.name)
                wanted.add((list_of(row.name, (one, two), state), number))
    assert found == wanted
    assert len(kinds) > 5
    assert {"declaration waits", "invoice waits", "payment waits"} <= kinds


def test_lists_have_names_of_their_own() -> None:
    """Neither kind, nor whose, nor state runs over into another's place."""
    several = [("a", (b"bc",), "d"), ("ab", (b"c",), "d"), ("a", (b"b", b"c"), "d"), ("a", (b"bc",), "e")]
    names = {list_of(kind, whose, state) for kind, whose, state in (*several, ("a", (EVERYBODY,), "bcd"))}
    assert len(names) == len(several) + 1
    assert {len(name) for name in names} == {16}


@contextmanager
def _reads(path: Path) -> Iterator[Reads]:
    store = open_store(_url(path), GENESIS)
    try:
        with store.reading() as reads:
            yield reads
    finally:
        store.close()


def test_what_an_object_is_found_by_stays() -> None:
    """Its row is written once: of what records change it would be out of date, and nothing would say so."""
    blocks = story().blocks
    assert moved(blocks) == set()
    by_state = FoundBy[Invoice](name="invoice_of_state", keys=lambda invoice: (invoice.status.state.encode(),))
    assert moved(blocks, (by_state, Invoice)) == {by_state.name}
