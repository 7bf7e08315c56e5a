"""What an object's own records say of it: who had to sign each, and to which state they lead.

An operator can withhold records, never forge them: a verifier derives an object's state from the
signed records of its history and compares it with what the operator's state shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from hanse_ledger.errors import ProofInvalid
from hanse_ledger.records import (
    AcceptInvoice,
    Body,
    CancelInvoice,
    ConfirmPayment,
    EnrolParty,
    InstructPayment,
    IssueCertificate,
    IssueInvoice,
    LodgeDeclaration,
    RefuseDeclaration,
    RefuseInvoice,
    Regime,
    ReleaseDeclaration,
    ReturnPayment,
    RevokeCertificate,
    RevokeKey,
    RotateKey,
)
from hanse_ledger.state import (
    Balance,
    CertificateState,
    DeclarationState,
    InvoiceAmounts,
    InvoiceState,
    PaymentState,
)
from hanse_ledger.types import MemberId, ObjectId, PublicKey

Principal = MemberId | ObjectId | PublicKey
"""Who signs: a member by name, a party by id, or a key that its record introduces."""

Kind = TypeVar("Kind", EnrolParty, IssueInvoice, IssueCertificate, LodgeDeclaration, InstructPayment)

Created = Mapping[ObjectId, Body]
"""The body of the record that created each object."""


class Step(Struct, frozen=True):
    """One record of a history."""

    creates: ObjectId
    body: Body
    signers: frozenset[Principal]


def check_signers(step: Step, created: Created) -> None:
    """Check that exactly those signed who must.

    Raises:
        ProofInvalid: somebody who must sign has not, somebody else has, or the record that names them is missing.
    """
    body = step.body
    if isinstance(body, RevokeKey):
        enrolment = _creation(created, body.party, EnrolParty)
        if step.signers not in (frozenset({body.party}), frozenset({enrolment.member})):
            raise ProofInvalid("a key's revocation is signed neither by its party nor by the enrolling member")
        return
    if step.signers != frozenset(_required(body, created)):
        raise ProofInvalid(
            f"a record of the kind {type(body).__name__} is not signed by exactly those who must sign it"
        )


def _required(body: Body, created: Created) -> set[Principal]:  # noqa: PLR0911 (one return a kind)
    match body:
        case EnrolParty():
            return {body.member, body.key}
        case RotateKey():
            return {body.party, body.new_key}
        case RevokeKey():
            return {body.party}
        case IssueInvoice():
            return {body.seller}
        case AcceptInvoice() | RefuseInvoice():
            return {_creation(created, body.invoice, IssueInvoice).buyer}
        case CancelInvoice():
            return {_creation(created, body.invoice, IssueInvoice).seller}
        case IssueCertificate():
            return {body.issuer}
        case RevokeCertificate():
            return {_creation(created, body.certificate, IssueCertificate).issuer}
        case LodgeDeclaration():
            return {body.declarant, *([body.principal] if body.principal else [])}
        case ReleaseDeclaration() | RefuseDeclaration():
            return {_creation(created, body.declaration, LodgeDeclaration).customs}
        case InstructPayment():
            return {body.payer}
        case ConfirmPayment() | ReturnPayment():
            return {_creation(created, body.payment, InstructPayment).payee_bank}


def invoice_state(bodies: Iterable[Body]) -> InvoiceState:
    """Derive an invoice's state from the records of its history."""
    state = InvoiceState.ISSUED
    for body in bodies:
        match body:
            case AcceptInvoice():
                state = InvoiceState.ACCEPTED
            case RefuseInvoice():
                state = InvoiceState.REFUSED
            case CancelInvoice():
                state = InvoiceState.CANCELLED
            case _:
                pass
    return state


def certificate_state(bodies: Iterable[Body]) -> CertificateState:
    """Derive a certificate's state from the records of its history."""
    revoked = any(isinstance(body, RevokeCertificate) for body in bodies)
    return CertificateState.REVOKED if revoked else CertificateState.LIVE


