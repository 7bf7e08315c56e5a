"""The object tree: staging touches nothing, applying cannot fail, and the bytes are frozen."""

import json
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger.trees.merkle import EMPTY_ROOT, verify_inclusion
from hanse_ledger.trees.object_tree import ObjectTree, Staged, object_leaf
from hanse_ledger.values.hashing import hash_leaf

LEAVES = [hash_leaf(bytes([number])) for number in range(5)]


@pytest.fixture
def frozen(root: Path) -> Any:
    """Give this project's frozen trees."""
    return json.loads((root / "tests" / "vectors" / "trees.json").read_text("utf-8"))


def test_frozen_object_leaves(frozen: Any) -> None:
    """An object's leaf is SHA-256(0x00, id, value)."""
    for case in frozen["object_leaves"]:
        assert object_leaf(bytes.fromhex(case["id"]), bytes.fromhex(case["value"])).hex() == case["leaf"]


def test_frozen_object_tree(frozen: Any) -> None:
    """Group after group leads to the frozen roots and paths."""
    tree = ObjectTree()
    for group in frozen["object_tree"]:
        staged = tree.stage({int(index): bytes.fromhex(leaf) for index, leaf in group["changes"].items()})
        assert (staged.root.hex(), staged.count) == (group["root"], group["count"])
        tree.apply(staged)
        for index, path in group["paths"].items():
            assert [value.hex() for value in tree.path(int(index))] == path
            verify_inclusion(tree.leaf(int(index)), int(index), tree.count, tree.path(int(index)), tree.root())


def test_an_empty_tree() -> None:
    """A tree without objects has the root of nothing, and nothing to stage changes nothing."""
    tree = ObjectTree()
    assert (tree.count, tree.root()) == (0, EMPTY_ROOT)
    assert tree.stage({}) == Staged(EMPTY_ROOT, 0, (), (0, EMPTY_ROOT))
    tree.apply(tree.stage({}))
    assert ObjectTree.from_leaves([]).root() == tree.root() == EMPTY_ROOT


def test_staged_changes_leave_nothing_until_they_are_applied() -> None:
    """A discarded group leaves the tree as it was, so that another may be staged on it."""
    tree = ObjectTree.from_leaves(LEAVES[:3])
    before = tree.root()
    discarded = tree.stage({1: LEAVES[4], 3: LEAVES[3]})
    assert (tree.count, tree.root(), tree.leaf(1)) == (3, before, LEAVES[1])
    kept = tree.stage({3: LEAVES[3]})
    tree.apply(kept)
    assert tree.root() == kept.root == ObjectTree.from_leaves(LEAVES[:4]).root()
    assert discarded.root != kept.root


def test_a_stale_stage_is_not_applied() -> None:
    """Changes that were staged on another state of the tree are our bug, and nothing is written."""
    tree = ObjectTree.from_leaves(LEAVES[:3])
    stale, first = tree.stage({0: LEAVES[4]}), tree.stage({2: LEAVES[3]})
    tree.apply(first)
    with pytest.raises(AssertionError, match="has changed"):
        tree.apply(stale)
    assert tree.root() == first.root


@pytest.mark.parametrize("changes", [{4: LEAVES[0]}, {-1: LEAVES[0]}, {3: LEAVES[0], 5: LEAVES[1]}, {0: b"short"}])
def test_gaps_and_short_leaves_are_our_bug(changes: dict[int, bytes]) -> None:
    """New objects are numbered without a gap, and a leaf hash has 32 bytes."""
    with pytest.raises(AssertionError):
        ObjectTree.from_leaves(LEAVES[:3]).stage(changes)


def test_there_is_no_leaf_past_the_end() -> None:
    """Neither a leaf nor a path is given for a number that no object has."""
    tree = ObjectTree.from_leaves(LEAVES)
    for call in (lambda: tree.leaf(5), lambda: tree.leaf(-1), lambda: tree.path(5), lambda: tree.node(1, 2)):
        with pytest.raises(AssertionError):
            call()
    with pytest.raises(AssertionError):
        ObjectTree.from_leaves([b"short"])
    with pytest.raises(AssertionError):
        object_leaf(b"short", LEAVES[0])


def test_a_group_hashes_each_changed_node_once() -> None:
    """A hundred neighbours among thousands cost one pass: about two nodes each, then one a level."""
    tree = ObjectTree.from_leaves([LEAVES[0]] * 4096)
    staged = tree.stage(dict.fromkeys(range(1000, 1100), LEAVES[1]))
    assert sum(len(level) for level in staged.levels) < 100 * 2 + 2 * 12
