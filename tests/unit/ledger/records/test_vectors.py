"""The frozen wire bytes: the files are what the code computes, and an implementation that reads them alone agrees."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import VerifyKey

from hanse_ledger.blocks.block import Created
from hanse_ledger.blocks.replay import MemoryLedger, replay
from hanse_ledger.kinds import KIND_NAMED
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.reasons import ALL, rule_of
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.statuscode import check_status, read_status
from hanse_ledger.proofs.trustfile import TrustFile, read_trust, write_trust
from hanse_ledger.proofs.voting import read_proposals, verify_proposals
from hanse_ledger.records.entry import StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_envelope, verify_envelope
from hanse_ledger.records.record import decode_record, encode_record, record_id
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.transition import transition
from hanse_ledger.trees.merkle import root_of
from hanse_ledger.values.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.values.hashing import hash_bytes, hash_leaf
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import decode_genesis, ledger_id, members_hash
from tests.conftest import ROOT
from tests.tables.reference import unpack
from tests.vectors.generate import UNREACHED, vectors

FOLDER = ROOT / "tests" / "vectors"


def load(name: str) -> Any:
    """Read a file of vectors."""
    return json.loads((FOLDER / name).read_text("utf-8"))


GENESIS, RECORDS, STORY = load("genesis.json"), load("records.json"), load("story.json")
REFUSED, MALFORMED = load("refused.json"), load("malformed.json")


@pytest.mark.parametrize(("name", "text"), vectors().items(), ids=list(vectors()))
def test_files_are_what_the_code_computes(name: str, text: str) -> None:
    """Not a byte of the wire has changed since the files were written; whoever means it to runs the generator."""
    assert (FOLDER / name).read_bytes() == text.encode()


def test_genesis_and_trust_file() -> None:
    """The genesis has the ledger's id, and the trust file holds it."""
    genesis = decode_genesis(bytes.fromhex(GENESIS["genesis"]))
    assert ledger_id(genesis).hex() == GENESIS["ledger"]
    assert members_hash(genesis.membership).hex() == GENESIS["members"]
    trust = read_trust((FOLDER / "trust.json").read_bytes())
    assert (trust.genesis, trust.ledger.hex()) == (genesis, GENESIS["ledger"])


def test_epochs_follow_from_each_other() -> None:
    """The trust file leads through the same members as the vectors say; the proof needs the first trust file alone."""
    vector = load("epochs.json")
    first, present = read_trust((FOLDER / "trust.json").read_bytes()), read_trust(vector["trust"].encode())
    for each in vector["members"]:
        members = present.at(each["size"])
        assert (members_hash(members).hex(), members.epoch) == (each["hash"], each["epoch"])
    for trust in (first, present):
        report = check_proof(vector["proof"].encode(), trust, vector["at"])
        assert report.verdict is Verdict.VALID, report
        assert report.vouchers.startswith("3 of 4 organisations")


PROOFS = load("proofs.json")


@pytest.mark.parametrize("vector", PROOFS["proofs"], ids=lambda vector: vector["name"])
def test_proof(vector: dict[str, Any]) -> None:
    """Each form of a proof gets its verdict, from the trust file alone."""
    trust = read_trust((FOLDER / "trust.json").read_bytes())
    report = check_proof(vector["proof"].encode(), trust, vector["at"])
    assert (report.verdict.value, report.steps[-1].number) == (vector["verdict"], vector["step"]), report.detail


STATUS = load("status.json")


@pytest.mark.parametrize("vector", STATUS["codes"], ids=lambda vector: vector["name"])
def test_status_code(vector: dict[str, Any]) -> None:
    """Each code gets its verdict, and stands for its proof file."""
    trust = read_trust((FOLDER / "trust.json").read_bytes())
    report = check_status(vector["code"], trust, STATUS["at"])
    assert (report.verdict.value, report.steps[-1].number) == (vector["verdict"], vector["step"]), report.detail
    if vector["proof"] is not None:
        assert hash_bytes(write_proof(read_status(vector["code"]))).hex() == vector["proof"]


def test_open_proposals_have_the_root_of_their_leaves() -> None:
    """Proposals hash to their leaves, the leaves to the root in the state entry; the file proves them."""
    vector = load("proposals.json")
    file = read_proposals(vector["file"].encode())
    leaves = []
    for each, proposal in zip(vector["proposals"], file.proposals, strict=True):
        data = bytes.fromhex(each["proposal"])
        assert encode(proposal) == data
        assert encode([proposal.proposer, proposal.id, hash_bytes(data)]).hex() == each["leaf"]
        leaves.append(hash_leaf(bytes.fromhex(each["leaf"])))
    assert root_of(leaves).hex() == vector["root"]
    assert root_of([]).hex() == vector["empty"]
    state = decode_entry(bytes.fromhex(vector["state"]))
    assert isinstance(state, StateEntry)
    assert state.payload.proposals.hex() == vector["root"]
    assert verify_proposals(file, read_trust((FOLDER / "trust.json").read_bytes())).proposals == file.proposals


@pytest.mark.parametrize("vector", load("takeovers.json")["refused"], ids=lambda vector: vector["why"])
def test_too_few_members_lead_nowhere(vector: dict[str, Any]) -> None:
    """No verifier follows such changes, whoever hands them over."""
    changes = [bytes.fromhex(data) for data in vector["changes"]]
    with pytest.raises(ProofInvalid):
        TrustFile(decode_genesis(bytes.fromhex(GENESIS["genesis"]))).extended(changes)
    with pytest.raises(Malformed):
        read_trust(write_trust(decode_genesis(bytes.fromhex(GENESIS["genesis"])), changes))


