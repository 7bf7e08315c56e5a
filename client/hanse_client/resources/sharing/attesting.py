"""Attestations: what a member says of somebody's look at who a party is, and what is known of those that stand."""

from collections.abc import AsyncIterator, Sequence

from msgspec.structs import replace

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.base.found import AttestationView
from hanse_client.base.objects import PartyView
from hanse_client.base.views import Receipt, RecordView
from hanse_client.exchange.identifying import enrolled_as
from hanse_client.exchange.once import submit_opening
from hanse_client.exchange.reading import walk_records
from hanse_client.exchange.session import Session
from hanse_client.home.enrolments import EnrolmentRequest, is_enrolment
from hanse_client.home.identities import ShownIdentity
from hanse_client.home.openings import Opening, new_opening
from hanse_client.home.unsettled import without_chance
from hanse_client.resources.sharing.lookedat import LookedAt, need_covered, need_day
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import AttestParty
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.catalogue import CommittedKind


async def attest(
    session: Session,
    party: ObjectId,
    *,
    examiner: str,
    day: str,
    terms: Sequence[str],
    looked_at: LookedAt,
    shown: bytes | None,
) -> Receipt:
    """Attest that somebody has looked at who a party is. See `AsyncParties.attest`."""
    now = now_ms()
    need_day(day, "day", now)
    who = " ".join(examiner.split())
    if not who:
        raise InvalidInput("It is not said who looked.", "Name the desk or the person: --examiner NAME.")
    looked = looked_at.terms(now)
    need_covered(tuple(terms), looked, await identity_of(session, party, shown))
    said = {"examined": day, "examiner": who, **looked}
    said |= {f"terms/{number}": term for number, term in enumerate(terms, 1)}
    opening = new_opening(CommittedKind.ATTESTATION, None, said, name="attestation", discoverable=False)
    body = AttestParty(party=party, terms=opening.terms_root())
    return await submit_opening(session, body, replace(body, terms=without_chance(opening).terms), opening)


async def identity_of(session: Session, party: ObjectId, shown: bytes | None) -> dict[str, str]:
    """Give who a party is, and keep it, once it is verified. See `AsyncParties.identity`."""
    if shown is None:
        if session.openings.are_here(party):
            return session.openings.find(party).opening.terms
        raise InvalidInput(
            f"The identity of party {party.hex()} is not known in this home folder.",
            "Nobody vouches for what he has not seen: give its enrolment request, or what hanse party show --opening "
            "writes for it.",
        )
    identity = _shown_in(shown)
    if identity.party != party:
        raise InvalidInput(
            f"The file shows who party {identity.party.hex()} is, and not {party.hex()}.", "Give that party's own."
        )
    record = await enrolled_as(session, identity)
    if not session.openings.are_here(party):
        session.openings.keep(
            party,
            record,
            Opening(
                discoverable=False,
                file_digest=None,
                kind=CommittedKind.IDENTITY,
                name="identity",
                seed=identity.seed,
                terms=identity.terms,
            ),
        )
    return identity.terms


def _shown_in(data: bytes) -> ShownIdentity:
    """Read who a party is from its request, or from what it has shown since. Raises InvalidInput."""
    if not is_enrolment(data):
        return ShownIdentity.from_json(data)
    request = EnrolmentRequest.from_json(data)
    return ShownIdentity(party=request.draft.object_id, seed=request.seed, terms=request.terms)


async def attestations(session: Session, party: ObjectId) -> AsyncIterator[AttestationView]:
    """Walk over the attestations of a party. See `AsyncParties.attestations`."""
    async for record in walk_records(session, party, PartyView):
        for place, body in enumerate(record.bodies):
            if isinstance(body, AttestParty) and body.party == party:
                yield _view(session, record, place, party)


def _view(session: Session, record: RecordView, place: int, party: ObjectId) -> AttestationView:
    names = (record.id, created_id(record.id, place))
    kept = next(filter(None, (session.openings.of_record(name, record.id) for name in names)), None)
    return AttestationView(
        party=party,
        record_id=record.id,
        signers=record.signers,
        terms=None if kept is None else kept.opening.terms,
        time_ms=record.time_ms,
    )
