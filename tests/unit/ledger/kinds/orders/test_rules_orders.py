"""Rule X-2: a marketplace attests an order."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import SELLER_IS_BUYER
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_UNKNOWN
from hanse_ledger.kinds.object import step_seed
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.order.refusals import NOT_MARKETPLACE
from hanse_ledger.kinds.order.state import Order, OrderAmounts, OrderLinks
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE, PARTY_LACKS_ROLE, PARTY_UNKNOWN
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.test_rules_invoices import ISSUED
from tests.world.corridor import traders
from tests.world.corridor_genesis import DAY, T0, YEAR

ATTEST = ISSUED.make.sample(AttestOrder)
SELLER, BUYER, INVOICE = ISSUED.id["seller"], ISSUED.id["buyer"], ISSUED.id["invoice"]
ITS_OWN = replace(ATTEST, buyer=SELLER)
NOBODY = bytes(32)
LATE = T0 + 2 * YEAR

REFUSALS = [
    Refused(ISSUED, replace(ITS_OWN, marketplace="nobody"), ("buyer",), MEMBER_UNKNOWN, "/body/marketplace"),
    Refused(ISSUED, replace(ITS_OWN, marketplace="chamber"), ("buyer",), MEMBER_LACKS_ROLE, "/body/marketplace"),
    Refused(ISSUED, ITS_OWN, ("chamber",), NOT_MARKETPLACE, "/signers"),
    Refused(ISSUED, ITS_OWN, ("seller",), NOT_MARKETPLACE, "/signers"),
    Refused(ISSUED, ITS_OWN, ("market", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ISSUED, ITS_OWN, ("market",), SELLER_IS_BUYER, "/body/buyer"),
    Refused(ISSUED, replace(ATTEST, buyer=NOBODY, seller=INVOICE), ("market",), PARTY_UNKNOWN, "/body/seller"),
    Refused(ISSUED, replace(ATTEST, buyer=NOBODY), ("market",), PARTY_INACTIVE, "/body/seller", LATE),
    Refused(ISSUED, replace(ATTEST, buyer=NOBODY, seller=BUYER), ("market",), PARTY_LACKS_ROLE, "/body/seller"),
    Refused(ISSUED, replace(ATTEST, buyer=NOBODY), ("market",), PARTY_UNKNOWN, "/body/buyer"),
    Refused(ISSUED, replace(ATTEST, buyer=ISSUED.id["brief"]), ("market",), PARTY_INACTIVE, "/body/buyer", T0 + DAY),
    Refused(ISSUED, replace(ATTEST, buyer=ISSUED.id["agent"]), ("market",), PARTY_LACKS_ROLE, "/body/buyer"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_an_order_is_what_its_marketplace_says() -> None:
    """X-2 makes an order between two parties, for so much; a second one is another order."""
    corridor = traders()
    body = corridor.make.sample(AttestOrder)
    name = corridor.submit(body, "market", name="order")
    signed = corridor.signed["order"]
    assert corridor.ledger.objects[name] == Order(
        id=name,
        seed=step_seed(signed.record.nonce),
        amounts=OrderAmounts(amount_minor=100_000, currency="EUR", minor_digits=2),
        history=NO_HISTORY.after(signed.id),
        links=OrderLinks(buyer=corridor.id["buyer"], marketplace="market", seller=corridor.id["seller"]),
    )
    assert corridor.submit(body, "market") != name
