"""What a credit note takes off an invoice: as the note says, or where nothing here reads it, as its seller says."""

import re
from collections.abc import Mapping

from msgspec import Struct

from hanse_client.base.errors import DocumentError, UnsupportedDocument
from hanse_client.base.files import read_credit_note
from hanse_documents import Fault
from hanse_documents.checks.likeness import same_number
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_ledger.kinds.invoice.state import InvoiceAmounts
from hanse_ledger.values.figures import decimal_text, money_text

BY_HAND = "Or say what it credits: --amount, amount_minor=…; the file is committed to as it is."

_PRECEDING = re.compile(r"BG-3/[0-9]+/BT-25", re.ASCII)


class Credited(Struct, frozen=True, kw_only=True):
    """What is credited, in minor units of the invoice's currency; the terms to commit to, and what was found."""

    amount_minor: int
    terms: Mapping[str, str]
    findings: tuple[Fault, ...]


def credited_by(
    data: bytes,
    name: str,
    amounts: InvoiceAmounts,
    number: str | None,
    amount_minor: int | None,
    *,
    despite_findings: bool = False,
) -> Credited:
    """Read what a credit note takes off an invoice.

    Args:
        data: the note, in whatever format.
        name: how messages call it.
        amounts: the invoice's.
        number: the invoice's (BT-1), where it is known here.
        amount_minor: what the seller says that it credits; needed where the file is no credit note that is read here.
        despite_findings: take it although its published rules refuse it.

    Raises:
        DocumentError: the note says something else, is of another invoice or currency, or is no sound one.
        UnsupportedDocument: it is not read here, and no amount is given.
    """
    try:
        note, findings = read_credit_note(data, name, despite_findings=despite_findings)
    except UnsupportedDocument as error:
        if amount_minor is None:
            raise UnsupportedDocument(error.message, f"{error.action} {BY_HAND}") from error
        by_hand = {"BT-5": amounts.currency, "BT-115": decimal_text(amount_minor, amounts.minor_digits)}
        return Credited(amount_minor=amount_minor, terms=by_hand, findings=())
    _verify_money(note, amounts, amount_minor)
    if amount_minor is None and number is not None:
        _verify_number(note, number)
    return Credited(amount_minor=note.payable_minor, terms=terms(note), findings=findings)


def _verify_money(note: InvoiceDocument, amounts: InvoiceAmounts, amount_minor: int | None) -> None:
    stated = money_text(note.payable_minor, note)
    if (note.currency, note.exponent) != (amounts.currency, amounts.minor_digits):
        raise DocumentError(
            f"The credit note is in {note.currency}, the invoice in {amounts.currency}.",
            "Give a credit note in the invoice's currency.",
            field="BT-5",
            seen=note.currency,
            wanted=amounts.currency,
        )
    if note.payable_minor <= 0:
        raise DocumentError(
            f"BT-115 of the credit note is {stated}: it credits nothing.",
            "A credit note states what it credits above zero.",
            field="BT-115",
            seen=stated,
            wanted=f"more than {money_text(0, amounts)}",
        )
    if amount_minor is not None and amount_minor != note.payable_minor:
        said = money_text(amount_minor, amounts)
        raise DocumentError(
            f"The credit note says {stated} (BT-115), not {said}.",
            "Leave the amount out: it is read from the note.",
            field="BT-115",
            seen=stated,
            wanted=said,
        )


def _verify_number(note: InvoiceDocument, number: str) -> None:
    """Refuse a note that names other invoices than this one. One that names none is taken at its seller's word."""
    named = [text for name, text in note.texts if _PRECEDING.fullmatch(name)]
    if named and not any(same_number(other, number) for other in named):
        raise DocumentError(
            f"The credit note names {', '.join(named)[:200]} (BT-25), and this is the invoice {number[:80]}.",
            "Credit the invoice that it names; to credit this one all the same, say --amount, amount_minor=….",
            field="BT-25",
            seen=", ".join(named)[:200],
            wanted=number[:80],
        )
