"""Rules S-1 to S-7: instruction, confirmation, return, rejection, withdrawal, acceptance, correction of payments."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_UNKNOWN
from hanse_ledger.kinds.declaration.refusals import DECLARATION_UNKNOWN
from hanse_ledger.kinds.invoice import refusals as invoices
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE, PARTY_LACKS_ROLE, PARTY_SUSPENDED, PARTY_UNKNOWN
from hanse_ledger.kinds.payment import refusals as why
from hanse_ledger.kinds.payment.bodies import Allocation, Condition, Debit, InstructPayment, Required
from hanse_ledger.kinds.pledge.refusals import PAYEE_BANK_NOT_PLEDGEE, PLEDGE_DIFFERS, PLEDGE_UNKNOWN
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER, TOO_MANY_ENDED
from hanse_ledger.values import limits
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_genesis import DAY, T0, YEAR, uetr_of
from tests.world.departures import KEYS_END, after, hold, let_keys_end, lose_role, suspend
from tests.world.trade.pledging import assign, paying, pledge, release


def two_invoices() -> Corridor:
    """Two invoices of 1,000.00 and 200.00, of which 300.00 of the first is under way; a second buyer and seller."""
    corridor = traders()
    corridor.enrol("other", PartyRole.BUYER, PartyRole.SELLER)
    corridor.issue_invoice()
    corridor.issue_invoice(2, payable_minor=20_000, name="second")
    corridor.submit(replace(corridor.make.invoice(3), currency="CNY"), "seller", name="yuan")
    corridor.submit(replace(corridor.make.invoice(4), seller=corridor.id["other"]), "other", name="of other")
    corridor.submit(replace(corridor.make.invoice(5), buyer=corridor.id["other"]), "seller", name="to other")
    corridor.issue_invoice(6, name="closed")
    corridor.submit(corridor.make.cancellation("closed"), "seller")
    corridor.instruct_payment(30_000)
    return corridor


def returned() -> Corridor:
    """A payment that was confirmed and has gone back."""
    corridor = story()
    corridor.submit(corridor.make.payment_return(), "bank-cn")
    return corridor


def worn() -> Corridor:
    """The payer's bank has rejected as many payments of the first invoice as the buyer may have ended."""
    corridor = two_invoices()
    for number in range(limits.ENDED):
        corridor.instruct_payment(1, number=100 + number, name="worn")
        corridor.submit(corridor.make.payment_rejection("worn"), "bank-be")
    return corridor


def accepted() -> Corridor:
    """A payment that the payer's bank carries out."""
    corridor = two_invoices()
    corridor.submit(corridor.make.payment_acceptance(), "bank-be")
    return corridor


def cut_short(then: str = "") -> Corridor:
    """Of a payment of 300.00 200.00 have arrived, the rest was rejected, and others have used the invoice."""
    corridor = two_invoices()
    corridor.submit(corridor.make.confirmation(credited_minor=20_000, partial=True), "bank-cn")
    corridor.submit(corridor.make.payment_rejection(), "bank-be")
    if then == "paid":
        corridor.instruct_payment(80_000, number=90, name="other payment")
    if then == "pledged":
        corridor.accept_invoice()
        pledge(corridor, 80_000)
    if then == "cancelled":
        corridor.submit(corridor.make.payment_return(amount_minor=20_000), "bank-cn")
        corridor.submit(corridor.make.cancellation(), "seller")
    return corridor


