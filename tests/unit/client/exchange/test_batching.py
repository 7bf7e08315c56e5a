"""Records that are submitted at the same time travel together."""

from collections.abc import Sequence

import anyio
import pytest
from anyio.lowlevel import checkpoint

from hanse_client.base.errors import NodeUnreachable
from hanse_client.base.views import Refusal
from hanse_client.exchange.batching import BATCH_BYTES, REQUEST_RECORDS, UNDER_WAY, Answer, Batcher, Parcel
from hanse_ledger.records.envelope import Signed
from tests.world.corridor import story

SIGNED: Signed = next(iter(story().signed.values()))


def parcels(count: int, size: int = 1) -> list[Parcel]:
    """Make parcels whose envelopes number them."""
    return [Parcel(number.to_bytes(4, "big") * size, SIGNED) for number in range(count)]


class Post:
    """Sends batches, and remembers them; holds each until it is let go."""

    def __init__(self, *, held: bool = False) -> None:
        self.batches: list[list[bytes]] = []
        self.under_way = self.most_under_way = 0
        self.gate = anyio.Event()
        if not held:
            self.gate.set()

    async def send(self, batch: Sequence[Parcel]) -> list[Answer]:
        """Answer each envelope with its own bytes."""
        self.batches.append([parcel.envelope for parcel in batch])
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.gate.wait()
            await checkpoint()
        finally:
            self.under_way -= 1
        return [Refusal(code=parcel.envelope.hex()) for parcel in batch]


def assert_own_answers(sent: Sequence[Parcel]) -> None:
    """Each parcel got the answer to its own envelope."""
    for parcel in sent:
        assert isinstance(parcel.outcome, Refusal)
        assert parcel.outcome.code == parcel.envelope.hex()


@pytest.mark.parametrize("count", [1, 7, 2_500])
def test_calls_made_together_travel_together(count: int) -> None:
    """Calls under way at once take as few requests as the bound of a batch allows, and each gets its own answer."""

    async def main() -> None:
        batcher, post, sent = Batcher(), Post(), parcels(count)
        async with anyio.create_task_group() as tasks:
            for parcel in sent:
                tasks.start_soon(batcher.deliver, [parcel], post.send)
        assert_own_answers(sent)
        assert [len(batch) for batch in post.batches] == [
            min(REQUEST_RECORDS, count - start) for start in range(0, count, REQUEST_RECORDS)
        ]

    anyio.run(main)


def test_a_list_is_delivered_in_its_order() -> None:
    """One call with many parcels sends them in order, batch after batch."""

    async def main() -> None:
        batcher, post, sent = Batcher(), Post(), parcels(2_500)
        await batcher.deliver(sent, post.send)
        assert_own_answers(sent)
        assert [envelope for batch in post.batches for envelope in batch] == [parcel.envelope for parcel in sent]

    anyio.run(main)


def test_at_most_four_requests_are_under_way() -> None:
    """While four requests wait for answers, everything that comes queues up, and then travels in one."""

    async def main() -> None:
        batcher, post, sent = Batcher(), Post(held=True), parcels(40)
        async with anyio.create_task_group() as tasks:
            for parcel in sent:
                tasks.start_soon(batcher.deliver, [parcel], post.send)
                await anyio.wait_all_tasks_blocked()
            post.gate.set()
        assert_own_answers(sent)
        assert [len(batch) for batch in post.batches] == [1] * UNDER_WAY + [40 - UNDER_WAY]
        assert post.most_under_way == UNDER_WAY

    anyio.run(main)


def test_a_batch_is_bounded_in_bytes() -> None:
    """Large envelopes travel in several requests, each below what a node takes at once."""

    async def main() -> None:
        batcher, post, sent = Batcher(), Post(), parcels(5, BATCH_BYTES // 10)
        await batcher.deliver(sent, post.send)
        assert_own_answers(sent)
        assert [len(batch) for batch in post.batches] == [2, 2, 1]

    anyio.run(main)


def test_a_cancelled_call_leaves_the_others_theirs() -> None:
    """Whoever leads a batch may be cancelled; the others' records are sent again, its own no more."""

    async def main() -> None:
        batcher, post, sent = Batcher(), Post(held=True), parcels(3)
        async with anyio.create_task_group() as tasks:
            leader = anyio.CancelScope()

            async def lead() -> None:
                with leader:
                    await batcher.deliver([sent[0]], post.send)

            tasks.start_soon(lead)
            for parcel in sent[1:]:
                tasks.start_soon(batcher.deliver, [parcel], post.send)
            await anyio.wait_all_tasks_blocked()
            leader.cancel()
            await anyio.wait_all_tasks_blocked()
            post.gate.set()
        assert sent[0].outcome is None
        assert_own_answers(sent[1:])
        assert [len(batch) for batch in post.batches] == [3, 2]

    anyio.run(main)


def test_a_failed_batch_fails_all_in_it_and_nobody_else() -> None:
    """When a request gets no answer, each of its records hears it; the next request is a new one."""

    async def main() -> None:
        batcher, post, lost, later = Batcher(), Post(), parcels(3), parcels(2)

        async def fail(batch: Sequence[Parcel]) -> list[Answer]:
            raise NodeUnreachable(f"no answer for {len(batch)}")

        await batcher.deliver(lost, fail)
        assert [str(parcel.outcome) for parcel in lost] == ["no answer for 3"] * 3
        await batcher.deliver(later, post.send)
        assert_own_answers(later)

    anyio.run(main)


def test_a_bug_of_ours_is_not_swallowed() -> None:
    """An error that nobody raises on purpose reaches whoever led, and leaves nobody waiting."""

    async def main() -> None:
        batcher, sent = Batcher(), parcels(2)

        async def break_down(batch: Sequence[Parcel]) -> list[Answer]:
            raise RuntimeError(f"a bug with {len(batch)}")

        with pytest.raises(RuntimeError, match="a bug with 2"):
            await batcher.deliver(sent, break_down)
        post, later = Post(), parcels(1)
        await batcher.deliver(later, post.send)
        assert [len(batch) for batch in post.batches] == [1]

    anyio.run(main)
