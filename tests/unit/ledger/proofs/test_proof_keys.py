"""Keys that had begun or ended when they signed, by position, though a lying operator let the records in."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.claims import tag_claim
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.invoice.state import (
    Invoice,
    InvoiceAmounts,
    InvoiceDates,
    InvoiceLinks,
    InvoicePledge,
    InvoiceState,
    InvoiceStatus,
)
from hanse_ledger.kinds.object import created_id, step_seed
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import ProofFile, write_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.membership import Membership
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import check
from tests.unit.ledger.proofs.test_proof_forgery import _force
from tests.world.corridor import Corridor, sign, story, traders
from tests.world.corridor_bodies import a_member, change
from tests.world.corridor_genesis import DAY, GENESIS, YEAR, public


def let_in(corridor: Corridor, key: str, *, at: int | None = None) -> bytes:
    """Have the operator log an invoice that a key of the seller has signed, whatever the rules say; give its id."""
    at = corridor.next_time() if at is None else at
    signed = sign(corridor.make.invoice(5), key, at=at, nonce="stolen")
    invoice = as_issued(corridor, signed)
    parties = [corridor.ledger.objects[corridor.id[name]] for name in ("buyer", "seller")]
    _force(corridor, signed, invoice, *parties, at=at)
    return invoice.id


def as_issued(corridor: Corridor, signed: Signed) -> Invoice:
    """Make the invoice that a record would create."""
    body = signed.record.body
    assert isinstance(body, IssueInvoice)
    return Invoice(
        id=created_id(signed.id),
        seed=step_seed(signed.record.nonce),
        acceptance=None,
        amounts=InvoiceAmounts(
            credited_minor=0, currency="EUR", minor_digits=2, payable_minor=100_000, settled_minor=0, under_way_minor=0
        ),
        dates=InvoiceDates(due=body.due, issued=body.issued),
        history=NO_HISTORY,
        links=InvoiceLinks(
            buyer=corridor.id["buyer"],
            declarations=0,
            seller=corridor.id["seller"],
            tags=tuple(tag_claim(tag.epoch, tag.value) for tag in body.tags),
        ),
        pledge=InvoicePledge(pledged_by=None),
        status=InvoiceStatus(state=InvoiceState.ISSUED),
    )


def revoked(corridor: Corridor) -> str:
    """Have the market revoke the seller's key."""
    corridor.submit(corridor.make.revocation("seller", "seller"), "market")
    return "seller"


def rotated(corridor: Corridor) -> str:
    """Have the seller replace its key, and sign with the old one."""
    corridor.submit(corridor.make.rotation("seller", "seller 2"), "seller", "seller 2")
    return "seller"


def rotated_and_revoked(corridor: Corridor) -> str:
    """Have the seller replace its key, and the market revoke the old one; the old one signs."""
    rotated(corridor)
    corridor.submit(corridor.make.revocation("seller", "seller"), "market")
    return "seller"


def revoked_by_a_later_key(corridor: Corridor) -> str:
    """Have the seller replace its key twice, and revoke the first by the third; the first one signs."""
    rotated(corridor)
    corridor.submit(corridor.make.rotation("seller", "seller 3"), "seller 2", "seller 3")
    corridor.submit(corridor.make.revocation("seller", "seller"), "seller 3")
    return "seller"


def second_revoked(corridor: Corridor) -> str:
    """Have the seller replace its key, and revoke the new one; that signs."""
    rotated(corridor)
    corridor.submit(corridor.make.revocation("seller", "seller 2"), "seller 2")
    return "seller 2"


ENDED = (revoked, rotated, rotated_and_revoked, revoked_by_a_later_key, second_revoked)


@pytest.mark.parametrize("end", ENDED, ids=lambda end: end.__name__)
def test_what_a_key_signs_after_its_end_is_tampered(end: Callable[[Corridor], str]) -> None:
    """The record that ended the key stands in the file, and what the key signed later by position is tampered."""
    corridor = traders()
    name = let_in(corridor, end(corridor))
    report = check(ProofMaker(corridor).proof(name))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 9), report
    assert "had ended" in report.detail


@pytest.mark.parametrize("end", ENDED, ids=lambda end: end.__name__)
@pytest.mark.parametrize("kind", ["key.rotate", "key.revoke"])
def test_the_record_that_ended_a_key_cannot_be_left_out(end: Callable[[Corridor], str], kind: str) -> None:
    """Whoever makes the file cannot leave out how a key ended: the state's claim names the record."""
    corridor = traders()
    name = let_in(corridor, end(corridor))
    report = check(ProofMaker(corridor).proof(name, unsettled=(kind,)))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 9), report