def test_every_kind_of_record_has_a_vector() -> None:
    """The records stand in the order of the kinds."""
    assert [vector["kind"] for vector in RECORDS["records"]] == list(KIND_NAMED)


@pytest.mark.parametrize("vector", RECORDS["records"], ids=lambda vector: vector["kind"])
def test_record(vector: dict[str, str]) -> None:
    """The bytes decode to a record of the kind, encode to themselves, have the id, and are signed."""
    data = bytes.fromhex(vector["record"])
    record = decode_record(data)
    assert encode_record(record) == data
    assert record.kind == vector["kind"]
    assert record_id(data).hex() == vector["id"]
    assert created_id(record_id(data)).hex() == vector["object"]
    signed = open_envelope(bytes.fromhex(vector["envelope"]))
    assert signed.record == record
    verify_envelope(signed)


def test_record_can_be_checked_without_this_package() -> None:
    """MessagePack, SHA-256 and Ed25519 of other libraries are enough to check a signature."""
    envelope = unpack(bytes.fromhex(RECORDS["records"][0]["envelope"]))
    kind, payload = envelope["payloadType"].encode(), envelope["payload"]
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    for key, signature in zip(unpack(payload)["signers"], envelope["signatures"], strict=True):
        VerifyKey(key[1:]).verify(message, signature["sig"])


def test_story_replays_to_its_roots() -> None:
    """The entries lead to the root, the size and the objects that the file gives, and the note signs that head."""
    entries = [bytes.fromhex(data) for data in STORY["entries"]]
    ledger = replay(decode_genesis(bytes.fromhex(GENESIS["genesis"])), entries)
    assert (ledger.head.root.hex(), ledger.head.size) == (STORY["root"], STORY["size"])
    assert {name.hex() for name in ledger.objects} == set(STORY["objects"].values())
    last = decode_entry(entries[-1])
    assert isinstance(last, StateEntry)
    assert last.payload.objects_root.hex() == STORY["objects_root"]
    assert last.payload.objects_count == STORY["objects_count"] == len(ledger.objects)
    assert last.payload.claims_root.hex() == STORY["claims_root"]
    checkpoint = parse_checkpoint(parse_note(STORY["checkpoint"].encode()).text)
    assert (checkpoint.size, checkpoint.root) == (ledger.head.size, ledger.head.root)
    assert base64.b64encode(ledger.head.root).decode() in STORY["checkpoint"]


def test_every_reason_has_a_vector() -> None:
    """A refused sample stands for each reason that some history leads to, once."""
    reached = [reason.value for reason in ALL if reason not in UNREACHED]
    assert sorted(vector["reason"] for vector in REFUSED["refused"]) == sorted(reached)


@pytest.fixture(scope="module")
def stages() -> dict[str, MemoryLedger]:
    """Lead a ledger to each of the states in which records are refused."""
    ledgers = {}
    for name, groups in REFUSED["stages"].items():
        ledger = ledgers[name] = MemoryLedger(decode_genesis(bytes.fromhex(GENESIS["genesis"])))
        for group in groups:
            builder = ledger.builder(group["time"])
            for envelope in group["envelopes"]:
                assert isinstance(builder.add(opened(envelope)), Created)
            made = ledger.finish(builder)
            assert made is not None
            ledger.commit(made)
    return ledgers


def opened(envelope: str) -> Signed:
    """Open an envelope and verify its signatures."""
    signed = open_envelope(bytes.fromhex(envelope))
    verify_envelope(signed)
    return signed


@pytest.mark.parametrize("vector", REFUSED["refused"], ids=lambda vector: vector["reason"])
def test_refused_record(vector: dict[str, Any], stages: dict[str, MemoryLedger]) -> None:
    """The record is refused for its reason, by its rule, at its field."""
    ledger = stages[vector["stage"]]
    with pytest.raises(Rejected) as caught:
        transition(ledger, opened(vector["envelope"]), ledger.ledger, vector["at"])
    refusal = caught.value
    assert (refusal.reason.value, refusal.pointer) == (vector["reason"], vector["pointer"])
    assert rule_of(vector["kind"], refusal.reason, refusal.pointer) == vector["rule"]


READERS: dict[str, Callable[[bytes], object]] = {
    "record": decode_record,
    "envelope": open_envelope,
    "entry": decode_entry,
    "genesis": decode_genesis,
}


@pytest.mark.parametrize("vector", MALFORMED["malformed"], ids=range(len(MALFORMED["malformed"])))
def test_malformed_bytes(vector: dict[str, str]) -> None:
    """The bytes are refused before any rule is asked, and the field is named where there is one."""
    with pytest.raises(Malformed) as caught:
        READERS[vector["is"]](bytes.fromhex(vector["data"]))
    if vector["pointer"]:
        assert caught.value.pointer == vector["pointer"]


def test_vectors_stand_beside_their_generator() -> None:
    """The generator writes where the tests read."""
    assert (FOLDER / "generate.py").is_file()
    assert set(vectors()) <= {path.name for path in Path(FOLDER).iterdir()}
