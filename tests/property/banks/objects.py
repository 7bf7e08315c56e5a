"""Names of what random histories choose among."""

from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import ObjectId

NOBODY = bytes(32)


def id_of(value: Object | None) -> ObjectId:
    """Give an object's id; where none was chosen, one that nothing has."""
    return value.id if value else NOBODY
