"""Rules I-1 to I-4: issue, acceptance, refusal and cancellation of invoices."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.claims import tag_claim
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.bodies import IssueInvoice, Tag
from hanse_ledger.kinds.invoice.refusals import (
    AMOUNT_NEGATIVE,
    AMOUNT_NOT_PAYABLE,
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
)
from hanse_ledger.kinds.invoice.state import (
    Invoice,
    InvoiceAcceptance,
    InvoiceAmounts,
    InvoiceDates,
    InvoiceLinks,
    InvoicePledge,
    InvoiceState,
    InvoiceStatus,
)
from hanse_ledger.kinds.object import step_seed
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE, PARTY_LACKS_ROLE, PARTY_SUSPENDED, PARTY_UNKNOWN
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED, SIGNER_UNKNOWN, SUPERFLUOUS_SIGNER
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Altered, Corridor, story, traders
from tests.world.corridor_genesis import DAY, T0, YEAR, seed_of
from tests.world.departures import after, hold


def issued() -> Corridor:
    """An invoice, a certificate, and a buyer whose enrolment ends after a day."""
    corridor = traders()
    brief = replace(corridor.make.enrolment("brief", PartyRole.BUYER), valid_until=T0 + DAY)
    corridor.submit(brief, "market", "brief", name="brief")
    corridor.issue_invoice()
    corridor.issue_certificate()
    return corridor


def declared() -> Corridor:
    """The invoice is named by a declaration that customs has not decided."""
    corridor = issued()
    corridor.lodge_export()
    return corridor


def under_way() -> Corridor:
    """The invoice is declared, and a part of it is on its way."""
    corridor = declared()
    corridor.instruct_payment(30_000, number=1)
    return corridor


def paid() -> Corridor:
    """The invoice is declared, a part of it is paid, and another part on its way."""
    corridor = under_way()
    corridor.confirm_payment()
    corridor.instruct_payment(30_000, number=2, name="second")
    return corridor


STORY, ISSUED, DECLARED, UNDER_WAY, PAID = story(), issued(), declared(), under_way(), paid()
LATE = T0 + 2 * YEAR
HELD = after(story(), (hold, "seller"))
INVOICE = STORY.make.invoice(2)
AFRESH = ISSUED.make.invoice(2)
OUT_OF_TURN = replace(INVOICE, due="2026-09-20")
FREE = Tag(epoch=2, value=seed_of("free"))
TAKEN = STORY.make.invoice().tags[0]


def tagged(*tags: Tag, due: str = "2026-09-21") -> IssueInvoice:
    """The invoice with other tags."""
    return replace(INVOICE, tags=tags, due=due)


def pledged(corridor: Corridor) -> Altered:
    """The state as it is, with a pledge on the invoice, whatever else is so of it."""
    return Altered(corridor.ledger, replace(invoice_of(corridor), pledge=InvoicePledge(pledged_by=seed_of("pledge"))))


def invoice_of(corridor: Corridor, name: str = "invoice") -> Invoice:
    """Give an invoice as it stands."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Invoice)
    return found


SELLER, BUYER = STORY.id["seller"], STORY.id["buyer"]

ISSUE = [
    Refused(STORY, replace(INVOICE, seller=bytes(32)), ("chamber",), PARTY_UNKNOWN, "/body/seller"),
    Refused(STORY, replace(INVOICE, buyer=SELLER), ("chamber",), PARTY_INACTIVE, "/body/seller", LATE),
    Refused(HELD, replace(INVOICE, buyer=SELLER), ("chamber",), PARTY_SUSPENDED, "/body/seller"),
    Refused(STORY, replace(INVOICE, seller=BUYER), ("chamber",), PARTY_LACKS_ROLE, "/body/seller"),
    Refused(STORY, replace(INVOICE, buyer=SELLER), ("agent", "seller 2"), SIGNER_UNKNOWN, "/signers/1"),
    Refused(STORY, replace(INVOICE, buyer=SELLER), ("agent",), NOT_SELLER, "/signers"),
    Refused(STORY, INVOICE, ("chamber", "buyer"), NOT_SELLER, "/signers"),
    Refused(STORY, replace(INVOICE, buyer=SELLER), ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, replace(INVOICE, buyer=SELLER), ("seller",), SELLER_IS_BUYER, "/body/buyer"),
    Refused(STORY, replace(OUT_OF_TURN, buyer=bytes(32)), ("seller",), PARTY_UNKNOWN, "/body/buyer"),
    Refused(
        ISSUED,
        replace(AFRESH, buyer=ISSUED.id["brief"], due="2026-09-20"),
        ("seller",),
        PARTY_INACTIVE,
        "/body/buyer",
        T0 + DAY,
    ),
    Refused(STORY, replace(OUT_OF_TURN, buyer=STORY.id["agent"]), ("seller",), PARTY_LACKS_ROLE, "/body/buyer"),
    Refused(
        STORY,
        replace(tagged(FREE, TAKEN, due="2026-09-20"), payable_minor=-1),
        ("seller",),
        AMOUNT_NEGATIVE,
        "/body/payable_minor",
    ),
    Refused(STORY, tagged(FREE, TAKEN, due="2026-09-20"), ("seller",), DUE_BEFORE_ISSUE, "/body/due"),
    Refused(STORY, tagged(replace(FREE, epoch=3), TAKEN), ("seller",), TAGS_NOT_SORTED, "/body/tags"),
    Refused(STORY, tagged(TAKEN, TAKEN), ("seller",), TAGS_NOT_SORTED, "/body/tags"),
    Refused(STORY, tagged(TAKEN, replace(FREE, epoch=3)), ("seller",), TAG_EPOCH_UNKNOWN, "/body/tags"),
    Refused(STORY, tagged(replace(FREE, epoch=0)), ("seller",), TAG_EPOCH_UNKNOWN, "/body/tags"),
    Refused(STORY, tagged(TAKEN), ("seller",), TAG_EPOCH_MISSING, "/body/tags"),
    Refused(STORY, tagged(FREE), ("seller",), TAG_EPOCH_MISSING, "/body/tags"),
    Refused(STORY, tagged(TAKEN, FREE), ("seller",), TAG_TAKEN, "/body/tags/0"),
]


