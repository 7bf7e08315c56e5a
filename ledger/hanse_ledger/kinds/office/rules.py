"""The rules of offices."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    ascending,
    find,
    find_member,
    require,
    require_alone,
    require_only,
)
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.office.bodies import AppointOfficer, DismissOfficer, OpenOffice, SetOffice
from hanse_ledger.kinds.office.refusals import (
    APPOINTMENT_TOO_LONG,
    KIND_WITHOUT_FOUR_EYES,
    KINDS_NOT_SORTED,
    LIMITS_NOT_SORTED,
    NOT_OFFICE_MEMBER,
    NOT_OFFICER,
    OFFICE_OPENED,
    OFFICE_UNKNOWN,
    OFFICER_KEY_MISSING,
    POWERS_NOT_SORTED,
    TOO_MANY_OFFICERS,
)
from hanse_ledger.kinds.office.state import Office, OfficeLinks, Officer, OfficeSettings
from hanse_ledger.kinds.party.refusals import COMPROMISE_IN_FUTURE, KEY_TAKEN, VALIDITY_EMPTY, VALIDITY_PAST
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import MemberId, ObjectId
from hanse_ledger.wire.endings import ended_by


def office_of(state: StateView, member: MemberId) -> Office | None:
    """Find the office of a member; nil where it has opened none."""
    opened = state.claim(claim_key(ClaimKind.OFFICE, member.encode()))
    office = None if opened is None else state.object(opened)
    return office if isinstance(office, Office) else None


def open_office(state: StateView, body: OpenOffice, signers: Signers, context: Context) -> Delta:
    """F-1. A member opens its office, once."""
    find_member(state, body.member, None, "/body/member")
    require_alone(signers, body.member, NOT_OFFICE_MEMBER)
    claim = claim_key(ClaimKind.OFFICE, body.member.encode())
    opened = state.claim(claim)
    require(opened is None, OFFICE_OPENED, "/body/member", seen=opened or b"")

    # From here the opening must succeed.
    office = Office(
        id=context.creates,
        seed=context.seed,
        history=NO_HISTORY,
        inbox=NO_HISTORY,
        links=OfficeLinks(member=body.member),
        officers=(),
        settings=OfficeSettings(encryption_key=body.encryption_key, four_eyes=(), low_value=(), profile=body.profile),
    )
    return Delta(objects=(office,), claims={claim: office.id})


def appoint_officer(state: StateView, body: AppointOfficer, signers: Signers, context: Context) -> Delta:
    """F-2. A member lets a key sign for it, with some powers and for a year at most; the key signs too."""
    office = _own_office(state, body.office, signers)
    claim = claim_key(ClaimKind.KEY, body.key)
    taken = state.claim(claim) is not None or state.membership.holder(body.key) is not None
    require(not taken, KEY_TAKEN, "/body/key", seen=body.key)
    require(body.key in signers.new_keys, OFFICER_KEY_MISSING, "/signers", wanted=body.key)
    require_only(signers, 2)
    require(len(body.powers) > 0 and ascending(body.powers), POWERS_NOT_SORTED, "/body/powers")
    until = moment_words(body.valid_until)
    require(body.valid_from < body.valid_until, VALIDITY_EMPTY, "/body/valid_until", seen=until)
    require(context.at < body.valid_until, VALIDITY_PAST, "/body/valid_until", seen=until)
    latest = body.valid_from + limits.APPOINTMENT_MS
    require(
        body.valid_until <= latest,
        APPOINTMENT_TOO_LONG,
        "/body/valid_until",
        seen=until,
        wanted=lambda: f"up to {moment_words(latest)}",
    )
    others = tuple(officer for officer in office.officers if context.at < officer.valid_until)
    wanted = f"fewer than {limits.OFFICERS}"
    require(len(others) < limits.OFFICERS, TOO_MANY_OFFICERS, "/body/office", seen=len(others), wanted=wanted)

    # From here the appointment must succeed. Those whose time has passed make room.
    officer = Officer(key=body.key, powers=body.powers, valid_from=body.valid_from, valid_until=body.valid_until)
    return Delta(objects=(replace(office, officers=(*others, officer)),), claims={claim: office.id})


def dismiss_officer(state: StateView, body: DismissOfficer, signers: Signers, context: Context) -> Delta:
    """F-3. A member ends an officer's appointment from now on."""
    office = _own_office(state, body.office, signers)
    require_only(signers, 1)
    there = any(officer.key == body.key for officer in office.officers)
    require(there, NOT_OFFICER, "/body/key", seen=body.key)
    require(
        body.compromised_since is None or body.compromised_since <= context.at,
        COMPROMISE_IN_FUTURE,
        "/body/compromised_since",
        seen=lambda: moment_words(body.compromised_since or 0),
        wanted=lambda: f"at most {moment_words(context.at)}",
    )

    # From here the dismissal must succeed.
    officers = tuple(officer for officer in office.officers if officer.key != body.key)
    return Delta(
        objects=(replace(office, officers=officers),),
        claims={claim_key(ClaimKind.REVOKED_KEY, body.key): ended_by(revocation=context.record)},
    )


def set_office(state: StateView, body: SetOffice, signers: Signers, context: Context) -> Delta:
    """F-4. A member gives its office other settings."""
    office = _own_office(state, body.office, signers)
    require_only(signers, 1)
    require(ascending(body.four_eyes), KINDS_NOT_SORTED, "/body/four_eyes")
    strange = [name for name in body.four_eyes if name not in context.paired]
    require(not strange, KIND_WITHOUT_FOUR_EYES, "/body/four_eyes", seen=", ".join(strange))

    currencies = [limit.currency for limit in body.low_value]
    require(ascending(currencies), LIMITS_NOT_SORTED, "/body/low_value", seen=", ".join(currencies))

    # From here it must succeed.
    settings = OfficeSettings(
        encryption_key=body.encryption_key,
        four_eyes=body.four_eyes,
        low_value=body.low_value,
        profile=body.profile,
    )
    return Delta(objects=(replace(office, settings=settings),))


def _own_office(state: StateView, object_id: ObjectId, signers: Signers) -> Office:
    """Find the office of a member that signs, or refuse."""
    office = find(state, object_id, Office, OFFICE_UNKNOWN, "/body/office")
    member = office.links.member
    require(member in signers.members, NOT_OFFICE_MEMBER, "/signers", wanted=member)
    return office
