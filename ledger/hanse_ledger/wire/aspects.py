"""Named, salted leaves under one root: the value of an object, and what a proof of its status shows.

An object's fields other than `id` and `seed` are its aspects. Each is a leaf, the canonical bytes
of `[name, salt, value]`, in order of their names, of an RFC 9162 tree whose root is the object's value. The name
begins with the object's kind (`invoice/status`), so that no aspect can pass for another kind's;
the salt derives from the nonce of the creating record, so that who does not hold that record
cannot guess the aspects that a proof hides.
"""

from collections.abc import Sequence

from msgspec import Raw, Struct

from hanse_ledger.values.hashing import derive_salt, hash_leaf
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.codec import encode


class Leaf(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`[name, salt, value]`; the value is canonical MessagePack."""

    name: str
    salt: bytes
    value: Raw


class AspectNames:
    """The aspects of one kind of object, in order: what of their leaves is the same for every object."""

    def __init__(self, kind: str, parts: type[Struct]) -> None:
        """Prepare the names.

        Args:
            kind: the object's kind, the first part of each aspect's name.
            parts: its class; the fields after `id` and `seed` are the aspects.
        """
        fields = [field for field in parts.__struct_fields__ if field not in ("id", "seed")]
        # `[name, salt, value]` is canonical MessagePack: an array of three, the name, and a `bin` of 16 bytes.
        self._parts = [
            (field, f"{kind}/{field}".encode(), b"\x93" + encode(f"{kind}/{field}") + b"\xc4\x10") for field in fields
        ]

    def leaves(self, seed: bytes, parts: Struct) -> list[bytes]:
        """Write the aspects of an object as leaves, in order of their names.

        Args:
            seed: the object's, which derives from the nonce of the record that created it, 16 bytes.
            parts: the object.
        """
        return [before + derive_salt(seed, name) + encode(getattr(parts, field)) for field, name, before in self._parts]

    def hashes(self, seed: bytes, parts: Struct, earlier: Struct | None, known: Sequence[Digest]) -> list[Digest]:
        """Hash the leaves, but for those of aspects that an earlier object of the same id has, the very same ones.

        Args:
            seed: as in `leaves`.
            parts: the object.
            earlier: what it was when its leaves were hashed before; nil if they were not.
            known: those hashes, in order.
        """
        if earlier is None:
            return [hash_leaf(leaf) for leaf in self.leaves(seed, parts)]
        hashes = list(known)
        for place, (field, name, before) in enumerate(self._parts):
            value = getattr(parts, field)
            if value is not getattr(earlier, field):
                hashes[place] = hash_leaf(before + derive_salt(seed, name) + encode(value))
        return hashes
