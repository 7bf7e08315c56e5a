"""What endpoints ask for."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from fastapi.telemetry import TelemetryConfig
from msgspec import Struct
from pydantic import BeforeValidator, WithJsonSchema

from hanse_ledger.kinds import OBJECTS
from hanse_node.access.caller import Caller
from hanse_node.access.shares import Shares
from hanse_node.api.edge.faces import FACES
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

PROBLEM_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEM = {"description": "Any other problem (RFC 9457); its `code` tells which.", "content": PROBLEM_CONTENT}
BINARY = {"type": "string", "format": "binary"}
"""How bytes are described: so the makers of clients know them."""


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

_KINDS = [each.name for each in OBJECTS]
KindName = Annotated[str, Path(description="The kind of object", json_schema_extra={"enum": _KINDS})]
ObjectName = Annotated[HexId, Path(description="The object's id: 64 lower-case hexadecimal digits")]
RecordName = Annotated[HexId, Path(description="The record's id: 64 lower-case hexadecimal digits")]
FileHash = Annotated[HexId, Path(description="The SHA-256 of the bytes: 64 lower-case hexadecimal digits")]


def content_of(value: type[Struct] | str, media_type: str = "application/json") -> dict[str, Any]:
    """Describe a body: one of the types that travel, or a media type alone, which has text or bytes."""
    if not isinstance(value, str):
        return {media_type: {"schema": {"$ref": f"#/components/schemas/{value.__name__}"}}}
    return {value: {"schema": {"type": "string"} if value.startswith("text/") else BINARY}}


def body_of(*contents: dict[str, Any], text: str) -> dict[str, Any]:
    """Describe what an endpoint takes that reads its body itself: `openapi_extra` of its route."""
    content = {kind: value for each in contents for kind, value in each.items()}
    return {"requestBody": {"required": True, "description": text, "content": content}}


def answers(
    value: type[Struct] | str,
    text: str,
    status: int = 200,
    media_type: str = "application/json",
    refused: Sequence[str] = (),
) -> dict[int | str, dict[str, Any]]:
    """Describe an endpoint's answers.

    Args:
        value: one of the types that travel, or a media type alone.
        text: what the answer is.
        status: its status.
        media_type: of one of the types.
        refused: the codes of `FACES` that this endpoint itself answers, besides those that any does.
    """
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": text, "content": content_of(value, media_type)}
    }
    return described | refusals(*refused) | {"default": PROBLEM}


def refusals(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Describe problems, those of one status together: each by its code, and what it says."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        face = FACES[code]
        words = f"`{code}`: {face.title}."
        known = found.get(face.status)
        found[face.status] = {
            "description": words if known is None else f"{known['description']} {words}",
            "content": PROBLEM_CONTENT,
        }
    return found
