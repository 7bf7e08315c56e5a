"""SHA-256 and its domain-separated uses."""

from hashlib import sha256

from hanse_ledger.values.types import Digest

ZERO: Digest = bytes(32)
"""The head of an empty history and the root of an empty claims map."""


def hash_bytes(data: bytes) -> Digest:
    """Hash bytes with SHA-256 (FIPS 180-4)."""
    return sha256(data).digest()


def hash_leaf(data: bytes) -> Digest:
    """Hash a leaf of a Merkle tree: SHA-256(0x00, data). Source: RFC 9162, section 2.1.1."""
    return sha256(b"\x00" + data).digest()


def hash_node(left: Digest, right: Digest) -> Digest:
    """Hash an inner node of a Merkle tree: SHA-256(0x01, left, right). Source: RFC 9162, section 2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def derive_salt(seed: bytes, name: bytes) -> bytes:
    """Derive the 16-byte salt of a leaf with a name in UTF-8: SHA-256(seed, name), cut to 16 bytes.

    The seeds of one use have one length, and the cut leaves no state to extend, so that showing one
    leaf's salt tells nothing about another's. (HMAC says the same at five times the cost.)
    """
    return sha256(seed + name).digest()[:16]
