"""Rule L-4: what a bank says that it has paid to the seller on a pledge."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.claims import uetr_claim
from hanse_ledger.kinds.invoice.refusals import INVOICE_CURRENCY_DIFFERS
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE
from hanse_ledger.kinds.payment.refusals import UETR_TAKEN
from hanse_ledger.kinds.pledge import refusals as why
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, traders
from tests.world.departures import after, lose_role
from tests.world.trade.pledging import assign, invoice_of, pay_out, paying, paying_out, pledge, pledge_of, release


def pledged() -> Corridor:
    """The buyer has accepted the invoice, and it is pledged to bank-cn."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    pledge(corridor)
    return corridor


def financed() -> Corridor:
    """On the pledge 800.00 are paid out."""
    corridor = pledged()
    pay_out(corridor)
    return corridor


def financed_and_released() -> Corridor:
    """A pledge on which was paid out is released."""
    corridor = financed()
    release(corridor)
    return corridor


PLEDGED, NO_BANK_CN = pledged(), after(pledged(), (lose_role, "bank-cn"))
FINANCED, ENDED, ASSIGNED = financed(), financed_and_released(), after(financed(), (assign, "pledge"))
BANK = ("bank-cn",)
PAYOUT = paying_out(FINANCED, 20_001)
AGAIN = replace(PAYOUT, currency="USD")
NEXT = replace(AGAIN, uetr=paying_out(FINANCED, transfer=2).uetr)

REFUSALS = [
    Refused(
        FINANCED, replace(AGAIN, bank="bank-be", pledge=bytes(32)), ("chamber",), why.PLEDGE_UNKNOWN, "/body/pledge"
    ),
    Refused(FINANCED, replace(AGAIN, pledge=FINANCED.id["invoice"]), ("chamber",), why.PLEDGE_UNKNOWN, "/body/pledge"),
    Refused(FINANCED, replace(AGAIN, bank="bank-be"), ("bank-be",), why.OTHER_PLEDGEE, "/body/bank"),
    Refused(ASSIGNED, replace(AGAIN, pledge=ASSIGNED.id["pledge"]), ("bank-cn",), why.OTHER_PLEDGEE, "/body/bank"),
    Refused(FINANCED, AGAIN, ("bank-be",), why.NOT_PLEDGEE, "/signers"),
    Refused(FINANCED, AGAIN, ("seller",), why.NOT_PLEDGEE, "/signers"),
    Refused(NO_BANK_CN, paying_out(NO_BANK_CN), ("bank-cn", "seller"), MEMBER_LACKS_ROLE, "/signers"),
    Refused(ENDED, replace(AGAIN, pledge=ENDED.id["pledge"]), ("bank-cn", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ENDED, replace(AGAIN, pledge=ENDED.id["pledge"]), BANK, why.PLEDGE_ENDED, "/body/pledge"),
    Refused(FINANCED, AGAIN, BANK, UETR_TAKEN, "/body/uetr"),
    Refused(FINANCED, NEXT, BANK, INVOICE_CURRENCY_DIFFERS, "/body/currency"),
    Refused(FINANCED, replace(NEXT, currency="EUR", minor_digits=3), BANK, INVOICE_CURRENCY_DIFFERS, "/body/currency"),
    Refused(FINANCED, replace(NEXT, currency="EUR"), BANK, why.PAID_OUT_TOO_MUCH, "/body/amount_minor"),
    Refused(PLEDGED, paying_out(PLEDGED, 100_001), BANK, why.PAID_OUT_TOO_MUCH, "/body/amount_minor"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_all_that_was_pledged_may_be_paid_out() -> None:
    """L-4: the whole of it, and no more."""
    assert PLEDGED.refusal(paying_out(PLEDGED, 100_000), *BANK) is None


def test_what_is_paid_out_adds_up() -> None:
    """L-4 says what the seller has got, and claims the transfer's UETR; the invoice does not know of it."""
    corridor = pledged()
    before, invoice = pledge_of(corridor), invoice_of(corridor)
    pay_out(corridor)
    value = pledge_of(corridor)
    assert value == replace(before, amounts=replace(before.amounts, paid_out_minor=80_000), history=value.history)
    assert value.history.count == before.history.count + 1
    assert invoice_of(corridor) == invoice
    assert corridor.ledger.claim(uetr_claim("bank-cn", paying_out(corridor).uetr)) == value.id
    error = corridor.refusal(paying_out(corridor, 20_001, transfer=2), "bank-cn")
    assert error is not None
    assert (error.seen, error.wanted) == ("200.01 EUR", "at most 200.00 EUR")
    pay_out(corridor, 20_000, transfer=2)
    assert pledge_of(corridor).amounts.paid_out_minor == 100_000


def test_one_transfer_is_told_once_whatever_for() -> None:
    """L-4 and S-1: the UETR of a payout is none of a payment through that bank, nor the other way round."""
    corridor = pledged()
    corridor.issue_invoice(2, name="second")
    pay_out(corridor)
    taken = paying_out(corridor).uetr
    body = replace(corridor.make.instruction(1_000, invoice="second"), payer_bank="bank-cn", uetr=taken)
    corridor.accept_invoice("second")
    error = corridor.refusal(body, "buyer")
    assert error is not None
    assert error.reason is UETR_TAKEN
    other = paying_out(corridor, 1_000, transfer=2)
    corridor.submit(replace(body, uetr=other.uetr), "buyer", name="payment")
    error = corridor.refusal(other, "bank-cn")
    assert error is not None
    assert error.reason is UETR_TAKEN
    corridor.submit(replace(body, payer_bank="bank-be", uetr=taken), "buyer", name="another")  # another bank's own


def test_the_new_bank_says_what_it_pays_out() -> None:
    """L-4 after L-3: what both have paid out is together no more than was pledged; a settled pledge is paid out too."""
    corridor = financed()
    assign(corridor)
    pay_out(corridor, 10_000, bank="bank-be")  # the UETR is the other bank's own
    body = replace(paying(corridor), payee_bank="bank-be")
    corridor.submit(body, "buyer", name="payment")
    corridor.submit(corridor.make.confirmation(), "bank-be")
    amounts = pledge_of(corridor).amounts
    assert (amounts.paid_out_minor, amounts.settled_minor) == (90_000, 100_000)
    pay_out(corridor, 10_000, bank="bank-be", transfer=2)  # what was kept back until the buyer had paid
    assert pledge_of(corridor).amounts.paid_out_minor == 100_000
