"""The objects of the state, as leaves and as bytes.

An object's fields other than `id` and `seed` are its aspects (see `aspects`), in order of their names. Whatever a rule
reads is under the roots of the state entry.
"""

from functools import reduce
from operator import or_

import msgspec

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.kinds.object import Object
from hanse_ledger.trees.merkle import root_of
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.aspects import AspectNames
from hanse_ledger.wire.codec import encode

_decoder: msgspec.msgpack.Decoder[Object] = msgspec.msgpack.Decoder(
    reduce(or_, (object_type.state for object_type in OBJECTS))
)

_ASPECTS = {object_type.state: AspectNames(object_type.name, object_type.state) for object_type in OBJECTS}


def object_leaves(value: Object) -> list[bytes]:
    """Write an object's aspects as leaves."""
    return _ASPECTS[type(value)].leaves(value.seed, value)


def object_value(value: Object) -> Digest:
    """Compute the value of an object that the object tree holds: the root over its aspects."""
    return root_of([hash_leaf(leaf) for leaf in object_leaves(value)])


class ObjectValues:
    """Computes the values of objects as `object_value` does, and hashes no aspect again that a record left as it was.

    It remembers the newest objects whose values it was asked for, up to `most`, and their hashes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[ObjectId, tuple[Object, list[Digest]]] = {}

    def of(self, value: Object) -> Digest:
        """Compute the value of an object."""
        earlier, known = self._known.pop(value.id, (None, []))
        hashes = _ASPECTS[type(value)].hashes(value.seed, value, earlier, known)
        if len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[value.id] = (value, hashes)
        return root_of(hashes)


def encode_object(value: Object) -> bytes:
    """Write an object for a store. Not a wire format."""
    return encode(value)


def decode_object(data: bytes) -> Object:
    """Read an object that `encode_object` wrote."""
    return _decoder.decode(data)
