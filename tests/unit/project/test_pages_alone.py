"""The pages suffice: a reader that knows nothing but them judges every vector as the ledger does."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.pages.reading import Formats
from tests.tables.reference import NotCanonical, unpack_strict

FORMATS = Formats(ROOT / "docs" / "formats")
FILES = Formats(ROOT / "docs" / "formats", json=True)
VECTORS = ROOT / "tests" / "vectors"


def load(name: str) -> Any:
    """Read a file of vectors."""
    return json.loads((VECTORS / name).read_text("utf-8"))


def record_faults(record: Any) -> Iterator[str]:
    """Judge a record: its own fields, and what it says, of a bundle step by step."""
    yield from FORMATS.faults(record, "record.md", "record")
    yield from said_faults(record)


def said_faults(record: Any) -> Iterator[str]:
    """Judge what a record or a step says by its kind: the fields of its body, and what the body names."""
    if isinstance(record, dict) and isinstance(record.get("kind"), str) and isinstance(record.get("body"), dict):
        body = "bodies.md", record["kind"].replace(".", "")
        if body not in FORMATS.tables:
            yield "/kind"
            return
        faults = [*FORMATS.faults(record["body"], *body, "/body")]
        yield from faults
        if not faults and FORMATS.references(record["kind"], record["body"]) != record["refs"]:
            yield "/refs"
        if not faults and record["kind"] == "bundle":
            for place, step in enumerate(record["body"]["steps"]):
                yield from (f"/body/steps/{place}{fault}" for fault in said_faults(step))


def faults(what: str, value: Any) -> list[str]:
    """Judge what a vector says that it is."""
    match what:
        case "record":
            return [*record_faults(value)]
        case "envelope":
            return [*FORMATS.faults(value, "record.md", "envelope")]
        case "entry":
            kind = "stateentry" if isinstance(value, list) and value[:1] == [1] else "recordentry"
            return [*FORMATS.faults(value, "log.md", kind)]
        case _:
            return [*FORMATS.faults(value, "membership.md", "genesis")]


IN_WORDS = {
    "record": ("/version", "/signers"),
    "envelope": ("/payloadType", "/signatures", ""),
    "entry": (),
    "genesis": ("/membership/",),
}
"""What pages say in words, because no single field can: the pointers of such faults, or how they begin."""


def malformed() -> Iterator[tuple[str, Any, str]]:
    """Walk over the vectors of what is malformed and yet canonical MessagePack: what, the value, and where."""
    for vector in load("malformed.json")["malformed"]:
        try:
            yield vector["is"], unpack_strict(bytes.fromhex(vector["data"])), vector["pointer"]
        except NotCanonical:
            continue


MALFORMED = [*malformed()]


@pytest.mark.parametrize(("what", "value", "pointer"), MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_malformed_breaks_a_table(what: str, value: Any, pointer: str) -> None:
    """The first fault stands where the ledger says, or inside or around it; else it is one of those told in words."""
    found = faults(what, value)
    if found:
        assert any(fault.startswith(pointer) or pointer.startswith(fault) for fault in found[:1])
    else:
        assert pointer.startswith(IN_WORDS[what]) if pointer else pointer in IN_WORDS[what]


def test_tables_find_most_of_what_is_malformed() -> None:
    """Few faults are left to words."""
    silent = [pointer for what, value, pointer in MALFORMED if not faults(what, value)]
    assert len(MALFORMED) > 100
    assert len(silent) * 3 < len(MALFORMED)


def test_every_record_and_entry_of_the_vectors_has_the_form_of_its_table() -> None:
    """Records of each kind, refused ones too, the entries of a ledger, its genesis and proposals."""
    records = [vector["record"] for vector in load("records.json")["records"]]
    assert [*map(faults, ["record"] * len(records), map(unpack_strict, map(bytes.fromhex, records)))] == [[]] * len(
        records
    )
    for entry in map(unpack_strict, map(bytes.fromhex, load("story.json")["entries"])):
        assert faults("entry", entry) == []
        if entry[0] == 0:
            assert faults("record", unpack_strict(entry[5]["payload"])) == []
    assert faults("genesis", unpack_strict(bytes.fromhex(load("genesis.json")["genesis"]))) == []
    for vector in load("proposals.json")["proposals"]:
        assert [*FORMATS.faults(unpack_strict(bytes.fromhex(vector["proposal"])), "membership.md", "proposal")] == []
        assert [*FORMATS.faults(unpack_strict(bytes.fromhex(vector["leaf"])), "membership.md", "proposalleaf")] == []


def test_files_have_the_form_of_their_tables() -> None:
    """Trust, proposals and proof files as JSON; the aspects that proofs show are those of the page, all of them."""
    assert [*FILES.faults(load("trust.json"), "proof.md", "trust-file-trustjson")] == []
    file = json.loads(load("proposals.json")["file"])
    assert [*FILES.faults(file, "membership.md", "the-file-of-open-proposals")] == []
    shown = set()
    for vector in load("proofs.json")["proofs"]:
        if vector["verdict"] in {"valid", "valid with warnings"}:
            proof = json.loads(vector["proof"])
            assert [*FILES.faults(proof, "proof.md", "proof-file-hanse")] == []
            for aspect in [aspect for value in proof["objects"] for aspect in value["aspects"]]:
                name, salt, value = unpack_strict(base64.b64decode(aspect["leaf"]))
                assert len(salt) == 16
                assert [*FORMATS.aspect_faults(name, value)] == []
                shown.add(name)
    assert len(shown) > 10
