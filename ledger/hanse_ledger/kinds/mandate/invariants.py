"""What every reachable state satisfies of mandates."""

from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.mandate.bodies import RevokeMandate
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, are, nothing_ended, words
from hanse_ledger.values.types import Digest


def _breaches(state: ReachedState) -> Iterator[str]:
    for mandate in all_of(state, Mandate):
        links, amounts = mandate.links, mandate.amounts
        if not are(state, Party, links.principal, *(() if links.party is None else (links.party,))):
            yield f"{words(mandate)} is not a party's to a party or a member"
        if (links.party is None) == (links.member is None) or links.party == links.principal:
            yield f"{words(mandate)} has no mandatary, or two, or its principal"
        if amounts is not None and not 0 <= amounts.used_minor <= amounts.total_minor:
            yield f"{words(mandate)} is overdrawn"
        if mandate.status.revoked != (claim_key(ClaimKind.ENDED_MANDATE, mandate.id) in state.claims):
            yield f"{words(mandate)} and its claim differ on whether it is revoked"


def _claimed(_: ReachedState, records: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive which mandates have been revoked, by which records."""
    for record, body, _at in records:
        if isinstance(body, RevokeMandate):
            yield claim_key(ClaimKind.ENDED_MANDATE, body.mandate), record


INVARIANTS = Invariants(_breaches, _claimed, nothing_ended)
