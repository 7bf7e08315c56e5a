"""Whom a client signs for: as the caller says, else as the home folder knows of its key."""

from collections.abc import Sequence

from hanse_client.base.errors import IdentityError, NotFound
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import MandateView, ObjectView, OfficeView, PartyView
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_ledger.values import limits
from hanse_ledger.values.types import MemberId, ObjectId, PublicKey

MEMBER_LETTERS = 32


async def own_party(session: Session, party: Id | None = None) -> ObjectId:
    """Name the party for which the key signs: as given, else as the client was told, else as the home folder knows.

    Under mandates it is their principal.
    """
    if party is not None:
        return parse_id(party, "party")
    if session.party is not None:
        return session.party
    identity = session.need_identity()
    if session.acting.mandates:
        return await _principal(session)
    known = await known_parties(session)
    if not known:
        raise IdentityError(
            f"The party of the key {identity.fingerprint} is not known here.",
            "Name the home folder that asked for its enrolment (--home, home=…) or the party (--party, party=…); "
            "`hanse party adopt`, parties.adopt(id), notes it once.",
        )
    return known[0] if len(known) == 1 else await _enrolled(session, known)


async def _principal(session: Session) -> ObjectId:
    """Name the principal of the session's mandates. Raises IdentityError where they are of several."""
    for mandate in session.acting.mandates:
        if mandate not in session.principals:
            session.principals[mandate] = bytes((await show(session, mandate, MandateView)).links.principal)
    principals = {session.principals[mandate] for mandate in session.acting.mandates}
    if len(principals) != 1:
        raise IdentityError(
            "The mandates are of several parties, and which of them is meant is not said.",
            "Name the party (--party, party=…).",
        )
    return principals.pop()


async def known_parties(session: Session) -> tuple[ObjectId, ...]:
    """Give the party of the identity's key, or those that were requested with it, as far as is known here."""
    return session.knowledge.parties(await session.trust(), session.need_identity().public_key)


async def _enrolled(session: Session, requested: Sequence[ObjectId]) -> ObjectId:
    """Find out which of several requests was granted: a key is one party's at most."""
    for name in requested:
        try:
            await session.transport.get(
                "/v1/proof", most=limits.PROOF_FILE_BYTES, query=(("object", name.hex()), ("view", "status"))
            )
        except NotFound:
            continue
        # Whether it is this key's the rules say of whatever is signed in its name.
        return name
    raise IdentityError(
        f"None of the {len(requested)} requests that were made with this key has been granted.",
        "Wait for the member, or name the party: --party.",
    )


def meant_counterparty(session: Session, party: Id, what: str) -> ObjectId:
    """Read the id of a counterparty, and insist that no other identity than the session's is meant for it.

    Raises:
        InvalidInput: it is no id, or another identity is meant.
    """
    name = parse_id(party, what)
    session.meant.need(session.need_identity().public_key, name)
    return name


async def own_party_or_member(
    session: Session, named: Id | MemberId | None = None
) -> tuple[MemberId | None, ObjectId | None]:
    """Name the member, or the party, for which the key signs: as given, else as the client does; the other one is nil.

    An id has 64 digits, and no member's name so many letters.
    """
    if named is not None:
        by_id = isinstance(named, bytes) or len(named) > MEMBER_LETTERS
        return (None, parse_id(named, "id")) if by_id else (str(named), None)
    if session.acting.mandates or session.party is not None:
        return None, await own_party(session)
    try:
        return await acting_member(session), None
    except IdentityError:
        return None, await own_party(session)


async def remember_request(session: Session, key: PublicKey, party: ObjectId) -> None:
    """Note a party that is requested with a key."""
    session.knowledge.remember_request(await session.trust(), key, party)


async def remember_party(session: Session, key: PublicKey, party: ObjectId) -> None:
    """Note whose key this is."""
    session.knowledge.remember_party(await session.trust(), key, party)


async def adopt_party(session: Session, view: PartyView) -> PartyView:
    """Note that the client's key is a party's, as a verified view shows. Raises IdentityError."""
    identity = session.need_identity()
    if view.key.key != identity.public_key:
        raise IdentityError(
            f"The key {identity.fingerprint} is not the present key of party {view.id.hex()}.",
            "Check the party's id and the key file.",
        )
    await remember_party(session, identity.public_key, view.id)
    return view


async def adopt_office(session: Session, view: OfficeView) -> OfficeView:
    """Note that the client's key is an officer's, as a verified view shows. Raises IdentityError."""
    identity = session.need_identity()
    if all(officer.key != identity.public_key for officer in view.officers):
        raise IdentityError(
            f"The key {identity.fingerprint} is no officer's of office {view.id.hex()}.",
            "Check the office's id and the key file; the office's member appoints officers: hanse office appoint.",
        )
    await remember_party(session, identity.public_key, view.id)
    return view


async def acting_member(session: Session) -> MemberId:
    """Name the member for whom the key signs: its own, or that of the office whose officer it is known to be here.

    Raises:
        IdentityError: it is neither.
    """
    try:
        return await session.own_member()
    except IdentityError:
        known = await known_parties(session)
        if len(known) != 1:
            raise
        view = await show(session, known[0], ObjectView)
        if not isinstance(view, OfficeView):
            raise
        return view.links.member
