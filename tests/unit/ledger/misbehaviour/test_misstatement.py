"""Misstatements: a signed block that does not follow is proven from a part of the state, and nothing else is."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from hanse_client import verify_file
from hanse_ledger.blocks.replay import replay
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.steps import created_by_step, step_of
from hanse_ledger.kinds.pledge.bodies import CreatePledge, PayOutPledge
from hanse_ledger.misbehaviour.accusing import accusation
from hanse_ledger.misbehaviour.misstatement import Misstatement, misstated, read_misstatement, write_misstatement
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from tests.world.accusers import accuse_block
from tests.world.corridor import Corridor, story
from tests.world.corridor_genesis import DAY, GENESIS, T0, YEAR, public
from tests.world.trade.pledging import pledging

AT = T0 + YEAR // 4


def accusing(corridor: Corridor, change: Callable[[list[bytes]], list[bytes]]) -> Misstatement:
    """Have the operator sign a log whose last block was changed, and put it into evidence."""
    last = corridor.blocks[-1]
    before = corridor.entries[: last.entries[0].position]
    return accuse_block(corridor, replay(GENESIS, before), before, change([row.data for row in last.entries]))


def another_root(block: list[bytes]) -> list[bytes]:
    """State another root of the objects."""
    entry = decode_entry(block[-1])
    assert isinstance(entry, StateEntry)
    return [*block[:-1], encode(replace(entry, payload=replace(entry.payload, objects_root=bytes(32))))]


def another_claims_root(block: list[bytes]) -> list[bytes]:
    """State another root of the claims."""
    entry = decode_entry(block[-1])
    assert isinstance(entry, StateEntry)
    return [*block[:-1], encode(replace(entry, payload=replace(entry.payload, claims_root=bytes(32))))]


def honest(block: list[bytes]) -> list[bytes]:
    """Change nothing."""
    return block


def told() -> Corridor:
    """A whole trade."""
    return story()


def cancelled() -> Corridor:
    """An invoice was cancelled in the last block: its claims went."""
    corridor = story()
    corridor.issue_invoice(7, name="seventh")
    corridor.submit(corridor.make.cancellation("seventh"), "seller")
    return corridor


def enrolled() -> Corridor:
    """The last block enrolled a party: an object and a claim more."""
    corridor = story()
    corridor.enrol("late")
    return corridor


def rotated() -> Corridor:
    """The last block holds several records, one on the other."""
    corridor = story()
    at = corridor.next_time()
    enrolment = corridor.sign(corridor.make.enrolment("a"), "market", "a")
    invoice = corridor.sign(corridor.make.invoice(9), "seller")
    rotation = corridor.sign(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    corridor.apply_all([enrolment, invoice, rotation], at)
    return corridor


def ready() -> tuple[Corridor, CreatePledge, PayOutPledge]:
    """An invoice is accepted: give its pledge, and what the bank will have paid out on it, as steps of one record."""
    corridor = story()
    corridor.issue_invoice(7, name="seventh")
    corridor.accept_invoice("seventh")
    payout = replace(corridor.make.sample(PayOutPledge), pledge=created_by_step(0))
    return corridor, pledging(corridor, invoice="seventh", number=7), payout


def bundled() -> Corridor:
    """The last block holds a pledge with its payout: one record, two steps."""
    corridor, pledge, payout = ready()
    corridor.submit(TakeSteps(steps=(step_of(pledge), step_of(payout))), "bank-cn", "seller")
    return corridor


STORIES = [told, cancelled, enrolled, rotated, bundled]
TRUST = read_trust(told().trust)


@pytest.mark.parametrize("make", STORIES)
@pytest.mark.parametrize("change", [another_root, another_claims_root])
def test_a_wrong_root_is_proven(make: Callable[[], Corridor], change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Whatever the block did, another root than follows is shown from a part of the state, and names the signer."""
    data = write_misstatement(accusing(make(), change))
    report = verify_file(data, TRUST, AT)
    assert report.verdict is Verdict.VALID, report
    assert report.detail.startswith("operator signed what does not follow: the entry at position")
    assert accusation(data, TRUST).members == ("operator",)


@pytest.mark.parametrize("make", STORIES)
def test_what_follows_is_no_evidence(make: Callable[[], Corridor]) -> None:
    """The block as the rules write it proves nothing against anybody."""
    evidence = accusing(make(), honest)
    with pytest.raises(ProofInvalid, match="is what the rules write"):
        misstated(evidence, TRUST)
    assert verify_file(write_misstatement(evidence), TRUST, AT).verdict is Verdict.TAMPERED


def test_a_record_that_the_rules_refuse_is_proven() -> None:
    """A certificate that the seller signs is in the log of who signs for it."""
    corridor = story()
    corridor.issue_invoice(7, name="seventh")

    def forge(block: list[bytes]) -> list[bytes]:
        entry = decode_entry(block[0])
        assert isinstance(entry, RecordEntry)
        forged = corridor.sign(corridor.make.certificate(), "seller", at=entry.time)
        return [encode(replace(entry, payload=forged.envelope)), *block[1:]]

    report = verify_file(write_misstatement(accusing(corridor, forge)), TRUST, AT)
    assert report.verdict is Verdict.VALID
    assert "not-origin-issuer" in report.detail


