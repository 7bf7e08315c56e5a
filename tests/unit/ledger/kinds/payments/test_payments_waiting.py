"""Payments that wait for customs or a certificate, in another currency, and through banks that are no members."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.payment import refusals as why
from hanse_ledger.kinds.payment.bodies import ConfirmPayment
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.unit.ledger.kinds.payments.test_payments import money
from tests.unit.ledger.kinds.test_rules_payments import ALMOST, DEBIT, exchanged, two_invoices, waiting
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import GENESIS
from tests.world.departures import after, suspend

BIC = "COBADEFFXXX"


def credit(corridor: Corridor) -> ConfirmPayment:
    """All of the payment that waits has arrived."""
    named = (corridor.id["import"], corridor.id["certificate"])
    return replace(corridor.make.confirmation("waiting", credited_minor=10_000), conditions=named)


def state(corridor: Corridor, name: str) -> PaymentState:
    """Tell how far a payment has come."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Payment)
    return found.status.state


def test_a_payment_is_confirmed_when_what_it_waits_for_has_come_about() -> None:
    """S-2: the import is released and the certificate in force; before, and after its end, it is not."""
    corridor = waiting()
    early = corridor.refusal(credit(corridor), "bank-cn")
    assert early is not None
    assert (early.reason, early.seen, early.wanted) == (why.CONDITION_UNMET, "lodged", "released")
    corridor.release_import()
    certificate = corridor.ledger.objects[corridor.id["certificate"]]
    assert isinstance(certificate, Certificate)
    ended = certificate.status.valid_until
    late = corridor.refusal(credit(corridor), "bank-cn", at=ended)
    assert late is not None
    assert (late.reason, late.pointer) == (why.CONDITION_UNMET, "/body/conditions/1")
    assert corridor.refusal(credit(corridor), "bank-cn", at=ended - 1) is None
    corridor.submit(credit(corridor), "bank-cn")
    assert state(corridor, "waiting") is PaymentState.CONFIRMED


def test_a_certificate_that_was_revoked_holds_a_payment_back() -> None:
    """Its second condition is broken: nobody may confirm, and the payer's bank may still reject."""
    corridor = waiting()
    corridor.release_import()
    corridor.submit(corridor.make.certificate_revocation(), "chamber")
    refused = corridor.refusal(credit(corridor), "bank-cn")
    assert refused is not None
    assert (refused.reason, refused.pointer, refused.seen) == (
        why.CONDITION_UNMET,
        "/body/conditions/1",
        "revoked",
    )
    assert corridor.refusal(corridor.make.payment_rejection("waiting"), "bank-be") is None


@pytest.mark.parametrize("name", ["waiting", "invoice", "import", "certificate"])
def test_a_proof_shows_that_the_goods_were_released_before(name: str) -> None:
    """The verifier asks the same: the release is in the file of the payment, and of its invoice."""
    corridor = waiting()
    corridor.release_import()
    corridor.submit(credit(corridor), "bank-cn")
    proof, trust = ProofMaker(corridor).proof(corridor.id[name]), read_trust(write_trust(GENESIS))
    report = check_proof(write_proof(proof), trust, corridor.head.time)
    assert report.verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS), report


def test_a_proof_without_the_release_is_refused() -> None:
    """Who leaves out that the goods were released proves no confirmed payment."""
    corridor = waiting()
    corridor.release_import()
    released = len(corridor.entries) - 2
    corridor.submit(credit(corridor), "bank-cn")
    proof = ProofMaker(corridor).proof(corridor.id["waiting"])
    entry = corridor.entries[released]
    assert entry in [record.entry for record in proof.records]
    short = replace(proof, records=tuple(record for record in proof.records if record.entry != entry))
    report = check_proof(write_proof(short), read_trust(write_trust(GENESIS)), corridor.head.time)
    assert report.verdict is Verdict.TAMPERED


def test_both_banks_sign_what_the_payer_is_debited() -> None:
    """S-6 and S-2 repeat the debit; no rate is multiplied, and what is settled is the payment's own amount."""
    corridor = exchanged(accepted=True)
    body = replace(corridor.make.confirmation("exchanged", credited_minor=30_000), debit=DEBIT)
    corridor.submit(body, "bank-cn")
    assert money(corridor) == (40_000, 30_000, 30_000)


def test_a_bank_that_is_no_member_is_named_by_its_bic() -> None:
    """S-1 to S-7: the member at the other end, which receives its messages, signs in its place."""
    corridor = two_invoices()
    payee_side = replace(corridor.make.instruction(10_000, number=70), payee_bank=BIC)
    payer_side = replace(corridor.make.instruction(10_000, number=70), payer_bank=BIC)
    corridor.submit(payee_side, "buyer", name="abroad")
    corridor.submit(payer_side, "buyer", name="from abroad")
    refused = corridor.refusal(corridor.make.confirmation("abroad", credited_minor=10_000), "bank-cn")
    assert refused is not None
    assert (refused.reason, refused.wanted) == (why.NOT_PAYEE_BANK, "bank-be")
    corridor.submit(corridor.make.confirmation("abroad", credited_minor=10_000), "bank-be")
    corridor.submit(corridor.make.payment_acceptance("from abroad"), "bank-cn")
    corridor.submit(corridor.make.confirmation("from abroad", credited_minor=10_000), "bank-cn")
    corridor.submit(corridor.make.payment_return("from abroad", amount_minor=10_000), "bank-cn")
    assert [state(corridor, name) for name in ("abroad", "from abroad")] == [
        PaymentState.CONFIRMED,
        PaymentState.RETURNED,
    ]
    again = corridor.refusal(replace(payer_side, amount_minor=10_000), "buyer")
    assert again is not None
    assert again.reason is why.UETR_TAKEN


def test_the_payer_waits_for_no_bank_that_is_no_member() -> None:
    """S-5: while the one member is there the thirty days count; where it is gone, the payer takes it back at once."""
    corridor = two_invoices()
    corridor.submit(replace(corridor.make.instruction(10_000, number=71), payee_bank=BIC), "buyer", name="abroad")
    withdrawal = corridor.make.payment_withdrawal("abroad")
    early = corridor.refusal(withdrawal, "buyer", at=ALMOST)
    assert early is not None
    assert early.reason is why.WITHDRAWN_TOO_SOON
    after(corridor, (suspend, "bank-be"))
    assert corridor.refusal(withdrawal, "buyer") is None
