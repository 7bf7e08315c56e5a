"""What can go wrong around the ledger, and who can act on it."""

from hanse_ledger.values.errors import LedgerError


class NodeError(LedgerError):
    """Base of every error that the node raises on purpose."""


class CannotStart(NodeError):
    """The node refuses to start. Its operator must act; `next_step` says how."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(f"{reason}. {next_step}")
        self.reason, self.next_step = reason, next_step


class Busy(NodeError):
    """The queue is full. The sender should try again after a moment: the same records, which is harmless."""


class QuotaExceeded(NodeError):
    """Somebody sends more than may be sent. The sender should send the same again after `retry_after` seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Stopped(NodeError):
    """The engine does not take records, or did not take this one: it is stopping, or has failed.

    A record that was answered with it may stand in the ledger or not; sending it again finds out.
    """


class StoreFailed(NodeError):
    """The database refused to read or write: disk full, input/output error, damage."""


class EquivocationRefused(NodeError):
    """Signing a head would contradict one that was signed before. The node must not go on."""
