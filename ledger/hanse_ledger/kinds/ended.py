"""Ended things are bounded: what of a trader's own has come to nothing on an object that is another's."""

from collections.abc import Iterable

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.claims import ended_claim
from hanse_ledger.kinds.common import require
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.refusals import TOO_MANY_ENDED
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values import limits
from hanse_ledger.values.types import Digest, ObjectId

COUNT_BYTES = 4


def require_room(state: StateView, target: Invoice | Certificate, trader: ObjectId, pointer: str) -> None:
    """H-2. Whoever has had sixteen end on another's invoice or certificate opens no further one on it.

    Each joins the object's history, which a stranger must not fill. The owner may fill its own.
    """
    if trader == owner_of(target):
        return
    count = ended_count(state, ended_claim(target.id, trader))
    require(
        count < limits.ENDED,
        TOO_MANY_ENDED,
        pointer,
        seen=count,
        wanted=f"fewer than {limits.ENDED} withdrawn, refused, rejected or lapsed",
    )


def count_ended(
    state: StateView, targets: Iterable[Invoice | Certificate], trader: ObjectId
) -> dict[Digest, bytes | None]:
    """Count one more that has ended on each of these objects. It never refuses: what is open can always be ended."""
    keys = [ended_claim(target.id, trader) for target in targets if trader != owner_of(target)]
    return {key: (ended_count(state, key) + 1).to_bytes(COUNT_BYTES, "big") for key in keys}


def ended_count(state: StateView, key: Digest) -> int:
    """Read a count; what nobody has counted is 0."""
    return int.from_bytes(state.claim(key) or b"", "big")


def owner_of(target: Invoice | Certificate) -> ObjectId:
    """Name the party whose document it is: an invoice's seller, a certificate's exporter."""
    return target.links.seller if isinstance(target, Invoice) else target.links.exporter
