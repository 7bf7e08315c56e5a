"""Who has read what, asked of a real node: one's own, of another, of everybody; cursors; and a node that lies."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from hanse_client import Client
from hanse_client.base.errors import BadAnswer, InvalidInput
from hanse_client.resources.sharing import partyreads
from tests.tables.tampering import proxy
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import World
from tests.world.typed.desk import make_node_here, node_here


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file: on loopback, where nobody is asked who he is."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        yield World(url, corridor, folder / "home")


def told(client: Client, **asked: Any) -> list[tuple[str, str | None, bytes | None]]:
    """Give of each read its way, the kind of what was read, and what it was."""
    return [(each.way, each.kind, each.object_id) for each in client.parties.reads(**asked)]


def test_reads_of_ones_own_are_told_from_the_newest_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over pages and behind cursors, of one object, of a time; what was read a second ago is told already."""
    monkeypatch.setattr(partyreads, "SHOWN", 1)
    invoice = world.issue().object_id
    with world.client("buyer") as buyer:
        buyer.show(invoice)
        list(buyer.records(invoice))
    with world.client("seller") as seller:
        assert ("proof", "invoice", invoice) in told(seller, object_id=invoice)
        found = list(seller.parties.reads())
        assert ("history", "invoice", invoice) in {(each.way, each.kind, each.object_id) for each in found}
        assert {(each.node, each.party, each.reader.kind, each.right) for each in found} == {
            ("market", world.seller_id, "nobody", "open")
        }
        assert all(each.first_ms <= each.last_ms for each in found)
        assert [each.cursor for each in seller.parties.reads(before=found[0].cursor)] == [
            each.cursor for each in found[1:]
        ]
        assert told(seller, since_ms=found[0].last_ms + 1_000) == []
        everybody = {each.party for each in seller.parties.reads(everybody=True)}
        assert {world.seller_id, world.buyer_id} <= everybody
        assert {each.party for each in seller.parties.reads(party=world.buyer_id)} == {world.buyer_id}
        assert "PartyRead(" in repr(found[0])


def test_of_which_party_must_be_known(world: World) -> None:
    """A member has no reads of its own, and both ways of saying whose contradict each other."""
    with world.client("customs") as customs:
        with pytest.raises(InvalidInput, match="signs for a member"):
            told(customs)
        with pytest.raises(InvalidInput, match="one party, or of everybody"):
            told(customs, party=world.seller_id, everybody=True)
    with world.client(None) as nobody, pytest.raises(InvalidInput, match="not said of which party"):
        told(nobody)


@pytest.mark.parametrize(("field", "value", "words"), [("party", "ab" * 32, "another party"), ("times", 0, "times")])
def test_a_node_that_tells_what_cannot_be_is_named(world: World, field: str, value: object, words: str) -> None:
    """Reads that concern another party than was asked for, or that never were."""
    world.issue()

    def lie(path: str, data: bytes) -> bytes:
        if not path.startswith("/v1/reads"):
            return data
        page = msgspec.json.decode(data)
        page["reads"][0][field] = value
        return msgspec.json.encode(page)

    with proxy(world.url) as liar, world.client("seller", liar.url) as seller:
        liar.change = lie
        with pytest.raises(BadAnswer, match=words):
            told(seller)


def test_pages_that_lead_nowhere_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that begins its list again and again is named, and not followed for ever."""
    monkeypatch.setattr(partyreads, "SHOWN", 1)
    first = world.issue().object_id

    def again(path: str, data: bytes) -> bytes:
        if not path.startswith("/v1/reads"):
            return data
        return msgspec.json.encode({**msgspec.json.decode(data), "following": "9"})

    with proxy(world.url) as liar, world.client("seller", liar.url) as seller:
        liar.change = again
        with pytest.raises(BadAnswer, match="does not go on"):
            told(seller, object_id=first)
