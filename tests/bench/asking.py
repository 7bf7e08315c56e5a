"""What a signed read costs, and whether what is hidden can be told from what is not there by the time it takes.

A node inside this process, with one object of each kind. A signed read is asked as one that bears a token is, so that
the difference is the signature's: making it, verifying it, whose key it is, and its nonce. Times of reads are the
processor's, of all threads. What is hidden and what is not there are asked for in turn, by the clock; `z` says in how
many standard deviations their ranks differ (Mann-Whitney): beyond 3 somebody who asks so often can tell them apart.
`--times`.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain
from math import sqrt
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter_ns, process_time_ns

from hanse_node.queries.gathering import NotFound
from hanse_node.queries.prove import View
from tests.world.asking.signing import signed
from tests.world.corridor_genesis import LEDGER, key_of
from tests.world.trade.whole import NOW, PARTIES, WHOSE, Trade, caller_of, sees_record, sight_of, trade_running


def measured(times: int, clock: Callable[[], int], *calls: Callable[[], object]) -> list[list[float]]:
    """Make calls in turn, so many times, who is first changing; give the microseconds of each."""
    took: list[list[float]] = [[] for _ in calls]
    for turn in range(times):
        for at in range(len(calls)):
            place = (at + turn) % len(calls)
            begun = clock()
            calls[place]()
            took[place].append((clock() - begun) / 1_000)
    return took


def rank_difference(first: Sequence[float], second: Sequence[float]) -> float:
    """Say in how many standard deviations the ranks of two samples differ, as Mann and Whitney count them."""
    ranked = sorted(chain(((each, 0) for each in first), ((each, 1) for each in second)))
    ranks = sum(place for place, (_, which) in enumerate(ranked, 1) if which == 0)
    many, others = len(first), len(second)
    above = ranks - many * (many + 1) / 2
    return (above - many * others / 2) / sqrt(many * others * (many + others + 1) / 12)


def main() -> None:
    """Run the benchmark and print two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1_000)
    times = parser.parse_args().times
    say(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    with TemporaryDirectory() as folder, trade_running(Path(folder)) as trade:
        reads(trade, times)
        alike(trade, times)


def reads(trade: Trade, times: int) -> None:
    """Measure a read that is signed, and the same with a token."""
    target = f"/v1/objects/invoice/{trade.corridor.id['invoice'].hex()}"
    fields = [signed(key_of("seller"), target, ledger=LEDGER, created=NOW // 1_000) for _ in range(times)]
    (making,) = measured(
        times,
        process_time_ns,
        lambda: signed(key_of("seller"), target, ledger=LEDGER, created=NOW // 1_000),
    )

    def ask(headers: dict[str, str]) -> None:
        assert trade.node.get(target, headers).status_code == 200

    nothing, by_key, by_token = measured(
        times,
        process_time_ns,
        lambda: trade.node.get("/livez"),
        lambda: ask(fields.pop()),
        lambda: ask({"authorization": "Bearer reads"}),
    )
    say("| A read of an invoice, over HTTP without a socket | median, µs of the processor |\n| --- | --- |")
    say(f"| `/livez`, which reads nothing: the tests' own client, and the way | {median(nothing):.0f} |")
    say(f"| with a token | {median(by_token):.0f} |")
    say(f"| signed by a party's key | {median(by_key):.0f} |")
    say(f"| what the signature adds at the node | {median(by_key) - median(by_token):.0f} |")
    say(f"| what making it costs whoever asks | {median(making):.0f} |\n")


def alike(trade: Trade, times: int) -> None:
    """Measure what an outsider is refused, hidden and absent in turn."""
    caller, service = caller_of(trade, PARTIES[-1]), trade.node.service
    ids = [trade.corridor.id[name] for name in WHOSE if sight_of(trade, PARTIES[-1], name) == "nothing"]
    unseen = [each.id for place, each in enumerate(trade.records) if not sees_record(trade, PARTIES[-1], place)]
    calls: dict[str, tuple[Callable[[bytes], object], list[bytes]]] = {
        "objects, one after the other": (lambda name: service.objects.find(caller, "invoice", name), ids),
        "their histories": (lambda name: service.objects.page(caller, "invoice", name, None, 10), ids),
        "their proofs": (lambda name: service.proofs.of_objects(caller, [name], View.FULL), ids),
        "their statuses": (lambda name: service.proofs.of_objects(caller, [name], View.STATUS), ids),
        "records, one after the other": (lambda name: service.records.find(caller, name), unseen),
    }
    say("| What an outsider is refused | hidden, median µs | not there | z |\n| --- | --- | --- | --- |")
    for what, (call, names) in calls.items():
        hidden_names = iter(names * (times // len(names) + 1))
        hidden, absent = measured(
            times,
            perf_counter_ns,
            lambda call=call, turn=hidden_names: refused(call, next(turn)),  # type: ignore[misc]  # bound at its making
            lambda call=call: refused(call, os.urandom(32)),  # type: ignore[misc]  # likewise
        )
        say(f"| {what} | {median(hidden):.0f} | {median(absent):.0f} | {rank_difference(hidden, absent):+.1f} |")


def refused(call: Callable[[bytes], object], name: bytes) -> None:
    """Ask for what one gets nothing of."""
    with suppress(NotFound):
        call(name)
        raise AssertionError("it is refused")


def say(words: str) -> None:
    """Print a line."""
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    main()
