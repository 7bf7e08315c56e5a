"""Records on their way to the ledger, and the receipts that prove that they stand there.

A receipt is believed when the entry, rebuilt from one's own envelope and the place that the node names, is proven
under a head that the log and a quorum signed, and that extends every head seen before.

Nothing here is kept on disk before it is sent: whoever calls `submit_draft` or `submit_drafts` has the drafts, and can
send them again; of `submit_many` nobody has anything. What is kept is submitted by `once`.
"""

from collections.abc import Awaitable, Mapping, Sequence

import anyio
from msgspec import structs

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import BadAnswer, HanseError, InvalidInput, Refused, SecurityAlarm, StaleHead
from hanse_client.base.views import Head, Notice, Outcome, Receipt, RecordView, Refusal
from hanse_client.exchange.answers import ProvenRange, Result, Submitted, read_answer
from hanse_client.exchange.batching import Parcel
from hanse_client.exchange.problems import to_refusal
from hanse_client.exchange.reading import RECORD_BYTES, prove_record
from hanse_client.exchange.session import Session
from hanse_client.exchange.signedrefusals import with_statement
from hanse_client.exchange.transport import encode_batch
from hanse_client.home.drafts import LIFETIME_MS, LONGEST_MS, Draft, draft, subject_of
from hanse_client.home.memory import Heads
from hanse_ledger.kinds.reasons import REASON_NAMED
from hanse_ledger.kinds.refusals import WRONG_LEDGER
from hanse_ledger.records.entry import RECORD, RecordEntry
from hanse_ledger.records.envelope import Envelope, Signed, open_envelope, verify_envelope
from hanse_ledger.trees.merkle import range_root, root_before_range
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest, PublicKey
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.part import Body

BATCH_TYPE = "application/vnd.hanse.envelopes+msgpack"
ANSWER_BYTES = 2 * limits.CHECKPOINT_BYTES
RESULT_BYTES = 2 * limits.ENTRY_BYTES + 16 * 1024
DOUBT_S = 10.0
"""How long other nodes are asked for the records of which one says that it refused them."""


async def draft_body(
    session: Session, body: Body, countersigners: Sequence[PublicKey] = (), lifetime_ms: int = LIFETIME_MS
) -> Draft:
    """Make a record of a body, signed by the session's identity, under its mandates, for its countersigners too."""
    identity = session.need_identity()
    trust = await session.trust()
    signers = tuple(dict.fromkeys((identity.public_key, *countersigners, *session.acting.countersigners)))
    lifetime_ms = LONGEST_MS if session.acting.countersigners else lifetime_ms
    return draft(body, trust.ledger, signers, now_ms(), lifetime_ms, session.acting.mandates).sign(identity)


async def submit_draft(session: Session, prepared: Draft) -> Receipt:
    """Submit a draft, signed by the session's identity too where that is missing. Its caller keeps it."""
    trust = await session.trust()
    if prepared.record.ledger != trust.ledger:
        raise InvalidInput("The draft is made for another ledger.", "Prepare it again with this ledger's trust file.")
    identity = session.identity
    if identity is not None and identity.public_key in prepared.missing:
        prepared = prepared.sign(identity)
    session.sendings.repeatable([prepared.id])
    return await submit_signed(session, prepared.signed())


async def submit_many(session: Session, bodies: Sequence[Body]) -> list[Receipt | Refusal]:
    """Sign and submit many bodies; one answer each, in order. Nothing keeps them: see `client.unsettled`."""
    return await submit_drafts(session, [await draft_body(session, body) for body in bodies])


async def submit_drafts(session: Session, drafts: Sequence[Draft]) -> list[Receipt | Refusal]:
    """Submit drafts that are signed by all; one answer each, in order. Their caller keeps them."""
    return await submit_together(session, [each.signed() for each in drafts])


