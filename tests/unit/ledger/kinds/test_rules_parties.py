"""Rules P-1 to P-3: enrolment, rotation and revocation."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.block import Created
from hanse_ledger.kinds.bundle.rules import StateAfter
from hanse_ledger.kinds.claims import ClaimKind, claim_key, ended_claim
from hanse_ledger.kinds.ended import COUNT_BYTES, ended_count
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.member.refusals import MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.object import created_id, step_seed
from hanse_ledger.kinds.party.bodies import PartyRole, RevokeKey
from hanse_ledger.kinds.party.refusals import (
    COMPROMISE_IN_FUTURE,
    KEY_ALREADY_REVOKED,
    KEY_NOT_OF_PARTY,
    KEY_TAKEN,
    NOT_ENROLLING_MEMBER,
    NOT_KEY_HOLDER,
    NOT_PARTY_OR_ENROLLER,
    PARTY_UNKNOWN,
    REPAIRER_IS_ENROLLER,
    REPAIRER_IS_OPERATOR,
    ROLES_NOT_SORTED,
    TOO_MANY_KEYS,
    VALIDITY_EMPTY,
    VALIDITY_PAST,
)
from hanse_ledger.kinds.party.state import Party, PartyKey, PartyLinks, PartyStatus
from hanse_ledger.kinds.refusals import SIGNER_KEY_REVOKED, SUPERFLUOUS_SIGNER
from hanse_ledger.values import limits
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.endings import Endings, endings
from tests.tables.proofs import ProofMaker
from tests.tables.refusals import Refused, names_of, try_row
from tests.tables.verifying import check
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_bodies import a_cosigner, change
from tests.world.corridor_genesis import DAY, T0, YEAR, public
from tests.world.departures import KEYS_END, after, let_keys_end, suspend


def rotated() -> Corridor:
    """The buyer has replaced its key twice; the first one is revoked, the second one is not."""
    corridor = traders()
    corridor.submit(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    corridor.submit(corridor.make.rotation("buyer", "buyer 3"), "buyer 2", "buyer 3")
    corridor.submit(corridor.make.revocation("buyer", "buyer"), "market")
    return corridor


def worn_out() -> Corridor:
    """The buyer has replaced its key as often as it may, all in one group."""
    corridor = traders()
    names = ["buyer", *(f"buyer {number}" for number in range(1, limits.ROTATIONS + 1))]
    records = [corridor.sign(corridor.make.rotation("buyer", new), old, new) for old, new in pairwise(names)]
    assert all(isinstance(outcome, Created) for outcome in corridor.apply_all(records))
    return corridor


def operated() -> Corridor:
    """The market has become the one operator; the buyer is with the chamber, and the market is its second member."""
    corridor = traders()
    corridor.submit(corridor.make.move("buyer", "chamber", "market"), "chamber", "market", "buyer")
    corridor.change_members(change(cosigners=[a_cosigner("market")], removed=["operator"]))
    corridor.submit(corridor.make.readiness("market"), "market cosigner")
    return corridor


OPERATED = operated()
STORY, ROTATED, WORN_OUT = story(), rotated(), worn_out()
LAST = f"buyer {limits.ROTATIONS}"
SUSPENDED = after(story(), (suspend, "bank-cn"))
KEYLESS = after(story(), (let_keys_end, "bank-cn"))
NOW = STORY.next_time()
NEW = STORY.make.enrolment("new")
NO_ROLES = replace(NEW, roles=())
ROTATE = STORY.make.rotation("buyer", "new")
REVOKE = STORY.make.revocation("buyer", "buyer")
AGAIN = ROTATED.make.revocation("buyer", "buyer")
IN_FUTURE = NOW + DAY

ENROL = [
    Refused(STORY, replace(NO_ROLES, member="nobody"), ("chamber",), MEMBER_UNKNOWN, "/body/member"),
    Refused(SUSPENDED, replace(NO_ROLES, member="bank-cn"), ("chamber",), MEMBER_SUSPENDED, "/body/member"),
    Refused(
        KEYLESS,
        replace(NO_ROLES, member="bank-cn"),
        ("chamber",),
        MEMBER_WITHOUT_KEY,
        "/body/member",
        KEYS_END,
    ),
    Refused(STORY, replace(NO_ROLES, key=public("seller")), ("chamber", "seller"), NOT_ENROLLING_MEMBER, "/signers"),
    Refused(STORY, NO_ROLES, ("new",), NOT_ENROLLING_MEMBER, "/signers"),
    Refused(STORY, replace(NO_ROLES, key=public("seller")), ("market",), KEY_TAKEN, "/body/key"),
    Refused(STORY, replace(NEW, key=public("seller")), ("market", "seller"), KEY_TAKEN, "/body/key"),
    Refused(STORY, replace(NEW, key=public("chamber")), ("market", "chamber"), KEY_TAKEN, "/body/key"),
    Refused(ROTATED, replace(NEW, key=public("buyer 2")), ("market",), KEY_TAKEN, "/body/key"),
    Refused(ROTATED, replace(NEW, key=public("buyer")), ("market",), KEY_TAKEN, "/body/key"),
    Refused(STORY, NO_ROLES, ("market",), NOT_KEY_HOLDER, "/signers"),
    Refused(STORY, NEW, ("market", "seller"), NOT_KEY_HOLDER, "/signers"),
    Refused(STORY, NO_ROLES, ("market", "new", "chamber"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, NEW, ("market", "new", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, replace(NO_ROLES, valid_until=T0), ("market", "new"), ROLES_NOT_SORTED, "/body/roles"),
    Refused(
        STORY,
        replace(NEW, roles=(PartyRole.SELLER, PartyRole.BUYER)),
        ("market", "new"),
        ROLES_NOT_SORTED,
        "/body/roles",
    ),
    Refused(
        STORY,
        replace(NEW, roles=(PartyRole.BUYER, PartyRole.BUYER)),
        ("new", "market"),
        ROLES_NOT_SORTED,
        "/body/roles",
    ),
    Refused(STORY, replace(NEW, valid_until=T0), ("market", "new"), VALIDITY_EMPTY, "/body/valid_until"),
    Refused(STORY, replace(NEW, valid_until=T0 - 1), ("market", "new"), VALIDITY_EMPTY, "/body/valid_until"),
    Refused(STORY, replace(NEW, valid_until=NOW - 1), ("market", "new"), VALIDITY_PAST, "/body/valid_until"),
    Refused(
        STORY,
        replace(NEW, repair="nobody", valid_until=NOW),
        ("market", "new"),
        VALIDITY_PAST,
        "/body/valid_until",
    ),
    Refused(STORY, replace(NEW, repair="nobody"), ("market", "new"), MEMBER_UNKNOWN, "/body/repair"),
    Refused(SUSPENDED, replace(NEW, repair="bank-cn"), ("market", "new"), MEMBER_SUSPENDED, "/body/repair"),
    Refused(KEYLESS, replace(NEW, repair="bank-cn"), ("market", "new"), MEMBER_WITHOUT_KEY, "/body/repair", KEYS_END),
    Refused(OPERATED, replace(NEW, repair="market"), ("market", "new"), REPAIRER_IS_ENROLLER, "/body/repair"),
    Refused(
        OPERATED,
        replace(NEW, member="chamber", repair="market"),
        ("chamber", "new"),
        REPAIRER_IS_OPERATOR,
        "/body/repair",
    ),
]

ROTATION = [
    Refused(STORY, replace(ROTATE, party=bytes(32)), ("chamber",), PARTY_UNKNOWN, "/body/party"),
    Refused(STORY, replace(ROTATE, party=STORY.id["invoice"]), ("buyer",), PARTY_UNKNOWN, "/body/party"),
    Refused(STORY, replace(ROTATE, new_key=public("agent")), ("seller",), NOT_KEY_HOLDER, "/signers"),
    Refused(STORY, ROTATE, ("market", "new"), NOT_KEY_HOLDER, "/signers"),
    Refused(STORY, ROTATE, ("new",), NOT_KEY_HOLDER, "/signers"),
    Refused(STORY, replace(ROTATE, new_key=public("agent")), ("buyer",), KEY_TAKEN, "/body/new_key"),
    Refused(STORY, replace(ROTATE, new_key=public("buyer")), ("buyer",), KEY_TAKEN, "/body/new_key"),
    Refused(STORY, replace(ROTATE, new_key=public("market")), ("buyer", "market"), KEY_TAKEN, "/body/new_key"),
    Refused(ROTATED, ROTATED.make.rotation("buyer", "buyer 2"), ("buyer 3",), KEY_TAKEN, "/body/new_key"),
    Refused(STORY, ROTATE, ("buyer",), NOT_KEY_HOLDER, "/signers"),
    Refused(STORY, ROTATE, ("buyer", "agent"), NOT_KEY_HOLDER, "/signers"),
    Refused(STORY, ROTATE, ("buyer", "new", "market"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(WORN_OUT, WORN_OUT.make.rotation("buyer", "new"), (LAST, "new"), TOO_MANY_KEYS, "/body/party"),
]

REVOCATION = [
    Refused(STORY, replace(REVOKE, party=bytes(32)), ("chamber",), PARTY_UNKNOWN, "/body/party"),
    Refused(STORY, replace(REVOKE, key=public("new")), ("chamber",), NOT_PARTY_OR_ENROLLER, "/signers"),
    Refused(STORY, REVOKE, ("seller",), NOT_PARTY_OR_ENROLLER, "/signers"),
    Refused(STORY, replace(REVOKE, key=public("new")), ("market", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(
        STORY,
        replace(REVOKE, key=public("new"), compromised_since=IN_FUTURE),
        ("market",),
        KEY_NOT_OF_PARTY,
        "/body/key",
    ),
    Refused(STORY, replace(REVOKE, key=public("seller")), ("market",), KEY_NOT_OF_PARTY, "/body/key"),
    Refused(STORY, replace(REVOKE, key=public("market")), ("buyer",), KEY_NOT_OF_PARTY, "/body/key"),
    Refused(
        ROTATED,
        replace(AGAIN, compromised_since=IN_FUTURE),
        ("buyer 3",),
        KEY_ALREADY_REVOKED,
        "/body/key",
    ),
    Refused(
        STORY,
        replace(REVOKE, compromised_since=NOW + 1),
        ("buyer",),
        COMPROMISE_IN_FUTURE,
        "/body/compromised_since",
    ),
]

REFUSALS = ENROL + ROTATION + REVOCATION


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def party_of(corridor: Corridor, name: str) -> Party:
    """Give a party as it stands."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Party)
    return found


