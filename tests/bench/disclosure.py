"""What it costs to show terms of an invoice in a proof, and to check them: beside the same proof without any.

The invoice is that of the tests, with three lines. Times are the processor's.
`--times`.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable
from statistics import median
from time import process_time_ns

from msgspec.structs import replace

from hanse_ledger.proofs.prooffile import TermPart
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import CommittedTerms
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.world.corridor import traders
from tests.world.corridor_bodies import INVOICE_SEED, INVOICE_TERMS

SHOWN = ("BG-25/1/BT-131", "BG-25/2/BT-131", "BT-1", "BT-2", "BT-9")


def measured(times: int, call: Callable[[], object]) -> float:
    """Make a call so many times; give the median of its milliseconds."""
    took = []
    for _ in range(times):
        begun = process_time_ns()
        call()
        took.append((process_time_ns() - begun) / 1_000_000)
    return median(took)


def main() -> None:
    """Run the benchmark and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=500)
    times = parser.parse_args().times
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    record, at = corridor.signed["invoice"].id, corridor.head.time
    bare = ProofMaker(corridor).proof(corridor.id["invoice"])

    def disclosed() -> tuple[TermPart, ...]:
        committed = CommittedTerms(CommittedKind.INVOICE, INVOICE_TERMS, INVOICE_SEED)
        return tuple(TermPart(record=record, shown=committed.disclose(name)) for name in SHOWN)

    shown = replace(bare, terms=disclosed())
    assert {check(proof, at).verdict for proof in (bare, shown)} <= set(GOOD)
    making = measured(times, disclosed)
    without, beside = measured(times, lambda: check(bare, at)), measured(times, lambda: check(shown, at))
    say(f"{platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    say(f"| {len(SHOWN)} terms of an invoice of {len(INVOICE_TERMS)} | median, ms |\n| --- | --- |")
    for name, took in (
        ("laid out and shown, by whoever makes the proof", making),
        ("the proof checked without them", without),
        ("the same with them", beside),
        ("what they add to a check", beside - without),
    ):
        say(f"| {name} | {took:.2f} |")


def say(words: str) -> None:
    """Print a line."""
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    main()
