"""Mandates: grant, revoke, show, list what was signed under one."""

from collections.abc import AsyncIterator, Sequence

from msgspec.structs import replace

from hanse_client.base.clock import DAY_MS, MINUTE_MS, now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import Id, parse_id, parse_id_if
from hanse_client.base.objects import MandateView
from hanse_client.base.views import Receipt, RecordView
from hanse_client.exchange.listing import Sought, list_objects
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.ownparties import own_party
from hanse_client.exchange.reading import show, walk_records
from hanse_client.exchange.session import Session
from hanse_documents.semantics.currencies import EXPONENTS
from hanse_ledger.kinds.mandate.bodies import GrantMandate, MandateLimit, RevokeMandate
from hanse_ledger.values.types import Currency, MemberId, Moment

MANDATE_MS = 365 * DAY_MS

EARLIER_MS = 5 * MINUTE_MS
"""How far before now a mandate begins, so that a node whose clock is a little behind takes it as begun."""


class AsyncMandates:
    """Mandates, by which another party or a member signs in a party's place. Reached as `client.mandates`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def grant(
        self,
        kinds: Sequence[str],
        *,
        party: Id | None = None,
        member: MemberId | None = None,
        currency: Currency | None = None,
        each_minor: int | None = None,
        total_minor: int | None = None,
        valid_until_ms: Moment | None = None,
        principal: Id | None = None,
    ) -> Receipt:
        """Let another party, or a member, sign in the place of one's own party; the client's identity is its. Rule B-1.

        Args:
            kinds: the kinds of records that it covers, such as `declaration.lodge`.
            party: the party that signs; this or `member`.
            member: the member that signs: by its own key, or by an officer with the power `act`.
            currency: of the limit, ISO 4217; without one the mandate covers no amount of money.
            each_minor: for how much it signs at most at once, in minor units.
            total_minor: for how much in sum; by default as much as at once.
            valid_until_ms: end of the mandate; by default in a year.
            principal: one's own party, where the home folder does not know it.

        Returns:
            The receipt; `object_id` names the mandate.

        Raises as `submit` does.
        """
        now = now_ms()
        body = GrantMandate(
            kinds=tuple(sorted(set(kinds))),
            limit=_limit(currency, each_minor, total_minor),
            member=member,
            party=parse_id_if(party, "party"),
            principal=await own_party(self._session, principal),
            valid_from=now - EARLIER_MS,
            valid_until=now + MANDATE_MS if valid_until_ms is None else valid_until_ms,
        )
        asked = replace(body, valid_from=0, valid_until=valid_until_ms or 0)
        return await submit_body(self._session, body, asked=asked)

    async def revoke(self, mandate: Id) -> Receipt:
        """End a mandate from now on; its principal or its mandatary signs. Rule B-2."""
        return await submit_body(self._session, RevokeMandate(mandate=parse_id(mandate, "mandate")))

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[MandateView]:
        """Walk over mandates, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no mandate has such a state.
        """
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, MandateView, sought)

    async def show(self, mandate: Id) -> MandateView:
        """Show a mandate as it stands, from a verified proof of its status."""
        return await show(self._session, mandate, MandateView)

    def records(self, mandate: Id) -> AsyncIterator[RecordView]:
        """Walk over what was signed under a mandate, newest first, each proven and none left out."""
        return walk_records(self._session, mandate, MandateView)


def _limit(currency: Currency | None, each_minor: int | None, total_minor: int | None) -> MandateLimit | None:
    """Make the limit of what was given. Raises InvalidInput where it says half of one."""
    if currency is None and each_minor is None and total_minor is None:
        return None
    exponent = EXPONENTS.get(currency or "")
    if currency is None or exponent is None or each_minor is None:
        raise InvalidInput(
            "A limit is an amount in a currency of ISO 4217.",
            "Give both, or neither: --currency and --each, currency and each_minor.",
        )
    total = each_minor if total_minor is None else total_minor
    return MandateLimit(currency=currency, each_minor=each_minor, minor_digits=exponent, total_minor=total)
