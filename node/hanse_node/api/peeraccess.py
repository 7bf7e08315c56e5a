"""Who asks on the listener for members' nodes: found from the certificate, at each connection and each request."""

import logging
from collections import OrderedDict
from ssl import SSLContext, SSLObject
from time import monotonic
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Scope

from hanse_ledger.values.types import MemberId
from hanse_node.access.caller import Caller
from hanse_node.access.membernodes import MemberNodes
from hanse_node.api.problems import EdgeRefusal
from hanse_node.base.errors import CannotStart
from hanse_node.signing.tlscertificates import TlsCertificates

log = logging.getLogger(__name__)

KNOWN_CERTIFICATES = 512
KNOWN_SECONDS = 30.0
"""So long it is remembered whose a certificate is; whether he may ask is asked each time."""


class PeerAccess:
    """Judges who connects, and who asks. Lives on one event loop."""

    def __init__(self, certificates: TlsCertificates, nodes: MemberNodes) -> None:
        self._certificates, self._nodes = certificates, nodes
        self._holders: OrderedDict[bytes, tuple[int, float, MemberId | None]] = OrderedDict()
        self._context: SSLContext | None = None
        self._made_for: tuple[int, frozenset[MemberId]] | None = None

    def tls(self) -> SSLContext:
        """Give the TLS settings for the next connection: they believe the authorities of those who may ask now."""
        wanted = (self._certificates.generation, frozenset(filter(self._nodes.may, self._certificates.known)))
        if self._context is None or wanted != self._made_for:
            try:
                self._context = self._certificates.server(wanted[1])
                self._made_for = wanted
            except CannotStart as error:
                log.critical("certificates cannot be taken up; those before count", exc_info=error)
                if self._context is None:
                    raise
        return self._context

    @property
    def nodes(self) -> int:
        """How many nodes may ask at most: each has a share set aside."""
        return len(self._certificates.known)

    def caller(self, transport: Any) -> Caller:
        """Say whose node is at the other end. Raises EdgeRefusal (`forbidden`)."""
        tls = transport.get_extra_info("ssl_object")
        shown = tls.getpeercert(binary_form=True) if isinstance(tls, SSLObject) else None
        name = None if shown is None else self._holder(shown)
        kind = None if name is None else self._nodes.kind(name)
        if name is None or kind is None:
            raise EdgeRefusal(
                "forbidden", f"the certificate is {'nobody' if name is None else name}'s, who is no member"
            )
        return Caller(kind, name)

    async def admit(self, scope: Scope, _: Headers) -> Caller:
        """Say who asks a request. Raises EdgeRefusal."""
        return self.caller(scope["state"]["connection"].transport)

    def _holder(self, shown: bytes) -> MemberId | None:
        known, now = self._holders.get(shown), monotonic()
        generation = self._certificates.generation
        if known is None or known[0] != generation or now - known[1] > KNOWN_SECONDS:
            known = self._holders[shown] = (generation, now, self._certificates.holder(shown))
            self._holders.move_to_end(shown)
            if len(self._holders) > KNOWN_CERTIFICATES:
                self._holders.popitem(last=False)
        return known[2]
