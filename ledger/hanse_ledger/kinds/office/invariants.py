"""What every reachable state satisfies of offices."""

from collections.abc import Iterable, Iterator, Sequence

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.history import NO_HISTORY, History
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer, OpenOffice
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, nothing_ended, words
from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest, MemberId, ObjectId, RecordId
from hanse_ledger.wire.endings import ended_by


def _breaches(state: ReachedState) -> Iterator[str]:
    for office in all_of(state, Office):
        if state.claims.get(_claim(office.links.member)) != office.id:
            yield f"{words(office)} is not the one office of its member"
        if len(office.officers) > limits.OFFICERS:
            yield f"{words(office)} has more officers than an office may have"
        for officer in office.officers:
            if state.claims.get(claim_key(ClaimKind.KEY, officer.key)) != office.id:
                yield f"the key of an officer of {words(office)} is not claimed for it"
            if claim_key(ClaimKind.REVOKED_KEY, officer.key) in state.claims:
                yield f"the key of an officer of {words(office)} is revoked"


def inbox_breaches(state: ReachedState, told: Iterable[tuple[RecordId, Iterable[MemberId]]]) -> Iterator[str]:
    """Derive every inbox a second time.

    Args:
        state: the state.
        told: in order, each record with the members to which it was addressed; and each opening, to nobody.
    """
    inboxes: dict[ObjectId, History] = {}
    offices = {office.links.member: office for office in all_of(state, Office)}
    for record, members in told:
        if created_id(record) in state.objects:
            inboxes.setdefault(created_id(record), NO_HISTORY)
        for member in members:
            office = offices.get(member)
            if office is not None and office.id in inboxes:
                inboxes[office.id] = inboxes[office.id].after(record)
    for office in offices.values():
        if office.inbox != inboxes[office.id]:
            yield f"the inbox of {words(office)} is not that of what was addressed to it"


def _claimed(_: ReachedState, records: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive whose each office is, whose its officers' keys are, and which of them were dismissed."""
    for record, body, _at in records:
        match body:
            case OpenOffice():
                yield _claim(body.member), created_id(record)
            case AppointOfficer():
                yield claim_key(ClaimKind.KEY, body.key), body.office
            case DismissOfficer():
                yield claim_key(ClaimKind.REVOKED_KEY, body.key), ended_by(revocation=record)
            case _:
                pass


def _claim(member: str) -> Digest:
    return claim_key(ClaimKind.OFFICE, member.encode())


INVARIANTS = Invariants(_breaches, _claimed, nothing_ended)