def test_a_bundle_of_which_a_step_is_refused_is_proven() -> None:
    """Its first step stands, and its second one pays out more than is pledged: nothing of it may be in the log."""
    corridor, pledge, payout = ready()
    corridor.issue_invoice(8, name="eighth")
    steps = (step_of(pledge), step_of(replace(payout, amount_minor=100_001)))

    def forge(block: list[bytes]) -> list[bytes]:
        entry = decode_entry(block[0])
        assert isinstance(entry, RecordEntry)
        forged = corridor.sign(TakeSteps(steps=steps), "bank-cn", "seller", at=entry.time)
        return [encode(replace(entry, payload=forged.envelope)), *block[1:]]

    report = verify_file(write_misstatement(accusing(corridor, forge)), TRUST, AT)
    assert report.verdict is Verdict.VALID
    assert "paid-out-too-much" in report.detail


def test_a_record_that_is_not_signed_is_proven() -> None:
    """So is one with another's signature."""
    corridor = story()
    corridor.issue_invoice(7, name="seventh")

    def forge(block: list[bytes]) -> list[bytes]:
        entry = decode_entry(block[0])
        assert isinstance(entry, RecordEntry)
        other = corridor.sign(corridor.make.invoice(8), "seller").envelope
        envelope = replace(entry.payload, signatures=other.signatures)
        return [encode(replace(entry, payload=envelope)), *block[1:]]

    assert "is not signed" in verify_file(write_misstatement(accusing(corridor, forge)), TRUST, AT).detail


def test_a_time_that_runs_back_is_proven() -> None:
    """A block may not be older than the one before it."""
    corridor = story()

    def back(block: list[bytes]) -> list[bytes]:
        entries = [decode_entry(data) for data in block]
        return [encode(replace(entry, time=entry.time - DAY)) for entry in entries]

    assert "lies before" in verify_file(write_misstatement(accusing(corridor, back)), TRUST, AT).detail


EVIDENCE = accusing(cancelled(), another_root)
FIRST_OBJECT, *MORE_OBJECTS = EVIDENCE.objects
FIRST_CLAIM, *MORE_CLAIMS = EVIDENCE.claims


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        (replace(EVIDENCE, ledger=bytes(32)), Verdict.UNKNOWN_ISSUER),
        (replace(EVIDENCE, peaks=EVIDENCE.peaks[::-1]), Verdict.TAMPERED),
        (replace(EVIDENCE, peaks=EVIDENCE.peaks[1:]), Verdict.TAMPERED),
        (replace(EVIDENCE, path=EVIDENCE.path[:-1]), Verdict.TAMPERED),
        (replace(EVIDENCE, entries=(EVIDENCE.entries[0], *EVIDENCE.entries)), Verdict.TAMPERED),
        (replace(EVIDENCE, entries=EVIDENCE.entries[1:] * 2), Verdict.TAMPERED),
        (replace(EVIDENCE, objects=()), Verdict.CANNOT_CHECK),
        (replace(EVIDENCE, claims=(), inner=()), Verdict.CANNOT_CHECK),
        (replace(EVIDENCE, claims=()), Verdict.TAMPERED),
        (replace(EVIDENCE, inner=()), Verdict.CANNOT_CHECK),
        (replace(EVIDENCE, objects=(replace(EVIDENCE.objects[0], number=1), *EVIDENCE.objects[1:])), Verdict.TAMPERED),
        (
            replace(EVIDENCE, objects=(replace(EVIDENCE.objects[0], value=b"x"), *EVIDENCE.objects[1:])),
            Verdict.TAMPERED,
        ),
        (replace(EVIDENCE, claims=(replace(EVIDENCE.claims[0], value=b"x"), *EVIDENCE.claims[1:])), Verdict.TAMPERED),
    ],
)
def test_what_does_not_hold_proves_nothing(changed: Misstatement, wanted: Verdict) -> None:
    """Another ledger, a part left out or put elsewhere: never valid, and "cannot check" where a part is missing."""
    report = verify_file(write_misstatement(changed), TRUST, AT)
    assert report.verdict is wanted, report


def test_every_changed_byte_is_noticed() -> None:
    """No byte of the file can be changed and leave it valid, but for those that say the same."""
    data = write_misstatement(accusing(told(), another_root))
    for place in range(0, len(data), 11):
        changed = bytearray(data)
        changed[place] ^= 1
        report = verify_file(bytes(changed), TRUST, AT)
        assert report.verdict is not Verdict.VALID, place


def test_only_the_form_of_the_page_is_read() -> None:
    """Not canonical, or of another format: malformed."""
    data = write_misstatement(EVIDENCE)
    for wrong in (data + b" ", data.replace(b"misstatement/2", b"misstatement/3"), b"{}"):
        with pytest.raises(Malformed):
            read_misstatement(wrong)
    assert public("seller") != public("buyer")
