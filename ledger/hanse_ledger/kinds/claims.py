"""What may exist once: the names of claims."""

from enum import StrEnum
from functools import lru_cache

from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, MemberId, Moment, ObjectId


class ClaimKind(StrEnum):
    """What may exist once, and whose absence can be proven."""

    ENDED = "ended"
    EVIDENCE = "evidence"
    KEY = "key"
    REPORTS = "reports"
    REVOKED_KEY = "revoked-key"
    TAG = "tag"
    UETR = "uetr"


@lru_cache(maxsize=limits.CLAIM_NAMES)
def claim_key(kind: ClaimKind, *parts: bytes) -> Digest:
    """Name a claim: SHA-256 over the kind and the parts, each preceded by its length as 4 bytes big-endian."""
    named = (kind.value.encode(), *parts)
    return hash_bytes(b"".join(len(part).to_bytes(4, "big") + part for part in named))


COUNT_BYTES = 2
"""A claim that counts is a number of so many bytes, big-endian."""


def reports_claim(reporter: MemberId, accused: MemberId | None, at: Moment) -> Digest:
    """Name the claim that counts what a member has reported on a day (UTC, block time), against one or in all."""
    whom = () if accused is None else (accused.encode(),)
    return claim_key(ClaimKind.REPORTS, reporter.encode(), *whom, (at // limits.DAY_MS).to_bytes(8, "big"))


def tag_claim(epoch: int, value: Digest) -> Digest:
    """Name the claim of an invoice to a tag."""
    return claim_key(ClaimKind.TAG, epoch.to_bytes(4, "big"), value)


def ended_claim(name: ObjectId, trader: ObjectId) -> Digest:
    """Name the claim that counts what of a trader's own has ended on another's object; a party's keys on itself."""
    return claim_key(ClaimKind.ENDED, name, trader)
