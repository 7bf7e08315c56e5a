"""Nonces of signed requests: each counts once, for as long as its signature would.

They are in memory alone. What was signed before this process began counts for nothing, so that a start forgets no
request that the process before it has answered.
"""

from collections.abc import Callable
from hashlib import blake2b
from heapq import heappop, heappush

from hanse_ledger.values.types import PublicKey
from hanse_node.access.caller import Caller
from hanse_node.access.purse import Purse
from hanse_node.base.bounds import NONCES

KEPT_BYTES = 16
"""Of a hash over key and nonce: whoever makes two that have the same refuses one of his own requests."""


class Nonces:
    """Those that have been used. Lives on one event loop."""

    def __init__(self, callers: Callable[[], int]) -> None:
        """Begin with none; `callers` tells how many have a share of the room set aside."""
        self._used: set[bytes] = set()
        self._ends: list[tuple[int, bytes, Caller]] = []
        self._room = Purse("signed requests in these minutes", NONCES, callers)

    def use(self, caller: Caller, key: PublicKey, nonce: str, expires: int, now: int) -> bool:
        """Use a nonce.

        Args:
            caller: who has signed, which is known.
            key: with which key.
            nonce: the nonce.
            expires: until when the signature counts, in seconds since 1970.
            now: the present, likewise.

        Returns:
            Whether it was not used before.

        Raises:
            QuotaExceeded: the caller has as many in use as it may.
        """
        while self._ends and self._ends[0][0] <= now:
            _, old, holder = heappop(self._ends)
            self._used.discard(old)
            self._room.give(holder)
        name = blake2b(key + nonce.encode(), digest_size=KEPT_BYTES).digest()
        if name in self._used:
            return False
        self._room.take(caller)
        self._used.add(name)
        heappush(self._ends, (expires, name, caller))
        return True
