"""A recording of calls, a line each, in a file for each process that ran tests.

What is checked again and again differs in a few bytes: that is what it keeps.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

Asked = dict[str, Any]


class Call(NamedTuple):
    """What the checker was asked, and what Python answered."""

    asked: Asked
    answer: Any


class Kept:
    """The texts that stood in the call before, by name."""

    def __init__(self) -> None:
        self._before: dict[str, str] = {}

    def shortened(self, asked: Asked) -> Asked:
        """Write long texts as what differs from the call before: how many letters are the same, the rest, how many."""
        out = dict(asked)
        for name in ("data", "trust"):
            new = asked.get(name)
            if isinstance(new, str):
                old = self._before.get(name, "")
                first = _same(old, new)
                last = _same(old[first:][::-1], new[first:][::-1])
                out[name] = [first, new[first : len(new) - last], last]
                self._before[name] = new
        return out

    def whole(self, asked: Asked) -> Asked:
        """Read what `shortened` wrote, in the same order."""
        out = dict(asked)
        for name in ("data", "trust"):
            if isinstance(asked.get(name), list):
                old, (first, rest, last) = self._before.get(name, ""), asked[name]
                out[name] = self._before[name] = old[:first] + rest + old[len(old) - last :]
        return out


def _same(one: str, other: str) -> int:
    """Count how many letters two texts begin with alike, by halves."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def calls_in(folder: Path) -> Iterator[Call]:
    """Read the calls of a recording, file by file."""
    for path in sorted(folder.glob("*.jsonl")):
        kept = Kept()
        with path.open(encoding="utf-8") as file:
            for line in file:
                read = json.loads(line)
                if "asked" in read:
                    yield Call(kept.whole(read["asked"]), read["answer"])


def passed_over(folder: Path) -> Counter[str]:
    """Read how many calls the recording passed over, and why. That is the last line of each file."""
    found: Counter[str] = Counter()
    for path in folder.glob("*.jsonl"):
        with path.open(encoding="utf-8") as file:
            *_, last = file
        found.update(json.loads(last)["passed_over"])
    return found
