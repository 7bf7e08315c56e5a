"""What a single record costs, in things that can be counted: hops between threads, statements, forced writes.

Seconds differ from machine to machine, so that nobody notices a tenth; one hop more is seen here at once.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest

from hanse_ledger.records.envelope import Signed
from hanse_node.base.twoslots import TwoSlots
from hanse_node.base.verifying import FEW
from hanse_node.store.knownnodes import KNOWN_NODES, KnownNodes, NotKnown
from tests.world.front import Front, front
from tests.world.node_ledger import PARTIES, invoice

RECORDS = 8
STATEMENTS = 22
"""BEGIN; the head, the record, what it claims and names; each row of each table that changes, those of the lists of two
and of what waits for whom among them; the checkpoint before; COMMIT."""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node that has answered before: what is read once is known."""
    with front(tmp_path / "node") as running:
        running.must_stand(list(PARTIES))
        sent(running, invoice(1_000))
        yield running


def sent(node: Front, *records: Signed) -> list[dict[str, Any]]:
    """Send a batch as the SDK does, and insist that all of it stands and is proven."""
    size = node.store.published.size if node.store.published else 0
    answer = node.batch(*records, query=f"?proof=true&since={size}").json()
    assert answer["ranges"]
    assert {each["outcome"] for each in answer["results"]} == {"created"}
    results = answer["results"]
    assert isinstance(results, list)
    return results


def counting(monkeypatch: pytest.MonkeyPatch, place: object, name: str, counts: list[str], label: str) -> None:
    """Note each call of a function in a list."""
    original: Callable[..., Any] = getattr(place, name)

    def counted(*given: Any, **named: Any) -> Any:
        counts.append(label)
        return original(*given, **named)

    monkeypatch.setattr(place, name, counted)


def test_a_single_record_goes_to_the_writer_and_back(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened, verified and answered on the event loop: no thread is asked for anything but to apply, and wakes once."""
    hops: list[str] = []
    counting(monkeypatch, anyio.to_thread, "run_sync", hops, "a thread of the front's")
    counting(monkeypatch, ThreadPoolExecutor, "submit", hops, "a thread of the verifiers'")
    counting(monkeypatch, asyncio, "wrap_future", hops, "the writer")
    for number in range(RECORDS):
        sent(node, invoice(number))
    assert hops == ["the writer"] * RECORDS
    sent(node, *(invoice(100 + number) for number in range(FEW + 1)))
    assert hops[RECORDS:].count("a thread of the verifiers'") == 1


def test_a_single_record_is_forced_to_disk_twice(node: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """One commit, and one high-water mark between it and the signature; no statement more than there is need for."""
    driven: Any = node.store._writer.connection.driver_connection
    said: list[str] = []
    driven.set_trace_callback(said.append)
    counting(monkeypatch, TwoSlots, "write", said, "HIGH WATER")
    try:
        for number in range(RECORDS):
            sent(node, invoice(number))
    finally:
        driven.set_trace_callback(None)
    assert said.count("COMMIT") == said.count("HIGH WATER") == RECORDS
    groups = " ".join(each.split()[0] for each in said).split("BEGIN")[1:]
    assert len(groups) == RECORDS
    assert all(group.index("COMMIT") < group.index("HIGH") for group in groups)
    assert len(said) <= RECORDS * (STATEMENTS + 1), said[:30]


def test_a_query_of_another_form_is_read_all_the_same(node: Front) -> None:
    """The way past FastAPI is for the SDK's own query; others say the same, and wrong ones are refused in words."""
    answer = node.batch(invoice(1), query="?since=1&proof=1")
    assert answer.status_code == 200
    assert answer.json()["ranges"]
    for query in ("?proof=perhaps", "?since=-1", "?since=99999999999999999999", "?proof=true&since=x"):
        refused = node.batch(invoice(2), query=query)
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed"), query


def test_nodes_are_made_of_what_is_known() -> None:
    """New entries are enough for all above them; what nobody asks for is forgotten, what is asked for stays."""
    known = KnownNodes()
    known.append(0, [bytes([place]) * 32 for place in range(8)])
    assert known.get(3, 0) is not None
    assert known.get(3, 1) is None
    with pytest.raises(NotKnown):
        known.node(0, 8)
    root = known.node(3, 0)
    for start in range(1_000, 1_000 + 3 * KNOWN_NODES, 1_000):
        known.append(start, [bytes(32)] * 1_000)
        assert known.node(3, 0) == root
    assert known.get(0, 0) is None
    assert len(known._nodes) + len(known._older) <= 2 * KNOWN_NODES
