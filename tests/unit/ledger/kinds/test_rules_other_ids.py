"""An id of one thing given where another is meant: the refusal says what it is, whatever the record."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import CertificateRevocation as Why
from hanse_ledger.kinds.certificate.bodies import RevokeCertificate
from hanse_ledger.kinds.declaration.bodies import ReleaseDeclaration
from hanse_ledger.kinds.invoice import samples as invoice_samples
from hanse_ledger.kinds.member.bodies import WithdrawChange
from hanse_ledger.kinds.payment.bodies import ReturnPayment
from hanse_ledger.wire.part import Body
from tests.world.corridor import story

STORY = story()
ID = STORY.id


@pytest.mark.parametrize(
    ("body", "signer", "pointer", "wanted"),
    [
        (
            ReleaseDeclaration(declaration=ID["invoice"], lines=None),
            "customs-be",
            "/body/declaration",
            "a declaration|an invoice",
        ),
        (replace(invoice_samples.accept(), invoice=ID["seller"]), "buyer", "/body/invoice", "an invoice|a party"),
        (
            ReturnPayment(amount_minor=1, payment=ID["buyer"], reason="AC04"),
            "bank-be",
            "/body/payment",
            "a payment|a party",
        ),
        (
            RevokeCertificate(certificate=ID["invoice"], reason=next(iter(Why))),
            "chamber",
            "/body/certificate",
            "a certificate|an invoice",
        ),
        (
            WithdrawChange(member="market", proposal=ID["invoice"]),
            "market",
            "/body/proposal",
            "an open proposal|an invoice",
        ),
    ],
)
def test_an_id_of_something_else_is_called_that(body: Body, signer: str, pointer: str, wanted: str) -> None:
    """Whoever takes one id for another is told whose it is."""
    error = STORY.refusal(body, signer)
    assert error is not None
    meant, given = wanted.split("|")
    assert (error.pointer, error.wanted) == (pointer, f"the id of {meant}; this is that of {given}")


def test_of_an_id_that_nothing_has_there_is_nothing_to_tell() -> None:
    """Nothing is guessed."""
    unknown = STORY.refusal(ReleaseDeclaration(declaration=b"\x07" * 32, lines=None), "customs-be")
    assert unknown is not None
    assert (unknown.seen, unknown.wanted) == ("07" * 32, "")
