"""The front page: which rule applies to which record.

*State + signed record + time → changes, or a refusal.* The signatures are verified apart
(`envelope.verify_envelope`), because that needs no state and may run beside applying.
"""

from msgspec.structs import replace

from hanse_ledger.kinds import kind_of
from hanse_ledger.kinds.common import Context, Signers, require
from hanse_ledger.kinds.object import object_id
from hanse_ledger.kinds.refusals import EXPIRED, EXPIRES_TOO_LATE, WRONG_LEDGER
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.records.envelope import Signed
from hanse_ledger.records.record import Record
from hanse_ledger.signers import resolve_signers
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words
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
    body = signed.record.body
    delta = kind_of(body).rule(state, body, signers, context)
    return _with_histories(state, signed, signers, delta)


def check_time(record: Record, at: Moment) -> None:
    """G-1. A record has not expired at block time, and expires within seven days of it."""
    require(
        at < record.expires,
        EXPIRED,
        "/expires",
        seen=lambda: moment_words(record.expires),
        wanted=lambda: f"after {moment_words(at)}",
    )
    latest = at + limits.EXPIRY_MS
    require(
        record.expires <= latest,
        EXPIRES_TOO_LATE,
        "/expires",
        seen=lambda: moment_words(record.expires),
        wanted=lambda: f"up to {moment_words(latest)}",
    )


def check_ledger(record: Record, ledger: LedgerId) -> None:
    """G-2. A record is made for this ledger, so that no other one can replay it."""
    require(record.ledger == ledger, WRONG_LEDGER, "/ledger", seen=record.ledger, wanted=ledger)


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
