"""A lying node: each test changes one thing in an honest node's answers, and nothing passes."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from hanse_client import Client, Verdict, verify_file
from hanse_client.base.errors import (
    BadAnswer,
    ForkDetected,
    NodeUnreachable,
    Refused,
    RollbackDetected,
    SetupError,
    StaleHead,
)
from hanse_client.base.views import Outcome
from tests.tables.tampering import Change, Proxy, proxy
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import INVOICE, World
from tests.world.typed.desk import make_node_here, node_here


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


@pytest.fixture
def liar(world: World) -> Iterator[Proxy]:
    """Give a proxy before the node."""
    with proxy(world.url) as server:
        yield server


def in_json(path: str, change: Callable[[Any], None]) -> Change:
    """Change a JSON answer to requests that begin with a path."""

    def changed(asked: str, body: bytes) -> bytes:
        if not asked.startswith(path):
            return body
        answer = msgspec.json.decode(body)
        change(answer)
        return msgspec.json.encode(answer)

    return changed


def in_result(**changes: Any) -> Change:
    """Change fields of the first result of a batch."""
    return in_json("/v1/records", lambda answer: answer["results"][0].update(changes))


def in_range(**changes: Any) -> Change:
    """Change fields of the first proof of a batch."""
    return in_json("/v1/records", lambda answer: answer["ranges"][0].update(changes))


def flipped(path: str) -> Change:
    """Flip one bit in the middle of an answer."""

    def changed(asked: str, body: bytes) -> bytes:
        if not asked.startswith(path) or not body:
            return body
        middle = len(body) // 2
        return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]

    return changed


def replaced(path: str, body: bytes) -> Change:
    """Answer something else."""
    return lambda asked, answer: body if asked.startswith(path) else answer


@pytest.mark.parametrize(
    "lie",
    [
        in_result(position=1),
        in_result(position=10**6),
        in_result(height=77),
        in_result(time=0),
        in_result(previous="00" * 32),
        in_range(path=[]),
        in_range(path=["00" * 32] * 3),
        in_range(path=["00" * 32] * 200),
        in_range(path=None),
        in_range(start=0),
        in_range(end=10**9),
        in_range(start=10**18, end=10**18 + 1),
        in_json("/v1/records", lambda answer: answer.pop("ranges")),
        in_json("/v1/records", lambda answer: answer.update(ranges=answer["ranges"] * 2)),
        in_result(position=None),
        in_result(id="00" * 32),
        in_result(outcome="accepted"),
        in_result(outcome="refused"),
        in_result(position="one"),
        in_json("/v1/records", lambda answer: answer.update(size=answer["size"] + 1)),
        in_json("/v1/records", lambda answer: answer.update(results=[])),
        in_json("/v1/records", lambda answer: answer.update(results=answer["results"] * 2)),
        in_json("/v1/records", lambda answer: answer.update(checkpoint="nothing")),
        in_json(
            "/v1/records", lambda answer: answer.update(checkpoint=answer["checkpoint"].replace("\n\n", "\n7\n\n"))
        ),
        replaced("/v1/records", b"{}"),
        replaced("/v1/records", b"\xff"),
        replaced("/v1/records", b"[" * 100_000),
    ],
)
def test_a_false_receipt_is_seen_through(world: World, liar: Proxy, lie: Change) -> None:
    """No receipt passes whose entry, place, path or head is not what was signed."""
    invoice = world.issue()
    liar.change = lie
    with world.client("buyer", liar.url) as buyer, pytest.raises(BadAnswer):
        buyer.invoices.accept(invoice.id)


def test_a_refusal_that_the_node_has_signed_can_be_shown(world: World, liar: Proxy) -> None:
    """The file says which rule refused which record; what is not the node's signature over its words is none."""
    invoice = world.issue()
    with world.client("seller", liar.url) as seller:
        seller.invoices.cancel(invoice.id)
        with pytest.raises(Refused) as refused:
            seller.invoices.cancel(invoice.id)
        file = refused.value.refusal.signed
        report = verify_file(file, world.corridor.trust, time.time_ns() // 10**6)
        assert report.verdict is Verdict.VALID_WITH_WARNINGS
        assert report.detail.startswith("the node of market refused the record (invoice.cancel) by rule I-4: ")

        def signing(change: Callable[[dict[str, Any]], None]) -> Change:
            def changed(answer: Any) -> None:
                problem = answer["results"][0]["problem"]
                signed = msgspec.json.decode(bytes.fromhex(problem["signed"]))
                change(signed)
                problem["signed"] = msgspec.json.encode(signed).hex()

            return in_json("/v1/records", changed)

        lies = [
            signing(lambda signed: signed["statement"].update(rule="I-3")),
            signing(lambda signed: signed["statement"].update(code="invoice-paid")),
            signing(lambda signed: signed["statement"].update(time=1)),
            signing(lambda signed: signed.update(more=1)),
            in_json("/v1/records", lambda answer: answer["results"][0]["problem"].update(code="invoice-paid")),
            in_json("/v1/records", lambda answer: answer["results"][0]["problem"].update(signed="7b7d")),
        ]
        for lie in lies:
            liar.change = lie
            with pytest.raises(BadAnswer, match="signed refusal does not verify"):
                seller.invoices.cancel(invoice.id)
        liar.change = in_json("/v1/records", lambda answer: answer["results"][0]["problem"].pop("signed"))
        with pytest.raises(Refused) as unsigned:
            seller.invoices.cancel(invoice.id)
        assert unsigned.value.refusal.signed == b""
        liar.change = signing(lambda signed: signed["statement"].update(member="stranger"))
        with pytest.raises(Refused) as strange:
            seller.invoices.cancel(invoice.id)
        assert strange.value.refusal.signed == b""


def test_a_false_copy_of_a_record_that_exists_is_seen_through(world: World, liar: Proxy) -> None:
    """Of a record that stood already the node shows the stored envelope; another one does not pass."""
    invoice = world.issue()
    with world.client("buyer", liar.url) as buyer:
        draft = buyer.draft(world.acceptance(invoice.id))
        other = buyer.draft(world.acceptance(invoice.id))
        buyer.submit_draft(draft)
        bad = draft.envelope()[:-1] + bytes([draft.envelope()[-1] ^ 1])
        for envelope in (other.envelope(), bad, b"\x00"):
            liar.change = in_result(envelope=envelope.hex())
            with pytest.raises(BadAnswer):
                buyer.submit_draft(draft)
        liar.change = in_result()
        assert buyer.submit_draft(draft).outcome is Outcome.EXISTS


def test_a_false_proof_is_seen_through(world: World, liar: Proxy) -> None:
    """A proof that is changed, of another object or of another kind of file never becomes a view or a file."""
    invoice, other = world.issue(), world.issue()
    with world.client("seller", liar.url) as seller:
        elsewhere = seller.proof(other.id)
        for lie in (flipped("/v1/proof"), replaced("/v1/proof", elsewhere), replaced("/v1/proof", b"{}")):
            liar.change = lie
            with pytest.raises(BadAnswer):
                seller.proof(invoice.id)
            with pytest.raises(BadAnswer):
                seller.invoices.show(invoice.id)


def test_a_false_record_is_seen_through(world: World, liar: Proxy) -> None:
    """A record that is changed, another one, or one at a false place is refused, and so are false tiles."""
    invoice, other = world.issue(), world.issue()
    with world.client("seller", liar.url) as seller:
        entry = seller.record(invoice.record_id)

        def other_bytes(answer: Any) -> None:
            middle = len(answer["entry"]) // 2
            other = "1" if answer["entry"][middle] == "0" else "0"
            answer["entry"] = answer["entry"][:middle] + other + answer["entry"][middle + 1 :]

        lies = [
            in_json("/v1/records", other_bytes),
            replaced("/v1/records", b'{"entry":""}'),
            in_json("/v1/records", lambda answer: answer.update(entry=answer["entry"][:-2] + "00")),
        ]
        for lie in lies:
            liar.change = lie
            with pytest.raises(BadAnswer):
                seller.record(invoice.record_id)
        liar.change = lambda path, body: body
        assert seller.record(other.record_id).position > entry.position
    liar.change = flipped("/log/tile")
    with world.client("seller", liar.url) as seller, pytest.raises((BadAnswer, ForkDetected)):
        seller.record(invoice.record_id)


@pytest.mark.slow
def test_a_history_with_a_gap_is_seen_through(world: World, liar: Proxy) -> None:
    """A page that leaves a record out, repeats one, swaps two, or stops too early is refused."""
    invoice = world.issue()
    with world.client("buyer", liar.url) as buyer:
        buyer.invoices.accept(invoice.id)

        def cut(answer: Any) -> None:
            del answer["records"][0]

        def stop(answer: Any) -> None:
            del answer["records"][1:]
            answer["earlier"] = {"count": 0, "head": "00" * 32}

        def swap(answer: Any) -> None:
            first, second = answer["records"][:2]
            first["id"], second["id"] = second["id"], first["id"]

        lies: list[Callable[[Any], None]] = [
            cut,
            stop,
            swap,
            lambda answer: answer["records"].append(answer["records"][0]),
            lambda answer: answer["records"].clear(),
            lambda answer: answer["earlier"].update(count=7),
            lambda answer: answer["earlier"].update(head="11" * 32),
            lambda answer: answer["records"][0].update(sequence=9),
        ]
        for lie in lies:
            liar.change = in_json("/v1/objects", lie)
            with pytest.raises(BadAnswer):
                list(buyer.records(invoice.id))
        liar.change = lambda path, body: body
        assert [record.kind for record in buyer.records(invoice.id)] == ["invoice.accept", "invoice.issue"]


def test_a_false_event_is_seen_through(world: World, liar: Proxy) -> None:
    """An event that names a record at a position where it does not stand is refused."""
    first, second = world.issue(), world.issue()
    event = {"data": {"position": first.position, "id": second.record_id.hex()}}
    stream = b"id: %d\nevent: record\ndata: %b\n\n" % (first.position, msgspec.json.encode(event))
    liar.streams["/v1/events"] = stream
    with world.client("seller", liar.url) as seller, pytest.raises(BadAnswer, match="does not stand"):
        next(seller.events(after=first.position - 1))


@pytest.mark.slow
def test_a_head_of_long_ago_is_stale(world: World, liar: Proxy) -> None:
    """A node that shows an old head, however well signed, may keep newer records back: it is not believed."""
    old = httpx2.get(f"{world.url}/log/checkpoint").content
    trust = world.corridor.trust
    liar.change = replaced("/log/checkpoint", old)
    time.sleep(1.1)  # signatures carry whole seconds
    with Client(liar.url, trust=trust, home=world.home / "patient", max_age_ms=60_000) as client:
        assert client.head().note == old
    with Client(liar.url, trust=trust, home=world.home / "strict", max_age_ms=1) as client, pytest.raises(StaleHead):
        client.head()


@pytest.mark.slow
def test_a_restored_node_is_found_out(tmp_path: Path) -> None:
    """A node that comes back from an old copy is a rollback; when it has grown another history, a fork."""
    corridor = NodeCorridor("restored")
    folder, old = make_node_here(tmp_path / "node", corridor), tmp_path / "old"
    with node_here(folder) as url:
        world = World(url, corridor, tmp_path / "home")
        world.issue()
    shutil.copytree(folder, old)
    with node_here(folder) as url:
        world.url = url
        world.issue()
    with node_here(old) as url:
        with world.client("seller", url) as seller:
            with pytest.raises(RollbackDetected) as rolled:
                seller.head()
            assert rolled.value.remembered != rolled.value.seen
        # Others do not know of the record that was lost, so that the node grows without it.
        with world.client("seller", url, tmp_path / "stranger") as stranger:
            for _ in range(3):
                stranger.invoices.issue(INVOICE, buyer=world.buyer_id, seller=world.seller_id, again=True)
        with world.client("seller", url) as seller, pytest.raises(ForkDetected) as forked:
            seller.parties.show(world.seller_id)
    # What anybody may check, offline, for ever: the node has signed two histories.
    assert forked.value.evidence is not None
    assert str(forked.value.evidence) in str(forked.value)
    report = verify_file(forked.value.evidence.read_bytes(), corridor.trust, time.time_ns() // 1_000_000)
    assert report.verdict is Verdict.VALID, report.detail
    assert report.detail.startswith("market signed two heads")


@pytest.mark.slow
def test_several_nodes_are_held_against_each_other(tmp_path: Path) -> None:
    """Who gives two addresses goes on when one is dead, and learns that two nodes tell different stories."""
    corridor = NodeCorridor("two stories")
    folder, twin = make_node_here(tmp_path / "node", corridor), tmp_path / "twin"
    shutil.copytree(folder, twin)
    with node_here(folder) as url, node_here(twin) as other:
        world = World(url, corridor, tmp_path / "home")
        World(other, corridor, tmp_path / "elsewhere").issue()
        trust, home = corridor.trust, tmp_path / "fresh"
        dead = "http://127.0.0.1:9"
        with Client([dead, url], identity=world.seller, trust=trust, home=home) as client:
            issued = client.invoices.issue(INVOICE, buyer=world.buyer_id, seller=world.seller_id, again=True)
            assert client.show(issued.object_id).id == issued.object_id
        with (
            Client([url, other], identity=world.seller, trust=trust, home=home) as client,
            pytest.raises((ForkDetected, RollbackDetected)),
        ):
            client.invoices.issue(INVOICE, buyer=world.buyer_id, seller=world.seller_id, again=True)
        with pytest.raises(NodeUnreachable), Client([dead, dead], trust=trust, home=home) as client:
            client.head()
    with pytest.raises(SetupError):
        Client([], trust=trust, home=home)
