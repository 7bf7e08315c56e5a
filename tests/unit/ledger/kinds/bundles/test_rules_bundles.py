"""Rule G-6: several steps in one record, several signers, all or none."""

from hashlib import sha256
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks import block
from hanse_ledger.blocks.block import Created
from hanse_ledger.kinds import own_objects, references
from hanse_ledger.kinds.bundle import refusals as why
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.rules import apply_bundle
from hanse_ledger.kinds.bundle.steps import created_by_step, step_of, steps_taken
from hanse_ledger.kinds.claims import uetr_claim
from hanse_ledger.kinds.common import Context, Signers, Supposing, Unable
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceState
from hanse_ledger.kinds.mandate.refusals import KIND_NOT_COVERED
from hanse_ledger.kinds.object import Object, created_id
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.kinds.office.refusals import FOUR_EYES_WANTED, KEY_UNDER_FOUR_EYES, OFFICER_WITHOUT_POWER
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.payment.refusals import NOT_PAYEE_BANK, OVERPAID
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.pledge.bodies import PayOutPledge, ReleasePledge
from hanse_ledger.kinds.pledge.refusals import INVOICE_NOT_ACCEPTED, PAID_OUT_TOO_MUCH
from hanse_ledger.kinds.pledge.state import PledgeState
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.reasons import refused_kind, rule_of
from hanse_ledger.kinds.refusals import SIGNER_UNKNOWN, SUPERFLUOUS_SIGNER
from hanse_ledger.kinds.title.bodies import TransferTitle
from hanse_ledger.kinds.title.refusals import NOT_HOLDER, SAME_HOLDER
from hanse_ledger.kinds.title.state import Title
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.reasons import Reason
from hanse_ledger.wire.part import Body
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.carriage.test_rules_titles import issued
from tests.unit.ledger.kinds.test_rules_offices import opened
from tests.world.corridor import Corridor, traders
from tests.world.trade.pledging import pledge_of, pledging


def bundle(*bodies: Body) -> TakeSteps:
    """Put bodies into a bundle, each a step."""
    return TakeSteps(steps=tuple(step_of(body) for body in bodies))


def shipped_and_paid() -> Corridor:
    """The seller holds a title, and the buyer has instructed the payment of its invoice."""
    corridor = issued()
    corridor.instruct_payment()
    return corridor


def with_officers() -> Corridor:
    """The seller's bank has an office, an officer who settles, one who settles too, and one who carries."""
    corridor = shipped_and_paid()
    make = corridor.make
    office = corridor.submit(replace(make.sample(OpenOffice), member="bank-cn"), "bank-cn", name="bank office")
    for name, power in (("settles", Power.SETTLE), ("settles too", Power.SETTLE), ("carries", Power.CARRY)):
        corridor.submit(replace(make.appointment(name, power), office=office), "bank-cn", name)
    return corridor


def under_four_eyes() -> Corridor:
    """It has put confirmations under four eyes."""
    corridor = with_officers()
    rules = replace(corridor.make.rules_of_office("payment.confirm"), office=corridor.id["bank office"])
    corridor.submit(rules, "bank-cn")
    return corridor


PAID, OFFICERS, PAIRED = shipped_and_paid(), with_officers(), under_four_eyes()
MAKE = PAID.make
TRANSFER, CONFIRM = MAKE.sample(TransferTitle), MAKE.confirmation()
DELIVERY = bundle(TRANSFER, CONFIRM)
OVERCREDITED = bundle(TRANSFER, MAKE.confirmation(credited_minor=100_001))
ITSELF = replace(TRANSFER, title=created_by_step(0))
LATER = replace(TRANSFER, title=created_by_step(1))
NOTHING = replace(TRANSFER, title=created_by_step(0))
PLEDGED_BY_ITSELF = replace(pledging(PAID), invoice=created_by_step(0))

