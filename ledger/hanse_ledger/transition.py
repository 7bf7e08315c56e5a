"""The front page: which rule applies to which record.

*State + signed record + time → changes, or a refusal.* The signatures are verified apart
(`envelope.verify_envelope`), because that needs no state and may run beside applying.
"""

from typing import assert_never

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.bodies import IssueCertificate, RevokeCertificate
from hanse_ledger.kinds.certificate.rules import issue_certificate, revoke_certificate
from hanse_ledger.kinds.common import Context, Signers, require
from hanse_ledger.kinds.declaration.bodies import (
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.declaration.rules import (
    lapse_declaration,
    lodge_declaration,
    refuse_declaration,
    release_declaration,
    withdraw_declaration,
)
from hanse_ledger.kinds.evidence.bodies import ReportEvidence
from hanse_ledger.kinds.evidence.rules import report_evidence
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, CancelInvoice, IssueInvoice, RefuseInvoice
from hanse_ledger.kinds.invoice.rules import accept_invoice, cancel_invoice, issue_invoice, refuse_invoice
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.member.rules import propose_change, report_ready, vote_on_change, withdraw_change
from hanse_ledger.kinds.party.bodies import EnrolParty, MoveParty, RevokeKey, RotateKey
from hanse_ledger.kinds.party.rules import enrol_party, move_party, revoke_key, rotate_key
from hanse_ledger.kinds.payment.bodies import (
    ConfirmPayment,
    InstructPayment,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.payment.rules import (
    confirm_payment,
    instruct_payment,
    reject_payment,
    return_payment,
    withdraw_payment,
)
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.records.envelope import Signed
from hanse_ledger.records.record import Record, object_id
from hanse_ledger.signers import resolve_signers
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import LedgerId, Moment, ObjectId


def transition(state: StateView, signed: Signed, ledger: LedgerId, at: Moment) -> Delta:
    """Apply one record to a state.

    Args:
        state: the state left by the record before.
        signed: the opened envelope, its signatures verified.
        ledger: this ledger's id.
        at: block time, in milliseconds.

    Returns:
        What changes: the objects the rule changes, the histories of all that the record touches, the claims.

    Raises:
        Rejected: the first requirement that the record breaks. Nothing has changed.
    """
    check_time(signed.record, at)
    check_ledger(signed.record, ledger)
    signers = resolve_signers(state, signed.record, at)
    context = Context(creates=object_id(signed.id), record=signed.id, nonce=signed.record.nonce, at=at)
    delta = apply_rule(state, signed.record, signers, context)
    return _with_histories(state, signed, signers, delta)


def check_time(record: Record, at: Moment) -> None:
    """G-1. A record has not expired at block time, and expires within seven days of it."""
    require(
        at < record.expires,
        Reason.EXPIRED,
        "/expires",
        seen=lambda: moment_words(record.expires),
        wanted=lambda: f"after {moment_words(at)}",
    )
    latest = at + limits.EXPIRY_MS
    require(
        record.expires <= latest,
        Reason.EXPIRES_TOO_LATE,
        "/expires",
        seen=lambda: moment_words(record.expires),
        wanted=lambda: f"up to {moment_words(latest)}",
    )


def check_ledger(record: Record, ledger: LedgerId) -> None:
    """G-2. A record is made for this ledger, so that no other one can replay it."""
    require(record.ledger == ledger, Reason.WRONG_LEDGER, "/ledger", seen=record.ledger, wanted=ledger)


def apply_rule(  # noqa: PLR0911, PLR0912 (one return a kind)
    state: StateView, record: Record, signers: Signers, context: Context
) -> Delta:
    """Choose the rule by the record's kind. A rule receives time and id only if they matter to it."""
    body = record.body
    match body:
        case ProposeChange():
            return propose_change(state, body, signers, context)
        case VoteOnChange():
            return vote_on_change(state, body, signers, context)
        case ReportReady():
            return report_ready(state, body, signers, context)
        case WithdrawChange():
            return withdraw_change(state, body, signers)
        case EnrolParty():
            return enrol_party(state, body, signers, context)
        case RotateKey():
            return rotate_key(state, body, signers, context)
        case RevokeKey():
            return revoke_key(state, body, signers, context)
        case MoveParty():
            return move_party(state, body, signers, context)
        case IssueInvoice():
            return issue_invoice(state, body, signers, context)
        case AcceptInvoice():
            return accept_invoice(state, body, signers)
        case RefuseInvoice():
            return refuse_invoice(state, body, signers)
        case CancelInvoice():
            return cancel_invoice(state, body, signers)
        case IssueCertificate():
            return issue_certificate(state, body, signers, context)
        case RevokeCertificate():
            return revoke_certificate(state, body, signers)
        case LodgeDeclaration():
            return lodge_declaration(state, body, signers, context)
        case ReleaseDeclaration():
            return release_declaration(state, body, signers)
        case RefuseDeclaration():
            return refuse_declaration(state, body, signers)
        case WithdrawDeclaration():
            return withdraw_declaration(state, body, signers)
        case LapseDeclaration():
            return lapse_declaration(state, body, signers, context)
        case InstructPayment():
            return instruct_payment(state, body, signers, context)
        case ConfirmPayment():
            return confirm_payment(state, body, signers)
        case ReturnPayment():
            return return_payment(state, body, signers)
        case RejectPayment():
            return reject_payment(state, body, signers)
        case WithdrawPayment():
            return withdraw_payment(state, body, signers, context)
        case ReportEvidence():
            return report_evidence(state, body, signers, context)
        case unknown:
            assert_never(unknown)


def _with_histories(state: StateView, signed: Signed, signers: Signers, delta: Delta) -> Delta:
    """H-1. A record joins the history of each object that it creates, changes or names, and of each party that signs.

    The created object stands first, then the changed ones in the rule's order, then the rest sorted by id.
    """
    changed = {value.id: value for value in delta.objects}
    named: set[ObjectId] = {*signed.record.refs, *signers.parties} - changed.keys()
    for name in sorted(named):
        value = state.object(name)
        assert value is not None, "a rule passed without finding an object that its record names"
        changed[name] = value
    touched = tuple(replace(value, history=value.history.after(signed.id)) for value in changed.values())
    return Delta(objects=touched, claims=delta.claims, membership=delta.membership, proposals=delta.proposals)
