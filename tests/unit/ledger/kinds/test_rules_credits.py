"""Rules I-5 and I-6: credit notes, what acceptances say after them, and tags while their key is being replaced."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.claims import pledge_claim, tag_claim
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.kinds.invoice.refusals import (
    AMOUNT_NOT_PAYABLE,
    CREDITED_BEYOND,
    INVOICE_CURRENCY_DIFFERS,
    INVOICE_NOT_OPEN,
    INVOICE_PLEDGED,
    INVOICE_UNKNOWN,
    NOT_SELLER,
    TAG_EPOCH_MISSING,
    TAG_EPOCH_UNKNOWN,
    TAG_TAKEN,
    TAGS_NOT_SORTED,
    TAGS_UNCHANGED,
)
from hanse_ledger.kinds.invoice.state import InvoiceState
from hanse_ledger.kinds.pledge.refusals import NOT_PLEDGEE, PLEDGE_DIFFERS, PLEDGE_UNKNOWN
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.values.reasons import Reason
from hanse_ledger.wire.membership import Parameters
from hanse_ledger.wire.part import Body
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.test_rules_invoices import (
    CANCELLED,
    FREE,
    ISSUED,
    PAID,
    REFUSED,
    TAKEN,
    UNDER_WAY,
    invoice_of,
    issued,
    paid,
    pledged,
)
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import change
from tests.world.corridor_genesis import seed_of
from tests.world.trade.pledging import pledge, pledging, release

CREDIT, TOO_MUCH = ISSUED.make.credit(), replace(ISSUED.make.credit(100_001), currency="USD")
FREE_OF_PAID = PAID.make.credit(40_001)

CREDITING = [
    Refused(ISSUED, replace(TOO_MUCH, invoice=bytes(32)), ("chamber",), INVOICE_UNKNOWN, "/body/invoice"),
    Refused(ISSUED, TOO_MUCH, ("buyer",), NOT_SELLER, "/signers"),
    Refused(ISSUED, TOO_MUCH, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(
        CANCELLED,
        replace(CANCELLED.make.credit(), currency="USD"),
        ("seller",),
        INVOICE_NOT_OPEN,
        "/body/invoice",
        None,
        pledged(CANCELLED),
    ),
    Refused(REFUSED, REFUSED.make.credit(), ("seller",), INVOICE_NOT_OPEN, "/body/invoice"),
    Refused(ISSUED, TOO_MUCH, ("seller",), INVOICE_PLEDGED, "/body/invoice", None, pledged(ISSUED)),
    Refused(ISSUED, TOO_MUCH, ("seller",), INVOICE_CURRENCY_DIFFERS, "/body/currency"),
    Refused(ISSUED, replace(CREDIT, minor_digits=3), ("seller",), INVOICE_CURRENCY_DIFFERS, "/body/currency"),
    Refused(ISSUED, ISSUED.make.credit(100_001), ("seller",), CREDITED_BEYOND, "/body/amount_minor"),
    Refused(PAID, FREE_OF_PAID, ("seller",), CREDITED_BEYOND, "/body/amount_minor"),
    Refused(UNDER_WAY, UNDER_WAY.make.credit(70_001), ("seller",), CREDITED_BEYOND, "/body/amount_minor"),
]


def tagged_twice() -> Corridor:
    """Two invoices, each with tags of its own."""
    corridor = issued()
    corridor.issue_invoice(2, name="second")
    return corridor


def lent_on() -> Corridor:
    """Both invoices are accepted and pledged, each by itself."""
    corridor = tagged_twice()
    corridor.accept_invoice()
    corridor.submit(corridor.make.acceptance("second"), "buyer")
    pledge(corridor)
    pledge(corridor, invoice="second", number=2, name="other")
    return corridor


def returned() -> Corridor:
    """The pledge of the first is released."""
    corridor = lent_on()
    release(corridor)
    return corridor


LENDING = ("bank-cn", "seller")
LENT_ON, RETURNED = lent_on(), returned()
TWICE = tagged_twice()
RETAG = TWICE.make.retagging()
SECOND_TAGS = TWICE.make.invoice(2).tags
MIXED = replace(RETAG, tags=(replace(FREE, epoch=3), TAKEN))
OF_SECOND = replace(MIXED, invoice=LENT_ON.id["second"])

RETAGGING = [
    Refused(TWICE, replace(MIXED, invoice=bytes(32)), ("chamber",), INVOICE_UNKNOWN, "/body/invoice"),
    Refused(TWICE, MIXED, ("buyer",), NOT_SELLER, "/signers"),
    Refused(
        CANCELLED,
        replace(MIXED, invoice=CANCELLED.id["invoice"]),
        ("seller",),
        INVOICE_NOT_OPEN,
        "/body/invoice",
        None,
        pledged(CANCELLED),
    ),
    Refused(TWICE, MIXED, ("seller",), INVOICE_PLEDGED, "/body/invoice", None, pledged(TWICE)),
    Refused(LENT_ON, replace(MIXED, pledge=None), LENDING, INVOICE_PLEDGED, "/body/invoice"),
    Refused(LENT_ON, replace(MIXED, pledge=bytes(32)), LENDING, PLEDGE_UNKNOWN, "/body/pledge"),
    Refused(LENT_ON, replace(MIXED, pledge=LENT_ON.id["other"]), LENDING, PLEDGE_DIFFERS, "/body/pledge"),
    Refused(LENT_ON, replace(OF_SECOND, pledge=LENT_ON.id["pledge"]), LENDING, PLEDGE_DIFFERS, "/body/pledge"),
    Refused(RETURNED, replace(MIXED, pledge=RETURNED.id["pledge"]), LENDING, PLEDGE_DIFFERS, "/body/pledge"),
    Refused(LENT_ON, replace(MIXED, pledge=LENT_ON.id["pledge"]), ("seller",), NOT_PLEDGEE, "/signers"),
    Refused(LENT_ON, replace(MIXED, pledge=LENT_ON.id["pledge"]), ("bank-be", "seller"), NOT_PLEDGEE, "/signers"),
    Refused(LENT_ON, replace(MIXED, pledge=LENT_ON.id["pledge"]), (*LENDING, "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(TWICE, MIXED, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(LENT_ON, replace(MIXED, pledge=LENT_ON.id["pledge"]), LENDING, TAGS_NOT_SORTED, "/body/tags"),
    Refused(TWICE, MIXED, ("seller",), TAGS_NOT_SORTED, "/body/tags"),
    Refused(TWICE, replace(RETAG, tags=(TAKEN, replace(FREE, epoch=3))), ("seller",), TAG_EPOCH_UNKNOWN, "/body/tags"),
    Refused(TWICE, replace(RETAG, tags=SECOND_TAGS[:1]), ("seller",), TAG_EPOCH_MISSING, "/body/tags"),
    Refused(TWICE, replace(RETAG, tags=SECOND_TAGS), ("seller",), TAG_TAKEN, "/body/tags/0"),
    Refused(TWICE, replace(RETAG, tags=(RETAG.tags[0], SECOND_TAGS[1])), ("seller",), TAG_TAKEN, "/body/tags/1"),
    Refused(TWICE, TWICE.make.retagging(1), ("seller",), TAGS_UNCHANGED, "/body/tags"),
]

REFUSALS = CREDITING + RETAGGING


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_a_credit_note_lowers_what_is_outstanding_and_nothing_else() -> None:
    """I-5 adds up what is credited; what was payable, settled and under way stays, and all of the rest can go."""
    corridor = paid()
    before = invoice_of(corridor)
    corridor.submit(corridor.make.credit(15_000), "seller")
    after = invoice_of(corridor)
    assert after == replace(before, amounts=replace(before.amounts, credited_minor=15_000), history=after.history)
    assert (after.amounts.owed_minor, after.amounts.outstanding_minor) == (85_000, 25_000)
    error = corridor.refusal(corridor.make.credit(25_001), "seller")
    assert error is not None
    assert (error.seen, error.wanted) == ("250.01 EUR", "at most 250.00 EUR")
    corridor.submit(corridor.make.credit(25_000), "seller")
    assert invoice_of(corridor).amounts.outstanding_minor == 0
    assert corridor.refusal(corridor.make.instruction(1, number=3), "buyer") is not None


def test_an_acceptance_names_what_credit_notes_leave() -> None:
    """I-2 after I-5: who accepts what it saw before the credit note is refused; a later one changes no acceptance."""
    corridor = issued()
    corridor.submit(corridor.make.credit(), "seller")
    error = corridor.refusal(corridor.make.acceptance(), "buyer")
    assert error is not None
    assert (error.reason, error.wanted) == (AMOUNT_NOT_PAYABLE, "950.00 EUR")
    corridor.submit(corridor.make.acceptance(amount_minor=95_000), "buyer")
    corridor.submit(corridor.make.credit(), "seller")
    invoice = invoice_of(corridor)
    assert invoice.acceptance is not None
    assert (invoice.acceptance.accepted_minor, invoice.amounts.owed_minor) == (95_000, 90_000)


def test_an_invoice_that_is_credited_wholly_can_be_accepted_and_cancelled() -> None:
    """Nothing is owed then: accepting it says so, and its tags can still be given back."""
    corridor = issued()
    corridor.submit(corridor.make.credit(100_000), "seller")
    corridor.submit(corridor.make.acceptance(amount_minor=0), "buyer")
    corridor.submit(corridor.make.cancellation(), "seller")
    assert invoice_of(corridor).status.state is InvoiceState.CANCELLED


def test_retagging_moves_the_claims_in_one_record() -> None:
    """I-6: the new tags are this invoice's, the old ones free for another, and what stays in both stays claimed."""
    corridor = tagged_twice()
    before, old = invoice_of(corridor), corridor.make.invoice(1).tags
    new = corridor.make.invoice(9).tags
    kept = replace(corridor.make.retagging(), tags=(old[0], new[1]))
    corridor.submit(kept, "seller")
    after = invoice_of(corridor)
    claims = (tag_claim(1, old[0].value), tag_claim(2, new[1].value))
    assert after == replace(before, links=replace(before.links, tags=claims), history=after.history)
    assert [corridor.ledger.claim(claim) for claim in claims] == [after.id, after.id]
    assert corridor.ledger.claim(tag_claim(2, old[1].value)) is None
    error = corridor.refusal(corridor.make.invoice(1), "seller")
    assert error is not None
    assert error.reason is TAG_TAKEN
    corridor.submit(corridor.make.retagging(), "seller")
    assert corridor.refusal(corridor.make.invoice(1), "seller") is None


