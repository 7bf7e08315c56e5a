"""Rules T-3 to T-8: titles are issued, transferred, given back, surrendered, amended, and change their medium."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.object import step_seed
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE, PARTY_SUSPENDED, PARTY_UNKNOWN
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED, SUPERFLUOUS_SIGNER
from hanse_ledger.kinds.shipment.bodies import ArriveShipment
from hanse_ledger.kinds.shipment.refusals import NOT_CARRIER, SHIPMENT_ARRIVED, SHIPMENT_UNKNOWN
from hanse_ledger.kinds.title import refusals as why
from hanse_ledger.kinds.title.bodies import (
    AmendTitle,
    ConvertTitle,
    IssueTitle,
    Medium,
    RejectTitle,
    SurrenderTitle,
    TransferTitle,
)
from hanse_ledger.kinds.title.state import Title, TitleDocument, TitleHolding, TitleLinks, TitleState, TitleStatus
from hanse_ledger.values import limits
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY, SECOND, T0
from tests.world.departures import after, hold


def shipped() -> Corridor:
    """Goods are on their way; a bank is enrolled as a party, and another one whose enrolment ends soon."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.dispatch_shipment()
    corridor.enrol("bank party", PartyRole.AGENT)
    brief = replace(corridor.make.enrolment("brief", PartyRole.BUYER), valid_until=T0 + DAY)
    corridor.submit(brief, "market", "brief", name="brief")
    return corridor


def arrived() -> Corridor:
    """They have arrived, and no title was issued."""
    corridor = shipped()
    corridor.submit(corridor.make.sample(ArriveShipment), "carrier")
    return corridor


def issued() -> Corridor:
    """The seller holds a title on them."""
    corridor = shipped()
    corridor.issue_title()
    return corridor


def transferred() -> Corridor:
    """The buyer holds it now."""
    corridor = issued()
    corridor.submit(corridor.make.sample(TransferTitle), "seller")
    return corridor


def on_paper() -> Corridor:
    """The buyer has taken paper for it."""
    corridor = transferred()
    corridor.submit(corridor.make.sample(ConvertTitle), "carrier", "buyer")
    return corridor


def surrendered() -> Corridor:
    """The buyer has surrendered it."""
    corridor = transferred()
    corridor.submit(corridor.make.sample(SurrenderTitle), "buyer", "carrier")
    return corridor


SHIPPED, ARRIVED, ISSUED, TRANSFERRED, PAPER, ENDED = (
    make() for make in (shipped, arrived, issued, transferred, on_paper, surrendered)
)
HELD_BUYER, HELD_BEARER = after(issued(), (hold, "buyer")), after(on_paper(), (hold, "seller"))
NOBODY, TOMORROW = bytes(32), T0 + DAY
MAKE = TRANSFERRED.make
ISSUE, TRANSFER, REJECT = MAKE.sample(IssueTitle), MAKE.sample(TransferTitle), MAKE.sample(RejectTitle)
SURRENDER, AMEND, CONVERT = MAKE.sample(SurrenderTitle), MAKE.sample(AmendTitle), MAKE.sample(ConvertTitle)
TO_NOBODY = replace(ISSUE, holder=NOBODY)
BACK = replace(CONVERT, document=ISSUE.document, holder=PAPER.id["seller"], medium=Medium.ELECTRONIC)
SAME = replace(AMEND, document=ISSUE.document)
UNREASONED = replace(REJECT, reasons=())
LATEST = TRANSFERRED.head.time + limits.REJECT_MS


def unknown(body: TransferTitle | RejectTitle | SurrenderTitle | AmendTitle | ConvertTitle) -> Refused:
    """The same of a title that there is not, signed by somebody."""
    return Refused(TRANSFERRED, replace(body, title=NOBODY), ("agent",), why.TITLE_UNKNOWN, "/body/title")


def ended(body: TransferTitle | RejectTitle | SurrenderTitle | AmendTitle | ConvertTitle) -> Refused:
    """The same of a title that has been surrendered."""
    return Refused(ENDED, body, ("agent",), why.TITLE_NOT_LIVE, "/body/title")


