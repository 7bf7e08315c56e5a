"""The description of the HTTP front stands in docs/openapi.json, and a change of it is a change of that file."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from hanse_ledger.kinds import OBJECTS, type_of
from hanse_node.api.app import ROUTERS, describe_api, write_openapi
from hanse_node.api.schemas import WIRE
from tests.pages import examples
from tests.world.corridor_genesis import GENESIS, seed_of
from tests.world.front import front
from tests.world.trade.everykind import whole_trade

ADVICE = "python -c 'from hanse_node.api.app import write_openapi as w; import sys; sys.stdout.buffer.write(w())'"

OPERATIONS = {
    "GET /livez": "getLiveness",
    "GET /log/checkpoint": "getLogCheckpoint",
    "GET /log/policy": "getLogPolicy",
    "GET /log/tile/{path}": "getLogTile",
    "GET /log/vkey": "getLogKey",
    "GET /metrics": "getMetrics",
    "DELETE /p/{name}": "withdrawProof",
    "GET /p/{name}": "getPublishedProof",
    "PUT /p/{name}": "publishProof",
    "GET /readyz": "getReadiness",
    "GET /v1/documents/{digest}": "findFileRecords",
    "GET /v1/events": "streamEvents",
    "GET /v1/lists/{kind}": "listObjects",
    "GET /v1/lists/{kind}/by/{name}/{key}": "findObjects",
    "GET /v1/members/{member}/office": "getMemberOffice",
    "GET /v1/objects/{kind}/{object_id}": "getObject",
    "GET /v1/objects/{kind}/{object_id}/records": "listObjectRecords",
    "GET /v1/offices/{object_id}/inbox": "listOfficeInbox",
    "GET /v1/parties/{object_id}/records": "listPartyRecords",
    "GET /v1/payloads/{digest}": "getPayload",
    "PUT /v1/payloads/{digest}": "sendPayload",
    "GET /v1/payloads/{digest}/delivery": "getPayloadDelivery",
    "PUT /v1/payloads/{digest}/readers": "tellPayloadReaders",
    "GET /v1/payloads/{digest}/upload": "getPayloadUpload",
    "GET /v1/proof": "getProof",
    "GET /v1/proposals": "getProposals",
    "POST /v1/records": "submitRecords",
    "GET /v1/records/{record_id}": "getRecord",
    "GET /v1/records/{record_id}/proof": "getRecordProof",
    "POST /v1/tags": "makeTags",
    "GET /v1/reads": "listReads",
    "GET /v1/trust": "getTrust",
    "GET /v1/waiting": "listWaiting",
    "GET /verify": "getVerifierPage",
}
"""The ids by which generated clients call the operations."""

NEVER_ALONE = {f"#/components/schemas/{name}" for name in ("CloudEvent",)}
"""Types that travel inside text."""

SHOWN_ELSEWHERE = {
    ("GET /p/{name}", "200"),
    ("GET /v1/offices/{object_id}/inbox", "200"),
    ("GET /v1/parties/{object_id}/records", "200"),
    ("GET /v1/records/{record_id}/proof", "200"),
    ("POST /v1/records", "200"),
    ("POST /v1/tags", "200"),
    ("POST /v1/tags", "body"),
    ("PUT /v1/payloads/{digest}", "200"),
}
"""JSON without an example: another operation or status has the same. A request for tags is signed by an SDK."""


def references(value: Any) -> set[str]:
    """Collect every reference in a description."""
    if isinstance(value, dict):
        found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(references(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(references(part) for part in value))
    return set()


def test_the_description_is_frozen(root: Path) -> None:
    """What the code describes is, byte for byte, what the documentation shows."""
    assert (root / "docs" / "openapi.json").read_bytes() == write_openapi(), f"write it anew: {ADVICE}"


def test_the_description_is_whole() -> None:
    """Every route and every type that travels is described, and every reference leads somewhere."""
    described = describe_api()
    types = described["components"]["schemas"]
    assert {kind.__name__ for kind in WIRE} <= set(types)
    assert references(described) <= {f"#/components/schemas/{name}" for name in types}
    assert {f"#/components/schemas/{name}" for name in types} - references(described) <= NEVER_ALONE
    paths = {route.path for router in ROUTERS for route in router.routes if hasattr(route, "path")}
    assert {path.replace(":path", "") for path in paths} == set(described["paths"])
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
            assert operation["summary"]
            assert operation["description"]


@cache
def description() -> dict[str, Any]:
    """Describe the front, once for all tests."""
    return describe_api()


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every operation that is described, with its method and path."""
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_ids_of_operations_are_for_ever() -> None:
    """An id is a name in every client that was generated: one that changes breaks it. Add here, and change nothing."""
    assert {path: operation["operationId"] for path, operation in operations()} == OPERATIONS


