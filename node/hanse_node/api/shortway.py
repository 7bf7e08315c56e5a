"""A short way for the requests on which a node's rate depends: the framework takes as long as all else they need."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hanse_ledger.values.errors import LedgerError
from hanse_node.api.problems import answer_failure, answer_gone

Way = Callable[[Request], Awaitable[Response | None]]
"""Answers a request; nil where it must take the long way. It reads nothing of a body before it knows."""


class Route(NamedTuple):
    """What a request is measured and logged as."""

    path: str


class ShortWay:
    """ASGI middleware around the framework's own routing, with the same answers."""

    def __init__(self, app: ASGIApp, ways: Mapping[tuple[str, str], Way]) -> None:
        """Stand before an app; `ways` are by method and path."""
        self._app, self._ways = app, ways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        way = self._ways.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if way is None:
            await self._app(scope, receive, send)
            return
        # Before the answer: where there is none because of a fault, it is measured as this route's. The framework
        # puts its own in the place.
        scope["route"] = Route(scope["path"])
        answer = await _answer(way, Request(scope, receive))
        await (self._app if answer is None else answer)(scope, receive, send)


async def _answer(way: Way, request: Request) -> Response | None:
    try:
        return await way(request)
    except LedgerError as error:
        return answer_failure(error)
    except ClientDisconnect:
        return answer_gone()
