"""How much one key, or one address, may send: token buckets (RFC 2697, section 3: committed rate and burst size).

A record counts against every key that signs it, once its signatures hold; until they are verified it is only reserved,
so that nobody uses up another one's quota with forged records. Those count against the address from which they came.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from threading import Lock
from time import monotonic

from msgspec import Struct

from hanse_ledger.kinds.refusals import KEY_NOT_ADMITTED, SIGNATURE_INVALID, SIGNER_UNKNOWN
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import PublicKey
from hanse_node.base.config import Quotas
from hanse_node.base.errors import QuotaExceeded
from hanse_node.base.receipts import Receipt

BUCKETS = 20_000
"""How many keys, and how many addresses, are known at once. Who is forgotten begins with a full bucket."""

UNAUTHENTIC = frozenset({SIGNATURE_INVALID, KEY_NOT_ADMITTED, SIGNER_UNKNOWN})
"""Refusals that say nothing of the key that a record names: anybody can write such a record."""


class Buckets:
    """Token buckets by name, each full at first. Not for several threads at once."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._levels: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def level(self, name: object) -> float:
        """Tell how many tokens are left; below 0 after more was taken than there was."""
        known = self._levels.get(name)
        if known is None:
            return self._burst
        left, at = known
        return min(self._burst, left + (self._clock() - at) * self._rate)

    def take(self, name: object, count: float) -> None:
        """Take tokens out, or put some back with a negative count."""
        self._levels[name] = (min(self._burst, self.level(name) - count), self._clock())
        self._levels.move_to_end(name)
        if len(self._levels) > BUCKETS:
            self._levels.popitem(last=False)

    def seconds_until(self, name: object, count: float) -> int:
        """Tell after how many seconds, from 1, there will be so many tokens."""
        return max(1, ceil((count - self.level(name)) / self._rate))


class Reservation(Struct, frozen=True):
    """What a batch has been let in with: how many records each key signs, and who sent it."""

    signers: Mapping[PublicKey, int]
    sender: str


class QuotaKeeper:
    """The buckets of keys and of senders. Any thread may call."""

    def __init__(self, quotas: Quotas, clock: Callable[[], float] = monotonic) -> None:
        """Begin with full buckets.

        Args:
            quotas: rates and bursts.
            clock: seconds that never run backwards.
        """
        self._lock = Lock()
        self._keys = Buckets(quotas.key_records_per_second, quotas.key_burst_records, clock)
        self._faults = Buckets(quotas.address_faults_per_second, quotas.address_burst_faults, clock)

    def reserve(self, batch: Sequence[Signed], sender: str) -> Reservation:
        """Let a batch in, or none of it.

        Args:
            batch: records whose signatures are not verified yet.
            sender: the address from which they came.

        Raises:
            QuotaExceeded: a key, or the sender, has to wait. Nothing has been taken.
        """
        signers = Counter(key for signed in batch for key in signed.record.signers)
        with self._lock:
            if self._faults.level(sender) < 0:
                raise QuotaExceeded(
                    f"too many records from {sender} were malformed, or not signed by the keys that they name",
                    self._faults.seconds_until(sender, 0),
                )
            for key, count in signers.items():
                if self._keys.level(key) < count:
                    raise QuotaExceeded(
                        f"the key {key.hex()} signs more records than it may", self._keys.seconds_until(key, count)
                    )
            for key, count in signers.items():
                self._keys.take(key, count)
        return Reservation(signers, sender)

    def settle(self, reserved: Reservation, batch: Sequence[Signed], receipts: Sequence[Receipt] | None) -> None:
        """Give back what proved to be no key's own doing, and charge it to the sender.

        Args:
            reserved: what `reserve` gave for this batch.
            batch: the same batch.
            receipts: what became of each record; nil if it was never decided, and all is given back.
        """
        if receipts is None:
            with self._lock:
                for key, count in reserved.signers.items():
                    self._keys.take(key, -count)
            return
        forged = [
            signed
            for signed, receipt in zip(batch, receipts, strict=True)
            if receipt.refusal is not None and receipt.refusal.reason in UNAUTHENTIC
        ]
        if not forged:
            return
        with self._lock:
            for key, count in Counter(key for signed in forged for key in signed.record.signers).items():
                self._keys.take(key, -count)
            self._faults.take(reserved.sender, len(forged))

    def blame(self, sender: str, malformed: int) -> None:
        """Charge a sender with records that could not be read at all."""
        if malformed:
            with self._lock:
                self._faults.take(sender, malformed)
