"""`/v1/records`: records on their way in, and where they stand."""

import asyncio
import re
from functools import partial
from typing import Annotated

import anyio.to_thread
import msgspec
from fastapi import APIRouter, Query, Request
from msgspec import Meta
from msgspec.structs import replace
from starlette.responses import Response

from hanse_ledger.proofs.prooffile import MEDIA_TYPE, ProofFile
from hanse_ledger.records.envelope import Envelope, Signature, Signed, open_envelope
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.jsonform import encode_json
from hanse_ledger.wire.codec import encode
from hanse_node.api.deps import Asking, Bodies, Divided, Ledger, RecordName, answers, body_of, content_of
from hanse_node.api.problems import EdgeRefusal, problem_of, respond
from hanse_node.api.requestbodies import caller_of
from hanse_node.api.schemas import (
    DsseEnvelope,
    Problem,
    ProvenGrowth,
    ProvenRange,
    RecordView,
    Result,
    Submitted,
    record_view,
    write_json,
)
from hanse_node.base.receipts import Outcome
from hanse_node.queries.answers import Answered, BatchAnswer, Grown, Opened, RangeProof

BATCH = "application/vnd.hanse.envelopes+msgpack"
ONE = "application/vnd.hanse.envelope+msgpack"
JSON = "application/json"

AT_ONCE_BYTES = 16 * 1024
"""What is no larger is opened, and answered, on the event loop: to go to a thread and back costs more than it takes."""

router = APIRouter(tags=["records"])

_Batch = Annotated[
    list[Annotated[bytes, Meta(max_length=limits.ENVELOPE_BYTES)]],
    Meta(min_length=1, max_length=limits.BATCH_RECORDS),
]
_batch_decoder = msgspec.msgpack.Decoder(_Batch)
_dsse_decoder = msgspec.json.Decoder(DsseEnvelope)

_PLAIN_QUERY = re.compile(rb"(?:proof=(?P<proof>true|false))?(?:(?:^|&)since=(?P<since>[0-9]{1,15}))?")

_BODY = body_of(
    content_of(DsseEnvelope),
    content_of(ONE),
    content_of(BATCH),
    text=f"One envelope in DSSE's JSON form; as `{ONE}` one in canonical MessagePack, as `{BATCH}` a MessagePack array "
    f"of `bin`, 1 to {limits.BATCH_RECORDS} envelopes. Records are made and signed with an SDK: docs/formats/record.md",
)
_ANSWERS = answers(
    Submitted, "A batch's results, or one record that stood already", refused=("unsupported-media-type", "refused")
) | answers(Submitted, "One record, which stands now", 201)


