"""The rows of orders."""

from hanse_ledger.kinds.amount import Amount, named_amount
from hanse_ledger.kinds.kind import (
    Commits,
    Kind,
    Listed,
    ObjectType,
    itself,
    no_claims,
    no_key,
    no_object,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.order import samples
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.order.refusals import ORDER_UNKNOWN
from hanse_ledger.kinds.order.rules import attest_order
from hanse_ledger.kinds.order.state import Order
from hanse_ledger.kinds.order.status import judged
from hanse_ledger.kinds.power import Power
from hanse_ledger.wire.catalogue import CommittedKind


def _worth(order: Order) -> Amount:
    return Amount(order.amounts.amount_minor, order.amounts.currency, order.amounts.minor_digits)


ORDER = ObjectType(
    name="order",
    state=Order,
    unknown=ORDER_UNKNOWN,
    beside=frozenset({"amounts", "history", "links"}),
    sums={},
    judged=judged,
    behind=None,
    acts=False,
    found_by=(),
    listed=Listed(
        state=lambda _: "attested",
        open=frozenset({"attested"}),
        ended=frozenset(),
        whose=lambda order: (order.links.buyer, order.links.seller, order.links.marketplace),
        waits={},
        worth=_worth,
        worth_of=of_no_others,
    ),
)

ATTEST = Kind(
    name="order.attest",
    number="X-2",
    body=AttestOrder,
    rule=attest_order,
    object=ORDER,
    creates=True,
    about=no_object,
    references=lambda body: (body.buyer, body.consignment, body.seller),
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=Commits[AttestOrder](
        kind=CommittedKind.ORDER, terms=lambda body: body.terms, document=lambda _: None, header=itself
    ),
    frees=False,
    powers=(Power.ATTEST,),
    amount=named_amount,
    sample=samples.attest,
)

KINDS = (ATTEST,)
