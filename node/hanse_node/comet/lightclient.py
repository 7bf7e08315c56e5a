"""What the engine's light client needs to take a snapshot: its peers' RPC, reached through the members' nodes.

Each member's node answers a few questions of its engine's RPC to the others, over mutual TLS. Here they are offered to
this node's own engine, and a block is found on which the members agree, for it to begin with.
"""

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import uvicorn
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hanse_ledger.values import patterns
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import MemberId
from hanse_node.comet.program.home import LightClient
from hanse_node.comet.program.sockets import WITNESSES, EngineSockets
from hanse_node.comet.questions import (
    QUESTION_BYTES,
    Height,
    Question,
    ask,
    number_answer,
    read_question,
    read_result,
    write_question,
)
from hanse_node.peers.collecting import Collector

log = logging.getLogger(__name__)

AGREE_SECONDS = 1.0
BLOCKS_BACK = 2


class _SyncInfo(Struct, frozen=True):
    latest_block_height: Height


class _Status(Struct, frozen=True):
    sync_info: _SyncInfo


class _BlockId(Struct, frozen=True):
    hash: Annotated[str, Meta(pattern=patterns.BLOCK_HASH)]


class _CommitVotes(Struct, frozen=True):
    block_id: _BlockId


class _SignedHeader(Struct, frozen=True):
    commit: _CommitVotes


class _Commit(Struct, frozen=True):
    signed_header: _SignedHeader


_Found = TypeVar("_Found", _Status, _Commit)


class TrustedBlock(Struct, frozen=True):
    """A block on which more than two thirds of the other members' nodes agree: where the light client begins."""

    height: int
    hash: str


async def agree(collector: Collector) -> TrustedBlock:
    """Ask the other members until more than two thirds of those who are known name the same block."""
    while True:
        members = collector.met
        heights = [found for member in members if (found := await _height(collector, member)) is not None]
        if heights:
            height = max(1, min(heights) - BLOCKS_BACK)
            answers = [await _hash_at(collector, member, height) for member in members]
            hashes = Counter(answer for answer in answers if answer is not None)
            for found_hash, count in hashes.most_common(1):
                if 3 * count > 2 * len(members):
                    return TrustedBlock(height, found_hash)
        log.info("waiting for the other members to name a block", extra={"answers": len(heights)})
        await asyncio.sleep(AGREE_SECONDS)


async def _height(collector: Collector, member: MemberId) -> int | None:
    status = await _ask(collector, member, ask("status"), _Status)
    return None if status is None else int(status.sync_info.latest_block_height)


async def _hash_at(collector: Collector, member: MemberId, height: int) -> str | None:
    commit = await _ask(collector, member, ask("commit", height=str(height)), _Commit)
    return None if commit is None else commit.signed_header.commit.block_id.hash


async def _ask(collector: Collector, member: MemberId, question: Question, kind: type[_Found]) -> _Found | None:
    """Ask a member's engine; nothing where it does not answer, or its answer has not the form that it must have."""
    answer = await collector.ask_engine(member, write_question(question))
    try:
        return None if answer is None else msgspec.convert(read_result(answer), kind)
    except (Malformed, msgspec.ValidationError) as error:
        log.warning("a member's engine answers in another form", extra={"peer": member, "reason": str(error)[:200]})
        return None


class LightProxy:
    """Serves the members' engines to this node's own while it takes a snapshot, each on a Unix socket of its own."""

    def __init__(self, sockets: EngineSockets, collector: Collector) -> None:
        """Prepare; nothing is served yet. The members are those whose nodes are known now, the first few of them."""
        self._collector, members = collector, collector.met[:WITNESSES]
        self._places = {sockets.witness(number): member for number, member in enumerate(members)}

    @property
    def servers(self) -> tuple[Path, ...]:
        """Where members' engines answer here; at least two, the same one twice if need be."""
        places = tuple(self._places)
        return places if len(places) > 1 else places * 2

    async def run(self) -> None:
        """Serve until it is cancelled."""
        try:
            async with asyncio.TaskGroup() as serving:
                for place, member in self._places.items():
                    place.unlink(missing_ok=True)
                    serving.create_task(self._serve(place, member))
        finally:
            for place in self._places:
                place.unlink(missing_ok=True)

    async def _serve(self, place: Path, member: MemberId) -> None:
        async def forward(request: Request) -> Response:
            return await self._forward(request, member)

        app = Starlette(routes=[Route("/{rest:path}", forward, methods=["POST"])])
        listener = socket.socket(socket.AF_UNIX)
        with closing(listener):
            listener.bind(str(place))
            config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
            await uvicorn.Server(config).serve(sockets=[listener])

    async def _forward(self, request: Request, member: MemberId) -> Response:
        """Pass a question on in its closed form, and its answer back under the question's number."""
        try:
            question = read_question(await _body(request))
            answer = await self._collector.ask_engine(member, write_question(question))
            if answer is not None:
                return Response(number_answer(answer, question.number), media_type="application/json")
        except Malformed as error:
            log.warning(
                "a question to a member's engine is not passed on", extra={"peer": member, "reason": str(error)}
            )
        return Response(status_code=502)


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > QUESTION_BYTES:
            raise Malformed(f"a question has at most {QUESTION_BYTES} bytes")
    return bytes(data)


async def run_from_snapshot(
    sockets: EngineSockets, collector: Collector, run: Callable[[LightClient], Awaitable[None]]
) -> None:
    """Run an engine that begins with a snapshot, with what its light client needs.

    Args:
        sockets: where it may be served.
        collector: reaches the other members' nodes.
        run: runs the engine until it is stopped.
    """
    block, proxy = await agree(collector), LightProxy(sockets, collector)
    serving = asyncio.create_task(proxy.run())
    try:
        await run(LightClient(servers=proxy.servers, height=block.height, block_hash=block.hash))
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
