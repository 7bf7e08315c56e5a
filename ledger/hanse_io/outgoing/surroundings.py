"""What the environment says about calls: proxies, where none is wanted, and whose certificates count.

What it says is a setting like any other: one that cannot be followed is named, and never passed over.
"""

import os
import ssl
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
EVERYONE = "*"


class BadSurroundings(ValueError):
    """A variable of the environment cannot be followed. `action` says what to do."""

    def __init__(self, message: str, action: str) -> None:
        super().__init__(message)
        self.message, self.action = message, action


def parse_address(url: str) -> httpx2.URL:
    """Read an address of HTTP. Raises ValueError."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise ValueError(str(error)) from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError("neither http:// nor https://")
    return parsed


def authorities(*, environment: bool) -> ssl.SSLContext:
    """Give the TLS that trusts the system's authorities; those of SSL_CERT_FILE, else SSL_CERT_DIR, where one is named.

    Raises:
        BadSurroundings: what the variable names cannot be read, or holds no certificate.
    """
    if environment:
        file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        if file:
            return _named_authorities("SSL_CERT_FILE", Path(file))
        if folder:
            return _named_authorities("SSL_CERT_DIR", Path(folder))
    return httpx2.create_ssl_context(trust_env=False)


def _named_authorities(variable: str, path: Path) -> ssl.SSLContext:
    action = f"Let {variable} name certificates in PEM, or unset it: then the system's authorities count."
    try:
        if variable == "SSL_CERT_DIR":
            if not any(path.iterdir()):
                raise BadSurroundings(f"{variable} names {path}, which holds no certificate.", action)
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except ssl.SSLError as error:
        raise BadSurroundings(f"{variable} names {path}, which holds no certificate.", action) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadSurroundings(f"{variable} names {path}, which cannot be read: {reason}.", action) from error


def proxy_for(url: httpx2.URL) -> httpcore2.Proxy | None:
    """Find the proxy that the environment names for an address; none for this machine.

    Raises:
        BadSurroundings: it is none that is spoken here.
    """
    if url.host in LOOPBACK:
        return None
    named = getproxies()
    scheme = next((name for name in (url.scheme, "all") if named.get(name)), None)
    if scheme is None or spared(url.host, url.port, named.get("no", "")) or proxy_bypass(url.host):
        return None
    variable, text = f"{scheme.upper()}_PROXY", named[scheme].strip()
    try:
        address = parse_address(text if "://" in text else f"http://{text}")
    except ValueError as error:
        kind = text.partition("://")[0].lower() if "://" in text else ""
        what = "SOCKS, which is not spoken here" if kind.startswith("socks") else f"no proxy of HTTP: {error}"
        raise BadSurroundings(
            f"{variable} names {what}.",
            f"Name a proxy that begins with http://, or name {url.host} in NO_PROXY.",
        ) from error
    auth = (address.username.encode(), address.password.encode()) if address.username else None
    return httpcore2.Proxy(
        httpcore2.URL(scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=b"/"), auth=auth
    )


def spared(host: str, port: int | None, text: str) -> bool:
    """Tell whether NO_PROXY spares a host the proxy.

    Args:
        host: a name or an address, an IPv6 one without brackets.
        port: where it is reached, if not where it is usual.
        text: names with those below them, addresses and networks, with commas or blanks between them; each may end with
            `:port`, an IPv6 address is in brackets then. What is none of these spares nobody.
    """
    return any(_spares(entry, host.lower().rstrip("."), port) for entry in text.replace(",", " ").lower().split())


def _spares(entry: str, host: str, port: int | None) -> bool:
    if entry == EVERYONE:
        return True
    name, of = entry, ""
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        if rest.startswith("/"):
            name += rest
        else:
            of = rest.removeprefix(":")
    elif entry.count(":") == 1:
        name, _, of = entry.partition(":")
    if of and of != str(port):
        return False
    try:
        return ip_address(host) in ip_network(name, strict=False)
    except ValueError:
        name = name.removeprefix("*").strip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
