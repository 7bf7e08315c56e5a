"""What stands in the state of an office."""

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.office.bodies import LowValue
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import Digest, EncryptionKey, MemberId, Moment, PublicKey


class OfficeLinks(Value, frozen=True, kw_only=True):
    """The member whose office it is, for good."""

    member: MemberId


class Officer(Value, frozen=True, kw_only=True):
    """A key that signs for the office's member: what it may do, and at which block times (end excluded)."""

    key: PublicKey
    powers: tuple[Power, ...]
    valid_from: Moment
    valid_until: Moment


class OfficeSettings(Value, frozen=True, kw_only=True):
    """How an office works.

    To which key what it reads is sealed; which kinds of records are under four eyes; up to which values it takes
    low-value imports, one limit a currency; the hash of its risk profile, nil for none.
    """

    encryption_key: EncryptionKey
    four_eyes: tuple[str, ...]
    low_value: tuple[LowValue, ...]
    profile: Digest | None


class Office(Object, frozen=True, kw_only=True, gc=False, tag="office"):
    """A member's public face.

    `history` are its acts: what its member has recorded of it. `inbox` is a second chain: what was addressed to it.
    """

    history: History
    inbox: History
    links: OfficeLinks
    officers: tuple[Officer, ...]
    settings: OfficeSettings
