"""Delivering to webhooks, beside the node: each hook in its own turn, so that a slow or dead receiver holds up nobody.

What is to be delivered stands in the log, and is read from there behind the position to which a hook has come. Only
that position is kept. It is written after deliveries, never before, and only what is committed and signed is read: so
nothing is left out, nothing is told that did not happen, and after a crash what was sent last is sent again, with the
same id.
"""

import logging
import random
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import anyio
from anyio import Event as Flag
from anyio import to_thread
from anyio.abc import TaskGroup
from msgspec.structs import replace

from hanse_io.outgoing import Reach
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Moment
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.base.bounds import (
    WEBHOOK_FIRST_PAUSE_MS,
    WEBHOOK_GIVEN_UP_MS,
    WEBHOOK_LONGEST_PAUSE_MS,
    WEBHOOK_UNWRITTEN,
)
from hanse_node.base.errors import CannotStart
from hanse_node.base.metrics import Metrics
from hanse_node.feed import Feed
from hanse_node.queries.event import Event
from hanse_node.store.beside.webhooks import Hook, HookDelivery
from hanse_node.webhooks.hookmessages import message_of
from hanse_node.webhooks.onecall import Receiver, said_gone
from hanse_node.webhooks.owners import Owners
from hanse_node.webhooks.secretfiles import HookSecrets, drop_ended, read_secrets
from hanse_node.webhooks.wanting import read_wants, wanted

log = logging.getLogger(__name__)

FAULT_SECONDS = 5.0
"""So long a hook rests after a fault of this node's own, such as a database that cannot be read."""

JITTER = 0.2
"""Pauses are longer or shorter by so much of them, so that what failed together is not tried together."""


class Surroundings:
    """What all webhooks of a node share."""

    def __init__(
        self,
        folder: Path,
        source: str,
        feed: Feed,
        owners: Owners,
        reach: Reach,
        metrics: Metrics,
        clock: Callable[[], Moment],
        told: Callable[[Caller, Event], None],
    ) -> None:
        """Put it together.

        Args:
            folder: the node's.
            source: the ledger, as the source of its events.
            feed: gives what happens; of the webhooks' own event loop.
            owners: says as whom hooks listen.
            reach: where the node may call.
            metrics: where deliveries are counted.
            clock: the present in milliseconds since 1970.
            told: notes as whom somebody was told of an event.
        """
        self.folder, self.source, self.feed, self.owners, self.reach = folder, source, feed, owners, reach
        self.metrics, self.clock, self.told = metrics, clock, told


