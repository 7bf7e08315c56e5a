"""What the benchmarks do, and how their figures are taken."""

import asyncio
import gc
import os
import platform
import sysconfig
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from time import perf_counter

import anyio
import msgspec
from msgspec import Struct
from nacl.signing import SigningKey

from hanse_cli.base.console import Ticker, progress
from hanse_cli.bench.ledger import BenchLedger, bench_ledger, receipts
from hanse_cli.folders.nodefolder import DATABASE
from hanse_client.base.clock import now_ms
from hanse_client.verify.offline import verify_file
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.values.keys import ed25519_key, verify_signature
from hanse_ledger.values.verdict import Verdict

RECORD_BYTES = 600
"""The size of a common record, for the rate of the bare signature check."""

VERIFY_SECONDS = 0.5
READ_OBJECTS = 240
STRIDE = 7_919
CLOCK_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Workload(Struct, frozen=True, kw_only=True):
    """What is measured: `records` in all, `batch` of them a call, `callers` at the same time, `objects` before that.

    With `every`, the same is also measured on the way there, after each so many objects. `consortium` is the number of
    nodes: one alone, or that many on CometBFT; a node alone stores in `database`.
    """

    records: int
    batch: int
    callers: int
    objects: int = 0
    every: int = 0
    consortium: int = 1
    database: str = DATABASE

    @property
    def stops(self) -> list[int]:
        """After how many objects it is measured, in order."""
        return [*(range(self.every, self.objects, self.every) if self.every else ()), self.objects]

    @property
    def calls(self) -> list[int]:
        """How many records each call carries."""
        whole, rest = divmod(self.records, self.batch)
        return [self.batch] * whole + ([rest] if rest else [])


class Machine(Struct, frozen=True, kw_only=True):
    """What it was measured on."""

    processor: str
    cores: int
    system: str
    python: str
    python_build: str
    """How Python was built, as `python_build` says it: it makes a tenth of the figures."""


class Stop(Struct, frozen=True):
    """What was measured when the log had so many entries."""

    entries: int
    records_per_second: float
    ratio: float


class Measured(Struct, frozen=True, kw_only=True):
    """The figures. Latencies are those of one call; the bare PyNaCl rate is one core's, for comparison.

    `ratio` is the one over the other, and a time in `…_verifications` is how many signatures one core verifies in it:
    these compare machines. What is asked of a node alone (its processor time and disk) is nil elsewhere.
    """

    benchmark: str
    machine: Machine
    settings: Workload
    records_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    pynacl_verify_per_second: float
    ratio: float
    p50_verifications: float
    p95_verifications: float
    p99_verifications: float
    node_cpu_us_per_record: float | None = None
    node_cpu_verifications_per_record: float | None = None
    node_memory_bytes: int | None = None
    disk_bytes_per_record: float | None = None
    stops: list[Stop] | None = None


Call = Callable[[int], Awaitable[object]]


def measure_append(settings: Workload) -> Measured:
    """Measure how many records a second become durable and proven. They are signed before the clock starts."""
    return anyio.run(_append, settings)


async def _append(settings: Workload) -> Measured:
    stops = []
    with bench_ledger(settings.consortium, settings.database) as ledger:
        for objects in settings.stops:
            await ledger.fill(objects)
            entries = await ledger.entries()
            measured = await _append_now(ledger, settings)
            stops.append(Stop(entries, measured.records_per_second, measured.ratio))
    return msgspec.structs.replace(measured, stops=stops if settings.every else None)


async def _append_now(ledger: BenchLedger, settings: Workload) -> Measured:
    drafts = iter([ledger.mixed(count) for count in settings.calls])
    disk, used = ledger.disk_bytes(), _processor_seconds(ledger)
    async with ledger.client() as client:

        async def append(_count: int) -> object:
            return receipts(await client.submit_drafts(next(drafts)))

        measured = await _measure("append", settings, append)
    used, after = _processor_seconds(ledger) - used, ledger.disk_bytes()
    node_memory = _memory_bytes(ledger)
    # The write-ahead log grows first and is moved into the database later: short runs show more than long ones.
    return msgspec.structs.replace(
        measured,
        node_cpu_us_per_record=round(used / settings.records * 1e6, 1),
        node_cpu_verifications_per_record=round(used / settings.records * measured.pynacl_verify_per_second, 2),
        node_memory_bytes=node_memory,
        disk_bytes_per_record=None if disk is None or after is None else round((after - disk) / settings.records, 1),
    )


def measure_read(settings: Workload) -> Measured:
    """Measure how many objects a second are read and proven."""
    return anyio.run(_read, settings)


async def _read(settings: Workload) -> Measured:
    with bench_ledger() as ledger:
        names = await ledger.fill(max(settings.objects, READ_OBJECTS))
        turn = iter(range(settings.records + settings.batch * settings.callers))
        async with ledger.client() as client:

            async def read(count: int) -> None:
                for _ in range(count):
                    # A stride that is prime to any likely number of objects: each read is of another one.
                    await client.show(names[next(turn) * STRIDE % len(names)])

            return await _measure("read", settings, read)