async def submit_together(session: Session, records: Sequence[Signed]) -> list[Receipt | Refusal]:
    """Submit records that bear all their signatures; one answer each, in order. Nothing keeps them here."""
    parcels = [Parcel(encode(signed.envelope), signed) for signed in records]
    for start in range(0, len(parcels), limits.BATCH_RECORDS):
        batch = parcels[start : start + limits.BATCH_RECORDS]
        await session.batcher.deliver(batch, lambda batch: _send(session, batch))
        failed = [each.outcome for each in batch if isinstance(each.outcome, HanseError)]
        if failed:
            error = next((each for each in failed if isinstance(each, SecurityAlarm)), failed[0])
            # What was answered stands, whatever became of the others.
            outcomes = [each.outcome for each in parcels]
            error.answers = tuple(None if isinstance(outcome, HanseError) else outcome for outcome in outcomes)
            raise error
    return [_outcome(parcel) for parcel in parcels]


async def submit_signed(session: Session, signed: Signed) -> Receipt:
    """Submit a record that bears all its signatures. Nothing keeps it here."""
    parcel = Parcel(encode(signed.envelope), signed)
    await session.batcher.deliver([parcel], lambda batch: _send(session, batch))
    answer = _outcome(parcel)
    if isinstance(answer, Refusal):
        if answer.code == WRONG_LEDGER.value:
            await session.need_ledger()
        raise Refused(answer)
    return answer


def _outcome(parcel: Parcel) -> Receipt | Refusal:
    outcome = parcel.outcome
    assert outcome is not None, "a delivered parcel is settled"
    if isinstance(outcome, HanseError):
        raise outcome
    return outcome


async def _send(session: Session, batch: Sequence[Parcel]) -> list[Receipt | Refusal]:
    """Post one batch and verify the answer. Raises BadAnswer, a SecurityAlarm, or what the transport raises."""
    await session.check_quorum()
    before = await session.heads()
    session.sendings.begin(parcel.signed for parcel in batch)
    outcomes = await _deliver(session, batch, before)
    _settle(session, batch, outcomes)
    return outcomes


def _settle(session: Session, batch: Sequence[Parcel], outcomes: Sequence[Receipt | Refusal]) -> None:
    """Note which records are settled: those that stand, and those that the rules have refused."""
    session.sendings.settle(
        parcel.signed.id
        for parcel, each in zip(batch, outcomes, strict=True)
        if isinstance(each, Receipt) or by_the_rules(each)
    )


def by_the_rules(refusal: Refusal) -> bool:
    """Tell whether the ledger's rules have refused a record: else nobody has judged it, and it may stand all the same.

    A status alone says nothing of a record: it may be a proxy's, or of a node that did not read what was sent.
    """
    return refusal.code in REASON_NAMED


