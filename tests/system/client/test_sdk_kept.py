"""A lying node, and what a client keeps of what it says: nothing before it is proven."""

import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest
from msgspec.structs import replace

from hanse_client import Client, Receipt
from hanse_client.base.errors import BadAnswer, LedgerChanged, NotFound, Refused, RollbackDetected, SetupError
from hanse_client.base.views import Outcome
from hanse_ledger.kinds.member.bodies import ProposeChange, VoteOnChange
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.membership import Change as MembersChange
from hanse_ledger.wire.membership import Parameters
from tests.tables.tampering import Change, Proxy, nothing, proxy
from tests.world.sdk_node import NodeCorridor, now_ms, running_node
from tests.world.sdk_world import DAY_MS, World

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file, whose members have changed once."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with running_node(corridor.make_node(folder / "node")) as url:
        world = World(url, corridor, folder / "home")
        change_members(world)
        yield world


def change_members(world: World) -> None:
    """Have the members change a parameter, which begins an epoch."""
    parameters = Parameters(quorum=1, tag_epochs=(1, 2))
    change = MembersChange(cosigners=(), members=(), parameters=parameters, removed=())
    with world.client("market") as market:
        body = ProposeChange(change=change, closes=now_ms() + DAY_MS, epoch=0, member="market")
        proposal = market.submit(body).record_id
    for who in ("bank-a", "bank-b", "chamber"):
        with world.client(who) as member:
            member.submit(VoteOnChange(approve=True, member=who, proposal=proposal))


@pytest.fixture
def liar(world: World) -> Iterator[Proxy]:
    """Give a proxy before the node."""
    with proxy(world.url) as server:
        yield server


def moved(by: int) -> Change:
    """Show the true records that changed the members, each in a false place."""

    def changed(path: str, body: bytes) -> bytes:
        if not path.startswith("/v1/trust"):
            return body
        file = msgspec.json.decode(body)
        entries = [decode_entry(b64decode(data)) for data in file["changes"]]
        file["changes"] = [b64encode(encode(replace(each, position=each.position + by))).decode() for each in entries]
        return msgspec.json.encode(file)

    return changed


@pytest.mark.parametrize("by", [-1, 1, 10**6])
def test_true_votes_in_false_places_are_not_kept(world: World, liar: Proxy, tmp_path: Path, by: int) -> None:
    """Members are taken over only with each record proven in its place; afterwards an honest node is believed."""
    invoice = world.issue()
    liar.change = moved(by)
    with world.client("seller", liar.url, tmp_path) as seller, pytest.raises(BadAnswer):
        seller.members.present()
    with world.client("seller", home=tmp_path) as seller:
        assert seller.members.present().membership.epoch == 1
        assert seller.show(invoice.object_id).state == "issued"
    with world.client("seller", home=tmp_path) as seller:
        assert seller.trust().membership.epoch == 1  # what was proven is kept


def test_a_home_that_was_poisoned_heals(world: World, liar: Proxy, tmp_path: Path) -> None:
    """What an earlier release kept unproven is not read again: one question to an honest node takes its place."""
    invoice = world.issue()
    with world.client("seller", home=tmp_path) as seller:
        true = seller.members.present()
    path = tmp_path / "members" / f"{true.ledger.hex()}.json"
    liar.change = moved(1)
    false = moved(1)("/v1/trust", true.to_bytes())
    path.write_bytes(false)
    with world.client("seller", home=tmp_path) as seller:
        assert seller.trust().membership.epoch == 0
        assert seller.show(invoice.object_id).state == "issued"
        assert seller.members.present().changes == true.changes
    # And what was trusted at first use is the genesis alone, wherever the file says that its members changed.
    home = tmp_path / "first"
    with Client(world.url, home=home) as client:
        client.head()
    kept = next((home / "trust").iterdir())
    assert read_trust(kept.read_bytes()).changes == ()
    kept.write_bytes(false)
    with Client(world.url, home=home) as client:
        assert client.trust().changes == ()
        assert client.members.present().changes == true.changes


def test_a_trust_file_that_contradicts_what_was_proven_is_named(world: World, tmp_path: Path) -> None:
    """Where the caller's own trust file holds a false place, the answer says which two files contradict each other."""
    with world.client("seller", home=tmp_path) as seller:
        true = seller.members.present()
    false = read_trust(moved(1)("/v1/trust", true.to_bytes()))
    with (
        Client(world.url, trust=false, home=tmp_path) as client,
        pytest.raises(SetupError, match="contradict each other"),
    ):
        client.head()


