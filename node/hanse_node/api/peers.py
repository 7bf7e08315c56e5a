"""What members' nodes ask each other, on a listener of its own, over mutual TLS.

It is in no public description: whoever has no certificate of a member does not come so far. Each request is judged in
the same order: whose node asks, then what it has signed, then, within its share, what is waited for.
"""

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from starlette.responses import Response

from hanse_ledger.values.errors import Malformed
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.access.shares import PeerShares
from hanse_node.api import problems
from hanse_node.api.deps import UNTRACED, Asking, Bodies, HexId, Ledger
from hanse_node.api.gateway import Gateway
from hanse_node.api.log import TEXT
from hanse_node.api.peeraccess import PeerAccess
from hanse_node.api.problems import EdgeRefusal
from hanse_node.api.requestbodies import BodyReader
from hanse_node.base.bounds import (
    COSIGN_BYTES,
    COSIGN_WAIT_SECONDS,
    HEAD_WAIT_SECONDS,
    PAYLOAD_BYTES,
    PAYLOAD_PART_BYTES,
)
from hanse_node.base.errors import QuotaExceeded
from hanse_node.base.growth import Growth
from hanse_node.base.metrics import Metrics
from hanse_node.comet.questions import ANSWER_BYTES, read_question, write_question
from hanse_node.comet.rpc import EngineRpc, EngineSilent
from hanse_node.payloads.knownreaders import OPENINGS_BYTES
from hanse_node.payloads.offering import OFFER_BYTES, read_offer, write_given, write_taken
from hanse_node.peers.blocks import write_block_shown
from hanse_node.peers.collecting import ASK_SECONDS, COSIGN, ENGINE, EVIDENCE, GROUP, HEAD, OFFER, PAYLOAD
from hanse_node.service import Service

_HEX = re.compile("(?:[0-9a-f]{2})+")

NOTE = f"{TEXT}; charset=utf-8"


async def _shares(request: Request) -> PeerShares:
    shares = request.app.state.peer_shares
    assert isinstance(shares, PeerShares)
    return shares


async def _growth(request: Request) -> Growth:
    growth = request.app.state.growth
    assert isinstance(growth, Growth)
    return growth


Divided = Annotated[PeerShares, Depends(_shares)]
Growing = Annotated[Growth, Depends(_growth)]


async def _within_share(caller: Asking, shares: Divided) -> AsyncIterator[None]:
    """Hold a place for the request, from before its body is read."""
    async with shares.request(caller):
        yield


async def _member(caller: Asking) -> Caller:
    """Insist that a member in force asks: an observer's node vouches for nothing, and accuses nobody."""
    if caller.kind is not CallerKind.MEMBER:
        raise EdgeRefusal("forbidden", f"{caller.name} is no member in force")
    return caller


Member = Annotated[Caller, Depends(_member)]


async def _within_documents(caller: Asking, shares: Divided) -> AsyncIterator[None]:
    """Hold a place for a request about sealed documents, from before its body is read."""
    async with shares.document_request(caller):
        yield


router = APIRouter(dependencies=[Depends(_within_share)])
documents = APIRouter(dependencies=[Depends(_within_documents)])


@router.post(COSIGN, response_class=Response)
async def post_cosign(
    request: Request, ledger: Ledger, bodies: Bodies, member: Member, shares: Divided, growth: Growing
) -> Response:
    """Cosign the head of the asking member's node, if this node's own log has the same root at that size."""
    async with bodies.read(request, COSIGN_BYTES) as data:
        asked = ledger.members.read_head(member, data)
    size = asked.head.size
    if ledger.members.committed_size(member) < size:
        # A peer asks in the moment of its own commit: waiting for this node's spares both of them asking again.
        with shares.commits.held(member):
            await growth.until(lambda: ledger.members.committed_size(member) >= size, COSIGN_WAIT_SECONDS)
    async with shares.cosigning.turn(member):
        return Response(await anyio.to_thread.run_sync(ledger.members.cosign, member, asked), media_type=NOTE)


