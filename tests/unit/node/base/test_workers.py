"""What runs beside: begun in order, ended in reverse, and nothing of it ends in silence."""

import asyncio
import logging
from threading import Event

import pytest

from hanse_node.base.worker import Beside, Lookout, Tasks, Worker, keep_on, watch, working


class Noted:
    """A worker that notes what it is told."""

    def __init__(self, name: str, notes: list[str], *, sound: bool = True) -> None:
        self._name, self._notes, self._sound = name, notes, sound

    def start(self) -> None:
        """Begin, or raise."""
        self._notes.append(f"{self._name} starts")
        if not self._sound:
            raise RuntimeError(self._name)

    def stop(self) -> None:
        """End."""
        self._notes.append(f"{self._name} stops")


def test_workers_end_in_reverse() -> None:
    """Each may rely on those before it, from its first moment to its last."""
    notes: list[str] = []
    workers: list[Worker] = [Noted("first", notes), Noted("second", notes)]
    with working(workers):
        notes.append("both run")
    assert notes == ["first starts", "second starts", "both run", "second stops", "first stops"]


def test_one_that_cannot_start_ends_those_before_it() -> None:
    """It is stopped itself, too; what comes after it never begins."""
    notes: list[str] = []
    workers = [Noted("first", notes), Noted("second", notes, sound=False), Noted("third", notes)]
    with pytest.raises(RuntimeError, match="second"), working(workers):
        notes.append("all run")
    assert notes == ["first starts", "second starts", "second stops", "first stops"]


def test_a_thread_tells_what_ended_it() -> None:
    """Whoever must know is told the fault; a stop waits for the end, may come twice, and before the beginning."""
    told: list[str] = []

    def work() -> None:
        raise RuntimeError("unexpected")

    thread = Beside("work", work, lambda error: told.append(str(error)))
    thread.stop()
    thread.start()
    thread.stop()
    thread.stop()
    assert told == ["unexpected"]
    assert not thread.running


def test_a_look_out_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """A fault is logged with the work's name, and it looks again."""
    looks, enough = 0, Event()

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            enough.set()
        raise RuntimeError("unexpected")

    lookout = Lookout("looking", look, 0.001)
    with caplog.at_level(logging.CRITICAL):
        lookout.start()
        assert enough.wait(5)
        lookout.stop()
        lookout.stop()
    assert {record.__dict__["work"] for record in caplog.records} == {"looking"}


def test_a_look_out_looks_once_more_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    """Where it is asked to, also when that fails, and once though it is stopped twice."""
    looks = []

    def look() -> None:
        looks.append(1)
        raise RuntimeError("unexpected")

    for at_last, count in ((True, 1), (False, 0)):
        lookout = Lookout("looking", look, 3_600, at_last=at_last)
        with caplog.at_level(logging.CRITICAL):
            lookout.start()
            lookout.stop()
            lookout.stop()
        assert len(looks) == len(caplog.records) == count
        looks.clear()
        caplog.clear()


def test_tasks_end_together(caplog: pytest.LogCaptureFixture) -> None:
    """What is needed tells its fault, what is done once logs it and is forgotten, and a stop leaves nothing."""

    async def run() -> tuple[list[str], set[str]]:
        told: list[str] = []
        before = asyncio.all_tasks()
        tasks = Tasks(lambda error: told.append(str(error)))
        tasks.need(fail())
        tasks.need(asyncio.sleep(60))
        tasks.keep(fail)
        tasks.once("saying it once", fail())
        await asyncio.sleep(0.01)
        await tasks.stop()
        return told, {str(task) for task in asyncio.all_tasks() - before}

    with caplog.at_level(logging.CRITICAL):
        assert asyncio.run(run()) == (["unexpected"], set())
    assert [record.__dict__["work"] for record in caplog.records] == ["fail", "saying it once"]


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
