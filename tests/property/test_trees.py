"""What no sequence of changes to the authenticated structures may break, against the shortest definition of each."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.tlog.checkpoint import Checkpoint, body_text, parse_checkpoint
from hanse_ledger.tlog.notes import Note, NoteSignature, VerifierKey, format_note, parse_note
from hanse_ledger.tlog.tlog_proof import TlogProof, format_tlog_proof, parse_tlog_proof
from hanse_ledger.tlog.tlog_tiles import Level, decode_entry_bundle, encode_entry_bundle, parse_tile_path, tile_path
from hanse_ledger.trees.claims_map import ClaimProof, ClaimTree, verify_absence, verify_presence
from hanse_ledger.trees.merkle import (
    Frontier,
    consistency_from_nodes,
    inclusion_path,
    path_from_nodes,
    range_path,
    range_root,
    root_before_range,
    root_from_nodes,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from hanse_ledger.trees.object_tree import ObjectTree
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_leaf
from tests.world.claim_map import ClaimMap

LEAVES = [hash_leaf(number.to_bytes(2, "big")) for number in range(600)]
SIZES = st.one_of(st.integers(0, 40), st.integers(0, len(LEAVES)))

digests = st.binary(min_size=32, max_size=32)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters="+"), min_size=1)
sizes = st.integers(0, 2**63 - 1)
checkpoints = st.builds(Checkpoint, names, sizes, digests)
verifier_keys = st.one_of(
    st.builds(VerifierKey, names, st.sampled_from([0x01, 0x04]), digests),
    st.builds(VerifierKey, names, st.just(0x06), st.just(bytes(1312))),
)
note_signatures = st.lists(
    st.builds(NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)),
    min_size=1,
    max_size=5,
    unique_by=lambda line: (line.name, line.key_id),
).map(tuple)
texts = st.text(st.characters(codec="utf-8", min_codepoint=0x20)).map("{}\n".format)
notes = st.builds(Note, texts, note_signatures)
proofs = checkpoints.filter(lambda checkpoint: checkpoint.size > 0).flatmap(
    lambda checkpoint: st.builds(
        TlogProof,
        st.integers(0, checkpoint.size - 1),
        st.lists(digests, max_size=63).map(tuple),
        st.builds(Note, st.just(body_text(checkpoint)), note_signatures),
        st.binary(max_size=40),
    )
)

# Half of the keys are those of many whose places come first, so that they share prefixes of seven bits and more.
KEYS = sorted((f"claim {number}".encode() for number in range(4_000)), key=lambda key: sha256(key).digest())[:24] + [
    f"claim {number}".encode() for number in range(4_000, 4_024)
]
claim_changes = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), st.binary(max_size=3)))


class Nodes:
    """Every complete subtree of a tree, computed from its leaves at each call."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves

    def node(self, level: int, index: int) -> bytes:
        """Give a complete subtree's root, and insist that it is complete."""
        assert (index + 1) << level <= len(self._leaves)
        return tree_hash(self._leaves[index << level : (index + 1) << level])


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """Compute a root as RFC 9162, section 2.1.1 defines it."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def claims_hash(claims: Mapping[bytes, bytes]) -> bytes:
    """Compute the root of a claims map from its definition."""

    def below(depth: int, leaves: Mapping[int, bytes]) -> bytes:
        if len(leaves) <= 1:
            return next((sha256(leaf).digest() for leaf in leaves.values()), bytes(32))
        sides = ({place: leaf for place, leaf in leaves.items() if place >> 255 - depth & 1 == bit} for bit in (0, 1))
        return sha256(b"\x01" + b"".join(below(depth + 1, side) for side in sides)).digest()

    leaves = {}
    for key, value in claims.items():
        place = sha256(key).digest()
        leaves[int.from_bytes(place, "big")] = b"\x00" + place + sha256(value).digest()
    return below(0, leaves)


@given(SIZES)
def test_roots_agree(size: int) -> None:
    """The root by levels, from a frontier, from subtrees and of an object tree is the one that RFC 9162 defines."""
    leaves = LEAVES[:size]
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    root = tree_hash(leaves)
    assert root_of(leaves) == frontier.root() == root_from_nodes(Nodes(leaves), size) == root
    assert ObjectTree.from_leaves(leaves).root() == root
    assert Frontier.from_bytes(frontier.to_bytes()) == frontier


@given(st.data())
def test_every_leaf_is_provable_at_its_own_index_only(data: st.DataObject) -> None:
    """A path verifies for its leaf and index; not for another index, size, leaf, root or path."""
    size = data.draw(SIZES.filter(bool))
    index, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    leaves = LEAVES[:size]
    root, path = tree_hash(leaves), inclusion_path(leaves, index)
    assert path_from_nodes(Nodes(leaves), index, size) == path == ObjectTree.from_leaves(leaves).path(index)
    verify_inclusion(leaves[index], index, size, path, root)
    wrong = [
        (leaves[index], index, size, [*path, root], root),
        (leaves[index], index, size, path, LEAVES[-1] if size > 1 else bytes(32)),
        (leaves[index], size, size, path, root),
        (leaves[index], -1, size, path, root),
    ]
    if path:
        wrong.append((leaves[index], index, size, path[:-1], root))
        wrong.append((leaves[index], index, size, [bytes(31), *path[1:]], root))
    if other != index:
        wrong.append((leaves[other], index, size, path, root))
        wrong.append((leaves[index], other, size, path, root))
    for case in wrong:
        with pytest.raises(ProofInvalid):
            verify_inclusion(*case)


@given(st.tuples(SIZES, SIZES).map(sorted), st.binary(min_size=32, max_size=32))
def test_growth_is_provable_and_nothing_else_is(sizes: list[int], other: bytes) -> None:
    """A tree proves consistent with each of its prefixes, and with no other root."""
    old, new = sizes
    old_root, new_root = tree_hash(LEAVES[:old]), tree_hash(LEAVES[:new])
    path = consistency_from_nodes(Nodes(LEAVES[:new]), old, new)
    verify_consistency(old, new, old_root, new_root, path)
    wrong = [(old, new, other, new_root, path), (old, new, old_root, new_root, [*path, other])]
    if old:
        wrong.append((old, new, old_root, other, path))
    if path:
        wrong.append((old, new, old_root, new_root, path[:-1]))
        wrong.append((old, new, old_root, new_root, [*path[:-1], other]))
    if old != new:
        wrong.append((new, old, new_root, old_root, path))
    for case in wrong:
        with pytest.raises(ProofInvalid):
            verify_consistency(*case)


@given(st.lists(st.tuples(st.sets(st.integers(0, 80)), st.integers(0, 20)), max_size=5))
def test_object_tree_equals_one_built_anew(groups: list[tuple[set[int], int]]) -> None:
    """Staged changes lead to the tree that its leaves define; staging alone changes nothing; order does not matter."""
    leaves: list[bytes] = []
    tree = ObjectTree()
    for number, (replaced, added) in enumerate(groups):
        indexes = [index for index in replaced if index < len(leaves)] + [len(leaves) + i for i in range(added)]
        changes = {index: hash_leaf(f"{number} {index}".encode()) for index in indexes}
        before = tree_hash(leaves)
        staged = tree.stage(changes)
        assert (tree.count, tree.root()) == (len(leaves), before)
        assert staged == tree.stage(dict(reversed(changes.items())))
        leaves += [b""] * added
        for index, leaf in changes.items():
            leaves[index] = leaf
        assert (staged.count, staged.root) == (len(leaves), tree_hash(leaves))
        tree.apply(staged)
        assert (tree.count, tree.root()) == (len(leaves), tree_hash(leaves))
        for index, leaf in enumerate(leaves):
            assert tree.leaf(index) == leaf
            verify_inclusion(leaf, index, tree.count, tree.path(index), tree.root())


@given(st.lists(claim_changes, max_size=6), st.sampled_from(KEYS), st.integers(0, 9))
def test_claims_follow_their_definition(groups: list[dict[bytes, bytes | None]], key: bytes, depth: int) -> None:
    """Any sequence of changes leads to the root that the present claims define, in whatever order, at any depth."""
    claims: dict[bytes, bytes] = {}
    found = ClaimMap(depth=depth)
    for group in groups:
        changes = {key: value for key, value in group.items() if value is not None or key in claims}
        stood = found.tree.to_bytes()
        staged = found.stage(changes)
        assert found.tree.to_bytes() == stood
        assert staged.root == found.stage(dict(reversed(changes.items()))).root
        found.change(changes)
        for changed, value in changes.items():
            if value is None:
                del claims[changed]
            else:
                claims[changed] = value
        assert staged.root == found.root == claims_hash(claims)
        anew = ClaimTree.from_claims(depth, sorted(found.places.items()))
        assert anew.to_bytes() == found.tree.to_bytes()
        assert ClaimTree.from_bytes(depth, anew.to_bytes()).to_bytes() == anew.to_bytes()
    proof = found.prove(key)
    assert proof == ClaimMap(claims, depth=0).prove(key)
    root = found.root
    if key in claims:
        verify_presence(root, key, claims[key], proof)
        with pytest.raises(ProofInvalid):
            verify_absence(root, key, proof)
        with pytest.raises(ProofInvalid):
            verify_presence(root, key, claims[key] + b"x", proof)
    else:
        verify_absence(root, key, proof)
        with pytest.raises(ProofInvalid):
            verify_presence(root, key, b"", proof)


@given(st.dictionaries(st.sampled_from(KEYS), st.binary(max_size=3), min_size=1), st.data())
def test_no_proof_of_one_key_serves_another(claims: dict[bytes, bytes], data: st.DataObject) -> None:
    """However a proof is bent, a claim that is there is never shown absent, and one that is not never present."""
    found = ClaimMap(claims)
    key, lender = data.draw(st.sampled_from(KEYS)), data.draw(st.sampled_from(KEYS))
    honest = found.prove(lender)
    siblings = data.draw(st.permutations(honest.siblings))
    bent = ClaimProof(tuple(siblings[data.draw(st.integers(0, len(siblings))) :]), honest.leaf)
    for proof in (honest, bent, ClaimProof(bent.siblings, b""), ClaimProof(honest.siblings, b"")):
        if key in claims:
            with pytest.raises(ProofInvalid):
                verify_absence(found.root, key, proof)
        else:
            for value in {b"", *claims.values()}:
                with pytest.raises(ProofInvalid):
                    verify_presence(found.root, key, value, proof)


@given(st.one_of(st.just("entries"), st.integers(0, 63)), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_tile_paths_are_read_as_written(level: Level, index: int, width: int) -> None:
    """A tile's path gives back its level, index and width."""
    assert parse_tile_path(tile_path(level, index, width)) == (level, index, width)


