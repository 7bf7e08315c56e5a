"""The way into CometBFT's pool: submissions travel together, a bounded number of transactions at a time.

Nobody is answered before his records are committed. A transaction that is not committed after a while is sent again:
a pool that is lost with its process loses nothing that anybody was told of.
"""

import asyncio
import base64
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future

import msgspec
from msgspec import Struct

from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.codec import encode
from hanse_node.base.errors import Busy, Stopped
from hanse_node.base.receipts import Receipt
from hanse_node.base.roundrobin import Turns
from hanse_node.comet.abci.application import LATER
from hanse_node.comet.abci.transactions import TRANSACTION_BYTES, KnownTransactions, Opened, read_transaction
from hanse_node.comet.rpc import EngineRpc, EngineSilent
from hanse_node.engine.backlog import size_of

log = logging.getLogger(__name__)

TOGETHER_RECORDS = 200
"""So many records share a transaction, of several submissions if those are small."""

TOGETHER_BYTES = TRANSACTION_BYTES // 2
UNDER_WAY = 16
UNDER_WAY_RECORDS = 1_600
UNDER_WAY_BYTES = 768 * 1024
"""So many of this node's transactions wait in the pool, or in a block, at a time; and no further one is begun beyond so
many records and bytes: about half of what a member may have in others' pools, which may be some blocks behind."""

AGAIN_SECONDS = 5.0
"""After so long without a block, a transaction is put into the pool again."""

COMMIT_SECONDS = 30.0
"""After so long without a block, whoever waits is told that there is no quorum; sending again is harmless."""

EXPIRY_SECONDS = 1.0
"""So often those who wait are looked through for who has waited too long."""

PAUSE_SECONDS = 0.2
_LENGTH_BYTES = 5
"""What says how long an envelope is."""

ANSWER_BYTES = 64 * 1024


class Submission(Struct, eq=False):
    """Records that somebody waits for, in order, their signatures verified; `who` is whose turn they wait for."""

    batch: Sequence[Signed]
    answer: "Future[list[Receipt]]"
    who: str = ""
    deadline: float = 0.0

    @property
    def size(self) -> int:
        """How many bytes its envelopes have, roughly."""
        return size_of(self.batch) + 256 * len(self.batch)


class _Sent(Struct, eq=False):
    """A transaction on its way, and who waits for it."""

    name: Digest
    data: bytes
    members: list[Submission]
    records: int
    sent_at: float


class _Result(Struct, frozen=True):
    """What the pool says of a transaction; 0 is yes."""

    code: int = 0


class _Answer(Struct, frozen=True):
    """The engine's answer to a transaction."""

    error: dict[str, object] | None = None
    result: _Result | None = None