def test_members_that_were_lost_are_followed_again(world: World, liar: Proxy, tmp_path: Path) -> None:
    """Heads of members that are not known any more cost a question, neither the home folder nor what is remembered."""
    before = httpx2.get(f"{world.url}/log/checkpoint").content
    world.issue()
    with Client(liar.url, home=tmp_path) as client:
        client.members.present()
        client.head()

    def go_back(path: str, body: bytes) -> bytes:
        return before if path.startswith("/log/checkpoint") else body

    next((tmp_path / "members").iterdir()).unlink()
    liar.change = go_back
    with Client(liar.url, home=tmp_path) as client, pytest.raises(RollbackDetected):
        client.head()
    liar.change = nothing
    with Client(liar.url, home=tmp_path) as client:
        assert client.head().size > 1


def test_a_false_tile_is_not_kept(world: World, liar: Proxy, tmp_path: Path) -> None:
    """One false tile spoils one answer; the same client believes the node again as soon as it is honest."""
    invoice = world.issue()

    def lie(path: str, body: bytes) -> bytes:
        return bytes([body[0] ^ 1]) + body[1:] if path.startswith("/log/tile") else body

    with world.client("seller", liar.url, tmp_path) as seller:
        liar.change = lie
        with pytest.raises(BadAnswer, match="do not lead to the root"):
            seller.record(invoice.record_id)
        liar.change = nothing
        assert seller.record(invoice.record_id).position == invoice.position
    with proxy(world.url) as other, Client([liar.url, other.url], trust=world.corridor.trust, home=tmp_path) as client:
        liar.change = lie
        assert client.record(invoice.record_id).position == invoice.position


def refusing(path: str, body: bytes) -> bytes:
    """Say of a record that was committed that it was refused."""
    if not path.startswith("/v1/records?"):
        return body
    answer = msgspec.json.decode(body)
    problem = {"code": "invoice-not-open", "rule": "I-2", "user_message": "The invoice is not open."}
    answer["results"] = [{"outcome": "refused", "id": each["id"], "problem": problem} for each in answer["results"]]
    answer["ranges"] = []
    return msgspec.json.encode(answer)


def test_a_refusal_is_a_nodes_word(world: World, liar: Proxy, tmp_path: Path) -> None:
    """A `refused` for what was committed: told as that node's word; where there is a second node, seen through."""
    liar.change = refusing
    invoice = world.issue()
    with world.client("buyer", liar.url, tmp_path) as buyer:
        draft = buyer.draft(world.acceptance(invoice.id))
        with pytest.raises(Refused, match=r"as http://.* says; nobody else was asked") as refused:
            buyer.submit_draft(draft)
        assert liar.url in refused.value.refusal.said_by
        liar.change = nothing
        assert buyer.submit_draft(draft).outcome is Outcome.EXISTS  # sending the same again finds out
    liar.change = refusing
    both = [liar.url, world.url]
    with Client(both, identity=world.buyer, trust=world.corridor.trust, home=tmp_path) as buyer:
        receipt = buyer.invoices.accept(world.issue().id)
        assert receipt.outcome is Outcome.EXISTS
        assert buyer.record(receipt.record_id).position == receipt.position
    # A true refusal, by a node that was asked in vain too.
    with Client([world.url, liar.url], identity=world.buyer, trust=world.corridor.trust, home=tmp_path) as buyer:
        with pytest.raises(Refused, match="it is not on") as refused:
            buyer.invoices.accept(invoice.id)
        assert len(refused.value.refusal.others) == 1


def test_a_batch_that_is_refused_whole_is_a_nodes_word_too(world: World, liar: Proxy, tmp_path: Path) -> None:
    """A node that commits a batch and answers with a problem is seen through by another one."""
    liar.statuses["/v1/records"] = 422
    liar.change = lambda path, body: b'{"code":"malformed"}' if path.startswith("/v1/records?") else body
    with Client([liar.url, world.url], identity=world.buyer, trust=world.corridor.trust, home=tmp_path) as buyer:
        assert buyer.invoices.accept(world.issue().id).outcome is Outcome.EXISTS
    with world.client("buyer", liar.url, tmp_path) as buyer, pytest.raises(Refused, match="nobody else was asked"):
        buyer.invoices.accept(world.issue().id)


def test_absence_is_a_nodes_word(world: World, liar: Proxy, tmp_path: Path) -> None:
    """That something does not exist is told as the node's word; with two addresses the other one is asked."""
    invoice = world.issue()
    liar.statuses["/v1/proof"] = 404
    with world.client("seller", liar.url, tmp_path) as seller, pytest.raises(NotFound, match="nobody else was asked"):
        seller.show(invoice.object_id)
    with Client([liar.url, world.url], trust=world.corridor.trust, home=tmp_path) as client:
        assert client.show(invoice.object_id).id == invoice.object_id
        with pytest.raises(NotFound, match="it is not on"):
            client.show("ab" * 32)


