"""Way marks in a node: made at each multiple of 256, and what a proof does with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, select, update

from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, read_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values import limits
from hanse_ledger.values.verdict import Verdict
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.rebuild import rebuild
from hanse_node.store.index.marks import mark
from hanse_node.store.sql import open_store
from tests.world.front import Front, front
from tests.world.node_ledger import GENESIS, PARTIES, commit, invoice, look, party

SOUND = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """A node with two parties."""
    with front(tmp_path / "node") as started:
        started.must_stand(PARTIES)
        yield started


def marks_of(node: Front) -> list[tuple[int, int]]:
    """List the way marks of a node: the object's number, and how many records it had."""
    with node.store.reading() as reads:
        return [(row[0], row[1]) for row in reads.rows(select(mark.c.object, mark.c.count))]


def fetch(node: Front, name: bytes, query: str = "") -> ProofFile:
    """Fetch a full proof that the checker finds sound."""
    answer = node.get(f"/v1/proof?object={name.hex()}{query}")
    assert answer.status_code == 200, answer.text
    report = check_proof(answer.content, read_trust(node.get("/v1/trust").content), node.store.head.time)
    assert report.verdict in SOUND, report.detail
    return read_proof(answer.content)


def test_a_mark_is_made_when_a_history_passes_a_multiple(node: Front) -> None:
    """No mark at 255 records of a party, one for each party at 256, and the next at 512."""
    node.must_stand([invoice(number) for number in range(254)])
    assert marks_of(node) == []
    node.must_stand([invoice(254)])
    assert marks_of(node) == [(0, 256), (1, 256)]
    node.must_stand([invoice(number) for number in range(255, 300)])
    assert len(marks_of(node)) == 2
    node.must_stand([invoice(number) for number in range(300, 600)])
    made = marks_of(node)
    assert len(made) == 4
    assert all(count >= 512 for _, count in made[1::2])


def test_a_mark_is_the_object_under_its_groups_state(tmp_path: Path) -> None:
    """A mark's path leads to the root that its group's state entry gives; what is rebuilt has the same marks."""
    store = open_store(make_url(tmp_path / "one.db"), GENESIS)
    commit(store, *PARTIES)
    for begin in range(0, 600, 150):
        group = commit(store, *(invoice(number) for number in range(begin, begin + 150)))
        for row in group.marked:
            found = look(store).last_mark(row.number, group.head.size)
            assert (found.position, found.value) == (group.head.size - 1, row.value)
            leaf = object_leaf(row.value.id, object_value(row.value))
            head = group.head
            verify_inclusion(leaf, row.number, head.objects_count, found.path, head.objects_root)
    with store.reading() as reads:
        entries = [data for begin in range(0, store.head.size, 500) for data in reads.entries(begin, begin + 500)]
        rows = list(reads.rows(select(mark)))
    assert len(rows) == 4
    assert audit(store).difference is None
    again = open_store(make_url(tmp_path / "two.db"), GENESIS)
    assert rebuild(again, entries) == 0
    with again.reading() as reads:
        assert list(reads.rows(select(mark))) == rows
    with store._database.begin() as database:
        database.execute(update(mark).where(mark.c.object == 1).values(position=3))
    found = audit(store).difference
    assert found is not None
    assert found.startswith("mark (1, ")
    store.close()
    again.close()


def make_url(path: Path) -> URL:
    """Name a database file."""
    return URL.create("sqlite", database=str(path))


def test_a_proof_begins_at_the_last_mark_on_request(node: Front) -> None:
    """Asked for, a proof begins at the last mark: the shown history is what came after it."""
    node.must_stand([invoice(number) for number in range(300)])
    name = party("seller")
    whole, short = fetch(node, name), fetch(node, name, "&from=mark")
    assert whole.objects[0].mark is None
    assert short.objects[0].mark is not None
    assert len(whole.objects[0].history) == 301
    assert len(short.objects[0].history) < 256
    assert len(short.records) < len(whole.records)
    # What has no mark begins where it began.
    assert fetch(node, created_id(invoice(3).id), "&from=mark").objects[0].mark is None
    assert node.get(f"/v1/proof?object={name.hex()}&from=end").status_code == 400


@pytest.mark.slow
def test_a_history_beyond_the_bound_begins_at_its_last_mark(node: Front) -> None:
    """A history longer than a proof may hold is proven from its last way mark on, by a file of bounded size."""
    node.must_stand([invoice(number) for number in range(limits.PROOF_RECORDS - 2)])
    name = party("seller")
    whole = fetch(node, name)
    assert (len(whole.records), whole.objects[0].mark) == (limits.PROOF_RECORDS, None)
    node.must_stand([invoice(limits.PROOF_RECORDS)])
    short = fetch(node, name)
    assert short.objects[0].mark is not None
    assert len(short.records) <= limits.WAY_MARK + 1
    together = node.get(f"/v1/proof?object={name.hex()}&object={party('buyer').hex()}")
    assert len(read_proof(together.content).records) <= 2 * limits.WAY_MARK
