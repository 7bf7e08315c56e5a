"""The examples in `openapi.json`: a node of a whole trade is asked, and what it answers is kept.

`python -m tests.pages.examples` writes them anew, as `make pages` does.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hanse_ledger.kinds.certificate.bodies import IssueCertificate
from hanse_ledger.kinds.object import created_id
from hanse_ledger.proofs import prooffile
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.values.hashing import hash_bytes
from hanse_node.access.caller import ITSELF
from hanse_node.api.schemas import dsse_of, write_json
from hanse_node.publications.publicnames import write_name
from hanse_node.queries.cloudevents import write_event
from tests.conftest import ROOT
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, GENESIS, T0, seed_of
from tests.world.front import Front, front
from tests.world.trade.everykind import whole_trade

PAGE = ROOT / "node" / "hanse_node" / "api" / "openapi" / "examples.json"
NOW = T0 + DAY // 2
JSON, PROBLEM = "application/json", "application/problem+json"
SECRET = "what-withdraws-it"
SEALED = b"age-encryption.org/v1\n(the rest of a sealed document)"


class Example(NamedTuple):
    """What is asked, and with which media type the body goes out; `kept` is whether the answer is an example too."""

    operation: str
    method: str
    path: str
    parameters: Mapping[str, Any]
    body: bytes = b""
    media_type: str = JSON
    kept: bool = True


def records_of(corridor: Corridor) -> Iterator[Signed]:
    """Give a trade's records, in order."""
    for block in corridor.blocks:
        for row in block.entries:
            entry = decode_entry(row.data)
            if isinstance(entry, RecordEntry):
                yield open_decoded(entry.payload)


def asked(corridor: Corridor, records: list[Signed], node: Front) -> Iterator[Example]:
    """Say what is asked, of the objects of a whole trade."""
    name = {each: found.hex() for each, found in corridor.id.items()}
    issued = next(each for each in records if created_id(each.id) == corridor.id["invoice"]).id.hex()
    bodies = [each.record.body for each in records]
    (shown_file,) = (each.document.discoverable for each in bodies if isinstance(each, IssueCertificate))
    assert shown_file is not None
    dsse = write_json(dsse_of(records[-1]))
    proof = {"object": [name["invoice"]], "view": "status"}
    proven = node.get(f"/v1/proof?object={name['invoice']}&view=status").content
    sealed, published = hash_bytes(SEALED).hex(), write_name(bytes(16))
    yield Example("submitRecords", "POST", "/v1/records", {"proof": True}, dsse)
    yield Example("getRecord", "GET", "/v1/records/{record_id}", {"record_id": issued})
    yield Example("getRecord", "GET", "/v1/records/{record_id}", {"record_id": "0" * 64})
    yield Example("getRecordProof", "GET", "/v1/records/{record_id}/proof", {"record_id": issued}, kept=False)
    yield Example("getProof", "GET", "/v1/proof", proof)
    yield Example(
        "getObject", "GET", "/v1/objects/{kind}/{object_id}", {"kind": "invoice", "object_id": name["invoice"]}
    )
    records_path = "/v1/objects/{kind}/{object_id}/records"
    shown = {"kind": "invoice", "object_id": name["invoice"], "limit": 2}
    yield Example("listObjectRecords", "GET", records_path, shown)
    party = {"object_id": name["seller"], "limit": 1}
    yield Example("listPartyRecords", "GET", "/v1/parties/{object_id}/records", party, kept=False)
    office = {"object_id": name["office"], "limit": 1}
    yield Example("listOfficeInbox", "GET", "/v1/offices/{object_id}/inbox", office, kept=False)
    yield Example("getMemberOffice", "GET", "/v1/members/{member}/office", {"member": "customs-be"})
    yield Example("listObjects", "GET", "/v1/lists/{kind}", {"kind": "invoice", "whose": name["seller"], "limit": 2})
    found = {"kind": "document", "name": "document_of_object", "key": name["document's invoice"]}
    yield Example("findObjects", "GET", "/v1/lists/{kind}/by/{name}/{key}", found)
    yield Example("findFileRecords", "GET", "/v1/documents/{digest}", {"digest": shown_file.hex()})
    yield Example("listWaiting", "GET", "/v1/waiting", {"who": name["buyer"], "limit": 2})
    yield Example("listReads", "GET", "/v1/reads", {"party": name["seller"], "limit": 2})
    yield Example("getTrust", "GET", "/v1/trust", {})
    yield Example("getProposals", "GET", "/v1/proposals", {})
    yield Example("getLiveness", "GET", "/livez", {})
    yield Example("getReadiness", "GET", "/readyz", {})
    yield Example("getLogCheckpoint", "GET", "/log/checkpoint", {})
    yield Example("getLogKey", "GET", "/log/vkey", {})
    yield Example("getLogPolicy", "GET", "/log/policy", {})
    yield Example("getLogTile", "GET", "/log/tile/{path}", {"path": "0/000.p/1"}, kept=False)
    expires = {"digest": sealed, "hanse-expires": NOW + DAY}
    yield Example("sendPayload", "PUT", "/v1/payloads/{digest}", expires, SEALED, "application/octet-stream")
    yield Example("getPayloadUpload", "GET", "/v1/payloads/{digest}/upload", {"digest": sealed})
    yield Example("getPayloadDelivery", "GET", "/v1/payloads/{digest}/delivery", {"digest": sealed})
    yield Example("getPayload", "GET", "/v1/payloads/{digest}", {"digest": sealed}, kept=False)
    publishing = {"name": published}
    yield Example("publishProof", "PUT", "/p/{name}", publishing, proven, prooffile.MEDIA_TYPE)
    yield Example("getPublishedProof", "GET", "/p/{name}", publishing, kept=False)


