"""A refusal that a node has signed: what it proves, what it does not, and how a false one is told."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_client.verify.offline import verify_file
from hanse_ledger.kinds.invoice.bodies import CancelInvoice
from hanse_ledger.misbehaviour.refusalfile import (
    FORMAT,
    MARK,
    RefusalFile,
    RefusalStatement,
    SignedRefusal,
    check_refusal,
    read_signed,
    refusal_file,
    statement_message,
)
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.envelope import open_envelope, seal
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.jsonform import encode_json
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import ledger_id
from tests.world.node_ledger import COSIGN, GENESIS, LOG, START, digest, key_of, make_genesis, sign

TRUST = TrustFile(GENESIS)
RECORD = sign(CancelInvoice(invoice=digest("invoice")), key_of("seller"), key_of("bank"))
OTHER = sign(CancelInvoice(invoice=digest("other")), key_of("seller"), key_of("bank"))
ENVELOPE = encode(RECORD.envelope)
STATEMENT = RefusalStatement(
    code="invoice-pledged",
    height=7,
    ledger=TRUST.ledger,
    member="market",
    pointer="/body/invoice",
    record=RECORD.id,
    root=digest("root"),
    rule="I-4",
    seen="ab" * 32,
    size=20,
    time=START + 60_000,
    wanted="",
)
NODE = SigningKey(COSIGN)


def made(statement: RefusalStatement = STATEMENT, envelope: bytes = ENVELOPE, key: SigningKey = NODE) -> bytes:
    """Make a file, as a node signs a statement and whoever was refused adds the record."""
    signature = key.sign(statement_message(statement)).signature
    return refusal_file(envelope, SignedRefusal(signature=signature, statement=statement))


GOOD = made()


def test_a_refusal_says_who_refused_what_and_that_it_is_one_word() -> None:
    """It is never valid without warnings: nothing in it shows that the rules refuse the record."""
    assert GOOD.startswith(MARK)
    report = verify_file(GOOD, TRUST, START)
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    assert report.detail.startswith("the node of market refused the record (invoice.cancel) by rule I-4: ")
    assert [step.passed for step in report.steps] == [True, True, True]
    assert RECORD.id.hex() in report.established[0]
    assert digest("root").hex() in report.established[1]
    assert "I-4 and the reason invoice-pledged (/body/invoice); seen: abab" in report.established[2]
    assert any(sentence.startswith("that what the node said is so") for sentence in report.not_established)
    assert key_of("bank").verify_key.encode().hex() in report.keys[1]
    assert "word of the node of market alone" in report.warnings[0]
    assert report.as_of is None
    assert not report.subjects


def test_a_reason_of_another_release_is_told_by_its_code() -> None:
    """Reasons are never renamed, and new ones come."""
    report = check_refusal(made(replace(STATEMENT, code="not-yet-known", rule="Z-99", pointer="", seen="")), TRUST)
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    assert report.detail.endswith("by rule Z-99: not-yet-known")
    assert "not-yet-known; seen: -; wanted: -" in report.established[2]


def _changed(**fields: object) -> bytes:
    """Change what is stated, and leave the node's signature."""
    file = RefusalFile(
        envelope=ENVELOPE,
        signature=NODE.sign(statement_message(STATEMENT)).signature,
        statement=replace(STATEMENT, **fields),
    )
    return encode_json(file)


def _stripped() -> bytes:
    """Put another's signature in the place of the bank's."""
    seller = RECORD.envelope.signatures[0].sig
    return seal(RECORD.envelope.payload, (seller, seller))


LIES: dict[str, tuple[bytes, Verdict, str]] = {
    "of another ledger": (made(replace(STATEMENT, ledger=digest("x"))), Verdict.TAMPERED, "for another ledger"),
    "by another rule": (_changed(rule="I-5"), Verdict.TAMPERED, "signature"),
    "for another reason": (_changed(code="invoice-paid"), Verdict.TAMPERED, "signature"),
    "at another time": (_changed(time=START), Verdict.TAMPERED, "signature"),
    "under another head": (_changed(root=digest("y")), Verdict.TAMPERED, "signature"),
    "of another record": (_changed(record=OTHER.id), Verdict.TAMPERED, "another record"),
    "with another record": (made(envelope=encode(OTHER.envelope)), Verdict.TAMPERED, "another record"),
    "with a false signature on the record": (made(envelope=_stripped()), Verdict.TAMPERED, "signature-invalid"),
    "with no record": (made(envelope=b"\x80"), Verdict.TAMPERED, "envelope"),
    "signed with the node's other key": (made(key=SigningKey(LOG)), Verdict.TAMPERED, "signature"),
    "signed as a stranger": (made(replace(STATEMENT, member="nobody")), Verdict.UNKNOWN_ISSUER, "nobody"),
    "by a rule that gives no such reason": (made(replace(STATEMENT, rule="S-1")), Verdict.TAMPERED, "rule S-1"),
    "of another release": (GOOD.replace(FORMAT.encode(), b"hanse.refusal/9"), Verdict.UNSUPPORTED_FORMAT, "newer"),
    "saved by an editor": (GOOD + b"\n", Verdict.UNSUPPORTED_FORMAT, "end"),
    "with a field more": (GOOD[:-1] + b',"z":1}', Verdict.TAMPERED, "refusal"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_false_refusal_is_told(name: str) -> None:
    """Each in its words, and none by an exception."""
    data, verdict, words = LIES[name]
    report = check_refusal(data, TRUST)
    assert (report.verdict, words in report.detail) == (verdict, True), report.detail
    assert not report.steps[-1].passed


def test_no_bit_of_a_refusal_can_be_turned() -> None:
    """Whatever is changed on the way, it is not what the node has signed."""
    for place in range(0, len(GOOD), 7):
        changed = GOOD[:place] + bytes([GOOD[place] ^ 1]) + GOOD[place + 1 :]
        assert check_refusal(changed, TRUST).verdict is not Verdict.VALID_WITH_WARNINGS, place


def test_another_ledger_s_trust_file_knows_nobody_in_it() -> None:
    """A refusal of one ledger says nothing to who trusts another one."""
    assert check_refusal(GOOD, TrustFile(make_genesis("another"))).verdict is Verdict.UNKNOWN_ISSUER


def test_what_a_record_signs_is_no_statement() -> None:
    """The node's key signs other things too: none of them begins as a statement does."""
    message = statement_message(STATEMENT)
    assert message.startswith(b"DSSEv1 34 application/vnd.hanse.refusal+json ")
    assert open_envelope(ENVELOPE).record.ledger == ledger_id(GENESIS)
    signed = SignedRefusal(signature=bytes(64), statement=STATEMENT)
    assert read_signed(encode_json(signed)) == signed


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda _: b"{}", lambda data: data + b" " * 40_000])
def test_what_is_no_statement_is_not_read(change: Callable[[bytes], bytes]) -> None:
    """What a node gives is bounded and of one form."""
    data = encode_json(SignedRefusal(signature=bytes(64), statement=STATEMENT))
    with pytest.raises(Malformed):
        read_signed(change(data))