def undated() -> Corridor:
    """The invoice does not say when it is due."""
    corridor = traders()
    corridor.submit(replace(corridor.make.invoice(), due=None), "seller", name="invoice")
    return corridor


UNDATED = undated()
UNDATED_ACCEPT = UNDATED.make.acceptance()
CURRENCY = "/body/currency"
ACCEPT, ACCEPTED = ISSUED.make.acceptance(), STORY.make.acceptance()

ACCEPTANCE = [
    Refused(STORY, replace(ACCEPTED, invoice=SELLER), ("chamber",), INVOICE_UNKNOWN, "/body/invoice"),
    Refused(STORY, ACCEPTED, ("seller",), NOT_BUYER, "/signers"),
    Refused(STORY, ACCEPTED, ("buyer", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, replace(ACCEPTED, currency="USD"), ("buyer",), INVOICE_NOT_OPEN, "/body/invoice"),
    *(
        Refused(ISSUED, replace(ACCEPT, amount_minor=1, currency=other), ("buyer",), INVOICE_CURRENCY_DIFFERS, CURRENCY)
        for other in ("CNY", "USD")
    ),
    Refused(ISSUED, replace(ACCEPT, minor_digits=3), ("buyer",), INVOICE_CURRENCY_DIFFERS, CURRENCY),
    Refused(
        ISSUED, replace(ACCEPT, amount_minor=99_999, due=None), ("buyer",), AMOUNT_NOT_PAYABLE, "/body/amount_minor"
    ),
    Refused(
        ISSUED,
        replace(ACCEPT, amount_minor=100_001, due="2026-09-20"),
        ("buyer",),
        AMOUNT_NOT_PAYABLE,
        "/body/amount_minor",
    ),
    Refused(ISSUED, replace(ACCEPT, due="2026-09-20"), ("buyer",), DUE_DIFFERS, "/body/due"),
    Refused(ISSUED, replace(ACCEPT, due=None), ("buyer",), DUE_DIFFERS, "/body/due"),
    Refused(UNDATED, replace(UNDATED_ACCEPT, due="2026-09-20"), ("buyer",), DUE_BEFORE_ISSUE, "/body/due"),
]

REFUSE, NO_REASONS = PAID.make.invoice_refusal(), replace(STORY.make.invoice_refusal(), reasons=())

REFUSAL = [
    Refused(STORY, replace(NO_REASONS, invoice=SELLER), ("chamber",), INVOICE_UNKNOWN, "/body/invoice"),
    Refused(STORY, NO_REASONS, ("seller",), NOT_BUYER, "/signers"),
    Refused(STORY, NO_REASONS, ("buyer", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(STORY, NO_REASONS, ("buyer",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(STORY, replace(NO_REASONS, reasons=("B", "A")), ("buyer",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(STORY, replace(NO_REASONS, reasons=("A", "A", "B")), ("buyer",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(STORY, STORY.make.invoice_refusal(), ("buyer",), INVOICE_NOT_OPEN, "/body/invoice"),
    Refused(PAID, REFUSE, ("buyer",), INVOICE_PAID, "/body/invoice"),
    Refused(UNDER_WAY, UNDER_WAY.make.invoice_refusal(), ("buyer",), INVOICE_PAYMENT_UNDER_WAY, "/body/invoice"),
    Refused(
        DECLARED,
        DECLARED.make.invoice_refusal(),
        ("buyer",),
        INVOICE_DECLARED,
        "/body/invoice",
        None,
        pledged(DECLARED),
    ),
    Refused(DECLARED, DECLARED.make.invoice_refusal(), ("buyer",), INVOICE_DECLARED, "/body/invoice"),
    Refused(
        ISSUED,
        ISSUED.make.invoice_refusal(),
        ("buyer",),
        INVOICE_PLEDGED,
        "/body/invoice",
        None,
        pledged(ISSUED),
    ),
]


def cancelled() -> Corridor:
    """The invoice is cancelled."""
    corridor = issued()
    corridor.submit(corridor.make.cancellation(), "seller")
    return corridor


def refused() -> Corridor:
    """The invoice is refused."""
    corridor = issued()
    corridor.submit(corridor.make.invoice_refusal(), "buyer")
    return corridor


CANCELLED, REFUSED = cancelled(), refused()
CANCEL = STORY.make.cancellation()

CANCELLATION = [
    Refused(STORY, replace(CANCEL, invoice=bytes(32)), ("chamber",), INVOICE_UNKNOWN, "/body/invoice"),
    Refused(STORY, CANCEL, ("buyer",), NOT_SELLER, "/signers"),
    Refused(STORY, CANCEL, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(
        CANCELLED,
        CANCELLED.make.cancellation(),
        ("seller",),
        INVOICE_NOT_OPEN,
        "/body/invoice",
        None,
        pledged(CANCELLED),
    ),
    Refused(REFUSED, REFUSED.make.cancellation(), ("seller",), INVOICE_NOT_OPEN, "/body/invoice"),
    Refused(STORY, CANCEL, ("seller",), INVOICE_PAID, "/body/invoice"),
    Refused(UNDER_WAY, UNDER_WAY.make.cancellation(), ("seller",), INVOICE_PAYMENT_UNDER_WAY, "/body/invoice"),
    Refused(DECLARED, DECLARED.make.cancellation(), ("seller",), INVOICE_DECLARED, "/body/invoice"),
    Refused(ISSUED, ISSUED.make.cancellation(), ("seller",), INVOICE_PLEDGED, "/body/invoice", None, pledged(ISSUED)),
]

REFUSALS = ISSUE + ACCEPTANCE + REFUSAL + CANCELLATION


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_second_tag_is_checked_too() -> None:
    """I-1 refuses an invoice of which only the second tag is borne by a live one."""
    corridor = issued()
    both = replace(AFRESH, tags=(Tag(epoch=1, value=seed_of("a")), Tag(epoch=2, value=seed_of("b"))))
    corridor.submit(both, "seller")
    error = corridor.refusal(replace(AFRESH, tags=(AFRESH.tags[0], both.tags[1])), "seller")
    assert error is not None
    assert (error.reason, error.pointer) == (TAG_TAKEN, "/body/tags/1")


def test_same_value_in_another_epoch_is_another_tag() -> None:
    """Tags of two epochs are made under two keys, so that equal values mean nothing."""
    assert STORY.refusal(replace(INVOICE, tags=(INVOICE.tags[0], replace(TAKEN, epoch=2))), "seller") is None


def test_issue_creates_an_invoice_and_claims_its_tags() -> None:
    """I-1 makes an invoice of which nothing is settled, declared or pledged."""
    corridor = traders()
    tags = (Tag(epoch=1, value=seed_of("a")), Tag(epoch=2, value=seed_of("b")))
    claims = (tag_claim(1, seed_of("a")), tag_claim(2, seed_of("b")))
    name = corridor.submit(replace(corridor.make.invoice(), tags=tags), "seller", name="invoice")
    signed = corridor.signed["invoice"]
    assert invoice_of(corridor) == Invoice(
        id=name,
        seed=step_seed(signed.record.nonce),
        acceptance=None,
        amounts=InvoiceAmounts(
            credited_minor=0,
            currency="EUR",
            minor_digits=2,
            payable_minor=100_000,
            settled_minor=0,
            under_way_minor=0,
        ),
        dates=InvoiceDates(due="2026-10-21", issued="2026-09-21"),
        history=NO_HISTORY.after(signed.id),
        links=InvoiceLinks(buyer=corridor.id["buyer"], declarations=0, seller=corridor.id["seller"], tags=claims),
        pledge=InvoicePledge(pledged_by=None),
        status=InvoiceStatus(state=InvoiceState.ISSUED),
    )
    assert [corridor.ledger.claim(claim) for claim in claims] == [name, name]


def test_due_date_and_tags_may_be_missing() -> None:
    """I-1 accepts an invoice without a due date, one due at once, and one that nobody can compare."""
    assert STORY.refusal(replace(INVOICE, due=None, tags=()), "seller") is None
    assert STORY.refusal(replace(INVOICE, due=INVOICE.issued), "seller") is None


def test_acceptance_changes_the_state_and_names_what_is_accepted() -> None:
    """I-2 keeps the tags and the amounts, and says apart for how much the buyer has accepted, due when."""
    corridor = issued()
    before, claims = invoice_of(corridor), dict(corridor.ledger.claims)
    corridor.accept_invoice()
    after = invoice_of(corridor)
    acceptance = InvoiceAcceptance(accepted_due="2026-10-21", accepted_minor=100_000, currency="EUR", minor_digits=2)
    status = InvoiceStatus(state=InvoiceState.ACCEPTED)
    assert after == replace(before, acceptance=acceptance, status=status, history=after.history)
    assert corridor.ledger.claims == claims


def test_acceptance_needs_neither_that_nothing_is_paid_nor_that_nothing_is_declared() -> None:
    """I-2: a buyer that has paid may still accept."""
    assert PAID.refusal(PAID.make.acceptance(), "buyer") is None


@pytest.mark.parametrize("due", [None, "2026-09-21", "2027-01-31"])
def test_a_buyer_may_date_an_invoice_that_bears_no_date(due: str | None) -> None:
    """I-2: where the invoice does not say when it is due, its buyer may, or leaves it open."""
    corridor = undated()
    corridor.submit(replace(corridor.make.acceptance(), due=due), "buyer")
    accepted = invoice_of(corridor).acceptance
    assert accepted is not None
    assert accepted.accepted_due == due


def test_what_is_wanted_of_an_acceptance_is_told_as_money() -> None:
    """I-2: the buyer reads what is payable, in the invoice's currency and places."""
    error = ISSUED.refusal(replace(ACCEPT, amount_minor=99_999), "buyer")
    assert error is not None
    assert (error.seen, error.wanted) == ("999.99 EUR", "1000.00 EUR")


def test_what_was_accepted_stays_when_the_invoice_is_cancelled() -> None:
    """I-4 ends an invoice; what its buyer had accepted is told all the same."""
    corridor = issued()
    corridor.accept_invoice()
    before = invoice_of(corridor).acceptance
    corridor.submit(corridor.make.cancellation(), "seller")
    assert invoice_of(corridor).acceptance == before


@pytest.mark.parametrize(("corridor", "state"), [(CANCELLED, InvoiceState.CANCELLED), (REFUSED, InvoiceState.REFUSED)])
def test_closing_gives_the_tags_back(corridor: Corridor, state: InvoiceState) -> None:
    """I-3 and I-4 end an invoice, and a corrected one may bear its tag."""
    invoice = invoice_of(corridor)
    assert invoice.status.state is state
    assert [corridor.ledger.claim(claim) for claim in invoice.links.tags] == [None, None]
    assert corridor.refusal(corridor.make.invoice(1), "seller") is None


def test_accepted_invoice_may_be_cancelled_and_not_refused() -> None:
    """I-4 takes an accepted invoice, I-3 does not; of one that is not accepted one reason is enough."""
    corridor = issued()
    corridor.accept_invoice()
    assert corridor.refusal(corridor.make.cancellation(), "seller") is None
    error = corridor.refusal(corridor.make.invoice_refusal(), "buyer")
    assert error is not None
    assert error.reason is INVOICE_NOT_OPEN
    assert ISSUED.refusal(replace(ISSUED.make.invoice_refusal(), reasons=("GOODS",)), "buyer") is None


def test_returned_payment_and_refused_declaration_make_cancelling_possible() -> None:
    """I-4 looks at what is settled and declared now, not at what once was."""
    corridor = under_way()
    corridor.confirm_payment()
    corridor.submit(corridor.make.payment_return(amount_minor=30_000), "bank-cn")
    corridor.submit(corridor.make.declaration_refusal("export"), "customs-cn")
    assert corridor.refusal(corridor.make.cancellation(), "seller") is None


def test_nobody_can_keep_an_invoice_from_being_cancelled() -> None:
    """A payment that no bank carries out and a declaration that customs leaves lying are ended by others than these."""
    corridor = under_way()
    corridor.submit(corridor.make.payment_rejection(), "bank-be")
    corridor.submit(corridor.make.withdrawal("export"), "seller")
    assert corridor.refusal(corridor.make.cancellation(), "seller") is None


def test_what_is_settled_is_told_as_money() -> None:
    """I-3: how much was paid already is an amount, with its currency and its decimal places."""
    error = PAID.refusal(REFUSE, "buyer")
    assert error is not None
    assert (error.reason, error.pointer) == (INVOICE_PAID, "/body/invoice")
    assert (error.seen, error.wanted) == ("300.00 EUR", "0.00 EUR")