async def submit_records(
    request: Request,
    ledger: Ledger,
    bodies: Bodies,
    shares: Divided,
    caller: Asking,
    proof: Annotated[
        bool, Query(description="Add inclusion paths, and to refusals this node's signed statement")
    ] = False,
    since: Annotated[int, Query(ge=0, lt=limits.LOG_SIZE, description="Add what extends the head of this size")] = 0,
) -> Response:
    """Submit records. Sending the same bytes again is harmless, and answers `exists`.

    A batch is answered with 200 and one result for each record, whatever became of it; a single record with 201, or
    200 if it stood already, or the problem for which it does not stand.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (BATCH, ONE, JSON):
        raise EdgeRefusal("unsupported-media-type", f"send {BATCH}, {ONE} or {JSON}")
    async with bodies.read(request) as data:
        few = len(data) <= AT_ONCE_BYTES
        if kind == BATCH and not few:
            # A thousand records take a while to decode, in which others should be heard.
            opened = await anyio.to_thread.run_sync(open_batch, data, limiter=shares.writing)
        elif kind == BATCH:
            opened = open_batch(data)
        else:
            opened = [open_one(data, json=kind == JSON)]
        sender = "" if request.client is None else request.client.host
        with shares.records.held(caller, len(opened)):
            receipts = await asyncio.wrap_future(ledger.intake.submit(caller, opened, sender))
        answer = ledger.answers.at_once(caller, opened, receipts, proven=proof, since=since) if few else None
        if answer is None:
            answering = partial(ledger.answers.from_store, caller, opened, receipts, proven=proof, since=since)
            answer = await anyio.to_thread.run_sync(answering, limiter=shares.writing)
        return _answer(answer, ledger.health.ahead(caller), single=kind != BATCH)


router.add_api_route(
    "/v1/records",
    submit_records,
    methods=["POST"],
    response_class=Response,
    responses=_ANSWERS,
    openapi_extra=_BODY,
    status_code=201,
)


async def post_plainly(request: Request) -> Response | None:
    """Answer as `submit_records` does where the query is written as the SDK writes it (a `shortway.Way`)."""
    plain = _PLAIN_QUERY.fullmatch(request.scope["query_string"])
    if plain is None:
        return None
    state, proof, since = request.app.state, plain["proof"] == b"true", int(plain["since"] or 0)
    return await submit_records(
        request, state.service, state.bodies, state.shares, caller_of(request), proof=proof, since=since
    )


@router.get(
    "/v1/records/{record_id}",
    response_class=Response,
    responses=answers(RecordView, "The record in its place", refused=("not-found",)),
)
def get_record(record_id: RecordName, ledger: Ledger, caller: Asking) -> Response:
    """Show a record in its place.

    What it says stands in the envelope's `payload`: canonical MessagePack, by docs/formats/record.md and bodies.md.
    """
    return Response(write_json(record_view(ledger.records.find(caller, record_id))), media_type=JSON)


@router.get(
    "/v1/records/{record_id}/proof",
    response_class=Response,
    responses=answers(ProofFile, "A proof file", media_type=MEDIA_TYPE, refused=("not-found", "too-large")),
)
def get_record_proof(record_id: RecordName, ledger: Ledger, caller: Asking) -> Response:
    """Prove the object that a record creates, else the one that it names, as of the newest signed head."""
    return Response(ledger.proofs.of_record(caller, record_id), media_type=MEDIA_TYPE)


def open_batch(data: bytes) -> list[Opened]:
    """Open the envelopes of a batch, each for itself. Raises Malformed if the batch is none."""
    try:
        batch = _batch_decoder.decode(data)
    except UNREADABLE as error:
        raise Malformed(f"batch: not an array of 1 to {limits.BATCH_RECORDS} envelopes: {error}") from error
    return [_open(envelope) for envelope in batch]


def open_one(data: bytes, *, json: bool) -> Opened:
    """Open one envelope, in its MessagePack or its JSON form."""
    if not json:
        return _open(data)
    try:
        return open_dsse(data)
    except Malformed as error:
        return error


def open_dsse(data: bytes) -> Signed:
    """Open an envelope in the JSON form of DSSE.

    Raises:
        Malformed: not such an envelope, or a `keyid` is not the key of the signer in its place.
    """
    try:
        found = _dsse_decoder.decode(data)
    except UNREADABLE as error:
        raise Malformed(f"envelope: not a DSSE envelope in JSON: {error}") from error
    envelope = Envelope(
        payload=found.payload,
        payload_type=found.payload_type,
        signatures=tuple(Signature(signature.sig) for signature in found.signatures),
    )
    # Through the canonical bytes, so that both forms pass the same bounds.
    signed = open_envelope(encode(envelope))
    for place, (each, key) in enumerate(zip(found.signatures, signed.record.signers, strict=True)):
        if each.keyid not in ("", key.hex()):
            raise Malformed(
                "envelope: a keyid is not the key of the signer in its place", pointer=f"/signatures/{place}"
            )
    return signed


def _open(data: bytes) -> Opened:
    try:
        return open_envelope(data)
    except Malformed as error:
        return error


def _answer(answer: BatchAnswer, ahead: str, *, single: bool) -> Response:
    if single and answer.results[0].error is not None:
        return respond(_problem(answer.results[0], ahead))
    body = Submitted(
        size=answer.size,
        checkpoint=answer.checkpoint,
        results=[_result(result, ahead) for result in answer.results],
        ranges=None if answer.ranges is None else [_range(each) for each in answer.ranges],
        growth=None if answer.growth is None else [_growth(each) for each in answer.growth],
    )
    created = single and body.results[0].outcome == Outcome.CREATED
    return Response(write_json(body), 201 if created else 200, media_type=JSON)


def _problem(each: Answered, ahead: str) -> Problem:
    assert each.error is not None
    problem = problem_of(each.error, each.kind, ahead)
    return problem if each.statement is None else replace(problem, signed=encode_json(each.statement).hex())


def _result(each: Answered, ahead: str) -> Result:
    name = None if each.id is None else each.id.hex()
    if each.error is not None:
        outcome = "malformed" if isinstance(each.error, Malformed) else "refused"
        return Result(outcome=outcome, id=name, problem=_problem(each, ahead))
    receipt, previous = each.receipt, each.previous
    assert receipt is not None
    assert previous is not None
    return Result(
        outcome=receipt.outcome.value,
        id=name,
        position=receipt.position,
        height=receipt.height,
        time=receipt.time,
        previous=previous.hex(),
        envelope=None if each.envelope is None else encode(each.envelope).hex(),
    )


def _growth(grown: Grown) -> ProvenGrowth:
    return ProvenGrowth(size=grown.size, path=[step.hex() for step in grown.path])


def _range(proven: RangeProof) -> ProvenRange:
    return ProvenRange(start=proven.start, end=proven.end, path=[step.hex() for step in proven.path])
