"""How much slower this machine is now than an idle one: what a bound on processor time is multiplied by."""

import time

ORDINARY_SECONDS = 0.052
"""Processor time of `work` on an idle core of an AMD EPYC that verifies 9,700 signatures a second; Python 3.11."""

TIMES = 5


def slowness() -> float:
    """Tell by how much work takes more processor here and now; 1 on an idle machine and on a faster one.

    A core that is shared with a neighbour's thread gives each of them about half, and counts the time of both whole.
    """
    return max(1.0, max(_measured() for _ in range(TIMES)) / ORDINARY_SECONDS)


def _measured() -> float:
    """Give the processor time of some work like that of a command: numbers, a dictionary, texts."""
    begun = time.process_time()
    counted: dict[int, int] = {}
    for number in range(300_000):
        counted[number % 1_000] = number * number % 7
    ",".join(map(str, range(100_000)))
    return time.process_time() - begun