class Course:
    """The way of one webhook through the log, from one change by its operator to the next."""

    def __init__(self, hook: Hook, around: Surroundings) -> None:
        self.hook, self._around = hook, around
        self.unwritten: list[HookDelivery] = []
        self.moved = False
        self._written = Flag()
        self._scope = anyio.CancelScope()

    def begin(self, tasks: TaskGroup) -> None:
        """Begin to deliver."""
        tasks.start_soon(self._run)

    def end(self) -> None:
        """Deliver no more; a call under way is broken off, and made again by whoever goes on from here."""
        self._scope.cancel()

    def written(self) -> None:
        """Hear that all is written that was known when `unwritten` was read."""
        self._written.set()
        self._written = Flag()

    async def _run(self) -> None:
        with self._scope:
            while self.hook.paused is None:
                try:
                    await self._deliver()
                except (CannotStart, Malformed) as error:
                    # Its secret, or its row: no receiver's fault, and nothing that waiting would heal.
                    self._pause(error.reason if isinstance(error, CannotStart) else error.detail)
                except Exception as error:
                    log.critical("a webhook cannot go on, and tries again", exc_info=error)
                    await anyio.sleep(FAULT_SECONDS)

    async def _deliver(self) -> None:
        """Deliver what happens, until the hook is paused or the node stops. Raises CannotStart, Malformed."""
        around, wants = self._around, wanted(read_wants(self.hook.wants))
        secrets = read_secrets(around.folder, self.hook.name)
        if (caller := await self._listening()) is None:
            return
        async with (
            Receiver(self.hook.url, secrets, around.reach, around.clock) as receiver,
            aclosing(around.feed.events(caller, self.hook.position - 1)) as events,
        ):
            async for event in events:
                # Also at a sign of life: what its owner may hear can end while nothing happens.
                if await self._listening() is None:
                    return
                if receiver.secrets.ended(around.clock()):
                    receiver.secrets = await to_thread.run_sync(self._drop_ended, receiver.secrets)
                if event is None:
                    continue
                if wants(event) and not await self._bring(receiver, event):
                    return
                self._change(position=event.position + 1)
                while len(self.unwritten) >= WEBHOOK_UNWRITTEN:
                    await self._written.wait()
        await anyio.sleep_forever()  # the feed has ended: the node stops, and ends this

    async def _bring(self, receiver: Receiver, event: Event) -> bool:
        """Send an event until the receiver has it; tell whether it has, or the hook is paused."""
        around, message = self._around, message_of(event, self._around.source)
        while True:
            await anyio.sleep(max(0, self.hook.due - around.clock()) / 1_000)
            if (caller := await self._listening()) is None:
                return False
            answered = await receiver.send(message)
            delivery = answered.delivery
            self.unwritten.append(delivery)
            if delivery.status is not None:  # whoever answers has read it, whatever he says
                around.told(Caller(CallerKind.NODE, self.hook.name) if caller == ITSELF else caller, event)
            around.metrics.deliver("accepted" if delivery.accepted else "failed")
            if delivery.accepted:
                self._change(failing=None, attempts=0, due=0)
                return True
            failing, now = self.hook.failing or delivery.made, around.clock()
            shift = random.uniform(-JITTER, JITTER)  # noqa: S311 (no secret)
            pause = max(answered.wait_ms, pause_ms(self.hook.attempts, shift))
            self._change(failing=failing, attempts=self.hook.attempts + 1, due=now + pause)
            log.warning(
                "a delivery to a webhook has failed", extra={"webhook": self.hook.name, "fault": delivery.fault}
            )
            if said_gone(delivery):
                self._pause("its receiver wants nothing more: it answered 410")
                return False
            if now - failing >= WEBHOOK_GIVEN_UP_MS:
                self._pause(f"nothing was accepted for three days: {delivery.fault}")
                return False

    def _drop_ended(self, known: HookSecrets) -> HookSecrets:
        """Delete what counts no more, so that nobody finds it. Where that fails it signs nothing all the same."""
        now = self._around.clock()
        try:
            return drop_ended(self._around.folder, self.hook.name, now)
        except (OSError, CannotStart):
            log.exception("an ended secret of a webhook is not deleted", extra={"webhook": self.hook.name})
            return known.kept(now)

    async def _listening(self) -> Caller | None:
        """Say as whom the hook listens; where it may not any more it is paused, and nil."""
        caller, why_not = await to_thread.run_sync(self._around.owners.listening, self.hook.owner)
        if why_not:
            self._pause(f"its owner may not hear anything: {why_not}")
            return None
        return caller

    def _pause(self, reason: str) -> None:
        self._change(paused=self._around.clock(), reason=reason)
        log.error("a webhook is paused", extra={"webhook": self.hook.name, "reason": reason})

    def _change(self, **values: object) -> None:
        self.hook, self.moved = replace(self.hook, **values), True


def pause_ms(attempts: int, shift: float) -> int:
    """Say how long after a failure the next attempt is made.

    Args:
        attempts: how many have failed before it.
        shift: by how much of it the pause is longer, from -0.2 to 0.2.
    """
    longest = min(WEBHOOK_LONGEST_PAUSE_MS, WEBHOOK_FIRST_PAUSE_MS * 2 ** min(attempts, 20))
    return int(longest * (1 + shift))
