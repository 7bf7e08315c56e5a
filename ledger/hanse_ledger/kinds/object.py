"""What all objects of the state are: an id, a seed, a history, and aspects."""

from typing import TYPE_CHECKING

from msgspec import Struct

from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Nonce, ObjectId, RecordId

if TYPE_CHECKING:
    from hanse_ledger.kinds.history import History


def created_id(record: RecordId, step: int = 0) -> ObjectId:
    """Name the object that a record creates: SHA-256(record id, step index as 4 bytes big-endian, a zero byte)."""
    return hash_bytes(record + step.to_bytes(4, "big") + b"\x00")


def document_id(record: RecordId, step: int = 0) -> ObjectId:
    """Name the document that a record creates besides: SHA-256(record id, step index as before, a byte of one)."""
    return hash_bytes(record + step.to_bytes(4, "big") + b"\x01")


def step_seed(nonce: Nonce, step: int = 0) -> Nonce:
    """Make the seed of what a step creates: SHA-256(nonce, step index as before), its first 16 bytes.

    So the salts of what one step creates tell none of another's, and the nonce stands in no object.
    """
    return hash_bytes(nonce + step.to_bytes(4, "big"))[:16]


class Object(Struct, frozen=True, kw_only=True, gc=False):
    """A thing in the state. Its fields after `id` and `seed` are its aspects, in order of their names.

    `seed` follows from the nonce of the record that created it (see `step_seed`): the salts of its aspects derive from
    it (see `wire.aspects`).
    """

    id: ObjectId
    seed: Nonce

    if TYPE_CHECKING:
        # Every object has one, among its aspects: where it stands there is for each class to say.
        history: History
