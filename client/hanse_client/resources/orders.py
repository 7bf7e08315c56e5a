"""Orders: what a marketplace attests of a sale."""

from collections.abc import AsyncIterator, Sequence

from msgspec.structs import replace

from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import Id, parse_id, parse_id_if
from hanse_client.base.objects import OrderView
from hanse_client.base.views import Receipt
from hanse_client.exchange.listing import Sought, list_objects
from hanse_client.exchange.once import submit_opening
from hanse_client.exchange.ownparties import acting_member
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.home.openings import new_opening
from hanse_client.home.unsettled import without_chance
from hanse_documents.semantics.currencies import EXPONENTS
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.values.types import MemberId, Moment
from hanse_ledger.wire.catalogue import CommittedKind


class AsyncOrders:
    """Orders that a marketplace attests. Reached as `client.orders`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def attest(
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
        exponent = EXPONENTS.get(currency)
        if exponent is None:
            raise InvalidInput(
                f"{currency[:80]!r} is no currency of ISO 4217.", "Write it as three capitals, such as EUR."
            )
        terms = {
            "amount_minor": str(amount_minor),
            "currency": currency,
            "exponent": str(exponent),
            "number": number,
        } | ({} if placed is None else {"issued": placed})
        opening = new_opening(CommittedKind.ORDER, None, terms, name="order", discoverable=False)
        body = AttestOrder(
            amount_minor=amount_minor,
            buyer=parse_id(buyer, "buyer"),
            consignment=parse_id_if(consignment, "consignment"),
            currency=currency,
            marketplace=await acting_member(self._session),
            minor_digits=exponent,
            seller=parse_id(seller, "seller"),
            terms=opening.terms_root(),
        )
        asked = replace(body, terms=without_chance(opening).terms)
        return await submit_opening(self._session, body, asked, opening)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[OrderView]:
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
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, OrderView, sought)

    async def show(self, order: Id) -> OrderView:
        """Show an order as it stands, from a verified proof of its status."""
        return await show(self._session, order, OrderView)
