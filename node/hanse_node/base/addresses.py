"""Where nodes and engines are reached, as others name them: closed patterns, for these texts go into other grammars.

An address of another member's becomes a line of the engine's settings, a word on a terminal and a request's target. So
none can hold a quote, a comma, a space or a line end.
"""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.values import patterns

MOST = 256

HostPort = Annotated[str, Meta(max_length=MOST, pattern=patterns.HOST_PORT)]
"""`host:port`: a name, an IPv4 address, or an IPv6 one in brackets."""

Address = Annotated[str, Meta(max_length=MOST, pattern=patterns.ADDRESS)]
"""Where a node answers the other members' nodes: `https://host:port`, perhaps with a path."""

NodeId = Annotated[str, Meta(pattern=patterns.HEX_20)]
"""How engines name each other: the first 20 bytes of the SHA-256 of a node key."""

Certificate = Annotated[str, Meta(max_length=16 * 1024, pattern=patterns.CERTIFICATE)]
"""X.509 certificates in PEM (RFC 7468), and nothing between them."""