@pytest.mark.parametrize("end", ENDED, ids=lambda end: end.__name__)
def test_what_a_key_signed_before_its_end_stands(end: Callable[[Corridor], str]) -> None:
    """What was signed earlier is proven, with a warning where the key was revoked since."""
    corridor = traders()
    name = corridor.issue_invoice()
    used = end(corridor)
    proof = ProofMaker(corridor).proof(name)
    report = check(proof)
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
    revoked_now = used == "seller" and end is not rotated
    assert any("was revoked" in warning for warning in report.warnings) is revoked_now
    assert any("1 had ended" in sentence for sentence in report.established)
    # How the keys ended of those who signed the ending is asked of nobody.
    assert [each.key for each in proof.revocations] == sorted([public("buyer"), public("seller")])


def test_a_key_whose_claim_names_another_record_is_tampered() -> None:
    """A state whose claim names a record that did not end the key is refused."""
    corridor = traders()
    name = corridor.issue_invoice()
    rotated(corridor)
    corridor.submit(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    proof = ProofMaker(corridor).proof(name)
    assert check(proof).verdict is Verdict.VALID_WITH_WARNINGS
    one, other = proof.revocations
    assert one.value is not None
    assert other.value is not None
    swapped = (replace(one, value=other.value), replace(other, value=one.value))
    assert check(replace(proof, revocations=swapped)).verdict is Verdict.TAMPERED
    hidden = tuple(replace(each, value=None) for each in proof.revocations)
    assert check(replace(proof, revocations=hidden)).verdict is Verdict.TAMPERED


def test_a_record_before_its_signers_enrolment_is_tampered() -> None:
    """A record that stands before the one that enrols its signer is refused, though both are in the file."""
    corridor = Corridor()
    corridor.enrol("buyer")
    enrolment = corridor.sign(corridor.make.enrolment("seller"), "market", "seller")
    corridor.id["seller"] = created_id(enrolment.id)
    at = corridor.next_time()
    signed = sign(corridor.make.invoice(5), "seller", at=at, nonce="early")
    invoice = as_issued(corridor, signed)
    _force(corridor, signed, invoice, corridor.ledger.objects[corridor.id["buyer"]], at=at)
    corridor.apply(enrolment)
    maker = ProofMaker(corridor)
    maker._touches[corridor.id["seller"]].sort()
    report = check(maker.proof(invoice.id))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 9), report
    assert "only then introduces" in report.detail


def test_an_expired_enrolment_signs_nothing() -> None:
    """An invoice that the operator let in after its seller's enrolment had ended is tampered."""
    corridor = traders()
    name = let_in(corridor, "seller", at=corridor.head.time + 3 * YEAR)
    report = check(ProofMaker(corridor).proof(name), at=corridor.head.time)
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11), report
    assert "P-4" in report.detail


def certified(corridor: Corridor, at: int | None = None) -> ProofFile:
    """Have the operator log a certificate that the chamber has signed, whatever the rules say; give its proof."""
    at = corridor.next_time() if at is None else at
    signed = sign(corridor.make.certificate(), "chamber", at=at, nonce="late")
    made = corridor.ledger.objects[corridor.id["certificate"]]
    assert isinstance(made, Certificate)
    lines = tuple(replace(line, moved=None, reserved_micro=0, written_off_micro=0) for line in made.balances)
    forged = replace(
        made, id=created_id(signed.id), seed=step_seed(signed.record.nonce), history=NO_HISTORY, balances=lines
    )
    exporter = corridor.ledger.objects[corridor.id["seller"]]
    _force(corridor, signed, forged, exporter, at=at)
    return ProofMaker(corridor).proof(forged.id)


def test_a_members_key_that_has_ended_signs_nothing() -> None:
    """A certificate that the operator let in after the chamber's key had ended is tampered."""
    corridor = story()
    membership: Membership = corridor.genesis.membership
    ends = next(member for member in membership.members if member.id == "chamber").keys[0].valid_until
    report = check(certified(corridor, ends + DAY), at=ends + 2 * DAY)
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11), report
    assert "M-2" in report.detail


@pytest.mark.parametrize("what", ["removed", "suspended", "given another key"])
def test_a_member_that_has_left_signs_nothing(what: str) -> None:
    """What a member signs after it was removed, suspended or given another key is refused, by position."""
    corridor = story()
    before = certified(corridor)
    assert check(before).verdict is Verdict.VALID
    chamber = next(member for member in corridor.ledger.membership.members if member.id == "chamber")
    if what == "removed":
        corridor.change_members(change(removed=["chamber"]))
    elif what == "suspended":
        corridor.change_members(change(members=[replace(chamber, suspended=True)]))
    else:
        corridor.change_members(change(members=[replace(a_member("other"), id="chamber", roles=chamber.roles)]))
    assert corridor.ledger.membership.epoch == 1
    report = check(ProofMaker(corridor).proof(corridor.id["certificate"]))
    assert report.verdict is Verdict.VALID, "what it signed before stands"
    late = certified(corridor)
    for trust in (read_trust(write_trust(GENESIS)), read_trust(corridor.trust)):
        report = check_proof(write_proof(late), trust, corridor.head.time)
        assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11), report
