"""Rules G-1 to G-5, M-1, M-2 and P-4: what is asked of every record, whatever its kind."""

from hashlib import sha256

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.block import Created, Exists
from hanse_ledger.kinds import KINDS, kind_of
from hanse_ledger.kinds.mandate.bodies import GrantMandate, MandateLimit
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.refusals import PAYMENT_NOT_CONFIRMED
from hanse_ledger.kinds.reasons import ALL, REASON_NAMED, rule_of
from hanse_ledger.kinds.refusals import (
    EXPIRED,
    EXPIRES_TOO_LATE,
    KEY_NOT_ADMITTED,
    SIGNATURE_INVALID,
    SIGNER_KEY_INACTIVE,
    SIGNER_KEY_REVOKED,
    SIGNER_KEY_SUPERSEDED,
    SIGNER_UNKNOWN,
    SUPERFLUOUS_SIGNER,
    WRONG_LEDGER,
)
from hanse_ledger.records.envelope import Signed, open_envelope, seal, verify_envelope
from hanse_ledger.records.record import encode_record
from hanse_ledger.transition import transition
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, Rejected
from hanse_ledger.values.keys import ML_DSA_44
from hanse_ledger.values.reasons import Reason
from hanse_ledger.wire.membership import MemberKey
from hanse_ledger.wire.part import Body
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Altered, Corridor, sign, story, traders
from tests.world.corridor_genesis import DAY, T0, YEAR, public
from tests.world.trade.pledging import pledging

OTHER_LEDGER = sha256(b"another ledger").digest()


