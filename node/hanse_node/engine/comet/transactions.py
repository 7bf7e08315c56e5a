"""A CometBFT transaction: a batch of envelopes, and what is known of it by its hash.

MessagePack `[salt, [envelope, …]]`. The salt, 8 random bytes, lets the same records be sent again: CometBFT drops a
transaction whose bytes it has seen.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger import limits
from hanse_ledger.envelope import Signed, open_envelope
from hanse_ledger.errors import Malformed
from hanse_ledger.hashing import hash_bytes
from hanse_ledger.types import Digest
from hanse_node.engine.verifying import Refusals

SALT_BYTES = 8
TRANSACTION_BYTES = 1024 * 1024
"""The most that a transaction may have; the engine's `max_tx_bytes`."""

KNOWN_BYTES = 64 * 1024 * 1024
"""How many bytes of transactions are known at once, each with its opened records."""


class _Transaction(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    envelopes: Annotated[
        list[Annotated[bytes, Meta(max_length=limits.ENVELOPE_BYTES)]],
        Meta(min_length=1, max_length=limits.BATCH_RECORDS),
    ]


_decoder = msgspec.msgpack.Decoder(_Transaction)


class Opened(Struct, frozen=True):
    """A transaction's records, in order, and for each why its signatures are refused, or nil."""

    batch: tuple[Signed, ...]
    refusals: Refusals

    @property
    def sound(self) -> bool:
        """Whether every signature holds: no honest node proposes anything else."""
        return not any(self.refusals)


def encode_transaction(salt: bytes, envelopes: Sequence[bytes]) -> bytes:
    """Write a transaction."""
    return msgspec.msgpack.encode(_Transaction(salt, list(envelopes)))


def open_transaction(data: bytes) -> tuple[Signed, ...]:
    """Open a transaction; no signature is verified.

    Raises:
        Malformed: it is none, or one of its envelopes is malformed.
    """
    if len(data) > TRANSACTION_BYTES:
        raise Malformed(f"transaction: {len(data)} bytes; at most {TRANSACTION_BYTES} are allowed")
    try:
        found = _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise Malformed(f"transaction: {error}") from error
    return tuple(open_envelope(envelope) for envelope in found.envelopes)


class KnownTransactions:
    """Transactions that were opened and verified, so that each is once on a node. Any thread may ask."""

    def __init__(self, verify: Callable[[Sequence[Signed]], "Future[Refusals]"]) -> None:
        self._verify = verify
        self._lock = Lock()
        self._known: OrderedDict[Digest, tuple[int, Opened]] = OrderedDict()
        self._bytes = 0

    def open(self, data: bytes) -> Opened:
        """Open a transaction and verify its signatures, unless that was done before. Raises Malformed."""
        name = hash_bytes(data)
        with self._lock:
            known = self._known.get(name)
            if known is not None:
                self._known.move_to_end(name)
                return known[1]
        batch = open_transaction(data)
        opened = Opened(batch, self._verify(batch).result())
        self.learn(data, opened)
        return opened

    def learn(self, data: bytes, opened: Opened) -> None:
        """Take over a transaction whose records are opened and verified."""
        name = hash_bytes(data)
        with self._lock:
            if name not in self._known:
                self._known[name] = (len(data), opened)
                self._bytes += len(data)
            while self._bytes > KNOWN_BYTES:
                _, (size, _) = self._known.popitem(last=False)
                self._bytes -= size
