"""Records on their way in: who sends how much, and to the engine."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from hanse_ledger.records.envelope import Signed
from hanse_node.access.caller import Caller
from hanse_node.access.quotas import QuotaKeeper, Reservation
from hanse_node.base.errors import NodeError, QuotaExceeded
from hanse_node.base.metrics import Metrics
from hanse_node.base.receipts import Receipt
from hanse_node.engine.engine import Engine
from hanse_node.queries.answers import Opened


class Intake:
    """Use cases of whoever sends records."""

    def __init__(self, engine: Engine, quotas: QuotaKeeper, metrics: Metrics, decided: Callable[[], None]) -> None:
        """Take records in; `decided` is told, in any thread, after some may have come to stand."""
        self._engine, self._quotas, self._metrics, self._decided = engine, quotas, metrics, decided

    def submit(self, caller: Caller, opened: Sequence[Opened], sender: str = "") -> Future[list[Receipt]]:
        """Hand the well-formed ones among envelopes to the engine.

        Args:
            caller: who sends: his turn they wait for, among others that send.
            opened: what was sent.
            sender: the address from which it came.

        Returns:
            Their receipts, in order, once they are durable and under a signed head.

        Raises:
            QuotaExceeded: a key, or the sender, has sent too much.
            Busy: too many records wait.
            Stopped: the engine takes none. (The future may raise it too.)
        """
        batch = [record for record in opened if isinstance(record, Signed)]
        try:
            reserved = self._quotas.reserve(batch, sender)
        except QuotaExceeded:
            self._metrics.refuse_for_quota()
            raise
        self._quotas.blame(sender, len(opened) - len(batch))
        if not batch:
            done: Future[list[Receipt]] = Future()
            done.set_result([])
            return done
        try:
            receipts = self._engine.submit(batch, caller.holder)
        except NodeError:
            self._quotas.settle(reserved, batch, None)
            raise
        receipts.add_done_callback(lambda done: self._settle(reserved, batch, done))
        return receipts

    def _settle(self, reserved: Reservation, batch: Sequence[Signed], done: Future[list[Receipt]]) -> None:
        self._quotas.settle(reserved, batch, None if done.exception() else done.result())
        self._decided()