def test_enrolment_creates_a_party_and_claims_its_key() -> None:
    """P-1 makes a party of exactly what the record says, and the key's claim names it."""
    corridor = Corridor()
    body = corridor.make.enrolment("new", PartyRole.BUYER, PartyRole.SELLER)
    name = corridor.submit(body, "market", "new", name="new")
    signed = corridor.signed["new"]
    assert name == created_id(signed.id)
    assert corridor.ledger.objects == {
        name: Party(
            id=name,
            seed=step_seed(signed.record.nonce),
            history=NO_HISTORY.after(signed.id),
            key=PartyKey(encryption_key=body.encryption_key, key=public("new"), open_repair=None, replaced=None),
            links=PartyLinks(member="market", repair="chamber"),
            status=PartyStatus(
                roles=(PartyRole.BUYER, PartyRole.SELLER),
                suspended=False,
                valid_from=body.valid_from,
                valid_until=body.valid_until,
            ),
        )
    }
    assert corridor.ledger.claims == {claim_key(ClaimKind.KEY, public("new")): name}


def test_any_member_may_enrol() -> None:
    """P-1 asks for no role: a bank may enrol its own customers, and only it and they may revoke their keys."""
    corridor = Corridor()
    corridor.enrol("new", PartyRole.BUYER, member="bank-cn")
    error = corridor.refusal(corridor.make.revocation("new", "new"), "market")
    assert error is not None
    assert error.reason is NOT_PARTY_OR_ENROLLER
    assert corridor.refusal(corridor.make.revocation("new", "new"), "bank-cn") is None


