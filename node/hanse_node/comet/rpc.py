"""Asking this node's own engine, over the Unix socket of its RPC."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from hanse_io.outgoing import Outgoing, OutgoingError
from hanse_ledger.values.errors import Malformed
from hanse_node.base.errors import NodeError
from hanse_node.comet.questions import read_result

HEADERS = (("Content-Type", "application/json"),)
PEERS_BYTES = 4 * 1024 * 1024
PEERS = 1_000


class EngineSilent(NodeError):
    """The engine does not answer, or says what is no answer. Asking again is harmless."""


class EngineRpc:
    """This node's engine. Lives on one event loop; close it in the end."""

    def __init__(self, socket: Path, *, seconds: float) -> None:
        """Prepare; nothing is asked yet.

        Args:
            socket: where its RPC answers.
            seconds: how long a whole answer may take.
        """
        self._calls = Outgoing("http://engine", seconds=seconds, headers=HEADERS, socket=socket)

    async def close(self) -> None:
        """Close every connection. May be called twice."""
        await self._calls.close()

    async def pass_on(self, question: bytes, most: int) -> bytes:
        """Ask a question that is written already, and give the answer's bytes. Raises EngineSilent."""
        try:
            answer = await self._calls.ask("POST", "/", most=most, body=question)
        except OutgoingError as error:
            raise EngineSilent(f"the engine does not answer: {error}") from error
        return answer.body

    async def ask(self, method: str, parameters: Mapping[str, object], most: int) -> Any:
        """Ask a question, and give the result as plain values. Raises EngineSilent."""
        question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        answer = await self.pass_on(msgspec.json.encode(question), most)
        try:
            return read_result(answer)
        except Malformed as error:
            raise EngineSilent(error.detail) from error


async def connected_to(engine: EngineRpc) -> set[str]:
    """Ask an engine for the ids of those to which it is connected. Raises EngineSilent."""
    answer = await engine.ask("net_info", {}, PEERS_BYTES)
    try:
        return {str(peer["node_info"]["id"]) for peer in answer["peers"][:PEERS]}
    except (KeyError, TypeError) as error:
        raise EngineSilent("the engine names its peers in another form") from error


def ask_and_wait(socket: Path, methods: Mapping[str, int], *, seconds: float) -> dict[str, Any]:
    """Ask for several things that need no parameters, for callers that run on no event loop; each with its bound.

    Raises:
        EngineSilent: it does not answer one of them.
    """

    async def ask() -> dict[str, Any]:
        engine = EngineRpc(socket, seconds=seconds)
        try:
            return {method: await engine.ask(method, {}, most) for method, most in methods.items()}
        finally:
            await engine.close()

    return asyncio.run(ask())
