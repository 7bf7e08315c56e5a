"""Work that lasts: what ends it is told, and what stands beside it goes on."""

import asyncio
import logging

import pytest

from hanse_node.comet.lasting import keep_on, watch


async def fail() -> None:
    """Raise what nobody expects."""
    raise RuntimeError("unexpected")


def test_what_the_engine_needs_does_not_end_in_silence() -> None:
    """Whoever watches is told the fault itself; an end, or a cancellation, is none."""

    async def run() -> list[str]:
        told: list[str] = []
        failing = watch(fail(), lambda error: told.append(str(error)))
        ending = watch(asyncio.sleep(0), lambda error: told.append(str(error)))
        waiting = watch(asyncio.sleep(60), lambda error: told.append(str(error)))
        await asyncio.wait([failing, ending])
        waiting.cancel()
        await asyncio.wait([waiting])
        return told

    assert asyncio.run(run()) == ["unexpected"]


def test_what_stands_beside_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """A fault is logged, and the work begun again, as often as it takes."""

    async def run() -> int:
        begun = 0
        enough = asyncio.Event()

        async def work() -> None:
            nonlocal begun
            begun += 1
            if begun == 3:
                enough.set()
            await fail()

        task = asyncio.create_task(keep_on("looking", work, again_seconds=0))
        await asyncio.wait_for(enough.wait(), 5)
        task.cancel()
        return begun

    with caplog.at_level(logging.CRITICAL):
        assert asyncio.run(run()) >= 3
    assert {record.__dict__["work"] for record in caplog.records} == {"looking"}
