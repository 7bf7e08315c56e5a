"""What every reachable state satisfies of invoices: their amounts are payments', their counts declarations'."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.declaration.state import COUNTED, Declaration
from hanse_ledger.kinds.invoice.state import OPEN, Invoice
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from hanse_ledger.kinds.reached import Invariants, ReachedState, Told, all_of, are, nothing_ended, words
from hanse_ledger.values.types import Digest, ObjectId


def _breaches(state: ReachedState) -> Iterator[str]:
    settled, under_way = _allocated(state, PaymentState.CONFIRMED), _allocated(state, PaymentState.INSTRUCTED)
    declared = Counter(
        name
        for declaration in all_of(state, Declaration)
        if declaration.status.state in COUNTED
        for name in declaration.links.invoices
    )
    for invoice in all_of(state, Invoice):
        amounts, links = invoice.amounts, invoice.links
        if min(amounts.settled_minor, amounts.under_way_minor, amounts.outstanding_minor) < 0:
            yield f"{words(invoice)} is overpaid, or less than nothing of it is paid"
        if (amounts.settled_minor, amounts.under_way_minor) != (settled[invoice.id], under_way[invoice.id]):
            yield f"the amounts of {words(invoice)} are not those of its payments"
        if links.declarations != declared[invoice.id]:
            yield f"{words(invoice)} miscounts its declarations"
        used = amounts.settled_minor or amounts.under_way_minor or links.declarations or invoice.pledge
        if invoice.status.state not in OPEN and used:
            yield f"{words(invoice)} is closed, and paid, declared or pledged"
        if links.seller == links.buyer or not are(state, Party, links.seller, links.buyer):
            yield f"{words(invoice)} is not between two parties"


def _claimed(state: ReachedState, _: Sequence[Told]) -> Iterator[tuple[Digest, bytes]]:
    """Derive whose each tag is: an open invoice's."""
    for invoice in all_of(state, Invoice):
        if invoice.status.state in OPEN:
            for tag in invoice.links.tags:
                yield tag, invoice.id


def _allocated(state: ReachedState, wanted: PaymentState) -> Counter[ObjectId]:
    """Sum what payments in a state allocate to each invoice."""
    sums: Counter[ObjectId] = Counter()
    for payment in all_of(state, Payment):
        if payment.status.state is wanted:
            for part in payment.amounts.allocations:
                sums[part.invoice] += part.amount_minor
    return sums


INVARIANTS = Invariants(_breaches, _claimed, nothing_ended)
