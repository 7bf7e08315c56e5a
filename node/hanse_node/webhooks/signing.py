"""How what is sent to a webhook is signed, so that its receiver knows whose it is.

Source: Standard Webhooks 1.0.0, "Signature scheme" and "Webhook headers".
"""

import binascii
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from hmac import digest

from nacl.signing import SigningKey

from hanse_ledger.values.errors import Malformed

SECRET, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
"""What secrets, private and public keys begin with, so that whoever finds one knows what it is."""

SECRET_BYTES = 32
SEED_BYTES = 32
LEAST_BYTES = {SECRET: 24, PRIVATE: 64}
"""The least that is decoded from each."""


class Scheme(StrEnum):
    """How a webhook's messages are signed: with a shared secret (`v1`), or a key pair of the hook's own (`v1a`)."""

    HMAC = "hmac"
    ED25519 = "ed25519"


def make_secret(scheme: Scheme) -> str:
    """Make a secret of a scheme, as it is kept; of HMAC it is the receiver's too."""
    if scheme is Scheme.HMAC:
        return SECRET + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    key = SigningKey.generate()
    # In the form of libsodium: the seed, then the public key.
    return PRIVATE + b64encode(key.encode() + key.verify_key.encode()).decode()


def public_key(secret: str) -> str:
    """Give the public key of a private one; nothing of a secret, which has none. Raises Malformed."""
    if not secret.startswith(PRIVATE):
        return ""
    return PUBLIC + b64encode(_key(secret).verify_key.encode()).decode()


def headers(secrets_now: Sequence[str], message_id: str, seconds: int, body: bytes) -> Sequence[tuple[str, str]]:
    """Sign a message: its three headers. While a secret takes another's place both sign, parted by a space.

    Args:
        secrets_now: the hook's that count now, as `make_secret` makes them, the newest first.
        message_id: the same each time that the message is sent; without a dot.
        seconds: when it is sent, since 1970.
        body: the bytes that are sent.

    Raises:
        Malformed: one of the secrets is none.
    """
    assert secrets_now, "nothing is sent unsigned"
    assert "." not in message_id, "dots part what is signed"
    signed = f"{message_id}.{seconds}.".encode() + body
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(seconds)),
        ("webhook-signature", " ".join(_signature(secret, signed) for secret in secrets_now)),
    )


def _signature(secret: str, signed: bytes) -> str:
    if secret.startswith(PRIVATE):
        return "v1a," + b64encode(_key(secret).sign(signed).signature).decode()
    return "v1," + b64encode(digest(_decoded(secret, SECRET), signed, sha256)).decode()


def scheme_of(secret: str) -> Scheme:
    """Say by which scheme a secret signs."""
    return Scheme.ED25519 if secret.startswith(PRIVATE) else Scheme.HMAC


def check_secret(secret: str) -> None:
    """Insist that a secret is one. Raises Malformed."""
    _signature(secret, b"")


def _key(secret: str) -> SigningKey:
    return SigningKey(_decoded(secret, PRIVATE)[:SEED_BYTES])


def _decoded(secret: str, prefix: str) -> bytes:
    if not secret.startswith(prefix):
        raise Malformed("a webhook's secret begins with whsec_ or whsk_")
    try:
        found = b64decode(secret.removeprefix(prefix), validate=True)
    except binascii.Error as error:
        raise Malformed("a webhook's secret is base64 behind its prefix") from error
    if len(found) < LEAST_BYTES[prefix]:
        raise Malformed(f"a webhook's secret has {LEAST_BYTES[prefix]} bytes or more")
    return found
