"""Records on their way to all their signatures."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_client.base.errors import IdentityError, InvalidInput, WrongRelease
from hanse_client.home.drafts import DRAFT_BYTES, Draft, SignaturesMissing, draft, subject_of
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.certificate.bodies import IssueCertificate
from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration
from hanse_ledger.kinds.invoice.bodies import CancelInvoice, IssueInvoice, RefuseInvoice
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import EnrolParty, KeyRevocation, RevokeKey, RotateKey
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, InstructPayment
from hanse_ledger.records.envelope import open_envelope, verify_envelope
from hanse_ledger.records.record import encode_record
from hanse_ledger.values import limits
from tests.world.corridor import story

LEDGER = bytes(range(32))
NOW = 1_790_000_000_000
SIGNERS = [Identity(f"signer {number}", bytes([number]) * 32, bytes(32)) for number in range(1, 4)]
INVOICE = bytes(32)


def draft_for(*signers: Identity) -> Draft:
    """Draft a cancellation that some identities must sign."""
    return draft(CancelInvoice(invoice=INVOICE), LEDGER, tuple(signer.public_key for signer in signers), NOW)


@given(st.permutations(range(3)), st.integers(0, 3))
def test_a_draft_travels_with_the_signatures_so_far(order: list[int], count: int) -> None:
    """Written as JSON and read again after any signatures in any order, a draft is the same."""
    made = draft_for(*SIGNERS)
    for place in order[:count]:
        made = made.sign(SIGNERS[place])
    back = Draft.from_json(made.to_json())
    assert back == made
    assert (back.id, back.complete) == (made.id, count == 3)
    assert set(back.missing) == {SIGNERS[place].public_key for place in order[count:]}


@given(st.permutations(range(3)))
def test_a_complete_draft_is_an_envelope_that_a_node_admits(order: list[int]) -> None:
    """In whatever order the signers sign, the envelope has their signatures in the record's order."""
    made = draft_for(*SIGNERS)
    for place in order:
        with pytest.raises(SignaturesMissing, match="missing") as caught:
            made.envelope()
        assert caught.value.draft == made
        made = made.sign(SIGNERS[place])
    signed = open_envelope(made.envelope())
    verify_envelope(signed)
    assert signed.id == made.id
    assert signed.record.signers == tuple(signer.public_key for signer in SIGNERS)


def test_each_draft_is_another_record() -> None:
    """Two drafts of one body have two ids, and expire an hour after they were made unless asked otherwise."""
    first, second = draft_for(SIGNERS[0]), draft_for(SIGNERS[0])
    assert first.id != second.id
    assert (first.record.created, first.record.expires) == (NOW, NOW + 3_600_000)
    longest = draft(CancelInvoice(invoice=INVOICE), LEDGER, (SIGNERS[0].public_key,), NOW, 2 * limits.EXPIRY_MS)
    assert longest.record.expires == NOW + limits.EXPIRY_MS


def test_a_draft_that_has_expired_is_told() -> None:
    """Nobody signs what no node would take; and one of another release is named."""
    made = draft_for(SIGNERS[0])
    made.need_time(made.record.expires - 1)
    with pytest.raises(InvalidInput, match="expired"):
        made.need_time(made.record.expires)
    with pytest.raises(WrongRelease, match=r"hanse\.draft/2.*newer"):
        Draft.from_json(b'{"@type":"hanse.draft/2"}')


def test_only_a_named_signer_signs() -> None:
    """An identity whose key the record does not name cannot add its signature."""
    with pytest.raises(IdentityError, match="does not name the key"):
        draft_for(SIGNERS[0]).sign(SIGNERS[1])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (CancelInvoice(invoice=b"short"), "/refs/0"),
        (RefuseInvoice(invoice=INVOICE, reasons=("lower case",)), "/body/reasons/0"),
        (RefuseInvoice(invoice=INVOICE, reasons=("A",) * 17), "/body/reasons"),
        (RevokeKey(compromised_since=-1, key=bytes(33), party=INVOICE, reason=KeyRevocation.COMPROMISE), ""),
        (CancelInvoice(invoice="text"), ""),  # type: ignore[arg-type]  # what a caller without a type checker sends
        (CancelInvoice(invoice=2**80), ""),  # type: ignore[arg-type]  # more than MessagePack can say
        (RotateKey(encryption_key=None, new_key=bytes(33), party=None), ""),  # type: ignore[arg-type]  # None where an id must stand
    ],
)
def test_a_body_out_of_bounds_is_refused_before_anybody_signs(body: Any, pointer: str) -> None:
    """What a node would call malformed is told to the caller at once, with its place."""
    with pytest.raises(InvalidInput) as caught:
        draft(body, LEDGER, (SIGNERS[0].public_key,), NOW)
    assert caught.value.pointer.startswith(pointer)


@pytest.mark.parametrize(
    "signers", [(), (SIGNERS[0].public_key,) * 2, (b"\x07" * 33,), tuple(bytes([1, n]) + bytes(31) for n in range(9))]
)
def test_signers_out_of_bounds_are_refused(signers: tuple[bytes, ...]) -> None:
    """None, too many, repeated or unknown keys are no signers."""
    with pytest.raises(InvalidInput):
        draft(CancelInvoice(invoice=INVOICE), LEDGER, signers, NOW)


def _json(**changes: Any) -> bytes:
    made = msgspec.json.decode(draft_for(*SIGNERS).sign(SIGNERS[0]).to_json())
    return msgspec.json.encode({**made, **changes})


def _signature(keyid: str, sig: bytes) -> list[dict[str, Any]]:
    return [{"key": keyid, "signature": sig}]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[" * 10_000,
        b"\xff",
        b'{"\xff":1}',
        bytes(DRAFT_BYTES + 1),
        _json(record=b"junk"),
        _json(**{"@type": "hanse.other/1"}),
        _json(more=1),
        _json(signatures=_signature("00", bytes(64))),
        _json(signatures=_signature(SIGNERS[0].public_key.hex(), bytes(64))),
        _json(signatures=_signature(SIGNERS[0].public_key.hex(), b"")),
        _json(signatures=msgspec.json.decode(_json())["signatures"] * 2),
    ],
)
def test_a_draft_from_elsewhere_is_checked(data: bytes) -> None:
    """A file that is no draft, or bears a signature that is not a signer's, is refused."""
    with pytest.raises(InvalidInput):
        Draft.from_json(data)


def test_the_subject_is_what_is_created_or_acted_on() -> None:
    """For each kind of record in the story, the object that a receipt names is the one that the ledger changed."""
    for signed in story().signed.values():
        body = signed.record.body
        creates = isinstance(body, EnrolParty | IssueInvoice | IssueCertificate | LodgeDeclaration | InstructPayment)
        named = subject_of(body, signed.id)
        assert named == created_id(signed.id) if creates else named in signed.record.refs
        if isinstance(body, ConfirmPayment):
            assert named == body.payment


def test_a_draft_of_a_record_keeps_its_bytes() -> None:
    """The payload of a draft is the record's canonical bytes."""
    made = draft_for(SIGNERS[0])
    assert encode_record(made.record) == made.payload
