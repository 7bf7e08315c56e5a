"""What a record of each kind costs: its bytes, what it changes, and the time that the rules take for it.

Histories of records of every kind, drawn by chance (`tests/property/histories.py`), the same ones in every run; of each
kind that is accepted the medians. A time is the processor's, on a state in memory, and given besides as a ratio to one
verification of an Ed25519 signature by PyNaCl on the same machine.
"""

import argparse
import os
import platform
import sys
from collections import defaultdict
from statistics import median
from time import process_time_ns

from nacl.signing import SigningKey

from hanse_ledger.kinds import KINDS
from hanse_ledger.records.record import encode_record
from hanse_ledger.transition import transition
from hanse_ledger.values.errors import Rejected
from tests.property.histories import Player, drawn

VERIFICATIONS = 2_000


def verification_us() -> float:
    """Measure one verification by PyNaCl."""
    key = SigningKey(bytes(32))
    message = bytes(300)
    signature, verify = key.sign(message).signature, key.verify_key
    begun = process_time_ns()
    for _ in range(VERIFICATIONS):
        verify.verify(message, signature)
    return (process_time_ns() - begun) / 1_000 / VERIFICATIONS


def main() -> None:
    """Run the benchmark and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=300)
    options = parser.parse_args()
    costs: dict[str, list[tuple[float, int, int, int, int]]] = defaultdict(list)
    for number in range(options.histories):
        player = Player()
        for turn in drawn(number):
            for move in turn.moves:
                at = player.corridor.head.time + turn.step_ms
                signed, ledger = player.sign(move, at), player.corridor.ledger
                begun = process_time_ns()
                try:
                    delta = transition(ledger, signed, ledger.ledger, at)
                except Rejected:
                    continue
                taken = (process_time_ns() - begun) / 1_000
                record = signed.record
                size = len(encode_record(record))
                costs[record.kind].append((taken, size, len(record.signers), len(delta.objects), len(delta.claims)))
                player.corridor.apply_all([signed], at)

    one = verification_us()
    python, load = platform.python_version(), os.getloadavg()[0]
    say(f"{platform.machine()}, Python {python}, load {load:.1f}: one verification takes {one:.0f} µs\n")
    say("| Kind | Accepted | Bytes | Signers | Objects | Claims | Rules, µs | Ratio |\n" + "| --- " * 8 + "|")
    for kind in KINDS:
        rows = costs.get(kind.name, [])
        if rows:
            taken, size, signers, objects, claims = (median(column) for column in zip(*rows, strict=True))
            counts = f"{size:.0f} | {signers:.0f} | {objects:.0f} | {claims:.0f}"
            say(f"| `{kind.name}` | {len(rows):,} | {counts} | {taken:.0f} | {taken / one:.2f} |")
        else:
            say(f"| `{kind.name}` | 0 | | | | | | |")


def say(words: str) -> None:
    """Print a line."""
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    main()
