"""Signals that end a command: with words and an exit code, as Ctrl-C does."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread

from hanse_cli.base.errors import Ended

ENDING = (signal.SIGHUP, signal.SIGTERM)


@contextmanager
def signals_end() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise `Ended` in the block, unless whoever started the program has them ignored."""

    def end(number: int, _frame: object) -> None:
        raise Ended(number)

    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, end)
        yield
    finally:
        for number, handler in before.items():
            if handler is signal.SIG_DFL:
                signal.signal(number, handler)
