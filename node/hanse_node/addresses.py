"""Where nodes and engines are reached, as others name them: closed patterns, for these texts go into other grammars.

An address of another member's becomes a line of the engine's settings, a word on a terminal and a request's target. So
none can hold a quote, a comma, a space or a line end.
"""

from typing import Annotated

from msgspec import Meta

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL}){{0,30}}|\[[0-9A-Fa-f:.]{{2,45}}\])"
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

MOST = 256

HostPort = Annotated[str, Meta(max_length=MOST, pattern=rf"^{_HOST}:{_PORT}\Z")]
"""`host:port`: a name, an IPv4 address, or an IPv6 one in brackets."""

Address = Annotated[
    str, Meta(max_length=MOST, pattern=rf"^https://{_HOST}(?::{_PORT})?(?:/[A-Za-z0-9._~-]{{1,64}}){{0,8}}/?\Z")
]
"""Where a node answers the other members' nodes: `https://host:port`, perhaps with a path."""

NodeId = Annotated[str, Meta(pattern=r"^[0-9a-f]{40}\Z")]
"""How engines name each other: the first 20 bytes of the SHA-256 of a node key."""

_BLOCK = r"-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,76}\n){1,200}-----END CERTIFICATE-----\n"
Certificate = Annotated[str, Meta(max_length=16 * 1024, pattern=rf"^(?:{_BLOCK}){{1,4}}\Z")]
"""X.509 certificates in PEM (RFC 7468), and nothing between them."""
