"""How many records a second the embedded engine commits in one process, beside this machine's PyNaCl rate.

Signatures, rules, both trees, histories and fsync are included; HTTP is not (see `hanse bench append`).
"""

import argparse
import platform
import sys
import tempfile
from pathlib import Path
from threading import Semaphore
from time import perf_counter

from hanse_ledger.records.envelope import Signed, verify_envelope
from hanse_node.base.folder import open_folder
from hanse_node.base.receipts import Outcome
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.recovery import start_ledger
from tests.world.node_ledger import enrol, fixed_clock, invoice, make_folder

BATCH, UNDER_WAY = 100, 8


def verify_rate(records: list[Signed]) -> float:
    """Measure how many records' signatures one core verifies in a second."""
    begun = perf_counter()
    for signed in records:
        verify_envelope(signed)
    return len(records) / (perf_counter() - begun)


def commit_rate(engine: EmbeddedEngine, records: list[Signed]) -> float:
    """Measure how many records a second are committed in batches, several under way."""
    room = Semaphore(UNDER_WAY)
    begun = perf_counter()
    answers = []
    for at in range(0, len(records), BATCH):
        room.acquire()
        answer = engine.submit(records[at : at + BATCH])
        answer.add_done_callback(lambda _: room.release())
        answers.append(answer)
    for answer in answers:
        assert all(receipt.outcome is Outcome.CREATED for receipt in answer.result())
    return len(records) / (perf_counter() - begun)


def main() -> None:
    """Run the benchmark and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--tagged", action="store_true", help="each invoice claims a tag")
    options = parser.parse_args()
    records = [invoice(number, tagged=options.tagged) for number in range(options.records)]
    verified = verify_rate(records[:2_000])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "node"
        make_folder(folder)
        with open_folder(folder, {}) as opened:
            store, signer = start_ledger(opened, fixed_clock())
            engine = EmbeddedEngine(store, signer, clock=fixed_clock(), bounds=opened.config.limits)
            engine.start()
            engine.submit([enrol("seller"), enrol("buyer")]).result()
            committed = commit_rate(engine, records)
            engine.stop()
            store.close()
        size = sum(path.stat().st_size for path in folder.glob("ledger.db*"))
    machine = f"{platform.machine()}, Python {platform.python_version()}, {sys.platform}"
    print(f"{machine}; {options.records} records, batches of {BATCH}, {UNDER_WAY} under way")  # noqa: T201 (a script)
    rates = f"records_per_second {committed:.0f}, pynacl_verify_per_second {verified:.0f}"
    print(f"{rates}, ratio {committed / verified:.2f}, bytes_per_record {size / options.records:.0f}")  # noqa: T201 (a script)


if __name__ == "__main__":
    main()
