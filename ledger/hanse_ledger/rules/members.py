"""Members, and who stands behind a signature."""

from hanse_ledger.reasons import Reason
from hanse_ledger.records import Body, EnrolParty, Record, RotateKey
from hanse_ledger.rules.common import Signers, find_party, require, require_active
from hanse_ledger.state import ClaimKind, StateView, claim_key
from hanse_ledger.trust import Member, MemberKey
from hanse_ledger.types import Moment, ObjectId, PublicKey


def resolve_signers(state: StateView, record: Record, at: Moment) -> Signers:
    """M-1. Each signing key is a member's, an enrolled party's, or one that the record itself introduces."""
    members, parties, new_keys = set(), set(), set()
    introduced = _introduced(record.body)
    for place, key in enumerate(record.signers):
        pointer = f"/signers/{place}"
        held = state.membership.holder(key)
        if held is not None:
            members.add(judge_member_key(*held, at, pointer))
        elif key == introduced and state.claim(claim_key(ClaimKind.KEY, key)) is None:
            new_keys.add(key)
        else:
            parties.add(judge_party_key(state, key, at, pointer))
    return Signers(
        members=frozenset(members),
        parties=frozenset(parties),
        new_keys=frozenset(new_keys),
        count=len(record.signers),
    )


def judge_member_key(member: Member, held: MemberKey, at: Moment, pointer: str) -> str:
    """M-2. A member's key counts within its validity, judged at block time."""
    require(
        held.valid_from <= at < held.valid_until,
        Reason.SIGNER_KEY_INACTIVE,
        pointer,
        seen=f"block time {at}",
        wanted=f"{held.valid_from} to {held.valid_until}",
    )
    return member.id


def judge_party_key(state: StateView, key: PublicKey, at: Moment, pointer: str) -> ObjectId:
    """P-4. A party's key counts while it is the party's present key, not revoked, and the enrolment is valid."""
    revoked = state.claim(claim_key(ClaimKind.REVOKED_KEY, key))
    require(revoked is None, Reason.SIGNER_KEY_REVOKED, pointer, seen=key)
    owner = state.claim(claim_key(ClaimKind.KEY, key))
    require(owner is not None, Reason.SIGNER_UNKNOWN, pointer, seen=key)
    assert owner is not None
    party = find_party(state, owner, pointer)
    require(
        party.key.key == key,
        Reason.SIGNER_KEY_SUPERSEDED,
        pointer,
        seen=key,
        wanted=party.key.key or "",
    )
    require_active(party, at, pointer)
    return party.id


def _introduced(body: Body) -> PublicKey | None:
    match body:
        case EnrolParty():
            return body.key
        case RotateKey():
            return body.new_key
        case _:
            return None
