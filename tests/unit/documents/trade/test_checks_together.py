"""The checks of a whole set: copies that differ, what is drawn twice, what is billed twice."""

import pytest
from msgspec.structs import replace

from hanse_documents.checks import ComparedSet, Finding, Weight, compare_set, disagrees
from hanse_documents.model.documents import PaymentDocument
from tests.unit.documents.trade.test_checks_of_sets import CERTIFICATE, DECLARATION, EUR, INVOICE, TRANSPORT, WHOLE

SECOND = replace(INVOICE, number="QW-2026-0918")


@pytest.mark.parametrize(
    ("papers", "check", "outcomes_"),
    [
        (replace(WHOLE, invoices=(INVOICE, INVOICE)), "D-65", {"agrees"}),
        (replace(WHOLE, invoices=(INVOICE, replace(INVOICE, payable_minor=615_000))), "D-65", {"differs"}),
        (replace(WHOLE, certificates=(CERTIFICATE, CERTIFICATE)), "D-66", {"agrees"}),
        (replace(WHOLE, certificates=(CERTIFICATE, replace(CERTIFICATE, import_country="NL"))), "D-66", {"differs"}),
        (replace(WHOLE, transports=(TRANSPORT, TRANSPORT)), "D-67", {"agrees"}),
        (replace(WHOLE, transports=(TRANSPORT, replace(TRANSPORT, packages=27))), "D-67", {"differs"}),
        (replace(WHOLE, declarations=(DECLARATION, DECLARATION)), "D-68", {"agrees"}),
        (replace(WHOLE, declarations=(DECLARATION, replace(DECLARATION, packages=27))), "D-68", {"differs"}),
        (
            ComparedSet(
                invoices=(INVOICE, SECOND),
                certificates=(replace(CERTIFICATE, lines=tuple(replace(x, invoice=None) for x in CERTIFICATE.lines)),),
            ),
            "D-69",
            {"differs"},
        ),
        (
            ComparedSet(
                invoices=(INVOICE, SECOND),
                certificates=(
                    replace(
                        CERTIFICATE,
                        lines=tuple(
                            replace(line, invoice=number)
                            for number in (INVOICE.number, SECOND.number)
                            for line in CERTIFICATE.lines
                        ),
                    ),
                ),
            ),
            "D-69",
            {"agrees"},
        ),
        (
            ComparedSet(
                invoices=(INVOICE, SECOND),
                certificates=(
                    replace(CERTIFICATE, lines=tuple(replace(x, invoice=None, unit="XCT") for x in CERTIFICATE.lines)),
                ),
            ),
            "D-69",
            {"cannot compare"},
        ),
        (replace(WHOLE, declarations=(DECLARATION, replace(DECLARATION, number="2"))), "D-70", {"differs"}),
        (
            replace(
                WHOLE,
                declarations=tuple(
                    replace(
                        DECLARATION,
                        number=number,
                        lines=tuple(replace(x, quantity_micro=(x.quantity_micro or 0) // 2) for x in DECLARATION.lines),
                    )
                    for number in "12"
                ),
            ),
            "D-70",
            {"agrees"},
        ),
        (
            replace(
                WHOLE,
                declarations=(
                    DECLARATION,
                    replace(DECLARATION, number="2", lines=(replace(DECLARATION.lines[0], quantity_micro=None),)),
                ),
            ),
            "D-70",
            {"cannot compare", "agrees"},
        ),
        (replace(WHOLE, declarations=(DECLARATION, replace(DECLARATION, number="2"))), "D-71", {"differs"}),
        (
            replace(
                WHOLE,
                declarations=tuple(
                    replace(DECLARATION, number=number, invoice_amount=replace(EUR, amount_minor=250_000))
                    for number in "12"
                ),
            ),
            "D-71",
            {"agrees"},
        ),
        (
            replace(WHOLE, declarations=(DECLARATION, replace(DECLARATION, number="2", invoice_amount=None))),
            "D-71",
            {"cannot compare"},
        ),
        (replace(WHOLE, invoices=(INVOICE, SECOND)), "D-72", {"differs"}),
        (replace(WHOLE, invoices=(INVOICE, replace(SECOND, lines=INVOICE.lines[:2]))), "D-72", {"agrees"}),
    ],
)
def test_sets_are_checked_as_a_whole(papers: ComparedSet, check: str, outcomes_: set[str]) -> None:
    """Copies that differ, what is drawn twice, what is billed twice."""
    found: list[Finding] = [each for each in compare_set(papers) if each.check == check]
    assert {each.outcome.value for each in found} == outcomes_
    assert disagrees(found) == ("differs" in outcomes_ and found[0].weight is Weight.BLOCK)


BOTH = replace(WHOLE, invoices=(INVOICE, SECOND), certificates=(), transports=(), declarations=())
NOTICE = WHOLE.payments[-1]
OF_BOTH = replace(NOTICE, documents=(INVOICE.number, SECOND.number), creditor_reference=None)


@pytest.mark.parametrize(
    ("payments", "outcome"),
    [
        ((replace(OF_BOTH, amount_minor=2 * INVOICE.payable_minor, instructed=None),), "agrees"),
        ((OF_BOTH,), "differs"),
        (
            (OF_BOTH, replace(NOTICE, uetr=None, end_to_end="2", documents=(SECOND.number,), creditor_reference=None)),
            "agrees",
        ),
        ((replace(OF_BOTH, documents=(INVOICE.number, SECOND.number, "X-1")),), "cannot compare"),
        ((replace(OF_BOTH, currency="USD"),), "cannot compare"),
    ],
)
def test_one_payment_is_not_counted_for_two_invoices(payments: tuple[PaymentDocument, ...], outcome: str) -> None:
    """A payment that names two invoices pays both, or it is told; what else it settles is not known."""
    found = [each for each in compare_set(replace(BOTH, payments=payments)) if each.check == "D-73"]
    assert [each.outcome.value for each in found] == [outcome]


def test_payments_of_single_invoices_are_no_bundle() -> None:
    """Where each payment names one invoice there is nothing to add up."""
    assert [each for each in compare_set(WHOLE) if each.check == "D-73"] == []
