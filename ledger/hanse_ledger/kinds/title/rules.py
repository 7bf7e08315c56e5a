"""Titles: one live title a shipment, one holder a title."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.common import Context, Signers, ascending, find, require, require_alone, require_only
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED
from hanse_ledger.kinds.shipment.refusals import NOT_CARRIER
from hanse_ledger.kinds.shipment.rules import find_shipment, require_on_its_way
from hanse_ledger.kinds.title.bodies import (
    AmendTitle,
    ConvertTitle,
    IssueTitle,
    Medium,
    RejectTitle,
    SurrenderTitle,
    TransferTitle,
)
from hanse_ledger.kinds.title.refusals import (
    DOCUMENT_UNCHANGED,
    MEDIUM_UNCHANGED,
    NOT_HOLDER,
    NOTHING_TO_REJECT,
    REJECTED_TOO_LATE,
    SAME_HOLDER,
    TITLE_NOT_LIVE,
    TITLE_ON_PAPER,
    TITLE_TAKEN,
    TITLE_UNKNOWN,
)
from hanse_ledger.kinds.title.state import Title, TitleDocument, TitleHolding, TitleLinks, TitleState, TitleStatus
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import ObjectId


def issue_title(state: StateView, body: IssueTitle, signers: Signers, context: Context) -> Delta:
    """T-3. The carrier of a shipment issues the one title on it to its first holder."""
    shipment = find_shipment(state, body.shipment, "/body/shipment")
    require_alone(signers, shipment.links.carrier, NOT_CARRIER)
    require_on_its_way(shipment, "/body/shipment")
    claim = claim_key(ClaimKind.TITLE, body.shipment)
    require(state.claim(claim) is None, TITLE_TAKEN, "/body/shipment", seen=body.shipment)
    find_active_party(state, body.holder, None, context.at, "/body/holder")

    # From here the issue must succeed.
    title = Title(
        id=context.creates,
        seed=context.seed,
        document=TitleDocument(changes=0, file=body.document.file),
        history=NO_HISTORY,
        holding=TitleHolding(holder=body.holder, previous=None, since=context.at),
        links=TitleLinks(carrier=shipment.links.carrier, shipment=shipment.id),
        status=TitleStatus(medium=Medium.ELECTRONIC, state=TitleState.LIVE),
    )
    return Delta(objects=(title,), claims={claim: title.id})


def transfer_title(state: StateView, body: TransferTitle, signers: Signers, context: Context) -> Delta:
    """T-4. The holder of a live title names a new holder, who has it from then on, alone."""
    title = _held(state, body.title)
    holder = _require_holder(title, signers)
    require_only(signers, 1)
    require(body.new_holder != holder, SAME_HOLDER, "/body/new_holder", seen=body.new_holder)
    find_active_party(state, body.new_holder, None, context.at, "/body/new_holder")

    # From here the transfer must succeed.
    holding = TitleHolding(holder=body.new_holder, previous=holder, since=context.at)
    return Delta(objects=(replace(title, holding=holding),))


def reject_title(state: StateView, body: RejectTitle, signers: Signers, context: Context) -> Delta:
    """T-5. Whoever has been made holder, and does not want to be, gives the title back within seven days."""
    title = _held(state, body.title)
    _require_holder(title, signers)
    require_only(signers, 1)
    require(len(body.reasons) > 0 and ascending(body.reasons), REASONS_NOT_SORTED, "/body/reasons")
    holding = title.holding
    require(holding.previous is not None, NOTHING_TO_REJECT, "/body/title")
    latest = holding.since + limits.REJECT_MS
    require(
        context.at < latest,
        REJECTED_TOO_LATE,
        "/body/title",
        seen=lambda: f"block time {moment_words(context.at)}",
        wanted=lambda: f"before {moment_words(latest)}",
    )

    # From here the rejection must succeed.
    returned = TitleHolding(holder=holding.previous, previous=None, since=context.at)
    return Delta(objects=(replace(title, holding=returned),))


def surrender_title(state: StateView, body: SurrenderTitle, signers: Signers, context: Context) -> Delta:
    """T-6. The holder surrenders the title and the carrier takes it in, in one record: it gives no right any more."""
    title = _live(state, body.title)
    holder = title.holding.holder
    if holder is not None:
        _require_holder(title, signers)
    _require_carrier(title, signers)
    require_only(signers, len({holder or title.links.carrier, title.links.carrier}))

    # From here the surrender must succeed.
    ended = replace(
        title,
        holding=TitleHolding(holder=None, previous=None, since=context.at),
        status=replace(title.status, state=TitleState.SURRENDERED),
    )
    return Delta(objects=(ended,), claims={claim_key(ClaimKind.TITLE, title.links.shipment): None})


def amend_title(state: StateView, body: AmendTitle, signers: Signers, _: Context) -> Delta:
    """T-7. Carrier and holder put an amended document in the place of the title's; the old one ends with it."""
    title = _held(state, body.title)
    holder = _require_holder(title, signers)
    _require_carrier(title, signers)
    require_only(signers, len({holder, title.links.carrier}))
    _require_other_document(title, body.document.file)

    # From here the amendment must succeed.
    return Delta(objects=(replace(title, document=_changed(title, body.document.file)),))


