"""The short way: what it answers, refuses, breaks at or leaves to the long way is measured under its route."""

from collections.abc import Callable

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from hanse_ledger.values.errors import Malformed
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.access.shares import Shares
from hanse_node.api import problems
from hanse_node.api.gateway import Gateway
from hanse_node.api.shortway import ShortWay
from hanse_node.base.metrics import Metrics


def answered(_request: Request) -> Response | None:
    """Answer."""
    return Response(b"short")


def passed_on(_request: Request) -> Response | None:
    """Leave it to the long way."""
    return None


def refused(_request: Request) -> Response | None:
    """Refuse what was sent."""
    raise Malformed("no envelope")


def broken(_request: Request) -> Response | None:
    """Be wrong."""
    raise KeyError("a fault of the node's own")


@pytest.mark.parametrize(
    ("way", "status", "route"),
    [
        (answered, 200, "/v1/records"),
        (passed_on, 201, "/v1/{name}"),
        (refused, 400, "/v1/records"),
        (broken, 500, "/v1/records"),
    ],
    ids=["answered", "passed on", "refused", "broken"],
)
def test_each_request_is_measured_under_its_route(
    way: Callable[[Request], Response | None], status: int, route: str
) -> None:
    """Also one at which the handler breaks: its time is not that of a path which nobody knows."""
    app, metrics, shares = FastAPI(), Metrics(), Shares()

    @app.post("/v1/{name}")
    def post(name: str) -> Response:
        return Response(name, 201)

    async def short(request: Request) -> Response | None:
        return way(request)

    problems.install(app)
    app.add_middleware(ShortWay, ways={("POST", "/v1/records"): short})

    async def admit(_scope: object, _headers: object) -> Caller:
        return Caller(CallerKind.TOKEN, "a")

    app.add_middleware(
        Gateway,
        admit=admit,
        lane=shares.lane,
        answers=shares.answers,
        metrics=metrics,
    )

    async def ask() -> int:
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as client:
            return (await client.post("/v1/records")).status_code

    assert anyio.run(ask) == status
    measured = {
        (sample.labels["route"], sample.labels["status"])
        for family in metrics._registry.collect()
        for sample in family.samples
        if "route" in sample.labels
    }
    assert measured == {(route, str(status))}
