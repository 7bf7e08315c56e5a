"""What stands in the state of a mandate."""

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Currency, MemberId, MinorDigits, Moment, ObjectId


class MandateAmounts(Value, frozen=True, kw_only=True):
    """For how much the mandatary signs, in minor units of `currency`: a record, in sum, and what it has signed for.

    What it has signed for is never given back, whatever becomes of it.
    """

    currency: Currency
    each_minor: int
    minor_digits: MinorDigits
    total_minor: int
    used_minor: int

    @property
    def left_minor(self) -> int:
        """What is left of the sum."""
        return self.total_minor - self.used_minor


class MandateLinks(Value, frozen=True, kw_only=True):
    """The principal, and who signs in its place: a party or a member, the other of the two is nil."""

    member: MemberId | None
    party: ObjectId | None
    principal: ObjectId


class MandateScope(Value, frozen=True, kw_only=True):
    """The kinds of records that it covers, and at which block times (end excluded)."""

    kinds: tuple[str, ...]
    valid_from: Moment
    valid_until: Moment


class MandateStatus(Value, frozen=True, kw_only=True):
    """Whether it has been revoked."""

    revoked: bool


class Mandate(Object, frozen=True, kw_only=True, gc=False, tag="mandate"):
    """That a party lets another one, or a member, sign in its place. `amounts` is nil where no money may be named."""

    amounts: MandateAmounts | None
    history: History
    links: MandateLinks
    scope: MandateScope
    status: MandateStatus
