"""Who asks: a small value, known before anything is read, waited for or reserved."""

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from msgspec import Struct

from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import MemberId, ObjectId


class CallerKind(StrEnum):
    """What a caller has shown. An observer's node reads as a member's does, and vouches for nothing.

    A party, an officer and a member's key have signed the request (`api.edge`). `node` is this node itself, in what it
    does by itself.
    """

    NOBODY = "nobody"
    TOKEN = "token"  # noqa: S105 (a kind of caller)
    PARTY = "party"
    OFFICER = "officer"
    MEMBER_KEY = "member-key"
    MEMBER = "member"
    OBSERVER = "observer"
    NODE = "node"


SIGNERS = frozenset({CallerKind.PARTY, CallerKind.OFFICER, CallerKind.MEMBER_KEY})
"""Who has signed the request with a key of the ledger."""


class Caller(Struct, frozen=True):
    """Who asks.

    Attributes:
        kind: what was shown.
        name: a member's id or a token's name; a party's id, or an officer's key, in hexadecimal digits; of nobody the
            network from which he comes.
        object_id: the party, or the office of the member for which was signed; nil where it has opened none, and of
            whoever has not signed.
        member: the member for which was signed, or whose node it is; nil of all others.
        powers: an officer's.
    """

    kind: CallerKind
    name: str
    object_id: ObjectId | None = None
    member: MemberId | None = None
    powers: tuple[Power, ...] = ()

    @property
    def holder(self) -> str:
        """Whose it is that is held, sent, or waited for: each member's, each token's, each party's; nobody's is one.

        What a member's officers and its keys sign is of one holder, and not of its node's.
        """
        if self.kind in SIGNERS and self.kind is not CallerKind.PARTY:
            return f"signers {self.member}"
        return self.kind.value if self.kind is CallerKind.NOBODY else f"{self.kind.value} {self.name}"

    @property
    def share(self) -> str:
        """Whose share is set aside for it: the holder's; one for all parties together, of whom there are any number."""
        return self.kind.value if self.kind is CallerKind.PARTY else self.holder


ITSELF = Caller(CallerKind.NODE, "itself")
"""This node, in what it does for all who listen, or for itself."""


@lru_cache(maxsize=1_024)
def nobody_at(address: str) -> Caller:
    """Name somebody of whom only the address is known; of IPv6 its /64, which is what one line has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return Caller(CallerKind.NOBODY, address)
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        if mapped is None:
            return Caller(CallerKind.NOBODY, str(ip_network((parsed, 64), strict=False)))
        parsed = mapped
    return Caller(CallerKind.NOBODY, str(parsed))
