"""The objects of the state, as leaves and as bytes.

An object's fields other than `id` and `seed` are its aspects (see `aspects`), in order of their names. Whatever a rule
reads is under the roots of the state entry.
"""

import msgspec

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.trees.merkle import root_of
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.aspects import AspectNames
from hanse_ledger.wire.codec import encode

Object = Party | Invoice | Certificate | Declaration | Payment

_decoder: msgspec.msgpack.Decoder[Object] = msgspec.msgpack.Decoder(Object)

KIND_NAMES: dict[type[Object], str] = {
    Party: "party",
    Invoice: "invoice",
    Certificate: "certificate",
    Declaration: "declaration",
    Payment: "payment",
}

_ASPECTS: dict[type[Object], AspectNames] = {kind: AspectNames(name, kind) for kind, name in KIND_NAMES.items()}


def object_kind(value: Object) -> str:
    """Name an object's kind: `party`, `invoice`, `certificate`, `declaration` or `payment`."""
    return KIND_NAMES[type(value)]


def object_leaves(value: Object) -> list[bytes]:
    """Write an object's aspects as leaves."""
    return _ASPECTS[type(value)].leaves(value.seed, value)


def object_value(value: Object) -> Digest:
    """Compute the value of an object that the object tree holds: the root over its aspects."""
    return root_of([hash_leaf(leaf) for leaf in object_leaves(value)])


def encode_object(value: Object) -> bytes:
    """Write an object for a store. Not a wire format."""
    return encode(value)


def decode_object(data: bytes) -> Object:
    """Read an object that `encode_object` wrote."""
    return _decoder.decode(data)
