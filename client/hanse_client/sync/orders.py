"""Orders, for callers that block.

Written from `hanse_client.resources.orders` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Sequence

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import OrderView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.resources.orders import AsyncOrders
from hanse_ledger.values.types import MemberId, Moment


class Orders:
    """Orders that a marketplace attests. Reached as `client.orders`."""

    def __init__(self, portal: Portal, calls: AsyncOrders) -> None:
        self._portal, self._calls = portal, calls

    def attest(
        self,
        number: str,
        *,
        seller: Id,
        buyer: Id,
        amount_minor: int,
        currency: str,
        placed: str | None = None,
        consignment: Id | None = None,
    ) -> Receipt:
        """Attest an order that was placed here; the client's identity is the marketplace's. Rule X-2.

        Its number and day are committed to; the opening stays in the home folder, so that they can be shown later.

        Args:
            number: the order's number at the marketplace.
            seller: the seller's party.
            buyer: the buyer's party.
            amount_minor: what was ordered for, in minor units.
            currency: ISO 4217, such as EUR.
            placed: the day when it was placed, such as 2026-09-14.
            consignment: where the marketplace writes into one, it is put into it by this record. Rule U-3.

        Raises as `submit` does; IdentityError where the client's key is no member's.
        """
        return self._portal.run(
            self._calls.attest,
            number,
            seller=seller,
            buyer=buyer,
            amount_minor=amount_minor,
            currency=currency,
            placed=placed,
            consignment=consignment,
        )

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[OrderView]:
        """Walk over orders, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no order has such a state.
        """
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def show(self, order: Id) -> OrderView:
        """Show an order as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, order)
