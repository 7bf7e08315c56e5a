"""`/livez`, `/readyz`, `/metrics`: how the node does."""

import anyio.to_thread
from fastapi import APIRouter
from starlette.responses import Response

from hanse_node.api.deps import Asking, Divided, Ledger, Warnings, answers, content_of
from hanse_node.api.schemas import State, write_json
from hanse_node.base.metrics import MEDIA_TYPE

JSON = "application/json"

_READY = answers(State, "Records are taken")
_READY[503] = {"description": "None are taken now; `reason` says why", "content": content_of(State)}

router = APIRouter(tags=["health"])


@router.get("/livez", response_class=Response, responses=answers(State, "The process runs"))
async def get_liveness() -> Response:
    """Tell that the process runs."""
    return Response(write_json(State(status="live")), media_type=JSON)


@router.get("/readyz", response_class=Response, responses=_READY)
async def get_readiness(ledger: Ledger, caller: Asking, warnings: Warnings) -> Response:
    """Tell whether records are taken; 503 and the reason if not. What is not well besides stands in `warnings`."""
    failure = ledger.health.status(caller).failure
    if failure is None:
        return Response(write_json(State(status="ready", warnings=warnings)), media_type=JSON)
    # What follows the colon are an error's own words, which are for the log.
    reason = failure.partition(":")[0]
    return Response(write_json(State(status="not ready", reason=reason, warnings=warnings)), 503, media_type=JSON)


@router.get("/metrics", response_class=Response, responses=answers("text/plain", "Prometheus' text form"))
async def get_metrics(ledger: Ledger, caller: Asking, shares: Divided) -> Response:
    """Give the node's measures."""
    measured = await anyio.to_thread.run_sync(ledger.health.measures, caller, limiter=shares.measuring)
    return Response(measured, media_type=MEDIA_TYPE)
