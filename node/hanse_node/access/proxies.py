"""Whose address counts where a proxy stands in front: the one that the nearest trusted proxy has seen.

Each proxy appends to `X-Forwarded-For` the address from which it was asked. Read from the right, the entries are true
as long as who wrote them is trusted; the first address that is no trusted proxy's is the sender's. What stands to the
left of it is the sender's own invention.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from hanse_node.base.errors import CannotStart

Network = IPv4Network | IPv6Network

MOST_PROXIES = 32
"""So many networks may be named, and so many entries of the header are looked at."""


def read_proxies(text: str) -> tuple[Network, ...]:
    """Read the setting: addresses and networks, parted by commas. Raises CannotStart."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    try:
        found = tuple(ip_network(word) for word in words)
    except ValueError as error:
        raise CannotStart(f"`trusted_proxies` in [listen] is wrong: {error}", "Write 127.0.0.1, 10.1.0.0/24") from error
    if len(found) > MOST_PROXIES:
        raise CannotStart(f"`trusted_proxies` names {len(found)} networks; at most {MOST_PROXIES}", "Name larger ones")
    return found


def sender_of(address: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Find the address of whoever sent a request.

    Args:
        address: from which the connection comes.
        forwarded: the `X-Forwarded-For` headers of the request, in their order.
        trusted: the proxies whose word counts.
    """
    sender = address
    for word in reversed(",".join(forwarded).split(",")[-MOST_PROXIES:]):
        if not _trusts(sender, trusted):
            break
        found = _address(word.strip())
        if found is None:
            break  # not what a proxy writes; the last that is known counts
        sender = str(found)
    return sender


def _trusts(address: str, trusted: Sequence[Network]) -> bool:
    found = _address(address)
    return found is not None and any(found in network for network in trusted)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped
