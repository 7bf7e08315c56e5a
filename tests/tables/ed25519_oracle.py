"""Ed25519 by `cryptography`, with the checks that the ledger's rule adds: a second oracle beside PyNaCl."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.vectors.edwards import NEUTRAL, L, read, times


def accepts_without_checks(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether OpenSSL accepts a signature."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def accepts_with_checks(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether it does so, S is below L, and A and R are canonical and of no small order."""
    return (
        accepts_without_checks(key, message, signature)
        and int.from_bytes(signature[32:], "little") < L
        and all(_of_large_order(data) for data in (key, signature[:32]))
    )


def _of_large_order(data: bytes) -> bool:
    point = read(data)
    return point is not None and times(8, point) != NEUTRAL
