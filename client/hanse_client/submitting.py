"""Records on their way to the ledger, and the receipts that prove that they stand there.

A receipt is believed when the entry, rebuilt from one's own envelope and the place that the node names, is proven
under a head that the log and a quorum signed, and that extends every head seen before.
"""

from collections.abc import Sequence

from hanse_client.answers import Result, Submitted, read_answer
from hanse_client.batching import Parcel
from hanse_client.clock import now_ms
from hanse_client.drafts import Draft, draft, subject_of
from hanse_client.errors import BadAnswer, HanseError, InvalidInput, Refused
from hanse_client.heads import read_head, root_before
from hanse_client.identity import Identity
from hanse_client.openings import Opening
from hanse_client.problems import to_refusal
from hanse_client.session import Session
from hanse_client.transport import encode_batch
from hanse_client.views import Head, Outcome, Receipt, Refusal
from hanse_ledger import limits
from hanse_ledger.codec import encode
from hanse_ledger.entry import RECORD, RecordEntry
from hanse_ledger.envelope import Envelope, Signed, open_envelope, verify_envelope
from hanse_ledger.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.hashing import hash_leaf
from hanse_ledger.merkle import verify_inclusion
from hanse_ledger.records import Body
from hanse_ledger.types import Digest, PublicKey

BATCH_TYPE = "application/vnd.hanse.envelopes+msgpack"
ANSWER_BYTES = 2 * limits.CHECKPOINT_BYTES
RESULT_BYTES = 2 * limits.ENTRY_BYTES + 16 * 1024


async def draft_body(session: Session, body: Body, cosigners: Sequence[PublicKey] = ()) -> Draft:
    """Make a record of a body, signed by the session's identity."""
    identity = session.need_identity()
    trust = await session.trust()
    signers = tuple(dict.fromkeys((identity.public_key, *cosigners)))
    return draft(body, trust.ledger, signers, now_ms()).sign(identity)


async def submit_body(session: Session, body: Body, cosign: Sequence[Identity] = ()) -> Receipt:
    """Sign a body with the session's identity and those of `cosign`, and submit it."""
    return await _submit(session, await _signed(session, body, cosign))


async def submit_opening(session: Session, body: Body, opening: Opening, cosign: Sequence[Identity] = ()) -> Receipt:
    """Submit a record that commits to a document; its opening is kept before anything is sent."""
    signed = await _signed(session, body, cosign)
    # From here the opening is on disk. A crash before the record stands leaves an opening of nothing: no harm.
    session.openings.keep(signed.object_id, signed.id, opening)
    return await _submit(session, signed)


async def submit_draft(session: Session, prepared: Draft) -> Receipt:
    """Submit a draft, signed by the session's identity too where that is missing."""
    trust = await session.trust()
    if prepared.record.ledger != trust.ledger:
        raise InvalidInput("The draft is made for another ledger.", "Prepare it again with this ledger's trust file.")
    identity = session.identity
    if identity is not None and identity.public_key in prepared.missing:
        prepared = prepared.sign(identity)
    return await _submit(session, prepared)


async def submit_many(session: Session, bodies: Sequence[Body]) -> list[Receipt | Refusal]:
    """Sign and submit many bodies; one answer each, in order."""
    answers: list[Receipt | Refusal] = []
    for start in range(0, len(bodies), limits.BATCH_RECORDS):
        drafts = [await draft_body(session, body) for body in bodies[start : start + limits.BATCH_RECORDS]]
        parcels = [_parcel(one) for one in drafts]
        await session.batcher.deliver(parcels, lambda batch: _send(session, batch))
        answers += [_outcome(parcel) for parcel in parcels]
    return answers


async def _signed(session: Session, body: Body, cosign: Sequence[Identity]) -> Draft:
    prepared = await draft_body(session, body, [identity.public_key for identity in cosign])
    for identity in cosign:
        prepared = prepared.sign(identity)
    return prepared


async def _submit(session: Session, prepared: Draft) -> Receipt:
    parcel = _parcel(prepared)
    await session.batcher.deliver([parcel], lambda batch: _send(session, batch))
    answer = _outcome(parcel)
    if isinstance(answer, Refusal):
        raise Refused(answer)
    return answer


def _parcel(prepared: Draft) -> Parcel:
    envelope = prepared.envelope()
    return Parcel(envelope, open_envelope(envelope))


def _outcome(parcel: Parcel) -> Receipt | Refusal:
    outcome = parcel.outcome
    assert outcome is not None, "a delivered parcel is settled"
    if isinstance(outcome, HanseError):
        raise outcome
    return outcome


async def _send(session: Session, batch: Sequence[Parcel]) -> list[Receipt | Refusal]:
    """Post one batch and verify the answer. Raises BadAnswer, a SecurityAlarm, or what the transport raises."""
    before = await session.heads()
    data = await session.transport.post(
        "/v1/records",
        encode_batch([parcel.envelope for parcel in batch]),
        content_type=BATCH_TYPE,
        most=ANSWER_BYTES + RESULT_BYTES * len(batch),
        query=(("proof", "true"),),
    )
    answer = read_answer(data, Submitted)
    if len(answer.results) != len(batch):
        raise BadAnswer(f"The node gave {len(answer.results)} answers for {len(batch)} records.")
    note = answer.checkpoint.encode()
    head = read_head(note, await session.trust())
    if head.size != answer.size:
        raise BadAnswer(f"The node names the size {answer.size}; its head has {head.size}.")
    placed = [_verify_result(parcel, result, head) for parcel, result in zip(batch, answer.results, strict=True)]
    roots = dict(place for _, place in placed if place is not None)
    await session.remember(head, before, roots)
    return [outcome for outcome, _ in placed]


def _verify_result(parcel: Parcel, result: Result, head: Head) -> tuple[Receipt | Refusal, tuple[int, Digest] | None]:
    """Verify one result; with a receipt comes what the log's root was before the record's entry."""
    signed = parcel.signed
    if result.outcome in ("refused", "malformed"):
        if result.problem is None:
            raise BadAnswer("The node refused a record and does not say why.")
        return to_refusal(result.problem, record=signed.id), None
    if result.outcome not in tuple(Outcome):
        raise BadAnswer(f"The node answered a record with {result.outcome[:64]!r}.")
    if result.id != signed.id.hex():
        raise BadAnswer("The node answered with the receipt of another record.")
    if None in (result.position, result.height, result.time, result.previous, result.path):
        raise BadAnswer("The node's receipt does not say where the record stands.")
    assert result.position is not None
    assert result.height is not None
    assert result.time is not None
    assert result.previous is not None
    assert result.path is not None
    entry = RecordEntry(
        type=RECORD,
        position=result.position,
        previous=bytes.fromhex(result.previous),
        height=result.height,
        time=result.time,
        payload=_stored(signed, result),
    )
    path = [bytes.fromhex(sibling) for sibling in result.path]
    try:
        verify_inclusion(hash_leaf(encode(entry)), entry.position, head.size, path, head.root)
    except ProofInvalid as error:
        raise BadAnswer(f"The node's receipt does not verify: {error}.") from error
    receipt = Receipt(
        record_id=signed.id,
        object_id=subject_of(signed.record.body, signed.id),
        kind=signed.record.kind,
        outcome=Outcome(result.outcome),
        position=entry.position,
        height=entry.height,
        time_ms=entry.time,
        size=head.size,
    )
    return receipt, (entry.position, root_before(entry.position, head.size, path))


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
