"""Invoices that look like one that was sent before: what somebody should see before the same debt stands twice."""

from collections.abc import Callable
from datetime import date

from hanse_client.base.errors import InvalidInput, NotFound
from hanse_client.base.objects import InvoiceView
from hanse_client.base.views import AlikeInvoice
from hanse_client.exchange.reading import show
from hanse_client.exchange.registering import OVER
from hanse_client.exchange.session import Session
from hanse_client.home.alike import Likeness
from hanse_documents.checks.folding import bare_text
from hanse_documents.model.documents import InvoiceDocument
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest

ALIKE_DAYS = 7
"""So many days apart two invoices of one amount may be one: what is billed each month is not."""


async def near_duplicates(session: Session, ledger: Digest, likeness: Likeness) -> tuple[AlikeInvoice, ...]:
    """Find what was sent from this home folder, stands, and looks like an invoice that is about to be sent.

    What is cancelled or refused does not count, nor what never came to stand. Raises as `show` does, and SetupError.
    """
    return await _found(session, ledger, likeness, _why)


async def numbered_alike(session: Session, ledger: Digest, likeness: Likeness) -> tuple[AlikeInvoice, ...]:
    """Find those of the same number alone. Of many invoices in one list several may well be of one amount."""
    return await _found(session, ledger, likeness, _why_numbered)


async def _found(
    session: Session, ledger: Digest, likeness: Likeness, alike: Callable[[Likeness, Likeness], tuple[str, ...]]
) -> tuple[AlikeInvoice, ...]:
    found = []
    for kept in session.alike.find(ledger, likeness):
        why = alike(kept.likeness, likeness)
        if not why:
            continue
        try:
            view = await show(session, kept.object, InvoiceView)
        except NotFound:
            continue
        if view.state not in OVER:
            found.append(
                AlikeInvoice(
                    why=why,
                    object_id=kept.object,
                    record_id=kept.record,
                    number=kept.likeness.number,
                    issued=kept.likeness.issued,
                    amount=money_text(kept.likeness.amount_minor, kept.likeness),
                    state=view.state,
                )
            )
    return tuple(found)


def likeness_of(body: IssueInvoice, document: InvoiceDocument, data: bytes) -> Likeness:
    """Say what is compared of an invoice with others of its seller."""
    return Likeness(
        amount_minor=body.payable_minor,
        buyer=body.buyer,
        currency=body.currency,
        file=hash_bytes(data),
        issued=body.issued,
        minor_digits=body.minor_digits,
        number=document.number,
        seller=body.seller,
    )


def _why(before: Likeness, now: Likeness) -> tuple[str, ...]:
    """Say in what two invoices of one seller are alike; in nothing that counts where it is empty."""
    why = [*_why_numbered(before, now)]
    days = abs((date.fromisoformat(now.issued) - date.fromisoformat(before.issued)).days)
    money = (before.buyer, before.currency, before.minor_digits, before.amount_minor)
    if money == (now.buyer, now.currency, now.minor_digits, now.amount_minor) and days <= ALIKE_DAYS:
        why.append("same-parties-and-amount")
    return tuple(why)


def _why_numbered(before: Likeness, now: Likeness) -> tuple[str, ...]:
    if bare_text(before.number) != bare_text(now.number):
        return ()
    return ("same-number" if before.issued[:4] == now.issued[:4] else "same-number-another-year",)


def told(alike: AlikeInvoice) -> InvalidInput:
    """Say of one of them in words what it is, and what to do."""
    return InvalidInput(
        f"This invoice looks like one that stands: {alike.text()}.",
        "If they are the same debt, cancel one of the two: hanse invoice cancel ID.",
    )
