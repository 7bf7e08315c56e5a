"""Collecting the peers' cosignatures for this node's newest head, until a quorum has vouched for it."""

import asyncio
import logging
from collections.abc import Callable, Mapping

import httpx

from hanse_ledger import limits
from hanse_ledger.errors import LedgerError
from hanse_ledger.notes import NoteSignature, parse_note
from hanse_ledger.trust import Genesis
from hanse_ledger.types import MemberId
from hanse_node.cosigning import Quorum, read_cosignature
from hanse_node.store.reads import Published

log = logging.getLogger(__name__)

PATH = "/v1/cosign"
ASK_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 1.0


AT_ONCE = 3
"""For so many heads signatures are collected at once: blocks may come faster than answers from far away."""


class Collector:
    """Asks the other members' nodes. Lives on one event loop.

    Of heads that come while others are asked for the newest is next: who vouches for it vouches for all before it.
    """

    def __init__(
        self, genesis: Genesis, own: MemberId, peers: Mapping[MemberId, str], reached: Callable[[Published], object]
    ) -> None:
        """Prepare a collector.

        Args:
            genesis: the ledger's.
            own: this node's member.
            peers: the addresses of the other cosigners' nodes.
            reached: told of a head with its quorum, on a thread of its own.
        """
        self._genesis, self._reached = genesis, reached
        members = {each.id for each in genesis.membership.cosigners} - {own}
        self._peers = {name: address for name, address in peers.items() if name in members}
        self._needed = genesis.membership.parameters.quorum
        self._client = httpx.AsyncClient(timeout=ASK_SECONDS, trust_env=False)
        self._next: Published | None = None
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self.missing: tuple[MemberId, ...] = tuple(sorted(members))

    def collect(self, signed: Published) -> None:
        """Begin to collect for a head, the newest so far, or the same one signed again."""
        again = self._tasks.pop(signed.size, None)
        if again is not None:
            again.cancel()
        if len(self._tasks) < AT_ONCE:
            self._begin(signed)
        else:
            self._next = signed

    async def close(self) -> None:
        """Give up, and close every connection."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()

    def _begin(self, signed: Published) -> None:
        task = self._tasks[signed.size] = asyncio.create_task(self._collect(signed))
        task.add_done_callback(lambda done: self._ended(signed.size, done))

    def _ended(self, size: int, done: "asyncio.Task[None]") -> None:
        """Give up what is older, and go on with the newest."""
        if done.cancelled() or self._tasks.get(size) is not done:
            return
        if done.exception() is not None:
            log.error("the cosignatures of a head could not be taken up", exc_info=done.exception())
        del self._tasks[size]
        for older in [each for each in self._tasks if each < size]:
            self._tasks.pop(older).cancel()
        if self._next is not None:
            following, self._next = self._next, None
            self._begin(following)

    async def _collect(self, signed: Published) -> None:
        own = parse_note(signed.note.encode())
        lines: dict[str, NoteSignature] = {}
        enough = asyncio.Event()
        if Quorum(own, lines, self._needed).reached:
            enough.set()

        async def ask(member: MemberId, address: str) -> None:
            pause = FIRST_PAUSE_SECONDS
            while not enough.is_set():
                line = await self._ask(member, address, signed)
                if line is not None:
                    lines[member] = line
                    if Quorum(own, lines, self._needed).reached:
                        enough.set()
                    return
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

        asking = [asyncio.create_task(ask(member, address)) for member, address in self._peers.items()]
        try:
            await enough.wait()
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            self.missing = tuple(sorted(set(self._peers) - set(lines)))
        note = Quorum(own, lines, self._needed).note()
        await asyncio.to_thread(self._reached, Published(signed.size, note))

    async def _ask(self, member: MemberId, address: str, signed: Published) -> NoteSignature | None:
        """Ask one member; nothing where it does not answer, is behind, or refuses."""
        own = parse_note(signed.note.encode())
        try:
            answer = await self._client.post(f"{address}{PATH}", content=signed.note.encode())
            if answer.status_code != httpx.codes.OK:
                if answer.status_code != httpx.codes.CONFLICT:
                    log.error("a member refuses to cosign", extra={"peer": member, "status": answer.status_code})
                return None
            return read_cosignature(answer.content[: limits.CHECKPOINT_BYTES], own, self._genesis, member)
        except httpx.TransportError:
            return None  # it is asked again, or the others are enough
        except LedgerError as error:
            log.exception("a member's cosignature does not verify", extra={"peer": member}, exc_info=error)
            return None