def test_an_operation_tells_a_stranger_all() -> None:
    """Words for it, its parameters and its body; who may ask; each body's form; problems of what can go wrong."""
    tags = {each["name"] for each in description()["tags"]}
    for path, operation in operations():
        assert set(operation["tags"]) <= tags, path
        assert "token" in operation["description"], path
        answers = operation["responses"]
        assert {"429", "503", "default"} <= set(answers), path
        if operation["security"]:
            assert {"401", "403"} <= set(answers), path
        if "{" in path or "requestBody" in operation or operation.get("parameters"):
            assert "400" in answers, path
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], path
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        assert all(each["description"] for each in [*bodies, *answers.values()]), path
        for body in [*bodies, *answers.values()]:
            for media_type, content in body.get("content", {}).items():
                wanted = {"$ref"} if media_type.endswith("json") else {"type"}
                assert wanted <= set(content["schema"]), f"{path}: {media_type} has no schema"


def test_an_operations_scope_is_what_is_asked_for() -> None:
    """The scope in the description is the one without which a token is refused."""
    for path, operation in operations():
        for scheme in operation["security"]:
            for scope in scheme.get("token", ()):
                assert f"`{scope}`" in operation["description"], path


def validator_of(described: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Make what judges values by one of the schemas."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": described["components"]})


def test_examples_are_what_is_described() -> None:
    """Each example is valid by its schema; all that must be given has one, and all that is answered as JSON."""
    described, without = description(), set()
    for path, operation in operations():
        for parameter in operation.get("parameters", ()):
            if parameter["required"] or "example" in parameter:
                validator_of(described, parameter["schema"]).validate(parameter["example"])
        bodies = {"body": operation["requestBody"]} if "requestBody" in operation else {}
        for place, body in {**bodies, **operation["responses"]}.items():
            for media_type, content in body.get("content", {}).items():
                if "example" in content:
                    validator_of(described, content["schema"]).validate(content["example"])
                elif media_type.endswith("json") and place in ("body", "200", "201"):
                    without.add((path, place))
    assert without == SHOWN_ELSEWHERE


def test_examples_are_what_a_node_answers() -> None:
    """They are no inventions: a node of a whole trade answers so."""
    assert examples.PAGE.read_text("utf-8") == examples.make(), "write them anew: make pages"


def test_objects_are_described_by_their_kinds(tmp_path: Path) -> None:
    """An object of each kind is valid by the schema of its own kind, and by that of none but its own."""
    described, corridor = description(), whole_trade()
    judge = validator_of(described, {"$ref": "#/components/schemas/ObjectView"})
    seeds = (seed_of("operator log"), seed_of("operator cosigner"))
    with front(tmp_path / "node", GENESIS, seeds=seeds, cosigner="operator", clock=lambda: examples.NOW) as node:
        node.must_stand(list(examples.records_of(corridor)))
        seen = set()
        for name in corridor.id.values():
            value = corridor.ledger.object(name)
            assert value is not None
            kind = type_of(value).name
            shown = node.get(f"/v1/objects/{kind}/{name.hex()}").json()
            judge.validate(shown)
            assert not judge.is_valid({**shown, "kind": "party" if kind == "office" else "office"})
            seen.add(kind)
    assert seen == {row.name for row in OBJECTS}


def test_a_node_serves_its_description(tmp_path: Path) -> None:
    """A running node shows the same description."""
    with front(tmp_path / "node") as node:
        assert node.get("/openapi.json").json() == json.loads(write_openapi())


def test_a_wrong_method_is_told_the_right_ones(tmp_path: Path) -> None:
    """405 names the methods of the path (RFC 9110, 15.5.6); a slash too many is not found, and leads nowhere else."""
    with front(tmp_path / "node") as node:
        answer = node.post(b"", "text/plain", path="/livez")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
        assert answer.json()["code"] == "method-not-allowed"
        assert node.get("/livez/").status_code == 404
