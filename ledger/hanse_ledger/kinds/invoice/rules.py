"""Invoices between seller and buyer."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import pledge_claim, tag_claim
from hanse_ledger.kinds.common import Context, Signers, ascending, find, require, require_alone, require_only
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.bodies import (
    AcceptInvoice,
    CancelInvoice,
    CreditInvoice,
    IssueInvoice,
    RefuseInvoice,
    RetagInvoice,
    Tag,
)
from hanse_ledger.kinds.invoice.refusals import (
    AMOUNT_NEGATIVE,
    AMOUNT_NOT_PAYABLE,
    CREDITED_BEYOND,
    DUE_BEFORE_ISSUE,
    DUE_DIFFERS,
    INVOICE_CURRENCY_DIFFERS,
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
    TAGS_UNCHANGED,
)
from hanse_ledger.kinds.invoice.state import (
    OPEN,
    Invoice,
    InvoiceAcceptance,
    InvoiceAmounts,
    InvoiceDates,
    InvoiceLinks,
    InvoicePledge,
    InvoiceState,
    InvoiceStatus,
)
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.pledge.refusals import NOT_PLEDGEE, PLEDGE_DIFFERS, PLEDGE_UNKNOWN
from hanse_ledger.kinds.pledge.state import Pledge, PledgeState
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.figures import InRecord, money_text
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
        seen=lambda: money_text(body.payable_minor, body),
        wanted=lambda: f"{money_text(0, body)} or more",
    )
    require(
        body.due is None or body.due >= body.issued,
        DUE_BEFORE_ISSUE,
        "/body/due",
        seen=body.due,
        wanted=f"{body.issued} or later",
    )
    claims = _tag_claims(state, body.tags)

    # From here the issue must succeed.
    invoice = Invoice(
        id=context.creates,
        seed=context.seed,
        acceptance=None,
        amounts=InvoiceAmounts(
            credited_minor=0,
            currency=body.currency,
            minor_digits=body.minor_digits,
            payable_minor=body.payable_minor,
            settled_minor=0,
            under_way_minor=0,
        ),
        dates=InvoiceDates(due=body.due, issued=body.issued),
        history=NO_HISTORY,
        links=InvoiceLinks(buyer=body.buyer, declarations=0, seller=body.seller, tags=claims),
        pledge=InvoicePledge(pledged_by=None),
        status=InvoiceStatus(state=InvoiceState.ISSUED),
    )
    return Delta(objects=(invoice,), claims=dict.fromkeys(claims, invoice.id))


def _tag_claims(state: StateView, tags: tuple[Tag, ...], own: ObjectId | None = None) -> tuple[Digest, ...]:
    """Name the claims to an invoice's tags: none, or one of each epoch in use, that no other live invoice has."""
    require_epochs(state, tags)
    claims = tuple(tag_claim(tag.epoch, tag.value) for tag in tags)
    for place, claim in enumerate(claims):
        holder = state.claim(claim)
        require(holder is None or holder == own, TAG_TAKEN, f"/body/tags/{place}", seen=holder or "")
    return claims


def require_epochs(state: StateView, tags: tuple[Tag, ...]) -> None:
    """Insist that tags are none, or one of each epoch in use, the older epoch first."""
    epochs = [tag.epoch for tag in tags]
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


def accept_invoice(state: StateView, body: AcceptInvoice, signers: Signers, _: Context) -> Delta:
    """I-2. The buyer accepts the invoice as its debt: what is payable of it, on the day when it is due."""
    invoice = find_invoice(state, body.invoice, "/body/invoice")
    require_alone(signers, invoice.links.buyer, NOT_BUYER)
    _require_state(invoice, InvoiceState.ISSUED)
    amounts, dates = invoice.amounts, invoice.dates
    require_currency(body, amounts)
    require(
        body.amount_minor == amounts.owed_minor,
        AMOUNT_NOT_PAYABLE,
        "/body/amount_minor",
        seen=lambda: money_text(body.amount_minor, body),
        wanted=lambda: money_text(amounts.owed_minor, amounts),
    )
    require(
        dates.due is None or body.due == dates.due,
        DUE_DIFFERS,
        "/body/due",
        seen=body.due or "",
        wanted=dates.due or "",
    )
    # An invoice without a due date may get one from its buyer.
    require(
        body.due is None or body.due >= dates.issued,
        DUE_BEFORE_ISSUE,
        "/body/due",
        seen=body.due,
        wanted=f"{dates.issued} or later",
    )

    # From here the acceptance must succeed.
    acceptance = InvoiceAcceptance(
        accepted_due=body.due,
        accepted_minor=body.amount_minor,
        currency=body.currency,
        minor_digits=body.minor_digits,
    )
    return Delta(objects=(replace(invoice, acceptance=acceptance, status=InvoiceStatus(state=InvoiceState.ACCEPTED)),))


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


