"""Checks of a whole set: the same document twice, and more drawn from one than it has."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TypeVar

from msgspec import Struct

from hanse_documents.checks.finding import Compared, judged
from hanse_documents.checks.folding import bare_text
from hanse_documents.checks.goods import NO_QUANTITY, OTHER_UNITS, Goods, Total, totals, written
from hanse_documents.checks.likeness import bare, listed, same_hs, same_number
from hanse_documents.model.carriage import DeclarationDocument, TransportDocument
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument, fields_of
from hanse_ledger.values.figures import money_text

Copied = TypeVar("Copied", InvoiceDocument, CertificateDocument, TransportDocument, DeclarationDocument)

SHOWN = 4
"""So many fields that differ between two copies are named."""

_BILLED = frozenset(
    (
        *("currency", "due", "hs_code", "issued", "net_minor", "number", "origin", "payable_minor", "payee_name"),
        *("quantity_micro", "type_code", "unit", "vat_minor", "with_vat_minor", "without_vat_minor"),
    )
)

COPIES = 64
"""So many documents of one number are set against each other."""


class ComparedSet(Struct, frozen=True, kw_only=True):
    """The documents that are set against each other."""

    invoices: tuple[InvoiceDocument, ...] = ()
    certificates: tuple[CertificateDocument, ...] = ()
    transports: tuple[TransportDocument, ...] = ()
    declarations: tuple[DeclarationDocument, ...] = ()
    payments: tuple[PaymentDocument, ...] = ()


def invoice_copies(papers: ComparedSet) -> Iterator[Compared]:
    """D-65. Two invoices of one seller and number say the same."""
    yield from _copies("invoice", papers.invoices, lambda each: (bare_text(each.seller.name or ""), bare(each.number)))


def certificate_copies(papers: ComparedSet) -> Iterator[Compared]:
    """D-66. Two certificates of one number say the same."""
    yield from _copies("certificate", papers.certificates, lambda each: (bare(each.number),))


def transport_copies(papers: ComparedSet) -> Iterator[Compared]:
    """D-67. Two papers of carriage of one kind and number say the same."""
    numbered = [each for each in papers.transports if each.number]
    yield from _copies("paper", numbered, lambda each: (each.document_type.value, bare(each.number)))


def declaration_copies(papers: ComparedSet) -> Iterator[Compared]:
    """D-68. Two declarations of one number say the same."""
    yield from _copies("declaration", papers.declarations, lambda each: (bare(each.number),))


def _copies(kind: str, documents: Sequence[Copied], key: Callable[[Copied], tuple[str, ...]]) -> Iterator[Compared]:
    """Set documents of one number against each other."""
    alike: dict[tuple[str, ...], list[Copied]] = defaultdict(list)
    for document in documents:
        alike[key(document)].append(document)
    for copies in alike.values():
        first = copies[0]
        for other in copies[1:COPIES]:
            ours, theirs = _told(first), _told(other)
            odd = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
            shown = odd[:SHOWN]
            yield Compared(
                left_document=f"{kind} {first.number}",
                left_field=listed(shown) or "every field",
                left_value=listed(ours.get(name, "") for name in shown) or "the same",
                outcome=judged(not odd),
                right_document=f"{kind} {other.number}, another copy",
                right_field=listed(shown) or "every field",
                right_value=listed(theirs.get(name, "") for name in shown) or "the same",
            )


def _told(document: Struct) -> dict[str, str]:
    """Give what copies must agree in: of an invoice, which may be a copy in another syntax, what it bills.

    What each syntax writes in its own way, such as identifiers and descriptions, does not count.
    """
    said = fields_of(document)
    if not isinstance(document, InvoiceDocument):
        return said
    return {name: text for name, text in said.items() if name.rpartition("/")[2] in _BILLED or "accounts/" in name}


def invoiced_of_certificate(papers: ComparedSet) -> Iterator[Compared]:
    """D-69. All invoices that a certificate is about invoice no more than it certifies."""
    for certificate in papers.certificates:
        numbers = {line.invoice for line in certificate.lines if line.invoice}
        ours = [each for each in papers.invoices if any(same_number(number, each.number) for number in numbers)]
        if not numbers:
            ours = list(papers.invoices)
        lines = [line for invoice in _once(ours) for line in invoice.lines if line.hs_code]
        if len(_once(ours)) > 1:
            documents = (f"certificate {certificate.number}", listed(f"invoice {each.number}" for each in _once(ours)))
            yield from _drawn(certificate.lines, lines, documents, ("lines/quantity_micro", "BT-129"))


def declared_of_certificate(papers: ComparedSet) -> Iterator[Compared]:
    """D-70. All declarations that name a certificate declare no more than it certifies."""
    for certificate in _once(papers.certificates):
        ours = [
            each
            for each in _once(papers.declarations)
            if any(same_number(number, certificate.number) for number in each.certificates)
        ]
        if len(ours) > 1:
            lines = [line for declaration in ours for line in declaration.lines]
            documents = (f"certificate {certificate.number}", listed(f"declaration {each.number}" for each in ours))
            yield from _drawn(certificate.lines, lines, documents, ("lines/quantity_micro", "lines/quantity_micro"))


def _drawn(whole: Goods, parts: Goods, documents: tuple[str, str], fields: tuple[str, str]) -> Iterator[Compared]:
    """Compare what is drawn with what there is, code by code."""
    there = totals(whole)
    for code, part in totals(parts).items():
        held = next((total for other, total in there.items() if code and other and same_hs(code, other)), None)
        if held is None:
            continue
        agrees, why = _fits(part, held)
        yield Compared(
            left_document=documents[0],
            left_field=f"{fields[0]} of {code}",
            left_value=written(held.quantities),
            outcome=judged(agrees),
            right_document=documents[1],
            right_field=f"{fields[1]} of {code}, together",
            right_value=written(part.quantities),
            why=why,
        )


def _fits(part: Total, whole: Total) -> tuple[bool | None, str]:
    if part.uncounted or whole.uncounted:
        return None, NO_QUANTITY
    if not part.quantities.keys() <= whole.quantities.keys():
        return None, OTHER_UNITS
    return all(whole.quantities[unit] >= micro for unit, micro in part.quantities.items()), ""


def declared_of_invoice(papers: ComparedSet) -> Iterator[Compared]:
    """D-71. All declarations that name one invoice alone declare no more than its amount."""
    for invoice in _once(papers.invoices):
        ours = [
            each
            for each in _once(papers.declarations)
            if len(each.invoices) == 1 and same_number(each.invoices[0], invoice.number)
        ]
        amounts = [each.invoice_amount for each in ours]
        known = [each for each in amounts if each is not None and each.currency == invoice.currency]
        if len(ours) < 2:
            continue
        declared, most = (
            sum(each.amount_minor for each in known),
            max(invoice.totals.with_vat_minor, invoice.payable_minor),
        )
        complete = len(known) == len(ours)
        yield Compared(
            left_document=f"invoice {invoice.number}",
            left_field="BT-112, BT-115",
            left_value=money_text(most, invoice),
            outcome=judged(declared <= most if complete else None),
            right_document=listed(f"declaration {each.number}" for each in ours),
            right_field="invoice_amount/amount_minor, together",
            right_value=money_text(declared, invoice) if complete else "",
            why="" if complete else "a declaration has no amount in this currency",
        )


def same_goods_again(papers: ComparedSet) -> Iterator[Compared]:
    """D-72. No two invoices of one seller, to one buyer, of one day and amount, bill the same lines."""
    for one, other in combinations(_once(papers.invoices)[:COPIES], 2):
        if _sale(one) == _sale(other):
            yield Compared(
                left_document=f"invoice {one.number}",
                left_field="BG-25, BT-2, BT-115",
                left_value=f"{one.issued}, {money_text(one.payable_minor, one)}",
                outcome=judged(_lines(one) != _lines(other)),
                right_document=f"invoice {other.number}",
                right_field="BG-25, BT-2, BT-115",
                right_value=f"{other.issued}, {money_text(other.payable_minor, other)}",
            )


def _sale(invoice: InvoiceDocument) -> tuple[object, ...]:
    names = (bare_text(party.name or "") for party in (invoice.seller, invoice.buyer))
    return (*names, invoice.issued, invoice.payable_minor, invoice.currency)


def _lines(invoice: InvoiceDocument) -> list[tuple[str, int, str, int]]:
    return sorted((bare_text(line.name), line.quantity_micro, line.unit, line.net_minor) for line in invoice.lines)


def _once(documents: Sequence[Copied]) -> list[Copied]:
    """Leave out further copies of a number: what they are is another check's."""
    return list({bare(each.number): each for each in reversed(documents)}.values())[::-1]
