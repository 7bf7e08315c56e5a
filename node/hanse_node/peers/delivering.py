"""Sealed documents between members' nodes: offered to those that serve a reader, and fetched from those that have them.

It has a thread, an event loop and connections of its own, so that no record waits for a document. What is to be done
stands in files (`payloads`), so that a crash of either side loses nothing; when it is tried again stands in memory.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from time import monotonic
from typing import Any

from msgspec import Struct

from hanse_io.outgoing import Answer, Outgoing, OutgoingError
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Digest, MemberId, Moment
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.base.bounds import (
    PAYLOAD_GIVEN_UP_MS,
    PAYLOAD_LONGEST_PAUSE_SECONDS,
    PAYLOAD_OFFER_PAGES,
    PAYLOAD_PART_BYTES,
    PAYLOAD_PAUSE_SECONDS,
    PAYLOADS_FETCHED,
    PAYLOADS_FETCHED_EACH,
)
from hanse_node.base.errors import CannotStart, NodeError, QuotaExceeded
from hanse_node.base.worker import Beside
from hanse_node.payloads.custody import PayloadErased, ReadersDiffer
from hanse_node.payloads.deliveries import Deliveries, NotYetNamed
from hanse_node.payloads.knownreaders import write_openings
from hanse_node.payloads.naming import Standing
from hanse_node.payloads.offered import StandingOffer
from hanse_node.payloads.offering import ANSWER_BYTES, PAGE_BYTES, read_given, read_taken, write_offer
from hanse_node.payloads.store import PayloadDiffers, Progress, WrongOffset
from hanse_node.payloads.wanted import Want
from hanse_node.peers.collecting import HEADERS, OFFER, PAYLOAD, Peer

log = logging.getLogger(__name__)

ASK_SECONDS = 20.0
"""So long a part of a document may take; so slow a node is left for another one."""

ROUND_SECONDS = 1.0
"""So often is looked what is due, where no news comes."""

MEET_SECONDS = 10.0
"""So often is looked where the other members' nodes are now."""

KEEP_MS = 24 * 3_600_000
"""So long what has come of a document waits at most to be continued; an hour without any of it ends it too."""

BUSY_SECONDS = 1.0
BUSY_TIMES = 30
"""So long after a node has no more time for this one it is asked again, and so often one after the other."""

OK, TOO_MANY = 200, 429
OVER = frozenset({410, 422})
"""Answers to an offer after which none is made any more: the document is erased, or for nobody there."""


class OffersAsked(Struct, frozen=True):
    """That a member's node is to be asked what it has for readers here."""

    member: MemberId


Task = StandingOffer | Digest | OffersAsked


class Unfetched(NodeError):
    """A document does not come from a node: it does not answer, has none, or sends something else."""