def convert_title(state: StateView, body: ConvertTitle, signers: Signers, context: Context) -> Delta:
    """T-8. Carrier and holder change the medium of a title; the old form ends in the record that makes the new one."""
    title = _live(state, body.title)
    require(body.medium is not title.status.medium, MEDIUM_UNCHANGED, "/body/medium", seen=body.medium)
    to_paper = body.medium is Medium.PAPER
    require(
        not to_paper or body.holder == title.holding.holder,
        NOT_HOLDER,
        "/body/holder",
        seen=body.holder,
        wanted=lambda: title.holding.holder,
    )
    find_active_party(state, body.holder, None, context.at, "/body/holder")
    require(body.holder in signers.parties, NOT_HOLDER, "/signers", wanted=body.holder)
    _require_carrier(title, signers)
    require_only(signers, len({body.holder, title.links.carrier}))
    _require_other_document(title, body.document.file)

    # From here the conversion must succeed.
    converted = replace(
        title,
        document=_changed(title, body.document.file),
        holding=TitleHolding(holder=None if to_paper else body.holder, previous=None, since=context.at),
        status=replace(title.status, medium=body.medium),
    )
    return Delta(objects=(converted,))


def _live(state: StateView, object_id: ObjectId) -> Title:
    """Find a title that gives a right still, or refuse."""
    title = find(state, object_id, Title, TITLE_UNKNOWN, "/body/title")
    require(title.status.state is TitleState.LIVE, TITLE_NOT_LIVE, "/body/title", seen=title.status.state)
    return title


def _held(state: StateView, object_id: ObjectId) -> Title:
    """Find a live title that is held on this ledger, or refuse."""
    title = _live(state, object_id)
    require(title.status.medium is Medium.ELECTRONIC, TITLE_ON_PAPER, "/body/title", seen=title.status.medium)
    return title


def _require_holder(title: Title, signers: Signers) -> ObjectId:
    holder = title.holding.holder
    assert holder is not None, "a title on this ledger that is live has a holder"
    require(holder in signers.parties, NOT_HOLDER, "/signers", wanted=holder)
    return holder


def _require_carrier(title: Title, signers: Signers) -> None:
    require(title.links.carrier in signers.parties, NOT_CARRIER, "/signers", wanted=title.links.carrier)


def _require_other_document(title: Title, file: bytes) -> None:
    require(file != title.document.file, DOCUMENT_UNCHANGED, "/body/document", seen=file)


def _changed(title: Title, file: bytes) -> TitleDocument:
    return TitleDocument(changes=title.document.changes + 1, file=file)
