"""A sample of each record of pledges."""

from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.kinds.pledge.bodies import AssignPledge, CreatePledge, PayOutPledge, ReleasePledge
from hanse_ledger.kinds.standins import stand_in


def create() -> CreatePledge:
    """The seller pledges its invoice, 1,000.00 EUR, to its bank, which has made the invoice's tags itself."""
    return CreatePledge(
        amount_minor=100_000,
        bank="bank-cn",
        consignment=None,
        currency="EUR",
        invoice=stand_in("invoice"),
        minor_digits=2,
        tags=tuple(Tag(epoch=epoch, value=stand_in(f"tag 1 of epoch {epoch}")) for epoch in (1, 2)),
    )


def release() -> ReleasePledge:
    """The bank has its money back."""
    return ReleasePledge(pledge=stand_in("pledge"))


def assign() -> AssignPledge:
    """The bank hands it on to another one."""
    return AssignPledge(bank="bank-be", pledge=stand_in("pledge"))


def pay_out() -> PayOutPledge:
    """The bank has sent the seller 800.00 EUR of the 1,000.00 that are pledged to it."""
    return PayOutPledge(
        amount_minor=80_000,
        bank="bank-cn",
        currency="EUR",
        minor_digits=2,
        pledge=stand_in("pledge"),
        rail="swift",
        uetr="00000000-0000-4000-8000-0000000000a1",
    )
