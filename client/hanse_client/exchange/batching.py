"""Records that are submitted at the same time travel together.

Nothing runs in the background. Whoever submits while fewer than four requests are under way takes everything that is
queued, sends it as one batch and hands out the answers; the others wait for theirs.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from anyio import Event
from anyio.lowlevel import checkpoint

from hanse_client.base.errors import HanseError
from hanse_client.base.views import Receipt, Refusal
from hanse_ledger.records.envelope import Signed

UNDER_WAY = 4
REQUEST_RECORDS = 200
"""How many travel together: enough to cost little each, few enough that a node works on some while others come."""

BATCH_BYTES = 7 * 1024 * 1024
"""Below what a node takes at once, 8 MiB."""

Answer = Receipt | Refusal
Send = Callable[[Sequence["Parcel"]], Awaitable[Sequence[Answer]]]
"""Sends a batch and gives one answer each, in order."""


class Parcel:
    """One envelope on its way, and what came of it."""

    def __init__(self, envelope: bytes, signed: Signed) -> None:
        self.envelope, self.signed = envelope, signed
        self.queued = False
        self.outcome: Answer | HanseError | None = None
        self._news: Event | None = None

    def settle(self, outcome: Answer | HanseError) -> None:
        """Say what came of it."""
        self.outcome = outcome
        self.wake()

    def wake(self) -> None:
        """Let whoever waits look again."""
        if self._news is not None:
            self._news.set()

    async def news(self) -> None:
        """Wait until somebody settles or wakes it."""
        self._news = Event()
        await self._news.wait()
        self._news = None


class Batcher:
    """The queue of one client."""

    def __init__(self) -> None:
        self._queue: deque[Parcel] = deque()
        self._under_way = 0

    async def deliver(self, parcels: Sequence[Parcel], send: Send) -> None:
        """Queue parcels and return when each is settled. Cancelling leaves the parcels of others in the queue."""
        self._put(parcels)
        try:
            for parcel in parcels:
                while parcel.outcome is None:
                    if self._under_way < UNDER_WAY and parcel.queued:
                        await self._lead(send)
                    else:
                        await parcel.news()
        finally:
            for parcel in parcels:
                if parcel.queued:
                    self._queue.remove(parcel)
                    parcel.queued = False
            self._wake_next()

    def _put(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            parcel.queued = True
            self._queue.append(parcel)

    async def _lead(self, send: Send) -> None:
        self._under_way += 1
        batch: list[Parcel] = []
        try:
            await checkpoint()  # Calls that were made together get into the queue before it is emptied.
            batch = self._take()
            if batch:
                await self._send(batch, send)
        finally:
            self._under_way -= 1
            # Cancelled on the way: the same records may be sent again, by whoever still waits for them.
            for parcel in reversed(batch):
                if parcel.outcome is None:
                    parcel.queued = True
                    self._queue.appendleft(parcel)
            self._wake_next()

    async def _send(self, batch: list[Parcel], send: Send) -> None:
        try:
            answers = await send(batch)
        except HanseError as error:
            for parcel in batch:
                parcel.settle(error)
            return
        for parcel, answer in zip(batch, answers, strict=True):
            parcel.settle(answer)

    def _take(self) -> list[Parcel]:
        batch: list[Parcel] = []
        size = 0
        while self._queue and len(batch) < REQUEST_RECORDS:
            size += len(self._queue[0].envelope) + 5
            if batch and size > BATCH_BYTES:
                break
            parcel = self._queue.popleft()
            parcel.queued = False
            batch.append(parcel)
        return batch

    def _wake_next(self) -> None:
        if self._queue and self._under_way < UNDER_WAY:
            self._queue[0].wake()
