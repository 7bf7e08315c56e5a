"""Who asks: a small value, known before anything is read, waited for or reserved."""

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from msgspec import Struct


class CallerKind(StrEnum):
    """What a caller has shown. An observer's node reads as a member's does, and vouches for nothing.

    `node` is this node itself, in what it does by itself.
    """

    NOBODY = "nobody"
    TOKEN = "token"  # noqa: S105 (a kind of caller)
    MEMBER = "member"
    OBSERVER = "observer"
    NODE = "node"


class Caller(Struct, frozen=True):
    """Who asks. `name` is a member's id or a token's name; of nobody it is the network from which he comes."""

    kind: CallerKind
    name: str

    @property
    def holder(self) -> str:
        """Whose share is kept free: each member's, each token's; one for all of whom nothing is known."""
        return self.kind.value if self.kind is CallerKind.NOBODY else f"{self.kind.value} {self.name}"


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