REFUSALS = [
    Refused(SHIPPED, replace(TO_NOBODY, shipment=NOBODY), ("seller",), SHIPMENT_UNKNOWN, "/body/shipment"),
    Refused(ARRIVED, TO_NOBODY, ("seller",), NOT_CARRIER, "/signers"),
    Refused(ARRIVED, TO_NOBODY, ("carrier", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ARRIVED, TO_NOBODY, ("carrier",), SHIPMENT_ARRIVED, "/body/shipment"),
    Refused(ISSUED, TO_NOBODY, ("carrier",), why.TITLE_TAKEN, "/body/shipment"),
    Refused(PAPER, TO_NOBODY, ("carrier",), why.TITLE_TAKEN, "/body/shipment"),
    Refused(SHIPPED, TO_NOBODY, ("carrier",), PARTY_UNKNOWN, "/body/holder"),
    Refused(
        SHIPPED, replace(ISSUE, holder=SHIPPED.id["brief"]), ("carrier",), PARTY_INACTIVE, "/body/holder", TOMORROW
    ),
    Refused(after(shipped(), (hold, "seller")), ISSUE, ("carrier",), PARTY_SUSPENDED, "/body/holder"),
    unknown(TRANSFER),
    ended(TRANSFER),
    Refused(PAPER, TRANSFER, ("seller",), why.TITLE_ON_PAPER, "/body/title"),
    Refused(TRANSFERRED, TRANSFER, ("seller",), why.NOT_HOLDER, "/signers"),
    Refused(TRANSFERRED, TRANSFER, ("buyer", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(TRANSFERRED, TRANSFER, ("buyer",), why.SAME_HOLDER, "/body/new_holder"),
    Refused(ISSUED, replace(TRANSFER, new_holder=NOBODY), ("seller",), PARTY_UNKNOWN, "/body/new_holder"),
    Refused(
        ISSUED,
        replace(TRANSFER, new_holder=ISSUED.id["brief"]),
        ("seller",),
        PARTY_INACTIVE,
        "/body/new_holder",
        TOMORROW,
    ),
    Refused(HELD_BUYER, TRANSFER, ("seller",), PARTY_SUSPENDED, "/body/new_holder"),
    unknown(REJECT),
    ended(REJECT),
    Refused(PAPER, UNREASONED, ("seller",), why.TITLE_ON_PAPER, "/body/title"),
    Refused(TRANSFERRED, UNREASONED, ("seller",), why.NOT_HOLDER, "/signers"),
    Refused(ISSUED, UNREASONED, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ISSUED, UNREASONED, ("seller",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(ISSUED, replace(REJECT, reasons=("B", "A")), ("seller",), REASONS_NOT_SORTED, "/body/reasons"),
    Refused(ISSUED, REJECT, ("seller",), why.NOTHING_TO_REJECT, "/body/title", LATEST),
    Refused(TRANSFERRED, REJECT, ("buyer",), why.REJECTED_TOO_LATE, "/body/title", LATEST),
    Refused(TRANSFERRED, REJECT, ("buyer",), why.REJECTED_TOO_LATE, "/body/title", LATEST + SECOND),
    unknown(SURRENDER),
    ended(SURRENDER),
    Refused(TRANSFERRED, SURRENDER, ("seller", "carrier"), why.NOT_HOLDER, "/signers"),
    Refused(TRANSFERRED, SURRENDER, ("buyer", "seller"), NOT_CARRIER, "/signers"),
    Refused(PAPER, SURRENDER, ("buyer",), NOT_CARRIER, "/signers"),
    Refused(TRANSFERRED, SURRENDER, ("buyer", "carrier", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(PAPER, SURRENDER, ("carrier", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    unknown(AMEND),
    ended(AMEND),
    Refused(PAPER, SAME, ("seller",), why.TITLE_ON_PAPER, "/body/title"),
    Refused(TRANSFERRED, SAME, ("seller", "carrier"), why.NOT_HOLDER, "/signers"),
    Refused(TRANSFERRED, SAME, ("buyer", "seller"), NOT_CARRIER, "/signers"),
    Refused(TRANSFERRED, SAME, ("buyer", "carrier", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(TRANSFERRED, SAME, ("buyer", "carrier"), why.DOCUMENT_UNCHANGED, "/body/document"),
    unknown(CONVERT),
    ended(CONVERT),
    Refused(PAPER, replace(CONVERT, holder=NOBODY), ("agent",), why.MEDIUM_UNCHANGED, "/body/medium"),
    Refused(TRANSFERRED, replace(BACK, holder=NOBODY), ("agent",), why.MEDIUM_UNCHANGED, "/body/medium"),
    Refused(TRANSFERRED, replace(CONVERT, holder=NOBODY), ("agent",), why.NOT_HOLDER, "/body/holder"),
    Refused(TRANSFERRED, replace(CONVERT, holder=b"\xff" * 32), ("agent",), why.NOT_HOLDER, "/body/holder"),
    Refused(PAPER, replace(BACK, holder=NOBODY), ("agent",), PARTY_UNKNOWN, "/body/holder"),
    Refused(PAPER, replace(BACK, holder=PAPER.id["brief"]), ("agent",), PARTY_INACTIVE, "/body/holder", TOMORROW),
    Refused(HELD_BEARER, BACK, ("agent",), PARTY_SUSPENDED, "/body/holder"),
    Refused(PAPER, BACK, ("agent", "carrier"), why.NOT_HOLDER, "/signers"),
    Refused(PAPER, BACK, ("seller",), NOT_CARRIER, "/signers"),
    Refused(PAPER, BACK, ("seller", "carrier", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(
        PAPER,
        replace(BACK, document=CONVERT.document),
        ("seller", "carrier"),
        why.DOCUMENT_UNCHANGED,
        "/body/document",
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def title_of(corridor: Corridor) -> Title:
    """Give the title as it stands."""
    value = corridor.ledger.objects[corridor.id["title"]]
    assert isinstance(value, Title)
    return value


def holding(corridor: Corridor, holder: str | None, previous: str | None = None) -> TitleHolding:
    """Say who holds it since the last block, and from whom it came."""
    ids = corridor.id
    return TitleHolding(
        holder=None if holder is None else ids[holder],
        previous=None if previous is None else ids[previous],
        since=corridor.head.time,
    )


def claimed(corridor: Corridor) -> bytes | None:
    """Give the title that the claim of the shipment names."""
    return corridor.ledger.claims.get(claim_key(ClaimKind.TITLE, corridor.id["shipment"]))


def test_a_title_has_its_first_holder() -> None:
    """T-3 makes a live title in the hands of one party, and the claim of its shipment names it."""
    corridor = issued()
    signed = corridor.signed["title"]
    assert title_of(corridor) == Title(
        id=corridor.id["title"],
        seed=step_seed(signed.record.nonce),
        document=TitleDocument(changes=0, file=ISSUE.document.file),
        history=NO_HISTORY.after(signed.id),
        holding=holding(corridor, "seller"),
        links=TitleLinks(carrier=corridor.id["carrier"], shipment=corridor.id["shipment"]),
        status=TitleStatus(medium=Medium.ELECTRONIC, state=TitleState.LIVE),
    )
    assert claimed(corridor) == corridor.id["title"]


def test_a_transfer_leaves_one_holder() -> None:
    """T-4: who had it has it no more; the new holder may pass it on, and only the new one."""
    corridor = transferred()
    assert title_of(corridor).holding == holding(corridor, "buyer", "seller")
    onward = replace(TRANSFER, new_holder=corridor.id["bank party"])
    assert corridor.refusal(onward, "seller") is not None
    corridor.submit(onward, "buyer")
    assert title_of(corridor).holding == holding(corridor, "bank party", "buyer")
    assert claimed(corridor) == corridor.id["title"]


def test_a_title_is_given_back_once() -> None:
    """T-5: within seven days, to whom it came from; who has it back cannot reject it in turn."""
    corridor = transferred()
    corridor.submit(REJECT, "buyer", at=LATEST - 1)
    assert title_of(corridor).holding == holding(corridor, "seller")
    assert corridor.refusal(REJECT, "seller", at=LATEST + SECOND) is not None


@pytest.mark.parametrize("paper", [False, True])
def test_a_surrendered_title_makes_room_for_another(paper: bool) -> None:
    """T-6: nobody holds it any more, and the claim is free: the carrier may issue another one."""
    corridor = on_paper() if paper else transferred()
    corridor.submit(SURRENDER, *(("carrier",) if paper else ("buyer", "carrier")))
    title = title_of(corridor)
    assert (title.status.state, title.holding) == (TitleState.SURRENDERED, holding(corridor, None))
    assert claimed(corridor) is None
    second = corridor.submit(ISSUE, "carrier")
    assert claimed(corridor) == second


def test_a_carrier_that_holds_its_own_title_signs_once() -> None:
    """T-6: a title that has come back to the carrier is surrendered by it alone."""
    corridor = issued()
    corridor.submit(replace(TRANSFER, new_holder=corridor.id["carrier"]), "seller")
    corridor.submit(SURRENDER, "carrier")
    assert title_of(corridor).status.state is TitleState.SURRENDERED


def test_an_amended_document_is_in_force_at_once() -> None:
    """T-7: the old document ends with the record that brings the new one; the holder stays."""
    corridor = transferred()
    before = title_of(corridor).holding
    corridor.submit(AMEND, "carrier", "buyer")
    title = title_of(corridor)
    assert title.document == TitleDocument(changes=1, file=AMEND.document.file)
    assert title.holding == before


def test_the_medium_changes_in_one_record() -> None:
    """T-8: on paper nobody holds it here; back from paper whoever brought it does. One form is in force at a time."""
    corridor = on_paper()
    title = title_of(corridor)
    assert title.status == TitleStatus(medium=Medium.PAPER, state=TitleState.LIVE)
    assert (title.holding, title.document.changes) == (holding(corridor, None), 1)
    corridor.submit(BACK, "seller", "carrier")
    title = title_of(corridor)
    assert title.status == TitleStatus(medium=Medium.ELECTRONIC, state=TitleState.LIVE)
    assert (title.holding, title.document) == (
        holding(corridor, "seller"),
        TitleDocument(changes=2, file=ISSUE.document.file),
    )
    assert claimed(corridor) == title.id
