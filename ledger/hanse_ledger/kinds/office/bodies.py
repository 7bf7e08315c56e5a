"""What can be written of offices."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.kinds.party.bodies import KeyRevocation
from hanse_ledger.kinds.power import Power
from hanse_ledger.values import limits, patterns
from hanse_ledger.values.types import (
    Currency,
    Digest,
    EncryptionKey,
    MemberId,
    Minor,
    MinorDigits,
    Moment,
    ObjectId,
    PublicKey,
)
from hanse_ledger.wire.part import Body, Part

KindName = Annotated[str, Meta(max_length=limits.KIND_NAME, pattern=patterns.KIND)]
"""Names a kind of record, such as `declaration.release`."""


class OpenOffice(Body, frozen=True, kw_only=True):
    """Open a member's office, once. Signed by the member. Rule F-1.

    `profile` is the SHA-256 of its risk profile; nil where it has none.
    """

    encryption_key: EncryptionKey
    member: MemberId
    profile: Digest | None


class AppointOfficer(Body, frozen=True, kw_only=True):
    """Let a key sign for the office's member. Signed by the member and by that key. Rule F-2."""

    key: PublicKey
    office: ObjectId
    powers: Annotated[tuple[Power, ...], Meta(max_length=limits.POWERS)]
    valid_from: Moment
    valid_until: Moment


class DismissOfficer(Body, frozen=True, kw_only=True):
    """End an officer's appointment from now on. Signed by the office's member. Rule F-3."""

    compromised_since: Moment | None
    key: PublicKey
    office: ObjectId
    reason: KeyRevocation


class LowValue(Part, frozen=True, kw_only=True):
    """Up to which value a customs authority takes low-value imports in one currency, in minor units."""

    at_most_minor: Minor
    currency: Currency
    minor_digits: MinorDigits


class SetOffice(Body, frozen=True, kw_only=True):
    """Give an office other settings, all of them. Signed by its member. Rule F-4.

    `four_eyes` names the kinds of records that two officers sign together, in order; of those about the office itself,
    two keys of the member. `low_value` says up to which value a customs authority takes low-value imports, one limit a
    currency, in order of the currencies; empty where it takes none.
    """

    encryption_key: EncryptionKey
    four_eyes: Annotated[tuple[KindName, ...], Meta(max_length=limits.FOUR_EYES)]
    low_value: Annotated[tuple[LowValue, ...], Meta(max_length=limits.LOW_VALUES)]
    office: ObjectId
    profile: Digest | None
