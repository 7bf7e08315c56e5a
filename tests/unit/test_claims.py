"""The claims map: others' trees and proofs agree with it, a malicious tree does not fool it, the bytes are frozen."""

import json
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger.claims import (
    ClaimProof,
    claim_root,
    prove_claim,
    stage_claims,
    verify_absence,
    verify_presence,
)
from hanse_ledger.errors import ProofInvalid
from hanse_ledger.hashing import ZERO, hash_bytes, hash_node

KEYS = [f"claim {number}".encode() for number in range(40)]


@pytest.fixture
def frozen(root: Path) -> Any:
    """Give this project's frozen trees."""
    return json.loads((root / "tests" / "vectors" / "trees.json").read_text("utf-8"))


@pytest.fixture
def nodes() -> dict[bytes, bytes]:
    """Give a map in which each of 40 keys claims itself."""
    return stored(stage_claims({}, {key: key for key in KEYS}).writes.items())


def stored(writes: Any) -> dict[bytes, bytes]:
    """Store staged nodes in a new map."""
    return {path: node for path, node in writes if node is not None}


def leaf_of(key: bytes, value: bytes) -> bytes:
    """Write the leaf of a claim."""
    return b"\x00" + hash_bytes(key) + hash_bytes(value)


def fields(data: bytes) -> list[tuple[int, bytes]]:
    """Read the fields of a protobuf message, numbers left out: enough for ICS-23 proofs."""
    found, at = [], 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        length = varint()
        if tag & 7 == 2:
            found.append((tag >> 3, data[at : at + length]))
            at += length
    return found


def ics23(data: bytes) -> tuple[bytes, bytes, ClaimProof]:
    """Read an ICS-23 existence proof as key, value and our proof; the sides that it states are dropped."""
    parts = fields(data)
    key, value = dict(parts)[1], dict(parts)[2]
    steps = [dict(fields(step)) for number, step in parts if number == 4]
    siblings = tuple(step[2][1:] or step[3] for step in steps)
    return key, value, ClaimProof(siblings, leaf_of(key, value))


def test_native_proofs_of_others(shared: Path) -> None:
    """The proofs that celestiaorg/smt accepts verify here, and each fails for the opposite claim."""
    cases = json.loads((shared / "vectors" / "crosschecked" / "celestia-native-smt.json").read_text("utf-8"))
    present = 0
    for case in cases:
        root, key, value, leaf = (bytes.fromhex(case[name]) for name in ("Root", "Key", "Val", "Leaf"))
        siblings = tuple(bytes.fromhex(side) for side in case["Side"])
        if value:
            present += 1
            assert leaf in (b"", leaf_of(key, value))
            proof = ClaimProof(siblings, leaf_of(key, value))
            verify_presence(root, key, value, proof)
            with pytest.raises(ProofInvalid):
                verify_absence(root, key, proof)
        else:
            proof = ClaimProof(siblings, leaf)
            verify_absence(root, key, proof)
            with pytest.raises(ProofInvalid):
                verify_presence(root, key, value, proof)
    assert len(cases) == 80
    assert 0 < present < 80


def test_trees_of_ics23(shared: Path) -> None:
    """The roots that ICS-23 verifiers accept are computed from the same claims, and their proofs are ours."""
    cases = json.loads((shared / "vectors" / "crosschecked" / "ics23-compact-smt.json").read_text("utf-8"))["valid"]
    ours = [case for case in cases if case["spec"] == "cel"]  # the others hash with another tree's prefixes
    assert [case["n"] for case in ours] == [1, 2, 3, 10]
    for case in ours:
        claims = {bytes.fromhex(key): bytes.fromhex(value) for key, value in case["kv"]}
        staged = stage_claims({}, {**claims})
        assert staged.root.hex() == case["root"]
        nodes = stored(staged.writes.items())
        for key, value, proof in case["exist"]:
            (_, inner), *_ = fields(bytes.fromhex(proof))
            assert ics23(inner) == (bytes.fromhex(key), bytes.fromhex(value), prove_claim(nodes, bytes.fromhex(key)))
            verify_presence(
                staged.root, bytes.fromhex(key), bytes.fromhex(value), prove_claim(nodes, bytes.fromhex(key))
            )
        for key, _ in case["nonexist"]:
            verify_absence(staged.root, bytes.fromhex(key), prove_claim(nodes, bytes.fromhex(key)))


def test_proofs_of_cosmos(shared: Path) -> None:
    """The existence proofs of the cosmos test data, from the implementation that the format comes from, verify."""
    for name in ("left", "middle", "right"):
        case = json.loads((shared / "vectors" / "ics23" / "smt" / f"exist_{name}.json").read_text("utf-8"))
        (_, inner), *_ = fields(bytes.fromhex(case["proof"]))
        key, value, proof = ics23(inner)
        assert (key.hex(), value.hex()) == (case["key"], case["value"])
        verify_presence(bytes.fromhex(case["root"]), key, value, proof)


def test_a_malicious_tree_is_refused(shared: Path) -> None:
    """A tree that both ICS-23 verifiers accept as proof that a key is there and is not: here it proves neither."""
    cases = json.loads((shared / "vectors" / "crosschecked" / "ics23-compact-smt.json").read_text("utf-8"))
    (case,) = cases["malicious_tree"]
    root = bytes.fromhex(case["root"])
    ((key, value, proof),) = [[bytes.fromhex(part) for part in exist] for exist in case["exist"]]
    (_, inner), *_ = fields(proof)
    with pytest.raises(ProofInvalid, match="does not lead to the root"):
        verify_presence(root, key, value, ics23(inner)[2])
    ((_, absence),) = fields(bytes.fromhex(case["nonexist"][0][1]))
    neighbours = [ics23(part)[2] for number, part in fields(absence) if number in (2, 3)]
    assert len(neighbours) == 2
    for neighbour in neighbours:
        for leaf in (neighbour.leaf, b""):
            with pytest.raises(ProofInvalid):
                verify_absence(root, key, ClaimProof(neighbour.siblings, leaf))


