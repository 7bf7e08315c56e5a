"""To which keys a document is sealed: those that their owners have signed, whatever a node shows."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from hanse_client import AsyncClient, Identity
from hanse_client.base.errors import BadAnswer, InvalidInput, NotFound
from hanse_client.base.identifiers import Id
from hanse_client.base.objects import ObjectView
from hanse_client.resources.sharing import recipients
from hanse_client.resources.sharing.recipients import Recipient, recipient_named
from hanse_ledger.values.jsonform import encode_json
from tests.tables.tampering import Change, Proxy, proxy
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import World
from tests.world.typed.desk import make_node_here, node_here


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file, where customs has opened its office."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        world = World(url, corridor, folder / "home")
        with world.client("customs") as customs:
            customs.offices.open()
        yield world


@pytest.fixture
def liar(world: World) -> Iterator[Proxy]:
    """Give a proxy before the node."""
    with proxy(world.url) as server:
        yield server


def asked(world: World, reader: Id, url: str = "") -> Recipient:
    """Ask, as somebody without a key does, to which key something is sealed."""

    async def ask() -> Recipient:
        home = world.home / "reader"
        async with AsyncClient(url or world.url, trust=world.corridor.trust, home=home) as client:
            return await recipient_named(client._session, reader)

    return anyio.run(ask)


def test_offices_and_parties_name_their_keys(world: World) -> None:
    """An office is found by its member's name or its id, a party by its id; each has the key that it has signed."""
    office = asked(world, "customs")
    assert (office.member, office.key) == ("customs", world.corridor.members["customs"].encryption_key)
    assert asked(world, office.reader.hex()) == office
    seller = asked(world, world.seller_id)
    assert (seller.member, seller.key) == ("market", world.seller.encryption_key)


def test_a_key_that_was_replaced_is_sealed_to_no_more(world: World) -> None:
    """After a rotation, or another setting of an office, the newest key counts."""
    first, second = Identity.generate("first"), Identity.generate("second")
    with world.client("market") as market:
        party = market.parties.enrol(first, roles=["agent"], terms={"name": "An agent"}).id
    with world.client(first) as agent:
        agent.keys.rotate(second, party=party)
    assert asked(world, party).key == second.encryption_key
    with world.client("bank-a") as bank:
        office = bank.offices.open().id
        bank.offices.set(office, encryption_key=second.encryption_key)
    assert asked(world, "bank-a").key == second.encryption_key


def test_nothing_else_is_sealed_to(world: World) -> None:
    """An invoice is no reader; a member without an office, or an id that is nothing, is not found."""
    with pytest.raises(InvalidInput, match="neither a party nor an office"):
        asked(world, world.issue().id)
    for name in ("bank-b", "nobody", "ab" * 32):
        with pytest.raises(NotFound):
            asked(world, name)


def test_a_node_that_names_another_key_gets_nothing_sealed_to_it(world: World, liar: Proxy) -> None:
    """Another key in the node's proofs, or another member's office, is seen through."""
    true, false = world.corridor.members["customs"].encryption_key, Identity.generate("false").encryption_key
    liar.change = in_proof(true, false)
    with pytest.raises(BadAnswer):
        asked(world, "customs", liar.url)
    liar.change = in_proof(world.seller.encryption_key, false)
    with pytest.raises(BadAnswer):
        asked(world, world.seller_id, liar.url)
    with world.client("chamber") as chamber:
        other = chamber.offices.open().id
    own = asked(world, "customs").reader
    liar.change = lambda path, body: body.replace(own.hex().encode(), other.hex().encode())
    with pytest.raises(BadAnswer, match="for that of"):
        asked(world, "customs", liar.url)


def in_proof(true: bytes, false: bytes) -> Change:
    """Put another key into each leaf and each record of a proof that has it, in base64 as a proof has them."""

    def change(value: Any) -> Any:
        match value:
            case dict():
                return {name: change(part) for name, part in value.items()}
            case list():
                return [change(part) for part in value]
            case str():
                try:
                    data = base64.b64decode(value, validate=True)
                except ValueError:
                    return value
                return base64.b64encode(data.replace(true, false)).decode() if true in data else value
            case _:
                return value

    def changed(asked: str, body: bytes) -> bytes:
        return encode_json(change(json.loads(body))) if asked.startswith("/v1/proof") else body

    return changed


def test_a_key_that_its_owner_has_not_signed_is_no_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a state proven whose key stands in no record of the owner's, nothing would be sealed to it."""

    def unsigned(view: ObjectView) -> Recipient:
        return Recipient(reader=view.id, member="market", key=bytes(32))

    monkeypatch.setattr(recipients, "_present", unsigned)
    with pytest.raises(BadAnswer, match="No record that the owner"):
        asked(world, world.seller_id)
