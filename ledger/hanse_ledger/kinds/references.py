"""Which objects a record names: derived from its body, and compared with its `refs`."""

from functools import cache

from hanse_ledger.kinds import Body
from hanse_ledger.kinds.certificate.bodies import IssueCertificate, RevokeCertificate
from hanse_ledger.kinds.declaration.bodies import (
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, CancelInvoice, IssueInvoice, RefuseInvoice
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.party.bodies import EnrolParty, MoveParty, RevokeKey, RotateKey
from hanse_ledger.kinds.payment.bodies import (
    ConfirmPayment,
    InstructPayment,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.values.types import ObjectId


def concerned(kind: str, body: Body) -> ObjectId | None:
    """Name the object whose own record this is: the one after which its kind is called; nil if it creates that.

    An object's own records are those that make it what it is; others only name it, and add to its sums.
    """
    field = _field_of(kind)
    named: ObjectId | None = getattr(body, field, None) if field else None
    return named


@cache
def _field_of(kind: str) -> str:
    """Name the field in which a record of a kind names the object after which that is called; nothing for none."""
    noun = kind.partition(".")[0]
    return {"key": "party", "member": "", "evidence": ""}.get(noun, noun)


def references(body: Body) -> tuple[ObjectId, ...]:
    """List the ids of all objects that a body names, sorted, each once."""
    named: set[ObjectId | None]
    match body:
        case ProposeChange() | VoteOnChange() | ReportReady() | WithdrawChange() | EnrolParty() | ReportEvidence():
            named = set()
        case RotateKey() | RevokeKey() | MoveParty():
            named = {body.party}
        case IssueInvoice():
            named = {body.buyer, body.seller}
        case AcceptInvoice() | RefuseInvoice() | CancelInvoice():
            named = {body.invoice}
        case IssueCertificate():
            named = {body.exporter, body.consignee}
        case RevokeCertificate():
            named = {body.certificate}
        case LodgeDeclaration():
            certificates = (line.certificate.certificate for line in body.lines if line.certificate)
            named = {body.declarant, body.principal, *body.invoices, *certificates}
        case ReleaseDeclaration() | RefuseDeclaration() | WithdrawDeclaration() | LapseDeclaration():
            named = {body.declaration}
        case InstructPayment():
            named = {
                body.payee,
                body.payer,
                *(part.invoice for part in body.allocations),
            }
        case ConfirmPayment() | ReturnPayment() | RejectPayment() | WithdrawPayment():
            named = {body.payment}
    return tuple(sorted(name for name in named if name is not None))
