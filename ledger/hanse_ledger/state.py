"""What stands in the state: the objects, the claims, and the view and change that rules see.

An object's fields other than `id` and `seed` are its aspects (see `aspects`), in order of their names. Whatever a rule
reads is under the roots of the state entry.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import msgspec
from msgspec import Struct

from hanse_ledger import limits
from hanse_ledger.aspects import AspectNames
from hanse_ledger.codec import encode
from hanse_ledger.hashing import ZERO, hash_bytes, hash_leaf
from hanse_ledger.membership import Membership
from hanse_ledger.merkle import root_of
from hanse_ledger.proposals import OpenProposals
from hanse_ledger.records import DeclarationLine, PartyRole, Regime
from hanse_ledger.types import (
    Country,
    Currency,
    Digest,
    EncryptionKey,
    HsCode,
    MemberId,
    MinorDigits,
    Moment,
    Nonce,
    ObjectId,
    PublicKey,
    RecordId,
    Uetr,
    UnitCode,
)


class _Value(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Settings that all aspects share. A value is made of older ones, so the collector need not look."""


class History(_Value, frozen=True, kw_only=True):
    """The chain of records that touched an object: how many, and the head to which they replay."""

    count: int
    head: Digest

    def after(self, record: RecordId) -> "History":
        """Add a record: head' = SHA-256(head, count as 8 bytes big-endian, record id)."""
        return History(count=self.count + 1, head=hash_bytes(self.head + self.count.to_bytes(8, "big") + record))

    def passed_mark(self, before: int) -> bool:
        """Tell whether the history has passed a way mark since it had so many records."""
        return self.count // limits.WAY_MARK > before // limits.WAY_MARK


NO_HISTORY = History(count=0, head=ZERO)


class PartyKey(_Value, frozen=True, kw_only=True):
    """A party's keys now; `key` is nil after its revocation."""

    encryption_key: EncryptionKey
    key: PublicKey | None


class PartyLinks(_Value, frozen=True, kw_only=True):
    """The member with which the party is: that which enrolled it, until it moves."""

    member: MemberId


class PartyStatus(_Value, frozen=True, kw_only=True):
    """What a party may do, and at which block times (end excluded)."""

    roles: tuple[PartyRole, ...]
    valid_from: Moment
    valid_until: Moment


class Party(Struct, frozen=True, kw_only=True, gc=False, tag="party"):
    """A pseudonym with a key, enrolled by a member."""

    id: ObjectId
    seed: Nonce
    history: History
    key: PartyKey
    links: PartyLinks
    status: PartyStatus


class InvoiceState(StrEnum):
    """Where an invoice stands between seller and buyer."""

    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    ISSUED = "issued"
    REFUSED = "refused"


class InvoiceAmounts(_Value, frozen=True, kw_only=True):
    """Money, in minor units of `currency`: payable (BT-115), settled by confirmed payments, under way."""

    currency: Currency
    minor_digits: MinorDigits
    payable_minor: int
    settled_minor: int
    under_way_minor: int

    @property
    def outstanding_minor(self) -> int:
        """What may still be allocated."""
        return self.payable_minor - self.settled_minor - self.under_way_minor


class InvoiceLinks(_Value, frozen=True, kw_only=True):
    """The parties, and how many declarations that are lodged or released name the invoice."""

    buyer: ObjectId
    declarations: int
    seller: ObjectId
    tags: tuple[Digest, ...]


class InvoiceStatus(_Value, frozen=True, kw_only=True):
    """The invoice's state."""

    state: InvoiceState


class Invoice(Struct, frozen=True, kw_only=True, gc=False, tag="invoice"):
    """A registered invoice. `pledge` names the pledge on it, or nil."""

    id: ObjectId
    seed: Nonce
    amounts: InvoiceAmounts
    history: History
    links: InvoiceLinks
    pledge: ObjectId | None
    status: InvoiceStatus


class Balance(_Value, frozen=True, kw_only=True):
    """One line of a certificate and what is left of it, in millionths of its unit."""

    hs_code: HsCode
    origin: Country
    quantity_micro: int
    reserved_micro: int
    unit: UnitCode
    written_off_micro: int

    @property
    def available_micro(self) -> int:
        """What a declaration may still reserve."""
        return self.quantity_micro - self.reserved_micro - self.written_off_micro


class CertificateState(StrEnum):
    """Whether a certificate may be relied on."""

    LIVE = "live"
    REVOKED = "revoked"


class CertificateLinks(_Value, frozen=True, kw_only=True):
    """Who issued the certificate, to whom, for whom."""

    consignee: ObjectId | None
    exporter: ObjectId
    issuer: MemberId


class CertificateStatus(_Value, frozen=True, kw_only=True):
    """The certificate's state and the block times at which it is valid (end excluded)."""

    state: CertificateState
    valid_from: Moment
    valid_until: Moment


class Certificate(Struct, frozen=True, kw_only=True, gc=False, tag="certificate"):
    """A certificate of origin with its balances."""

    id: ObjectId
    seed: Nonce
    balances: tuple[Balance, ...]
    history: History
    links: CertificateLinks
    status: CertificateStatus


class DeclarationState(StrEnum):
    """What customs decided, or that nothing is left to decide."""

    LAPSED = "lapsed"
    LODGED = "lodged"
    REFUSED = "refused"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class DeclarationLinks(_Value, frozen=True, kw_only=True):
    """Who declares to whom, for whom, under which invoices."""

    customs: MemberId
    declarant: ObjectId
    invoices: tuple[ObjectId, ...]
    principal: ObjectId | None


class DeclarationStatus(_Value, frozen=True, kw_only=True):
    """The declaration's state, what it asks for, and the block time at which it was lodged."""

    lodged: Moment
    regime: Regime
    state: DeclarationState


class Declaration(Struct, frozen=True, kw_only=True, gc=False, tag="declaration"):
    """A customs declaration."""

    id: ObjectId
    seed: Nonce
    history: History
    lines: tuple[DeclarationLine, ...]
    links: DeclarationLinks
    status: DeclarationStatus


class PaymentState(StrEnum):
    """How far a payment has come."""

    CONFIRMED = "confirmed"
    INSTRUCTED = "instructed"
    REJECTED = "rejected"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Share(_Value, frozen=True, kw_only=True):
    """What of a payment is allocated to one invoice, in minor units."""

    amount_minor: int
    invoice: ObjectId


class PaymentAmounts(_Value, frozen=True, kw_only=True):
    """Money, in minor units of `currency`: instructed; once confirmed, credited and charged; its allocation."""

    allocations: tuple[Share, ...]
    amount_minor: int
    charged_minor: int
    credited_minor: int
    currency: Currency
    minor_digits: MinorDigits


class PaymentLinks(_Value, frozen=True, kw_only=True):
    """Who pays whom through which banks; the UETR, where there is one."""

    payee: ObjectId
    payee_bank: MemberId
    payer: ObjectId
    payer_bank: MemberId
    uetr: Uetr | None


class PaymentStatus(_Value, frozen=True, kw_only=True):
    """The payment's state, and the block time at which it was instructed."""

    instructed: Moment
    state: PaymentState


class Payment(Struct, frozen=True, kw_only=True, gc=False, tag="payment"):
    """A payment of one or more invoices."""

    id: ObjectId
    seed: Nonce
    amounts: PaymentAmounts
    history: History
    links: PaymentLinks
    status: PaymentStatus


Object = Party | Invoice | Certificate | Declaration | Payment

_decoder: msgspec.msgpack.Decoder[Object] = msgspec.msgpack.Decoder(Object)

KIND_NAMES: dict[type[Object], str] = {
    Party: "party",
    Invoice: "invoice",
    Certificate: "certificate",
    Declaration: "declaration",
    Payment: "payment",
}

_ASPECTS: dict[type[Object], AspectNames] = {kind: AspectNames(name, kind) for kind, name in KIND_NAMES.items()}


def object_kind(value: Object) -> str:
    """Name an object's kind: `party`, `invoice`, `certificate`, `declaration` or `payment`."""
    return KIND_NAMES[type(value)]


def object_leaves(value: Object) -> list[bytes]:
    """Write an object's aspects as leaves."""
    return _ASPECTS[type(value)].leaves(value.seed, value)


def object_value(value: Object) -> Digest:
    """Compute the value of an object that the object tree holds: the root over its aspects."""
    return root_of([hash_leaf(leaf) for leaf in object_leaves(value)])


def encode_object(value: Object) -> bytes:
    """Write an object for a store. Not a wire format."""
    return encode(value)


def decode_object(data: bytes) -> Object:
    """Read an object that `encode_object` wrote."""
    return _decoder.decode(data)


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


class StateView(Protocol):
    """The state as a rule sees it: the present values, and nothing else."""

    @property
    def membership(self) -> Membership:
        """The members, cosigners and parameters in force."""
        ...

    @property
    def proposals(self) -> OpenProposals:
        """The changes of the members that are open."""
        ...

    def object(self, name: ObjectId) -> Object | None:
        """Find an object by its id."""
        ...

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim by its name."""
        ...


class Delta(Struct, frozen=True):
    """What a rule changes: objects created or replaced, claims set or (nil) withdrawn.

    `proposals` are all that are open then, or (nil) the same; `membership` begins an epoch, at which none is open.
    """

    objects: tuple[Object, ...] = ()
    claims: Mapping[Digest, bytes | None] = {}
    membership: Membership | None = None
    proposals: OpenProposals | None = None
