"""Threads that keep no program from ending: what blocks, done beside the event loop.

Those of the library's own pool wait for more work for ever, and Python waits for them when a program ends.
"""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

import anyio
from anyio import RunFinishedError, from_thread
from anyio.lowlevel import current_token

RESTING = 4
REST_SECONDS = 1.0
"""So many threads wait for a next call, and so long."""

_resting: "dict[int, deque[SimpleQueue[Callable[[], None]]]]" = {}
"""What gives work to threads that rest, by process: a forked one has none of its parent's threads."""

P = ParamSpec("P")
T = TypeVar("T")


def begin(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
    """Begin a call in a thread beside, which a program that ends does not wait for."""
    future: Future[T] = Future()

    def run() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(call(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 (whoever waits for the call gets it)
            future.set_exception(error)

    rests = _resting.setdefault(os.getpid(), deque())
    try:
        calls = rests.pop()
    except IndexError:
        calls = SimpleQueue()
        Thread(target=_work, args=(calls, rests), name="hanse-call", daemon=True).start()
    calls.put(run)
    return future


def _work(calls: "SimpleQueue[Callable[[], None]]", rests: "deque[SimpleQueue[Callable[[], None]]]") -> None:
    """Make one call after the other. To start a thread costs as much as a small call; so a few rest for a moment."""
    while True:
        try:
            calls.get(timeout=REST_SECONDS)()
        except Empty:
            try:
                rests.remove(calls)
            except ValueError:
                continue  # taken in this moment: a call is on its way
            return
        if len(rests) >= RESTING:
            return
        rests.append(calls)


async def run_beside(call: Callable[..., T], *args: Any) -> T:
    """Do what blocks in a thread beside the loop, and give what it gives or raises. Cancelling waits for it."""
    done, loop = anyio.Event(), current_token()

    def run() -> T:
        try:
            return call(*args)
        finally:
            with suppress(RunFinishedError):  # nobody waits any more
                from_thread.run_sync(done.set, token=loop)

    future = begin(run)
    with anyio.CancelScope(shield=True):
        await done.wait()
    return future.result()  # which is there at once


class PassingThreads(ThreadPoolExecutor):
    """An executor for a loop that looks names up. It is a pool by its type alone: asyncio takes no other."""

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Begin a call."""
        return begin(call, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave each call to its end: nothing is kept."""
