"""The rows of certificates of origin."""

from hanse_ledger.kinds.certificate.bodies import IssueCertificate, RevokeCertificate
from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_UNKNOWN
from hanse_ledger.kinds.certificate.rules import issue_certificate, revoke_certificate
from hanse_ledger.kinds.certificate.state import Balance, Certificate
from hanse_ledger.kinds.certificate.status import judged
from hanse_ledger.kinds.kind import Commits, Kind, ObjectType, itself, no_claims, no_key, no_object
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.catalogue import CommittedKind

CERTIFICATE = ObjectType(
    name="certificate",
    state=Certificate,
    unknown=CERTIFICATE_UNKNOWN,
    beside=frozenset({"balances", "history", "status"}),
    sums={Balance: ("reserved_micro", "written_off_micro")},
    judged=judged,
    behind=None,
)


def _parties(body: IssueCertificate) -> tuple[ObjectId | None, ...]:
    return (body.exporter, body.consignee)


ISSUE = Kind(
    name="certificate.issue",
    number="O-1",
    body=IssueCertificate,
    rule=issue_certificate,
    object=CERTIFICATE,
    creates=True,
    about=no_object,
    references=_parties,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=Commits[IssueCertificate](
        kind=CommittedKind.CERTIFICATE, terms=lambda body: body.document.terms, header=itself
    ),
    frees=False,
)

REVOKE = Kind(
    name="certificate.revoke",
    number="O-2",
    body=RevokeCertificate,
    rule=revoke_certificate,
    object=CERTIFICATE,
    creates=False,
    about=lambda body: body.certificate,
    references=lambda body: (body.certificate,),
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
)

KINDS = (ISSUE, REVOKE)
