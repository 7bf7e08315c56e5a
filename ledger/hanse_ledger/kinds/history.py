"""The chain of records that touched an object; what all aspects share."""

from msgspec import Struct

from hanse_ledger.values import limits
from hanse_ledger.values.hashing import ZERO, hash_bytes
from hanse_ledger.values.types import Digest, RecordId


class Value(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Settings that all aspects share. A value is made of older ones, so the collector need not look."""


class History(Value, frozen=True, kw_only=True):
    """The chain of records that touched an object: how many, and the head to which they replay."""

    count: int
    head: Digest

    def after(self, record: RecordId) -> "History":
        """Add a record: head' = SHA-256(head, count as 8 bytes big-endian, record id)."""
        return History(count=self.count + 1, head=hash_bytes(self.head + self.count.to_bytes(8, "big") + record))

    def passed_mark(self, before: int) -> bool:
        """Tell whether the history has passed a way mark since it had so many records."""
        return self.count // limits.WAY_MARK > before // limits.WAY_MARK


NO_HISTORY = History(count=0, head=ZERO)
