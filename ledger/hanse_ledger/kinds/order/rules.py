"""The rule of orders."""

from hanse_ledger.kinds.common import Context, Signers, find_member, require, require_alone
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import SELLER_IS_BUYER
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.order.refusals import NOT_MARKETPLACE
from hanse_ledger.kinds.order.state import Order, OrderAmounts, OrderLinks
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.wire.membership import MemberRole


def attest_order(state: StateView, body: AttestOrder, signers: Signers, context: Context) -> Delta:
    """X-2. A marketplace attests that a buyer has ordered of a seller, for how much."""
    find_member(state, body.marketplace, MemberRole.MARKETPLACE, "/body/marketplace")
    require_alone(signers, body.marketplace, NOT_MARKETPLACE)
    require(
        body.buyer != body.seller,
        SELLER_IS_BUYER,
        "/body/buyer",
        seen=body.buyer,
    )
    find_active_party(state, body.seller, PartyRole.SELLER, context.at, "/body/seller")
    find_active_party(state, body.buyer, PartyRole.BUYER, context.at, "/body/buyer")

    # From here the attestation must succeed.
    order = Order(
        id=context.creates,
        seed=context.seed,
        amounts=OrderAmounts(amount_minor=body.amount_minor, currency=body.currency, minor_digits=body.minor_digits),
        history=NO_HISTORY,
        links=OrderLinks(buyer=body.buyer, marketplace=body.marketplace, seller=body.seller),
    )
    return Delta(objects=(order,))