def pledged() -> Corridor:
    """Two invoices are pledged, the first to bank-cn, the third to bank-be; the second is not."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.issue_invoice(2, name="second")
    corridor.issue_invoice(3, name="third")
    corridor.accept_invoice()
    corridor.accept_invoice("third")
    pledge(corridor, name="released")
    release(corridor, "released")
    pledge(corridor)
    pledge(corridor, invoice="third", number=3, name="elsewhere")
    assign(corridor, "elsewhere")
    return corridor


STORY, OPEN, RETURNED, WORN = story(), two_invoices(), returned(), worn()
SUSPENDED_BE, SUSPENDED_CN = after(two_invoices(), (suspend, "bank-be")), after(two_invoices(), (suspend, "bank-cn"))
KEYLESS_BE, KEYLESS_CN = (after(two_invoices(), (let_keys_end, name)) for name in ("bank-be", "bank-cn"))
NO_BANK_BE, NO_BANK_CN = after(story(), (lose_role, "bank-be")), after(story(), (lose_role, "bank-cn"))
LATE = T0 + 2 * YEAR
HELD = after(two_invoices(), (hold, "buyer"))
PAY = OPEN.make.instruction(70_000, number=2)


def pay(*parts: tuple[str, int], amount_minor: int | None = None, currency: str = "EUR") -> InstructPayment:
    """The payment with other allocations, and the sum of them unless told otherwise."""
    allocations = tuple(Allocation(amount_minor=amount, invoice=OPEN.id[name], pledge=None) for name, amount in parts)
    total = sum(amount for _, amount in parts) if amount_minor is None else amount_minor
    return replace(PAY, allocations=allocations, amount_minor=total, currency=currency)


PLEDGED = pledged()
NOBODY, UNEVEN = bytes(32), replace(PAY, amount_minor=70_001)
TAKEN = replace(UNEVEN, uetr=uetr_of(1))
OF_OTHER = replace(pay(("closed", 1)), payer=OPEN.id["other"], currency="CNY")
FIRST, WAITED = "/body/allocations/0", "/body/conditions/0/object"
UNKNOWN = (Condition(object=NOBODY, required=Required.CERTIFICATE_IN_FORCE),)
DEBIT = Debit(amount_minor=33_000, currency="USD", minor_digits=2)
RELEASED, IN_FORCE = Required.DECLARATION_RELEASED, Required.CERTIFICATE_IN_FORCE


def waiting() -> Corridor:
    """A payment of 100.00 waits for the import and the certificate of the invoice; another's certificate stands."""
    corridor = two_invoices()
    corridor.issue_certificate()
    others = replace(corridor.make.certificate(), consignee=None, exporter=corridor.id["other"])
    corridor.submit(others, "chamber", name="for all")
    corridor.lodge_import()
    conditions = (
        Condition(object=corridor.id["import"], required=RELEASED),
        Condition(object=corridor.id["certificate"], required=IN_FORCE),
    )
    body = replace(corridor.make.instruction(10_000, number=50), conditions=conditions)
    corridor.submit(body, "buyer", name="waiting")
    return corridor


def exchanged(*, accepted: bool) -> Corridor:
    """A payment of 300.00 euros is instructed for which the payer is debited dollars, and perhaps accepted."""
    corridor = two_invoices()
    corridor.submit(replace(corridor.make.instruction(30_000, number=51), debit=DEBIT), "buyer", name="exchanged")
    if accepted:
        corridor.submit(corridor.make.payment_acceptance("exchanged", debit=DEBIT), "bank-be")
    return corridor


WAITING, EXCHANGED, AGREED = waiting(), exchanged(accepted=False), exchanged(accepted=True)


def waits(*declarations: str, certificate: str = "", invoice: str = "invoice") -> InstructPayment:
    """A payment of 0.01 that waits for declarations, or for a certificate."""
    named = [(name, RELEASED) for name in declarations] or [(certificate, IN_FORCE)]
    conditions = tuple(Condition(object=WAITING.id.get(name, NOBODY), required=required) for name, required in named)
    return replace(WAITING.make.instruction(1, invoice=invoice, number=60), conditions=conditions)


