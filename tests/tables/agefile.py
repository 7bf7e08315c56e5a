"""The age format by its specification (C2SP `age`), apart from any library of it: an oracle, and fixed bytes."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

CHUNK = 64 * 1024


def hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC 5869 with SHA-256, 32 bytes."""
    extracted = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def public(secret: bytes) -> bytes:
    """The public half of an X25519 key."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def shared(secret: bytes, key: bytes) -> bytes:
    """X25519."""
    return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(key))


def b64(data: bytes) -> bytes:
    """Base64 without padding."""
    return base64.b64encode(data).rstrip(b"=")


def unb64(text: bytes) -> bytes:
    """The other way."""
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def seal_by_hand(plain: bytes, keys: list[bytes], chance: bytes) -> bytes:
    """Seal to keys; all that is random derives from `chance`, so that the bytes are the same each time."""

    def drawn(what: str, count: int) -> bytes:
        return hashlib.sha256(chance + what.encode()).digest()[:count]

    file_key, nonce = drawn("file", 16), drawn("nonce", 16)
    lines = [b"age-encryption.org/v1"]
    for place, key in enumerate(keys):
        once = drawn(f"once {place}", 32)
        share = public(once)
        wrap = hkdf(shared(once, key), share + key, b"age-encryption.org/v1/X25519")
        lines += [b"-> X25519 " + b64(share), b64(ChaCha20Poly1305(wrap).encrypt(bytes(12), file_key, None))]
    header = b"\n".join([*lines, b"---"])
    mac = hmac.digest(hkdf(file_key, b"", b"header"), header, "sha256")
    stream = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload"))
    chunks = [plain[at : at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
    body = b"".join(
        stream.encrypt(number.to_bytes(11, "big") + bytes([number == len(chunks) - 1]), chunk, None)
        for number, chunk in enumerate(chunks)
    )
    return header + b" " + b64(mac) + b"\n" + nonce + body


def unseal_by_hand(sealed: bytes, secret: bytes) -> bytes:
    """Open with an X25519 key. Any fault is an error of whatever class."""
    header, _, rest = sealed.partition(b"\n---")
    mac, _, body = rest.removeprefix(b" ").partition(b"\n")
    lines = header.split(b"\n")
    assert lines[0] == b"age-encryption.org/v1"
    key = public(secret)
    for at, line in enumerate(lines):
        if not line.startswith(b"-> X25519 "):
            continue
        share = unb64(line.removeprefix(b"-> X25519 "))
        wrap = hkdf(shared(secret, share), share + key, b"age-encryption.org/v1/X25519")
        try:
            file_key = ChaCha20Poly1305(wrap).decrypt(bytes(12), unb64(lines[at + 1]), None)
        except InvalidTag:  # another reader's stanza
            continue
        assert hmac.digest(hkdf(file_key, b"", b"header"), header + b"\n---", "sha256") == unb64(mac)
        stream = ChaCha20Poly1305(hkdf(file_key, body[:16], b"payload"))
        chunks = [body[at : at + CHUNK + 16] for at in range(16, len(body), CHUNK + 16)]
        return b"".join(
            stream.decrypt(number.to_bytes(11, "big") + bytes([number == len(chunks) - 1]), chunk, None)
            for number, chunk in enumerate(chunks)
        )
    raise ValueError("sealed to others")
