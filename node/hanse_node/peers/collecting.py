"""Collecting the peers' cosignatures for this node's newest head, until a quorum has vouched for it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from ssl import SSLContext

from msgspec import Struct

from hanse_io.outgoing import Answer, Outgoing, OutgoingError
from hanse_ledger.tlog.notes import NoteSignature, parse_note
from hanse_ledger.values import limits
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.types import LedgerId, MemberId
from hanse_ledger.wire.membership import Cosigner, Membership
from hanse_node.peers.blocks import GROUP_BYTES
from hanse_node.peers.cosigning import Quorum, read_cosignature
from hanse_node.store.reads import Published

log = logging.getLogger(__name__)

COSIGN, ENGINE, EVIDENCE = "/v1/cosign", "/v1/engine", "/v1/evidence"
GROUP, HEAD = "/v1/group", "/v1/head"
OFFER, PAYLOAD = "/v1/payload-offers", "/v1/payloads"
ENGINE_BYTES = 4 * 1024 * 1024
HEADERS = (("User-Agent", "hanse-node/1"),)
OK, CONFLICT = 200, 409
TELL_ATTEMPTS = 12
TOLD_BYTES = 4_096
"""What a member's node may say when it has taken evidence, which is nothing."""

ASK_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 1.0


LINGER_SECONDS = 10.0
"""So long others are asked when a quorum has vouched already."""

AT_ONCE = 3
"""For so many heads signatures are collected at once: blocks may come faster than answers from far away."""


class Peer(Struct, frozen=True):
    """Another member's node: its address, and the TLS that believes it alone."""

    url: str
    context: SSLContext


