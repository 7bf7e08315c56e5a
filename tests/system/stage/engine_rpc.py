"""Asking a node's engine as nobody but its own node can: over the socket in its folder."""

from pathlib import Path
from typing import Any

import anyio
import msgspec

from hanse_io.outgoing import Answer, NoAnswer, Outgoing
from hanse_node.comet.program.sockets import find_sockets

BEING_STARTED = "is being started"
ANSWER_BYTES = 8 * 1024 * 1024


def ask_engine(folder: Path, method: str, **parameters: object) -> Any:
    """Ask the engine of the node in a folder, and give its result. Raises NoAnswer."""
    question = msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})

    async def ask() -> Answer:
        async with Outgoing("http://engine", seconds=10, socket=find_sockets(folder).rpc) as calls:
            kind = [("Content-Type", "application/json")]
            return await calls.ask("POST", "/", most=ANSWER_BYTES, body=question, headers=kind)

    answer = msgspec.json.decode(anyio.run(ask).body)
    assert "error" not in answer, answer
    return answer["result"]


def connected(folder: Path) -> set[str]:
    """List the ids of the engines to which a node's is connected; of one that is being started again, a mark."""
    try:
        return {str(each["node_info"]["id"]) for each in ask_engine(folder, "net_info")["peers"]}
    except NoAnswer:
        return {BEING_STARTED}
