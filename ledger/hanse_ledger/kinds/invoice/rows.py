"""The rows of invoices."""

from collections.abc import Iterator

from hanse_ledger.kinds.claims import tag_claim
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, CancelInvoice, IssueInvoice, RefuseInvoice
from hanse_ledger.kinds.invoice.refusals import INVOICE_UNKNOWN
from hanse_ledger.kinds.invoice.rules import accept_invoice, cancel_invoice, issue_invoice, refuse_invoice
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceAmounts, InvoiceLinks
from hanse_ledger.kinds.invoice.status import judged
from hanse_ledger.kinds.kind import Commits, Kind, ObjectType, itself, no_claims, no_key, no_object
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.catalogue import CommittedKind

INVOICE = ObjectType(
    name="invoice",
    state=Invoice,
    unknown=INVOICE_UNKNOWN,
    beside=frozenset({"amounts", "history", "status"}),
    sums={InvoiceAmounts: ("settled_minor", "under_way_minor"), InvoiceLinks: ("declarations",)},
    judged=judged,
    behind=None,
)


def _parties(body: IssueInvoice) -> tuple[ObjectId, ...]:
    return (body.buyer, body.seller)


def _tags(body: IssueInvoice) -> Iterator[Digest]:
    return (tag_claim(tag.epoch, tag.value) for tag in body.tags)


def _own(body: AcceptInvoice | RefuseInvoice | CancelInvoice) -> ObjectId:
    return body.invoice


def _named(body: AcceptInvoice | RefuseInvoice | CancelInvoice) -> tuple[ObjectId, ...]:
    return (body.invoice,)


ISSUE = Kind(
    name="invoice.issue",
    number="I-1",
    body=IssueInvoice,
    rule=issue_invoice,
    object=INVOICE,
    creates=True,
    about=no_object,
    references=_parties,
    introduces=no_key,
    presents=no_key,
    claims=_tags,
    commits=Commits[IssueInvoice](kind=CommittedKind.INVOICE, terms=lambda body: body.document.terms, header=itself),
    frees=True,
)

ACCEPT = Kind(
    name="invoice.accept",
    number="I-2",
    body=AcceptInvoice,
    rule=accept_invoice,
    object=INVOICE,
    creates=False,
    about=_own,
    references=_named,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
)

REFUSE = Kind(
    name="invoice.refuse",
    number="I-3",
    body=RefuseInvoice,
    rule=refuse_invoice,
    object=INVOICE,
    creates=False,
    about=_own,
    references=_named,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=True,
)

CANCEL = Kind(
    name="invoice.cancel",
    number="I-4",
    body=CancelInvoice,
    rule=cancel_invoice,
    object=INVOICE,
    creates=False,
    about=_own,
    references=_named,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=True,
)

KINDS = (ISSUE, ACCEPT, REFUSE, CANCEL)
