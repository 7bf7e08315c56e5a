"""Parties and their keys."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key, ended_claim
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    ascending,
    find,
    find_active_member,
    member_is_active,
    require,
    require_alone,
    require_only,
)
from hanse_ledger.kinds.ended import COUNT_BYTES, ended_count
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.party.bodies import (
    AttestParty,
    EnrolParty,
    MoveParty,
    PartyRole,
    ReinstateParty,
    RevokeKey,
    RotateKey,
    SuspendParty,
)
from hanse_ledger.kinds.party.refusals import (
    COMPROMISE_IN_FUTURE,
    KEY_ALREADY_REVOKED,
    KEY_NOT_OF_PARTY,
    KEY_TAKEN,
    MEMBER_UNCHANGED,
    NOT_ENROLLING_MEMBER,
    NOT_FORMER_ENROLLER,
    NOT_KEY_HOLDER,
    NOT_MEMBER_OF_PARTY,
    NOT_PARTY,
    NOT_PARTY_OR_ENROLLER,
    PARTY_INACTIVE,
    PARTY_LACKS_ROLE,
    PARTY_NOT_SUSPENDED,
    PARTY_SUSPENDED,
    PARTY_UNKNOWN,
    REPAIRER_IS_ENROLLER,
    REPAIRER_IS_OPERATOR,
    ROLES_NOT_SORTED,
    TOO_MANY_KEYS,
    VALIDITY_EMPTY,
    VALIDITY_PAST,
)
from hanse_ledger.kinds.party.state import Party, PartyKey, PartyLinks, PartyStatus
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Digest, MemberId, Moment, ObjectId, PublicKey
from hanse_ledger.wire.endings import ended_by, endings


def enrol_party(state: StateView, body: EnrolParty, signers: Signers, context: Context) -> Delta:
    """P-1. A member admits a party under its pseudonym; the party's key countersigns."""
    find_active_member(state, body.member, None, context.at, "/body/member")
    require(
        body.member in signers.members,
        NOT_ENROLLING_MEMBER,
        "/signers",
        wanted=body.member,
    )
    require(not is_taken(state, body.key), KEY_TAKEN, "/body/key", seen=body.key)
    require(body.key in signers.new_keys, NOT_KEY_HOLDER, "/signers", wanted=body.key)
    require_only(signers, 2)
    require(
        len(body.roles) > 0 and ascending(body.roles),
        ROLES_NOT_SORTED,
        "/body/roles",
    )
    require(
        body.valid_from < body.valid_until,
        VALIDITY_EMPTY,
        "/body/valid_until",
        seen=moment_words(body.valid_until),
    )
    require(
        context.at < body.valid_until,
        VALIDITY_PAST,
        "/body/valid_until",
        seen=moment_words(body.valid_until),
    )
    require_repairer(state, body.repair, body.member, context.at)

    # From here the enrolment must succeed.
    party = Party(
        id=context.creates,
        seed=context.seed,
        history=NO_HISTORY,
        key=PartyKey(encryption_key=body.encryption_key, key=body.key, open_repair=None, replaced=None),
        links=PartyLinks(member=body.member, repair=body.repair),
        status=PartyStatus(roles=body.roles, suspended=False, valid_from=body.valid_from, valid_until=body.valid_until),
    )
    return Delta(objects=(party,), claims={claim_key(ClaimKind.KEY, body.key): party.id})


def rotate_key(state: StateView, body: RotateKey, signers: Signers, context: Context) -> Delta:
    """P-2. A party replaces its key; the old key and the new one sign. An open repair ends: no key was lost."""
    party = find_party(state, body.party, "/body/party")
    require(
        party.id in signers.parties,
        NOT_KEY_HOLDER,
        "/signers",
        wanted=party.key.key or "",
    )
    require(not is_taken(state, body.new_key), KEY_TAKEN, "/body/new_key", seen=body.new_key)
    require(
        body.new_key in signers.new_keys,
        NOT_KEY_HOLDER,
        "/signers",
        wanted=body.new_key,
    )
    require_only(signers, 2)
    require_keys_left(state, party)

    # From here the rotation must succeed. The party signs, so that it has a key to be replaced.
    encryption_key = body.encryption_key or party.key.encryption_key
    keys = replace(party.key, encryption_key=encryption_key, key=body.new_key, open_repair=None)
    return Delta(objects=(replace(party, key=keys),), claims=with_new_key(state, party, body.new_key, context))


