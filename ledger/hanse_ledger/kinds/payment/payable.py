"""What of an invoice may be paid, by whom, to whom and in what."""

from hanse_ledger.kinds.common import require
from hanse_ledger.kinds.ended import require_room
from hanse_ledger.kinds.invoice.refusals import INVOICE_NOT_OPEN
from hanse_ledger.kinds.invoice.rules import find_invoice
from hanse_ledger.kinds.invoice.state import OPEN, Invoice
from hanse_ledger.kinds.payment.bodies import InstructPayment
from hanse_ledger.kinds.payment.refusals import CURRENCY_DIFFERS, OVERPAID, PAYEE_NOT_SELLER, PAYER_NOT_BUYER
from hanse_ledger.kinds.pledge.refusals import PAYEE_BANK_NOT_PLEDGEE, PLEDGE_DIFFERS
from hanse_ledger.kinds.pledge.rules import find_pledge
from hanse_ledger.kinds.pledge.state import PledgeState
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.figures import money_text


def find_payable(state: StateView, body: InstructPayment, place: int) -> Invoice:
    """The invoice of one allocation: open, between these two, in this currency, with enough outstanding."""
    part, pointer = body.allocations[place], f"/body/allocations/{place}"
    invoice = find_invoice(state, part.invoice, f"{pointer}/invoice")
    links, amounts = invoice.links, invoice.amounts
    require(
        links.buyer == body.payer,
        PAYER_NOT_BUYER,
        "/body/payer",
        seen=body.payer,
        wanted=links.buyer,
    )
    require(
        links.seller == body.payee,
        PAYEE_NOT_SELLER,
        "/body/payee",
        seen=body.payee,
        wanted=links.seller,
    )
    require_room(state, invoice, body.payer, f"{pointer}/invoice")
    present = invoice.status.state
    require(
        present in OPEN,
        INVOICE_NOT_OPEN,
        f"{pointer}/invoice",
        seen=present,
    )
    require(
        (amounts.currency, amounts.minor_digits) == (body.currency, body.minor_digits),
        CURRENCY_DIFFERS,
        "/body/currency" if amounts.currency != body.currency else "/body/minor_digits",
        seen=f"{body.currency} of {body.minor_digits} decimal places",
        wanted=f"{amounts.currency} of {amounts.minor_digits}",
    )
    require(
        part.amount_minor <= amounts.outstanding_minor,
        OVERPAID,
        f"{pointer}/amount_minor",
        seen=lambda: money_text(part.amount_minor, body),
        wanted=lambda: f"at most {money_text(amounts.outstanding_minor, amounts)}",
    )
    _require_redirected(state, body, invoice, place)
    return invoice


def _require_redirected(state: StateView, body: InstructPayment, invoice: Invoice, place: int) -> None:
    """Insist that the payment of a pledged invoice names its pledge, and goes to the bank that has it."""
    named, pointer, standing = (
        body.allocations[place].pledge,
        f"/body/allocations/{place}/pledge",
        invoice.pledge.pledged_by,
    )
    if named is None:
        require(standing is None, PLEDGE_DIFFERS, pointer, seen="none", wanted=standing or "")
        return
    # The pledge says whether it stands, and on what: as much is known of it wherever it is named.
    pledge = find_pledge(state, named, pointer)
    stands = pledge.links.invoice == invoice.id and pledge.status.state is PledgeState.LIVE
    require(stands, PLEDGE_DIFFERS, pointer, seen=named, wanted=standing or "none")
    require(
        body.payee_bank == pledge.links.bank,
        PAYEE_BANK_NOT_PLEDGEE,
        "/body/payee_bank",
        seen=body.payee_bank,
        wanted=pledge.links.bank,
    )
