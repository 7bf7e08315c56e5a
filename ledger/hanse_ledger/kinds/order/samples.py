"""A sample of each record of orders."""

from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.standins import stand_in


def attest() -> AttestOrder:
    """The market attests an order of the buyer, of 1,000.00 EUR."""
    return AttestOrder(
        amount_minor=100_000,
        buyer=stand_in("buyer"),
        consignment=None,
        currency="EUR",
        marketplace="market",
        minor_digits=2,
        seller=stand_in("seller"),
        terms=stand_in("order terms"),
    )
