"""Payments that settle several invoices at once: what they come to, against what all of these are for."""

from collections.abc import Iterator

from msgspec import Struct

from hanse_documents.checks.counting import Told, gross, names_others, together
from hanse_documents.checks.finding import Compared, judged
from hanse_documents.checks.likeness import listed, same_number
from hanse_documents.checks.together import ComparedSet
from hanse_documents.model.documents import InvoiceDocument, PaymentDocument
from hanse_ledger.values.figures import money_text

OTHERS = "a payment settles documents that are not here, or was taken back, or is in another currency"


class Bundle(Struct, kw_only=True):
    """Invoices that share payments, by their places, and the payments."""

    invoices: set[int]
    payments: list[Told]


def bundled_payments(papers: ComparedSet) -> Iterator[Compared]:
    """D-73. Payments of several invoices come to all of them together, so that none is counted for two."""
    for bundle in _bundles(papers):
        ours = [papers.invoices[place] for place in sorted(bundle.invoices)]
        if len(ours) > 1:
            yield _compared(ours, bundle.payments)


def _bundles(papers: ComparedSet) -> list[Bundle]:
    """Put invoices together that one payment names."""
    bundles: list[Bundle] = []
    for told in together(papers.payments):
        named = {place for place, invoice in enumerate(papers.invoices) if told.names(invoice)}
        if not named or told.counted() is None:
            continue
        sharing = [bundle for bundle in bundles if bundle.invoices & named]
        merged = Bundle(
            invoices=named.union(*(bundle.invoices for bundle in sharing)),
            payments=[*(each for bundle in sharing for each in bundle.payments), told],
        )
        bundles = [bundle for bundle in bundles if bundle not in sharing] + [merged]
    return bundles


def _compared(invoices: list[InvoiceDocument], payments: list[Told]) -> Compared:
    first = invoices[0]
    messages = [message for told in payments if (message := told.counted()) is not None]
    currencies = {*(each.currency for each in invoices), *(each.currency for each in messages)}
    clear = len(currencies) == 1 and not any(told.taken_minor or told.unclear for told in payments)
    known = clear and not any(_names_what_is_not_here(invoices, message) for message in messages)
    wanted = sum(invoice.payable_minor for invoice in invoices)
    credited, settled = sum(each.amount_minor for each in messages), sum(gross(each) for each in messages)
    return Compared(
        left_document=listed(f"invoice {invoice.number}" for invoice in invoices),
        left_field="BT-115, together",
        left_value=money_text(wanted, first),
        outcome=judged(wanted in (credited, settled) if known else None),
        right_document="the payments of them",
        right_field="amount_minor, together",
        right_value=money_text(settled, messages[0]),
        why=OTHERS,
    )


def _names_what_is_not_here(invoices: list[InvoiceDocument], payment: PaymentDocument) -> bool:
    """Tell whether a payment names a document besides these; a reference of one of them names it."""
    numbers = [number for each in invoices for number in (each.number, each.payment_reference) if number]
    told = [*payment.documents, *payment.references()]
    return any(not any(same_number(name, number) for number in numbers) for name in told) and names_others(
        invoices[0], payment
    )
