"""What stands in a sample for what only a ledger has: ids, hashes and keys, each made of a name.

An object's id follows from the record that created it, so that no sample can know it. A stand-in is SHA-256 of what it
stands for, such as `seller`; whoever has a ledger puts its own object of that name there. Nobody trusts such a key:
its secret is known to all.
"""

from nacl.bindings import crypto_sign_seed_keypair

from hanse_ledger.kinds.document.payload import Payload, commit_reader
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.keys import ed25519_key
from hanse_ledger.values.types import Digest, Moment, PublicKey, Salt
from hanse_ledger.wire.part import Commitment

T0: Moment = 1_790_000_000_000
"""When samples are made, in milliseconds (September 2026)."""

DAY, YEAR = 86_400_000, 365 * 86_400_000
"""In milliseconds."""


def stand_in(name: str) -> Digest:
    """Stand for an object's id, or for a hash."""
    return hash_bytes(name.encode())


def raw_key(name: str) -> bytes:
    """Give the Ed25519 public key whose seed is the stand-in for a name, 32 bytes."""
    return crypto_sign_seed_keypair(stand_in(name))[0]


def public_key(name: str) -> PublicKey:
    """Give it as a key of the wire."""
    return ed25519_key(raw_key(name))


def salt_for(document: str, reader: str) -> Salt:
    """Stand for the salt of the commitment to a reader of a document."""
    return stand_in(f"{document} for {reader}")[:16]


def payload(document: str, *readers: str) -> Payload:
    """Stand for a document's sealed file, which each of these can open."""
    commitments = (commit_reader(stand_in(reader), salt_for(document, reader)) for reader in readers)
    return Payload(hash=stand_in(f"{document} sealed"), readers=tuple(sorted(commitments)), size=49_152)


def commitment(document: str, *, discoverable: bool) -> Commitment:
    """Stand for the commitment to a document."""
    return Commitment(
        discoverable=stand_in(f"{document} bytes") if discoverable else None,
        file=stand_in(f"{document} file"),
        terms=stand_in(f"{document} terms"),
    )