async def _deliver(session: Session, batch: Sequence[Parcel], before: Heads) -> list[Receipt | Refusal]:
    try:
        data = await session.transport.post(
            "/v1/records",
            encode_batch([parcel.envelope for parcel in batch]),
            content_type=BATCH_TYPE,
            most=ANSWER_BYTES + RESULT_BYTES * len(batch),
            query=(("proof", "true"), ("since", str(max((each.size for each in before.values()), default=0)))),
        )
    except Refused as error:
        refused = [structs.replace(error.refusal, record_id=parcel.signed.id) for parcel in batch]
        outcomes = await _doubt(session, refused)
        first = outcomes[0]
        if isinstance(first, Refusal) and not any(isinstance(outcome, Receipt) for outcome in outcomes):
            _settle(session, batch, outcomes)
            raise type(error)(first) from error
        return outcomes
    answer = read_answer(data, Submitted)
    if len(answer.results) != len(batch):
        raise BadAnswer(f"The node gave {len(answer.results)} answers for {len(batch)} records.")
    note = answer.checkpoint.encode()
    head = await session.read_head(note)
    if head.size != answer.size:
        raise BadAnswer(f"The node names the size {answer.size}; its head has {head.size}.")
    leaves: dict[int, Digest] = {}
    outcomes = [
        _read_result(parcel, result, head, leaves) for parcel, result in zip(batch, answer.results, strict=True)
    ]
    trust = await session.trust()
    outcomes = [
        with_statement(outcome, parcel.envelope, result.problem, trust) if isinstance(outcome, Refusal) else outcome
        for parcel, result, outcome in zip(batch, answer.results, outcomes, strict=True)
    ]
    roots = _verify_ranges(answer.ranges, leaves, head)
    growth = {each.size: [bytes.fromhex(step) for step in each.path] for each in answer.growth}
    if not any(isinstance(outcome, Receipt) for outcome in outcomes):
        session.judge_age(head)
    # The point of no return: what the receipts name stands, and that is proven. From here on nothing but an alarm takes
    # the place of a receipt; what goes wrong is told beside it. A crash here leaves records that stand, and what was
    # kept of them before they were sent: whoever says the same again is told where it stands.
    session.sendings.prove(outcome for outcome in outcomes if isinstance(outcome, Receipt))
    kept = await session.remember(head, before, roots, growth)
    settled = await _vouched(session, head, outcomes, kept)
    return await _doubt(session, settled)


async def _vouched(
    session: Session, head: Head, outcomes: Sequence[Receipt | Refusal], kept: Notice | None
) -> list[Receipt | Refusal]:
    """Add to receipts who vouches, and what went wrong meanwhile. Raises SecurityAlarm alone."""
    attempt = session.notices.attempt
    notices: list[Notice | None] = [kept]
    try:
        session.judge_age(head)
    except StaleHead as error:
        # A head that shows a record of this moment is not old: one of the two clocks is wrong.
        notices.append(session.notices.tell("clock-differs", error))
    compared = await attempt("other-node", session.compare_heads())
    notices.append(compared)
    vouched = await attempt("quorum-unknown", session.await_quorum(head))
    if isinstance(vouched, Notice):
        notices.append(vouched)
        vouched = head, ()
    warnings = tuple(notice for notice in notices if notice is not None)
    return [
        structs.replace(outcome, vouchers=vouched[0].vouchers, missing=vouched[1], warnings=warnings)
        if isinstance(outcome, Receipt)
        else outcome
        for outcome in outcomes
    ]


async def after(session: Session, receipt: Receipt, code: str, work: Awaitable[object]) -> Receipt:
    """Do what follows a record that stands: a failure is a warning of its receipt. Raises SecurityAlarm alone."""
    met = await session.notices.attempt(code, work)
    return structs.replace(receipt, warnings=(*receipt.warnings, met)) if isinstance(met, Notice) else receipt


async def _doubt(session: Session, answers: Sequence[Receipt | Refusal]) -> list[Receipt | Refusal]:
    """Ask the other nodes for each record of which one says that it was refused: it may stand all the same.

    Returns:
        The answers, in order: a receipt in the place of a refusal that was none, and else whose word it is.
    """
    said_by = session.transport.node
    doubted = [structs.replace(each, said_by=said_by) if isinstance(each, Refusal) else each for each in answers]
    with anyio.move_on_after(DOUBT_S):
        for at, answer in enumerate(doubted):
            if isinstance(answer, Refusal):
                doubted[at] = await _ask_others(session, answer)
    return doubted


async def _ask_others(session: Session, refusal: Refusal) -> Receipt | Refusal:
    name = refusal.record_id
    assert name is not None, "a refusal of a record names it"
    answer, without = await session.transport.find_elsewhere(f"/v1/records/{name.hex()}", most=RECORD_BYTES)
    refusal = structs.replace(refusal, others=without)
    if answer is None:
        return refusal
    try:
        head = await session.head()
        record, _ = await prove_record(session, name, head)
    except SecurityAlarm:
        raise
    except HanseError:
        return refusal  # that node has not proven it either, and others' receipts of this batch count
    return receipt_of(record, head)


