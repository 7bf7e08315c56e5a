"""What the engine's light client needs to take a snapshot: its peers' RPC, reached through the members' nodes.

Each member's node answers a few questions of its engine's RPC to the others, over mutual TLS. Here they are offered to
this node's own engine on loopback, and a block is found on which the members agree, for it to begin with.
"""

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hanse_ledger.types import MemberId
from hanse_node.engine.comet.collecting import Collector
from hanse_node.engine.comet.home import set_light_client

log = logging.getLogger(__name__)

METHODS = frozenset({"block", "commit", "consensus_params", "header", "health", "status", "validators"})
"""What a member's engine is asked for others: what every block's followers know anyway."""

QUESTION_BYTES = 4_096
ANSWER_BYTES = 4 * 1024 * 1024
AGREE_SECONDS = 1.0
BLOCKS_BACK = 2


class TrustedBlock(Struct, frozen=True):
    """A block on which more than two thirds of the other members' nodes agree: where the light client begins."""

    height: int
    hash: str


class _Question(Struct, frozen=True):
    method: str


_decoder = msgspec.json.Decoder(_Question)


def is_allowed(question: bytes) -> bool:
    """Tell whether a JSON-RPC question to an engine is one that other members may ask."""
    try:
        return len(question) <= QUESTION_BYTES and _decoder.decode(question).method in METHODS
    except msgspec.DecodeError:
        return False


async def agree(collector: Collector) -> TrustedBlock:
    """Ask the other members until more than two thirds of those who are known name the same block."""
    while True:
        members = collector.met
        heights = [
            int(found["sync_info"]["latest_block_height"])
            for member in members
            if (found := await _ask(collector, member, "status", {})) is not None
        ]
        if heights:
            height = max(1, min(heights) - BLOCKS_BACK)
            answers = [await _ask(collector, member, "commit", {"height": str(height)}) for member in members]
            hashes = Counter(str(each["signed_header"]["commit"]["block_id"]["hash"]) for each in answers if each)
            for found_hash, count in hashes.most_common(1):
                if 3 * count > 2 * len(members):
                    return TrustedBlock(height, found_hash)
        log.info("waiting for the other members to name a block", extra={"answers": len(heights)})
        await asyncio.sleep(AGREE_SECONDS)


async def _ask(collector: Collector, member: MemberId, method: str, parameters: dict[str, str]) -> Any:
    question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = await collector.ask_engine(member, msgspec.json.encode(question))
    try:
        return None if answer is None else msgspec.json.decode(answer).get("result")
    except (msgspec.DecodeError, AttributeError):
        return None


class LightProxy:
    """Serves the members' engines on loopback, each under its own path, while the engine takes a snapshot."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._app = Starlette(routes=[Route("/{member}", self._forward, methods=["POST"])])
        self._server = uvicorn.Server(
            uvicorn.Config(self._app, log_config=None, access_log=False, lifespan="off", ws="none")
        )

    def servers(self, members: Sequence[MemberId]) -> list[str]:
        """Give the addresses under which members' engines answer here; at least two, the same one twice if need be."""
        port = self._socket.getsockname()[1]
        found = [f"http://127.0.0.1:{port}/{member}" for member in members]
        return found if len(found) > 1 else found * 2

    async def run(self) -> None:
        """Serve until it is cancelled."""
        with closing(self._socket):
            await self._server.serve(sockets=[self._socket])

    async def _forward(self, request: Request) -> Response:
        question = await request.body()
        answer = await self._collector.ask_engine(request.path_params["member"], question)
        if answer is None:
            return Response(status_code=502)
        return Response(answer, media_type="application/json")


async def run_from_snapshot(home: Path, collector: Collector, run: Callable[[], Awaitable[None]]) -> None:
    """Run an engine that begins with a snapshot, with what its light client needs.

    Args:
        home: the engine's folder.
        collector: reaches the other members' nodes.
        run: runs the engine until it is stopped.
    """
    block, proxy = await agree(collector), LightProxy(collector)
    serving = asyncio.create_task(proxy.run())
    try:
        servers = proxy.servers(collector.met)
        await asyncio.to_thread(set_light_client, home, servers, block.height, block.hash)
        await run()
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
