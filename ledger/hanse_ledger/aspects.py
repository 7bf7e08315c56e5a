"""Named, salted leaves under one root: the value of an object, and what a proof of its status shows.

An object's fields other than `id` and `seed` are its aspects. Each is a leaf, the canonical bytes
of `[name, salt, value]`, in order of their names, of an RFC 9162 tree whose root is the object's value. The name
begins with the object's kind (`invoice/status`), so that no aspect can pass for another kind's;
the salt derives from the nonce of the creating record, so that who does not hold that record
cannot guess the aspects that a proof hides.
"""

from msgspec import Raw, Struct

from hanse_ledger.codec import encode
from hanse_ledger.hashing import derive_salt


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
    for field in parts.__struct_fields__:
        if field not in ("id", "seed"):
            name = f"{kind}/{field}"
            leaves.append(encode((name, derive_salt(seed, name), getattr(parts, field))))
    return leaves
