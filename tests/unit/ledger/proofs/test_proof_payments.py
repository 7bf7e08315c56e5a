"""Proofs of payments that came in parts, of their invoices, and of both: the verifier runs the same rules over them."""

from itertools import combinations

import pytest

from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import GENESIS


def in_parts() -> Corridor:
    """A payment of two invoices is accepted, confirmed in two parts, corrected, and a part of it goes back."""
    corridor = traders()
    for number, name in enumerate(("invoice", "second"), 1):
        corridor.issue_invoice(number, name=name)
        corridor.accept_invoice(name)
    corridor.instruct_payment(60_000, name="payment")
    make = corridor.make
    corridor.submit(make.payment_acceptance(), "bank-be")
    corridor.submit(make.confirmation(credited_minor=20_000, charged_minor=(100,), partial=True), "bank-cn")
    corridor.submit(make.confirmation(credited_minor=39_900), "bank-cn")
    corridor.submit(make.correction(credited_minor=30_000), "bank-cn")
    corridor.submit(make.payment_return(amount_minor=5_000), "bank-cn")
    corridor.submit(make.payment_rejection(), "bank-be")
    return corridor


PARTS = in_parts()
TRUST = read_trust(write_trust(GENESIS))
NAMES = ("invoice", "payment", "second")
SUBJECTS = [names for count in (1, 2, 3) for names in combinations(NAMES, count)]


@pytest.mark.parametrize("names", SUBJECTS, ids=" and ".join)
def test_what_is_proven_of_a_payment_in_parts(names: tuple[str, ...]) -> None:
    """Whole histories, of one or of several: nothing is tampered, whichever stands beside."""
    proof = ProofMaker(PARTS).proof(*(PARTS.id[name] for name in names))
    report = check_proof(write_proof(proof), TRUST, PARTS.head.time)
    due = Verdict.VALID_WITH_WARNINGS if "payment" in names else Verdict.VALID
    assert report.verdict is due, report


@pytest.mark.parametrize("block", range(1, len(PARTS.blocks) - 1))
def test_a_history_may_begin_anywhere_in_between(block: int) -> None:
    """From a way mark of the payment or of its invoice, at whichever block that stood."""
    for name in ("payment", "invoice"):
        stood = any(row.value.id == PARTS.id[name] for each in PARTS.blocks[: block + 1] for row in each.objects)
        if stood:
            proof = ProofMaker(PARTS).proof(PARTS.id[name], marks={PARTS.id[name]: block})
            report = check_proof(write_proof(proof), TRUST, PARTS.head.time)
            assert report.verdict is Verdict.VALID_WITH_WARNINGS, (name, block, report)


def test_the_invoices_history_has_all_that_was_said_of_its_payment() -> None:
    """Acceptance too, which moves no money of it."""
    payment = PARTS.ledger.objects[PARTS.id["payment"]]
    assert isinstance(payment, Payment)
    invoice = PARTS.ledger.objects[PARTS.id["invoice"]]
    assert (payment.history.count, invoice.history.count) == (7, 9)
