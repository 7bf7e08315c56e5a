"""`/v1/cosign`: members vouch for each other's heads."""

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from hanse_node.api.deps import Bodies, Ledger, answers
from hanse_node.api.log import TEXT

router = APIRouter(tags=["log"])

_BODY = {"required": True, "content": {TEXT: {"schema": {"type": "string", "description": "The peer's checkpoint"}}}}


@router.post(
    "/v1/cosign",
    response_class=Response,
    responses=answers(TEXT, "The same text with this member's cosignature"),
    openapi_extra={"requestBody": _BODY},
)
async def post_cosign(request: Request, ledger: Ledger, bodies: Bodies) -> Response:
    """Cosign the head of another member's node, if this node's own log has the same root at that size.

    The head is signed by its log, so that no other sign of who asks is needed.
    """
    async with bodies.read(request) as data:
        return Response(await anyio.to_thread.run_sync(ledger.cosign, data), media_type=f"{TEXT}; charset=utf-8")