def rotated() -> Corridor:
    """The buyer has replaced its key, the seller's key is revoked, and the brief one is a party for a day."""
    corridor = traders()
    corridor.submit(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    corridor.submit(corridor.make.revocation("seller", "seller"), "market")
    brief = replace(corridor.make.enrolment("brief", PartyRole.BUYER), valid_from=T0 + DAY, valid_until=T0 + 2 * DAY)
    corridor.submit(brief, "market", "brief", name="brief")
    corridor.submit(corridor.make.rotation("brief", "brief 2"), "brief", "brief 2", at=T0 + DAY)
    return corridor


STORY, ROTATED = story(), rotated()
NOW = ROTATED.next_time()
END = T0 + 3 * YEAR
ACCEPT = STORY.make.acceptance()
UNKNOWN = replace(ACCEPT, invoice=bytes(32))
BY_MEMBER = replace(STORY.make.certificate(), valid_from=END, valid_until=END + 1)
ROTATE = ROTATED.make.rotation("brief", "brief 3")

REFUSALS = [
    Refused(STORY, UNKNOWN, ("stranger",), SIGNER_UNKNOWN, "/signers/0"),
    Refused(STORY, UNKNOWN, ("buyer", "stranger"), SIGNER_UNKNOWN, "/signers/1"),
    # A key that another record introduces is nobody's in this one.
    Refused(STORY, STORY.make.enrolment("new"), ("market", "newer"), SIGNER_UNKNOWN, "/signers/1"),
    Refused(ROTATED, UNKNOWN, ("seller", "stranger"), SIGNER_KEY_REVOKED, "/signers/0"),
    Refused(ROTATED, UNKNOWN, ("agent", "buyer"), SIGNER_KEY_SUPERSEDED, "/signers/1"),
    Refused(ROTATED, UNKNOWN, ("brief",), SIGNER_KEY_SUPERSEDED, "/signers/0", T0 + 2 * DAY),
    Refused(ROTATED, UNKNOWN, ("brief 2",), PARTY_INACTIVE, "/signers/0", T0 + DAY - 1),
    Refused(ROTATED, UNKNOWN, ("brief 2",), PARTY_INACTIVE, "/signers/0", T0 + 2 * DAY),
    Refused(STORY, replace(BY_MEMBER, issuer="none"), ("chamber",), SIGNER_KEY_INACTIVE, "/signers/0", END),
    Refused(STORY, replace(BY_MEMBER, issuer="none"), ("chamber",), SIGNER_KEY_INACTIVE, "/signers/0", END + 1),
    Refused(STORY, replace(BY_MEMBER, issuer="none"), ("chamber",), SIGNER_KEY_INACTIVE, "/signers/0", T0 - 1),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_signers_are_judged_one_by_one_in_their_order(row: Refused) -> None:
    """M-1, M-2 and P-4 come before the rule of the kind, and name the signer's place."""
    try_row(row)


def test_who_signs_with_a_former_key_is_told_the_present_one() -> None:
    """P-4: so that whoever holds both signs with it."""
    error = ROTATED.refusal(UNKNOWN, "buyer")
    assert error is not None
    party = ROTATED.ledger.objects[ROTATED.id["buyer"]]
    assert isinstance(party, Party)
    assert party.key.key is not None
    assert (error.reason, error.wanted) == (SIGNER_KEY_SUPERSEDED, party.key.key.hex())


def test_a_mandate_that_is_not_needed_is_one_signer_too_many() -> None:
    """B-3 and G-5: who signs what it may sign itself names no mandate; it would sign as two."""
    corridor = traders()
    for name, who, body in (
        ("seller", {"party": corridor.id["seller"]}, corridor.make.invoice()),
        ("chamber", {"party": None, "member": "chamber"}, corridor.make.certificate()),
    ):
        mandate = corridor.grant_mandate(kinds=(kind_of(body).name,), **who)
        assert corridor.refusal(body, name) is None
        error = corridor.refusal(body, name, mandates=[mandate])
        assert error is not None
        assert error.pointer == "/signers"


def test_a_member_signs_for_itself_and_for_its_principal() -> None:
    """B-3: a pledge wants its bank and the seller; the bank that has the seller's mandate signs it alone."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    body = pledging(corridor)
    limit = MandateLimit(currency="EUR", each_minor=100_000, minor_digits=2, total_minor=100_000)
    said = replace(corridor.make.sample(GrantMandate), limit=limit, member="bank-cn", party=None)
    said = replace(said, kinds=(kind_of(body).name,), principal=corridor.id["seller"])
    mandate = corridor.submit(said, "seller")
    assert corridor.refusal(body, "bank-cn") is not None
    assert corridor.refusal(body, "bank-cn", mandates=[mandate]) is None


@pytest.mark.parametrize("at", [T0 + DAY, T0 + 2 * DAY - 1])
def test_party_signs_within_its_validity(at: int) -> None:
    """P-4: the first millisecond of an enrolment counts, and the last one before its end."""
    assert ROTATED.refusal(ROTATE, "brief 2", "brief 3", at=at) is None


@pytest.mark.parametrize("at", [T0, END - 1])
def test_member_signs_within_its_keys_validity(at: int) -> None:
    """M-2: the first millisecond of a key counts, and the last one before its end."""
    brief = replace(STORY.make.enrolment("new"), valid_until=END + 1)
    assert STORY.refusal(brief, "market", "new", at=at) is None


@pytest.mark.parametrize(
    ("signed", "reason", "pointer"),
    [
        (sign(UNKNOWN, "stranger", expires=NOW, ledger=OTHER_LEDGER), EXPIRED, "/expires"),
        (
            sign(UNKNOWN, "stranger", expires=NOW + limits.EXPIRY_MS + 1, ledger=OTHER_LEDGER),
            EXPIRES_TOO_LATE,
            "/expires",
        ),
        (sign(UNKNOWN, "stranger", expires=NOW + 1, ledger=OTHER_LEDGER), WRONG_LEDGER, "/ledger"),
        (sign(UNKNOWN, "stranger", expires=NOW + limits.EXPIRY_MS), SIGNER_UNKNOWN, "/signers/0"),
    ],
)
def test_time_and_ledger_come_first(signed: Signed, reason: Reason, pointer: str) -> None:
    """G-1 is judged before G-2, and both before anybody asks who signed."""
    with pytest.raises(Rejected) as caught:
        transition(ROTATED.ledger, signed, ROTATED.ledger.ledger, NOW)
    assert (caught.value.reason, caught.value.pointer) == (reason, pointer)


@pytest.mark.parametrize("expires", [NOW + 1, NOW + limits.EXPIRY_MS])
def test_expiry_has_two_ends(expires: int) -> None:
    """G-1 accepts a record a millisecond before it expires, and one that expires in exactly seven days."""
    signed = sign(ROTATED.make.enrolment("new"), "market", "new", expires=expires)
    assert transition(ROTATED.ledger, signed, ROTATED.ledger.ledger, NOW).objects


def test_known_record_answers_where_it_stands() -> None:
    """G-3: sent again, in the same group, later, or after its expiry, a record changes nothing and gives its place."""
    corridor = Corridor()
    signed = corridor.sign(corridor.make.enrolment("new"), "market", "new")
    created, exists = corridor.apply_all([signed, signed])
    before = corridor.head
    assert isinstance(created, Created)
    assert (created.position, exists) == (1, Exists(1))
    assert corridor.apply(signed, at=T0 + YEAR) == Exists(1)
    assert corridor.head == before


def resealed(signed: Signed, *signatures: bytes) -> Signed:
    """Give the record other signatures."""
    return open_envelope(seal(signed.envelope.payload, signatures))


def test_each_signature_is_verified_in_its_place() -> None:
    """G-4 names the place of the first signature that is not its signer's."""
    signed = sign(STORY.make.enrolment("new"), "market", "new")
    first, second = (signature.sig for signature in signed.envelope.signatures)
    verify_envelope(signed)
    for signatures, place in (((second, first), 0), ((first, first), 1), ((first, second[:-1]), 1), ((first, b""), 1)):
        with pytest.raises(Rejected) as caught:
            verify_envelope(resealed(signed, *signatures))
        assert caught.value.reason is SIGNATURE_INVALID
        assert caught.value.pointer == f"/signatures/{place}"


def test_signatures_are_none_missing_and_none_added() -> None:
    """An envelope with more or fewer signatures than signers is malformed."""
    signed = sign(STORY.make.enrolment("new"), "market", "new")
    first, second = (signature.sig for signature in signed.envelope.signatures)
    for signatures in ((first,), (first, second, second)):
        with pytest.raises(Malformed, match="signatures for 2 signers"):
            resealed(signed, *signatures)


def test_only_ed25519_signs() -> None:
    """G-4: a key of ML-DSA-44 is well formed, and verifies nothing yet."""
    signed = sign(STORY.make.certificate(), "chamber")
    record = replace(signed.record, signers=(bytes([ML_DSA_44]) + bytes(1312),))
    other = open_envelope(seal(encode_record(record), (signed.envelope.signatures[0].sig,)))
    with pytest.raises(Rejected) as caught:
        verify_envelope(other)
    assert (caught.value.reason, caught.value.pointer) == (KEY_NOT_ADMITTED, "/signers/0")


def test_two_keys_of_one_member_are_two_signers() -> None:
    """G-5 counts signatures, not organisations: what a rule does not ask for, a record does not carry."""
    chamber = STORY.ledger.membership.member("chamber")
    assert chamber is not None
    second = MemberKey(key=public("chamber 2"), valid_from=T0, valid_until=END)
    members = tuple(
        replace(member, keys=(*member.keys, second)) if member is chamber else member
        for member in STORY.ledger.membership.members
    )
    state = Altered(STORY.ledger, membership=replace(STORY.ledger.membership, members=members))
    body = STORY.make.certificate()
    assert STORY.refusal(body, "chamber 2", state=state) is None
    error = STORY.refusal(body, "chamber", "chamber 2", state=state)
    assert error is not None
    assert error.reason is SUPERFLUOUS_SIGNER


def test_signers_may_stand_in_any_order() -> None:
    """M-1 judges each key for itself: who must sign may sign first or last."""
    body: Body = STORY.make.enrolment("new")
    assert STORY.refusal(body, "new", "market") is None
    assert STORY.refusal(body, "market", "new") is None


def test_every_kind_has_its_rule() -> None:
    """Each kind of record has one rule's number, and no two kinds share one."""
    assert len({kind.number for kind in KINDS}) == len(KINDS)


def test_every_reason_is_explained() -> None:
    """Each reason has words and an action, and no two have the same value or the same words."""
    assert len(REASON_NAMED) == len({reason.message for reason in ALL}) == len(ALL)
    assert all(text.endswith(".") for reason in ALL for text in (reason.message, reason.action))


@pytest.mark.parametrize(
    ("kind", "reason", "pointer", "rule"),
    [
        ("invoice.issue", EXPIRED, "/expires", "G-1"),
        ("invoice.issue", WRONG_LEDGER, "/ledger", "G-2"),
        ("invoice.issue", SIGNATURE_INVALID, "/signatures/0", "G-4"),
        ("invoice.issue", SUPERFLUOUS_SIGNER, "/signers", "G-5"),
        ("invoice.issue", SIGNER_UNKNOWN, "/signers/0", "M-1"),
        ("invoice.issue", SIGNER_KEY_INACTIVE, "/signers/0", "M-2"),
        ("invoice.issue", SIGNER_KEY_SUPERSEDED, "/signers/0", "P-4"),
        ("invoice.issue", PARTY_INACTIVE, "/signers/0", "P-4"),
        ("invoice.issue", PARTY_INACTIVE, "/body/seller", "I-1"),
        ("payment.return", PAYMENT_NOT_CONFIRMED, "/body/payment", "S-3"),
    ],
)
def test_refusal_names_its_rule(kind: str, reason: Reason, pointer: str, rule: str) -> None:
    """The number in a refusal is that of the rule whose requirement is broken."""
    assert rule_of(kind, reason, pointer) == rule
