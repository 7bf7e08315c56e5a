"""Mandates, for callers that block.

Written from `hanse_client.resources.mandates` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Sequence

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import MandateView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt, RecordView
from hanse_client.resources.mandates import AsyncMandates
from hanse_ledger.values.types import Currency, MemberId, Moment


class Mandates:
    """Mandates, by which another party or a member signs in a party's place. Reached as `client.mandates`."""

    def __init__(self, portal: Portal, calls: AsyncMandates) -> None:
        self._portal, self._calls = portal, calls

    def grant(
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
        return self._portal.run(
            self._calls.grant,
            kinds,
            party=party,
            member=member,
            currency=currency,
            each_minor=each_minor,
            total_minor=total_minor,
            valid_until_ms=valid_until_ms,
            principal=principal,
        )

    def revoke(self, mandate: Id) -> Receipt:
        """End a mandate from now on; its principal or its mandatary signs. Rule B-2."""
        return self._portal.run(self._calls.revoke, mandate)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[MandateView]:
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
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def show(self, mandate: Id) -> MandateView:
        """Show a mandate as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, mandate)

    def records(self, mandate: Id) -> Iterator[RecordView]:
        """Walk over what was signed under a mandate, newest first, each proven and none left out."""
        return self._portal.iterate(self._calls.records(mandate))
