"""What the node counts and measures, for Prometheus. Units stand in the names."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

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

    def count_records(self, outcome: str, count: int) -> None:
        """Count records that were answered."""
        self._records.labels(outcome).inc(count)

    def time_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Take a request's time. `route` is a template, so that there are only so many."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def measure_proof(self, size: int) -> None:
        """Take a proof's size in bytes."""
        self._proofs.observe(size)

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Show a value that is asked for whenever somebody reads the measures."""
        Gauge(name, text, registry=self._registry).set_function(value)

    def write(self) -> bytes:
        """Write everything in Prometheus' text form."""
        return generate_latest(self._registry)
