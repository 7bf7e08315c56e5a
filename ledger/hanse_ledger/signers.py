"""Who has signed a record: members, parties, and keys that it introduces itself."""

from hanse_ledger.kinds import kind_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.common import Signers, require
from hanse_ledger.kinds.party.rules import find_party, require_active
from hanse_ledger.kinds.refusals import (
    SIGNER_KEY_INACTIVE,
    SIGNER_KEY_REVOKED,
    SIGNER_KEY_SUPERSEDED,
    SIGNER_SUSPENDED,
    SIGNER_UNKNOWN,
)
from hanse_ledger.kinds.view import StateView
from hanse_ledger.records.record import Record
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment, ObjectId, PublicKey
from hanse_ledger.wire.endings import endings
from hanse_ledger.wire.membership import Member, MemberKey


def resolve_signers(state: StateView, record: Record, at: Moment) -> Signers:
    """M-1. Each signing key is a member's, an enrolled party's, or one that the record itself introduces."""
    members, parties, new_keys = set(), set(), set()
    presented = kind_of(record.body).presents(state, record.body)
    for place, key in enumerate(record.signers):
        pointer = f"/signers/{place}"
        held = state.membership.holder(key)
        if held is not None:
            members.add(judge_member_key(*held, at, pointer))
        elif key == presented and state.claim(claim_key(ClaimKind.KEY, key)) is None:
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
    """M-2. A member's key counts within its validity, judged at block time, and while the member is not suspended."""
    require(not member.suspended, SIGNER_SUSPENDED, pointer, seen=member.id)
    require(
        held.valid_from <= at < held.valid_until,
        SIGNER_KEY_INACTIVE,
        pointer,
        seen=lambda: f"block time {moment_words(at)}",
        wanted=lambda: f"{moment_words(held.valid_from)} to {moment_words(held.valid_until)}",
    )
    return member.id


def judge_party_key(state: StateView, key: PublicKey, at: Moment, pointer: str) -> ObjectId:
    """P-4. A party's key counts while it is the party's present key, not revoked, and the enrolment is valid."""
    ended = endings(state.claim(claim_key(ClaimKind.REVOKED_KEY, key)))
    require(ended.revocation is None, SIGNER_KEY_REVOKED, pointer, seen=key)
    owner = state.claim(claim_key(ClaimKind.KEY, key))
    require(owner is not None, SIGNER_UNKNOWN, pointer, seen=key)
    assert owner is not None
    party = find_party(state, owner, pointer)
    require(
        party.key.key == key,
        SIGNER_KEY_SUPERSEDED,
        pointer,
        seen=key,
        wanted=party.key.key or "",
    )
    require_active(party, at, pointer)
    return party.id