REFUSALS = [
    Refused(PAID, bundle(ITSELF, CONFIRM), ("agent",), why.STEP_UNKNOWN, "/body/steps/0/body"),
    Refused(PAID, bundle(PLEDGED_BY_ITSELF, CONFIRM), ("agent",), why.STEP_UNKNOWN, "/body/steps/0/body"),
    Refused(PAID, bundle(LATER, MAKE.instruction()), ("agent",), why.STEP_UNKNOWN, "/body/steps/0/body"),
    Refused(PAID, bundle(CONFIRM, NOTHING), ("agent",), why.STEP_UNKNOWN, "/body/steps/1/body"),
    Refused(PAID, DELIVERY, ("seller", "bank-cn", "agent"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(PAID, DELIVERY, ("seller", "bank-cn", "bank-cn spare"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OFFICERS, DELIVERY, ("seller", "settles", "settles too"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(PAIRED, DELIVERY, ("seller", "buyer", "settles", "settles too"), SUPERFLUOUS_SIGNER, "/signers"),
]
"""What the bundle itself is refused for, in the rule's order."""

OF_STEPS = [
    Refused(PAID, DELIVERY, ("agent",), NOT_HOLDER, "/body/steps/0"),
    Refused(PAID, DELIVERY, ("seller",), NOT_PAYEE_BANK, "/body/steps/1"),
    Refused(PAID, DELIVERY, ("seller", "bank-be"), NOT_PAYEE_BANK, "/body/steps/1"),
    Refused(
        PAID,
        bundle(replace(TRANSFER, new_holder=PAID.id["seller"]), CONFIRM),
        ("seller",),
        SAME_HOLDER,
        "/body/steps/0/body/new_holder",
    ),
    Refused(PAID, bundle(TRANSFER, TRANSFER), ("seller",), NOT_HOLDER, "/body/steps/1"),
    Refused(OFFICERS, DELIVERY, ("seller", "carries"), OFFICER_WITHOUT_POWER, "/signers/1"),
    Refused(OFFICERS, OVERCREDITED, ("seller", "carries"), OFFICER_WITHOUT_POWER, "/signers/1"),
    Refused(PAIRED, DELIVERY, ("seller", "settles"), FOUR_EYES_WANTED, "/signers"),
    Refused(PAIRED, DELIVERY, ("seller", "bank-cn"), KEY_UNDER_FOUR_EYES, "/signers"),
    Refused(PAID, DELIVERY, ("seller", "nobody"), SIGNER_UNKNOWN, "/signers/1"),
]
"""What its steps are refused for, each by its own rule; and its signers, as those of any record."""


@pytest.mark.parametrize("row", [*REFUSALS, *OF_STEPS], ids=names_of([*REFUSALS, *OF_STEPS]))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with the step in which it lies, and the earliest one wins."""
    try_row(row)


@pytest.mark.parametrize("row", OF_STEPS[:6], ids=names_of(OF_STEPS[:6]))
def test_a_step_is_refused_by_the_rule_of_its_kind(row: Refused) -> None:
    """Whoever reads the refusal is told the rule of the step, and not that of bundles."""
    assert isinstance(row.body, TakeSteps)
    place = int(row.pointer.split("/")[3]) if row.pointer.startswith("/body") else 1
    kind = row.body.steps[place].kind
    if row.pointer.startswith("/body"):
        assert refused_kind(row.body, row.pointer) == kind
        assert rule_of(kind, row.reason, row.pointer) in {"T-4", "S-2"}
    assert refused_kind(row.body, "/body") == "bundle"
    assert refused_kind(row.body, "/signers") == refused_kind(row.body, "/body/steps/16/body") == "bundle"
    assert refused_kind(row.body.steps[0].body, "/body/steps/0") == row.body.steps[0].kind


def test_delivery_against_payment() -> None:
    """The title passes to the buyer in the very record in which the seller's bank confirms the credit."""
    corridor = shipped_and_paid()
    corridor.submit(DELIVERY, "seller", "bank-cn", name="delivery")
    title, invoice, payment = (corridor.ledger.objects[corridor.id[name]] for name in ("title", "invoice", "payment"))
    assert isinstance(title, Title)
    assert isinstance(invoice, Invoice)
    assert isinstance(payment, Payment)
    assert title.holding.holder == corridor.id["buyer"]
    assert invoice.amounts.settled_minor == payment.amounts.credited_minor == 100_000


def test_title_against_acceptance() -> None:
    """The buyer gets the title in the very record in which it accepts the invoice, whoever signs first."""
    for signers in (("seller", "buyer"), ("buyer", "seller")):
        corridor = issued()
        corridor.submit(bundle(corridor.make.sample(TransferTitle), corridor.make.acceptance()), *signers)
        title, invoice = (corridor.ledger.objects[corridor.id[name]] for name in ("title", "invoice"))
        assert isinstance(title, Title)
        assert isinstance(invoice, Invoice)
        assert (title.holding.holder, invoice.status.state) == (corridor.id["buyer"], InvoiceState.ACCEPTED)


def test_a_pledge_with_its_payout() -> None:
    """The invoice is pledged in the very record in which the bank says what it has paid out; else neither stands."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    body = corridor.make.sample(PayOutPledge)
    payout = replace(body, pledge=created_by_step(0))
    over = corridor.refusal(bundle(pledging(corridor), replace(payout, amount_minor=100_001)), "bank-cn", "seller")
    assert over is not None
    assert (over.reason, over.pointer) == (PAID_OUT_TOO_MUCH, "/body/steps/1/body/amount_minor")
    for signers in (("bank-cn",), ("seller",)):
        assert corridor.refusal(bundle(pledging(corridor), payout), *signers) is not None
    signed = corridor.sign(bundle(pledging(corridor), payout), "seller", "bank-cn")
    assert isinstance(corridor.apply(signed), Created)
    corridor.id["pledge"] = created_id(signed.id, 0)
    pledge = pledge_of(corridor)
    assert (pledge.amounts.amount_minor, pledge.amounts.paid_out_minor) == (100_000, body.amount_minor)
    assert corridor.ledger.claim(uetr_claim("bank-cn", body.uetr)) == pledge.id
    assert pledge.history.count == 1


def test_nothing_is_left_of_a_bundle_that_is_refused() -> None:
    """What its first steps did is not done where a later one is refused."""
    corridor = issued()
    before = dict(corridor.ledger.objects)
    overpaid = corridor.make.instruction(100_001)
    signed = corridor.sign(bundle(corridor.make.sample(TransferTitle), overpaid), "seller", "buyer")
    outcome = corridor.apply(signed)
    assert isinstance(outcome, block.Refused)
    assert outcome.error.reason is OVERPAID
    assert outcome.error.pointer == "/body/steps/1/body/allocations/0/amount_minor"
    assert corridor.ledger.objects == before


def test_each_step_sees_what_those_before_it_have_left() -> None:
    """An invoice is accepted and then pledged, never the other way round; the pledge is released by its step's name."""
    corridor = traders()
    corridor.issue_invoice()
    accept, pledge = corridor.make.acceptance(), pledging(corridor)
    backwards = corridor.refusal(bundle(pledge, accept), "bank-cn", "seller", "buyer")
    assert backwards is not None
    assert (backwards.reason, backwards.pointer) == (INVOICE_NOT_ACCEPTED, "/body/steps/0/body/invoice")
    release = ReleasePledge(pledge=created_by_step(1))
    signed = corridor.sign(bundle(accept, pledge, release), "bank-cn", "seller", "buyer")
    assert isinstance(corridor.apply(signed), Created)
    corridor.id["pledge"] = created_id(signed.id, 1)
    assert pledge_of(corridor).status.state == PledgeState.RELEASED
    # Each object that it touches has the record once in its history, however many steps touch it.
    assert pledge_of(corridor).history.count == 1
    assert [row.touched.count(corridor.id["invoice"]) for row in corridor.blocks[-1].entries if row.record] == [1]


def test_ids_and_salts_follow_from_the_record_and_the_step() -> None:
    """SHA-256(record id, step) names what a step creates, SHA-256(nonce, step) seeds its salts: no two are alike."""
    corridor = traders()
    corridor.issue_invoice()
    first, second = (corridor.make.invoice(number) for number in (2, 3))
    accept = replace(corridor.make.acceptance(), invoice=created_by_step(0))
    signed = corridor.sign(bundle(first, second, accept), "seller", "buyer")
    assert isinstance(corridor.apply(signed), Created)
    made = [corridor.ledger.objects[created_id(signed.id, place)] for place in (0, 1)]
    assert [value.seed for value in made] == [
        sha256(signed.record.nonce + bytes((0, 0, 0, place))).digest()[:16] for place in (0, 1)
    ]
    assert len({signed.record.nonce, *(value.seed for value in made)}) == 3
    assert [type(value) for value in made] == [Invoice, Invoice]
    assert own_objects(signed.record.body, signed.id) == tuple(value.id for value in made)
    assert corridor.blocks[-1].entries[0].created == tuple(value.id for value in made)
    steps = steps_taken(bundle(first, second, accept), signed.id)
    assert steps[2].body == replace(accept, invoice=made[0].id)
    # What only the bundle knows is named in no list of references.
    assert created_by_step(0) not in references(signed.record.body)


def test_an_officer_signs_the_steps_that_its_power_is_for() -> None:
    """The bank's officer confirms; that the seller passes its title on is not its to sign."""
    parts = [MAKE.confirmation(credited_minor=half, partial=True) for half in (40_000, 60_000)]
    for make, body, signers in (
        (with_officers, DELIVERY, ("seller", "settles")),
        (under_four_eyes, DELIVERY, ("seller", "settles", "settles too")),
        (under_four_eyes, bundle(*parts), ("settles", "settles too")),
    ):
        make().submit(body, *signers)


def test_officers_of_two_offices_sign_each_their_own_steps() -> None:
    """Customs releases what the bank is paid for, in one record; neither officer needs the other one's power."""
    corridor = with_officers()
    corridor.open_office()
    corridor.issue_certificate()
    corridor.lodge_import()
    corridor.submit(bundle(corridor.make.release(), CONFIRM), "first officer", "settles")


def judged(steps: TakeSteps, supposing: Supposing | None = None, **changes: object) -> Reason | None:
    """Judge the delivery, which the seller signs, and its bank with two keys; say why it is refused, if it is."""
    signers = Signers(
        members=frozenset({"bank-cn"}),
        parties=frozenset({PAID.id["seller"]}),
        new_keys=frozenset(),
        count=3,
        acting_members=frozenset(),
        acting_parties=frozenset(),
        mandates=(),
    )
    context = Context(
        creates=bytes(32),
        document=bytes(32),
        record=bytes(32),
        nonce=bytes(16),
        seed=bytes(16),
        at=PAID.next_time(),
        paired=frozenset(),
        coverable=frozenset(),
        supposing=supposing,
    )
    try:
        apply_bundle(PAID.ledger, steps, replace(signers, **changes), context)
    except Rejected as error:
        return error.reason
    return None


CONFIRMING, BEFORE, BEHIND = "payment.confirm", "payment.a", "payment.z"


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        ((CONFIRMING, "bank-cn"), None),
        ((BEFORE, "bank-cn"), SUPERFLUOUS_SIGNER),
        ((BEHIND, "bank-cn"), SUPERFLUOUS_SIGNER),
        ((CONFIRMING, "bank-be"), SUPERFLUOUS_SIGNER),
    ],
)
def test_two_officers_are_one_signer_of_what_is_under_four_eyes(pair: tuple[str, str], reason: Reason | None) -> None:
    """A pair counts for its own member, and for steps of its own kind."""
    assert judged(DELIVERY, pairs=(pair,)) is reason


def test_what_a_member_may_not_sign_is_said_kind_by_kind() -> None:
    """Who may not sign steps of another kind signs those of this one; else it is said why not this one."""
    no_power, no_pair = (
        Unable(kind, "bank-cn", reason, "/signers", "", "")
        for kind, reason in ((BEFORE, OFFICER_WITHOUT_POWER), (CONFIRMING, FOUR_EYES_WANTED))
    )
    behind = Unable(BEHIND, "bank-cn", OFFICER_WITHOUT_POWER, "/signers", "", "")
    assert judged(DELIVERY, unable=(no_power, behind), count=2) is None
    assert judged(DELIVERY, unable=(no_power, behind, no_pair), count=2) is FOUR_EYES_WANTED


class Supposes(NamedTuple):
    """Supposes that an object stood so, whatever is recorded."""

    value: Object | None

    def suppose(self, state: StateView, body: Body) -> Object | None:
        """Give it."""
        return self.value


def test_each_step_is_judged_by_what_is_supposed_before_it() -> None:
    """Who knows a part of the state alone supposes the rest of it, step by step, or nothing where all is known."""
    title = PAID.ledger.objects[PAID.id["title"]]
    assert isinstance(title, Title)
    other = replace(title, holding=replace(title.holding, holder=PAID.id["buyer"]))
    for value, reason in ((None, None), (title, None), (other, NOT_HOLDER)):
        assert judged(DELIVERY, Supposes(value), count=2) is reason


def test_an_office_is_told_of_each_step_that_is_addressed_to_it() -> None:
    """A bundle joins an inbox once, and the histories of what it decides."""
    corridor = opened()
    before = corridor.ledger.objects[corridor.id["office"]]
    lodged = corridor.make.declaration(Regime.IMPORT, quantity_micro=50_000_000)
    corridor.submit(bundle(lodged, lodged), "agent", "buyer")
    after = corridor.ledger.objects[corridor.id["office"]]
    assert isinstance(before, Office)
    assert isinstance(after, Office)
    assert (after.inbox.count, after.history) == (before.inbox.count + 1, before.history)


def test_no_mandate_covers_a_bundle() -> None:
    """Whoever acts for others signs their steps in records of their own: what a mandate covers is said kind by kind."""
    corridor = issued()
    mandate = corridor.grant_mandate()
    error = corridor.refusal(bundle(TRANSFER, MAKE.instruction()), "seller", "agent", mandates=[mandate])
    assert error is not None
    assert (error.reason, error.seen) == (KIND_NOT_COVERED, "bundle")
