"""A sample of each record of documents."""

from hanse_ledger.kinds.document.bodies import (
    EraseDocument,
    GrantDocument,
    HoldDocument,
    ReceiveDocument,
    UnholdDocument,
)
from hanse_ledger.kinds.document.state import ReceiptStage
from hanse_ledger.kinds.standins import payload, salt_for, stand_in


def grant() -> GrantDocument:
    """The seller has a copy of its invoice sealed to the agent."""
    return GrantDocument(document=stand_in("document"), payload=payload("copy", "agent"))


def receive() -> ReceiveDocument:
    """The buyer has opened it."""
    return ReceiveDocument(
        document=stand_in("document"),
        reader_member=None,
        reader_party=stand_in("buyer"),
        salt=salt_for("invoice", "buyer"),
        stage=ReceiptStage.RETRIEVED,
    )


def hold() -> HoldDocument:
    """Customs orders that it be kept."""
    return HoldDocument(document=stand_in("document"), office="customs-be", salt=salt_for("invoice", "office"))


def unhold() -> UnholdDocument:
    """Customs lets go of it."""
    return UnholdDocument(document=stand_in("document"), office="customs-be")


def erase() -> EraseDocument:
    """The seller has it erased: no declaration names its invoice."""
    return EraseDocument(declarations=(), document=stand_in("document"))
