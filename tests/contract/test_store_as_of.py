"""No index is read beyond the head that readers see.

Whatever may be asked of a state is answered alike, however many blocks have been committed since.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import URL, select

from hanse_ledger import kinds
from hanse_ledger.kinds.claims import ClaimKind, claim_key, tag_claim
from hanse_ledger.kinds.object import created_id
from hanse_ledger.values import limits
from hanse_node.store.index.lists import EVERYBODY, Wanted
from hanse_node.store.index.row import Index
from hanse_node.store.index.waiting import WantedWaiting
from hanse_node.store.reads import Published
from hanse_node.store.snapshot import Snapshot
from hanse_node.store.sql import SqlLedgerStore
from tests.conftest import ROOT
from tests.contract.conftest import url_of
from tests.world.found_by import ALL, BY_BUYER, open_with_buyers
from tests.world.node_ledger import (
    OFFICE,
    PARTIES,
    commit,
    digest,
    invoice,
    key_of,
    of_everything,
    party,
    public,
    revoke,
)

SHOWN, LATER = range(20), range(20, 300)
"""Invoices under the head that readers see, and those that came after it."""

FIRST, LAST = bytes(32), b"\xff" * 32
FAR = 2**40
"""Beyond every log."""

RECORDS = [signed.id for signed in of_everything((*SHOWN, *LATER))]
OBJECTS = [party("seller"), party("buyer"), *map(created_id, RECORDS)]
KEYS = [
    *(tag_claim(1, digest("tag", number)) for number in (*SHOWN, *LATER)),
    *(claim_key(kind, public(key_of(who))) for kind in ClaimKind for who in ("seller", "buyer", "nobody")),
]
FOUND_BY = [BY_BUYER, *(each for row in kinds.OBJECTS for each in row.found_by)]
KEPT_UNDER = [*OBJECTS[:4], *OBJECTS[4::9]]
POSITIONS, WIDTHS = [*range(0, 400, 7)], [*range(1, 256, 15), 256]
NUMBERS, NODES = range(len(OBJECTS) + 1), [(level, index) for level in range(10) for index in range(3)]

LISTED = [
    Wanted(row.name, whose, tuple(sorted({*row.listed.open, *row.listed.ended})), other, 0, FAR)
    for row in kinds.OBJECTS
    for whose, other in (
        (EVERYBODY, None),
        (party("seller"), None),
        (EVERYBODY, party("seller")),
        (party("buyer"), party("seller")),
        (b"market", party("seller")),
    )
]

WAITING = [
    WantedWaiting(who, tuple((row.name, record) for row in kinds.OBJECTS for record in row.listed.waits), 0, FAR)
    for who in (party("seller"), party("buyer"), b"market", b"bank")
]

QUESTIONS: Mapping[str, Callable[[Snapshot], object]] = {
    "head": lambda view: view.head(),
    "standing": lambda view: view.standing,
    "signed_head": lambda view: view.signed_head,
    "entry": lambda view: [view.entry(position) for position in POSITIONS],
    "entries": lambda view: view.entries(0, FAR),
    "entry_bundle": lambda view: [view.entry_bundle(index, width) for index in (0, 1) for width in WIDTHS],
    "records": lambda view: view.records(RECORDS),
    "find_record": lambda view: [view.find_record(name) for name in RECORDS[::9]],
    "objects": lambda view: view.objects(OBJECTS),
    "object": lambda view: [view.object(name) for name in OBJECTS[::9]],
    "object_path": lambda view: [view.object_path(*found) for found in view.objects(OBJECTS).values()],
    "object_node": lambda view: [
        view.object_node(level, index) for level, index in NODES if index < view.standing.objects_count >> level
    ],
    "claims": lambda view: view.claims(KEYS),
    "claim": lambda view: [view.claim(key) for key in KEYS[::9]],
    "claim_proof": lambda view: [view.claim_proof(key) for key in KEYS[::9]],
    "bucket": lambda view: view.bucket(FIRST, LAST),
    "buckets": lambda view: view.buckets([(FIRST, LAST)]),
    "history": lambda view: [view.history(name, limit=1_000) for name in OBJECTS[:3]],
    "listed": lambda view: [view.listed(each, limit=1_000) for each in LISTED],
    "waiting": lambda view: [list(view.waiting(each)) for each in WAITING],
    "inbox": lambda view: view.inbox(OFFICE, limit=1_000),
    "found_by": lambda view: [view.found_by(each, key, limit=1_000) for each in FOUND_BY for key in KEPT_UNDER],
    "discoverable": lambda view: [
        view.discoverable(digest("bytes", number), limit=1_000) for number in (*SHOWN, *LATER)
    ],
    "marks": lambda view: [list(view.marks(number, after=0, size=FAR)) for number in NUMBERS],
    "last_mark": lambda view: [view.last_mark(number, FAR) for number in NUMBERS],
    "tile": lambda view: [view.tile(level, index) for level in range(3) for index in range(3)],
    "node": lambda view: [outcome(view.node, *place) for place in NODES],
    "log_path": lambda view: [outcome(view.log_path, position) for position in POSITIONS],
    "consistency_path": lambda view: [outcome(view.consistency_path, 1, size) for size in POSITIONS if size],
}
"""What may be asked of a state, each as far as it may be asked, also for what came later."""

OF_NO_STATE = {
    "rows": "it runs what is given to it: who does that is listed below",
    "creation": "where an object was created: who asks knows from the head how many there are",
    "count": "how many rows a table has",
    "database_bytes": "how large the database is",
    "engine_height": "where the engine is",
    "checkpoint": "a head that others have signed",
    "newest_checkpoint": "the newest of them",
    "object_row": "what is read, and shown to nobody, in the place of what is not there",
    "open_object_row": "the same, opened",
}
"""What else can be read on a connection."""

OWN_STATEMENTS = {
    "queries/chains.py": "of a history as many as the object of the state says",
    "queries/ownrecords.py": "of a history as many as the object of the state says",
}
"""What reads an index for readers by a statement of its own, and why nothing beyond the head is in it."""


def outcome(ask: Callable[..., object], *words: int) -> object:
    """Give an answer, or that there is none."""
    try:
        return ask(*words)
    except IndexError:
        return None


def rows(store: SqlLedgerStore, index: Index) -> list[tuple[object, ...]]:
    """Read an index whole, as it is committed."""
    with store.reading() as reads:
        return [tuple(row) for row in reads.rows(select(index.table).order_by(*index.table.primary_key))]


def answers(store: SqlLedgerStore) -> dict[str, object]:
    """Ask all of it of the state that readers see."""
    with store.snapshot() as view:
        return {name: ask(view) for name, ask in QUESTIONS.items()}


@pytest.fixture
def shown(url: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlLedgerStore]:
    """Give a store with a published head, in which short histories have way marks."""
    monkeypatch.setattr(limits, "WAY_MARK", 16)
    store = open_with_buyers(url, monkeypatch, alone=False)
    commit(store, *PARTIES)
    commit(store, *of_everything(SHOWN))
    assert store.publish(Published(store.head.size, "note"))
    yield store
    store.close()


def test_nothing_of_a_later_block_is_seen(shown: SqlLedgerStore) -> None:
    """Blocks that leave something in every index change no answer about the state before them."""
    before, held = answers(shown), {index.table.name: rows(shown, index) for index in ALL}
    commit(shown, *of_everything(LATER))
    commit(shown, revoke("buyer"))
    untouched = [index.table.name for index in ALL if rows(shown, index) == held[index.table.name]]
    assert untouched == [], "the later blocks leave nothing in these indexes, and so try nothing"
    found = answers(shown)
    seen = [name for name in QUESTIONS if found[name] != before[name]]
    assert seen == [], "these answers have something of blocks beyond the head that readers see"
    assert shown.publish(Published(shown.head.size, "another note"))
    alike = [name for name, answer in answers(shown).items() if answer == before[name]]
    assert alike == [], "these questions would not tell one state from the next"


def test_everything_that_may_be_asked_is_asked() -> None:
    """A new way of reading is tried here, or is no question about a state."""
    public_names = {name for name in dir(Snapshot) if not name.startswith("_")} | {"standing"}
    assert sorted(public_names - {*QUESTIONS, *OF_NO_STATE}) == [], "add them to QUESTIONS"
    assert sorted({*QUESTIONS, *OF_NO_STATE} - public_names) == [], "these are gone"


@pytest.mark.parametrize("index", ALL, ids=lambda index: index.table.name)
def test_every_index_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: Index) -> None:
    """What is written is read by a question that is tried."""
    store = open_with_buyers(url_of(tmp_path), monkeypatch)
    commit(store, *PARTIES)
    commit(store, *of_everything(SHOWN))
    statements: list[str] = []
    with store.present() as view:
        opened = view._driver
        opened.set_trace_callback(statements.append)
        for ask in QUESTIONS.values():
            ask(view)
        opened.set_trace_callback(None)
    store.close()
    name = index.table.name
    asked = any(f"FROM {name}" in text or f"JOIN {name}" in text or f'"{name}"' in text for text in statements)
    assert asked, f"no question reads {name}: let one of Reads do it, and add it to QUESTIONS"


def test_statements_beside_the_questions_are_known() -> None:
    """Whoever reads an index by a statement of its own says here why it sees nothing of later blocks."""
    node = ROOT / "node" / "hanse_node"
    modules = [path for folder in ("queries", "api", "intake") for path in sorted((node / folder).rglob("*.py"))]
    tables = tuple(f"index.{path.stem} import" for path in (node / "store" / "index").glob("*.py"))
    found = {str(path.relative_to(node)) for path in modules if any(each in path.read_text("utf-8") for each in tables)}
    found = {name for name in found if "select(" in (node / name).read_text("utf-8")}
    assert found == set(OWN_STATEMENTS)


def test_objects_are_found_by_what_their_row_says(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, however many blocks touch it, the oldest first, page by page; and none of another key, or kind."""
    store = open_with_buyers(url, monkeypatch)
    commit(store, *PARTIES)
    commit(store, *(invoice(number) for number in range(3)), invoice(3, "buyer", "seller"))
    commit(store, *(invoice(number) for number in range(4, 7)), revoke("buyer"))
    wanted = [created_id(invoice(number).id) for number in (0, 1, 2, 4, 5, 6)]
    with store.reading() as reads:
        pages, begin = [], 0
        while page := reads.found_by(BY_BUYER, party("buyer"), begin=begin, limit=4):
            pages.append([each.object_id for each in page])
            begin = page[-1].number + 1
        assert pages == [wanted[:4], wanted[4:]]
        assert [each.object_id for each in reads.found_by(BY_BUYER, party("seller"))] == [
            created_id(invoice(3, "buyer", "seller").id)
        ]
        assert reads.found_by(BY_BUYER, created_id(invoice(0).id)) == []
        numbers = {each.object_id: each.number for each in reads.found_by(BY_BUYER, party("buyer"))}
        assert {name: number for name, (number, _) in reads.objects(wanted).items()} == numbers
    store.close()
