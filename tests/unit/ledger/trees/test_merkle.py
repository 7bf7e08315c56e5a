"""RFC 9162 trees against published vectors, and the tiles of logs that other implementations made and checked."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.tlog.tlog_tiles import decode_entry_bundle, encode_entry_bundle, parse_tile_path, tile_path
from hanse_ledger.trees.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_from_nodes,
    inclusion_path,
    inclusion_root,
    path_from_nodes,
    root_from_nodes,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from hanse_ledger.values.errors import LedgerError, Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.limits import LOG_SIZE

LEAVES = [hash_leaf(bytes([number])) for number in range(7)]
LOGS = {
    "tlog-tiles/log": [*range(16)],
    "crosschecked/log10": [3, 10],
    "crosschecked/log600": [10, 256, 300, 600],
}


class Tiles:
    """Reads complete subtrees from the tile files of a log, as any client of the format does."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder, self._size = folder, size

    def node(self, level: int, index: int) -> bytes:
        """Give a complete subtree's root, from the tile whose hashes lie at or below its level."""
        tile, height = divmod(level, 8)
        first = index << height
        number, at = first >> 8, first & 255
        width = min(256, (self._size >> 8 * tile) - (number << 8))
        row = (self._folder / tile_path(tile, number, width)).read_bytes()
        assert len(row) == 32 * width
        return root_of([row[32 * place : 32 * place + 32] for place in range(at, at + (1 << height))])


def vectors(shared: Path, name: str) -> Any:
    """Read a file of vectors."""
    return json.loads((shared / "vectors" / name).read_text("utf-8"))


def decoded(texts: list[str] | None) -> list[bytes]:
    """Decode the hashes of a vector."""
    return [base64.b64decode(text) for text in texts or []]


def test_published_inclusion_vectors(shared: Path) -> None:
    """Every inclusion vector of transparency-dev/merkle is accepted or refused as it says."""
    wrong = []
    for name, case in vectors(shared, "rfc6962-merkle/inclusion.json").items():
        leaf, root = decoded([case["leafHash"], case["root"]])
        try:
            verify_inclusion(leaf, case["leafIdx"], case["treeSize"], decoded(case["proof"]), root)
            refused = False
        except ProofInvalid:
            refused = True
        if refused != case["wantErr"]:
            wrong.append(name)
    assert wrong == []


def test_published_consistency_vectors(shared: Path) -> None:
    """Every consistency vector is judged as it says, but the one whose roots are 12 bytes long: it is refused."""
    wrong = []
    for name, case in vectors(shared, "rfc6962-merkle/consistency.json").items():
        old_root, new_root = decoded([case["root1"], case["root2"]])
        try:
            verify_consistency(case["size1"], case["size2"], old_root, new_root, decoded(case["proof"]))
            refused = False
        except ProofInvalid:
            refused = True
        if refused != case["wantErr"]:
            wrong.append(name)
    assert wrong == ["additional/sizes-are-equal-one-and-proof-is-empty"]


def test_reference_tree(shared: Path) -> None:
    """Roots, inclusion paths and consistency paths of the tree that certificate transparency publishes."""
    tree = vectors(shared, "rfc6962-merkle/reference-tree.json")
    leaves = [hash_leaf(bytes.fromhex(leaf)) for leaf in tree["leaves"]]
    roots = {int(size): bytes.fromhex(root) for size, root in tree["roots_by_size"].items()}
    assert {size: root_of(leaves[:size]) for size in roots} == roots
    for place, path in tree["inclusion_paths"].items():
        index, size = map(int, place.split("/"))
        assert [value.hex() for value in inclusion_path(leaves[:size], index)] == path
        verify_inclusion(leaves[index], index, size, [bytes.fromhex(value) for value in path], roots[size])
    for place, path in tree["consistency"].items():
        old, new = map(int, place.split("/"))
        verify_consistency(old, new, roots[old], roots[new], [bytes.fromhex(value) for value in path])


