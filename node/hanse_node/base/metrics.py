"""What the node counts and measures, for Prometheus. Units stand in the names."""

import math
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from hanse_node.base.errors import NodeError

RECORDS = (1, 3, 10, 30, 100, 300, 1_000)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

MEDIA_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """One node's measures, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._records = Counter(
            "hanse_records",
            "Records answered, by outcome: created, exists, refused, malformed.",
            ["outcome"],
            registry=self._registry,
        )
        self._requests = Histogram(
            "hanse_http_request_duration_seconds",
            "Time from a request's first byte to its answer's last, by method, route and status.",
            ["method", "route", "status"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._proofs = Histogram(
            "hanse_proof_size_bytes",
            "Size of the proof files made.",
            buckets=(1e3, 1e4, 1e5, 1e6, 1e7),
            registry=self._registry,
        )

        self._publications = Counter(
            "hanse_publication_renewals",
            "Published proofs that were made anew, by outcome: renewed, failed.",
            ["outcome"],
            registry=self._registry,
        )
        self._deliveries = Counter(
            "hanse_webhook_deliveries",
            "Calls to the receivers of webhooks, by outcome: accepted, failed.",
            ["outcome"],
            registry=self._registry,
        )
        self._commits = Histogram(
            "hanse_commit_duration_seconds",
            "Time from a group's first record applied to its head signed.",
            buckets=SECONDS,
            registry=self._registry,
        )
        self._groups = Histogram(
            "hanse_group_size_records", "Records in a committed group.", buckets=RECORDS, registry=self._registry
        )
        self._quota = Counter("hanse_quota_refusals", "Requests that were answered with 429.", registry=self._registry)
        self._in_flight = Gauge(
            "hanse_http_requests_in_flight", "Requests that are being answered.", registry=self._registry
        )
        self._started = Gauge("hanse_start_time_seconds", "When the node started.", registry=self._registry)
        self._started.set_to_current_time()
        build = Gauge("hanse_build_info", "1; the release, its Python.", ["version", "python"], registry=self._registry)
        build.labels(_release(), platform.python_version()).set(1)

    def commit(self, records: int, seconds: float) -> None:
        """Take a committed block: how many records, in which time."""
        self._groups.observe(records)
        self._commits.observe(seconds)

    def refuse_for_quota(self) -> None:
        """Count a request that has to wait for its quota."""
        self._quota.inc()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a request as one that is being answered."""
        with self._in_flight.track_inprogress():
            yield

    def count_records(self, outcome: str, count: int) -> None:
        """Count records that were answered."""
        self._records.labels(outcome).inc(count)

    def time_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Take a request's time. `route` is a template, so that there are only so many."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def measure_proof(self, size: int) -> None:
        """Take a proof's size in bytes."""
        self._proofs.observe(size)

    def renew_publication(self, outcome: str) -> None:
        """Count a published proof that was made anew, or could not be."""
        self._publications.labels(outcome).inc()

    def deliver(self, outcome: str) -> None:
        """Count a call to the receiver of a webhook."""
        self._deliveries.labels(outcome).inc()

    def watch(self, name: str, text: str, value: Callable[[], float | None]) -> None:
        """Show a value that is asked for whenever somebody reads the measures."""

        def asked() -> float:
            try:
                found = value()
            except NodeError:
                found = None
            # Not a number says that it cannot be measured; the others still are.
            return math.nan if found is None else found

        Gauge(name, text, registry=self._registry).set_function(asked)

    def write(self) -> bytes:
        """Write everything in Prometheus' text form."""
        return generate_latest(self._registry)


def _release() -> str:
    try:
        return metadata.version("hanse")
    except metadata.PackageNotFoundError:
        return "source"
