"""`openapi.json` as a whole: what the routes say of themselves, and what is true of all of them.

An operation's id is the name of its function, in the form `getRecord`: whoever renames one breaks generated clients.
"""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from hanse_node.access.caller import CallerKind
from hanse_node.api.access import ENTRY_BUNDLES, MEMBERS_ALONE, OPENED, PUBLIC, is_public, scope_of
from hanse_node.api.deps import refusals
from hanse_node.api.openapi.docwords import portable, spread
from hanse_node.api.openapi.examples import add_examples
from hanse_node.api.openapi.objectviews import REF, object_schemas
from hanse_node.api.schemas import WIRE
from hanse_node.signing.tokens import Scope

TITLE, VERSION = "Hanse node", "1"
LICENSE = {"name": "Apache License 2.0", "identifier": "Apache-2.0"}

_BASICS = """What a node of a Hanse ledger answers over HTTP.

Ids, hashes and other bytes are lower-case hexadecimal text, but base64 inside proof files, trust files, tag requests \
and DSSE envelopes. Times are milliseconds since 1970 (UTC), positions count from 0, money is in minor units. Whatever \
is not granted is a problem (RFC 9457, `application/problem+json`): `code` says why, `suggested_action` what to do. \
Sending the same again is always harmless.

A client that was generated from this document reads, and sends what is signed. It signs no records and verifies no \
proofs: an SDK does both. How to make one: docs/clients.md.

Members' nodes ask each other on another listener, over mutual TLS. Nothing here is asked that way.
"""

SERVERS: list[dict[str, Any]] = [
    {"url": "/", "description": "The node that serves this document"},
    {
        "url": "http://127.0.0.1:{port}",
        "description": "A node on this machine; without tokens it asks for none",
        "variables": {"port": {"default": "8080", "description": "`port` in [listen]"}},
    },
    {
        "url": "https://{node}",
        "description": "A node elsewhere, which asks for a token or a signature",
        "variables": {"node": {"default": "node.example.org", "description": "One of `names` in [listen]"}},
    },
]

TAGS = {
    "records": "Records on their way in, and where they stand.",
    "proofs": "The files with which everything is verified offline.",
    "objects": "How objects stand, and their histories.",
    "lists": "Objects by what they are, whose they are, and for whom they wait: the node's own word.",
    "publications": "Proofs under unguessable names, for whoever has an address and no file.",
    "payloads": "Sealed documents, by the hash of their bytes.",
    "invoice-tags": "Tags by which double financing of invoices is noticed.",
    "events": "What happens, as it happens.",
    "log": "The log as C2SP tlog-tiles, for tools that nobody here wrote.",
    "page": "The verifier page.",
    "health": "How the node does.",
}

SCHEMES: dict[str, Any] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token that the node's operator has made (`hanse token create`), with the scope that the "
        "operation names.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Signature",
        "description": "An HTTP message signature (RFC 9421, Ed25519) by a party's, an officer's or a member's key, "
        "over `@method`, `@authority`, `@path`, `@query`, and `content-digest` where there is a body; what it covers, "
        "when it was made, its nonce and the ledger's id stand in `Signature-Input`. It is made anew for each request: "
        "docs/api.md, Signed requests. The SDK makes it; a generated client does not.",
    },
}

ANYBODY = "Needs no token."
SAMPLES = {"/p/{name}": "/p/" + "A" * 26, "/log/tile/{path}": f"{ENTRY_BUNDLES}000"}
"""Paths of which it follows who may ask, where their parameters tell that."""


def describe(routers: Sequence[APIRouter]) -> dict[str, Any]:
    """Describe every path and every type that travels, as OpenAPI 3.1."""
    bare = FastAPI(generate_unique_id_function=operation_id)
    for router in routers:
        bare.include_router(router)
    tags = [{"name": name, "description": text} for name, text in TAGS.items()]
    found = get_openapi(
        title=TITLE,
        version=VERSION,
        description=_BASICS,
        license_info=LICENSE,
        routes=bare.routes,
        servers=SERVERS,
        tags=tags,
    )
    _, types = msgspec.json.schema_components(WIRE, ref_template=REF + "{name}")
    types.update(object_schemas(types["ObjectView"]))
    types["HistoryPage"]["properties"]["proof"] = {"$ref": REF + "ProofFile"}
    components = found.setdefault("components", {})
    components.setdefault("schemas", {}).update(portable(types))
    spread(components["schemas"])
    components["securitySchemes"] = SCHEMES
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method.upper(), SAMPLES.get(path, path))
    add_examples(found["paths"])
    return found


def write(described: dict[str, Any]) -> bytes:
    """Write a description as it stands in `docs/openapi.json`."""
    return json.dumps(described, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def operation_id(route: APIRoute) -> str:
    """Name an operation: its function's name, as JSON has names."""
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    """Add what follows from a path: who may ask, which problems anybody meets, a title."""
    words = str(operation["description"])
    operation["summary"] = words.split("\n\n", maxsplit=1)[0].partition(". ")[0].rstrip(".")
    operation["security"] = _security(method, path)
    operation["description"] = f"{words}\n\n{_who(method, path)}"
    common = ["quota-exceeded", "busy", "unavailable"]
    if operation.get("parameters") or "requestBody" in operation:
        common += ["malformed"]
    if operation["security"]:
        common += ["unauthorized", "request-not-signed", "request-untimely", "request-misdirected", "request-replayed"]
        common += ["out-of-scope", "signer-refused"]
    for status, answer in refusals(*common).items():
        known = operation["responses"].get(str(status))
        if known is None:
            operation["responses"][str(status)] = answer
        elif "application/problem+json" in known["content"]:
            known["description"] += f" {answer['description']}"
        else:
            known["content"] |= answer["content"]
    # What the framework says of parameters that are none is what every problem says.
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _security(method: str, path: str) -> list[dict[str, list[str]]]:
    """Say what a request may show; the empty one is of nodes that ask for nothing, and of what is public."""
    if is_public(method, path) or path in PUBLIC:
        return []
    scope = scope_of(method, path)
    open_to_all: list[dict[str, list[str]]] = [{}, {"token": [] if scope is None else [scope.value]}]
    return open_to_all if scope is Scope.METRICS else [*open_to_all, {"signature": []}]


def _who(method: str, path: str) -> str:
    """Say in words who may ask."""
    if is_public(method, path) or path in PUBLIC:
        return ANYBODY
    scope = scope_of(method, path)
    opened_by = {kind for kind, opened in OPENED.items() if scope is None or scope in opened}
    if path in MEMBERS_ALONE:
        opened_by.remove(CallerKind.PARTY)
    signed = {len(OPENED): ", or a signature", 0: ""}.get(len(opened_by), ", or an officer's or a member's signature")
    if path.startswith(ENTRY_BUNDLES):
        return f"Hash tiles need no token. Entries need one with the scope `{scope}`{signed}."
    return f"Needs a token{', whatever its scope' if scope is None else f' with the scope `{scope}`'}{signed}."
