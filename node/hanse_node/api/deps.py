"""What endpoints ask for."""

import re
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.telemetry import TelemetryConfig
from msgspec import Struct
from pydantic import BeforeValidator, WithJsonSchema

from hanse_node.access.caller import Caller
from hanse_node.access.shares import Shares
from hanse_node.api.requestbodies import BodyReader, caller_of
from hanse_node.feed import Feed
from hanse_node.service import Service

_HEX = re.compile("[0-9a-f]{64}")

UNTRACED: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""FastAPI reports to OpenTelemetry by itself where the process has a provider: paths, and the words of errors. A node
tells nobody anything that its operator has not asked for."""

PROBLEM = {
    "description": "A problem (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


async def _service(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


async def _feed(request: Request) -> Feed:
    feed = request.app.state.feed
    assert isinstance(feed, Feed)
    return feed


async def _shares(request: Request) -> Shares:
    shares = request.app.state.shares
    assert isinstance(shares, Shares)
    return shares


async def _asking(request: Request) -> Caller:
    return caller_of(request)


async def _bodies(request: Request) -> BodyReader:
    bodies = request.app.state.bodies
    assert isinstance(bodies, BodyReader)
    return bodies


async def _warnings(request: Request) -> tuple[str, ...]:
    return tuple(warning for warning in request.app.state.warnings(caller_of(request)) if warning)


def _read_id(value: object) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ValueError("64 lower-case hexadecimal digits")
    return bytes.fromhex(value)


Ledger = Annotated[Service, Depends(_service)]
Events = Annotated[Feed, Depends(_feed)]
Divided = Annotated[Shares, Depends(_shares)]
Asking = Annotated[Caller, Depends(_asking)]
Warnings = Annotated[tuple[str, ...], Depends(_warnings)]
Bodies = Annotated[BodyReader, Depends(_bodies)]
HexId = Annotated[bytes, BeforeValidator(_read_id), WithJsonSchema({"type": "string", "pattern": f"^{_HEX.pattern}$"})]
"""An id as it stands in a path or a query."""


def answers(value: type[Struct] | str, text: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Describe an endpoint's answers: one of the wire's types, or a media type; anything else is a problem."""
    if isinstance(value, str):
        kind = "object" if value.endswith("json") else "string"
        content: dict[str, Any] = {value: {"schema": {"type": kind}}}
    else:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{value.__name__}"}}}
    return {status: {"description": text, "content": content}, "default": PROBLEM}
