"""What an invoice would be registered as, before anything is signed."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanse_cli.base.console import as_fields, say, table
from hanse_cli.base.session import CommandSession
from hanse_ledger.values.figures import decimal_text, money_text
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_documents.model.documents import InvoiceDocument
    from hanse_ledger.kinds.invoice.bodies import CreditInvoice, IssueInvoice

NOBODY = "not named"
EVERYTHING = "all that they compare"


def answer_planned(session: CommandSession, file: Path, *, despite_findings: bool) -> None:
    """Say what a file would register: parties, amount, due date, and what customs could not compare.

    Raises DocumentError, as registering it would.
    """
    from hanse_client.base.files import read_judged, read_source  # noqa: PLC0415 (the readers take their time)
    from hanse_client.resources.issuing.many import verify_kind  # noqa: PLC0415 (likewise)

    document, findings = read_judged(*read_source(file), despite_findings=despite_findings)
    verify_kind(document)
    fields = {
        "number": document.number,
        "issued": document.issued,
        "seller": document.seller.name,
        "buyer": document.buyer.name,
        "currency": document.currency,
        "payable": decimal_text(document.payable_minor, document.exponent),
        "due": document.due,
        "lines": len(document.lines),
        "not_compared": list(not_compared(document)),
        "findings": [as_fields(each) for each in findings],
    }
    session.answer(fields, table(_rows(document)))
    for finding in findings:
        say(one_line(f"Found in the document: {finding}."))
    say("Nothing was sent.")


def say_planned(document: "InvoiceDocument", body: "IssueInvoice", readers: Sequence[str] = ()) -> None:
    """Say what is about to be registered, before it is signed: as a dry run does, for which parties, and who reads."""
    parties = [("of the party", body.seller.hex()), ("to the party", body.buyer.hex())]
    shared = [("can be opened by", ", ".join(readers))] if readers else []
    say(f"To be registered:\n{table([*_rows(document), *parties, *shared])}")


def say_credited(body: "CreditInvoice") -> None:
    """Say what a credit note is about to take off which invoice, before it is signed."""
    rows = [("credited", money_text(body.amount_minor, body)), ("of the invoice", body.invoice.hex())]
    say(f"To be registered:\n{table(rows)}")


def _rows(document: "InvoiceDocument") -> list[tuple[str, str]]:
    missing = not_compared(document)
    rows = [
        ("number", document.number),
        ("issued", document.issued),
        ("seller", document.seller.name or NOBODY),
        ("buyer", document.buyer.name or NOBODY),
        ("payable", money_text(document.payable_minor, document)),
        ("due", document.due or NOBODY),
        ("customs can compare", EVERYTHING if not missing else f"not {'; not '.join(missing)}"),
    ]
    return [(name, one_line(text)) for name, text in rows]


def not_compared(document: "InvoiceDocument") -> tuple[str, ...]:
    """List what a certificate or a declaration could not be compared with, as the invoice leaves it out."""
    lines = document.lines
    without = {
        "the HS code": [line.identifier for line in lines if line.hs_code is None],
        "the origin": [line.identifier for line in lines if line.origin is None],
    }
    told = [f"{what} of {_named(found, len(lines))}" for what, found in without.items() if found]
    return (*told, *(() if document.incoterms else ("the terms of delivery",)))


def _named(identifiers: Iterable[str], lines: int) -> str:
    found = list(identifiers)
    shown = ", ".join(found[:8])
    return "any line" if len(found) == lines else f"line {shown}{', …' if len(found) > 8 else ''}"
