"""A node that lies in every way that it can: whatever it is asked, and wherever the lie stands, the client names it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hanse_client import Client
from hanse_client.base.errors import BadAnswer
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.views import Receipt
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.steps import step_of
from hanse_ledger.kinds.declaration.bodies import DeclarationLine, LowValueGoods, Regime
from hanse_ledger.kinds.invoice.bodies import CreditInvoice, Tag
from hanse_ledger.kinds.office.bodies import LowValue
from hanse_ledger.kinds.standins import commitment
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.membership import FIRST_TAG_EPOCH
from tests.tables.lies import LIES
from tests.tables.lying import VARIANTS, Lie
from tests.tables.tampering import Proxy, nothing, proxy
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import World
from tests.world.typed.desk import make_node_here, node_here

KINDS = 25


class Stage:
    """A node, a liar before it, an invoice whose history has nine records, nine others, an inbox, bundle, parcel."""

    def __init__(self, world: World, liar: Proxy) -> None:
        self.world, self.liar = world, liar
        self.invoice = world.issue()
        with world.client("customs") as customs:
            office = customs.offices.open().object_id
        with world.client("seller") as seller:
            for amount in range(1, VARIANTS + 1):
                seller.submit(credit(self.invoice.object_id, amount))
            for _ in range(VARIANTS + 1):
                seller.mandates.grant(["invoice.cancel"], member="customs")
            credited = world.issue().object_id
            steps = (step_of(credit(credited, amount)) for amount in range(1, VARIANTS + 2))
            bundle = seller.submit(TakeSteps(steps=tuple(steps)))
        for _ in range(VARIANTS - 1):
            world.issue()
        free = world.issue().object_id
        with world.client("seller") as seller:
            seller.invoices.retag(free, [Tag(epoch=FIRST_TAG_EPOCH, value=hash_bytes(b"tag"))])
        with world.client("buyer") as buyer:
            buyer.submit(world.acceptance(free))
        parcel = self._parcel(office)
        self.questions: dict[str, Callable[[Client, Receipt], object]] = {
            "taken": lambda client, issued: client.submit(world.acceptance(issued.object_id)),
            "shown": lambda client, _: client.invoices.show(self.invoice.object_id),
            "proof": lambda client, _: client.proof(self.invoice.object_id),
            "unpledged": lambda client, _: client.invoices.unpledged(free),
            "record": lambda client, _: client.record(self.invoice.record_id),
            "bundle": lambda client, _: client.record(bundle.record_id),
            "bundled": lambda client, _: client.proof(credited),
            "history": lambda client, _: list(client.records(self.invoice.object_id)),
            "inbox": lambda client, _: list(client.offices.inbox(office)),
            "listed": lambda client, _: list(client.invoices.list(whose=world.seller_id, state="issued")),
            "accepted": lambda client, _: (
                list(client.invoices.list(whose=world.seller_id, state="issued")),
                list(client.invoices.list(whose=world.buyer_id, state="accepted", until_ms=1)),
            ),
            "parcel": lambda client, _: client.record(parcel.record_id),
            "taken in": lambda client, _: client.proof(parcel.object_id),
            "parcel shown": lambda client, _: client.declarations.show(parcel.object_id),
        }

    def _parcel(self, office: Id) -> Receipt:
        """Have customs set eight limits of low-value imports, and the seller lodge one under the last of them."""
        with self.world.client("customs") as customs:
            for more in range(VARIANTS):
                limit = LowValue(at_most_minor=14_000 + more, currency="EUR", minor_digits=2)
                customs.offices.set(office, low_value=[limit])
        goods = DeclarationLine(
            certificate=None, hs_code="0101", origin="CN", quantity_micro=1, source=None, unit="KGM"
        )
        with self.world.client("seller") as seller:
            return seller.declarations.lodge(
                customs="customs",
                regime=Regime.LOW_VALUE_IMPORT,
                invoices=[self.invoice.object_id],
                lines=[goods],
                low_value=LowValueGoods(
                    amount_minor=2_950, currency="EUR", minor_digits=2, products=("4006381333931",)
                ),
            )

    def ask(self, client: Client, about: str) -> object:
        """Ask for one thing; what is to be taken is new each time."""
        return self.questions[about](client, self.world.issue() if about == "taken" else self.invoice)

    def client(self, home: Path) -> Client:
        """Open a client of the liar, for somebody who knows nothing yet."""
        return self.world.client("buyer", self.liar.url, home)


def credit(invoice: Id, amount: int) -> CreditInvoice:
    """Take so many cents off it."""
    note = commitment(f"credit note of {amount}", discoverable=False)
    return CreditInvoice(
        amount_minor=amount, currency="EUR", document=note, invoice=parse_id(invoice), minor_digits=2, payload=None
    )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("lies")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url, proxy(url) as liar:
        yield Stage(World(url, corridor, folder / "home"), liar)


def test_the_kinds_are_many() -> None:
    """Each has a name of its own and eight variants."""
    assert len({lie.name for lie in LIES}) == len(LIES) >= KINDS
    assert {len(lie.variants) for lie in LIES} == {VARIANTS}


@pytest.mark.slow
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name.replace(" ", "-"))
def test_each_lie_is_named(stage: Stage, tmp_path: Path, lie: Lie) -> None:
    """Each variant is refused, in words that say what is false; the same client goes on with the truth."""
    with stage.client(tmp_path) as client:
        for place, change in enumerate(lie.variants):
            stage.liar.change = change
            with pytest.raises(BadAnswer) as caught:
                stage.ask(client, lie.about)
            assert re.search(lie.words, caught.value.message), (place, caught.value.message)
        stage.liar.change = nothing
        assert stage.ask(client, lie.about)
