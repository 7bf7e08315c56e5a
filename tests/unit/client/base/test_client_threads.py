"""Calls beside the loop: on threads that are used again, and that no program waits for when it ends."""

import multiprocessing
import threading
from multiprocessing.connection import Connection
from time import sleep

import anyio
import pytest

from hanse_client.base.threads import REST_SECONDS, RESTING, begin, run_beside


def calling() -> list[threading.Thread]:
    """List the threads that make calls."""
    return [each for each in threading.enumerate() if each.name == "hanse-call"]


def test_calls_use_few_threads_again() -> None:
    """One call after the other takes the same thread; many at once take as many, of which a few are kept."""
    assert begin(threading.current_thread).result(10).daemon
    until_at_rest()

    async def many() -> set[str]:
        return {str((await run_beside(threading.current_thread)).ident) for _ in range(50)}

    assert len(anyio.run(many)) <= RESTING
    barrier = threading.Barrier(4 * RESTING + 1)
    waiting = [begin(barrier.wait) for _ in range(4 * RESTING)]
    barrier.wait(10)
    assert len({each.result(10) for each in waiting}) == 4 * RESTING
    until_at_rest()
    sleep(2 * REST_SECONDS)
    assert calling() == []


def until_at_rest() -> None:
    """Wait until no more threads are left than are kept."""
    for _ in range(500):
        if len(calling()) <= RESTING:
            return
        sleep(0.01)
    raise AssertionError([each.name for each in threading.enumerate()])


def test_what_a_call_raises_is_raised() -> None:
    """And the thread is there for the next one."""
    with pytest.raises(ZeroDivisionError):
        begin(divmod, 1, 0).result(10)
    assert begin(divmod, 7, 2).result(10) == (3, 1)


def _call(told: Connection) -> None:
    told.send(begin(divmod, 7, 2).result(10))


def test_a_forked_process_has_threads_of_its_own() -> None:
    """Those of its parent rest in the parent alone: a call that was given to one of them would never be made."""
    begin(divmod, 7, 2).result(10)
    until_at_rest()
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_call, args=(theirs,))
    child.start()
    assert ours.poll(15)
    assert ours.recv() == (3, 1)
    child.join(10)
    assert child.exitcode == 0