def declaration_state(bodies: Iterable[Body]) -> DeclarationState:
    """Derive a declaration's state from the records of its history."""
    state = DeclarationState.LODGED
    for body in bodies:
        if isinstance(body, ReleaseDeclaration):
            state = DeclarationState.RELEASED
        elif isinstance(body, RefuseDeclaration):
            state = DeclarationState.REFUSED
    return state


def payment_state(bodies: Iterable[Body]) -> PaymentState:
    """Derive a payment's state from the records of its history."""
    state = PaymentState.INSTRUCTED
    for body in bodies:
        if isinstance(body, ConfirmPayment):
            state = PaymentState.CONFIRMED
        elif isinstance(body, ReturnPayment):
            state = PaymentState.RETURNED
    return state


def party_key(bodies: Iterable[Body], party: ObjectId) -> PublicKey | None:
    """Derive a party's present key from the records of its history; nil after its revocation."""
    key: PublicKey | None = None
    for body in bodies:
        match body:
            case EnrolParty():
                key = body.key
            case RotateKey() if body.party == party:
                key = body.new_key
            case RevokeKey() if body.party == party and body.key == key:
                key = None
            case _:
                pass
    return key


def invoice_amounts(invoice: ObjectId, issue: IssueInvoice, bodies: Sequence[Body], created: Created) -> InvoiceAmounts:
    """Derive what of an invoice is settled and under way from the payments in its history."""
    settled = under_way = 0
    for body in bodies:
        match body:
            case InstructPayment():
                under_way += _share(body, invoice)
            case ConfirmPayment():
                share = _share(_creation(created, body.payment, InstructPayment), invoice)
                settled, under_way = settled + share, under_way - share
            case ReturnPayment():
                settled -= _share(_creation(created, body.payment, InstructPayment), invoice)
            case _:
                pass
    return InvoiceAmounts(
        currency=issue.currency, payable_minor=issue.payable_minor, settled_minor=settled, under_way_minor=under_way
    )


def certificate_balances(
    certificate: ObjectId, issue: IssueCertificate, bodies: Sequence[Body], created: Created
) -> tuple[Balance, ...]:
    """Derive what of each line is reserved and written off from the import declarations in its history."""
    reserved, written_off = [0] * len(issue.lines), [0] * len(issue.lines)
    for body in bodies:
        match body:
            case LodgeDeclaration():
                _draw(reserved, body, certificate, 1)
            case ReleaseDeclaration():
                lodged = _creation(created, body.declaration, LodgeDeclaration)
                _draw(reserved, lodged, certificate, -1)
                _draw(written_off, lodged, certificate, 1)
            case RefuseDeclaration():
                _draw(reserved, _creation(created, body.declaration, LodgeDeclaration), certificate, -1)
            case _:
                pass
    return tuple(
        Balance(
            hs_code=line.hs_code,
            origin=line.origin,
            quantity_milli=line.quantity_milli,
            reserved_milli=reserved[at],
            unit=line.unit,
            written_off_milli=written_off[at],
        )
        for at, line in enumerate(issue.lines)
    )


def _share(payment: InstructPayment, invoice: ObjectId) -> int:
    return sum(part.amount_minor for part in payment.allocations if part.invoice == invoice)


def _draw(balance: list[int], lodged: LodgeDeclaration, certificate: ObjectId, sign: int) -> None:
    if lodged.regime is not Regime.IMPORT:
        return
    for line in lodged.lines:
        if line.certificate is not None and line.certificate.certificate == certificate:
            if line.certificate.line > len(balance):
                raise ProofInvalid("a declaration draws on a line that the certificate does not have")
            balance[line.certificate.line - 1] += sign * line.quantity_milli


def _creation(created: Created, name: ObjectId, kind: type[Kind]) -> Kind:
    body = created.get(name)
    if not isinstance(body, kind):
        raise ProofInvalid(f"the record that creates {name.hex()[:16]}… is missing, so its signers cannot be known")
    return body
