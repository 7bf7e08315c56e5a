"""What stands in the state of a party."""

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.values.types import EncryptionKey, MemberId, Moment, PublicKey


class PartyKey(Value, frozen=True, kw_only=True):
    """A party's keys now; `key` is nil after its revocation."""

    encryption_key: EncryptionKey
    key: PublicKey | None


class PartyLinks(Value, frozen=True, kw_only=True):
    """The member with which the party is: that which enrolled it, until it moves."""

    member: MemberId


class PartyStatus(Value, frozen=True, kw_only=True):
    """What a party may do, and at which block times (end excluded)."""

    roles: tuple[PartyRole, ...]
    valid_from: Moment
    valid_until: Moment


class Party(Object, frozen=True, kw_only=True, gc=False, tag="party"):
    """A pseudonym with a key, enrolled by a member."""

    history: History
    key: PartyKey
    links: PartyLinks
    status: PartyStatus
