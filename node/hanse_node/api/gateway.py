"""What every request passes: it gets an id, is let in or not, is timed and logged."""

import logging
import re
from secrets import token_hex
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hanse_node.api.access import Access
from hanse_node.api.problems import REQUEST_ID, EdgeRefusal, problem_of, respond
from hanse_node.logs import REQUEST
from hanse_node.metrics import Metrics

log = logging.getLogger(__name__)

_GIVEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Gateway:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, access: Access, metrics: Metrics) -> None:
        self._app, self._access, self._metrics = app, access, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID, "")
        request = given if _GIVEN.fullmatch(given) else token_hex(8)
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
            self._metrics.time_request(scope["method"], route, status, seconds)
            fields = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 2)}
            log.info("request", extra=fields)
            REQUEST.reset(context)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        try:
            self._access.check(scope["path"], headers)
        except EdgeRefusal as refusal:
            await respond(problem_of(refusal))(scope, receive, send)
            return
        await self._app(scope, receive, send)