@pytest.mark.parametrize("log", LOGS)
def test_logs_of_others_are_read(shared: Path, log: str) -> None:
    """The tiles and bundles of every published size lead to that size's checkpoint, and each size extends the last."""
    folder = shared / "vectors" / log
    old_size, old_root = 0, EMPTY_ROOT
    for size in LOGS[log]:
        checkpoint = parse_checkpoint(parse_note((folder / f"checkpoint.{size}").read_bytes()).text)
        tiles = Tiles(folder, size)
        assert checkpoint.size == size
        assert root_from_nodes(tiles, size) == checkpoint.root
        verify_consistency(old_size, size, old_root, checkpoint.root, consistency_from_nodes(tiles, old_size, size))
        entries = []
        for first in range(0, size, 256):
            width = min(256, size - first)
            bundle = (folder / tile_path("entries", first // 256, width)).read_bytes()
            entries += decode_entry_bundle(bundle, width)
            assert encode_entry_bundle(entries[first:]) == bundle
        assert root_of([hash_leaf(entry) for entry in entries]) == checkpoint.root
        for index in range(0, size, 7):
            path = path_from_nodes(tiles, index, size)
            verify_inclusion(hash_leaf(entries[index]), index, size, path, checkpoint.root)
        old_size, old_root = size, checkpoint.root


def test_refusals_say_what_is_wrong() -> None:
    """Each way in which an inclusion proof can fail is named."""
    path, root = inclusion_path(LEAVES, 2), root_of(LEAVES)
    for case, detail in [
        ((LEAVES[2], 7, 7, path), "there is no leaf 7 in a tree of 7"),
        ((LEAVES[2], 2, LOG_SIZE + 1, path), "there is no leaf 2"),
        ((LEAVES[2][:31], 2, 7, path), "32 bytes"),
        ((LEAVES[2], 2, 7, [*path[:2], b""]), "32 bytes"),
        ((LEAVES[2], 2, 7, [root] * 65), "too long"),
        ((LEAVES[2], 2, 7, [*path, root]), "too long"),
        ((LEAVES[2], 2, 7, path[:2]), "too short"),
    ]:
        with pytest.raises(ProofInvalid, match=detail):
            inclusion_root(*case)
    with pytest.raises(ProofInvalid, match="does not lead to the root"):
        verify_inclusion(LEAVES[3], 2, 7, path, root)


def test_consistency_at_the_edges() -> None:
    """From nothing, and between equal sizes, the path is empty and the roots must be what they can only be."""
    root = root_of(LEAVES)
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    verify_consistency(0, 7, EMPTY_ROOT, root, [])
    verify_consistency(7, 7, root, root, [])
    for case, detail in [
        ((0, 7, root, root, []), "empty tree"),
        ((0, 0, EMPTY_ROOT, root, []), "empty tree"),
        ((0, 7, EMPTY_ROOT, root, [root]), "must be empty"),
        ((7, 7, root, root, [root]), "must be empty"),
        ((7, 7, root, EMPTY_ROOT, []), "different roots"),
        ((7, 6, root, root, []), "does not grow"),
        ((-1, 6, root, root, []), "does not grow"),
        ((7, LOG_SIZE + 1, root, root, []), "does not grow"),
        ((3, 7, root, root, []), "too short"),
        ((6, 7, root, root, [root]), "too short"),
        ((4, 7, root, root, [root] * 3), "too long"),
        ((4, 7, root, root, [root] * 65), "too long"),
        ((4, 7, root, root, [b"short"]), "32 bytes"),
        ((4, 7, root, root, [root]), "does not lead to both roots"),
    ]:
        with pytest.raises(ProofInvalid, match=detail):
            verify_consistency(*case)


def test_the_largest_tree_is_provable() -> None:
    """Proofs in a tree of 2**63 - 1 leaves fit into the bounds: 63 siblings, and one hash more for consistency."""

    class Same:
        def node(self, level: int, index: int) -> bytes:
            assert index >= 0
            return bytes([level]) * 32

    root = root_from_nodes(Same(), LOG_SIZE)
    assert len(path_from_nodes(Same(), 0, LOG_SIZE)) == 63
    old = root_from_nodes(Same(), 2**62 + 1)
    path = consistency_from_nodes(Same(), 2**62 + 1, LOG_SIZE)
    # The subtrees of this tree do not hash into each other, so only a shape error would be told from a wrong root.
    with pytest.raises(ProofInvalid, match="does not lead to both roots"):
        verify_consistency(2**62 + 1, LOG_SIZE, old, root, path)
    with pytest.raises(ProofInvalid, match="does not lead to the root"):
        verify_inclusion(bytes(32), 0, LOG_SIZE, path_from_nodes(Same(), 0, LOG_SIZE), bytes(32))


def test_a_copy_of_a_frontier_grows_apart() -> None:
    """Appending to a copy leaves the first as it was."""
    first = Frontier()
    second = first.copy()
    second.append(LEAVES[0])
    assert (first.size, first.root(), first.hashes) == (0, EMPTY_ROOT, ())
    assert (second.size, second.root(), second.hashes) == (1, LEAVES[0], (LEAVES[0],))
    assert first != second
    assert repr(second) == f"Frontier(size=1, root={LEAVES[0].hex()})"


@pytest.mark.parametrize(
    "data", [b"", bytes(7), bytes(9), bytes(7) + b"\x03" + bytes(32), bytes(7) + b"\x01" + bytes(31), b"\xff" * 2056]
)
def test_a_frontier_of_another_shape_is_refused(data: bytes) -> None:
    """A frontier has one hash for each bit of its size."""
    with pytest.raises(Malformed):
        Frontier.from_bytes(data)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("tile/0/x001/234.p/44", (0, 1234, 44)),
        ("tile/0/x001/x234/067", (0, 1234067, 256)),
        ("tile/63/000.p/1", (63, 0, 1)),
        ("tile/entries/999.p/255", ("entries", 999, 255)),
        ("tile/entries/x001/000", ("entries", 1000, 256)),
    ],
)
def test_tile_paths(path: str, place: tuple[int, int, int]) -> None:
    """Tiles are named as C2SP tlog-tiles says."""
    assert parse_tile_path(path) == place
    assert tile_path(*place) == path


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/x001",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/044",
        "tile/0/001.p/",
        "/tile/0/001",
        "tile/0/001\n",
        "tile/0/\u0660\u0660\u0661",
        "tile/data/001",
        "tile/0/" + "x999/" * 6 + "999",
        "tile/0/" + "x001/" * 7 + "000",
    ],
)
def test_other_tile_paths_are_refused(path: str) -> None:
    """A tile has one path; nothing else is looked up."""
    with pytest.raises(Malformed):
        parse_tile_path(path)


@pytest.mark.parametrize(
    ("data", "width"),
    [(b"", 1), (b"\x00", 1), (b"\x00\x01", 1), (b"\x00\x01a\x00", 1), (b"\x00\x01a", 2), (b"\x00\x00\x00\x00", 1)],
)
def test_broken_entry_bundles_are_refused(data: bytes, width: int) -> None:
    """A bundle holds exactly as many entries as its path says."""
    with pytest.raises(Malformed):
        decode_entry_bundle(data, width)


def test_subtrees_that_are_not_there_are_our_bug() -> None:
    """Asking for a leaf past the end is no answer to a caller but a failed assertion."""
    for call in (
        lambda: inclusion_path(LEAVES, 7),
        lambda: path_from_nodes(Tiles(Path(), 7), 7, 7),
        lambda: consistency_from_nodes(Tiles(Path(), 7), 8, 7),
        lambda: Frontier(1),
        lambda: tile_path(64, 0),
    ):
        with pytest.raises(AssertionError) as caught:
            call()
        assert not isinstance(caught.value, LedgerError)
