"""What may exist once: the names of claims."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Bank, Digest, MemberId, Moment, ObjectId, Uetr


class ClaimKind(StrEnum):
    """What may exist once, and whose absence can be proven."""

    ENDED = "ended"
    ENDED_MANDATE = "ended-mandate"
    EVIDENCE = "evidence"
    KEY = "key"
    OFFICE = "office"
    PAYLOAD = "payload"
    PLEDGE = "pledge"
    REPORTS = "reports"
    REVOKED_KEY = "revoked-key"
    TAG = "tag"
    TITLE = "title"
    UCR = "ucr"
    UETR = "uetr"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Everything that there is to say of one kind of claim.

    Attributes:
        kind: its name, the first part of its key.
        over: the other parts of its key, in order, with their bytes.
        value: what stands there while there is one.
        sizes: how many bytes that may be.
        withdrawn: when it goes again; empty where it never does.
    """

    kind: ClaimKind
    over: tuple[str, ...]
    value: str
    sizes: tuple[int, ...]
    withdrawn: str


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


def pledge_claim(name: ObjectId | Digest) -> Digest:
    """Name the claim of a pledge that stands: to an invoice by its id, or to a tag by the name of the tag's claim."""
    return claim_key(ClaimKind.PLEDGE, name)


def payload_claim(sealed: Digest) -> Digest:
    """Name the claim of a document to its sealed file, by the SHA-256 of that."""
    return claim_key(ClaimKind.PAYLOAD, sealed)


def uetr_claim(bank: Bank, uetr: Uetr) -> Digest:
    """Name the claim of a transfer to its UETR, within the bank that sends it."""
    return claim_key(ClaimKind.UETR, bank.encode(), uetr.encode())


def ended_claim(object_id: ObjectId, trader: ObjectId) -> Digest:
    """Name the claim that counts what of a trader's own has ended on another's object; a party's keys on itself."""
    return claim_key(ClaimKind.ENDED, object_id, trader)


CLAIMS = (
    Claim(
        kind=ClaimKind.ENDED,
        over=(
            "an invoice or a certificate, 32 bytes; or a party",
            "the trader, a party, 32 bytes; or that party again",
        ),
        value="how many of the trader's declarations and payments on the document have come to nothing (rule H-2); "
        "of a party on itself, how often it has replaced its key (rule P-2); big-endian",
        sizes=(4,),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.ENDED_MANDATE,
        over=("a mandate, 32 bytes",),
        value="the id of the record that revoked it (rule B-2)",
        sizes=(32,),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.EVIDENCE,
        over=("SHA-256 of a file of evidence",),
        value="the id of the record that reported it (rule X-1)",
        sizes=(32,),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.KEY,
        over=("a party's public key, with its algorithm byte",),
        value="the party's id",
        sizes=(32,),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.OFFICE,
        over=("the member's name",),
        value="the id of its office (rule F-1)",
        sizes=(32,),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.PAYLOAD,
        over=("SHA-256 of a sealed file, 32 bytes",),
        value="the id of the document whose payload it is (rule A-6)",
        sizes=(32,),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.PLEDGE,
        over=("the pledged invoice's id, 32 bytes; or the key of the claim `tag` to one of its tags, 32 bytes",),
        value="the pledge's id (rule L-1)",
        sizes=(32,),
        withdrawn="when the pledge is released",
    ),
    Claim(
        kind=ClaimKind.REPORTS,
        over=(
            "the reporter's name",
            "the accused's name; left out in the count of all that the reporter has reported",
            "the day: block time in days since 1970, 8 bytes big-endian",
        ),
        value="how many files the one has reported against the other, or in all, on that day (rule X-1); big-endian",
        sizes=(COUNT_BYTES,),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.REVOKED_KEY,
        over=("a public key that signs no more, with its algorithm byte",),
        value="the id of the record that revoked it; of a key that was replaced, the id of the rotation, and then that "
        "of its revocation or 32 zero bytes",
        sizes=(32, 64),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.TAG,
        over=("the epoch of the tag's key, 4 bytes big-endian", "the tag's value, 32 bytes"),
        value="the live invoice's id",
        sizes=(32,),
        withdrawn="when the invoice is cancelled or refused",
    ),
    Claim(
        kind=ClaimKind.TITLE,
        over=("the shipment on whose document it is issued, 32 bytes",),
        value="the live title's id (rule T-3)",
        sizes=(32,),
        withdrawn="when the title is surrendered",
    ),
    Claim(
        kind=ClaimKind.UCR,
        over=("the opener, a party, 32 bytes", "the UCR"),
        value="the consignment's id (rule U-1)",
        sizes=(32,),
        withdrawn="",
    ),
    Claim(
        kind=ClaimKind.UETR,
        over=("the sending bank's name", "the UETR"),
        value="the payment's id (rule S-1); or that of the pledge on which the bank has paid out (rule L-4)",
        sizes=(32,),
        withdrawn="",
    ),
)
"""Every kind of claim, in order of names."""
