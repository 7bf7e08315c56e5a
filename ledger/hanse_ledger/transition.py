"""The front page: which rule applies to which record.

*State + signed record + time → changes, or a refusal.* The signatures are verified apart
(`envelope.verify_envelope`), because that needs no state and may run beside applying.
"""

from msgspec.structs import replace

from hanse_ledger.kinds import COVERABLE, PAIRED, addressed, kind_of
from hanse_ledger.kinds.common import Context, Signers, Supposing, require, with_themselves
from hanse_ledger.kinds.object import created_id, document_id, step_seed
from hanse_ledger.kinds.ofanykind import judge_body
from hanse_ledger.kinds.office.rules import office_of
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.refusals import EXPIRED, EXPIRES_TOO_LATE, WRONG_LEDGER
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.records.envelope import Signed
from hanse_ledger.records.record import Record
from hanse_ledger.signers import resolve_signers
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import LedgerId, Moment, ObjectId
from hanse_ledger.wire.part import Body


def transition(
    state: StateView, signed: Signed, ledger: LedgerId, at: Moment, supposing: Supposing | None = None
) -> Delta:
    """Apply one record to a state.

    Args:
        state: the state left by the record before.
        signed: the opened envelope, its signatures verified.
        ledger: this ledger's id.
        at: block time, in milliseconds.
        supposing: what supposes how objects stood of which only a part is known; nil where all is known.

    Returns:
        What changes: the objects the rule changes, the histories of all that the record touches, the claims.

    Raises:
        Rejected: the first requirement that the record breaks. Nothing has changed.
    """
    check_time(signed.record, at)
    check_ledger(signed.record, ledger)
    signers = resolve_signers(state, signed.record, at)
    context = Context(
        creates=created_id(signed.id),
        document=document_id(signed.id),
        record=signed.id,
        nonce=signed.record.nonce,
        seed=step_seed(signed.record.nonce),
        at=at,
        paired=PAIRED,
        coverable=COVERABLE,
        supposing=supposing,
    )
    delta = judge(state, signed.record.body, signers, context)
    return _with_inboxes(state, signed, _with_histories(state, signed, signers, delta))


def judge(state: StateView, body: Body, signers: Signers, context: Context) -> Delta:
    """Ask the rule of a body's kind.

    Who signs under a mandate signs for its principal; where the rule asks for its own signature too, for itself too.
    """
    kind = kind_of(body)
    try:
        return judge_body(state, kind, body, signers, context)
    except Rejected as error:
        if not signers.mandates or error.pointer != "/signers":
            raise
        alone = error
    try:
        return judge_body(state, kind, body, with_themselves(signers), context)
    except Rejected as error:
        if error.pointer == "/signers":
            raise alone from error
        raise


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


def _with_inboxes(state: StateView, signed: Signed, delta: Delta) -> Delta:
    """H-3. A record joins the inbox of each office to which it is addressed, where the member has opened one.

    They stand last, in order of their members.
    """
    offices: list[Office] = []
    for member in addressed(signed.record.body):
        office = office_of(state, member)
        if office is not None:
            offices.append(replace(office, inbox=office.inbox.after(signed.id)))
    if not offices:
        return delta
    inboxes = tuple(office.id for office in offices)
    assert all(value.id not in inboxes for value in delta.objects), "an office's own acts are addressed to nobody"
    return Delta(
        objects=(*delta.objects, *offices),
        inboxes=inboxes,
        claims=delta.claims,
        membership=delta.membership,
        proposals=delta.proposals,
    )


def _with_histories(state: StateView, signed: Signed, signers: Signers, delta: Delta) -> Delta:
    """H-1. A record joins the history of each object that it creates, changes or names, and of each party that signs.

    The mandates that it names are changed by it; the principals sign, and so do the parties that sign in their place.
    The created object stands first, then the changed ones in the rule's order, then the mandates, then the rest sorted
    by id.
    """
    changed = {value.id: value for value in (*delta.objects, *signers.mandates)}
    named: set[ObjectId] = {*signed.record.refs, *signers.parties, *signers.acting_parties} - changed.keys()
    for name in sorted(named):
        value = state.object(name)
        assert value is not None, "a rule passed without finding an object that its record names"
        changed[name] = value
    touched = tuple(replace(value, history=value.history.after(signed.id)) for value in changed.values())
    return Delta(objects=touched, claims=delta.claims, membership=delta.membership, proposals=delta.proposals)
