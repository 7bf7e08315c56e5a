"""The rows of titles."""

from collections.abc import Iterator

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.document.payload import payload_claims
from hanse_ledger.kinds.kind import (
    Commits,
    FoundBy,
    Kind,
    Listed,
    ObjectType,
    Waits,
    itself,
    no_claims,
    no_key,
    no_object,
    no_worth,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.title import samples
from hanse_ledger.kinds.title.bodies import (
    AmendTitle,
    ConvertTitle,
    IssueTitle,
    RejectTitle,
    SurrenderTitle,
    TransferTitle,
)
from hanse_ledger.kinds.title.refusals import TITLE_UNKNOWN
from hanse_ledger.kinds.title.rules import (
    amend_title,
    convert_title,
    issue_title,
    reject_title,
    surrender_title,
    transfer_title,
)
from hanse_ledger.kinds.title.state import Title, TitleState
from hanse_ledger.kinds.title.status import judged
from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.catalogue import CommittedKind


def _rejected_by(title: Title) -> Iterator[Waits]:
    """Wait for whoever has been made holder, and may give it back."""
    holding = title.holding
    if holding.previous is not None:
        yield Waits(holding.holder, holding.since, holding.since + limits.REJECT_MS)


TITLE = ObjectType(
    name="title",
    state=Title,
    unknown=TITLE_UNKNOWN,
    beside=frozenset({"history", "holding", "status"}),
    sums={},
    judged=judged,
    behind=None,
    acts=False,
    found_by=(FoundBy[Title](name="title_of_shipment", keys=lambda title: (title.links.shipment,)),),
    # Its holders change: their lists are those of their own histories.
    listed=Listed(
        state=lambda title: title.status.state,
        open=frozenset({TitleState.LIVE}),
        ended=frozenset({TitleState.SURRENDERED}),
        whose=lambda title: (title.links.carrier, title.holding.holder),
        waits={"title.reject": _rejected_by},
        worth=no_worth,
        worth_of=of_no_others,
    ),
)

_OfTitle = TransferTitle | RejectTitle | SurrenderTitle | AmendTitle | ConvertTitle


def _own(body: _OfTitle) -> ObjectId:
    return body.title


def _named(body: _OfTitle) -> tuple[ObjectId, ...]:
    return (body.title,)


def _issued(body: IssueTitle) -> tuple[ObjectId | None, ...]:
    return (body.consignment, body.holder, body.shipment)


def _transferred(body: TransferTitle) -> tuple[ObjectId, ...]:
    return (body.new_holder, body.title)


def _converted(body: ConvertTitle) -> tuple[ObjectId, ...]:
    return (body.holder, body.title)


def _claims(body: IssueTitle) -> tuple[Digest, ...]:
    return (claim_key(ClaimKind.TITLE, body.shipment), *payload_claims(body))


ISSUE = Kind(
    name="title.issue",
    number="T-3",
    body=IssueTitle,
    rule=issue_title,
    object=TITLE,
    creates=True,
    about=no_object,
    references=_issued,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_claims,
    commits=Commits[IssueTitle](
        kind=CommittedKind.TRANSPORT,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=True,
    powers=(),
    amount=no_amount,
    sample=samples.issue,
)

TRANSFER = Kind(
    name="title.transfer",
    number="T-4",
    body=TransferTitle,
    rule=transfer_title,
    object=TITLE,
    creates=False,
    about=_own,
    references=_transferred,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.transfer,
)

REJECT = Kind(
    name="title.reject",
    number="T-5",
    body=RejectTitle,
    rule=reject_title,
    object=TITLE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.reject,
)

SURRENDER = Kind(
    name="title.surrender",
    number="T-6",
    body=SurrenderTitle,
    rule=surrender_title,
    object=TITLE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=True,
    powers=(),
    amount=no_amount,
    sample=samples.surrender,
)

AMEND = Kind(
    name="title.amend",
    number="T-7",
    body=AmendTitle,
    rule=amend_title,
    object=TITLE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[AmendTitle](
        kind=CommittedKind.TRANSPORT,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.amend,
)

CONVERT = Kind(
    name="title.convert",
    number="T-8",
    body=ConvertTitle,
    rule=convert_title,
    object=TITLE,
    creates=False,
    about=_own,
    references=_converted,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[ConvertTitle](
        kind=CommittedKind.TRANSPORT,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.convert,
)

KINDS = (ISSUE, TRANSFER, REJECT, SURRENDER, AMEND, CONVERT)
