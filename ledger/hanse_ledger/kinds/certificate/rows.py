"""The rows of certificates of origin."""

from collections.abc import Iterator

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.certificate import samples
from hanse_ledger.kinds.certificate.applications import (
    answer_certificate,
    apply_for_certificate,
    grant_certificate,
    query_certificate,
    refuse_certificate,
    withdraw_certificate,
)
from hanse_ledger.kinds.certificate.bodies import (
    AnswerCertificate,
    ApplyForCertificate,
    GrantCertificate,
    IssueCertificate,
    QueryCertificate,
    RefuseCertificate,
    ReplaceCertificate,
    RevokeCertificate,
    WithdrawCertificate,
)
from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_UNKNOWN
from hanse_ledger.kinds.certificate.replacing import replace_certificate
from hanse_ledger.kinds.certificate.rules import issue_certificate, revoke_certificate
from hanse_ledger.kinds.certificate.state import Balance, Certificate, CertificateState
from hanse_ledger.kinds.certificate.status import judged
from hanse_ledger.kinds.document.payload import payload_claims
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
    no_worth,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.catalogue import CommittedKind


def _granted_by(certificate: Certificate) -> Iterator[Waits]:
    if certificate.status.state is CertificateState.APPLIED:
        yield Waits(certificate.links.issuer)


def _answered_by(certificate: Certificate) -> Iterator[Waits]:
    if certificate.query is not None:
        yield Waits(certificate.links.issuer)


CERTIFICATE = ObjectType(
    name="certificate",
    state=Certificate,
    unknown=CERTIFICATE_UNKNOWN,
    beside=frozenset({"balances", "history", "query", "status"}),
    sums={Balance: ("moved", "reserved_micro", "written_off_micro")},
    judged=judged,
    behind=None,
    acts=False,
    found_by=(),
    listed=Listed(
        state=lambda certificate: certificate.status.state,
        open=frozenset({CertificateState.APPLIED, CertificateState.LIVE}),
        ended=frozenset(CertificateState) - {CertificateState.APPLIED, CertificateState.LIVE},
        whose=lambda certificate: (certificate.links.exporter, certificate.links.consignee, certificate.links.issuer),
        waits={"certificate.grant": _granted_by, "certificate.answer": _answered_by},
        worth=no_worth,
        worth_of=of_no_others,
    ),
)


Deciding = (
    RevokeCertificate
    | QueryCertificate
    | AnswerCertificate
    | GrantCertificate
    | RefuseCertificate
    | WithdrawCertificate
    | ReplaceCertificate
)


def _parties(body: IssueCertificate | ApplyForCertificate) -> tuple[ObjectId | None, ...]:
    return (body.exporter, body.consignee, body.consignment)


def _own(body: Deciding) -> ObjectId:
    return body.certificate


def _named(body: Deciding) -> tuple[ObjectId, ...]:
    return (body.certificate,)


def _replaced(body: ReplaceCertificate) -> tuple[ObjectId | None, ...]:
    return (body.certificate, body.consignment)


ISSUE = Kind(
    name="certificate.issue",
    number="O-1",
    body=IssueCertificate,
    rule=issue_certificate,
    object=CERTIFICATE,
    creates=True,
    about=no_object,
    references=_parties,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[IssueCertificate](
        kind=CommittedKind.CERTIFICATE,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=False,
    powers=(Power.CERTIFY,),
    amount=no_amount,
    sample=samples.issue,
)

REVOKE = Kind(
    name="certificate.revoke",
    number="O-2",
    body=RevokeCertificate,
    rule=revoke_certificate,
    object=CERTIFICATE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.CERTIFY,),
    amount=no_amount,
    sample=samples.revoke,
)

APPLY = Kind(
    name="certificate.apply",
    number="O-3",
    body=ApplyForCertificate,
    rule=apply_for_certificate,
    object=CERTIFICATE,
    creates=True,
    about=no_object,
    references=_parties,
    addresses=lambda body: (body.issuer,),
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[ApplyForCertificate](
        kind=CommittedKind.CERTIFICATE,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.ask_for,
)

QUERY = Kind(
    name="certificate.query",
    number="O-4",
    body=QueryCertificate,
    rule=query_certificate,
    object=CERTIFICATE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.CERTIFY,),
    amount=no_amount,
    sample=samples.query,
)

ANSWER = Kind(
    name="certificate.answer",
    number="O-5",
    body=AnswerCertificate,
    rule=answer_certificate,
    object=CERTIFICATE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.CERTIFY,),
    amount=no_amount,
    sample=samples.answer,
)

GRANT = Kind(
    name="certificate.grant",
    number="O-6",
    body=GrantCertificate,
    rule=grant_certificate,
    object=CERTIFICATE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[GrantCertificate](
        kind=CommittedKind.CERTIFICATE,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=False,
    powers=(Power.CERTIFY,),
    amount=no_amount,
    sample=samples.grant,
)

REFUSE = Kind(
    name="certificate.refuse",
    number="O-7",
    body=RefuseCertificate,
    rule=refuse_certificate,
    object=CERTIFICATE,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.CERTIFY,),
    amount=no_amount,
    sample=samples.refuse,
)

WITHDRAW = Kind(
    name="certificate.withdraw",
    number="O-8",
    body=WithdrawCertificate,
    rule=withdraw_certificate,
    object=CERTIFICATE,
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
    sample=samples.withdraw,
)

REPLACE = Kind(
    name="certificate.replace",
    number="O-9",
    body=ReplaceCertificate,
    rule=replace_certificate,
    object=CERTIFICATE,
    creates=True,
    about=_own,
    references=_replaced,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=Commits[ReplaceCertificate](
        kind=CommittedKind.CERTIFICATE,
        terms=lambda body: body.document.terms,
        document=lambda body: body.document,
        header=itself,
    ),
    frees=False,
    powers=(Power.CERTIFY,),
    amount=no_amount,
    sample=samples.replacement,
)

KINDS = (ISSUE, REVOKE, APPLY, QUERY, ANSWER, GRANT, REFUSE, WITHDRAW, REPLACE)
