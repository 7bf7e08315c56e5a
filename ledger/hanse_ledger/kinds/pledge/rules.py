"""Pledges of invoices to the banks that finance them."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import pledge_claim, tag_claim, uetr_claim
from hanse_ledger.kinds.common import Context, Signers, find, find_active_member, require, require_only, require_role
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import INVOICE_PAYMENT_UNDER_WAY, INVOICE_PLEDGED, NOT_SELLER
from hanse_ledger.kinds.invoice.rules import find_invoice, require_currency, require_epochs
from hanse_ledger.kinds.invoice.state import Invoice, InvoicePledge, InvoiceState
from hanse_ledger.kinds.payment.refusals import UETR_TAKEN
from hanse_ledger.kinds.pledge.bodies import AssignPledge, CreatePledge, PayOutPledge, ReleasePledge
from hanse_ledger.kinds.pledge.refusals import (
    ACCEPTANCE_OUTDATED,
    ACCEPTED_WITHOUT_DUE,
    INVOICE_NOT_ACCEPTED,
    NOT_ALL_OUTSTANDING,
    NOT_NEW_PLEDGEE,
    NOT_PLEDGEE,
    OTHER_PLEDGEE,
    PAID_OUT_TOO_MUCH,
    PLEDGE_ENDED,
    PLEDGE_UNKNOWN,
    SAME_PLEDGEE,
    TAG_PLEDGED,
    TAGS_DIFFER,
)
from hanse_ledger.kinds.pledge.state import Pledge, PledgeAmounts, PledgeLinks, PledgeState, PledgeStatus
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.membership import MemberRole


def create_pledge(state: StateView, body: CreatePledge, signers: Signers, context: Context) -> Delta:
    """L-1. A bank and the seller pledge what is outstanding of an invoice that its buyer has accepted, once."""
    invoice = find_invoice(state, body.invoice, "/body/invoice")
    find_active_member(state, body.bank, MemberRole.BANK, context.at, "/body/bank")
    require(body.bank in signers.members, NOT_PLEDGEE, "/signers", wanted=body.bank)
    require(invoice.links.seller in signers.parties, NOT_SELLER, "/signers", wanted=invoice.links.seller)
    require_only(signers, 2)
    standing = invoice.pledge.pledged_by or state.claim(pledge_claim(invoice.id))
    require(
        standing is None,
        INVOICE_PLEDGED,
        "/body/invoice",
        seen=standing or "",
    )
    _require_accepted(invoice)
    amounts = invoice.amounts
    require(
        amounts.under_way_minor == 0,
        INVOICE_PAYMENT_UNDER_WAY,
        "/body/invoice",
        seen=lambda: money_text(amounts.under_way_minor, amounts),
        wanted=lambda: money_text(0, amounts),
    )
    require_currency(body, amounts)
    require(
        body.amount_minor == amounts.outstanding_minor,
        NOT_ALL_OUTSTANDING,
        "/body/amount_minor",
        seen=lambda: money_text(body.amount_minor, body),
        wanted=lambda: money_text(amounts.outstanding_minor, amounts),
    )
    claims = _require_own_tags(state, body, invoice)

    # From here the pledge must succeed.
    pledge = Pledge(
        id=context.creates,
        seed=context.seed,
        amounts=PledgeAmounts(
            amount_minor=body.amount_minor,
            currency=body.currency,
            minor_digits=body.minor_digits,
            paid_out_minor=0,
            settled_minor=0,
        ),
        history=NO_HISTORY,
        links=PledgeLinks(bank=body.bank, invoice=invoice.id, seller=invoice.links.seller),
        status=PledgeStatus(state=PledgeState.LIVE),
    )
    return Delta(
        objects=(pledge, replace(invoice, pledge=InvoicePledge(pledged_by=pledge.id))),
        claims=dict.fromkeys(claims, pledge.id),
    )


def release_pledge(state: StateView, body: ReleasePledge, signers: Signers, _: Context) -> Delta:
    """L-2. The bank gives the invoice free; where it is no member any more, seller and buyer do so together."""
    pledge = find_pledge(state, body.pledge, "/body/pledge")
    invoice = find_invoice(state, pledge.links.invoice, "/body/pledge")
    traders = {invoice.links.seller, invoice.links.buyer}
    gone = state.membership.member(pledge.links.bank) is None
    require(
        pledge.links.bank in signers.members or (gone and traders <= signers.parties),
        NOT_PLEDGEE,
        "/signers",
        wanted=pledge.links.bank,
    )
    require_only(signers, len(traders) if gone else 1)
    _require_live(pledge)

    # From here the release must succeed.
    freed = (pledge_claim(name) for name in (invoice.id, *invoice.links.tags))
    return Delta(
        objects=(
            replace(pledge, status=PledgeStatus(state=PledgeState.RELEASED)),
            replace(invoice, pledge=InvoicePledge(pledged_by=None)),
        ),
        claims=dict.fromkeys(freed),
    )


def assign_pledge(state: StateView, body: AssignPledge, signers: Signers, context: Context) -> Delta:
    """L-3. A bank hands its pledge on to another bank; the invoice is pledged all the while."""
    pledge = find_pledge(state, body.pledge, "/body/pledge")
    find_active_member(state, body.bank, MemberRole.BANK, context.at, "/body/bank")
    former = pledge.links.bank
    require(body.bank != former, SAME_PLEDGEE, "/body/bank", seen=body.bank)
    require(former in signers.members, NOT_PLEDGEE, "/signers", wanted=former)
    require(body.bank in signers.members, NOT_NEW_PLEDGEE, "/signers", wanted=body.bank)
    require_role(state, former, MemberRole.BANK)
    require_only(signers, 2)
    _require_live(pledge)
    invoice = find_invoice(state, pledge.links.invoice, "/body/pledge")
    # What is under way names the bank that has the pledge now.
    under_way = invoice.amounts.under_way_minor
    require(
        under_way == 0,
        INVOICE_PAYMENT_UNDER_WAY,
        "/body/pledge",
        seen=lambda: money_text(under_way, invoice.amounts),
        wanted=lambda: money_text(0, invoice.amounts),
    )

    # From here the assignment must succeed.
    return Delta(objects=(replace(pledge, links=replace(pledge.links, bank=body.bank)), invoice))


def pay_out_pledge(state: StateView, body: PayOutPledge, signers: Signers, _: Context) -> Delta:
    """L-4. The bank that has a pledge says what it has paid to the seller, never more in all than was pledged."""
    pledge = find_pledge(state, body.pledge, "/body/pledge")
    bank = pledge.links.bank
    require(body.bank == bank, OTHER_PLEDGEE, "/body/bank", seen=body.bank, wanted=bank)
    require(bank in signers.members, NOT_PLEDGEE, "/signers", wanted=bank)
    require_role(state, bank, MemberRole.BANK)
    require_only(signers, 1)
    _require_live(pledge)
    uetr = uetr_claim(bank, body.uetr)
    require(state.claim(uetr) is None, UETR_TAKEN, "/body/uetr", seen=body.uetr)
    amounts = pledge.amounts
    require_currency(body, amounts)
    paid_out = amounts.paid_out_minor + body.amount_minor
    require(
        paid_out <= amounts.amount_minor,
        PAID_OUT_TOO_MUCH,
        "/body/amount_minor",
        seen=lambda: money_text(body.amount_minor, body),
        wanted=lambda: f"at most {money_text(amounts.amount_minor - amounts.paid_out_minor, amounts)}",
    )

    # From here the payout must succeed.
    return Delta(
        objects=(replace(pledge, amounts=replace(amounts, paid_out_minor=paid_out)),), claims={uetr: pledge.id}
    )


def _require_accepted(invoice: Invoice) -> None:
    """Insist that the buyer's acceptance stands unchanged: its amount, and a day."""
    present, acceptance, amounts = invoice.status.state, invoice.acceptance, invoice.amounts
    require(
        present is InvoiceState.ACCEPTED,
        INVOICE_NOT_ACCEPTED,
        "/body/invoice",
        seen=present,
        wanted=InvoiceState.ACCEPTED,
    )
    accepted = None if acceptance is None else acceptance.accepted_minor
    require(
        accepted == amounts.owed_minor,
        ACCEPTANCE_OUTDATED,
        "/body/invoice",
        seen=lambda: "" if accepted is None else money_text(accepted, amounts),
        wanted=lambda: money_text(amounts.owed_minor, amounts),
    )
    require(acceptance is not None and acceptance.accepted_due is not None, ACCEPTED_WITHOUT_DUE, "/body/invoice")


def _require_own_tags(state: StateView, body: CreatePledge, invoice: Invoice) -> tuple[Digest, ...]:
    """Insist that the bank's tags are the invoice's, and name what the pledge claims: the invoice, and each tag."""
    require_epochs(state, body.tags)
    claims = tuple(tag_claim(tag.epoch, tag.value) for tag in body.tags)
    require(claims == invoice.links.tags, TAGS_DIFFER, "/body/tags")
    for place, claim in enumerate(claims):
        standing = state.claim(pledge_claim(claim))
        require(standing is None, TAG_PLEDGED, f"/body/tags/{place}", seen=standing or "")
    return tuple(pledge_claim(name) for name in (invoice.id, *claims))


def _require_live(pledge: Pledge) -> None:
    present = pledge.status.state
    require(
        present is PledgeState.LIVE,
        PLEDGE_ENDED,
        "/body/pledge",
        seen=present,
        wanted=PledgeState.LIVE,
    )


def find_pledge(state: StateView, object_id: ObjectId, pointer: str) -> Pledge:
    """Find a pledge, or refuse."""
    return find(state, object_id, Pledge, PLEDGE_UNKNOWN, pointer)
