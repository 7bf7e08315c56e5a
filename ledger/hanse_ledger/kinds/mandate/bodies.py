"""What can be written of mandates."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import limits, patterns
from hanse_ledger.values.types import Currency, MemberId, Minor, MinorDigits, Moment, ObjectId
from hanse_ledger.wire.part import Body, Part

MandatedKind = Annotated[str, Meta(max_length=limits.KIND_NAME, pattern=patterns.KIND)]
"""Names a kind of record that a mandate covers, such as `declaration.lodge`."""


class MandateLimit(Part, frozen=True, kw_only=True):
    """For how much the mandatary signs: at most `each_minor` a record, and `total_minor` in sum."""

    currency: Currency
    each_minor: Minor
    minor_digits: MinorDigits
    total_minor: Minor


class GrantMandate(Body, frozen=True, kw_only=True):
    """A party lets another one, or a member, sign in its place. Signed by the principal. Rule B-1.

    The mandatary is the party `party` or the member `member`: one of the two. `kinds` are what it covers, in order;
    `limit` is nil where none of them is to name an amount of money.
    """

    kinds: Annotated[tuple[MandatedKind, ...], Meta(min_length=1, max_length=limits.MANDATE_KINDS)]
    limit: MandateLimit | None
    member: MemberId | None
    party: ObjectId | None
    principal: ObjectId
    valid_from: Moment
    valid_until: Moment


class RevokeMandate(Body, frozen=True, kw_only=True):
    """End a mandate from now on. Signed by the principal or by the mandatary. Rule B-2."""

    mandate: ObjectId