def measure_verify(settings: Workload, *, known_head: bool) -> Measured:
    """Measure how many proof files a second are checked offline; with `known_head`, all under a trusted checkpoint."""
    return anyio.run(_verify, settings, known_head)


async def _verify(settings: Workload, known_head: bool) -> Measured:
    with bench_ledger() as ledger:
        names = await ledger.fill(max(settings.objects, READ_OBJECTS))
        async with ledger.client() as client:
            proof, trust = await client.proof(names[0]), await client.trust()

    known = KnownHeads(trust) if known_head else None
    verify_file(proof, trust, now_ms(), known)

    async def check(count: int) -> None:
        for _ in range(count):
            report = verify_file(proof, trust, now_ms(), known)
            assert report.verdict is Verdict.VALID_WITH_WARNINGS, "the buyer has not accepted the invoice"

    return await _measure("verify-known-head" if known_head else "verify", settings, check)


async def _measure(benchmark: str, settings: Workload, call: Call) -> Measured:
    """Make all calls, `callers` at a time, and take the figures."""
    verify_rate = pynacl_verify_per_second()
    counts, latencies = iter(settings.calls), list[float]()
    # What was left behind before the clock starts is collected before it does.
    gc.collect()
    with progress(settings.records) as ticker:
        begun = perf_counter()
        async with asyncio.TaskGroup() as callers:
            for _ in range(settings.callers):
                callers.create_task(_caller(call, counts, latencies, ticker))
        seconds = perf_counter() - begun
    latencies.sort()
    rate = settings.records / seconds
    p50, p95, p99 = (percentile(latencies, percent) for percent in (50, 95, 99))
    return Measured(
        benchmark=benchmark,
        machine=machine(),
        settings=settings,
        records_per_second=round(rate, 1),
        p50_ms=round(p50 * 1_000, 3),
        p95_ms=round(p95 * 1_000, 3),
        p99_ms=round(p99 * 1_000, 3),
        p50_verifications=round(p50 * verify_rate, 1),
        p95_verifications=round(p95 * verify_rate, 1),
        p99_verifications=round(p99 * verify_rate, 1),
        pynacl_verify_per_second=round(verify_rate, 1),
        ratio=round(rate / verify_rate, 3),
    )


async def _caller(call: Call, counts: Iterator[int], latencies: list[float], ticker: Ticker) -> None:
    """Make one call after the other, until there is none left to make."""
    for count in counts:
        begun = perf_counter()
        await call(count)
        latencies.append(perf_counter() - begun)
        ticker.at(len(latencies) * count, f"{len(latencies)} calls")


def _processor_seconds(ledger: BenchLedger) -> float:
    """Read how much processor time the node has used, where the system tells."""
    try:
        fields = Path(f"/proc/{ledger.node.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def _memory_bytes(ledger: BenchLedger) -> int | None:
    """Read the most memory that the node has held, where the system tells."""
    try:
        lines = Path(f"/proc/{ledger.node.pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1_024 for line in lines if line.startswith("VmHWM")), None)


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Give the nearest-rank percentile of ordered values, of which there is at least one."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def machine() -> Machine:
    """Describe this machine."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        python_build=python_build(sysconfig.get_config_vars()),
    )


def python_build(variables: Mapping[str, object]) -> str:
    """Say whether an interpreter was optimised by a profile (PGO) and as a whole (LTO), which its makers may not tell.

    Args:
        variables: what the interpreter says of its build (`sysconfig.get_config_vars`).

    Returns:
        Such as `PGO and LTO`; `not known` where neither is named. The flags in `PGO_…` stand there without being used.
    """
    names = ("CONFIG_ARGS", "PY_CFLAGS", "PY_CFLAGS_NODIST", "PY_LDFLAGS", "PY_LDFLAGS_NODIST")
    said = " ".join(str(variables.get(name) or "") for name in names)
    signs = {"PGO": ("--enable-optimizations", "-fprofile-use"), "LTO": ("--with-lto", "-flto")}
    used = [name for name, marks in signs.items() if any(mark in said for mark in marks)]
    return " and ".join(used) or "not known"


def _processor() -> str:
    """Name the processor, as the system does where it does."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def pynacl_verify_per_second() -> float:
    """Measure how many Ed25519 signatures over a common record one core verifies in a second."""
    key = SigningKey.generate()
    message = os.urandom(RECORD_BYTES)
    signature, public = key.sign(message).signature, ed25519_key(key.verify_key.encode())
    count, begun = 0, perf_counter()
    while perf_counter() - begun < VERIFY_SECONDS:
        verify_signature(public, message, signature)
        count += 1
    return count / (perf_counter() - begun)
