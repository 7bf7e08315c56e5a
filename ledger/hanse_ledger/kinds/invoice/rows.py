"""The rows of invoices."""

from collections.abc import Iterator

from hanse_ledger.kinds.amount import Amount, named_amount, no_amount
from hanse_ledger.kinds.claims import pledge_claim, tag_claim
from hanse_ledger.kinds.document.payload import payload_claims
from hanse_ledger.kinds.invoice import samples
from hanse_ledger.kinds.invoice.bodies import (
    AcceptInvoice,
    CancelInvoice,
    CreditInvoice,
    IssueInvoice,
    RefuseInvoice,
    RetagInvoice,
)
from hanse_ledger.kinds.invoice.refusals import INVOICE_UNKNOWN
from hanse_ledger.kinds.invoice.rules import (
    accept_invoice,
    cancel_invoice,
    credit_invoice,
    issue_invoice,
    refuse_invoice,
    retag_invoice,
)
from hanse_ledger.kinds.invoice.state import OPEN, Invoice, InvoiceAmounts, InvoiceLinks, InvoicePledge, InvoiceState
from hanse_ledger.kinds.invoice.status import judged
from hanse_ledger.kinds.kind import (
    Commits,
    Kind,
    Listed,
    ObjectType,
    Waits,
    itself,
    no_claims,
    no_key,
    no_object,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.catalogue import CommittedKind


def _accepted_by(invoice: Invoice) -> Iterator[Waits]:
    if invoice.status.state is InvoiceState.ISSUED:
        yield Waits(invoice.links.buyer)


def _worth(invoice: Invoice) -> Amount:
    """What credit notes leave of what is payable."""
    return Amount(invoice.amounts.owed_minor, invoice.amounts.currency, invoice.amounts.minor_digits)


INVOICE = ObjectType(
    name="invoice",
    state=Invoice,
    unknown=INVOICE_UNKNOWN,
    beside=frozenset({"acceptance", "amounts", "history", "pledge", "status"}),
    sums={
        InvoiceAmounts: ("settled_minor", "under_way_minor"),
        InvoiceLinks: ("declarations",),
        InvoicePledge: ("pledged_by",),
    },
    judged=judged,
    behind=None,
    acts=False,
    found_by=(),
    listed=Listed(
        state=lambda invoice: invoice.status.state,
        open=frozenset(OPEN),
        ended=frozenset(InvoiceState).difference(OPEN),
        whose=lambda invoice: (invoice.links.seller, invoice.links.buyer),
        waits={"invoice.accept": _accepted_by},
        worth=_worth,
        worth_of=of_no_others,
    ),
)


_OfInvoice = AcceptInvoice | RefuseInvoice | CancelInvoice | CreditInvoice | RetagInvoice


def _issued(body: IssueInvoice) -> tuple[ObjectId | None, ...]:
    return (body.buyer, body.consignment, body.seller)


def _tags(body: IssueInvoice | RetagInvoice) -> Iterator[Digest]:
    return (tag_claim(tag.epoch, tag.value) for tag in body.tags)


def _issue_claims(body: IssueInvoice) -> tuple[Digest, ...]:
    return (*_tags(body), *payload_claims(body))


def _retagged(body: RetagInvoice) -> tuple[ObjectId, ...]:
    return (body.invoice,) if body.pledge is None else (body.invoice, body.pledge)


def _moved(body: RetagInvoice) -> Iterator[Digest]:
    for claim in _tags(body):
        yield claim
        if body.pledge is not None:
            yield pledge_claim(claim)


def _payable(_: StateView, body: IssueInvoice) -> Amount:
    return Amount(max(0, body.payable_minor), body.currency, body.minor_digits)


def _own(body: _OfInvoice) -> ObjectId:
    return body.invoice


def _named(body: _OfInvoice) -> tuple[ObjectId, ...]:
    return (body.invoice,)


ISSUE = Kind(
    name="invoice.issue",
    number="I-1",
    body=IssueInvoice,
    rule=issue_invoice,
    object=INVOICE,
    creates=True,
    about=no_object,
    references=_issued,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_issue_claims,
    commits=Commits[IssueInvoice](
        kind=CommittedKind.INVOICE,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=True,
    powers=(),
    amount=_payable,
    sample=samples.issue,
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
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=named_amount,
    sample=samples.accept,
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
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=True,
    powers=(),
    amount=no_amount,
    sample=samples.refuse,
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
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=True,
    powers=(),
    amount=no_amount,
    sample=samples.cancel,
)

CREDIT = Kind(
    name="invoice.credit",
    number="I-5",
    body=CreditInvoice,
    rule=credit_invoice,
    object=INVOICE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[CreditInvoice](
        kind=CommittedKind.CREDIT_NOTE,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=False,
    powers=(),
    amount=named_amount,
    sample=samples.credit,
)

RETAG = Kind(
    name="invoice.retag",
    number="I-6",
    body=RetagInvoice,
    rule=retag_invoice,
    object=INVOICE,
    creates=False,
    about=_own,
    references=_retagged,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_moved,
    commits=None,
    frees=True,
    powers=(Power.SETTLE,),
    amount=no_amount,
    sample=samples.retag,
)

KINDS = (ISSUE, ACCEPT, REFUSE, CANCEL, CREDIT, RETAG)