class Delivering:
    """A worker; see `base.worker`. Any thread may call `news`."""

    def __init__(
        self,
        deliveries: Deliveries,
        peers: Callable[[], Mapping[MemberId, Peer]],
        *,
        pause_seconds: float = PAYLOAD_PAUSE_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Prepare.

        Args:
            deliveries: what is done with documents that are offered, and all that is here of them.
            peers: tells where the other members' nodes are; it may block, and raise CannotStart or OSError.
            pause_seconds: how long after a first failure something is tried again.
            clock: seconds that never run backwards.
        """
        self._holdings, self._peers, self._pause, self._seconds = deliveries.holdings, peers, pause_seconds, clock
        self._deliveries, self._asked = deliveries, set[MemberId]()
        self._known: dict[MemberId, Peer] = {}
        self._nodes: dict[MemberId, Outgoing] = {}
        self._again: dict[Task, tuple[float, float]] = {}
        self._doing: dict[Task, asyncio.Task[None]] = {}
        self._busy = Counter[MemberId]()
        self._turn = Counter[Digest]()
        self._came_from: dict[Digest, MemberId] = {}
        self._spoiled = set[Digest]()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news: asyncio.Event | None = None
        self._ended = False
        self._thread = Beside("delivering", lambda: asyncio.run(self._run()), self._fault)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, in the middle of what is under way. May be called twice."""
        self._ended = True
        self.news()
        self._thread.stop()

    def news(self) -> None:
        """Learn that something is to be offered or fetched."""
        loop, news = self._loop, self._news
        if loop is not None and news is not None and not loop.is_closed():
            loop.call_soon_threadsafe(news.set)

    def _fault(self, error: BaseException) -> None:
        log.critical("sealed documents are not delivered any more until the next start", exc_info=error)

    # On its own event loop

    async def _run(self) -> None:
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        met = float("-inf")
        try:
            while not self._ended:
                self._news.clear()
                if self._seconds() - met > MEET_SECONDS:
                    await self._meet()
                    met = self._seconds()
                began = self._seconds()
                self._begin_due()
                # However much there is to look through, most of the time is others'.
                await asyncio.sleep(4 * (self._seconds() - began))
                try:
                    async with asyncio.timeout(ROUND_SECONDS):
                        await self._news.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._doing.values():
                task.cancel()
            await asyncio.gather(*self._doing.values(), return_exceptions=True)
            for node in self._nodes.values():
                await node.close()

    async def _meet(self) -> None:
        """Take up where the other members' nodes are now."""
        try:
            peers = await asyncio.to_thread(self._peers)
        except (CannotStart, OSError) as error:
            log.exception("the peers' addresses cannot be read", exc_info=error)
            return
        old = [self._nodes.pop(name) for name, peer in self._known.items() if peers.get(name) != peer]
        self._known = {name: peer for name, peer in peers.items() if name != self._holdings.own}
        for name, peer in self._known.items():
            if name not in self._nodes:
                self._nodes[name] = Outgoing(peer.url, seconds=ASK_SECONDS, context=peer.context, headers=HEADERS)
        for node in old:
            await node.close()

    def _begin_due(self) -> None:
        """Begin what is due, within the bounds: fetching and offering each have places of their own."""
        now, clock = self._seconds(), self._holdings.clock()
        offers, wants = self._holdings.offered.open(), self._holdings.wanted.all()
        questions = self._questions(clock)
        known = {*offers, *(want.digest for want in wants), *questions}
        for gone in [task for task in self._again if task not in known]:
            del self._again[gone]
            if isinstance(gone, bytes):
                self._forget(gone)
        fetching = sum(isinstance(task, bytes) for task in self._doing)
        offering = sum(isinstance(task, StandingOffer) for task in self._doing)
        for question in questions:
            if self._due(question, question.member, now):
                self._begin(question, question.member, self._ask_anew(question))
        for offer in offers:
            if clock - offer.since > PAYLOAD_GIVEN_UP_MS:
                log.warning("a member's node has not taken a sealed document", extra={"peer": offer.member})
                self._holdings.offered.end(offer)
            elif offering < PAYLOADS_FETCHED and self._due(offer, offer.member, now):
                offering += 1
                self._begin(offer, offer.member, self._offer(offer))
        # What has failed least comes first: what never comes holds nothing up that is new.
        for want in sorted(wants, key=lambda want: self._again.get(want.digest, (0.0, 0.0))[1]):
            holder = self._holder(want)
            if fetching < PAYLOADS_FETCHED and not want.given_up(clock) and self._due(want.digest, holder, now):
                fetching += 1
                self._begin(want.digest, holder, self._fetch(want, holder))

    def _questions(self, clock: Moment) -> list[OffersAsked]:
        """List whom to ask what they have for readers here; where all have answered, that is noted."""
        anew, others = self._holdings.anew, self._holdings.naming.others(self._holdings.own)
        if not anew.due(clock):
            return []
        if self._asked.issuperset(others):
            anew.end()
            log.info("all members' nodes have told which sealed documents they have for readers here")
            return []
        return [OffersAsked(name) for name in others if name not in self._asked]

    def _due(self, task: Task, member: MemberId, now: float) -> bool:
        at, _ = self._again.get(task, (now, 0.0))
        return (
            at <= now
            and task not in self._doing
            and member in self._nodes
            and self._busy[member] < PAYLOADS_FETCHED_EACH
        )

    def _begin(self, task: Task, member: MemberId, work: Coroutine[Any, Any, bool]) -> None:
        self._busy[member] += 1
        self._doing[task] = asyncio.create_task(self._done(task, member, work))

    async def _done(self, task: Task, member: MemberId, work: Coroutine[Any, Any, bool]) -> None:
        """Do something; where that does not succeed, it is due again after a pause that doubles."""
        try:
            done = await work
        except (OutgoingError, NodeError, Malformed) as error:
            log.debug("a sealed document is not delivered yet", extra={"peer": member, "reason": str(error)})
            done = False
        except Exception as error:
            log.critical("a sealed document could not be delivered", extra={"peer": member}, exc_info=error)
            done = False
        finally:
            self._busy[member] -= 1
            self._doing.pop(task, None)
        if done:
            self._again.pop(task, None)
        else:
            _, pause = self._again.get(task, (0.0, self._pause / 2))
            pause = min(2 * pause, PAYLOAD_LONGEST_PAUSE_SECONDS)
            self._again[task] = (self._seconds() + pause, pause)
        self.news()

    def _holder(self, want: Want) -> MemberId:
        """Say whose node is asked next: who may have a document are asked in turn, as far as they are known."""
        met = [name for name in want.holders if name in self._nodes] or list(want.holders)
        return met[self._turn[want.digest] % len(met)]

    async def _ask(
        self,
        member: MemberId,
        method: str,
        path: str,
        most: int,
        body: bytes | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        """Ask a member's node; where it has no time for this one, again after a while. Raises OutgoingError."""
        for _ in range(BUSY_TIMES):
            answer = await self._nodes[member].ask(method, path, most=most, body=body, headers=headers)
            if answer.status != TOO_MANY:
                break
            await asyncio.sleep(BUSY_SECONDS)
        return answer

    async def _offer(self, offer: StandingOffer) -> bool:
        """Tell a member's node of a document, with the openings of its own readers; tell whether that is done with."""
        body = await asyncio.to_thread(self._written, offer)
        if body is None:
            self._holdings.offered.end(offer)
            return True
        answer = await self._ask(offer.member, "POST", OFFER, ANSWER_BYTES, body)
        if answer.status in OVER:
            log.info("a member's node wants no such document", extra={"peer": offer.member, "status": answer.status})
        elif answer.status != OK or not read_taken(answer.body).whole:
            return False
        await asyncio.to_thread(self._holdings.offered.end, offer)
        return True

    def _written(self, offer: StandingOffer) -> bytes | None:
        """Write an offer; nil where there is nothing to offer any more."""
        made = self._holdings.offer(offer.digest, offer.member)
        return None if made is None else write_offer(made)

    async def _ask_anew(self, question: OffersAsked) -> bool:
        """Ask a member's node what it has for readers here, page by page; tell whether that is done with.

        What no record here names yet, or what there is no place for, is asked for again after a while.
        """
        caller, after, done = Caller(CallerKind.MEMBER, question.member), "", True
        for _ in range(PAYLOAD_OFFER_PAGES):
            answer = await self._ask(question.member, "GET", OFFER + after, PAGE_BYTES)
            if answer.status != OK:
                raise Unfetched(f"{question.member} answers with status {answer.status}")
            page = read_given(answer.body)
            for offer in page.offers:
                try:
                    await asyncio.to_thread(self._deliveries.take_offer, caller, offer)
                except (NotYetNamed, QuotaExceeded):
                    done = False
                except (PayloadErased, ReadersDiffer, Malformed) as error:
                    log.info("a document is not for here", extra={"peer": question.member, "reason": str(error)})
            if page.following is None:
                break
            next_page = f"?after={page.following.hex()}"
            if next_page <= after:
                raise Unfetched(f"{question.member} tells the same documents again")
            after = next_page
        if done:
            self._asked.add(question.member)
        return done

    async def _fetch(self, want: Want, holder: MemberId) -> bool:
        """Fetch a document from a member's node, on from where an earlier attempt ended; tell whether it is here."""
        held, digest = self._holdings, want.digest
        self._turn[digest] += 1
        shown = (("Hanse-Readers", write_openings(await asyncio.to_thread(held.openings.of, digest)).hex()),)
        if digest in self._spoiled and self._came_from.get(digest) != holder:
            # One of those who may have it has sent something else: parts of two nodes' are not put together any more.
            await asyncio.to_thread(held.store.begin_anew, _share(want), digest)
        self._came_from[digest] = holder
        come = await asyncio.to_thread(held.store.progress, _share(want), digest) or Progress(0, whole=False)
        while not come.whole:
            if held.wanted.of(digest) is None or held.naming.standing(digest) is not Standing.NAMED:
                await asyncio.to_thread(held.erase, digest)  # erased meanwhile
                return True
            path = f"{PAYLOAD}/{digest.hex()}?start={come.offset}"
            answer = await self._ask(holder, "GET", path, PAYLOAD_PART_BYTES, headers=shown)
            if answer.status != OK or not answer.body:
                raise Unfetched(f"{holder} answers with status {answer.status} and {len(answer.body)} bytes")
            put = partial(
                held.store.put,
                _share(want),
                digest,
                answer.body[: want.size - come.offset],
                start=come.offset,
                size=want.size,
                expires=held.clock() + KEEP_MS,
            )
            try:
                come = await asyncio.to_thread(put)
            except (PayloadDiffers, WrongOffset):
                log.warning("a member's node gives other bytes than a document's", extra={"peer": holder})
                self._spoiled.add(digest)
                raise
        await asyncio.to_thread(self._keep, digest)
        self._forget(digest)
        log.info("a sealed document was fetched", extra={"peer": holder, "bytes": want.size})
        return True

    def _forget(self, digest: Digest) -> None:
        self._turn.pop(digest, None)
        self._came_from.pop(digest, None)
        self._spoiled.discard(digest)

    def _keep(self, digest: Digest) -> None:
        """Keep what has come whole; what was erased in the same moment goes."""
        self._holdings.settle(digest)
        self._holdings.wanted.drop(digest)
        if self._holdings.naming.standing(digest) is Standing.ERASED:
            self._holdings.erase(digest)


def _share(want: Want) -> str:
    """Say to whose share the bytes of a document count: his who offered it."""
    return Caller(CallerKind.MEMBER, want.holders[0]).holder
