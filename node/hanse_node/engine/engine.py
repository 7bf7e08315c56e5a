"""What every engine is to the rest of the node: records go in, receipts come out, durable and under a signed head."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from msgspec import Struct

from hanse_ledger.records.envelope import Signed
from hanse_node.base.receipts import Receipt

Observer = Callable[[int, float], None]
"""Told of each committed block: its records, and the seconds that it took."""


class EngineStatus(Struct, frozen=True, kw_only=True):
    """How an engine does. `failure` says why it takes nothing more; nil while it does."""

    failure: str | None
    queued_records: int
    queued_bytes: int


class Engine(Protocol):
    """Orders, applies and commits records; any thread may call. The methods are described at `EmbeddedEngine`."""

    def start(self) -> None:
        """Begin to take records."""
        ...

    def submit(self, batch: Sequence[Signed], who: str = "") -> "Future[list[Receipt]]":
        """Queue a batch of opened envelopes in its sender's turn; the answer comes when it is under a signed head."""
        ...

    def status(self) -> EngineStatus:
        """Tell how the engine does."""
        ...

    def observe(self, observer: Observer) -> None:
        """Have somebody told of each committed block."""
        ...

    def stop(self) -> None:
        """Take nothing more, and end. May be called twice."""
        ...
