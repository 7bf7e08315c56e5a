"""What every request passes: it gets an id, it is found who asks, it waits for its turn, is timed and logged."""

import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from secrets import token_hex
from time import perf_counter
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hanse_node.access.caller import Caller
from hanse_node.access.lane import Lane
from hanse_node.access.purse import Purse
from hanse_node.api.problems import REQUEST_ID, EdgeRefusal, answer_error
from hanse_node.base.errors import Busy, QuotaExceeded
from hanse_node.base.logs import REQUEST
from hanse_node.base.metrics import Metrics

log = logging.getLogger(__name__)

_GIVEN = re.compile(r"[A-Za-z0-9_-]{1,64}")

UNAUTHORIZED = 401

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""Methods that are measured and logged by their names. All others are one: each would be kept for ever."""

Admit = Callable[[Scope, Headers], Awaitable[Caller]]
"""Says who asks, from what is known before a body is read. Raises EdgeRefusal, QuotaExceeded, Busy."""


class Gateway:
    """ASGI middleware around the whole app."""

    def __init__(
        self,
        app: ASGIApp,
        admit: Admit,
        lane: Callable[[str, str], Lane | None],
        answers: Purse,
        metrics: Metrics,
        signature: str = "",
    ) -> None:
        """Stand before an app.

        Args:
            app: the app.
            admit: see `Admit`.
            lane: says where a request waits for its turn, by method and path.
            answers: what bounds the answers that are not taken yet.
            metrics: where requests are measured.
            signature: which signature a request may show, for whoever shows nothing that counts; empty for none.
        """
        self._signature = signature
        self._app, self._admit, self._lane, self._answers, self._metrics = app, admit, lane, answers, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = headers.get(REQUEST_ID, "")
        request = request_id if _GIVEN.fullmatch(request_id) else token_hex(8)
        scope.setdefault("state", {})["request_id"] = request
        context = REQUEST.set(request)
        begun = perf_counter()
        status = 500

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request
            await send(message)

        try:
            with self._metrics.answering():
                await self._admitted(scope, receive, observe, headers)
        finally:
            seconds = perf_counter() - begun
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.time_request(method, route, status, seconds)
            fields = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 2)}
            log.info("request", extra=fields)
            REQUEST.reset(context)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        connection = scope["state"].get("connection")
        try:
            caller = scope["state"]["caller"] = await self._admit(scope, headers)
        except (EdgeRefusal, QuotaExceeded, Busy) as refusal:
            answer = answer_error(refusal)
            if answer.status_code == UNAUTHORIZED and self._signature:
                answer.headers["accept-signature"] = self._signature
            await answer(scope, receive, send)
            return
        if connection is not None:
            connection.caller = caller
        async with AsyncExitStack() as turn:
            lane = self._lane(scope["method"], scope["path"])
            if lane is not None:
                try:
                    await turn.enter_async_context(lane.turn(caller))
                except (QuotaExceeded, Busy) as refusal:
                    self._metrics.refuse_for_quota()
                    await answer_error(refusal)(scope, receive, send)
                    return
            await self._app(scope, receive, _Answering(scope, receive, send, self._answers, caller, turn))


class _Answering:
    """Sends an answer. Its turn ends when it is made, not when a slow reader has taken it; what it holds is counted."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, purse: Purse, caller: Caller, turn: AsyncExitStack
    ) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._purse, self._caller, self._turn = purse, caller, turn
        self._start: Message | None = None
        self._refused = False

    async def __call__(self, message: Message) -> None:
        """Take a message of the app's."""
        if message["type"] == "http.response.start":
            # Not sent before the size of what follows is known to fit.
            self._start = message
            return
        if self._refused:
            return
        await self._turn.aclose()
        size = len(message.get("body", b""))
        try:
            self._purse.take(self._caller, size)
        except QuotaExceeded as refusal:
            self._refused = True
            if self._start is None:
                raise  # in the midst of a stream, which ends with it
            self._start = None
            await answer_error(refusal)(self._scope, self._receive, self._send)
            return
        try:
            if self._start is not None:
                start, self._start = self._start, None
                await self._send(start)
            await self._send(message)
            connection: Any = self._scope["state"].get("connection")
            if connection is not None:
                await connection.taken()
        finally:
            self._purse.give(self._caller, size)
