"""What an engine has taken and not answered yet, and why it takes nothing more."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from time import monotonic

from hanse_ledger.records.envelope import Signed
from hanse_node.base.config import Limits
from hanse_node.base.errors import Stopped
from hanse_node.base.receipts import Receipt
from hanse_node.base.verifying import Refusals
from hanse_node.engine.backlog import Backlog
from hanse_node.engine.engine import EngineStatus

NOT_STARTED = "the engine has not been started"

QUORUM_SECONDS = 10.0
"""When a record has waited so long, the node says that it takes none for want of a quorum, though it still tries."""


class Taking:
    """Counts what is under way. Any thread may use it."""

    def __init__(self, bounds: Limits, hindered: Callable[[], str | None]) -> None:
        """Take nothing until `open`.

        Args:
            bounds: how much to take on at once.
            hindered: says why the engine does not get on at the moment, though it still tries; nil where it does.
        """
        self._hindered = hindered
        self._lock, self._room = Lock(), Backlog(bounds)
        self._failure: str | None = NOT_STARTED
        self._taken = 0
        self._since: dict[int, float] = {}

    def open(self) -> None:
        """Take what comes, unless the engine has failed already."""
        with self._lock:
            self._failure = None if self._failure == NOT_STARTED else self._failure

    def close(self, reason: str) -> None:
        """Take nothing more; what was said of a failure before stays."""
        with self._lock:
            if self._failure is None:
                self._failure = reason

    def fail(self, reason: str) -> None:
        """Take nothing more, and say why, whatever was said before."""
        with self._lock:
            self._failure = reason

    def take(
        self,
        batch: Sequence[Signed],
        answer: "Future[list[Receipt]]",
        follows: Callable[[], bool],
        verify: Callable[[Sequence[Signed]], "Future[Refusals]"],
    ) -> "Future[Refusals]":
        """Take a batch until it is answered, and have its signatures verified.

        Args:
            batch: the records.
            answer: what its sender waits for.
            follows: tells whether this node takes nothing because it only follows.
            verify: begins to verify a batch.

        Raises:
            Stopped: nothing is taken.
            Busy: too much is.
        """
        with self._lock:
            if self._failure is not None:
                raise Stopped(self._failure)
            if follows():
                raise Stopped("this node follows and is no member's: send records to a member's node")
            self._room.take(batch)
            # Under the lock, so that `stop` cannot close the workers in between.
            verified = verify(batch)
            number = self._taken = self._taken + 1
            self._since[number] = monotonic()
        answer.add_done_callback(lambda _: self._leave(number, batch))
        return verified

    def status(self) -> EngineStatus:
        """Tell how the engine does."""
        with self._lock:
            failure, oldest = self._failure, next(iter(self._since.values()), None)
            if failure is None:
                failure = self._hindered()
            if failure is None and oldest is not None and monotonic() - oldest > QUORUM_SECONDS:
                failure = "no quorum of members commits and signs at the moment"
            return EngineStatus(failure=failure, queued_records=self._room.records, queued_bytes=self._room.bytes)

    def _leave(self, number: int, batch: Sequence[Signed]) -> None:
        with self._lock:
            self._since.pop(number, None)
            self._room.leave(batch)
