"""The claims map: others' trees and proofs agree with it, a malicious tree does not fool it, the bytes are frozen."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger.trees.claims_map import (
    Claim,
    ClaimProof,
    ClaimTree,
    StagedClaims,
    depth_for,
    leaf_hash,
    siblings_of,
    subtree,
    verify_absence,
    verify_presence,
)
from hanse_ledger.trees.laid_map import LaidMap
from hanse_ledger.values.errors import Damaged, ProofInvalid
from hanse_ledger.values.hashing import ZERO, hash_bytes, hash_node
from hanse_ledger.values.types import Digest
from tests.world.claim_map import ClaimMap

KEYS = [f"claim {number}".encode() for number in range(40)]


@pytest.fixture
def frozen(root: Path) -> Any:
    """Give this project's frozen trees."""
    return json.loads((root / "tests" / "vectors" / "trees.json").read_text("utf-8"))


@pytest.fixture(params=[0, 3, 8, 12])
def found(request: pytest.FixtureRequest) -> ClaimMap:
    """Give a map in which each of 40 keys claims itself."""
    return ClaimMap({key: key for key in KEYS}, depth=request.param)


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
        found = ClaimMap(claims)
        assert found.root.hex() == case["root"]
        for key, value, proof in case["exist"]:
            (_, inner), *_ = fields(bytes.fromhex(proof))
            assert ics23(inner) == (bytes.fromhex(key), bytes.fromhex(value), found.prove(bytes.fromhex(key)))
            verify_presence(found.root, bytes.fromhex(key), bytes.fromhex(value), found.prove(bytes.fromhex(key)))
        for key, _ in case["nonexist"]:
            verify_absence(found.root, bytes.fromhex(key), found.prove(bytes.fromhex(key)))


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
    """Group after group leads to the frozen roots."""
    found = ClaimMap()
    for group in frozen["claims"]:
        changes = {
            bytes.fromhex(key): None if value is None else bytes.fromhex(value)
            for key, value in group["changes"].items()
        }
        assert found.change(changes).hex() == group["root"]


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
    found = ClaimMap()
    assert found.root == ZERO
    assert found.stage({}) == StagedClaims(ZERO, (), ZERO)
    assert found.prove(b"key") == ClaimProof((), b"")
    verify_absence(ZERO, b"key", ClaimProof((), b""))


def test_the_last_claim_leaves_nothing(found: ClaimMap) -> None:
    """Removing all claims, at once or one by one, leads back to the empty map."""
    empty = ClaimTree(found.tree.depth).to_bytes()
    assert found.stage(dict.fromkeys(KEYS)).root == ZERO
    for key in KEYS:
        found.change({key: None})
    assert (found.root, found.tree.to_bytes()) == (ZERO, empty)


def test_a_claim_that_stays_changes_nothing(found: ClaimMap) -> None:
    """The same value again leads to the same root."""
    assert found.stage({KEYS[0]: KEYS[0]}).root == found.root


def test_one_claim_reads_one_bucket(found: ClaimMap) -> None:
    """Staging a claim reads the bucket in which it stands, and proving one no more than twice."""
    read: list[Digest] = []

    class Counting:
        def bucket(self, first: Digest, last: Digest) -> Sequence[Claim]:
            read.append(first)
            return found.bucket(first, last)

    staged = found.tree.stage(Counting(), {KEYS[3]: b"new"})
    assert [len(level) for level in staged.levels] == [1] * (found.tree.depth + 1)
    assert len(read) == 1
    found.tree.prove(Counting(), KEYS[3])
    assert set(read) == {read[0]}
    assert len(read) == 3


@pytest.mark.parametrize("claims", [{}, {KEYS[1]: b""}, dict.fromkeys(KEYS[1:], b"")])
def test_removing_what_is_not_there_is_our_bug(claims: dict[bytes, bytes]) -> None:
    """The rules know what stands before they remove it."""
    with pytest.raises(AssertionError, match="must be there"):
        ClaimMap(claims).stage({KEYS[0]: None})


def test_staging_on_another_map_is_our_bug(found: ClaimMap) -> None:
    """What was staged on a map is applied to that one alone."""
    staged = found.stage({KEYS[0]: b"new"})
    found.change({KEYS[1]: b"new"})
    with pytest.raises(AssertionError, match="has changed"):
        found.tree.apply(staged)


@pytest.mark.parametrize("damage", ["missing", "another", "changed"])
def test_a_damaged_store_is_noticed(found: ClaimMap, damage: str) -> None:
    """A bucket that does not hold what the tree was built over is never built upon."""
    place = hash_bytes(KEYS[0])
    match damage:
        case "missing":
            del found.places[place]
        case "another":
            found.places[place[:-1] + bytes([place[-1] ^ 1])] = b"x"
        case _:
            found.places[place] = b"x"
    with pytest.raises(Damaged, match="damaged in bucket"):
        found.stage({KEYS[0]: b"new"})
    with pytest.raises(Damaged, match="damaged in bucket"):
        found.prove(KEYS[0])


def test_a_depth_suits_a_number_of_claims() -> None:
    """A bucket holds about four claims, within the bounds of what is kept in memory."""
    assert [depth_for(count) for count in (0, 1_000, 10_000, 1_000_000, 10**9)] == [8, 8, 12, 18, 20]


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


@pytest.mark.parametrize("count", [0, 1, 2, 3, 64, 209])
def test_a_map_laid_out_once_shows_the_same_ways(count: int) -> None:
    """Root and ways are those of a tree that is hashed anew each time, also where places agree in many bits."""
    places = {hash_bytes(bytes([number])) for number in range(count)}
    # Neighbours that part at the last bit, at the first, and in the middle of a byte.
    places |= {bytes([0x80, *[0] * 30, bit]) for bit in (0, 1)[: count // 2]}
    places |= {bytes([0x10 | bit, *[255] * 31]) for bit in (0, 1, 8)[: count // 3]}
    leaves = [(place, leaf_hash(place, place[:3])) for place in sorted(places)]
    laid = LaidMap(leaves)
    assert laid.root == subtree(0, leaves)[1]
    for place, _ in leaves:
        assert laid.siblings(place) == tuple(siblings_of(0, leaves, place)[0])
