"""A sample of each record of invoices."""

from hanse_ledger.kinds.invoice.bodies import (
    AcceptInvoice,
    CancelInvoice,
    CreditInvoice,
    IssueInvoice,
    RefuseInvoice,
    RetagInvoice,
    Tag,
)
from hanse_ledger.kinds.standins import commitment, payload, stand_in


def issue() -> IssueInvoice:
    """The seller's invoice to the buyer, 1,000.00 EUR, with tags of both epochs in use; its file travels, sealed."""
    return IssueInvoice(
        buyer=stand_in("buyer"),
        consignment=None,
        currency="EUR",
        document=commitment("invoice", discoverable=False),
        due="2026-10-21",
        issued="2026-09-21",
        minor_digits=2,
        payable_minor=100_000,
        payload=payload("invoice", "buyer", "office"),
        seller=stand_in("seller"),
        tags=tuple(Tag(epoch=epoch, value=stand_in(f"tag 2 of epoch {epoch}")) for epoch in (1, 2)),
        type_code="380",
    )


def accept() -> AcceptInvoice:
    """The buyer accepts it: all of it, on the day when it is due."""
    return AcceptInvoice(
        amount_minor=100_000, currency="EUR", due="2026-10-21", invoice=stand_in("invoice"), minor_digits=2
    )


def refuse() -> RefuseInvoice:
    """The buyer refuses it, for two reasons."""
    return RefuseInvoice(invoice=stand_in("invoice"), reasons=("GOODS", "PRICE"))


def cancel() -> CancelInvoice:
    """The seller cancels it."""
    return CancelInvoice(invoice=stand_in("invoice"))


def credit() -> CreditInvoice:
    """The seller credits 50.00 EUR of it."""
    return CreditInvoice(
        amount_minor=5_000,
        currency="EUR",
        document=commitment("credit note", discoverable=False),
        invoice=stand_in("invoice"),
        minor_digits=2,
        payload=None,
    )


def retag() -> RetagInvoice:
    """The seller gives it other tags of both epochs in use."""
    tags = tuple(Tag(epoch=epoch, value=stand_in(f"new tag of epoch {epoch}")) for epoch in (1, 2))
    return RetagInvoice(invoice=stand_in("invoice"), pledge=None, tags=tags)
