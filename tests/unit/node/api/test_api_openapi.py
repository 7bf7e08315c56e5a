"""The description of the HTTP front stands in docs/openapi.json, and a change of it is a change of that file."""

import json
from pathlib import Path
from typing import Any

from hanse_node.api.app import ROUTERS, describe_api, write_openapi
from hanse_node.api.schemas import WIRE
from tests.world.front import front

ADVICE = "python -c 'from hanse_node.api.app import write_openapi as w; import sys; sys.stdout.buffer.write(w())'"


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
    paths = {route.path for router in ROUTERS for route in router.routes if hasattr(route, "path")}
    assert {path.replace(":path", "") for path in paths} == set(described["paths"])
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}
            assert operation["summary"]
            assert operation["description"]


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
