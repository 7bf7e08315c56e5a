"""What members' nodes ask each other, on a listener of its own, over mutual TLS.

It is in no public description: whoever has no certificate of a member does not come so far.
"""

from pathlib import Path

import anyio.to_thread
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from hanse_ledger.errors import Malformed
from hanse_node.api import problems
from hanse_node.api.access import Access
from hanse_node.api.bodies import BodyReader
from hanse_node.api.deps import Bodies, Ledger
from hanse_node.api.gateway import Gateway
from hanse_node.api.log import TEXT
from hanse_node.engine.comet.collecting import ASK_SECONDS, COSIGN, ENGINE, EVIDENCE, GROUP, HEAD
from hanse_node.engine.comet.groups import write_group_shown
from hanse_node.engine.comet.questions import ANSWER_BYTES, read_question, write_question
from hanse_node.engine.comet.rpc import EngineRpc, EngineSilent
from hanse_node.metrics import Metrics
from hanse_node.service import Service

router = APIRouter()


@router.post(COSIGN, response_class=Response)
async def post_cosign(request: Request, ledger: Ledger, bodies: Bodies) -> Response:
    """Cosign the head of another member's node, if this node's own log has the same root at that size."""
    async with bodies.read(request) as data:
        return Response(await anyio.to_thread.run_sync(ledger.cosign, data), media_type=f"{TEXT}; charset=utf-8")


@router.get(HEAD, response_class=Response)
def get_head(ledger: Ledger, size: int = 0) -> Response:
    """Give the newest head that a quorum has signed, to a node that follows or catches up; wait a moment for a size."""
    return Response(ledger.await_checkpoint(size), media_type=f"{TEXT}; charset=utf-8")


@router.get(GROUP, response_class=Response)
def get_group(ledger: Ledger, after: int) -> Response:
    """Give the group that follows so many entries, under the newest signed head, to a node that compares."""
    return Response(write_group_shown(ledger.group_after(after)), media_type="application/msgpack")


@router.post(EVIDENCE, response_class=Response, status_code=204)
async def post_evidence(request: Request, ledger: Ledger, bodies: Bodies) -> Response:
    """Keep evidence against a member, if it proves what it says."""
    async with bodies.read(request) as data:
        await anyio.to_thread.run_sync(ledger.keep_evidence, data)
    return Response(status_code=204)


@router.post(ENGINE, response_class=Response)
async def post_engine(request: Request, bodies: Bodies) -> Response:
    """Ask this node's engine a question about blocks, for the light client of a member's that joins."""
    engine: EngineRpc = request.app.state.engine
    async with bodies.read(request) as data:
        try:
            question = write_question(read_question(data))
        except Malformed:
            return Response(status_code=403)
    try:
        answer = await engine.pass_on(question, ANSWER_BYTES)
    except EngineSilent:
        return Response(status_code=503)
    return Response(answer, media_type="application/json")


def create_peer_app(service: Service, metrics: Metrics, rpc: Path) -> FastAPI:
    """Make the front for the other members' nodes; the engine's RPC answers on a Unix socket."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.service, app.state.bodies = service, BodyReader()
    app.state.engine = EngineRpc(rpc, seconds=ASK_SECONDS)
    app.include_router(router)
    problems.install(app)
    app.add_middleware(Gateway, access=Access(), metrics=metrics)
    return app
