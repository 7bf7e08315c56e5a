"""What every reachable state satisfies of payments."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.claims import ClaimKind, claim_key, ended_claim
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.payment.state import Payment, PaymentState
from hanse_ledger.kinds.reached import Invariants, ReachedState, Told, all_of, words
from hanse_ledger.values.types import Digest

CAME_TO_NOTHING = (PaymentState.REJECTED, PaymentState.WITHDRAWN)


def _breaches(state: ReachedState) -> Iterator[str]:
    for payment in all_of(state, Payment):
        amounts, links = payment.amounts, payment.links
        named = [part.invoice for part in amounts.allocations]
        if sum(part.amount_minor for part in amounts.allocations) != amounts.amount_minor:
            yield f"{words(payment)} is not the sum of its allocations"
        arrived = payment.status.state in (PaymentState.CONFIRMED, PaymentState.RETURNED)
        if amounts.credited_minor + amounts.charged_minor != (amounts.amount_minor if arrived else 0):
            yield f"what was credited and charged of {words(payment)} is not what was instructed"
        if amounts.charged_minor < 0 or (arrived and amounts.credited_minor < 1):
            yield f"less than nothing of {words(payment)} was charged, or nothing was credited"
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


def _claimed(state: ReachedState, _: Sequence[Told]) -> Iterator[tuple[Digest, bytes]]:
    """Derive whose each UETR is, within the payer's bank."""
    for payment in all_of(state, Payment):
        links = payment.links
        if links.uetr is not None:
            yield claim_key(ClaimKind.UETR, links.payer_bank.encode(), links.uetr.encode()), payment.id


def _counted(state: ReachedState, _: Sequence[Told]) -> Counter[Digest]:
    """Count what has come to nothing for each payer on each invoice. The payer is never the seller."""
    counts: Counter[Digest] = Counter()
    for payment in all_of(state, Payment):
        if payment.status.state in CAME_TO_NOTHING:
            counts.update(ended_claim(part.invoice, payment.links.payer) for part in payment.amounts.allocations)
    return counts


INVARIANTS = Invariants(_breaches, _claimed, _counted)
