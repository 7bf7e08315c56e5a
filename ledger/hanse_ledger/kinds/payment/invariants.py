"""What every reachable state satisfies of payments."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.claims import ended_claim, uetr_claim
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.payment.allocating import state_of
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, words
from hanse_ledger.values.types import Digest

CAME_TO_NOTHING = (PaymentState.REJECTED, PaymentState.WITHDRAWN)


def _breaches(state: ReachedState) -> Iterator[str]:
    for payment in all_of(state, Payment):
        amounts, links = payment.amounts, payment.links
        named = [part.invoice for part in amounts.allocations]
        if sum(part.amount_minor for part in amounts.allocations) != amounts.amount_minor:
            yield f"{words(payment)} is not the sum of its allocations"
        if min(amounts.under_way_minor, amounts.ended_minor, amounts.settled_minor, amounts.returned_minor) < 0:
            yield f"more or less of {words(payment)} was confirmed, returned or ended than there is"
        if not (0 <= amounts.last_charged_minor <= amounts.charged_minor) or not (
            (amounts.arrived_minor > 0) <= amounts.last_credited_minor <= amounts.credited_minor
        ):
            yield f"less than nothing of {words(payment)} was charged, or nothing was credited"
        if payment.status.state is not state_of(amounts, _otherwise(payment)):
            yield f"the state of {words(payment)} does not follow from its amounts"
        if len(set(named)) != len(named):
            yield f"{words(payment)} pays an invoice twice"
        for name in named:
            invoice = state.objects.get(name)
            if not isinstance(invoice, Invoice):
                yield f"{words(payment)} pays what is no invoice"
            elif (invoice.links.buyer, invoice.links.seller) != (links.payer, links.payee) or (
                invoice.amounts.currency,
                invoice.amounts.minor_digits,
            ) != (amounts.currency, amounts.minor_digits):
                yield f"{words(payment)} pays an invoice between others, or in another currency"


def _otherwise(payment: Payment) -> PaymentState:
    """Tell in which state a payment of which nothing has arrived may be: under way or come to nothing."""
    state = payment.status.state
    if payment.amounts.under_way_minor == 0:
        return state if state in CAME_TO_NOTHING else PaymentState.REJECTED
    return PaymentState.INSTRUCTED if payment.status.accepted is None else PaymentState.ACCEPTED


def _claimed(state: ReachedState, _: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive whose each UETR is, within the payer's bank."""
    for payment in all_of(state, Payment):
        links = payment.links
        if links.uetr is not None:
            yield uetr_claim(links.payer_bank, links.uetr), payment.id


def _counted(state: ReachedState, _: Sequence[AppliedRecord]) -> Counter[Digest]:
    """Count what has come to nothing for each payer on each invoice. The payer is never the seller."""
    counts: Counter[Digest] = Counter()
    for payment in all_of(state, Payment):
        if payment.status.state in CAME_TO_NOTHING:
            counts.update(ended_claim(part.invoice, payment.links.payer) for part in payment.amounts.allocations)
    return counts


INVARIANTS = Invariants(_breaches, _claimed, _counted)