def test_an_invoice_is_retagged_before_an_epoch_is_dropped() -> None:
    """With one epoch in use an invoice bears one tag; with two it gets both; then the older epoch can go."""
    corridor = traders()
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(2,))))
    name = corridor.submit(
        replace(corridor.make.invoice(), tags=corridor.make.invoice().tags[1:]), "seller", name="invoice"
    )
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(2, 3))))
    newer = Tag(epoch=3, value=seed_of("newer"))
    both = replace(corridor.make.retagging(), tags=(corridor.make.invoice().tags[1], newer))
    error = corridor.refusal(replace(both, tags=both.tags[:1]), "seller")
    assert error is not None
    assert error.reason is TAG_EPOCH_MISSING
    corridor.submit(both, "seller")
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(3,))))
    assert corridor.ledger.claim(tag_claim(3, newer.value)) == name
    twin = replace(corridor.make.invoice(), tags=(newer,))
    error = corridor.refusal(twin, "seller")
    assert error is not None
    assert error.reason is TAG_TAKEN
    # What bears a tag of an epoch that is gone can leave it behind.
    corridor.submit(replace(both, tags=(newer,)), "seller")
    assert invoice_of(corridor).links.tags == (tag_claim(3, newer.value),)


def test_what_is_pledged_is_retagged_with_its_bank() -> None:
    """I-6, over two epochs: a twin of what is pledged is refused throughout, and the pledge stands."""
    corridor = lent_on()
    first, second = corridor.make.invoice(1).tags
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(2, 3))))
    newer = Tag(epoch=3, value=seed_of("newer"))
    twin = replace(corridor.make.invoice(), tags=(second, newer))
    assert why(corridor, twin, "seller") is TAG_TAKEN
    assert why(corridor, replace(corridor.make.retagging(), tags=twin.tags), "seller") is INVOICE_PLEDGED
    named = replace(corridor.make.retagging(pledge="pledge"), tags=twin.tags)
    corridor.submit(named, *LENDING)
    standing = corridor.id["pledge"]
    for tag in twin.tags:
        assert corridor.ledger.claim(pledge_claim(tag_claim(tag.epoch, tag.value))) == standing
    for claim in (tag_claim(1, first.value), pledge_claim(tag_claim(1, first.value))):
        assert corridor.ledger.claim(claim) is None
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(3,))))
    assert why(corridor, replace(twin, tags=(newer,)), "seller") is TAG_TAKEN
    assert why(corridor, replace(pledging(corridor), tags=twin.tags), "bank-be", "seller") is not None
    release(corridor)
    for tag in twin.tags:
        assert corridor.ledger.claim(pledge_claim(tag_claim(tag.epoch, tag.value))) is None


def why(corridor: Corridor, body: Body, *signers: str) -> Reason | None:
    """Give the reason for which a record is refused."""
    error = corridor.refusal(body, *signers)
    return None if error is None else error.reason


def test_an_invoice_without_tags_can_get_them() -> None:
    """I-6: one that was compared with nothing is compared from then on."""
    corridor = traders()
    corridor.submit(replace(corridor.make.invoice(), tags=()), "seller", name="invoice")
    corridor.submit(corridor.make.retagging(1), "seller")
    error = corridor.refusal(corridor.make.invoice(1), "seller")
    assert error is not None
    assert error.reason is TAG_TAKEN
