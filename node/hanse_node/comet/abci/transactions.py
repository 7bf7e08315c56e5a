"""A CometBFT transaction: a batch of envelopes that a member's node has put together, and what is known of it.

MessagePack `[batch, signature]`: `batch` is the bytes of `[member, height, salt, [envelope, …]]`, `signature` that of
the member's node over them, by its cosigning key (`signed_bytes`). So each batch says whose it is before anything in it
is looked at, and nobody's share of the pool and of a block is used up by others. `height` is that of the newest block
that the node knew: a batch counts for some blocks from there, so that nobody puts it into the pool again later. The
salt, 8 random bytes, lets the same records be sent again: CometBFT drops a transaction whose bytes it has seen.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.records.envelope import Signed, open_envelope
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.keys import verify_signature
from hanse_ledger.values.types import Digest, LedgerId, MemberId, PublicKey
from hanse_node.base.verifying import Refusals

SALT_BYTES = 8
SIGNATURE_BYTES = 64
TRANSACTION_BYTES = 1024 * 1024
"""The most that a transaction may have; the engine's `max_tx_bytes`."""

KNOWN_BYTES = 64 * 1024 * 1024
"""How many bytes of transactions are known at once, each with its opened records."""

MARK = b"hanse batch/1\n"
"""What a node signs a batch with begins so, as neither a checkpoint nor a record does."""


class Batch(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Envelopes that a member's node has put together, when it knew the chain up to `height`."""

    member: MemberId
    height: Annotated[int, Meta(ge=0, le=2**62)]
    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    envelopes: Annotated[
        list[Annotated[bytes, Meta(max_length=limits.ENVELOPE_BYTES)]],
        Meta(min_length=1, max_length=limits.BATCH_RECORDS),
    ]


class _Transaction(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    batch: bytes
    signature: Annotated[bytes, Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]


_decoder = msgspec.msgpack.Decoder(_Transaction)
_batch_decoder = msgspec.msgpack.Decoder(Batch)


class Attributed(Struct, frozen=True):
    """Whose a transaction says it is, made at which block, and how large. `name` is the SHA-256 of its batch."""

    name: Digest
    member: MemberId
    height: int
    records: int
    size: int
    signature: bytes

    def is_signed_by(self, ledger: LedgerId, key: PublicKey) -> bool:
        """Tell whether a node's cosigning key, a key of the wire, has signed it."""
        try:
            verify_signature(key, signed_bytes(ledger, self.name), self.signature)
        except ProofInvalid:
            return False
        return True


class Opened(Struct, frozen=True):
    """A transaction's records, in order, and for each why its signatures are refused, or nil."""

    batch: tuple[Signed, ...]
    refusals: Refusals

    @property
    def sound(self) -> bool:
        """Whether every signature holds: no honest node proposes anything else."""
        return not any(self.refusals)


def signed_bytes(ledger: LedgerId, name: Digest) -> bytes:
    """Give what a member's node signs: the mark, the ledger's id, and the SHA-256 of the batch's bytes."""
    return MARK + ledger + name


def encode_transaction(batch: Batch, ledger: LedgerId, sign: Callable[[bytes], bytes]) -> bytes:
    """Write a transaction.

    Args:
        batch: what it holds.
        ledger: for which ledger.
        sign: signs with the cosigning key of the node that the batch names.
    """
    data = msgspec.msgpack.encode(batch)
    return msgspec.msgpack.encode(_Transaction(data, sign(signed_bytes(ledger, hash_bytes(data)))))


def read_transaction(data: bytes) -> Attributed:
    """Read whose a transaction says it is; neither its signature nor its envelopes are looked at.

    Raises:
        Malformed: it is none, or is wrapped in another way than this one.
    """
    transaction, batch = _read(data)
    name, records = hash_bytes(transaction.batch), len(batch.envelopes)
    return Attributed(name, batch.member, batch.height, records, len(data), transaction.signature)


def _read(data: bytes) -> tuple[_Transaction, Batch]:
    if len(data) > TRANSACTION_BYTES:
        raise Malformed(f"transaction: {len(data)} bytes; at most {TRANSACTION_BYTES} are allowed")
    try:
        transaction = _decoder.decode(data)
        batch = _batch_decoder.decode(transaction.batch)
    except UNREADABLE as error:
        raise Malformed(f"transaction: {error}") from error
    if msgspec.msgpack.encode(transaction) != data:
        # Else anybody could send another's batch under another hash.
        raise Malformed("transaction: not canonical")
    return transaction, batch


def open_transaction(data: bytes) -> tuple[Signed, ...]:
    """Open a transaction; no signature is verified.

    Raises:
        Malformed: it is none, or one of its envelopes is malformed.
    """
    return tuple(open_envelope(envelope) for envelope in _read(data)[1].envelopes)


class KnownTransactions:
    """Transactions that were opened and verified, so that each is once on a node. Any thread may ask."""

    def __init__(self, verify: Callable[[Sequence[Signed]], "Future[Refusals]"]) -> None:
        self._verify = verify
        self._lock = Lock()
        self._known: OrderedDict[Digest, tuple[int, Opened]] = OrderedDict()
        self._bytes = 0

    def open(self, transaction: Attributed, data: bytes) -> Opened:
        """Open a transaction and verify its records' signatures, unless that was done before. Raises Malformed."""
        with self._lock:
            known = self._known.get(transaction.name)
            if known is not None:
                self._known.move_to_end(transaction.name)
                return known[1]
        batch = open_transaction(data)
        opened = Opened(batch, self._verify(batch).result())
        self.learn(transaction, opened)
        return opened

    def learn(self, transaction: Attributed, opened: Opened) -> None:
        """Take over a transaction whose records are opened and verified."""
        with self._lock:
            if transaction.name not in self._known:
                self._known[transaction.name] = (transaction.size, opened)
                self._bytes += transaction.size
            while self._bytes > KNOWN_BYTES:
                _, (size, _) = self._known.popitem(last=False)
                self._bytes -= size