class Collector:
    """Asks the other members' nodes. Lives on one event loop.

    Of heads that come while others are asked for the newest is next: who vouches for it vouches for all before it.
    """

    def __init__(self, ledger: LedgerId, own: MemberId, reached: Callable[[Published], object]) -> None:
        """Prepare a collector that knows no peers yet: see `meet`.

        Args:
            ledger: the ledger's id.
            own: this node's member.
            reached: told of a head with its quorum, on a thread of its own.
        """
        self._ledger, self._own, self._reached = ledger, own, reached
        self._known: dict[MemberId, Peer] = {}
        self._peers: dict[MemberId, Outgoing] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._next: tuple[Published, Membership] | None = None
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._lingering: dict[int, asyncio.Task[None]] = {}

    async def meet(self, peers: Mapping[MemberId, Peer]) -> None:
        """Take up where the other members' nodes are now.

        Whoever asks meanwhile finds every member that is known before and after: what is old is closed at the end.
        """
        changed = [name for name, peer in self._known.items() if peers.get(name) != peer]
        old = [self._peers.pop(name) for name in changed]
        self._known = {name: peer for name, peer in peers.items() if name != self._own}
        for name, peer in self._known.items():
            if name not in self._peers:
                self._peers[name] = Outgoing(peer.url, seconds=ASK_SECONDS, context=peer.context, headers=HEADERS)
        for each in old:
            await each.close()

    async def head_of(self, member: MemberId, size: int) -> bytes | None:
        """Ask a member's node for the newest head with a quorum; nothing where it does not answer.

        Args:
            member: whose node.
            size: it waits a moment for a head of so many entries.
        """
        return await self._asked(member, "GET", f"{HEAD}?size={size}", limits.CHECKPOINT_BYTES)

    async def block_of(self, member: MemberId, after: int) -> bytes | None:
        """Ask a member's node for the block that follows so many entries; nothing where it shows none."""
        return await self._asked(member, "GET", f"{GROUP}?after={after}", GROUP_BYTES)

    async def ask_engine(self, member: MemberId, question: bytes) -> bytes | None:
        """Ask a member's engine, through its node, a JSON-RPC question; nothing where it does not answer."""
        return await self._asked(member, "POST", ENGINE, ENGINE_BYTES, question)

    async def _asked(
        self, member: MemberId, method: str, path: str, most: int, body: bytes | None = None
    ) -> bytes | None:
        """Ask a member's node; nothing where it does not answer, refuses, or says more than it may."""
        answer = await self._answer(member, method, path, most, body)
        return answer.body if answer is not None and answer.status == OK else None

    async def _answer(
        self, member: MemberId, method: str, path: str, most: int, body: bytes | None = None
    ) -> Answer | None:
        """Read a member's answer; nothing where none came that is within its bounds, or the member is not known."""
        try:
            return await self._peers[member].ask(method, path, most=most, body=body)
        except (KeyError, OutgoingError) as error:
            log.debug("a member's node gives no answer", extra={"peer": member, "reason": str(error)})
            return None

    @property
    def met(self) -> tuple[MemberId, ...]:
        """The members whose nodes' addresses are known."""
        return tuple(self._peers)

    def collect(self, signed: Published, membership: Membership) -> None:
        """Begin to collect for a head, the newest so far, or the same one signed again.

        Args:
            signed: the head, with this node's own signatures.
            membership: who is in force under it.
        """
        for tasks in (self._tasks, self._lingering):
            again = tasks.pop(signed.size, None)
            if again is not None:
                again.cancel()
        if len(self._tasks) < AT_ONCE:
            self._begin(signed, membership)
        else:
            self._next = (signed, membership)

    async def close(self) -> None:
        """Give up, and close every connection."""
        tasks = [*self._tasks.values(), *self._lingering.values(), *self._telling]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for peer in self._peers.values():
            await peer.close()

    def tell(self, evidence: bytes) -> None:
        """Give evidence to the other members' nodes; one that is away for long learns of it from others."""
        for member in self._peers:
            task = asyncio.create_task(self._tell(member, evidence))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _tell(self, member: MemberId, evidence: bytes) -> None:
        pause = FIRST_PAUSE_SECONDS
        for _ in range(TELL_ATTEMPTS):
            answer = await self._answer(member, "POST", EVIDENCE, TOLD_BYTES, evidence)
            if answer is not None and answer.ok:
                return
            await asyncio.sleep(pause)
            pause *= 2
        log.warning("a member has not taken the evidence", extra={"peer": member})

    def _begin(self, signed: Published, membership: Membership) -> None:
        task = self._tasks[signed.size] = asyncio.create_task(self._collect(signed, membership))
        task.add_done_callback(self._collected)

    def _collected(self, task: asyncio.Task[None]) -> None:
        """Let nothing that ends collecting go unseen: the next head is collected for, and covers this one."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("collecting for a head has failed", exc_info=error)

    async def _collect(self, signed: Published, membership: Membership) -> None:
        """Ask until a quorum has vouched, and for a while longer: some ask for more than that."""
        own, needed = parse_note(signed.note.encode()), membership.parameters.quorum
        # Also those whose addresses are not known yet: whoever is met while others are asked is asked as well.
        others = {cosigner.id: cosigner for cosigner in membership.cosigners if cosigner.id != self._own}
        lines: dict[str, NoteSignature] = {}
        news = asyncio.Event()

        async def ask(member: MemberId) -> None:
            pause = FIRST_PAUSE_SECONDS
            while (line := await self._ask(others[member], signed)) is None:
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            lines[member] = line
            news.set()

        asking = [asyncio.create_task(ask(member)) for member in others]
        shown = -1
        try:
            async with asyncio.timeout(None) as patience:
                while shown < len(others):
                    news.clear()
                    if len(lines) > shown and Quorum(own, lines, needed).reached:
                        if shown < 0:
                            self._vouched(signed.size)
                            patience.reschedule(asyncio.get_running_loop().time() + LINGER_SECONDS)
                        shown = len(lines)
                        note = Quorum(own, dict(lines), needed).note()
                        await asyncio.to_thread(self._reached, Published(signed.size, note))
                    else:
                        await news.wait()
        except TimeoutError:
            missing = sorted(set(others) - set(lines))
            log.debug("some members have not vouched for a head", extra={"size": signed.size, "peers": missing})
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            self._lingering.pop(signed.size, None)

    def _vouched(self, size: int) -> None:
        """A quorum has vouched for a head: give up what is older, and go on with the newest."""
        task = self._tasks.pop(size)
        for tasks in (self._tasks, self._lingering):
            for older in [each for each in tasks if each < size]:
                tasks.pop(older).cancel()
        self._lingering[size] = task
        if self._next is not None:
            following, self._next = self._next, None
            self._begin(*following)

    async def _ask(self, cosigner: Cosigner, signed: Published) -> NoteSignature | None:
        """Ask one member; nothing where it does not answer, is behind, or refuses."""
        own, member = parse_note(signed.note.encode()), cosigner.id
        answer = await self._answer(member, "POST", COSIGN, limits.CHECKPOINT_BYTES, signed.note.encode())
        if answer is None or answer.status == CONFLICT:
            return None  # it is asked again, or the others are enough
        if answer.status != OK:
            log.error("a member refuses to cosign", extra={"peer": member, "status": answer.status})
            return None
        try:
            return read_cosignature(answer.body, own, self._ledger, cosigner)
        except LedgerError as error:
            log.exception("a member's cosignature does not verify", extra={"peer": member}, exc_info=error)
            return None
