"""Runs `hanse`, and ends itself with SIGKILL before or after the nth call of a function.

Started as a process: `python -m tests.system.stage.killed MODULE:NAME before|after COUNT WORDS…`. Two invoices of many
go in one request meanwhile, so that there are several.
"""

import asyncio
import functools
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from hanse_cli.commands.papers import bulk
from hanse_cli.main import run

PART = 2


def killing(real: Callable[..., Any], *, after: bool, count: int) -> Callable[..., Any]:
    """Put a function in the place of another one that dies at the call of that number."""
    calls = 0

    def die(*, ended: bool) -> None:
        nonlocal calls
        calls += not ended
        if calls == count and ended is after:
            os.kill(os.getpid(), signal.SIGKILL)

    if asyncio.iscoroutinefunction(real):

        @functools.wraps(real)
        async def slowly(*given: Any, **named: Any) -> Any:
            die(ended=False)
            answer = await real(*given, **named)
            die(ended=True)
            return answer

        return slowly

    @functools.wraps(real)
    def at_once(*given: Any, **named: Any) -> Any:
        die(ended=False)
        answer = real(*given, **named)
        die(ended=True)
        return answer

    return at_once


def main() -> None:
    """Do it."""
    place, when, count, *words = sys.argv[1:]
    module, _, path = place.partition(":")
    owner: Any = import_module(module)
    *owners, name = path.split(".")
    for each in owners:
        owner = getattr(owner, each)
    setattr(owner, name, killing(getattr(owner, name), after=when == "after", count=int(count)))
    bulk.PART = PART
    sys.exit(run(words))


if __name__ == "__main__":
    main()
