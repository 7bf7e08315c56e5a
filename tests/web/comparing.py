"""Comparing what is answered with what Python answered: what differs is said, and nothing else."""

import json
from collections.abc import Iterable, Iterator
from itertools import tee
from typing import Any

from tests.web.calls.recorded import Call
from tests.web.engines import Engine, answers

MOST_SHOWN = 5


def differences(engine: Engine, calls: Iterable[Call]) -> tuple[int, list[str]]:
    """Make calls again, and give how many there were, and what differs of the first that do."""
    asked, expected = tee(calls)
    count, found = 0, list[str]()
    for call, answer in zip(expected, answers(engine, (each.asked for each in asked)), strict=True):
        count += 1
        wanted = json.loads(json.dumps(call.answer))
        if answer != wanted and len(found) < MOST_SHOWN:
            found.append(f"{call.asked['ask']} {call.asked.get('kind', '')}: {'; '.join(_apart('', wanted, answer))}")
    return count, found


def _apart(where: str, wanted: Any, answer: Any) -> Iterator[str]:
    """Name the places at which two answers differ."""
    if isinstance(wanted, dict) and isinstance(answer, dict):
        for name in sorted(wanted.keys() | answer.keys()):
            yield from _apart(f"{where}/{name}", wanted.get(name), answer.get(name))
    elif isinstance(wanted, list) and isinstance(answer, list) and len(wanted) == len(answer):
        for at, (one, other) in enumerate(zip(wanted, answer, strict=True)):
            yield from _apart(f"{where}/{at}", one, other)
    elif wanted != answer:
        yield f"{where} is {str(answer)[:400]!r}, and in Python {str(wanted)[:400]!r}"
