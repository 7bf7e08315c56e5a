"""The HTTP front as a whole, and its description."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response

from hanse_io.signedrequests import asked_for
from hanse_node.access.shares import Shares
from hanse_node.api import (
    events,
    health,
    invoicetags,
    lists,
    log,
    objects,
    page,
    problems,
    proofs,
    publications,
    records,
)
from hanse_node.api.access import Access
from hanse_node.api.deps import UNTRACED
from hanse_node.api.documents import payloads
from hanse_node.api.edge.clientadmission import ClientAdmission
from hanse_node.api.edge.signedaccess import SignedAccess
from hanse_node.api.gateway import Gateway
from hanse_node.api.openapi import describing
from hanse_node.api.publications import Unlisted
from hanse_node.api.readers import readlogs
from hanse_node.api.requestbodies import BodyReader
from hanse_node.api.shortway import ShortWay
from hanse_node.base.metrics import Metrics
from hanse_node.feed import Feed
from hanse_node.service import Service

ROUTERS = (
    records.router,
    proofs.router,
    objects.router,
    lists.router,
    publications.router,
    payloads.router,
    invoicetags.router,
    events.router,
    readlogs.router,
    log.router,
    page.router,
    health.router,
)


def create_app(
    service: Service,
    feed: Feed,
    metrics: Metrics,
    access: Access,
    shares: Shares | None = None,
    warnings: Callable[[], Sequence[str]] = tuple,
    signed: SignedAccess | None = None,
) -> FastAPI:
    """Make the front of a node.

    Args:
        service: the node's use cases.
        feed: wakes subscribers; it should be told by the service.
        metrics: where requests are measured.
        access: what requests must show.
        shares: what is divided among those who ask.
        warnings: gives what is not well with the front though records are taken; empty ones count for nothing.
        signed: judges signed requests; nil where a signature opens nothing.
    """
    app = FastAPI(
        title=describing.TITLE,
        version=describing.VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=UNTRACED,
    )
    metrics.watch("hanse_event_subscribers", "Who listen to events.", lambda: feed.subscribers)
    app.state.service, app.state.feed = service, feed
    shares = shares or Shares(lambda: access.callers)
    app.state.shares, app.state.bodies = shares, BodyReader(shares.bodies)
    app.state.warnings = lambda caller: (
        *warnings(),
        *service.health.warnings(caller),
        service.publications.warning(caller),
        service.readlog.warning(caller),
    )
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)

    admission = ClientAdmission(access, signed, service.keyowners.who)
    app.state.still = admission.still
    # The last one added is the first that a request passes.
    app.add_middleware(ShortWay, ways={("POST", "/v1/records"): records.post_plainly})
    asked = "" if signed is None else asked_for(signed.ledger)
    app.add_middleware(
        Gateway, admit=admission.admit, lane=shares.lane, answers=shares.answers, metrics=metrics, signature=asked
    )
    app.add_middleware(Unlisted)
    description = write_openapi()

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return Response(description, media_type="application/json")

    return app


def describe_api() -> dict[str, Any]:
    """Describe every path and every type that travels, as OpenAPI."""
    return describing.describe(ROUTERS)


def write_openapi() -> bytes:
    """Write the description as it stands in `docs/openapi.json`."""
    return describing.write(describe_api())
