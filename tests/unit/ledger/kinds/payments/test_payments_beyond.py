"""The other side of what the tables of payments meet exactly: what `make mutation` found that no row tried."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.claims import ended_claim
from hanse_ledger.kinds.ended import ended_count
from hanse_ledger.kinds.payment import refusals as why
from hanse_ledger.kinds.payment.allocating import shares_of, state_of
from hanse_ledger.kinds.payment.bodies import Condition
from hanse_ledger.kinds.payment.state import PaymentState
from hanse_ledger.kinds.pledge.refusals import PAYEE_BANK_NOT_PLEDGEE, PLEDGE_DIFFERS
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.payments.test_payments import money
from tests.unit.ledger.kinds.payments.test_payments_in_parts import both, of, part
from tests.unit.ledger.kinds.payments.test_payments_waiting import credit
from tests.unit.ledger.kinds.test_rules_payments import (
    CLOSED,
    DEBIT,
    FIRST,
    IN_FORCE,
    LENT,
    MET,
    NOBODY,
    OPEN,
    PAY,
    PLEDGED,
    RETURNED,
    WAITED,
    WAITING,
    cut_short,
    pay,
    two_invoices,
    waiting,
    waits,
)
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, T0
from tests.world.trade.pledging import paying

BY_OTHER = replace(waits(certificate="certificate", invoice="of other"), payee=WAITING.id["other"])

BEYOND = [
    Refused(OPEN, pay(("invoice", 1), currency="CNY"), ("buyer",), why.CURRENCY_DIFFERS, "/body/currency"),
    Refused(PLEDGED, paying(PLEDGED, invoice="third"), ("buyer",), PLEDGE_DIFFERS, f"{FIRST}/pledge"),
    Refused(PLEDGED, paying(PLEDGED, pledge="elsewhere"), ("buyer",), PLEDGE_DIFFERS, f"{FIRST}/pledge"),
    Refused(
        PLEDGED,
        replace(paying(PLEDGED), payee_bank="bank-be"),
        ("buyer",),
        PAYEE_BANK_NOT_PLEDGEE,
        "/body/payee_bank",
    ),
    Refused(RETURNED, RETURNED.make.payment_acceptance(), ("bank-be",), why.PAYMENT_NOT_INSTRUCTED, "/body/payment"),
    Refused(WAITING, BY_OTHER, ("buyer",), why.CONDITION_OF_OTHERS, WAITED),
    Refused(
        WAITING,
        replace(MET, conditions=(*MET.conditions, NOBODY)),
        ("bank-cn",),
        why.CONDITIONS_DIFFER,
        "/body/conditions",
    ),
]


@pytest.mark.parametrize("row", BEYOND, ids=names_of(BEYOND))
def test_what_lies_beyond_a_bound_is_refused(row: Refused) -> None:
    """What is greater than it should be is refused as what is less."""
    try_row(row)


def test_a_debit_may_be_in_any_other_currency() -> None:
    """S-1: in one before or behind the payment's own by its letters."""
    for currency in ("CNY", "USD"):
        assert OPEN.refusal(replace(PAY, debit=replace(DEBIT, currency=currency)), "buyer") is None


def test_what_was_withdrawn_is_not_released() -> None:
    """S-2: a payment does not come about by an import that has come to nothing."""
    corridor = waiting()
    corridor.submit(corridor.make.withdrawal(), "agent")
    try_row(Refused(corridor, credit(corridor), ("bank-cn",), why.CONDITION_UNMET, "/body/conditions/0"))


def waiting_for(corridor: Corridor, certificate: str) -> Refused:
    """The confirmation of a payment that waits for a certificate, which is not in force."""
    conditions = (Condition(object=corridor.id[certificate], required=IN_FORCE),)
    body = replace(corridor.make.instruction(1, number=80), conditions=conditions)
    corridor.submit(body, "buyer", name="waiting")
    named = (corridor.id[certificate],)
    confirmation = replace(corridor.make.confirmation("waiting", credited_minor=1), conditions=named)
    return Refused(corridor, confirmation, ("bank-cn",), why.CONDITION_UNMET, "/body/conditions/0")


def test_what_is_applied_for_is_not_in_force() -> None:
    """S-2: an application may be waited for, and is no certificate yet."""
    corridor = two_invoices()
    corridor.apply_for_certificate()
    try_row(waiting_for(corridor, "application"))