def test_a_status_of_before_says_of_when_it_is(world: World, liar: Proxy, tmp_path: Path) -> None:
    """An old status, young enough: nobody takes it for the present one who has seen a newer head of that log."""
    invoice = world.issue()
    recorded: dict[str, bytes] = {}

    def record(path: str, body: bytes) -> bytes:
        return recorded.setdefault(path.partition("?")[0], body)

    liar.change = record  # from now on it answers every path as it did the first time
    with world.client("seller", liar.url, tmp_path / "recording") as seller:
        before = seller.show(invoice.object_id)
    with world.client("buyer") as buyer:
        receipt = buyer.invoices.accept(invoice.id)
    with world.client("buyer", liar.url) as buyer, pytest.raises(RollbackDetected):
        buyer.show(invoice.object_id)
    # Who has seen nothing before reads as of when it is, where the whole node lies; else its own head betrays it.
    with world.client("seller", liar.url, tmp_path / "fresh") as seller:
        shown = seller.show(invoice.object_id)
    assert (shown.state, shown.as_of_ms, shown.size) == ("issued", before.as_of_ms, before.size)
    assert shown.size <= receipt.position
    assert shown.as_of_ms <= receipt.time_ms
    del recorded["/log/checkpoint"]
    liar.change = lambda path, body: recorded.get(path.partition("?")[0], body)
    with world.client("seller", liar.url, tmp_path / "other") as seller, pytest.raises(RollbackDetected):
        seller.show(invoice.object_id)


def test_the_node_of_another_ledger_is_named(world: World, tmp_path: Path) -> None:
    """A node that serves another ledger than the trusted one is not mistaken for a liar about this one."""
    other = read_trust(write_trust(NodeCorridor("another").genesis))
    with (
        Client(world.url, trust=other, home=tmp_path) as client,
        pytest.raises(LedgerChanged, match="the ledger"),
    ):
        client.head()


def told(world: World, after: int) -> bytes:
    """Read the first event behind a position, as the node itself writes it."""
    lines: list[str] = []
    with httpx2.stream("GET", f"{world.url}/v1/events?after={after}", timeout=30) as answer:
        for line in answer.iter_lines():
            if line.startswith(":"):
                continue
            if lines and not line:
                break
            lines += [line] if line else []
    return "\n".join([*lines, "", ""]).encode()


def with_state(event: bytes, state: str) -> bytes:
    """Write another state entry into an event."""
    head, data = event.removesuffix(b"\n\n").split(b"data: ", 1)
    return head + b"data: " + msgspec.json.encode({**msgspec.json.decode(data), "state": state}) + b"\n\n"


def read_events(url: str | list[str], world: World, home: Path, after: int, count: int) -> list[int]:
    """Read some events' positions."""
    with Client(url, trust=world.corridor.trust, home=home) as client:
        events = client.events(after=after)
        return [next(events).position for _ in range(count)]


def test_an_event_that_is_left_out_is_noticed(world: World, liar: Proxy, tmp_path: Path) -> None:
    """Events without one in the midst, or without the first, are refused; another node goes on from there."""
    positions = [world.issue().position for _ in range(3)]
    after = positions[0] - 1
    first, second, third = (told(world, position - 1) for position in positions)
    liar.streams["/v1/events"] = first + second + third
    assert read_events(liar.url, world, tmp_path, after, 3) == positions
    for stream in (first + third, third, first + with_state(third, "00"), first + with_state(third, "")):
        liar.streams["/v1/events"] = stream
        with pytest.raises(BadAnswer, match="leaves out what stands between"):
            read_events(liar.url, world, tmp_path, after, 3)
        assert read_events([liar.url, world.url], world, tmp_path, after, 3) == positions


def test_a_record_is_not_passed_off_as_a_state_entry(world: World, liar: Proxy, tmp_path: Path) -> None:
    """Of two records in one group the first is left out, its own entry given as what stands between."""
    with world.client("buyer") as buyer:
        bodies = [world.acceptance(world.issue().id) for _ in range(2)]
        receipts = buyer.submit_many(bodies)
    first, second = (each for each in receipts if isinstance(each, Receipt))
    assert second.position == first.position + 1
    entry = httpx2.get(f"{world.url}/v1/records/{first.record_id.hex()}").json()["entry"]
    liar.streams["/v1/events"] = with_state(told(world, first.position), entry)
    with pytest.raises(BadAnswer, match="leaves out what stands between"):
        read_events(liar.url, world, tmp_path, first.position - 1, 1)


def test_a_node_that_falls_silent_is_noticed(
    world: World, liar: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signs of life and no events, while the heads grow: the reader learns that records are kept back."""
    monkeypatch.setattr("hanse_client.exchange.events.LOOK_S", 0.2)
    invoice = world.issue()
    liar.streams["/v1/events"] = b":\n\n"
    liar.pause = 0.3
    with Client(liar.url, trust=world.corridor.trust, home=tmp_path) as client:
        begun = time.monotonic()
        with pytest.raises(BadAnswer, match="has told nothing behind"):
            next(client.events(after=invoice.position - 1))
        assert time.monotonic() - begun < 10
