"""Which addresses a call may reach that others have named: those of the world outside, and not of this house.

A name is resolved once, and what was looked at is what is connected to: a name that means another address a moment
later gains nothing.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import anyio

from hanse_io.outgoing.countedstream import OutgoingError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

ADDRESSES = 4
"""So many of a name's addresses are tried."""

TRANSLATED = ip_network("64:ff9b::/96")
"""IPv6 addresses that lead to the IPv4 address in their last 32 bits (RFC 6052)."""


class OutOfReach(OutgoingError):
    """The host is at an address that must not be called."""


def is_outside(address: Address) -> bool:
    """Tell whether an address is of the world outside: public, of one host, and leading to no other that is not.

    Not so are loopback, private, shared, link-local (where clouds keep their metadata), multicast and reserved ones.
    """
    inner = _inner(address)
    if inner is not None:
        return is_outside(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inner(address: Address) -> IPv4Address | None:
    """Give the IPv4 address to which an IPv6 address leads; nil where it leads to none."""
    if isinstance(address, IPv4Address):
        return None
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class Reach:
    """What may be called: what is outside, and the networks inside that somebody has allowed."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def allows(self, address: Address) -> bool:
        """Tell whether an address may be called."""
        return is_outside(address) or self.names(address)

    def names(self, address: Address) -> bool:
        """Tell whether an address inside is one that was allowed by name."""
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return any((mapped or address) in network for network in self._allowed)

    async def resolve(self, host: str, port: int, *, clear: bool = False) -> list[str]:
        """Give the addresses at which a host may be called, at most four, in the order to try them.

        Args:
            host: a name, or an address.
            port: where it is called.
            clear: whether the call is in the clear: then only addresses that are allowed by name are.

        Raises:
            OutOfReach: it has no address, or one that must not be called. A name that has both kinds is not called at
                all: so are names made that lead inside.
        """
        try:
            found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise OutOfReach(f"{host} has no address: {error}") from error
        addresses = list(dict.fromkeys(ip_address(str(where[0]).partition("%")[0]) for *_, where in found))
        for address in addresses:
            if not self.allows(address):
                raise OutOfReach(f"{host} is at {address}, which is inside, and not among what may be called there")
            if clear and not self.names(address):
                raise OutOfReach(f"{host} is at {address}, and is called with https:// alone")
        return [str(address) for address in addresses[:ADDRESSES]]
