"""`/v1/payloads`: sealed documents by the hash of their bytes, sent in pieces and fetched in parts."""

import re
from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from hanse_ledger.values.errors import Malformed
from hanse_node.api.deps import (
    PROBLEM,
    Asking,
    Bodies,
    Divided,
    FileHash,
    Ledger,
    answers,
    body_of,
    content_of,
    refusals,
)
from hanse_node.api.schemas import PayloadDelivery, PayloadProgress, write_json
from hanse_node.base.bounds import PAYLOAD_BYTES, PAYLOAD_PIECE_BYTES
from hanse_node.payloads.knownreaders import OPENINGS_BYTES
from hanse_node.payloads.store import Progress

JSON, SEALED = "application/json", "application/octet-stream"
AGE_FILE = "It is an age file (age-encryption.org/v1), which `age -d` opens: docs/formats/payload.md."

_PIECE = re.compile(r"bytes ([0-9]{1,10})-([0-9]{1,10})/([0-9]{1,10})")
_PART = re.compile(r"bytes=([0-9]{1,10})-([0-9]{0,10})")
_Expires = Annotated[
    int,
    Header(
        alias="hanse-expires",
        ge=0,
        le=253_402_300_799_999,
        description="When the record that will name it expires; milliseconds since 1970",
    ),
]
_Fields = Annotated[
    str, Header(max_length=64, description="Of a piece where it stands, such as `bytes 0-1048575/2500000`")
]
_Range = Annotated[
    str, Header(alias="range", max_length=64, description="Only a part, such as `bytes=1048576-` (RFC 9110, 14.2)")
]

router = APIRouter(tags=["payloads"])


@router.put(
    "/v1/payloads/{digest}",
    response_class=Response,
    responses={
        200: {"description": "It was here already", "content": content_of(PayloadProgress)},
        202: {"description": "The piece has come, and more is missing", "content": content_of(PayloadProgress)},
        **answers(
            PayloadProgress,
            "All of it is here, and on disk",
            201,
            refused=("wrong-offset", "payload-erased", "too-large", "payload-refused", "payload-differs"),
        ),
    },
    openapi_extra=body_of(content_of(SEALED), text=f"The bytes of the sealed document, or of one piece. {AGE_FILE}"),
)
async def send_payload(
    digest: FileHash,
    request: Request,
    ledger: Ledger,
    caller: Asking,
    bodies: Bodies,
    shares: Divided,
    expires: _Expires,
    content_range: _Fields = "",
) -> Response:
    """Send a sealed document, or a piece of it: at most 1 MiB, with `Content-Range`, one after the other.

    It is kept until an hour after `hanse-expires`, the time when the record that will name it expires, and from then
    on for as long as a record names it. To send it again is harmless.
    """
    async with bodies.read(request, PAYLOAD_PIECE_BYTES) as piece:
        start, size = _place(content_range, len(piece))
        put = partial(ledger.payloads.put, caller, digest, piece, start=start, size=size, expires=expires)
        async with shares.reads.turn(caller):
            before = await anyio.to_thread.run_sync(ledger.payloads.has, caller, digest)
            progress = await anyio.to_thread.run_sync(put)
    return _answer(progress, 200 if before else 201 if progress.whole else 202)


@router.get(
    "/v1/payloads/{digest}/upload",
    response_class=Response,
    responses=answers(PayloadProgress, "How far it has come", refused=("payload-unknown", "payload-erased")),
)
def get_payload_upload(digest: FileHash, ledger: Ledger, caller: Asking) -> Response:
    """Say how far whoever asks has come with sending a document: where the next piece begins."""
    return _answer(ledger.payloads.progress(caller, digest), 200)


@router.put(
    "/v1/payloads/{digest}/readers",
    response_class=Response,
    status_code=204,
    responses={
        204: {"description": "They are known"},
        **refusals("payload-unknown", "payload-erased", "too-large", "readers-differ"),
        "default": PROBLEM,
    },
    openapi_extra=body_of(content_of(SEALED), text="48 bytes a reader: the 32 bytes of its id, and the 16 of its salt"),
)
async def tell_payload_readers(
    digest: FileHash, request: Request, ledger: Ledger, caller: Asking, bodies: Bodies, shares: Divided
) -> Response:
    """Tell the node who reads a document that has come: 48 bytes each, the reader's id and the salt of its commitment.

    So the nodes of the readers' members get it. What its record does not have is refused; where no record names the
    document yet, it is let go of when one does.
    """
    async with bodies.read(request, OPENINGS_BYTES) as told:
        tell = partial(ledger.payloads.tell_readers, caller, digest, told)
        async with shares.reads.turn(caller):
            await anyio.to_thread.run_sync(tell)
    return Response(status_code=204)


@router.get(
    "/v1/payloads/{digest}/delivery",
    response_class=Response,
    responses=answers(PayloadDelivery, "Whether it is here"),
)
def get_payload_delivery(digest: FileHash, ledger: Ledger, caller: Asking) -> Response:
    """Say whether a document is here, or since when it is missing, or that it was given up."""
    found = ledger.payloads.delivery(caller, digest)
    return Response(write_json(PayloadDelivery(since_ms=found.since, state=found.state.value)), media_type=JSON)


@router.get(
    "/v1/payloads/{digest}",
    response_class=Response,
    responses={
        200: {"description": f"The sealed bytes. {AGE_FILE}", "content": content_of(SEALED)},
        206: {"description": "A part of them: `Content-Range` says which", "content": content_of(SEALED)},
        416: {"description": "They end before the part that is asked for"},
        **refusals("payload-unknown", "payload-erased"),
        "default": PROBLEM,
    },
)
def get_payload(digest: FileHash, ledger: Ledger, caller: Asking, part: _Range = "") -> Response:
    """Fetch a sealed document, or a part of it with `Range`. Whoever fetches it compares the hash."""
    asked = _PART.fullmatch(part)
    start, last = (int(asked[1]), int(asked[2] or PAYLOAD_BYTES)) if asked else (0, PAYLOAD_BYTES)
    if last < start:
        asked, start, last = None, 0, PAYLOAD_BYTES  # what makes no sense asks for nothing (RFC 9110, 14.2)
    data, size = ledger.payloads.read(caller, digest, start, min(last - start + 1, PAYLOAD_BYTES))
    fields = {
        "accept-ranges": "bytes",
        "cache-control": "no-store",
        "etag": f'"{digest.hex()}"',
        "x-content-type-options": "nosniff",
    }
    if asked is None:
        return Response(data, media_type=SEALED, headers=fields)
    if not data:
        return Response(status_code=416, headers={**fields, "content-range": f"bytes */{size}"})
    fields["content-range"] = f"bytes {start}-{start + len(data) - 1}/{size}"
    return Response(data, 206, media_type=SEALED, headers=fields)


def _place(content_range: str, length: int) -> tuple[int, int]:
    """Say where a piece begins, and how many bytes the whole has. Raises Malformed."""
    if not content_range:
        return 0, length
    found = _PIECE.fullmatch(content_range)
    if found is None or int(found[2]) - int(found[1]) + 1 != length:
        raise Malformed(
            "a piece says where it stands, such as `Content-Range: bytes 0-1048575/2500000`, and has as many bytes",
            pointer="/header/content-range",
        )
    return int(found[1]), int(found[3])


def _answer(progress: Progress, status: int) -> Response:
    return Response(write_json(PayloadProgress(offset=progress.offset, whole=progress.whole)), status, media_type=JSON)
