"""The bridge from blocking calls to the async client: one event loop in a thread of its own.

A program that does not close its client ends all the same: nothing here is waited for when Python ends.
"""

import asyncio
import atexit
import os
import sys
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from typing import ParamSpec, TypeVar

import anyio
from anyio.from_thread import BlockingPortal

from hanse_client.base.errors import SetupError
from hanse_client.base.threads import PassingThreads, begin

P = ParamSpec("P")
T = TypeVar("T")

Closing = Callable[[], Awaitable[None]]

ENDING_SECONDS = 1.0
"""So long the end of Python waits until connections are closed, and the end of a walk until its last step has ended."""

STEP_SECONDS = 0.005


class Portal:
    """Runs coroutines for callers in any thread. The loop starts with the first call.

    Calls of several threads run on one loop, so records that they submit together travel together. A portal that nobody
    holds any more stops its loop.
    """

    def __init__(self, closing: Closing) -> None:
        """Prepare; nothing runs yet. `closing` closes what is used on the loop, before the loop stops."""
        self._closing = closing
        self._lock = Lock()
        self._process = os.getpid()
        self._portal: BlockingPortal | None = None
        self._thread: Thread | None = None
        self._let_go: weakref.finalize[[BlockingPortal, Closing], Portal] | None = None

    def run(self, call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a coroutine function on the loop, and give what it gives or raises.

        Raises:
            SetupError: the process was forked since the client's first call, or Python is ending.
        """
        return self._start().call(partial(call, *args, **kwargs))

    def iterate(self, items: AsyncIterator[T]) -> Iterator[T]:
        """Walk over an async iterator from here."""
        portal = self._start()
        try:
            while True:
                following = portal.start_task_soon(items.__anext__)
                try:
                    item = following.result()
                except StopAsyncIteration:
                    return
                finally:
                    following.cancel()  # who is interrupted while he waits has it end; else it has ended
                yield item
        finally:
            if self._portal is portal and self._runs_here():
                portal.call(_close_walk, items)

    def close(self) -> None:
        """Close, and stop the loop. May be called twice; the next call would start another."""
        if not self._runs_here():
            return
        with self._lock:
            portal, thread, let_go = self._portal, self._thread, self._let_go
            self._portal = self._thread = self._let_go = None
        if portal is None or thread is None or let_go is None:
            return
        let_go.detach()
        _end(portal, self._closing)
        thread.join()

    def leave(self) -> None:
        """Close connections when Python ends, as far as they can be closed in time. No thread may be started then."""
        if self._portal is not None and self._runs_here():
            with suppress(Exception):  # nobody is there any more who could act
                self._portal.start_task_soon(self._closing).result(ENDING_SECONDS)

    def _runs_here(self) -> bool:
        """Tell whether the loop's thread can run: a fork leaves it behind, and so does Python at its end."""
        return self._process == os.getpid() and not sys.is_finalizing()

    def _start(self) -> BlockingPortal:
        if not self._runs_here():
            if self._portal is not None or sys.is_finalizing():
                raise SetupError(
                    "This client was used before the process was forked, or Python is ending.",
                    "Make a client in each process, after the fork.",
                )
            self._lock, self._process = Lock(), os.getpid()
        with self._lock:
            if self._portal is None:
                born: Future[BlockingPortal] = Future()
                self._thread = Thread(target=_serve, args=(born,), name="hanse-client", daemon=True)
                self._thread.start()
                self._portal = born.result()
                self._let_go = weakref.finalize(self, _end_beside, self._portal, self._closing)
                self._let_go.atexit = False
                _open.add(self)
                atexit.unregister(_leave_all)
                atexit.register(_leave_all)
            return self._portal


async def _close_walk(items: AsyncIterator[T]) -> None:
    """Close an iterator, once its last step has ended; one that does not end in time ends with the loop."""
    close = getattr(items, "aclose", None)
    if close is None:
        return
    with anyio.move_on_after(ENDING_SECONDS):
        while getattr(items, "ag_running", False):
            await anyio.sleep(STEP_SECONDS)
        await close()


_open: "weakref.WeakSet[Portal]" = weakref.WeakSet()


def _leave_all() -> None:
    for portal in list(_open):
        portal.leave()


def _serve(born: "Future[BlockingPortal]") -> None:
    """Run a loop until its portal is stopped."""

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(PassingThreads(1))
        async with BlockingPortal() as portal:
            born.set_result(portal)
            await portal.sleep_until_stopped()

    try:
        anyio.run(main)
    except BaseException as error:
        if born.done():
            raise
        born.set_exception(error)


def _end(portal: BlockingPortal, closing: Closing) -> None:
    """Close what is used on a loop, and stop the loop. What still runs there is cancelled."""
    with suppress(RuntimeError):  # it has stopped already
        try:
            portal.call(closing)
        finally:
            portal.call(portal.stop, True)


def _end_beside(portal: BlockingPortal, closing: Closing) -> None:
    """End a loop that nobody holds any more, and keep whoever collects the garbage waiting for nothing."""
    begin(_end, portal, closing)