def test_a_certificate_is_in_force_from_its_first_moment_to_its_last() -> None:
    """S-2: not before, and not after, long after or at once."""
    corridor = two_invoices()
    corridor.submit(replace(corridor.make.certificate(), valid_from=T0 + DAY), "chamber", name="certificate")
    row = waiting_for(corridor, "certificate")
    certificate = corridor.ledger.objects[corridor.id["certificate"]]
    assert isinstance(certificate, Certificate)
    begins, ends = certificate.status.valid_from, certificate.status.valid_until
    for at in (begins - 1, ends, ends + 1):
        try_row(row._replace(at=at))
    for at in (begins, begins + 1, ends - 1):
        assert corridor.refusal(row.body, *row.signers, at=at) is None


def test_charges_add_up() -> None:
    """S-2: those of each part, and so much less is awaited; S-7 puts others in the place of the last ones alone."""
    corridor = both()
    part(corridor, 10_000, 3)
    part(corridor, 10_000, 3)
    corrected = corridor.make.correction("both", credited_minor=10_000, charged_minor=(3,))
    for again in (False, True):
        if again:
            corridor.submit(corrected, "bank-cn")
        amounts = of(corridor, "both").amounts
        assert (amounts.charged_minor, amounts.credited_minor, amounts.under_way_minor) == (6, 20_000, 54_994)


def test_a_correction_needs_no_room_for_what_is_under_way() -> None:
    """S-7: of invoices that nothing is open of, more has arrived than was said, and so much less is awaited."""
    corridor = both()
    part(corridor, 10_000)
    corridor.submit(corridor.make.correction("both", credited_minor=20_000), "bank-cn")
    assert money(corridor) == (0, 80_000, 20_000)
    assert of(corridor, "both").amounts.under_way_minor == 55_000


def test_a_correction_may_change_nothing() -> None:
    """S-7: whatever has become of its invoice, who says again what was said wants no room of it."""
    for corridor in (CLOSED, LENT):
        assert corridor.refusal(corridor.make.correction(credited_minor=20_000), "bank-cn") is None


def test_a_correction_may_take_all_the_room_there_is() -> None:
    """S-7: what was ended of a payment has come after all, and of its invoice just so much is open."""
    corridor = cut_short()
    corridor.instruct_payment(70_000, number=90, name="other payment")
    corridor.submit(corridor.make.correction(credited_minor=30_000), "bank-cn")
    assert money(corridor) == (0, 70_000, 30_000)


def test_all_that_arrived_may_go_back() -> None:
    """S-3 and S-7: a correction to what went back is the least that there is; of 0.01 all is returned."""
    corridor = both()
    corridor.confirm_payment("both")
    corridor.submit(corridor.make.payment_return("both", amount_minor=5_000), "bank-cn")
    assert corridor.refusal(corridor.make.correction("both", credited_minor=5_000), "bank-cn") is None
    corridor = two_invoices()
    corridor.instruct_payment(1, number=90, name="least")
    corridor.submit(corridor.make.confirmation("least", credited_minor=1), "bank-cn")
    corridor.submit(corridor.make.payment_return("least", amount_minor=1), "bank-cn")
    assert of(corridor, "least").status.state is PaymentState.RETURNED


@pytest.mark.parametrize(("arrived", "back", "ended"), [(0, 0, 1), (40_000, 0, 0), (40_000, 40_000, 0)])
def test_what_comes_to_nothing_as_a_whole_is_counted(arrived: int, back: int, ended: int) -> None:
    """S-4: a rejection of all counts for the payer and each invoice; of a rest, even where all went back, none."""
    corridor = both()
    if arrived:
        part(corridor, arrived)
    if back:
        corridor.submit(corridor.make.payment_return("both", amount_minor=back), "bank-cn")
    corridor.submit(corridor.make.payment_rejection("both"), "bank-be")
    claims = [ended_claim(corridor.id[name], corridor.id["buyer"]) for name in ("invoice", "second")]
    assert [ended_count(corridor.ledger, claim) for claim in claims] == [ended, ended]


def test_what_is_left_under_way_is_of_the_next_invoice() -> None:
    """What one invoice takes of it is awaited for no other."""
    amounts = of(both(), "both").amounts
    shares = tuple(replace(share, amount_minor=15) for share in amounts.allocations)
    assert [*shares_of(replace(amounts, allocations=shares, credited_minor=10, under_way_minor=10))] == [
        (10, 5),
        (0, 5),
    ]


def test_the_least_sum_counts() -> None:
    """One minor unit under way, or returned, makes a payment one of which a part is."""
    amounts = of(both(), "both").amounts
    awaited = replace(amounts, credited_minor=74_999, under_way_minor=1)
    returned = replace(amounts, credited_minor=75_000, returned_minor=1, under_way_minor=0)
    assert state_of(awaited, PaymentState.INSTRUCTED) is PaymentState.PARTLY_CONFIRMED
    assert state_of(returned, PaymentState.INSTRUCTED) is PaymentState.PARTLY_RETURNED