def credit_invoice(state: StateView, body: CreditInvoice, signers: Signers, _: Context) -> Delta:
    """I-5. The seller's credit note takes off what is outstanding of an invoice, or a part of it."""
    invoice = find_invoice(state, body.invoice, "/body/invoice")
    require_alone(signers, invoice.links.seller, NOT_SELLER)
    _require_state(invoice, *OPEN)
    require(
        invoice.pledge.pledged_by is None,
        INVOICE_PLEDGED,
        "/body/invoice",
        seen=invoice.pledge.pledged_by or "",
    )
    amounts = invoice.amounts
    require_currency(body, amounts)
    require(
        body.amount_minor <= amounts.outstanding_minor,
        CREDITED_BEYOND,
        "/body/amount_minor",
        seen=lambda: money_text(body.amount_minor, body),
        wanted=lambda: f"at most {money_text(amounts.outstanding_minor, amounts)}",
    )

    # From here the credit note must succeed.
    credited = replace(amounts, credited_minor=amounts.credited_minor + body.amount_minor)
    return Delta(objects=(replace(invoice, amounts=credited),))


def retag_invoice(state: StateView, body: RetagInvoice, signers: Signers, _: Context) -> Delta:
    """I-6. The seller gives an open invoice one tag of each epoch in use; those that it bore no longer count."""
    invoice = find_invoice(state, body.invoice, "/body/invoice")
    seller = invoice.links.seller
    require(seller in signers.parties, NOT_SELLER, "/signers", wanted=seller)
    _require_state(invoice, *OPEN)
    pledge = _named_pledge(state, body, invoice, signers)
    require_only(signers, 1 if pledge is None else 2)
    claims = _tag_claims(state, body.tags, invoice.id)
    require(claims != invoice.links.tags, TAGS_UNCHANGED, "/body/tags")

    # From here the tags must move, and with them what the pledge claims.
    tagged = replace(invoice, links=replace(invoice.links, tags=claims))
    freed = [claim for claim in invoice.links.tags if claim not in claims]
    moved: dict[Digest, bytes | None] = {**dict.fromkeys(freed), **dict.fromkeys(claims, invoice.id)}
    if pledge is None:
        return Delta(objects=(tagged,), claims=moved)
    moved |= dict.fromkeys(pledge_claim(claim) for claim in freed)
    moved |= dict.fromkeys((pledge_claim(claim) for claim in claims), pledge.id)
    return Delta(objects=(tagged, pledge), claims=moved)


def _named_pledge(state: StateView, body: RetagInvoice, invoice: Invoice, signers: Signers) -> Pledge | None:
    """Find the pledge that stands on an invoice, whose bank has made the tags itself and signs; nil where none does."""
    standing = invoice.pledge.pledged_by
    require(body.pledge is not None or standing is None, INVOICE_PLEDGED, "/body/invoice", seen=standing or "")
    if body.pledge is None:
        return None
    # The pledge says whether it stands, and on what: as much is known of it wherever it is named.
    pledge = find(state, body.pledge, Pledge, PLEDGE_UNKNOWN, "/body/pledge")
    stands = pledge.links.invoice == invoice.id and pledge.status.state is PledgeState.LIVE
    require(stands, PLEDGE_DIFFERS, "/body/pledge", seen=pledge.id, wanted=standing or "")
    require(pledge.links.bank in signers.members, NOT_PLEDGEE, "/signers", wanted=pledge.links.bank)
    return pledge


def _require_state(invoice: Invoice, *states: InvoiceState) -> None:
    present = invoice.status.state
    require(
        present in states,
        INVOICE_NOT_OPEN,
        "/body/invoice",
        seen=present,
        wanted=" or ".join(states),
    )


def require_currency(body: InRecord, amounts: InRecord) -> None:
    """Refuse an amount in another currency than the invoice's, or its pledge's, or in another minor unit."""
    require(
        (body.currency, body.minor_digits) == (amounts.currency, amounts.minor_digits),
        INVOICE_CURRENCY_DIFFERS,
        "/body/currency",
        seen=f"{body.currency}, {body.minor_digits} minor digits",
        wanted=f"{amounts.currency}, {amounts.minor_digits} minor digits",
    )


def _require_unused(invoice: Invoice) -> None:
    amounts = invoice.amounts
    require(
        amounts.settled_minor == 0,
        INVOICE_PAID,
        "/body/invoice",
        seen=lambda: money_text(amounts.settled_minor, amounts),
        wanted=lambda: money_text(0, amounts),
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
        invoice.pledge.pledged_by is None,
        INVOICE_PLEDGED,
        "/body/invoice",
        seen=invoice.pledge.pledged_by or "",
    )


def _close(invoice: Invoice, state: InvoiceState) -> Delta:
    """End an invoice and give its tags back, so that a corrected one may bear them."""
    return Delta(
        objects=(replace(invoice, status=InvoiceStatus(state=state)),),
        claims=dict.fromkeys(invoice.links.tags),
    )


def find_invoice(state: StateView, object_id: ObjectId, pointer: str) -> Invoice:
    """Find an invoice, or refuse."""
    return find(state, object_id, Invoice, INVOICE_UNKNOWN, pointer)
