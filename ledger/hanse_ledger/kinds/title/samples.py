"""A sample of each record of titles."""

from hanse_ledger.kinds.standins import commitment, stand_in
from hanse_ledger.kinds.title.bodies import (
    AmendTitle,
    ConvertTitle,
    IssueTitle,
    Medium,
    RejectTitle,
    SurrenderTitle,
    TransferTitle,
)


def issue() -> IssueTitle:
    """The carrier issues a bill of lading to the seller's order."""
    return IssueTitle(
        consignment=None,
        document=commitment("transport document", discoverable=False),
        holder=stand_in("seller"),
        payload=None,
        shipment=stand_in("shipment"),
    )


def transfer() -> TransferTitle:
    """The seller passes it on to the buyer."""
    return TransferTitle(new_holder=stand_in("buyer"), title=stand_in("title"))


def reject() -> RejectTitle:
    """The buyer does not take it: the goods are not those that it ordered."""
    return RejectTitle(reasons=("GOODS",), title=stand_in("title"))


def surrender() -> SurrenderTitle:
    """The buyer surrenders it against the goods."""
    return SurrenderTitle(title=stand_in("title"))


def amend() -> AmendTitle:
    """Another port of discharge is agreed."""
    return AmendTitle(
        document=commitment("amended document", discoverable=False), payload=None, title=stand_in("title")
    )


def convert() -> ConvertTitle:
    """The buyer's customs want paper."""
    return ConvertTitle(
        document=commitment("paper document", discoverable=False),
        holder=stand_in("buyer"),
        medium=Medium.PAPER,
        payload=None,
        title=stand_in("title"),
    )
