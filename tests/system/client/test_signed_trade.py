"""A whole trade at a node that asks who reads, where nobody bears a token: each signs its requests by its own key."""

from pathlib import Path

import pytest

from hanse_client import Identity
from hanse_client.base.errors import NotFound, Unauthorized
from tests.system.client.test_sdk import test_a_whole_trade as whole_trade
from tests.world.sdk_node import NodeCorridor, running_node
from tests.world.sdk_world import World
from tests.world.tokens import keep_tokens, token_of

pytestmark = pytest.mark.system


def test_a_trade_is_signed_from_end_to_end(tmp_path: Path) -> None:
    """Seller, buyer, members: no step asks for more than its doer may see; a stranger to the trade sees none of it."""
    corridor = NodeCorridor("signed corridor")
    folder = corridor.make_node(tmp_path / "node")
    keep_tokens(folder / "keys" / "tokens", token_of("hanse_operator"))
    with running_node(folder) as url:
        world = World(url, corridor, tmp_path / "home")
        whole_trade(world)
        with world.client("seller") as seller:
            own = [record.kind for record in seller.records(world.seller_id)]
            (invoice,) = [found.id for found in seller.invoices.list()]
        assert own.count("invoice.issue") == 1
        stranger = Identity.generate("stranger")
        with world.client("market") as market:
            stranger_id = market.parties.enrol(stranger, roles=["buyer"], terms={"name": "A stranger"}).id
        with world.client(stranger, home=tmp_path / "strange") as client:
            client.parties.adopt(stranger_id)
            assert client.show(world.seller_id).id == world.seller_id
            assert list(client.invoices.list()) == []
            with pytest.raises(NotFound):
                client.show(invoice)
            with pytest.raises(NotFound):
                list(client.records(world.seller_id))
        with world.client(None, home=tmp_path / "nobody") as client, pytest.raises(Unauthorized):
            client.show(invoice)
