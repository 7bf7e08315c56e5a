"""What every reachable state satisfies of titles."""

from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, are, nothing_ended, words
from hanse_ledger.kinds.shipment.state import Shipment
from hanse_ledger.kinds.title.bodies import Medium
from hanse_ledger.kinds.title.state import Title, TitleState
from hanse_ledger.values.types import Digest


def _breaches(state: ReachedState) -> Iterator[str]:
    titled: set[bytes] = set()
    for title in all_of(state, Title):
        links, holding, live = title.links, title.holding, title.status.state is TitleState.LIVE
        shipment = state.objects.get(links.shipment)
        if not isinstance(shipment, Shipment) or shipment.links.carrier != links.carrier:
            yield f"{words(title)} is on no shipment of its carrier"
        if (holding.holder is not None) != (live and title.status.medium is Medium.ELECTRONIC):
            yield f"{words(title)} has no holder, or one though it is ended or on paper"
        named = [name for name in (holding.holder, holding.previous) if name is not None]
        if not are(state, Party, *named) or len(set(named)) != len(named):
            yield f"{words(title)} is held by what is no party, or came from its holder"
        if holding.holder is None and holding.previous is not None:
            yield f"{words(title)} may be rejected by nobody"
        if live and links.shipment in titled:
            yield f"{words(title)} is a second one on its shipment"
        if live:
            titled.add(links.shipment)


def _claimed(state: ReachedState, _: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive which shipment has which live title."""
    for title in all_of(state, Title):
        if title.status.state is TitleState.LIVE:
            yield claim_key(ClaimKind.TITLE, title.links.shipment), title.id


INVARIANTS = Invariants(_breaches, _claimed, nothing_ended)