def test_frozen_claims(frozen: Any) -> None:
    """Group after group writes the frozen nodes and leads to the frozen roots."""
    nodes: dict[bytes, bytes] = {}
    for group in frozen["claims"]:
        changes = {
            bytes.fromhex(key): None if value is None else bytes.fromhex(value)
            for key, value in group["changes"].items()
        }
        staged = stage_claims(nodes, changes)
        assert staged.root.hex() == group["root"]
        written = {path.hex(): None if node is None else node.hex() for path, node in staged.writes.items()}
        assert written == group["writes"]
        nodes = {path: node for path, node in {**nodes, **staged.writes}.items() if node is not None}


def test_frozen_claim_proofs(frozen: Any) -> None:
    """Each frozen proof verifies, or is refused for the frozen reason."""
    refused = set()
    for case in frozen["claim_proofs"]:
        root, key = bytes.fromhex(case["root"]), bytes.fromhex(case["key"])
        proof = ClaimProof(tuple(bytes.fromhex(value) for value in case["siblings"]), bytes.fromhex(case["leaf"]))

        def verify(root: bytes = root, key: bytes = key, proof: ClaimProof = proof, value: Any = case["value"]) -> None:
            if value is None:
                verify_absence(root, key, proof)
            else:
                verify_presence(root, key, bytes.fromhex(value), proof)

        if "refused" in case:
            refused.add(case["refused"])
            with pytest.raises(ProofInvalid, match=case["refused"]):
                verify()
        else:
            verify()
    assert len(refused) == 8


def test_an_empty_map() -> None:
    """Nothing claimed has the root of 32 zero bytes, and every key is provably absent from it."""
    assert claim_root({}) == stage_claims({}, {}).root == ZERO
    assert stage_claims({}, {}).writes == {}
    assert prove_claim({}, b"key") == ClaimProof((), b"")
    verify_absence(ZERO, b"key", ClaimProof((), b""))


def test_the_last_claim_leaves_nothing(nodes: dict[bytes, bytes]) -> None:
    """Removing all claims, at once or one by one, removes every node and leads back to the empty root."""
    staged = stage_claims(nodes, dict.fromkeys(KEYS))
    assert staged.root == ZERO
    assert staged.writes == dict.fromkeys(sorted(nodes))
    for key in KEYS:
        staged = stage_claims(nodes, {key: None})
        nodes = {path: node for path, node in {**nodes, **staged.writes}.items() if node is not None}
    assert (nodes, staged.root) == ({}, ZERO)


def test_a_claim_that_stays_writes_nothing(nodes: dict[bytes, bytes]) -> None:
    """The same value again changes no node."""
    staged = stage_claims(nodes, {KEYS[0]: KEYS[0]})
    assert (staged.root, staged.writes) == (claim_root(nodes), {})


def test_one_claim_reads_and_writes_one_way(nodes: dict[bytes, bytes]) -> None:
    """Staging and proving read one node a level, never the siblings."""
    read: list[bytes] = []

    class Counting:
        def get(self, path: bytes, /) -> bytes | None:
            read.append(path)
            return nodes.get(path)

    depth = len(prove_claim(nodes, KEYS[3]).siblings)
    assert depth > 2
    prove_claim(Counting(), KEYS[3])
    assert len(read) == depth + 1
    read.clear()
    assert len(stage_claims(Counting(), {KEYS[3]: b"new"}).writes) == len(read) == depth + 1


@pytest.mark.parametrize("claims", [{}, {KEYS[1]: b""}, dict.fromkeys(KEYS[1:], b"")])
def test_removing_what_is_not_there_is_our_bug(claims: dict[bytes, bytes]) -> None:
    """The rules know what stands before they remove it."""
    nodes = stored(stage_claims({}, {**claims}).writes.items())
    with pytest.raises(AssertionError, match="must be there"):
        stage_claims(nodes, {KEYS[0]: None})


@pytest.mark.parametrize("damage", [None, b"\x01" + bytes(64)])
def test_a_damaged_store_is_noticed(nodes: dict[bytes, bytes], damage: bytes | None) -> None:
    """A node that is missing, or is not the one that its parent names, is never built upon."""

    class Damaged:
        def get(self, path: bytes, /) -> bytes | None:
            return nodes.get(path) if path == bytes(2) else damage

    with pytest.raises(RuntimeError, match="damaged at position 0001"):
        stage_claims(Damaged(), {KEYS[0]: b"new"})
    with pytest.raises(RuntimeError, match="damaged at position 0001"):
        prove_claim(Damaged(), KEYS[0])


def test_paths_as_long_as_a_hash_are_judged() -> None:
    """256 siblings are as many as a key has bits; one more is refused before anything is hashed."""
    key, sibling = KEYS[0], b"\x01" * 32
    node = hash_bytes(leaf_of(key, b"value"))
    place = int.from_bytes(hash_bytes(key), "big")
    for depth in range(255, -1, -1):
        node = hash_node(sibling, node) if place >> (255 - depth) & 1 else hash_node(node, sibling)
    proof = ClaimProof((sibling,) * 256, leaf_of(key, b"value"))
    verify_presence(node, key, b"value", proof)
    with pytest.raises(ProofInvalid, match="more than 256"):
        verify_presence(node, key, b"value", ClaimProof((*proof.siblings, sibling), proof.leaf))
    with pytest.raises(ProofInvalid, match="more than 256"):
        verify_absence(node, key, ClaimProof((sibling,) * 257, b""))