def revoke_key(state: StateView, body: RevokeKey, signers: Signers, context: Context) -> Delta:
    """P-3. A party, or the member with which it is, revokes one of its keys; the revocation acts from now on.

    An open repair ends: no key is left that could contest it.
    """
    party = find_party(state, body.party, "/body/party")
    by_party, by_member = (
        party.id in signers.parties,
        party.links.member in signers.members,
    )
    require(
        by_party or by_member,
        NOT_PARTY_OR_ENROLLER,
        "/signers",
        wanted=party.links.member,
    )
    require_only(signers, 1)
    owner = state.claim(claim_key(ClaimKind.KEY, body.key))
    require(owner == party.id, KEY_NOT_OF_PARTY, "/body/key", seen=body.key)
    claim = claim_key(ClaimKind.REVOKED_KEY, body.key)
    ended = endings(state.claim(claim))
    require(
        ended.revocation is None,
        KEY_ALREADY_REVOKED,
        "/body/key",
        seen=body.key,
    )
    require(
        body.compromised_since is None or body.compromised_since <= context.at,
        COMPROMISE_IN_FUTURE,
        "/body/compromised_since",
        seen=lambda: moment_words(body.compromised_since or 0),
        wanted=lambda: f"at most {moment_words(context.at)}",
    )

    # From here the revocation must succeed. A present key is gone; a former one is marked.
    present = None if party.key.key == body.key else party.key.key
    return Delta(
        objects=(replace(party, key=replace(party.key, key=present, open_repair=None)),),
        claims={claim: ended_by(rotation=ended.rotation, revocation=context.record)},
    )


def move_party(state: StateView, body: MoveParty, signers: Signers, context: Context) -> Delta:
    """P-5. Another member takes a party over: it and the party sign, and the present member where it can.

    The party names its second member anew, and may stay where it is to do so. An open repair ends: no key was lost.
    """
    party = find_party(state, body.party, "/body/party")
    former = party.links.member
    find_active_member(state, body.member, None, context.at, "/body/member")
    stays = body.member == former
    require(not stays or body.repair != party.links.repair, MEMBER_UNCHANGED, "/body/member", seen=body.member)
    require(body.member in signers.members, NOT_ENROLLING_MEMBER, "/signers", wanted=body.member)
    require(party.id in signers.parties, NOT_PARTY, "/signers", wanted=party.id)
    asked = member_is_active(state, former, None, context.at)
    require(not asked or former in signers.members, NOT_FORMER_ENROLLER, "/signers", wanted=former)
    require_only(signers, 3 if asked and not stays else 2)
    require_repairer(state, body.repair, body.member, context.at)

    # From here the move must succeed.
    links = PartyLinks(member=body.member, repair=body.repair)
    return Delta(objects=(replace(party, key=replace(party.key, open_repair=None), links=links),))


def suspend_party(state: StateView, body: SuspendParty, signers: Signers, _: Context) -> Delta:
    """P-6. The member with which a party is suspends it; what is under way with the party stays as it is."""
    party = find_party(state, body.party, "/body/party")
    require_alone(signers, party.links.member, NOT_MEMBER_OF_PARTY)
    require(len(body.reasons) > 0 and ascending(body.reasons), REASONS_NOT_SORTED, "/body/reasons")
    require(not party.status.suspended, PARTY_SUSPENDED, "/body/party", seen=body.party)

    # From here the suspension must succeed.
    return Delta(objects=(replace(party, status=replace(party.status, suspended=True)),))


