"""What a page of a list costs where a customs authority has a hundred thousand open declarations.

Their rows are put into a node's table of lists behind those of sixty real ones. A page of those is asked for over HTTP
too, without a socket: what is published ends with the objects that there are. Times are the processor's, of all
threads: how busy the machine is says little. `--cases`, `--times`.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time_ns

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.objects import encode_object
from hanse_node.queries.whoseturn import EXAMINED, WaitingAsked, take_page
from hanse_node.store.index.lists import EVERYBODY, Wanted, list_of, listed, waiting_of
from hanse_node.store.index.objects import object_
from hanse_node.store.index.waiting import WantedWaiting
from hanse_node.store.reads import Reads
from tests.world.front import front
from tests.world.node_ledger import PARTIES, declare, of_everything, party

PAGE = 50
BEGIN = 1_000_000
"""The number of the first of them: behind all real ones."""


def measured(times: int, call: Callable[[], object]) -> tuple[float, float]:
    """Make a call so many times; give the median and the 95th percentile of its milliseconds."""
    took = []
    for _ in range(times):
        begun = process_time_ns()
        call()
        took.append((process_time_ns() - begun) / 1_000_000)
    return median(took), sorted(took)[times * 95 // 100]


def main() -> None:
    """Run the benchmark and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=500)
    options = parser.parse_args()
    trader = party("seller")
    with TemporaryDirectory() as folder, front(Path(folder) / "node") as node:
        node.must_stand(PARTIES)
        for begin in range(0, 600, 60):
            node.must_stand(of_everything(range(begin, begin + 60)))
        with node.store.reading() as reads:
            numbered = reads.object(created_id(declare(0).id))
        assert numbered is not None
        data = encode_object(numbered[1])
        numbers = range(BEGIN, BEGIN + options.cases)
        two = tuple(sorted((b"market", trader)))
        lists = [list_of("declaration", names, "lodged") for names in ((EVERYBODY,), (b"market",), (trader,), two)]
        lists.append(waiting_of("declaration", b"market", "declaration.release"))
        rows = [{"list": name, "number": number} for name in lists for number in numbers]
        # As many of somebody else's, and none of them shared.
        stranger = party("a stranger")
        others = range(numbers.stop, numbers.stop + options.cases)
        rows += [{"list": list_of("declaration", (stranger,), "lodged"), "number": number} for number in others]
        with node.store.beside(1) as connection:
            stand = [{"number": number, "data": data, "leaf": bytes(32)} for number in (*numbers, *others)]
            connection.execute(object_.insert(), stand)
            connection.execute(listed.insert(), rows)
        last, middle = BEGIN + options.cases, BEGIN + options.cases // 2
        lodged = ("lodged",)
        asked = {
            "the newest of one state": Wanted("declaration", b"market", lodged, None, 0, last),
            "a page in the middle": Wanted("declaration", b"market", lodged, None, 0, middle),
            "with a counterparty who has all of them": Wanted("declaration", b"market", lodged, trader, 0, last),
        }
        say(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
        say(f"| A page of {PAGE} of {options.cases:,} | median, ms | 95th percentile, ms |\n| --- | --- | --- |")
        apart = Wanted("declaration", b"market", lodged, stranger, 0, last + options.cases)
        with node.store.reading() as reads:
            assert reads.listed(apart, limit=PAGE) == []
            row(
                "with one who has as many of others, and none of these",
                *measured(options.times, partial(reads.listed, apart, limit=PAGE)),
            )
            for name, wanted in asked.items():
                assert len(reads.listed(wanted, limit=PAGE)) == PAGE
                row(name, *measured(options.times, partial(reads.listed, wanted, limit=PAGE)))
            waiting_rows(reads, last, middle, options.times)
        path = f"/v1/waiting?who=market&limit={PAGE}"
        assert len(node.get(path).json()["objects"]) == PAGE
        row("what waits, of the real ones, over HTTP", *measured(options.times, partial(node.get, path)))
        path = f"/v1/lists/declaration?whose=market&open=true&limit={PAGE}"
        assert len(node.get(path).json()["objects"]) == PAGE
        row("all that are open, of the real ones, over HTTP", *measured(options.times, partial(node.get, path)))


def waiting_rows(reads: Reads, last: int, middle: int, times: int) -> None:
    """Measure what pages of what waits cost."""
    every = tuple((kind.name, record) for kind in OBJECTS for record in kind.listed.waits)
    for name, begin in (("what waits, the oldest", BEGIN), ("what waits, a page in the middle", middle)):
        inbox = partial(waits, reads, WantedWaiting(b"market", every, begin, last))
        assert inbox() == PAGE
        row(name, *measured(times, inbox))
    asked_all = WaitingAsked(
        who=b"market", kinds=(), records=(), states=(), since=None, until=None, currency="USD", least=None,
        most=None, after=BEGIN, limit=PAGE,
    )  # fmt: skip
    wanted_all = WantedWaiting(b"market", every, BEGIN, last)
    scan = partial(take_page, reads, wanted_all, asked_all)
    rows_found, following = scan()
    assert (rows_found, following) == ((), BEGIN + EXAMINED - 1)
    row(f"what waits, of a worth that none has: {EXAMINED:,} looked at", *measured(20, scan))


def waits(reads: Reads, wanted: WantedWaiting) -> int:
    """Read a page of what waits, and say how much it is."""
    return len(list(islice(reads.waiting(wanted), PAGE)))


def row(name: str, middle: float, most: float) -> None:
    """Print a row of the table."""
    say(f"| {name} | {middle:.2f} | {most:.2f} |")


def say(words: str) -> None:
    """Print a line."""
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    main()
