"""What of a payment is settled and under way on each of its invoices, and what its state follows from.

The allocations are filled in their order: first with what is settled, then with what is under way. So one confirmed
part pays the first invoice before the second, and what goes back reopens the last one first.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.payment.state import PaymentAmounts, PaymentState
from hanse_ledger.kinds.pledge.state import Pledge


def shares_of(amounts: PaymentAmounts) -> Iterator[tuple[int, int]]:
    """Give what is settled, and what is under way, of each allocation in turn."""
    settled, under_way = amounts.settled_minor, amounts.under_way_minor
    for share in amounts.allocations:
        paid = min(share.amount_minor, settled)
        open_minor = min(share.amount_minor - paid, under_way)
        settled, under_way = settled - paid, under_way - open_minor
        yield paid, open_minor


def added_to(before: PaymentAmounts | None, after: PaymentAmounts) -> list[tuple[int, int]]:
    """Give what is added to each invoice's settled sum, and to its sum under way, where a payment has changed."""
    old = [(0, 0) for _ in after.allocations] if before is None else list(shares_of(before))
    pairs = zip(old, shares_of(after), strict=True)
    return [(new_settled - settled, new_open - opened) for (settled, opened), (new_settled, new_open) in pairs]


def settle(invoices: Sequence[Invoice], before: PaymentAmounts | None, after: PaymentAmounts) -> tuple[Invoice, ...]:
    """Move each invoice's sums as a payment has changed; `before` is nil for a new one.

    All of them are given, changed or not: so an invoice's history has whatever was said of its payments.
    """
    return tuple(
        replace(
            invoice,
            amounts=replace(
                invoice.amounts,
                settled_minor=invoice.amounts.settled_minor + settled,
                under_way_minor=invoice.amounts.under_way_minor + under_way,
            ),
        )
        for invoice, (settled, under_way) in zip(invoices, added_to(before, after), strict=True)
    )


def settle_pledges(
    pledges: Sequence[Pledge], before: PaymentAmounts | None, after: PaymentAmounts
) -> tuple[Pledge, ...]:
    """Move what is settled of each pledge as a payment has changed that names it."""
    moved = zip(after.allocations, added_to(before, after), strict=True)
    settled = {share.pledge: paid for share, (paid, _) in moved}
    return tuple(
        replace(
            pledge,
            amounts=replace(pledge.amounts, settled_minor=pledge.amounts.settled_minor + settled[pledge.id]),
        )
        for pledge in pledges
    )


def state_of(amounts: PaymentAmounts, otherwise: PaymentState) -> PaymentState:
    """Tell how far a payment has come; `otherwise` is its state where nothing has arrived."""
    if amounts.arrived_minor == 0:
        return otherwise
    if amounts.settled_minor == 0 and amounts.under_way_minor == 0:
        return PaymentState.RETURNED
    if amounts.returned_minor > 0:
        return PaymentState.PARTLY_RETURNED
    if amounts.under_way_minor > 0:
        return PaymentState.PARTLY_CONFIRMED
    return PaymentState.CONFIRMED if amounts.ended_minor == 0 else PaymentState.CUT_SHORT
