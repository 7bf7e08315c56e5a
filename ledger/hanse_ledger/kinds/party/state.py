"""What stands in the state of a party."""

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.values.types import EncryptionKey, MemberId, Moment, PublicKey


class OpenRepair(Value, frozen=True, kw_only=True):
    """The key that may take the place of a lost one, and the block time at which two members said so."""

    new_key: PublicKey
    opened: Moment


class Replaced(Value, frozen=True, kw_only=True):
    """The two members that had a key replaced without it, and the block time at which the new one took its place."""

    at: Moment
    member: MemberId
    repair: MemberId


class PartyKey(Value, frozen=True, kw_only=True):
    """A party's keys now; `key` is nil after its revocation.

    `open_repair` stands until it is taken or ended; `replaced` says how the last lost key was replaced, for ever.
    """

    encryption_key: EncryptionKey
    key: PublicKey | None
    open_repair: OpenRepair | None
    replaced: Replaced | None


class PartyLinks(Value, frozen=True, kw_only=True):
    """The member with which the party is: that which enrolled it, until it moves; and the second one for a repair."""

    member: MemberId
    repair: MemberId | None


class PartyStatus(Value, frozen=True, kw_only=True):
    """What a party may do, and at which block times (end excluded); while suspended it does nothing."""

    roles: tuple[PartyRole, ...]
    suspended: bool
    valid_from: Moment
    valid_until: Moment


class Party(Object, frozen=True, kw_only=True, gc=False, tag="party"):
    """A pseudonym with a key, enrolled by a member."""

    history: History
    key: PartyKey
    links: PartyLinks
    status: PartyStatus