@given(st.from_regex(r"tile/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,2}[0-9]{3}(\.p/[0-9]{1,3})?", fullmatch=True))
def test_a_tile_has_one_path(path: str) -> None:
    """A path is refused, or it is the one that is written."""
    try:
        read = parse_tile_path(path)
    except Malformed:
        return
    assert tile_path(*read) == path


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256), st.binary(min_size=1))
def test_entry_bundles_are_read_as_written(entries: list[bytes], more: bytes) -> None:
    """A bundle gives back its entries, and is refused when it is cut or extended."""
    data = encode_entry_bundle(entries)
    assert decode_entry_bundle(data, len(entries)) == entries
    for wrong in (data + more, data[:-1]):
        with pytest.raises(Malformed):
            decode_entry_bundle(wrong, len(entries))


@given(notes)
def test_notes_are_read_as_written(note: Note) -> None:
    """A note gives back its text and its signatures."""
    assert parse_note(format_note(note)) == note


@given(notes, st.data())
def test_a_note_has_one_form(note: Note, data: st.DataObject) -> None:
    """A changed note is refused, or it is the form of another note."""
    written = bytearray(format_note(note))
    written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = parse_note(bytes(written))
    except Malformed:
        return
    assert format_note(read) == written


@given(verifier_keys)
def test_verifier_keys_are_read_as_written(key: VerifierKey) -> None:
    """A verifier key's text gives back the key."""
    assert VerifierKey.parse(str(key)) == key


