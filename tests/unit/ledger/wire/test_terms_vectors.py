"""The vectors of terms, read with nothing but SHA-256 and MessagePack: what another implementation would see."""

import json
import re
from typing import Any

import pytest

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import DisclosedTerm, ShownLeaf, commit_terms, open_term
from tests.conftest import ROOT
from tests.tables.hand_made_terms import HandMadeMap, climb, leaf_of
from tests.tables.reference import unpack

FOLDER = ROOT / "tests" / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "terms.json").read_text("utf-8"))


def term_of(vector: dict[str, Any]) -> DisclosedTerm:
    """Read the leaves of a vector."""
    leaves = vector["leaves"]
    return DisclosedTerm(
        leaves=tuple(
            ShownLeaf(leaf=bytes.fromhex(each["leaf"]), siblings=tuple(map(bytes.fromhex, each["siblings"])))
            for each in leaves
        )
    )


@pytest.mark.parametrize("vector", VECTORS["committed"], ids=lambda vector: vector["kind"])
def test_a_commitment_follows_from_the_page(vector: dict[str, Any]) -> None:
    """The root comes from catalogue, seed and terms by hand as it does from the ledger."""
    seed, said = bytes.fromhex(vector["seed"]), vector["terms"]
    assert by_hand(seed, "", VECTORS["names"][vector["kind"]], said).hex() == vector["root"]
    assert commit_terms(CommittedKind(vector["kind"]), said, seed).hex() == vector["root"]


def by_hand(seed: bytes, before: str, names: list[str], said: dict[str, str]) -> bytes:
    """Compute the root of the map of the names, which have lost what stands before them, `before`."""
    leaves: dict[str, bytes] = {}
    groups: dict[str, list[str]] = {}
    for name in names:
        single, *inner = re.split("/n(?:/|$)", name, maxsplit=1)
        if not inner:
            leaves[before + name] = leaf_of(seed, before + name, said.get(before + name))
        else:
            groups.setdefault(single, []).append(inner[0])
    for group, inner_names in groups.items():
        counted = [re.match(re.escape(f"{before}{group}/") + "([0-9]+)", name) for name in said]
        count = max((int(found[1]) for found in counted if found), default=1)
        for number in range(1, 2 ** (count - 1).bit_length() + 1):
            item = f"{before}{group}/{number}"
            value: str | bytes | None = said.get(item)
            if inner_names != [""] and any(name.startswith(f"{item}/") for name in said):
                value = by_hand(seed, f"{item}/", inner_names, said)
            leaves[item] = leaf_of(seed, item, value)
    return HandMadeMap(leaves).root


@pytest.mark.parametrize("vector", VECTORS["accepted"], ids=lambda vector: f"{vector['kind']} {vector['name']}")
def test_an_accepted_term(vector: dict[str, Any]) -> None:
    """Each leaf leads to the root above it, by hand and in the ledger, and the last one says the value."""
    root = bytes.fromhex(vector["root"])
    term = term_of(vector)
    opened = open_term(CommittedKind(vector["kind"]), term, root)
    assert (opened.name, opened.value) == (vector["name"], vector["value"])
    for leaf in term.leaves:
        name, _, value = unpack(leaf.leaf)
        assert climb(name, leaf) == root
        root = value
    assert value == vector["value"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["why"])
def test_a_refused_term(vector: dict[str, Any]) -> None:
    """What is wrong with it is said in words, and it does not open."""
    with pytest.raises(ProofInvalid):
        open_term(CommittedKind(vector["kind"]), term_of(vector), bytes.fromhex(vector["root"]))


@pytest.mark.parametrize("vector", VECTORS["proofs"], ids=lambda vector: f"{vector['name']} {vector['value']}")
def test_a_proof_with_a_term(vector: dict[str, Any]) -> None:
    """A proof file is as good as the vector says, under the first trust file."""
    trust = read_trust((FOLDER / "trust.json").read_bytes())
    report = check_proof(vector["proof"].encode(), trust, VECTORS["at"])
    assert report.verdict.value == vector["verdict"]
    shown = [(term.name, term.value) for term in report.terms]
    assert shown == ([(vector["name"], vector["value"])] if vector["verdict"] == "valid" else [])
