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
    require_only,
)
from hanse_ledger.kinds.ended import COUNT_BYTES, ended_count
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.party.bodies import EnrolParty, MoveParty, PartyRole, RevokeKey, RotateKey
from hanse_ledger.kinds.party.refusals import (
    COMPROMISE_IN_FUTURE,
    KEY_ALREADY_REVOKED,
    KEY_NOT_OF_PARTY,
    KEY_TAKEN,
    MEMBER_UNCHANGED,
    NOT_ENROLLING_MEMBER,
    NOT_FORMER_ENROLLER,
    NOT_KEY_HOLDER,
    NOT_PARTY,
    NOT_PARTY_OR_ENROLLER,
    PARTY_INACTIVE,
    PARTY_LACKS_ROLE,
    PARTY_UNKNOWN,
    ROLES_NOT_SORTED,
    TOO_MANY_KEYS,
    VALIDITY_EMPTY,
    VALIDITY_PAST,
)
from hanse_ledger.kinds.party.state import Party, PartyKey, PartyLinks, PartyStatus
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment, ObjectId
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
    claim = claim_key(ClaimKind.KEY, body.key)
    taken = state.claim(claim) is not None or state.membership.holder(body.key) is not None
    require(not taken, KEY_TAKEN, "/body/key", seen=body.key)
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

    # From here the enrolment must succeed.
    party = Party(
        id=context.creates,
        seed=context.nonce,
        history=NO_HISTORY,
        key=PartyKey(encryption_key=body.encryption_key, key=body.key),
        links=PartyLinks(member=body.member),
        status=PartyStatus(roles=body.roles, valid_from=body.valid_from, valid_until=body.valid_until),
    )
    return Delta(objects=(party,), claims={claim: party.id})


def rotate_key(state: StateView, body: RotateKey, signers: Signers, context: Context) -> Delta:
    """P-2. A party replaces its key; the old key and the new one sign."""
    party = find_party(state, body.party, "/body/party")
    require(
        party.id in signers.parties,
        NOT_KEY_HOLDER,
        "/signers",
        wanted=party.key.key or "",
    )
    claim = claim_key(ClaimKind.KEY, body.new_key)
    taken = state.claim(claim) is not None or state.membership.holder(body.new_key) is not None
    require(not taken, KEY_TAKEN, "/body/new_key", seen=body.new_key)
    require(
        body.new_key in signers.new_keys,
        NOT_KEY_HOLDER,
        "/signers",
        wanted=body.new_key,
    )
    require_only(signers, 2)
    replaced = ended_claim(party.id, party.id)
    count = ended_count(state, replaced)
    wanted = f"fewer than {limits.ROTATIONS}"
    require(count < limits.ROTATIONS, TOO_MANY_KEYS, "/body/party", seen=count, wanted=wanted)

    # From here the rotation must succeed. The party signs, so that it has a key to be replaced.
    assert party.key.key is not None
    return Delta(
        objects=(replace(party, key=replace(party.key, key=body.new_key)),),
        claims={
            claim: party.id,
            claim_key(ClaimKind.REVOKED_KEY, party.key.key): ended_by(rotation=context.record),
            replaced: (count + 1).to_bytes(COUNT_BYTES, "big"),
        },
    )


def revoke_key(state: StateView, body: RevokeKey, signers: Signers, context: Context) -> Delta:
    """P-3. A party, or the member with which it is, revokes one of its keys; the revocation acts from now on."""
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
        objects=(replace(party, key=replace(party.key, key=present)),),
        claims={claim: ended_by(rotation=ended.rotation, revocation=context.record)},
    )


def move_party(state: StateView, body: MoveParty, signers: Signers, context: Context) -> Delta:
    """P-5. Another member takes a party over: it and the party sign, and the present member where it can."""
    party = find_party(state, body.party, "/body/party")
    former = party.links.member
    find_active_member(state, body.member, None, context.at, "/body/member")
    require(body.member != former, MEMBER_UNCHANGED, "/body/member", seen=body.member)
    require(body.member in signers.members, NOT_ENROLLING_MEMBER, "/signers", wanted=body.member)
    require(party.id in signers.parties, NOT_PARTY, "/signers", wanted=party.id)
    asked = member_is_active(state, former, None, context.at)
    require(not asked or former in signers.members, NOT_FORMER_ENROLLER, "/signers", wanted=former)
    require_only(signers, 3 if asked else 2)

    # From here the move must succeed.
    return Delta(objects=(replace(party, links=PartyLinks(member=body.member)),))


def find_party(state: StateView, name: ObjectId, pointer: str) -> Party:
    """Find a party, or refuse."""
    return find(state, name, Party, PARTY_UNKNOWN, pointer)


def find_active_party(state: StateView, name: ObjectId, role: PartyRole | None, at: Moment, pointer: str) -> Party:
    """Find a party that is enrolled now, for a role if one is given, or refuse."""
    party = find_party(state, name, pointer)
    require_active(party, at, pointer)
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
