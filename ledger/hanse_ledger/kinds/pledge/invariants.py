"""What every reachable state satisfies of pledges."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.claims import pledge_claim, uetr_claim
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceState
from hanse_ledger.kinds.payment.allocating import shares_of
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.pledge.bodies import PayOutPledge
from hanse_ledger.kinds.pledge.state import Pledge, PledgeState
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, nothing_ended, words
from hanse_ledger.values.types import Digest, ObjectId


def _breaches(state: ReachedState) -> Iterator[str]:
    settled = _settled(state)
    for pledge in all_of(state, Pledge):
        amounts, invoice = pledge.amounts, state.objects.get(pledge.links.invoice)
        if amounts.settled_minor != settled[pledge.id]:
            yield f"what is settled of {words(pledge)} is not what payments have settled that name it"
        if not 0 <= amounts.paid_out_minor <= amounts.amount_minor:
            yield f"less than nothing was paid out on {words(pledge)}, or more than was pledged"
        if not isinstance(invoice, Invoice):
            yield f"{words(pledge)} is of no invoice"
            continue
        if pledge.links.seller != invoice.links.seller:
            yield f"{words(pledge)} is another's than its invoice's seller"
        if (amounts.currency, amounts.minor_digits) != (invoice.amounts.currency, invoice.amounts.minor_digits):
            yield f"{words(pledge)} is of another currency than its invoice"
        if (pledge.status.state is PledgeState.LIVE) != (invoice.pledge.pledged_by == pledge.id):
            yield f"{words(pledge)} is live and not on its invoice, or is released and on it"
        if pledge.status.state is PledgeState.LIVE:
            if invoice.status.state is not InvoiceState.ACCEPTED or not invoice.links.tags:
                yield f"{words(pledge)} is of an invoice that nobody has accepted, or that bears no tag"
            if (
                amounts.amount_minor - amounts.settled_minor
                > invoice.amounts.owed_minor - invoice.amounts.settled_minor
            ):
                yield f"{words(pledge)} stands for more than is left to be paid"
    for invoice in all_of(state, Invoice):
        if invoice.pledge.pledged_by is not None and not isinstance(
            state.objects.get(invoice.pledge.pledged_by), Pledge
        ):
            yield f"{words(invoice)} is pledged by no pledge"


def _settled(state: ReachedState) -> Counter[ObjectId]:
    """Sum what payments have settled of what each pledge stands for."""
    settled = Counter[ObjectId]()
    for payment in all_of(state, Payment):
        for share, (paid, _) in zip(payment.amounts.allocations, shares_of(payment.amounts), strict=True):
            if share.pledge is not None:
                settled[share.pledge] += paid
    return settled


def _claimed(state: ReachedState, records: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive what each pledge that stands claims: its invoice, and that one's tags; and whose each UETR paid out is."""
    for pledge in all_of(state, Pledge):
        invoice = state.objects.get(pledge.links.invoice)
        if pledge.status.state is PledgeState.LIVE and isinstance(invoice, Invoice):
            for name in (invoice.id, *invoice.links.tags):
                yield pledge_claim(name), pledge.id
    for _, body, _ in records:
        if isinstance(body, PayOutPledge):
            yield uetr_claim(body.bank, body.uetr), body.pledge


INVARIANTS = Invariants(_breaches, _claimed, nothing_ended)