@given(checkpoints)
def test_checkpoints_are_read_as_written(checkpoint: Checkpoint) -> None:
    """A checkpoint's text gives back the checkpoint."""
    assert parse_checkpoint(body_text(checkpoint)) == checkpoint


@given(proofs)
def test_tlog_proofs_are_read_as_written(proof: TlogProof) -> None:
    """A proof's text gives back the proof."""
    assert parse_tlog_proof(format_tlog_proof(proof)) == proof


RANGES = st.integers(1, len(LEAVES)).flatmap(
    lambda size: st.tuples(st.just(size), st.integers(0, size - 1)).flatmap(
        lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), st.integers(pair[1] + 1, pair[0]))
    )
)


@given(RANGES)
def test_a_range_leads_to_the_root(bounds: tuple[int, int, int]) -> None:
    """For any consecutive leaves the path of their range leads to the tree's root, and shows the root before them."""
    size, start, end = bounds
    path = range_path(ObjectTree.from_leaves(LEAVES), start, end, size)
    assert range_root(LEAVES[start:end], start, size, path) == root_of(LEAVES[:size])
    assert root_before_range(start, path) == root_of(LEAVES[:start])


@given(RANGES, st.data())
def test_a_changed_range_leads_elsewhere(bounds: tuple[int, int, int], data: st.DataObject) -> None:
    """No leaf, place or hash of a range's proof can be another one; the size is the signed head's to say."""
    size, start, end = bounds
    leaves, root = LEAVES[start:end], root_of(LEAVES[:size])
    path = range_path(ObjectTree.from_leaves(LEAVES), start, end, size)
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = [*leaves[:place], hash_leaf(b"another"), *leaves[place + 1 :]]
    tries = [(other, start, size, path), (leaves, start, size, [*path, LEAVES[0]])]
    tries += [(leaves, start, size, path[:-1])] if path else []
    tries += [(leaves, start - 1, size, path)] if start else []
    tries += [(leaves[1:], start + 1, size, path)]
    for hashes, at, count, beside in tries:
        try:
            assert range_root(hashes, at, count, beside) != root
        except ProofInvalid:
            continue