INSTRUCTION = [
    Refused(OPEN, replace(PAY, payer=NOBODY, payee=NOBODY), ("chamber",), PARTY_UNKNOWN, "/body/payer"),
    Refused(OPEN, replace(PAY, payee=NOBODY), ("chamber",), PARTY_INACTIVE, "/body/payer", LATE),
    Refused(HELD, replace(PAY, payee=NOBODY), ("chamber",), PARTY_SUSPENDED, "/body/payer"),
    Refused(OPEN, replace(PAY, payer=OPEN.id["seller"]), ("chamber",), PARTY_LACKS_ROLE, "/body/payer"),
    Refused(OPEN, replace(PAY, payee=NOBODY), ("seller", "agent"), why.NOT_PAYER, "/signers"),
    Refused(OPEN, replace(PAY, payee=NOBODY), ("buyer", "bank-be"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, replace(PAY, payee=NOBODY, payer_bank="none"), ("buyer",), PARTY_UNKNOWN, "/body/payee"),
    Refused(OPEN, replace(PAY, payer_bank="none", payee_bank="none"), ("buyer",), MEMBER_UNKNOWN, "/body/payer_bank"),
    Refused(SUSPENDED_BE, replace(PAY, payee_bank="none"), ("buyer",), MEMBER_SUSPENDED, "/body/payer_bank"),
    Refused(
        KEYLESS_BE,
        replace(PAY, payee_bank="none"),
        ("buyer",),
        MEMBER_WITHOUT_KEY,
        "/body/payer_bank",
        KEYS_END,
    ),
    Refused(
        OPEN,
        replace(PAY, payer_bank="market", payee_bank="none"),
        ("buyer",),
        MEMBER_LACKS_ROLE,
        "/body/payer_bank",
    ),
    Refused(OPEN, replace(TAKEN, payee_bank="none"), ("buyer",), MEMBER_UNKNOWN, "/body/payee_bank"),
    Refused(SUSPENDED_CN, TAKEN, ("buyer",), MEMBER_SUSPENDED, "/body/payee_bank"),
    Refused(KEYLESS_CN, TAKEN, ("buyer",), MEMBER_WITHOUT_KEY, "/body/payee_bank", KEYS_END),
    Refused(OPEN, replace(TAKEN, payee_bank="customs-cn"), ("buyer",), MEMBER_LACKS_ROLE, "/body/payee_bank"),
    Refused(
        OPEN,
        replace(TAKEN, payer_bank="HNSABEB0XXX", payee_bank="HNSACNB0"),
        ("buyer",),
        why.NO_MEMBER_BANK,
        "/body/payee_bank",
    ),
    Refused(OPEN, TAKEN, ("buyer",), why.UETR_TAKEN, "/body/uetr"),
    Refused(
        OPEN,
        pay(("second", 1), ("second", 1), amount_minor=1),
        ("buyer",),
        why.ALLOCATIONS_DIFFER,
        "/body/allocations",
    ),
    Refused(OPEN, UNEVEN, ("buyer",), why.ALLOCATIONS_DIFFER, "/body/allocations"),
    Refused(
        OPEN,
        replace(pay(("closed", 1), ("closed", 1)), debit=replace(DEBIT, currency="EUR")),
        ("buyer",),
        why.DEBIT_IN_SAME_CURRENCY,
        "/body/debit/currency",
    ),
    Refused(OPEN, pay(("closed", 1), ("closed", 1)), ("buyer",), invoices.DUPLICATE_INVOICE, "/body/allocations"),
    Refused(
        OPEN,
        replace(PAY, allocations=(Allocation(amount_minor=70_000, invoice=OPEN.id["payment"], pledge=None),)),
        ("buyer",),
        invoices.INVOICE_UNKNOWN,
        f"{FIRST}/invoice",
    ),
    Refused(OPEN, replace(OF_OTHER, payee=OPEN.id["other"]), ("other",), why.PAYER_NOT_BUYER, "/body/payer"),
    Refused(OPEN, pay(("to other", 1)), ("buyer",), why.PAYER_NOT_BUYER, "/body/payer"),
    Refused(
        OPEN,
        replace(pay(("closed", 1)), payee=OPEN.id["other"], currency="CNY"),
        ("buyer",),
        why.PAYEE_NOT_SELLER,
        "/body/payee",
    ),
    Refused(OPEN, pay(("of other", 1)), ("buyer",), why.PAYEE_NOT_SELLER, "/body/payee"),
    Refused(
        WORN,
        replace(pay(("invoice", 200_000)), currency="CNY"),
        ("buyer",),
        TOO_MANY_ENDED,
        f"{FIRST}/invoice",
    ),
    Refused(OPEN, pay(("closed", 200_000), currency="CNY"), ("buyer",), invoices.INVOICE_NOT_OPEN, f"{FIRST}/invoice"),
    Refused(OPEN, replace(pay(("yuan", 200_000)), minor_digits=0), ("buyer",), why.CURRENCY_DIFFERS, "/body/currency"),
    Refused(
        OPEN,
        replace(pay(("invoice", 70_001)), minor_digits=3),
        ("buyer",),
        why.CURRENCY_DIFFERS,
        "/body/minor_digits",
    ),
    Refused(OPEN, pay(("invoice", 70_001)), ("buyer",), why.OVERPAID, f"{FIRST}/amount_minor"),
    Refused(
        OPEN,
        pay(("invoice", 70_000), ("second", 20_001)),
        ("buyer",),
        why.OVERPAID,
        "/body/allocations/1/amount_minor",
    ),
    Refused(PLEDGED, paying(PLEDGED, pledge="invoice"), ("buyer",), PLEDGE_UNKNOWN, f"{FIRST}/pledge"),
    Refused(PLEDGED, paying(PLEDGED, pledge="released"), ("buyer",), PLEDGE_DIFFERS, f"{FIRST}/pledge"),
    Refused(PLEDGED, paying(PLEDGED, pledge=None), ("buyer",), PLEDGE_DIFFERS, f"{FIRST}/pledge"),
    Refused(PLEDGED, paying(PLEDGED, invoice="second"), ("buyer",), PLEDGE_DIFFERS, f"{FIRST}/pledge"),
    Refused(
        PLEDGED,
        replace(paying(PLEDGED, pledge="elsewhere", invoice="third"), conditions=UNKNOWN),
        ("buyer",),
        PAYEE_BANK_NOT_PLEDGEE,
        "/body/payee_bank",
    ),
    Refused(WAITING, waits("none", "none"), ("buyer",), why.DUPLICATE_CONDITION, "/body/conditions"),
    Refused(WAITING, waits("certificate"), ("buyer",), DECLARATION_UNKNOWN, WAITED),
    Refused(WAITING, waits(certificate="import"), ("buyer",), CERTIFICATE_UNKNOWN, WAITED),
    Refused(WAITING, waits("import", invoice="second"), ("buyer",), why.CONDITION_OF_OTHERS, WAITED),
    Refused(WAITING, waits(certificate="for all"), ("buyer",), why.CONDITION_OF_OTHERS, WAITED),
]

CONFIRM, RETURN = STORY.make.confirmation(credited_minor=1), OPEN.make.payment_return()
MORE = OPEN.make.confirmation(credited_minor=30_001)
MET = replace(
    WAITING.make.confirmation("waiting", credited_minor=1), conditions=(WAITING.id["import"], WAITING.id["certificate"])
)
SHORT = OPEN.make.confirmation(credited_minor=29_000, charged_minor=(999,))

CONFIRMATION = [
    Refused(STORY, replace(CONFIRM, payment=STORY.id["invoice"]), ("chamber",), why.PAYMENT_UNKNOWN, "/body/payment"),
    Refused(STORY, CONFIRM, ("bank-be",), why.NOT_PAYEE_BANK, "/signers"),
    Refused(STORY, CONFIRM, ("seller",), why.NOT_PAYEE_BANK, "/signers"),
    Refused(NO_BANK_CN, CONFIRM, ("bank-cn", "bank-be"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(STORY, CONFIRM, ("bank-cn", "bank-be"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, CONFIRM, ("bank-cn",), why.PAYMENT_NOT_INSTRUCTED, "/body/payment"),
    Refused(
        RETURNED,
        replace(CONFIRM, payment=RETURNED.id["payment"]),
        ("bank-cn",),
        why.PAYMENT_NOT_INSTRUCTED,
        "/body/payment",
    ),
    Refused(
        EXCHANGED, EXCHANGED.make.confirmation("exchanged"), ("bank-cn",), why.PAYMENT_NOT_ACCEPTED, "/body/payment"
    ),
    Refused(
        AGREED,
        replace(AGREED.make.confirmation("exchanged"), conditions=(NOBODY,), debit=replace(DEBIT, minor_digits=3)),
        ("bank-cn",),
        why.DEBIT_DIFFERS,
        "/body/debit",
    ),
    Refused(WAITING, WAITING.make.confirmation("waiting"), ("bank-cn",), why.CONDITIONS_DIFFER, "/body/conditions"),
    Refused(WAITING, MET, ("bank-cn",), why.CONDITION_UNMET, "/body/conditions/0"),
    Refused(OPEN, SHORT, ("bank-cn",), why.CHARGES_DIFFER, "/body/credited_minor"),
    Refused(OPEN, MORE, ("bank-cn",), why.CHARGES_DIFFER, "/body/credited_minor"),
    Refused(OPEN, replace(MORE, partial=True), ("bank-cn",), why.MORE_THAN_INSTRUCTED, "/body/credited_minor"),
    Refused(OPEN, replace(RETURN, payment=NOBODY), ("chamber",), why.PAYMENT_UNKNOWN, "/body/payment"),
    Refused(OPEN, RETURN, ("bank-be",), why.NOT_PAYEE_BANK, "/signers"),
    Refused(NO_BANK_CN, NO_BANK_CN.make.payment_return(), ("bank-cn", "bank-be"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(OPEN, RETURN, ("bank-be", "bank-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, RETURN, ("bank-cn",), why.PAYMENT_NOT_CONFIRMED, "/body/payment"),
    Refused(RETURNED, RETURNED.make.payment_return(), ("bank-cn",), why.PAYMENT_NOT_CONFIRMED, "/body/payment"),
    Refused(
        STORY,
        STORY.make.payment_return(amount_minor=100_001),
        ("bank-cn",),
        why.RETURNED_TOO_MUCH,
        "/body/amount_minor",
    ),
]

REJECT = STORY.make.payment_rejection()

REJECTION = [
    Refused(STORY, replace(REJECT, payment=STORY.id["invoice"]), ("chamber",), why.PAYMENT_UNKNOWN, "/body/payment"),
    Refused(STORY, REJECT, ("bank-cn",), why.NOT_PAYER_BANK, "/signers"),
    Refused(STORY, REJECT, ("buyer",), why.NOT_PAYER_BANK, "/signers"),
    Refused(NO_BANK_BE, REJECT, ("bank-be", "bank-cn"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(STORY, REJECT, ("bank-be", "bank-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, REJECT, ("bank-be",), why.PAYMENT_NOT_INSTRUCTED, "/body/payment"),
    Refused(RETURNED, RETURNED.make.payment_rejection(), ("bank-be",), why.PAYMENT_NOT_INSTRUCTED, "/body/payment"),
]

WITHDRAW, PAYMENT = STORY.make.payment_withdrawal(), "/body/payment"
INSTRUCTED_AT = OPEN.head.time
ALMOST = INSTRUCTED_AT + 30 * DAY - 1

WITHDRAWAL = [
    Refused(STORY, replace(WITHDRAW, payment=STORY.id["invoice"]), ("chamber",), why.PAYMENT_UNKNOWN, PAYMENT),
    Refused(STORY, WITHDRAW, ("agent",), why.NOT_PAYER_OR_PAYEE, "/signers"),
    Refused(STORY, WITHDRAW, ("bank-be",), why.NOT_PAYER_OR_PAYEE, "/signers"),
    Refused(STORY, WITHDRAW, ("buyer", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, WITHDRAW, ("buyer",), why.PAYMENT_NOT_INSTRUCTED, PAYMENT),
    Refused(OPEN, OPEN.make.payment_withdrawal(), ("buyer",), why.WITHDRAWN_TOO_SOON, PAYMENT, ALMOST),
    Refused(OPEN, OPEN.make.payment_withdrawal(), ("seller",), why.WITHDRAWN_TOO_SOON, PAYMENT, ALMOST),
    Refused(SUSPENDED_CN, SUSPENDED_CN.make.payment_withdrawal(), ("seller",), why.WITHDRAWN_TOO_SOON, PAYMENT, ALMOST),
]

ACCEPT, ACCEPTED = STORY.make.payment_acceptance(), accepted()

ACCEPTANCE = [
    Refused(STORY, replace(ACCEPT, payment=STORY.id["invoice"]), ("chamber",), why.PAYMENT_UNKNOWN, PAYMENT),
    Refused(STORY, ACCEPT, ("bank-cn",), why.NOT_PAYER_BANK, "/signers"),
    Refused(NO_BANK_BE, ACCEPT, ("bank-be", "bank-cn"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(STORY, ACCEPT, ("bank-be", "bank-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, ACCEPT, ("bank-be",), why.PAYMENT_NOT_INSTRUCTED, PAYMENT),
    Refused(ACCEPTED, ACCEPTED.make.payment_acceptance(), ("bank-be",), why.PAYMENT_NOT_INSTRUCTED, PAYMENT),
    Refused(EXCHANGED, EXCHANGED.make.payment_acceptance("exchanged"), ("bank-be",), why.DEBIT_DIFFERS, "/body/debit"),
]

CORRECT, CREDITED = STORY.make.correction(credited_minor=100_001), "/body/credited_minor"
CUT, CLOSED, PAID_OTHERWISE = cut_short(), cut_short("cancelled"), cut_short("paid")
LENT = cut_short("pledged")

CORRECTION = [
    Refused(STORY, replace(CORRECT, payment=STORY.id["invoice"]), ("chamber",), why.PAYMENT_UNKNOWN, PAYMENT),
    Refused(STORY, CORRECT, ("bank-be",), why.NOT_PAYEE_BANK, "/signers"),
    Refused(NO_BANK_CN, CORRECT, ("bank-cn", "bank-be"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(STORY, CORRECT, ("bank-be", "bank-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPEN, OPEN.make.correction(credited_minor=1), ("bank-cn",), why.PAYMENT_NOT_CONFIRMED, PAYMENT),
    Refused(RETURNED, RETURNED.make.correction(credited_minor=99_999), ("bank-cn",), why.LESS_THAN_RETURNED, CREDITED),
    Refused(STORY, CORRECT, ("bank-cn",), why.MORE_THAN_INSTRUCTED, CREDITED),
    Refused(CLOSED, CLOSED.make.correction(credited_minor=20_001), ("bank-cn",), invoices.INVOICE_NOT_OPEN, CREDITED),
    Refused(
        PAID_OTHERWISE,
        PAID_OTHERWISE.make.correction(credited_minor=20_001),
        ("bank-cn",),
        why.OVERPAID,
        CREDITED,
    ),
    Refused(LENT, LENT.make.correction(credited_minor=20_001), ("bank-cn",), invoices.INVOICE_PLEDGED, CREDITED),
]

REFUSALS = INSTRUCTION + CONFIRMATION + REJECTION + WITHDRAWAL + ACCEPTANCE + CORRECTION


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)
