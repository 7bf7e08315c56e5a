"""Signed requests as a test makes them: each part can be another one than it should be."""

from itertools import count

from nacl.signing import SigningKey

from hanse_io.signedrequests import Stamp, sign_request
from hanse_ledger.wire.genesis import ledger_id
from tests.world.node_ledger import GENESIS, HOUR, START, digest, public

HOST = "node"
PRESENT = (START + HOUR) // 1_000
"""The present of a node in a test, in seconds."""

_numbers = count()


def signed(
    key: SigningKey,
    target: str,
    *,
    method: str = "GET",
    host: str = HOST,
    body: bytes | None = None,
    ledger: bytes = ledger_id(GENESIS),
    created: int = PRESENT,
    seconds: int = 60,
    claimed: SigningKey | None = None,
    nonce: bytes | None = None,
) -> dict[str, str]:
    """Give the header fields of a request that `key` signs; `claimed` is the key that it says it is."""
    nonce = digest("a nonce", next(_numbers))[:16] if nonce is None else nonce
    stamp = Stamp(public(claimed or key), ledger, created, seconds, nonce)
    return dict(sign_request(method, host, target, body, stamp, lambda data: key.sign(data).signature))
