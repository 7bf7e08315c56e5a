"""Under which names a node is asked: a signed request is for one of them, and another node cannot pass it on here."""

from urllib.parse import urlsplit

from hanse_io.signedrequests import authority_of

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

MOST_NAMES = 64


def own_names(names: str, address: str, host: str, port: int, *, loopback: bool) -> frozenset[str]:
    """Give the authorities of a node, as `authority_of` writes them.

    Args:
        names: the setting: names, parted by commas, with a port or without.
        address: the public address under which proofs are published; empty where there is none.
        host: where the node listens.
        port: likewise.
        loopback: whether only this machine reaches that.
    """
    given = [word.strip() for word in names.split(",") if word.strip()][:MOST_NAMES]
    found = {*given, *(f"{name}:{port}" for name in given if ":" not in name.rpartition("]")[2])}
    if address:
        found.add(urlsplit(address).netloc)
    here = f"[{host}]" if ":" in host else host
    found |= {f"{name}:{port}" for name in (here, *(LOOPBACK_NAMES if loopback else ()))}
    return frozenset(authority_of(name) for name in found)