def reinstate_party(state: StateView, body: ReinstateParty, signers: Signers, _: Context) -> Delta:
    """P-7. The member with which a party is ends its suspension."""
    party = find_party(state, body.party, "/body/party")
    require_alone(signers, party.links.member, NOT_MEMBER_OF_PARTY)
    require(party.status.suspended, PARTY_NOT_SUSPENDED, "/body/party", seen=body.party)

    # From here the reinstatement must succeed.
    return Delta(objects=(replace(party, status=replace(party.status, suspended=False)),))


def attest_party(state: StateView, body: AttestParty, signers: Signers, context: Context) -> Delta:
    """P-11. The member with which a party is commits to who has looked at who it is; nothing of the party changes."""
    party = find_party(state, body.party, "/body/party")
    require_alone(signers, party.links.member, NOT_MEMBER_OF_PARTY)
    require_active(party, context.at, "/body/party")

    # From here the attestation must succeed: it joins the party's history.
    return Delta(objects=(party,))


def find_party(state: StateView, object_id: ObjectId, pointer: str) -> Party:
    """Find a party, or refuse."""
    return find(state, object_id, Party, PARTY_UNKNOWN, pointer)


def find_active_party(state: StateView, object_id: ObjectId, role: PartyRole | None, at: Moment, pointer: str) -> Party:
    """Find a party that is enrolled now and not suspended, for a role if one is given, or refuse."""
    party = find_party(state, object_id, pointer)
    require_active(party, at, pointer)
    require(not party.status.suspended, PARTY_SUSPENDED, pointer, seen=object_id)
    if role is not None:
        require(
            role in party.status.roles,
            PARTY_LACKS_ROLE,
            pointer,
            seen=", ".join(party.status.roles),
            wanted=role,
        )
    return party


def require_active(party: Party, at: Moment, pointer: str) -> None:
    """Refuse a party whose enrolment is not valid at block time."""
    status = party.status
    require(
        status.valid_from <= at < status.valid_until,
        PARTY_INACTIVE,
        pointer,
        seen=lambda: f"block time {moment_words(at)}",
        wanted=lambda: f"{moment_words(status.valid_from)} to {moment_words(status.valid_until)}",
    )


def require_repairer(state: StateView, repair: MemberId | None, member: MemberId, at: Moment) -> None:
    """Refuse a second member for a party's repair that is gone, or is the first one, or the one operator."""
    if repair is None:
        return
    find_active_member(state, repair, None, at, "/body/repair")
    require(repair != member, REPAIRER_IS_ENROLLER, "/body/repair", seen=repair)
    require(not operates_alone(state, repair), REPAIRER_IS_OPERATOR, "/body/repair", seen=repair)


def operates_alone(state: StateView, member: MemberId) -> bool:
    """Tell whether a member is the ledger's one operator."""
    members = state.membership
    return len(members.cosigners) == 1 and members.cosigner(member) is not None


def is_taken(state: StateView, key: PublicKey) -> bool:
    """Tell whether a key is somebody's on this ledger, or was."""
    return state.claim(claim_key(ClaimKind.KEY, key)) is not None or state.membership.holder(key) is not None


def require_keys_left(state: StateView, party: Party) -> None:
    """Refuse to replace a party's key oftener than a party may."""
    count = ended_count(state, ended_claim(party.id, party.id))
    wanted = f"fewer than {limits.ROTATIONS}"
    require(count < limits.ROTATIONS, TOO_MANY_KEYS, "/body/party", seen=count, wanted=wanted)


def with_new_key(state: StateView, party: Party, new_key: PublicKey, context: Context) -> dict[Digest, bytes | None]:
    """Make the claims of a key that takes the place of the party's present one; this is counted."""
    assert party.key.key is not None, "there is a key to be replaced"
    replaced = ended_claim(party.id, party.id)
    return {
        claim_key(ClaimKind.KEY, new_key): party.id,
        claim_key(ClaimKind.REVOKED_KEY, party.key.key): ended_by(rotation=context.record),
        replaced: (ended_count(state, replaced) + 1).to_bytes(COUNT_BYTES, "big"),
    }
