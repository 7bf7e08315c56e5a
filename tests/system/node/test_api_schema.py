"""Schemathesis asks a running node whatever its OpenAPI document allows, and much that it does not.

HANSE_EXAMPLES says how many questions each path gets (`make fuzz` asks more). Whatever is asked: no error of the
server's, and every answer is one that the document describes, problems by their own status.
"""

import json
import os
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from msgspec.structs import replace
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.object import created_id
from hanse_ledger.records.envelope import Signed
from hanse_ledger.wire.codec import encode
from hanse_node.api.records import BATCH, JSON, ONE
from hanse_node.api.schemas import dsse_of, write_json
from hanse_node.main import init_node
from tests.conftest import ROOT
from tests.system.stage.present import Present
from tests.system.stage.processes import NodeProcess, running_node
from tests.world.node_ledger import COSIGN, LOG, key_of

EXAMPLES = int(os.environ.get("HANSE_EXAMPLES", "30"))
STREAM = "/v1/events"
SHOWN = bytes(range(32))
"""The SHA-256 of a file, which one record shows."""

CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

ANYWHERE = frozenset({405, 408, 413, 415, 431})
"""How a request that is no question of the document's is answered wherever it goes: what is described as `default`."""

pytestmark = [pytest.mark.system, pytest.mark.timeout(60 + 10 * EXAMPLES)]


def operations() -> list[str]:
    """Name every operation that the document describes, but for the stream, which has no end and tests of its own."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_bytes())["paths"]
    return sorted(f"{method.upper()} {path}" for path, asked in paths.items() if path != STREAM for method in asked)


@pytest.fixture(scope="module")
def present() -> Present:
    """Give a ledger that begins now."""
    return Present()


class Known:
    """What stands in the ledger, so that questions hit something now and then."""

    def __init__(self, present: Present) -> None:
        (shown,) = present.invoices(1)
        body = shown.record.body
        assert isinstance(body, IssueInvoice)
        body = replace(body, document=replace(body.document, discoverable=SHOWN))
        self.invoices = [*present.invoices(300), present.sign(body, key_of("seller"))]
        self.values: dict[str, list[str]] = {
            "record_id": [each.id.hex() for each in (*present.parties, *self.invoices)],
            "object_id": [present.seller.hex(), *(created_id(each.id).hex() for each in self.invoices)],
            "key": [present.seller.hex(), b"market".hex()],
            "kind": ["invoice", "party"],
            "member": ["market", "chamber"],
            "name": ["A" * 26, "b" * 25 + "a"],
            "digest": [SHOWN.hex()],
            "path": ["0/000", "0/001.p/47", "entries/000", "1/000.p/1", "entries/001.p/47"],
        }


@pytest.fixture(scope="module")
def known(present: Present) -> Known:
    """Give what the node holds."""
    return Known(present)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, present: Present, known: Known) -> Iterator[NodeProcess]:
    """Run a node with something in it."""
    folder = tmp_path_factory.mktemp("schema") / "node"
    init_node(folder, encode(present.genesis), "market", log_seed=LOG, cosigning_seed=COSIGN)
    with running_node(folder) as running:
        running.submit(*present.parties, *known.invoices)
        yield running


def asked_of(node: NodeProcess, operation: str) -> APIOperation[Any, Any, Any, Any]:
    """Find an operation in the document that the node itself serves."""
    schema = schemathesis.openapi.from_url(f"{node.url}/openapi.json")
    method, path = operation.split(" ")
    return schema[path][method]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", operations())
def test_every_answer_is_described(node: NodeProcess, known: Known, operation: str, mode: GenerationMode) -> None:
    """Questions that the document allows, and ones that it does not; half of those allowed are about what is there."""
    asked = asked_of(node, operation)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=asked.as_strategy(generation_mode=mode), data=st.data())
    def ask(case: schemathesis.Case[Any], data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE and data.draw(st.booleans()):
            for name in case.path_parameters:
                case.path_parameters[name] = data.draw(st.sampled_from(known.values[name]))
            if "object" in case.query:
                case.query["object"] = data.draw(st.lists(st.sampled_from(known.values["object_id"]), min_size=1))
        answer = case.call_and_validate(checks=list(CHECKS), timeout=30)
        assert answer.status_code in ANYWHERE or str(answer.status_code) in asked.definition.raw["responses"]

    try:
        ask()
    except Unsatisfiable:
        # Where there are no parameters, no question is wrong.
        assert mode is GenerationMode.NEGATIVE


@pytest.mark.parametrize("kind", [BATCH, ONE, JSON])
def test_changed_records_are_answered_as_described(
    node: NodeProcess, present: Present, known: Known, kind: str
) -> None:
    """Real envelopes, whole and with bytes changed, added and cut away, in each of the forms that the node reads."""
    asked = asked_of(node, "POST /v1/records")
    fresh = present.invoices(20)
    bodies = [body_of([each], kind) for each in (*fresh, *known.invoices[:20])]
    if kind == BATCH:
        bodies += [body_of(fresh, kind), body_of([*fresh, *known.invoices[:50]], kind)]

    @settings(max_examples=5 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=st.sampled_from(bodies), edits=st.lists(EDITS, max_size=3), proof=st.booleans())
    def send(body: bytes, edits: list[tuple[float, int, bytes]], proof: bool) -> None:
        for place, cut, added in edits:
            at = int(place * len(body))
            body = body[:at] + added + body[at + cut :]
        url = f"{node.url}/v1/records?proof={str(proof).lower()}"
        answer = requests.post(url, data=body, headers={"content-type": kind}, timeout=30)
        asked.validate_response(answer)
        assert str(answer.status_code) in asked.definition.raw["responses"]
        assert answer.status_code < 500

    send()


EDITS = st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(max_size=3))
"""A change of bytes: at which part of the whole, how many go, and what comes."""


def body_of(records: Sequence[Signed], kind: str) -> bytes:
    """Write records as a body of a media type; one of them, but for a batch."""
    if kind == BATCH:
        return msgspec.msgpack.encode([encode(each.envelope) for each in records])
    if kind == ONE:
        return encode(records[0].envelope)
    return write_json(dsse_of(records[0]))
