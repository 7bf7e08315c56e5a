"""What every request passes: its turn, its answer's share, and what nobody else's load takes away."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from time import monotonic

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import Response

from hanse_ledger.wire.membership import Membership
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.access.membernodes import MemberNodes
from hanse_node.access.purse import Purse
from hanse_node.access.shares import Shares
from hanse_node.api import problems
from hanse_node.api.gateway import Gateway
from hanse_node.base.errors import Busy, Stopped
from hanse_node.base.growth import Growth
from hanse_node.base.metrics import Metrics
from hanse_node.base.receipts import Outcome, Receipt
from hanse_node.comet.covering import Covering
from hanse_node.store.reads import Published
from tests.world.node_ledger import digest
from tests.world.peer_listener import genesis_of_four

TOKEN = Caller(CallerKind.TOKEN, "a")


async def admit(_scope: object, _headers: object) -> Caller:
    """Let everybody in, with the same token."""
    return TOKEN


@contextmanager
def asking(app: FastAPI, shares: Shares, answers: Purse) -> Iterator[httpx2.AsyncClient]:
    """Put an app behind a gateway in which everybody bears the same token."""
    problems.install(app)
    app.add_middleware(Gateway, admit=admit, lane=shares.lane, answers=answers, metrics=Metrics())
    yield httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://node")


def test_health_is_answered_whatever_is_read() -> None:
    """Every place for reads and proofs taken, and as many waiting as may: the node still says how it does."""
    app, shares, release = FastAPI(), Shares(), Event()

    @app.get("/v1/proof")
    def proof() -> Response:
        release.wait(30)
        return Response(b"proof")

    @app.get("/v1/trust")
    def trust() -> Response:
        release.wait(30)
        return Response(b"trust")

    @app.get("/livez")
    async def livez() -> Response:
        return Response(b"live")

    async def run() -> None:
        with asking(app, shares, shares.answers) as client:
            paths = ["/v1/proof"] * 250 + ["/v1/trust"] * 300
            asked = [asyncio.create_task(client.get(path)) for path in paths]
            await asyncio.sleep(0.5)
            begun = monotonic()
            assert (await client.get("/livez")).status_code == 200
            assert monotonic() - begun < 0.5
            release.set()
            answers = await asyncio.gather(*asked)
            statuses = [each.status_code for each in answers]
            assert set(statuses) == {200, 429}
            refused = next(each for each in answers if each.status_code == 429)
            assert refused.json()["code"] == "quota-exceeded"
            assert int(refused.headers["retry-after"]) >= 1
            assert (await client.get("/v1/proof")).status_code == 200

    asyncio.run(run())


def test_answers_that_nobody_takes_are_bounded() -> None:
    """An answer for which the caller has no share left is a problem instead, whole and with its own status."""
    app, answers = FastAPI(), Purse("bytes of answers", 1_000)

    @app.get("/{size}")
    async def give(size: int) -> Response:
        return Response(bytes(size))

    async def run() -> None:
        with asking(app, Shares(), answers) as client:
            small, large = await client.get("/400"), await client.get("/900")
            assert (small.status_code, len(small.content)) == (200, 400)
            assert (large.status_code, large.json()["code"]) == (429, "quota-exceeded")
            assert answers.taken == 0

    asyncio.run(run())


def test_growth_wakes_whom_it_reaches() -> None:
    """A commit on another thread wakes who waits for its size and nobody else; who waits too long is told."""
    size = 1

    def grown(wanted: int) -> bool:
        return size >= wanted

    async def run() -> None:
        nonlocal size
        growth = Growth()
        waiting = [asyncio.create_task(growth.until(partial(grown, wanted), 5)) for wanted in (2, 3)]
        late = asyncio.create_task(growth.until(lambda: size >= 9, 0.05))
        await asyncio.sleep(0.01)
        size = 2
        Thread(target=growth.notify).start()
        assert await asyncio.wait_for(waiting[0], 1)
        assert not await late
        assert not waiting[1].done()
        size = 3
        growth.notify()
        assert await asyncio.wait_for(waiting[1], 1)
        assert await growth.until(lambda: True, 0)

    asyncio.run(run())


def test_receipts_of_what_stood_wait_for_their_head() -> None:
    """Covered at once, covered by a later head, covered by none in time, and a node that stops."""
    stood = Receipt(record=digest("r"), outcome=Outcome.EXISTS, position=4, height=2, time=1)

    async def run() -> None:
        signed = [3]
        covering = Covering(lambda: Published(signed[0], ""), patience_seconds=0.1)
        answers = [asyncio.get_running_loop().run_in_executor(None, _given, covering, stood) for _ in range(2)]
        await asyncio.sleep(0.02)
        assert not any(each.done() for each in answers)
        signed[0] = 5
        covering.reached(5)
        assert [await each for each in answers] == [[stood], [stood]]
        assert _given(covering, stood) == [stood]
        signed[0] = 3
        with pytest.raises(Busy):
            await asyncio.get_running_loop().run_in_executor(None, _given, covering, stood)
        ended = asyncio.get_running_loop().run_in_executor(None, _given, covering, stood)
        await asyncio.sleep(0.02)
        covering.fail("the engine has stopped")
        with pytest.raises(Stopped):
            await ended

    asyncio.run(run())


def _given(covering: Covering, receipt: Receipt) -> list[Receipt]:
    answer: Future[list[Receipt]] = Future()
    covering.give(answer, [receipt])
    return answer.result(5)


class _History:
    """All who have had a validator's key."""

    def validators(self) -> set[tuple[str, bytes]]:
        """List them."""
        return {(name, b"") for name in ("bank", "chamber", "customs", "market", "gone")}


def test_who_may_ask_follows_from_the_members() -> None:
    """A member in force may; who was one may only if named; who never was one may follow."""
    present: list[Membership] = [genesis_of_four().membership]
    named: list[str] = []
    nodes = MemberNodes(lambda: present[0], _History, lambda: named)  # type: ignore[arg-type]  # as much of it as is asked
    assert nodes.kind("bank") is CallerKind.MEMBER
    assert nodes.kind("gone") is None
    assert nodes.kind("newcomer") is CallerKind.OBSERVER
    named.append("gone")
    assert nodes.kind("gone") is CallerKind.OBSERVER


def test_methods_that_somebody_invents_are_measured_together() -> None:
    """Whoever asks with a method of his own making leaves nothing in the node that stays for each."""
    app, metrics = FastAPI(), Metrics()
    problems.install(app)
    app.add_middleware(
        Gateway,
        admit=admit,
        lane=Shares().lane,
        answers=Purse("bytes of answers", 100_000),
        metrics=metrics,
    )

    async def run() -> None:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://node") as client:
            for name in ("INVENTED", "ALSO-INVENTED", "GET"):
                await client.request(name, "/nowhere")

    asyncio.run(run())
    measured = metrics.write().decode()
    assert "INVENTED" not in measured
    assert 'duration_seconds_count{method="other",route="none",status="404"} 2.0' in measured
    assert 'duration_seconds_count{method="GET",route="none",status="404"} 1.0' in measured
