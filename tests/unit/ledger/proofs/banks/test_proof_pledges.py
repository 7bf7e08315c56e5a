"""Proofs of pledges, and of what is named beside them: the verifier runs the same rules over what a file shows."""

from itertools import combinations

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.pledge.bodies import AssignPledge, PayOutPledge
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.part import Body
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import GENESIS
from tests.world.trade.pledging import assign, pay_out, paying, pledge, release

TRUST = read_trust(write_trust(GENESIS))
JUDGED = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS, Verdict.REVOKED)


def lent() -> Corridor:
    """Of an invoice a part is paid; it is pledged, released, pledged again, assigned, and paid to the second bank.

    Each of the two banks pays a part of it out to the seller.
    """
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    corridor.instruct_payment(30_000, name="before")
    corridor.confirm_payment("before")
    pledge(corridor, 70_000, name="released")
    release(corridor, "released")
    pledge(corridor, 70_000)
    pay_out(corridor, 40_000)
    assign(corridor)
    pay_out(corridor, 10_000, bank="bank-be")
    body = replace(paying(corridor, 50_000, number=2), payee_bank="bank-be", payer_bank="bank-be")
    corridor.submit(body, "buyer", name="payment")
    corridor.submit(corridor.make.confirmation(credited_minor=20_000, partial=True), "bank-be")
    corridor.submit(corridor.make.payment_return(amount_minor=5_000), "bank-be")
    return corridor


LENT = lent()
NAMES = ("before", "buyer", "invoice", "payment", "pledge", "released", "seller")
SUBJECTS = [names for count in (1, 2) for names in combinations(NAMES, count)]


@pytest.mark.parametrize("names", SUBJECTS, ids=" and ".join)
def test_what_is_proven_of_a_pledged_invoice(names: tuple[str, ...]) -> None:
    """Whole histories, of one or of two: nothing is tampered, whichever stands beside."""
    report = check_proof(write_proof(ProofMaker(LENT).proof(*(LENT.id[name] for name in names))), TRUST, LENT.head.time)
    assert report.verdict in JUDGED, report


@pytest.mark.parametrize("block", range(1, len(LENT.blocks) - 1))
@pytest.mark.parametrize("name", NAMES)
def test_a_history_may_begin_anywhere_in_between(name: str, block: int) -> None:
    """From a way mark of each, at whichever block that stood."""
    stood = any(row.value.id == LENT.id[name] for each in LENT.blocks[: block + 1] for row in each.objects)
    if stood:
        proof = ProofMaker(LENT).proof(LENT.id[name], marks={LENT.id[name]: block})
        report = check_proof(write_proof(proof), TRUST, LENT.head.time)
        assert report.verdict in JUDGED, (name, block, report)


def test_a_file_without_the_assignment_is_refused() -> None:
    """The verifier asks for it: without it the payment would seem to have gone to another bank."""
    assert_refused_without(AssignPledge, "payment", 1)


def test_a_file_without_what_was_paid_out_is_refused() -> None:
    """What each bank has paid out is counted again from the records of the file."""
    assert_refused_without(PayOutPledge, "pledge", 2)


def test_a_verdict_says_what_is_paid_out() -> None:
    """By both banks together; that is their word, and the sentence says so."""
    report = check_proof(write_proof(ProofMaker(LENT).proof(LENT.id["pledge"])), TRUST, LENT.head.time)
    assert report.verdict is Verdict.VALID
    assert "500.00 EUR are paid out to the seller" in str(report)


def assert_refused_without(body: type[Body], name: str, count: int) -> None:
    """Insist that a proof is tampered from which the records of a kind are taken out."""
    proof = ProofMaker(LENT).proof(LENT.id[name])
    kept = []
    for part in proof.records:
        entry = decode_entry(part.entry)
        assert isinstance(entry, RecordEntry)
        if not isinstance(open_decoded(entry.payload).record.body, body):
            kept.append(part)
    assert len(kept) == len(proof.records) - count
    report = check_proof(write_proof(replace(proof, records=tuple(kept))), TRUST, LENT.head.time)
    assert report.verdict is Verdict.TAMPERED