def test_enrolment_may_begin_later() -> None:
    """P-1 accepts a validity that has not begun, and one that lasts a millisecond longer than now."""
    late = replace(NEW, valid_from=NOW + DAY, valid_until=NOW + YEAR)
    short = replace(NEW, valid_until=NOW + 1)
    assert STORY.refusal(late, "market", "new") is None
    assert STORY.refusal(short, "new", "market") is None


def test_rotation_replaces_the_key_and_keeps_the_claim_to_the_old_one() -> None:
    """P-2 leaves the encryption key as it was, and the old key stays taken for ever."""
    corridor = traders()
    before = party_of(corridor, "buyer")
    corridor.submit(corridor.make.rotation("buyer", "buyer 2"), "buyer 2", "buyer")
    after = party_of(corridor, "buyer")
    assert after == replace(before, key=replace(before.key, key=public("buyer 2")), history=after.history)
    assert after.history.count == before.history.count + 1
    for key in ("buyer", "buyer 2"):
        assert corridor.ledger.claim(claim_key(ClaimKind.KEY, public(key))) == before.id


def test_the_claim_of_an_ended_key_names_the_records_that_ended_it() -> None:
    """A replaced key's claim names the rotation, and after its revocation that too; a key in use has no such claim."""
    corridor = traders()
    rotation = corridor.sign(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    corridor.apply(rotation)
    claim = claim_key(ClaimKind.REVOKED_KEY, public("buyer"))
    assert endings(corridor.ledger.claim(claim)) == Endings(rotation.id, None)
    assert corridor.ledger.claim(claim_key(ClaimKind.REVOKED_KEY, public("buyer 2"))) is None
    revocation = corridor.sign(corridor.make.revocation("buyer", "buyer"), "market")
    corridor.apply(revocation)
    assert endings(corridor.ledger.claim(claim)) == Endings(rotation.id, revocation.id)
    error = corridor.refusal(corridor.make.revocation("buyer", "buyer"), "market")
    assert error is not None
    assert error.reason is KEY_ALREADY_REVOKED


@pytest.mark.parametrize("value", [b"", bytes(31), bytes(33), bytes(65)])
def test_a_claim_of_another_length_says_nothing(value: bytes) -> None:
    """What is no value of the claim is refused, whoever proves it."""
    with pytest.raises(ProofInvalid):
        endings(value)


def test_revoking_the_present_key_leaves_the_party_without_one() -> None:
    """P-3 by the party itself: the key is gone, its claim names the revoking record, and nobody can sign any more."""
    corridor = traders()
    signed = corridor.sign(corridor.make.revocation("buyer", "buyer"), "buyer")
    corridor.apply(signed)
    assert party_of(corridor, "buyer").key.key is None
    assert corridor.ledger.claim(claim_key(ClaimKind.REVOKED_KEY, public("buyer"))) == signed.id
    error = corridor.refusal(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    assert error is not None
    assert error.reason is SIGNER_KEY_REVOKED


def test_revoking_a_former_key_keeps_the_present_one() -> None:
    """P-3 for a key that was rotated away only marks it."""
    assert party_of(ROTATED, "buyer").key.key == public("buyer 3")
    assert ROTATED.ledger.claim(claim_key(ClaimKind.REVOKED_KEY, public("buyer"))) is not None
    former = RevokeKey(
        compromised_since=ROTATED.next_time(),
        key=public("buyer 2"),
        party=ROTATED.id["buyer"],
        reason=REVOKE.reason,
    )
    assert ROTATED.refusal(former, "buyer 3") is None
    assert ROTATED.refusal(replace(former, compromised_since=None), "market") is None


@pytest.mark.parametrize("reverse", [False, True])
def test_the_present_key_stays_whichever_is_the_greater(reverse: bool) -> None:
    """P-3 tells keys apart, and does not order them."""
    corridor = traders()
    former, present = sorted(("buyer 2", "buyer 3"), key=public, reverse=reverse)
    corridor.submit(corridor.make.rotation("buyer", former), "buyer", former)
    corridor.submit(corridor.make.rotation("buyer", present), former, present)
    corridor.submit(replace(REVOKE, key=public(former), party=corridor.id["buyer"], compromised_since=None), present)
    assert party_of(corridor, "buyer").key.key == public(present)


def test_rotations_are_counted_for_each_party() -> None:
    """P-2 lets a party replace its key 128 times, and another one's are not counted for it; what it signs goes on."""
    assert WORN_OUT.ledger.claim(ended_claim(WORN_OUT.id["buyer"], WORN_OUT.id["buyer"])) == bytes([0, 0, 0, 128])
    assert WORN_OUT.refusal(WORN_OUT.make.rotation("seller", "new"), "seller", "new") is None
    corridor = worn_out()
    corridor.issue_invoice()
    corridor.submit(corridor.make.acceptance("invoice"), LAST)
    proof = ProofMaker(corridor).proof(corridor.id["invoice"])
    assert len(proof.records) == limits.ROTATIONS + 4
    assert check(proof).verdict is Verdict.VALID


def test_each_replacement_of_a_key_is_counted() -> None:
    """P-2, up to the bound; a party that is beyond it, by the bound of another version, replaces no more either."""
    claim = ended_claim(ROTATED.id["buyer"], ROTATED.id["buyer"])
    corridor = rotated()
    assert ended_count(corridor.ledger, claim) == 2
    beyond = StateAfter(corridor.ledger)
    beyond.claims[claim] = (limits.ROTATIONS + 1).to_bytes(COUNT_BYTES, "big")
    body, at = corridor.make.rotation("buyer", "new"), corridor.next_time()
    try_row(Refused(corridor, body, ("buyer 3", "new"), TOO_MANY_KEYS, "/body/party", at, beyond))