def receipt_of(record: RecordView, head: Head, warnings: tuple[Notice, ...] = ()) -> Receipt:
    """Give the receipt of a record that stands already, proven under a head."""
    return Receipt(
        record_id=record.id,
        object_id=subject_of(record.record.body, record.id),
        kind=record.kind,
        outcome=Outcome.EXISTS,
        position=record.position,
        height=record.height,
        time_ms=record.time_ms,
        size=record.size,
        vouchers=head.vouchers,
        warnings=warnings,
    )


def _read_result(parcel: Parcel, result: Result, head: Head, leaves: dict[int, Digest]) -> Receipt | Refusal:
    """Read one result. Where it says that the record stands, its entry's leaf joins those that are to be proven."""
    signed = parcel.signed
    if result.outcome in ("refused", "malformed"):
        if result.problem is None:
            raise BadAnswer("The node refused a record and does not say why.")
        return to_refusal(result.problem, record=signed.id)
    if result.outcome not in ("created", "exists"):
        raise BadAnswer(f"The node answered a record with {result.outcome[:64]!r}.")
    if result.id != signed.id.hex():
        raise BadAnswer("The node answered with the receipt of another record.")
    if result.position is None or result.height is None or result.time is None or result.previous is None:
        raise BadAnswer("The node's receipt does not say where the record stands.")
    entry = RecordEntry(
        type=RECORD,
        position=result.position,
        previous=bytes.fromhex(result.previous),
        height=result.height,
        time=result.time,
        payload=_stored(signed, result),
    )
    leaf = hash_leaf(encode(entry))
    if leaves.setdefault(result.position, leaf) != leaf:
        raise BadAnswer(f"The node places two records at position {result.position}.")
    return Receipt(
        record_id=signed.id,
        object_id=subject_of(signed.record.body, signed.id),
        kind=signed.record.kind,
        outcome=Outcome(result.outcome),
        position=result.position,
        height=result.height,
        time_ms=result.time,
        size=head.size,
    )


def _verify_ranges(ranges: Sequence[ProvenRange], leaves: Mapping[int, Digest], head: Head) -> dict[int, Digest]:
    """Verify that every leaf stands in the log, and give what the log's root was before each range.

    Raises:
        BadAnswer: a leaf lies in no range, or a range holds other leaves or does not lead to the head's root.
    """
    roots: dict[int, Digest] = {}
    unproven = dict(leaves)
    for proven in ranges:
        last = min(proven.end, proven.start + len(leaves))
        entries = [unproven.pop(position, None) for position in range(proven.start, last)]
        known = [leaf for leaf in entries if leaf is not None]
        if proven.end - proven.start != len(known):
            raise BadAnswer("The node proves entries that nobody asked for, or one of them twice.")
        path = [bytes.fromhex(step) for step in proven.path]
        try:
            root = range_root(known, proven.start, head.size, path)
        except ProofInvalid as error:
            raise BadAnswer(f"The node's receipts do not verify: {error}.") from error
        if root != head.root:
            raise BadAnswer("The node's receipts do not verify: the proof does not lead to the head's root.")
        roots[proven.start] = root_before_range(proven.start, path)
    if unproven:
        raise BadAnswer("The node's receipts do not verify: it does not prove all of them.")
    return roots


def _stored(signed: Signed, result: Result) -> Envelope:
    """Give the envelope that stands in the log: one's own, or that of the same record as it came first."""
    if result.outcome == Outcome.CREATED or result.envelope is None:
        return signed.envelope
    try:
        stored = open_envelope(bytes.fromhex(result.envelope))
        verify_envelope(stored)
    except (Malformed, Rejected) as error:
        raise BadAnswer(f"The node's copy of the record does not verify: {error}.") from error
    if stored.id != signed.id:
        raise BadAnswer("The node's copy of the record is another record.")
    return stored.envelope
