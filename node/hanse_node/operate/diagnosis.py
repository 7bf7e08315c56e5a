"""What somebody who looks at a node finds."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


class Diagnosis(Struct, frozen=True, kw_only=True):
    """What was looked at, what was seen, and what to do; nothing to do where it is ok."""

    name: str
    level: Level
    seen: str
    fix: str = ""


Findings = Iterator[Diagnosis]

KIB = 1_024
ASK_SECONDS = 5.0
"""So long somebody who looks waits for an answer."""


def good(name: str, seen: str) -> Diagnosis:
    """Find that something is as it should be."""
    return Diagnosis(name=name, level=Level.OK, seen=seen)


def warn(name: str, seen: str, fix: str) -> Diagnosis:
    """Find what should be looked at."""
    return Diagnosis(name=name, level=Level.WARNING, seen=seen, fix=fix)


def bad(name: str, seen: str, fix: str) -> Diagnosis:
    """Find what keeps the node from its work."""
    return Diagnosis(name=name, level=Level.FAILURE, seen=seen, fix=fix)


def size_in_words(count: float) -> str:
    """Write a number of bytes for people."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < KIB:
            return f"{count:.0f} {unit}"
        count /= KIB
    return f"{count:.1f} TiB"
