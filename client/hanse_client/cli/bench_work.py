"""What the benchmarks do, and how their figures are taken."""

import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from time import perf_counter

from msgspec import Struct
from nacl.signing import SigningKey

from hanse_client.cli.background import interruptible, running_node
from hanse_client.cli.console import Ticker, progress
from hanse_client.cli.corridor import Plan, PlannedMember, make_corridor
from hanse_client.cli.nodefolder import create_node
from hanse_client.client import Client
from hanse_client.clock import now_ms
from hanse_client.errors import Refused
from hanse_client.identity import Identity
from hanse_client.verify import verify_file
from hanse_client.views import Receipt, Refusal
from hanse_ledger.keys import ed25519_key, verify_signature
from hanse_ledger.records import Commitment, IssueInvoice, PartyRole, TermsRoot
from hanse_ledger.report import Verdict
from hanse_ledger.trust import MemberRole, read_trust
from hanse_ledger.types import ObjectId

RECORD_BYTES = 600
"""The size of a common record, for the rate of the bare signature check."""

VERIFY_SECONDS = 0.5
READ_OBJECTS = 200


class Settings(Struct, frozen=True, kw_only=True):
    """What is measured: `records` in all, `batch` of them a call, `callers` at the same time."""

    records: int
    batch: int
    callers: int

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


class Measured(Struct, frozen=True, kw_only=True):
    """The figures. Latencies are those of one call; the bare PyNaCl rate is one core's, for comparison."""

    benchmark: str
    machine: Machine
    settings: Settings
    records_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    pynacl_verify_per_second: float


class Bench(Struct, frozen=True):
    """A node with a seller and a buyer."""

    client: Client
    seller: ObjectId
    buyer: ObjectId

    def invoices(self, count: int) -> list[IssueInvoice]:
        """Make invoices that commit to nothing in particular."""
        return [
            IssueInvoice(
                buyer=self.buyer,
                currency="EUR",
                document=Commitment(
                    discoverable=None, file=os.urandom(32), terms=TermsRoot(count=20, root=os.urandom(32))
                ),
                due=None,
                issued="2026-01-15",
                payable_minor=10_000,
                seller=self.seller,
                tags=(),
                type_code="380",
            )
            for _ in range(count)
        ]

    def append(self, count: int) -> list[Receipt]:
        """Issue invoices in one call; each receipt is verified. Raises Refused."""
        answers = self.client.submit_many(self.invoices(count))
        receipts = []
        for each in answers:
            if isinstance(each, Refusal):
                raise Refused(each)
            receipts.append(each)
        return receipts


def measure_append(settings: Settings) -> Measured:
    """Measure how many records a second become durable and proven."""
    with _bench() as bench:
        return _measure("append", settings, bench.append)


def measure_read(settings: Settings) -> Measured:
    """Measure how many objects a second are read and proven."""
    with _bench() as bench:
        names = [receipt.object_id for receipt in bench.append(min(READ_OBJECTS, settings.records))]
        turn = iter(range(settings.records + settings.batch * settings.callers))

        def read(count: int) -> None:
            for _ in range(count):
                bench.client.invoices.show(names[next(turn) % len(names)])

        return _measure("read", settings, read)


def measure_verify(settings: Settings) -> Measured:
    """Measure how many proof files a second are checked offline."""
    with _bench() as bench:
        (receipt,) = bench.append(1)
        proof, trust = bench.client.proof(receipt.object_id), bench.client.trust()

    def check(count: int) -> None:
        for _ in range(count):
            report = verify_file(proof, trust, now_ms())
            assert report.verdict is Verdict.VALID_WITH_WARNINGS, "the buyer has not accepted the invoice"

    return _measure("verify", settings, check)


def _measure(benchmark: str, settings: Settings, call: Callable[[int], object]) -> Measured:
    """Make all calls, `callers` at a time, and take the figures."""
    verify_rate = pynacl_verify_per_second()
    with progress(settings.records) as ticker, ThreadPoolExecutor(settings.callers) as callers:
        begun = perf_counter()
        latencies = list(_ticking(callers.map(lambda count: _timed(call, count), settings.calls), settings, ticker))
        seconds = perf_counter() - begun
    latencies.sort()
    return Measured(
        benchmark=benchmark,
        machine=machine(),
        settings=settings,
        records_per_second=settings.records / seconds,
        p50_ms=percentile(latencies, 50) * 1_000,
        p95_ms=percentile(latencies, 95) * 1_000,
        p99_ms=percentile(latencies, 99) * 1_000,
        pynacl_verify_per_second=verify_rate,
    )


def _timed(call: Callable[[int], object], count: int) -> float:
    begun = perf_counter()
    call(count)
    return perf_counter() - begun


def _ticking(latencies: Iterator[float], settings: Settings, ticker: Ticker) -> Iterator[float]:
    for place, latency in enumerate(latencies, 1):
        ticker.at(min(place * settings.batch, settings.records), f"{place} calls")
        yield latency


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Give the nearest-rank percentile of ordered values, of which there is at least one."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def machine() -> Machine:
    """Describe this machine."""
    return Machine(
        processor=platform.processor() or platform.machine(),
        cores=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


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


@contextmanager
def _bench() -> Iterator[Bench]:
    """Run a node in a temporary folder, enrol a seller and a buyer, and give the seller's client."""
    member = PlannedMember(id="market", name="Market", roles=(MemberRole.MARKETPLACE,))
    corridor = make_corridor(Plan(name="bench", operator="market", members=(member,)), now_ms())
    with interruptible(), tempfile.TemporaryDirectory(prefix="hanse-bench-") as place:
        folder = Path(place)
        trust = read_trust(create_node(folder / "node", corridor))
        with running_node(folder / "node", folder / "node.log") as node:
            seller, buyer = Identity.generate("seller"), Identity.generate("buyer")
            market = corridor.identities["market"]
            with Client(node.url, identity=market, trust=trust, home=folder / "market") as client:
                seller_id, buyer_id = (
                    client.parties.enrol(identity, roles=[role], terms={"name": role.value}).object_id
                    for identity, role in ((seller, PartyRole.SELLER), (buyer, PartyRole.BUYER))
                )
            with Client(
                node.url, identity=seller, party=seller_id, trust=trust, home=folder / "seller", timeout_ms=60_000
            ) as client:
                yield Bench(client, seller_id, buyer_id)
