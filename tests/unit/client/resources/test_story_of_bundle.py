"""A story of an invoice names what concerns that invoice, though a bundle did more in the same record."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from hanse_client import SignaturesMissing
from hanse_client.base.views import Receipt
from hanse_client.home.drafts import Draft
from hanse_ledger.kinds.declaration.bodies import DeclarationLine
from hanse_ledger.kinds.object import created_id
from hanse_ledger.proofs.prooffile import read_proof
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import World
from tests.world.typed.desk import make_node_here, node_here

LINE = DeclarationLine(
    certificate=None, hs_code="691110", origin="CN", quantity_micro=1_000_000, source=None, unit="C62"
)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a node where customs has opened its office."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        world = World(url, corridor, folder / "home")
        with world.client("customs") as client:
            client.offices.open()
        yield world


def drafted(call: Callable[[], Receipt]) -> Draft:
    """Have a record drafted that somebody else signs too."""
    with pytest.raises(SignaturesMissing) as caught:
        call()
    return caught.value.draft


def test_a_step_for_another_invoice_is_no_part_of_the_story(world: World) -> None:
    """One bundle declares two invoices, a step each: the story of one has its own declaration alone."""
    one, other, accepted = (bytes(world.issue().object_id) for _ in range(3))
    with world.client("seller") as seller, world.client("buyer") as buyer:
        seller.sign_as(countersigners=[world.buyer.public_key])
        said: dict[str, Any] = {"customs": "customs", "regime": "export", "lines": [LINE], "declarant": world.seller_id}
        lodge = [partial(seller.declarations.lodge, invoices=[invoice], **said) for invoice in (one, other)]
        steps = [drafted(call) for call in lodge]
        buyer.sign_as(countersigners=[world.seller.public_key])
        steps.append(drafted(lambda: buyer.submit(world.acceptance(accepted))))
        both = seller.bundles.prepare(steps)
        buyer.sign_as()
        record = buyer.submit_draft(both).record_id
    declarations = [created_id(record, place) for place in range(2)]
    with world.client("customs") as customs:
        for declaration in declarations:
            customs.declarations.release(declaration)
    with world.client("seller") as seller:
        told = read_proof(seller.story(one, "origin"))
    assert [evidence.id for evidence in told.objects] == [one, declarations[0]]
