"""Asking a node's engine as nobody but its own node can: over the socket in its folder."""

import socket
from pathlib import Path
from typing import Any

import httpx

from hanse_node.engine.comet.sockets import find_sockets

BEING_STARTED = "is being started"


def ask_engine(folder: Path, method: str, **parameters: object) -> Any:
    """Ask the engine of the node in a folder, and give its result."""
    question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    transport = httpx.HTTPTransport(uds=str(find_sockets(folder).rpc))
    with httpx.Client(transport=transport, base_url="http://engine", timeout=10) as engine:
        answer = engine.post("/", json=question).json()
    assert "error" not in answer, answer
    return answer["result"]


def connected(folder: Path) -> set[str]:
    """List the ids of the engines to which a node's is connected; of one that is being started again, a mark."""
    with socket.socket(socket.AF_UNIX) as looking:
        if looking.connect_ex(str(find_sockets(folder).rpc)):
            return {BEING_STARTED}
    try:
        return {str(each["node_info"]["id"]) for each in ask_engine(folder, "net_info")["peers"]}
    except httpx.TransportError:
        return {BEING_STARTED}
