"""Invoices between seller and buyer."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import tag_claim
from hanse_ledger.kinds.common import Context, Signers, ascending, find, require, require_alone
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, CancelInvoice, IssueInvoice, RefuseInvoice
from hanse_ledger.kinds.invoice.refusals import (
    AMOUNT_NEGATIVE,
    DUE_BEFORE_ISSUE,
    INVOICE_DECLARED,
    INVOICE_NOT_OPEN,
    INVOICE_PAID,
    INVOICE_PAYMENT_UNDER_WAY,
    INVOICE_PLEDGED,
    INVOICE_UNKNOWN,
    NOT_BUYER,
    NOT_SELLER,
    SELLER_IS_BUYER,
    TAG_EPOCH_MISSING,
    TAG_EPOCH_UNKNOWN,
    TAG_TAKEN,
    TAGS_NOT_SORTED,
)
from hanse_ledger.kinds.invoice.state import OPEN, Invoice, InvoiceAmounts, InvoiceLinks, InvoiceState, InvoiceStatus
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.types import Digest, ObjectId


def issue_invoice(state: StateView, body: IssueInvoice, signers: Signers, context: Context) -> Delta:
    """I-1. A seller registers an invoice to a buyer; no live invoice bears the same tag."""
    seller = find_active_party(state, body.seller, PartyRole.SELLER, context.at, "/body/seller")
    require_alone(signers, seller.id, NOT_SELLER)
    require(
        body.buyer != body.seller,
        SELLER_IS_BUYER,
        "/body/buyer",
        seen=body.buyer,
    )
    find_active_party(state, body.buyer, PartyRole.BUYER, context.at, "/body/buyer")
    # Zero is an amount payable: of a prepaid invoice nothing is outstanding from the beginning.
    require(
        body.payable_minor >= 0,
        AMOUNT_NEGATIVE,
        "/body/payable_minor",
        seen=lambda: money_text(body.payable_minor, body.minor_digits, body.currency),
        wanted=lambda: f"{money_text(0, body.minor_digits, body.currency)} or more",
    )
    require(
        body.due is None or body.due >= body.issued,
        DUE_BEFORE_ISSUE,
        "/body/due",
        seen=body.due,
        wanted=f"{body.issued} or later",
    )
    claims = _tag_claims(state, body)

    # From here the issue must succeed.
    invoice = Invoice(
        id=context.creates,
        seed=context.nonce,
        amounts=InvoiceAmounts(
            currency=body.currency,
            minor_digits=body.minor_digits,
            payable_minor=body.payable_minor,
            settled_minor=0,
            under_way_minor=0,
        ),
        history=NO_HISTORY,
        links=InvoiceLinks(buyer=body.buyer, declarations=0, seller=body.seller, tags=claims),
        pledge=None,
        status=InvoiceStatus(state=InvoiceState.ISSUED),
    )
    return Delta(objects=(invoice,), claims=dict.fromkeys(claims, invoice.id))


def _tag_claims(state: StateView, body: IssueInvoice) -> tuple[Digest, ...]:
    """Name the claims to the invoice's tags: none, or one of each epoch in use, that no live invoice has."""
    epochs = [tag.epoch for tag in body.tags]
    require(epochs == sorted(set(epochs)), TAGS_NOT_SORTED, "/body/tags", seen=epochs)
    known = state.membership.parameters.tag_epochs
    require(
        set(epochs) <= set(known),
        TAG_EPOCH_UNKNOWN,
        "/body/tags",
        seen=epochs,
        wanted=list(known),
    )
    require(
        not epochs or set(epochs) == set(known),
        TAG_EPOCH_MISSING,
        "/body/tags",
        seen=epochs,
        wanted=list(known),
    )
    claims = tuple(tag_claim(tag.epoch, tag.value) for tag in body.tags)
    for place, claim in enumerate(claims):
        holder = state.claim(claim)
        require(holder is None, TAG_TAKEN, f"/body/tags/{place}", seen=holder or "")
    return claims


def accept_invoice(state: StateView, body: AcceptInvoice, signers: Signers, _: Context) -> Delta:
    """I-2. The buyer accepts the invoice as its debt."""
    invoice = find_invoice(state, body.invoice, "/body/invoice")
    require_alone(signers, invoice.links.buyer, NOT_BUYER)
    _require_state(invoice, InvoiceState.ISSUED)

    # From here the acceptance must succeed.
    return Delta(objects=(replace(invoice, status=InvoiceStatus(state=InvoiceState.ACCEPTED)),))


def refuse_invoice(state: StateView, body: RefuseInvoice, signers: Signers, _: Context) -> Delta:
    """I-3. The buyer refuses an invoice that is neither accepted, paid, declared nor pledged."""
    invoice = find_invoice(state, body.invoice, "/body/invoice")
    require_alone(signers, invoice.links.buyer, NOT_BUYER)
    require(
        len(body.reasons) > 0 and ascending(body.reasons),
        REASONS_NOT_SORTED,
        "/body/reasons",
    )
    _require_state(invoice, InvoiceState.ISSUED)
    _require_unused(invoice)

    # From here the refusal must succeed.
    return _close(invoice, InvoiceState.REFUSED)


def cancel_invoice(state: StateView, body: CancelInvoice, signers: Signers, _: Context) -> Delta:
    """I-4. The seller cancels an invoice that is neither paid, declared nor pledged."""
    invoice = find_invoice(state, body.invoice, "/body/invoice")
    require_alone(signers, invoice.links.seller, NOT_SELLER)
    _require_state(invoice, *OPEN)
    _require_unused(invoice)

    # From here the cancellation must succeed.
    return _close(invoice, InvoiceState.CANCELLED)


def _require_state(invoice: Invoice, *states: InvoiceState) -> None:
    present = invoice.status.state
    require(
        present in states,
        INVOICE_NOT_OPEN,
        "/body/invoice",
        seen=present,
        wanted=" or ".join(states),
    )


def _require_unused(invoice: Invoice) -> None:
    amounts = invoice.amounts
    require(
        amounts.settled_minor == 0,
        INVOICE_PAID,
        "/body/invoice",
        seen=lambda: money_text(amounts.settled_minor, amounts.minor_digits, amounts.currency),
        wanted=lambda: money_text(0, amounts.minor_digits, amounts.currency),
    )
    under_way = amounts.under_way_minor
    require(
        under_way == 0,
        INVOICE_PAYMENT_UNDER_WAY,
        "/body/invoice",
        seen=under_way,
        wanted=0,
    )
    declared = invoice.links.declarations
    require(declared == 0, INVOICE_DECLARED, "/body/invoice", seen=declared, wanted=0)
    require(
        invoice.pledge is None,
        INVOICE_PLEDGED,
        "/body/invoice",
        seen=invoice.pledge or "",
    )


def _close(invoice: Invoice, state: InvoiceState) -> Delta:
    """End an invoice and give its tags back, so that a corrected one may bear them."""
    return Delta(
        objects=(replace(invoice, status=InvoiceStatus(state=state)),),
        claims=dict.fromkeys(invoice.links.tags),
    )


def find_invoice(state: StateView, name: ObjectId, pointer: str) -> Invoice:
    """Find an invoice, or refuse."""
    return find(state, name, Invoice, INVOICE_UNKNOWN, pointer)
