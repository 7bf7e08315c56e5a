"""How long a marketplace's sheet takes: `hanse invoice issue --bulk`, with a real node in a process beside.

Every invoice is judged by its published rules, kept, sent and proven, as the command does it; then the same again, of
which each stands already. Time is the clock's: rules and node have processes of their own. `--invoices`, `--lines`.
"""

import argparse
import os
import platform
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hanse_cli.main import run
from hanse_ledger.proofs.trustfile import write_trust
from tests.world.sdk_node import NodeCorridor, running_node
from tests.world.sdk_world import World
from tests.world.typed.orders import row, sheet_of


def timed(words: Sequence[str]) -> tuple[float, float]:
    """Run a command; give its seconds by the clock, and this process's own of the processor."""
    begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    code = run(words)
    assert code == 0, f"{words} ended with {code}"
    now = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter() - begun, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def main() -> None:
    """Run the benchmark and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=1_000)
    parser.add_argument("--lines", type=int, default=2)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder, corridor = Path(name), NodeCorridor()
        rows = [
            row(f"INV-{number}", Invoice_line_identifier=str(line))
            for number in range(options.invoices)
            for line in range(1, options.lines + 1)
        ]
        (folder / "orders.csv").write_text(sheet_of(rows))
        (folder / "trust.json").write_bytes(write_trust(corridor.genesis))
        with running_node(corridor.make_node(folder / "node")) as url:
            world = World(url, corridor, folder / "home")
            world.seller.save(folder / "seller.pem", None)
            words = ["invoice", "issue", "--bulk", str(folder / "orders.csv"), "--buyer", world.buyer_id.hex()]
            session = ["--node", url, "--trust", str(folder / "trust.json"), "--home", str(folder / "home")]
            words += ["--identity", str(folder / "seller.pem"), *session, "--report", str(folder / "report.json")]
            os.environ["COLUMNS"] = "80"
            tried = timed([*words, "--dry-run"])
            first, again = timed(words), timed(words)
    print(f"{platform.platform()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")  # noqa: T201 (it prints its table)
    print("| Of a sheet | seconds | of which this process | each, ms |\n| --- | --- | --- | --- |")  # noqa: T201 (it prints its table)
    for what, (wall, own) in {"a dry run": tried, "all registered": first, "the same again": again}.items():
        each = wall * 1_000 / options.invoices
        print(f"| {what}, {options.invoices:,} invoices | {wall:.1f} | {own:.1f} | {each:.1f} |")  # noqa: T201 (it prints its table)


if __name__ == "__main__":
    main()