class PoolGateway:
    """Sends submissions as transactions. Lives on one event loop; `committed` may be called from any thread."""

    def __init__(self, engine: EngineRpc, known: KnownTransactions, wrap: Callable[[list[bytes]], bytes]) -> None:
        """Prepare a gateway.

        Args:
            engine: this node's own.
            known: learns of each transaction that is sent, whose signatures are verified already.
            wrap: makes a transaction of envelopes, signed as this node's.
        """
        self._known, self._engine, self._wrap = known, engine, wrap
        self._waiting: Turns[Submission] = Turns()
        self._sent: dict[Digest, _Sent] = {}
        self._looks_at = 0.0
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def submit(self, submission: Submission) -> None:
        """Queue a submission; from any thread. What is too large for a transaction goes in parts."""
        if submission.size <= TOGETHER_BYTES // 2:
            self._loop.call_soon_threadsafe(self._queue, submission)
        else:
            self._submit_parts(submission)

    def _submit_parts(self, submission: Submission) -> None:
        """Queue a submission part by part; its records may rest on each other, so that each part waits for a block."""
        parts = iter(_parts(submission.batch))
        receipts: list[Receipt] = []

        def go_on(done: "Future[list[Receipt]] | None" = None) -> None:
            """Send the next part."""
            error = None if done is None else done.exception()
            if submission.answer.done():
                return
            if error is not None:
                submission.answer.set_exception(error)
                return
            receipts.extend([] if done is None else done.result())
            part = next(parts, None)
            if part is None:
                submission.answer.set_result(receipts)
                return
            following: Future[list[Receipt]] = Future()
            following.add_done_callback(go_on)
            self._loop.call_soon_threadsafe(self._queue, Submission(part, following, submission.who))

        go_on()

    def committed(self, receipts: Mapping[Digest, list[Receipt]]) -> None:
        """Answer whoever waited for a block's transactions; from any thread."""
        self._loop.call_soon_threadsafe(self._settle, dict(receipts))

    async def run(self) -> None:
        """Send what is queued, and again what is not committed, until cancelled."""
        try:
            while True:
                self._news.clear()
                self._expire()
                while self._waiting and self._has_room():
                    await self._send(self._take())
                await self._again()
                try:
                    async with asyncio.timeout(PAUSE_SECONDS):
                        await self._news.wait()
                except TimeoutError:
                    continue
        finally:
            self.fail("the engine has stopped")

    def _has_room(self) -> bool:
        """Tell whether this member's share of the pool has room: others' nodes hold it to less than twice as much."""
        sent = self._sent.values()
        return (
            len(sent) < UNDER_WAY
            and sum(batch.records for batch in sent) < UNDER_WAY_RECORDS
            and sum(len(batch.data) for batch in sent) < UNDER_WAY_BYTES
        )

    def fail(self, reason: str) -> None:
        """Tell everybody who waits that it is not known what became of his records."""
        left = [*self._waiting, *(member for sent in self._sent.values() for member in sent.members)]
        self._waiting.clear()
        self._sent.clear()
        for submission in left:
            _tell(submission, Stopped(reason))

    def _queue(self, submission: Submission) -> None:
        submission.deadline = self._loop.time() + COMMIT_SECONDS
        self._waiting.put(submission.who, submission)
        self._news.set()

    def _take(self) -> list[Submission]:
        taken: list[Submission] = []
        records = size = 0
        while self._waiting:
            following = self._waiting.next()
            records, size = records + len(following.batch), size + following.size
            if taken and (records > TOGETHER_RECORDS or size > TOGETHER_BYTES):
                break
            taken.append(self._waiting.take())
        return taken

    async def _send(self, members: list[Submission]) -> None:
        batch = tuple(signed for member in members for signed in member.batch)
        data = self._wrap([encode(signed.envelope) for signed in batch])
        transaction = read_transaction(data)
        self._known.learn(transaction, Opened(batch, [None] * len(batch)))
        sent = _Sent(transaction.name, data, members, len(batch), self._loop.time())
        # Before it is sent: it may be committed before the pool has answered.
        self._sent[sent.name] = sent
        await self._broadcast(sent)

    async def _again(self) -> None:
        now = self._loop.time()
        for sent in [each for each in self._sent.values() if now - each.sent_at > AGAIN_SECONDS]:
            sent.sent_at = now
            await self._broadcast(sent)

    async def _broadcast(self, sent: _Sent) -> None:
        """Put a transaction into the pool. What fails here is tried again, until the deadline."""
        question = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "broadcast_tx_sync",
            "params": {"tx": base64.b64encode(sent.data).decode()},
        }
        try:
            answer = await self._engine.pass_on(msgspec.json.encode(question), ANSWER_BYTES)
            decoded = msgspec.json.decode(answer, type=_Answer)
        except (EngineSilent, *UNREADABLE) as error:
            log.warning("the engine takes no transaction at the moment", extra={"reason": str(error)[:200]})
            sent.sent_at -= AGAIN_SECONDS - PAUSE_SECONDS
            return
        problem = decoded.error
        if problem is not None and "already exists in cache" not in str(problem):
            log.warning("the engine's pool refuses a transaction", extra={"reason": str(problem)[:200]})
            sent.sent_at -= AGAIN_SECONDS - PAUSE_SECONDS
        code = 0 if decoded.result is None else decoded.result.code
        if code == LATER:
            sent.sent_at -= AGAIN_SECONDS - PAUSE_SECONDS
        elif code:
            # This node has verified every record itself, so the pool cannot find one false.
            self._drop(sent, Stopped("the engine refuses what this node has verified"))

    def _expire(self) -> None:
        now = self._loop.time()
        for sent in list(self._sent.values()):
            if all(member.deadline < now for member in sent.members):
                self._drop(sent, Busy("no quorum has committed the records in time"))
        if now < self._looks_at:
            return
        self._looks_at = now + EXPIRY_SECONDS
        for late in [each for each in self._waiting if each.deadline < now]:
            self._waiting.discard(late.who, late)
            _tell(late, Busy("no quorum has committed the records in time"))

    def _drop(self, sent: _Sent, error: Busy | Stopped) -> None:
        self._sent.pop(sent.name, None)
        for member in sent.members:
            _tell(member, error)

    def _settle(self, receipts: Mapping[Digest, list[Receipt]]) -> None:
        for name, answered in receipts.items():
            sent = self._sent.pop(name, None)
            if sent is None:
                continue
            left = iter(answered)
            for member in sent.members:
                mine = [next(left) for _ in member.batch]
                if not member.answer.done():
                    member.answer.set_result(mine)
        self._news.set()


def _parts(batch: Sequence[Signed]) -> Iterator[list[Signed]]:
    """Cut a batch into what a transaction can hold, in order; most are one part."""
    part, size = list[Signed](), 0
    for signed in batch:
        more = len(encode(signed.envelope)) + _LENGTH_BYTES
        if part and size + more > TOGETHER_BYTES:
            yield part
            part, size = [], 0
        part.append(signed)
        size += more
    if part:
        yield part


def _tell(submission: Submission, error: Busy | Stopped) -> None:
    if not submission.answer.done():
        submission.answer.set_exception(error)
