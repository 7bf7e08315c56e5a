"""Proofs of what bundles touch: every step of the record is judged again, whichever of its objects is asked for."""

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.block import Created
from hanse_ledger.kinds.bundle.steps import created_by_step
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.payment.bodies import ReturnPayment
from hanse_ledger.kinds.pledge.bodies import PayOutPledge
from hanse_ledger.kinds.title.bodies import TransferTitle
from hanse_ledger.proofs.prooffile import ProofFile, TermPart, write_proof
from hanse_ledger.proofs.samedocument import DocumentMatch, compare_document
from hanse_ledger.records.entry import decode_entry
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import ObjectId
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import CommittedTerms
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.unit.ledger.kinds.bundles.test_rules_bundles import bundle, shipped_and_paid
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import INVOICE_FILE, INVOICE_SEED, INVOICE_TERMS, MESSAGE_SEED, MESSAGE_TERMS
from tests.world.trade.pledging import pay_out, pledging


def delivered() -> Corridor:
    """Delivery against payment; then the title moves on, and a part of the money goes back."""
    corridor = shipped_and_paid()
    corridor.submit(
        bundle(corridor.make.sample(TransferTitle), corridor.make.confirmation()), "seller", "bank-cn", name="both"
    )
    onward = replace(corridor.make.sample(TransferTitle), new_holder=corridor.id["seller"])
    corridor.submit(onward, "buyer")
    corridor.submit(ReturnPayment(amount_minor=1_000, payment=corridor.id["payment"], reason="AC04"), "bank-cn")
    return corridor


def pledged_again() -> Corridor:
    """A payment of two invoices goes back, and in the same record one of them is pledged."""
    corridor = traders()
    for number, name in ((1, "invoice"), (2, "other")):
        corridor.issue_invoice(number, name=name)
        corridor.accept_invoice(name)
    body = corridor.make.instruction(150_000)
    (share,) = body.allocations
    both = (replace(share, amount_minor=60_000), replace(share, amount_minor=90_000, invoice=corridor.id["other"]))
    corridor.submit(replace(body, allocations=both), "buyer", name="payment")
    corridor.submit(corridor.make.confirmation(credited_minor=150_000), "bank-cn")
    back = ReturnPayment(amount_minor=150_000, payment=corridor.id["payment"], reason="AC04")
    signed = corridor.sign(bundle(back, pledging(corridor)), "bank-cn", "seller")
    assert isinstance(corridor.apply(signed), Created)
    corridor.id["pledge"] = created_id(signed.id, 1)
    return corridor


def issued_twice() -> Corridor:
    """Two invoices are issued in one record, and the second is accepted in it."""
    corridor = traders()
    accept = replace(corridor.make.sample(AcceptInvoice), invoice=created_by_step(1))
    signed = corridor.sign(bundle(corridor.make.invoice(1), corridor.make.invoice(2), accept), "seller", "buyer")
    assert isinstance(corridor.apply(signed), Created)
    corridor.signed["both"] = signed
    corridor.id["first"], corridor.id["second"] = (created_id(signed.id, place) for place in (0, 1))
    corridor.submit(corridor.make.cancellation("first"), "seller")
    return corridor


def lent() -> Corridor:
    """A part of an invoice is paid, the rest is pledged and in the same record paid out in part; more is later."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    corridor.instruct_payment(30_000)
    corridor.confirm_payment()
    payout = replace(corridor.make.sample(PayOutPledge), amount_minor=50_000, pledge=created_by_step(0))
    signed = corridor.sign(bundle(pledging(corridor, 70_000), payout), "bank-cn", "seller")
    assert isinstance(corridor.apply(signed), Created)
    corridor.id["pledge"] = created_id(signed.id, 0)
    pay_out(corridor, 20_000, transfer=2)
    return corridor


DELIVERED, AGAIN, TWICE, LENT = delivered(), pledged_again(), issued_twice(), lent()


def prove(corridor: Corridor, *names: str) -> ProofFile:
    """Prove objects of a corridor."""
    return ProofMaker(corridor).proof(*(corridor.id[name] for name in names))


@pytest.mark.parametrize(
    ("corridor", "subject"),
    [
        *((DELIVERED, name) for name in ("title", "payment", "invoice", "shipment", "seller", "buyer")),
        *((AGAIN, name) for name in ("invoice", "other", "pledge", "seller")),
        *((TWICE, name) for name in ("second", "seller", "buyer")),
        *((LENT, name) for name in ("pledge", "invoice", "seller", "buyer")),
    ],
)
def test_whichever_of_its_objects_is_asked_for_the_proof_holds(corridor: Corridor, subject: str) -> None:
    """The bundle stands in the file whole, and so do the beginnings of all that its steps name."""
    report = check(prove(corridor, subject), corridor.head.time)
    assert report.verdict in GOOD, report.detail


@pytest.mark.parametrize(
    ("corridor", "subject"), [(DELIVERED, "title"), (AGAIN, "invoice"), (TWICE, "second"), (LENT, "pledge")]
)
def test_a_proof_from_any_mark_holds(corridor: Corridor, subject: str) -> None:
    """An object's history goes on after a mark, whether the bundle lies before or behind it."""
    name: ObjectId = corridor.id[subject]
    begun = next(at for at, block in enumerate(corridor.blocks) if any(row.value.id == name for row in block.objects))
    for block in range(begun, len(corridor.blocks)):
        report = check(ProofMaker(corridor).proof(name, marks={name: block}), corridor.head.time)
        assert report.verdict in GOOD, report.detail


def test_a_withheld_bundle_is_missed() -> None:
    """Without the record the title's history does not lead to its head."""
    proof = prove(DELIVERED, "title")
    position = next(
        decode_entry(part.entry).position
        for part in proof.records
        if DELIVERED.signed["both"].envelope.payload in part.entry
    )
    (title,) = proof.objects
    history = tuple(at for at in title.history if at != position)
    records = tuple(part for part in proof.records if decode_entry(part.entry).position != position)
    withheld = replace(proof, objects=(replace(title, history=history),), records=records)
    assert check(withheld, DELIVERED.head.time).verdict is Verdict.TAMPERED


def test_terms_are_those_of_the_step_that_commits_to_them() -> None:
    """What is disclosed opens one step's commitment, and is compared with what that step says."""
    terms = CommittedTerms(CommittedKind.PAYMENT, MESSAGE_TERMS, MESSAGE_SEED)
    shown = [
        TermPart(record=DELIVERED.signed["both"].id, shown=terms.disclose(name)) for name in ("amount_minor", "uetr")
    ]
    report = check(ProofMaker(DELIVERED).proof(DELIVERED.id["payment"], terms=shown), DELIVERED.head.time)
    assert report.verdict in GOOD, report.detail
    assert {term.name: term.field for term in report.terms}["amount_minor"] == "/credited_minor"
    strange = CommittedTerms(CommittedKind.INVOICE, INVOICE_TERMS, INVOICE_SEED).disclose("BT-1")
    other = [TermPart(record=DELIVERED.signed["both"].id, shown=strange)]
    report = check(ProofMaker(DELIVERED).proof(DELIVERED.id["payment"], terms=other), DELIVERED.head.time)
    assert report.verdict is Verdict.TAMPERED


def test_a_file_is_found_among_the_documents_of_all_steps() -> None:
    """A record that commits to several documents hides each of them, until an opening tells."""
    data = write_proof(prove(TWICE, "second"))
    answer = compare_document(data, [TWICE.signed["both"].id], hash_bytes(INVOICE_FILE))
    assert answer.match is DocumentMatch.HIDDEN
    assert "of 2 " in str(answer.said)
