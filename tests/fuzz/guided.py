"""Readers fed by what they did with the inputs before: coverage-guided, by atheris.

`make fuzz-guided`, or `python -m tests.fuzz.guided SECONDS [READER…]` with atheris on the path: each reader that is
named, or each of all, has so many seconds of the clock, in a fork. `.cache/fuzz` has a folder for each, in which
`inputs` keeps what reached something new, for the next run. What no reader may do (any error but its refusals, more
than SLOW_SECONDS of the processor, more than MEMORY_MB, no end) lies there as `fault-…`, with the input beside it; the
run goes on after the first two. Prints a table; exits 1 where there is a fault.
"""

import hashlib
import os
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, suppress
from importlib import import_module
from io import StringIO
from pathlib import Path
from random import Random
from time import monotonic, process_time
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".cache" / "fuzz"
MEMORY_MB = 1_536
HANG_SECONDS = 120
"""Of the clock, for what has no end."""
SLOW_SECONDS = 5.0
"""Of the processor, so that other work on the machine is no fault."""
SHAPED = 0.7
"""So many of the changes are of what a file says; the others of its bytes."""
LEAST_BYTES = 4_096
"""So long may an input be at least, and twice as long as the longest of the first ones."""
INSTRUMENTED = ["hanse_ledger", "hanse_documents", "hanse_client", "hanse_node", "pypdf"]

FIGURES = re.compile(r"stat::(\w+): +([0-9]+)")
COVERED = re.compile(r"cov: ([0-9]+)")


def loaded(named: Sequence[str]) -> Iterator[Any]:
    """Load readers, so that what they reach is seen; instead of the one of all documents stands one for each sort."""
    from tests.fuzz.papers import PAPERS, paper  # noqa: PLC0415 (loaded where it is looked at what is loaded)

    yield from (paper(name) for name in PAPERS if name in named or not named)
    if not set(named) <= set(PAPERS) or not named:
        from tests.fuzz.targets import targets  # noqa: PLC0415 (likewise; and it takes longer)

        yield from (each for each in targets() if (each.name in named or not named) and each.name != "document")


def note(folder: Path, data: bytes, place: str, words: str) -> None:
    """Write down a fault, once for each place in the code."""
    name = folder / f"fault-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    if not name.exists():
        name.with_suffix(".input").write_bytes(data)
        name.write_text(words, encoding="utf-8")


def feed(atheris: Any, reader: Any, folder: Path, seconds: int) -> None:
    """Feed one reader until its time is over; libFuzzer ends the process."""
    from tests.fuzz.shapes import shaped  # noqa: PLC0415 (it is no part of what is looked at)

    inputs = folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(reader.seeds):
        (inputs / f"seed-{number:03}").write_bytes(seed)

    def mutated(data: bytes, most: int, number: int) -> bytes:
        chance = Random(number)  # noqa: S311 (it guards nothing)
        changed = shaped(data, reader.seeds, chance) if chance.random() < SHAPED else None
        if changed is None or len(changed) > most:
            changed = atheris.Mutate(data, most)
        given: bytes = changed
        return given

    def try_one(data: bytes) -> None:
        begun = process_time()
        try:
            reader.read(data)
        except reader.refusals:
            pass  # a refusal is an answer
        except Exception as error:  # noqa: BLE001 (whatever it is, it is written down)
            last = traceback.format_tb(error.__traceback__)[-1]
            note(folder, data, last + type(error).__name__, traceback.format_exc())
        if (took := process_time() - begun) > SLOW_SECONDS:
            note(folder, data, "slow", f"took {took:.1f} s of the processor\n")

    options = (
        f"-max_total_time={seconds}",
        f"-timeout={HANG_SECONDS}",
        f"-report_slow_units={HANG_SECONDS}",  # else ten seconds of the clock are a fault, on a machine that others use
        f"-rss_limit_mb={MEMORY_MB}",
        f"-max_len={max(LEAST_BYTES, 2 * max(map(len, reader.seeds)))}",
        f"-artifact_prefix={folder}/fault-",
        "-print_final_stats=1",
    )
    atheris.Setup([sys.argv[0], *options, str(inputs)], try_one, custom_mutator=mutated)
    atheris.Fuzz()


def fed(atheris: Any, reader: Any, seconds: int) -> bool:
    """Feed one reader in a fork, print its line, and tell whether it is sound."""
    folder = FOLDER / re.sub("[^a-z0-9]+", "-", reader.name.lower()).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("fault-*"):
        old.unlink()
    begun, said = monotonic(), folder / "said"
    child = os.fork()
    if child == 0:
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        feed(atheris, reader, folder, seconds)
    _, status, used = os.wait4(child, 0)
    words = said.read_text(encoding="utf-8", errors="replace")
    figures, covered = dict(FIGURES.findall(words)), COVERED.findall(words)
    faults = [each.name for each in sorted(folder.glob("fault-*")) if each.suffix != ".input"]
    if not faults and (status or "number_of_executed_units" not in figures):
        faults = [f"it ended with {os.waitstatus_to_exitcode(status)}: see {said.relative_to(ROOT)}"]
    cells = (
        reader.name,
        figures.get("number_of_executed_units", ""),
        f"{monotonic() - begun:.0f}",
        f"{used.ru_utime + used.ru_stime:.0f}",
        f"{covered[0]} → {covered[-1]}" if covered else "",
        figures.get("peak_rss_mb", ""),
        ", ".join(faults) or "none",
    )
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()
    return not faults


def main() -> int:
    """Feed those that were named, or all, one after the other."""
    seconds, named = int(sys.argv[1]), sys.argv[2:]
    atheris = import_module("atheris")
    # It names each module that it looks at.
    with redirect_stderr(StringIO()), atheris.instrument_imports(include=INSTRUMENTED):
        readers = list(loaded(named))
        for reader in readers:  # what a reader loads when it first reads is looked at too
            for seed in reader.seeds:
                with suppress(*reader.refusals):
                    reader.read(seed)
    if unknown := sorted(set(named) - {each.name for each in readers}):
        sys.exit(f"no reader is called {', '.join(unknown)}")
    sys.stdout.write("| Reader | Inputs | Seconds | Of the processor | Places reached | MB | Faults |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- | --- |\n")
    sys.stdout.flush()
    sound = [fed(atheris, reader, seconds) for reader in readers]
    return 0 if all(sound) else 1


if __name__ == "__main__":
    sys.exit(main())
