"""What every reachable state satisfies of invoices: their amounts are payments', their counts declarations'."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.declaration.state import COUNTED, Declaration
from hanse_ledger.kinds.invoice.state import OPEN, Invoice, InvoiceState
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, are, nothing_ended, words
from hanse_ledger.values.types import Digest, ObjectId


def _breaches(state: ReachedState) -> Iterator[str]:
    settled, under_way = _paid(state)
    declared = Counter(
        name
        for declaration in all_of(state, Declaration)
        if declaration.status.state in COUNTED
        for name in declaration.links.invoices
    )
    for invoice in all_of(state, Invoice):
        amounts, links = invoice.amounts, invoice.links
        parts = (amounts.credited_minor, amounts.settled_minor, amounts.under_way_minor, amounts.outstanding_minor)
        if min(parts) < 0:
            yield f"{words(invoice)} is overpaid, or less than nothing of it is paid or credited"
        if (amounts.settled_minor, amounts.under_way_minor) != (settled[invoice.id], under_way[invoice.id]):
            yield f"the amounts of {words(invoice)} are not those of its payments"
        if links.declarations != declared[invoice.id]:
            yield f"{words(invoice)} miscounts its declarations"
        yield from _unlike_accepted(invoice)
        used = amounts.settled_minor or amounts.under_way_minor or links.declarations or invoice.pledge.pledged_by
        if invoice.status.state not in OPEN and used:
            yield f"{words(invoice)} is closed, and paid, declared or pledged"
        if links.seller == links.buyer or not are(state, Party, links.seller, links.buyer):
            yield f"{words(invoice)} is not between two parties"


def _unlike_accepted(invoice: Invoice) -> Iterator[str]:
    """Find where what the buyer has accepted is not what it could have accepted."""
    accepted, state = invoice.acceptance, invoice.status.state
    if accepted is None:
        if state is InvoiceState.ACCEPTED:
            yield f"{words(invoice)} is accepted, and nobody knows for how much"
        return
    if state in (InvoiceState.ISSUED, InvoiceState.REFUSED):
        yield f"{words(invoice)} was accepted, and is {state}"
    amounts = invoice.amounts
    if accepted.accepted_minor > amounts.payable_minor or accepted.currency != amounts.currency:
        yield f"{words(invoice)} is accepted for what was never payable"
    if invoice.dates.due is not None and accepted.accepted_due != invoice.dates.due:
        yield f"{words(invoice)} is accepted for another day than it is due"


def _claimed(state: ReachedState, _: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive whose each tag is: an open invoice's."""
    for invoice in all_of(state, Invoice):
        if invoice.status.state in OPEN:
            for tag in invoice.links.tags:
                yield tag, invoice.id


def _paid(state: ReachedState) -> tuple[Counter[ObjectId], Counter[ObjectId]]:
    """Sum what payments have settled of each invoice, and what is under way: allocations are filled in their order."""
    settled, under_way = Counter[ObjectId](), Counter[ObjectId]()
    for payment in all_of(state, Payment):
        amounts, begin = payment.amounts, 0
        paid = amounts.credited_minor + amounts.charged_minor - amounts.returned_minor
        for part in amounts.allocations:
            end = begin + part.amount_minor
            settled[part.invoice] += max(0, min(end, paid) - begin)
            under_way[part.invoice] += max(0, min(end, paid + amounts.under_way_minor) - max(begin, paid))
            begin = end
    return settled, under_way


INVARIANTS = Invariants(_breaches, _claimed, nothing_ended)