def ask(node: Front, example: Example) -> tuple[str, str, Any]:
    """Ask; give the status, the media type, and what was answered, without what is another each time."""
    path, query, fields = example.path, [], {"x-request-id": "an-example", "content-type": example.media_type}
    for name, value in example.parameters.items():
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", str(value))
        elif name == "hanse-expires":
            fields[name] = str(value)
        else:
            written = [str(each).lower() if isinstance(each, bool) else str(each) for each in _several(value)]
            query += [f"{name}={each}" for each in written]
    answer = node.request(example.method, f"{path}?{'&'.join(query)}", content=example.body, headers=fields)
    kind = answer.headers["content-type"].partition(";")[0]
    said: Any = answer.json() if kind.endswith("json") else answer.text if kind.startswith("text/") else None
    if example.operation == "publishProof":
        said["secret"] = SECRET
    if example.operation == "listReads":
        for place, each in enumerate(reversed(said["reads"])):
            each["cursor"] = str(place + 1)
        said["following"] = said["reads"][-1]["cursor"]
    return str(answer.status_code), kind, said


def make() -> str:
    """Ask a node, and write what is kept."""
    kept: dict[str, dict[str, Any]] = {}
    corridor = whole_trade()
    records = list(records_of(corridor))
    seeds = (seed_of("operator log"), seed_of("operator cosigner"))
    with (
        TemporaryDirectory() as folder,
        front(Path(folder) / "node", GENESIS, seeds=seeds, cosigner="operator", clock=lambda: NOW) as node,
    ):
        # Refused: nothing stands yet that an invoice needs.
        early = next(each for each in records if each.record.kind == "invoice.issue")
        refused = Example("submitRecords", "POST", "/v1/records", {"proof": True}, write_json(dsse_of(early)))
        answered = [(refused, ask(node, refused))]
        for each in records[:-1]:
            node.must_stand([each])
        answered += [(example, ask(node, example)) for example in asked(corridor, records, node)]
        for example, (status, kind, said) in answered:
            mine = kept.setdefault(example.operation, {"answers": {}, "body": {}, "parameters": example.parameters})
            if example.body and example.media_type.endswith("json"):
                mine["body"][example.media_type] = json.loads(example.body)
            if example.kept and said is not None:
                mine["answers"].setdefault(status, {})[kind] = said
        events = node.service.events.read(ITSELF, len(records)).events[:2]
        written = [
            f"id: {each.position}\nevent: record\ndata: {write_event(each, node.service.source).decode()}\n\n"
            for each in events
        ]
        stream = {"200": {"text/event-stream": ": hanse\n\n" + "".join(written)}}
        kept["streamEvents"] = _unasked({"after": events[0].position - 1}, stream)
    kept["withdrawProof"] = _unasked({"name": kept["publishProof"]["parameters"]["name"], "hanse-secret": SECRET})
    kept["tellPayloadReaders"] = _unasked({"digest": kept["sendPayload"]["parameters"]["digest"]})
    return json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write() -> None:
    """Write them."""
    PAGE.write_text(make(), "utf-8")


def _unasked(parameters: Mapping[str, Any], answers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"answers": answers or {}, "body": {}, "parameters": parameters}


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


if __name__ == "__main__":
    write()
