"""How much waits for an engine: the same bounds, and the same words, for every engine."""

from collections.abc import Sequence

from hanse_ledger.records.envelope import Signed
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_node.base.config import Limits
from hanse_node.base.errors import Busy


class Backlog:
    """What is taken of a queue's bounds, in records and in bytes. Used under its engine's lock."""

    def __init__(self, bounds: Limits) -> None:
        self._bounds = bounds
        self.records = self.bytes = 0

    def take(self, batch: Sequence[Signed]) -> None:
        """Let a batch in. Raises Busy; nothing is taken then."""
        size = size_of(batch)
        if self.records + len(batch) > self._bounds.queue_records:
            raise Busy(f"{self.records} records wait already; at most {self._bounds.queue_records} may")
        if self.bytes + size > self._bounds.queue_bytes:
            raise Busy(f"{self.bytes} bytes wait already; at most {self._bounds.queue_bytes} may")
        self.records += len(batch)
        self.bytes += size

    def leave(self, batch: Sequence[Signed]) -> None:
        """Give back what a batch had taken."""
        self.records -= len(batch)
        self.bytes -= size_of(batch)

    def clear(self) -> None:
        """Give everything back."""
        self.records = self.bytes = 0


def check_length(batch: Sequence[Signed]) -> None:
    """Insist that a batch is not too long. Raises Malformed."""
    if len(batch) > limits.BATCH_RECORDS:
        raise Malformed(f"batch: {len(batch)} records; at most {limits.BATCH_RECORDS} are allowed")


def size_of(batch: Sequence[Signed]) -> int:
    """Count the bytes of a batch's records."""
    return sum(len(signed.envelope.payload) for signed in batch)
