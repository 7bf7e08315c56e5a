"""Everything that can be written: one frozen class for the body of each kind of record.

Fields stand in byte order of their names, because that is the order of canonical bytes.
Amounts are minor units, quantities millionths of a unit, times milliseconds.
"""

from hanse_ledger.kinds.certificate.bodies import CertificateBody, IssueCertificate, RevokeCertificate
from hanse_ledger.kinds.declaration.bodies import (
    DeclarationBody,
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, CancelInvoice, InvoiceBody, IssueInvoice, RefuseInvoice
from hanse_ledger.kinds.member.bodies import MembersBody, ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.party.bodies import EnrolParty, MoveParty, PartyBody, RevokeKey, RotateKey
from hanse_ledger.kinds.payment.bodies import (
    ConfirmPayment,
    InstructPayment,
    PaymentBody,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)

Body = MembersBody | PartyBody | InvoiceBody | CertificateBody | DeclarationBody | PaymentBody | ReportEvidence

KINDS: dict[str, type[Body]] = {
    "member.propose": ProposeChange,
    "member.vote": VoteOnChange,
    "member.ready": ReportReady,
    "member.withdraw": WithdrawChange,
    "party.enrol": EnrolParty,
    "key.rotate": RotateKey,
    "key.revoke": RevokeKey,
    "party.move": MoveParty,
    "invoice.issue": IssueInvoice,
    "invoice.accept": AcceptInvoice,
    "invoice.refuse": RefuseInvoice,
    "invoice.cancel": CancelInvoice,
    "certificate.issue": IssueCertificate,
    "certificate.revoke": RevokeCertificate,
    "declaration.lodge": LodgeDeclaration,
    "declaration.release": ReleaseDeclaration,
    "declaration.refuse": RefuseDeclaration,
    "declaration.withdraw": WithdrawDeclaration,
    "declaration.lapse": LapseDeclaration,
    "payment.instruct": InstructPayment,
    "payment.confirm": ConfirmPayment,
    "payment.return": ReturnPayment,
    "payment.reject": RejectPayment,
    "payment.withdraw": WithdrawPayment,
    "evidence.report": ReportEvidence,
}
"""Every kind of record and the class of its body, in the order of the rules."""

MEMBER_KINDS = frozenset(kind for kind, body in KINDS.items() if issubclass(body, MembersBody))

KIND_OF: dict[type[Body], str] = {body: kind for kind, body in KINDS.items()}
