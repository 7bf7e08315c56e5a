"""How a key ended: the value of a claim `revoked-key`."""

from msgspec import Struct

from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.hashing import ZERO
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import RecordId


class Endings(Struct, frozen=True):
    """The records after which a key signs nothing: the rotation that replaced it, and its revocation; nil for none."""

    rotation: RecordId | None
    revocation: RecordId | None


def ended_by(*, rotation: RecordId | None = None, revocation: RecordId | None = None) -> bytes:
    """Write the value of a claim `revoked-key`.

    It is the id of the record that revoked a key in use; of a key that was replaced, the id of the rotation, and then
    that of its revocation or 32 zero bytes.
    """
    if rotation is None:
        assert revocation is not None, "a key is ended by some record"
        return revocation
    return rotation + (revocation or ZERO)


def endings(value: bytes | None) -> Endings:
    """Read the value of a claim `revoked-key`, or its absence. Raises ProofInvalid if it is none."""
    if value is None:
        return Endings(None, None)
    if len(value) == len(ZERO):
        return Endings(None, value)
    if len(value) != 2 * len(ZERO):
        raise ProofInvalid(said("claim.no-ending", "the claim says nothing of how the key ended"))
    rotation, revocation = value[:32], value[32:]
    return Endings(rotation, None if revocation == ZERO else revocation)
