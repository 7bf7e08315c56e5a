"""The HTTP front as a whole, and its description."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
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
from hanse_node.api.access import PUBLIC, Access, is_public, scope_of
from hanse_node.api.deps import UNTRACED
from hanse_node.api.documents import payloads
from hanse_node.api.edge.clientadmission import ClientAdmission
from hanse_node.api.edge.signedaccess import SignedAccess
from hanse_node.api.gateway import Gateway
from hanse_node.api.publications import Unlisted
from hanse_node.api.readers import readlogs
from hanse_node.api.requestbodies import BodyReader
from hanse_node.api.schemas import WIRE
from hanse_node.api.shortway import ShortWay
from hanse_node.base.metrics import Metrics
from hanse_node.feed import Feed
from hanse_node.service import Service
from hanse_node.signing.tokens import Scope as TokenScope

TITLE, VERSION = "Hanse node", "1"

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
        title=TITLE,
        version=VERSION,
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
    bare = FastAPI()
    for router in ROUTERS:
        bare.include_router(router)
    found = get_openapi(title=TITLE, version=VERSION, routes=bare.routes)
    _, types = msgspec.json.schema_components(WIRE, ref_template="#/components/schemas/{name}")
    components = found.setdefault("components", {})
    components.setdefault("schemas", {}).update(dict(sorted(types.items())))
    components["securitySchemes"] = SCHEMES
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            operation["security"] = _security(method.upper(), path.replace("{name}", PUBLISHED_NAME))
    return found


SCHEMES: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token that the node's operator has made."},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "A signature by RFC 9421, with `Signature-Input`, by a party's, an officer's or a member's key: "
        "see docs/api.md.",
    },
}
PUBLISHED_NAME = "A" * 26


def _security(method: str, path: str) -> list[dict[str, list[str]]]:
    """Say what a request may show; the empty one is of nodes that ask for nothing, and of what is public."""
    if is_public(method, path) or path in PUBLIC:
        return []
    open_to_all: list[dict[str, list[str]]] = [{}, {"token": []}]
    return open_to_all if scope_of(method, path) is TokenScope.METRICS else [*open_to_all, {"signature": []}]


def write_openapi() -> bytes:
    """Write the description as it stands in `docs/openapi.json`."""
    return json.dumps(describe_api(), indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