@router.get(HEAD, response_class=Response)
async def get_head(ledger: Ledger, caller: Asking, shares: Divided, growth: Growing, size: int = 0) -> Response:
    """Give the newest head that a quorum has signed, to a node that follows or catches up; wait a moment for a size.

    Who waits for as many already as it may gets the newest at once.
    """
    if ledger.members.published_size(caller) < size:
        try:
            with shares.heads.held(caller):
                await growth.until(lambda: ledger.members.published_size(caller) >= size, HEAD_WAIT_SECONDS)
        except QuotaExceeded:
            return Response(ledger.log.checkpoint(caller), media_type=NOTE)
    return Response(ledger.log.checkpoint(caller), media_type=NOTE)


@router.get(GROUP, response_class=Response)
async def get_block(ledger: Ledger, caller: Asking, shares: Divided, after: int) -> Response:
    """Give the block that follows so many entries, under the newest signed head, to a node that compares."""
    async with shares.blocks.turn(caller):
        block = await anyio.to_thread.run_sync(ledger.members.block_after, caller, after)
        return Response(write_block_shown(block), media_type="application/msgpack")


@router.post(EVIDENCE, response_class=Response, status_code=204)
async def post_evidence(request: Request, ledger: Ledger, bodies: Bodies, member: Member, shares: Divided) -> Response:
    """Keep evidence against a member, if it proves what it says."""
    shares.accuse(member)
    async with bodies.read(request) as data:
        shares.weigh(member, len(data))
        async with shares.accusations.turn(member):
            await anyio.to_thread.run_sync(ledger.members.keep_evidence, member, data)
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


@documents.post(OFFER, response_class=Response)
async def post_offer(request: Request, ledger: Ledger, bodies: Bodies, member: Member, shares: Divided) -> Response:
    """Learn of a sealed document that another node has for readers whom this one serves; it is fetched from there."""
    async with bodies.read(request, OFFER_BYTES) as data:
        offer = read_offer(data)
    async with shares.payloads.turn(member):
        taken = await anyio.to_thread.run_sync(ledger.deliveries.take_offer, member, offer)
    return Response(write_taken(taken), media_type="application/msgpack")


@documents.get(OFFER, response_class=Response)
async def get_offers(ledger: Ledger, member: Member, shares: Divided, after: HexId | None = None) -> Response:
    """Tell a member's node which sealed documents are here for readers that it serves, a page in order of hashes."""
    async with shares.payloads.turn(member):
        given = await anyio.to_thread.run_sync(ledger.deliveries.give_offers, member, after)
    return Response(write_given(given), media_type="application/msgpack")


@documents.get(PAYLOAD + "/{digest}", response_class=Response)
async def get_payload(
    digest: HexId,
    ledger: Ledger,
    caller: Asking,
    shares: Divided,
    start: Annotated[int, Query(ge=0, le=PAYLOAD_BYTES)] = 0,
    readers: Annotated[str, Header(alias="hanse-readers", max_length=2 * OPENINGS_BYTES)] = "",
) -> Response:
    """Give a part of a sealed document to a node that serves a reader of it; to any other as if there were none."""
    shown = bytes.fromhex(readers) if _HEX.fullmatch(readers) else b""
    read = partial(ledger.deliveries.read, caller, digest, start, PAYLOAD_PART_BYTES, shown)
    async with shares.payloads.turn(caller):
        data, _ = await anyio.to_thread.run_sync(read)
    return Response(data, media_type="application/octet-stream")


def create_peer_app(service: Service, metrics: Metrics, access: PeerAccess, rpc: Path) -> FastAPI:
    """Make the front for the other members' nodes; the engine's RPC answers on a Unix socket."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, telemetry=UNTRACED)
    shares, growth = PeerShares(lambda: access.nodes), Growth()
    service.watch(growth.notify)
    app.state.service, app.state.bodies = service, BodyReader(shares.bodies)
    app.state.peer_shares, app.state.growth = shares, growth
    app.state.engine = EngineRpc(rpc, seconds=ASK_SECONDS)
    app.include_router(router)
    app.include_router(documents)
    problems.install(app)
    app.add_middleware(
        Gateway, admit=access.admit, lane=lambda _method, _path: None, answers=shares.answers, metrics=metrics
    )
    return app
