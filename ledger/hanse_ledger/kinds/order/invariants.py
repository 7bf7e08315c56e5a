"""What every reachable state satisfies of orders."""

from collections.abc import Iterator

from hanse_ledger.kinds.order.state import Order
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import Invariants, ReachedState, all_of, are, no_claims, nothing_ended, words


def _breaches(state: ReachedState) -> Iterator[str]:
    for order in all_of(state, Order):
        links = order.links
        if links.seller == links.buyer or not are(state, Party, links.seller, links.buyer):
            yield f"{words(order)} is not between two parties"


INVARIANTS = Invariants(_breaches, no_claims, nothing_ended)
