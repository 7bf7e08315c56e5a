"""Named, salted leaves under one root: the value of an object, and what a proof of its status shows.

An object's fields other than `id` and `seed` are its aspects. Each is a leaf, the canonical bytes
of `[name, salt, value]`, in order of their names, of an RFC 9162 tree whose root is the object's value. The name
begins with the object's kind (`invoice/status`), so that no aspect can pass for another kind's;
the salt derives from the nonce of the creating record, so that who does not hold that record
cannot guess the aspects that a proof hides.
"""

from collections.abc import Sequence

from msgspec import Raw, Struct, structs

from hanse_ledger.codec import encode
from hanse_ledger.hashing import derive_salt, hash_leaf, hash_node
from hanse_ledger.types import Digest


class Leaf(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`[name, salt, value]`; the value is canonical MessagePack."""

    name: str
    salt: bytes
    value: Raw


def aspect_leaves(kind: str, seed: bytes, parts: Struct) -> list[bytes]:
    """Write the aspects of an object as leaves, in order of their names.

    Args:
        kind: the object's kind, the first part of each aspect's name.
        seed: the nonce of the record that created the object, 16 bytes.
        parts: the object; its fields after `id` and `seed` are the aspects.
    """
    leaves = []
    for field in structs.fields(parts):
        if field.name in {"id", "seed"}:
            continue
        name = f"{kind}/{field.name}"
        leaves.append(encode([name, derive_salt(seed, name), getattr(parts, field.name)]))
    return leaves


def root_of_leaves(leaves: Sequence[bytes]) -> Digest:
    """Compute the RFC 9162 root over a few leaves (at least one)."""
    level = [hash_leaf(leaf) for leaf in leaves]
    while len(level) > 1:
        paired = [hash_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]
