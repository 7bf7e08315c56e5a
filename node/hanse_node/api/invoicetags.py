"""`/v1/tags`: the tags of invoices, made with the members' keys."""

from functools import partial

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from hanse_documents.semantics.tagrequests import MEDIA_TYPE, REQUEST_BYTES, SignedTagRequest, TagsAnswer
from hanse_ledger.values.jsonform import encode_json
from hanse_node.api.deps import Asking, Bodies, Divided, Ledger, answers, body_of, content_of

JSON = "application/json"

router = APIRouter(tags=["invoice-tags"])


@router.post(
    "/v1/tags",
    response_class=Response,
    responses=answers(
        TagsAnswer,
        "The tags: `epoch`, and `value` in base64, the older epoch first",
        refused=("tag-key-missing", "tag-key-differs", "too-large", "not-tagged-here", "identity-differs"),
    ),
    openapi_extra=body_of(
        content_of(SignedTagRequest, MEDIA_TYPE),
        text="The invoice's facts, signed by whoever asks: docs/formats/tags.md",
    ),
)
async def make_tags(request: Request, ledger: Ledger, caller: Asking, bodies: Bodies, shares: Divided) -> Response:
    """Make an invoice's tags from its facts, one for each epoch in use. Nothing of them is kept or logged.

    The request is signed by the invoice's seller, which this node's member has enrolled, or by this node's member.
    """
    async with bodies.read(request, REQUEST_BYTES) as data, shares.proofs.turn(caller):
        tags = await anyio.to_thread.run_sync(partial(ledger.tagging.make, caller, data))
    return Response(encode_json(TagsAnswer(tags=tags)), media_type=JSON, headers={"cache-control": "no-store"})
