"""Where clients come in: what they must show, what they see of the node, and the socket between."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from ssl import SSLContext
from typing import NamedTuple

from hanse_ledger.values.types import Moment
from hanse_node.access.ownnames import own_names
from hanse_node.api.access import Access, access_for, is_loopback
from hanse_node.base.folder import NodeFolder
from hanse_node.front.clientcertificate import ClientCertificate, client_certificate
from hanse_node.front.serving import bind, resolve, url_of


class FrontDoor(NamedTuple):
    """The clients' listener, and what belongs to it; `names` are the authorities under which it is asked."""

    access: Access
    certificate: ClientCertificate | None
    listener: socket.socket
    url: str
    names: frozenset[str]

    @property
    def tls(self) -> Callable[[], SSLContext] | None:
        """What gives the TLS settings for the next connection; nil for plain HTTP."""
        return None if self.certificate is None else self.certificate.context

    def warnings(self) -> tuple[str, ...]:
        """Say what is not well though the node takes records."""
        return self.access.warning, "" if self.certificate is None else self.certificate.warning


@contextmanager
def front_door(
    folder: NodeFolder, host: str | None, port: int | None, clock: Callable[[], Moment]
) -> Iterator[FrontDoor]:
    """Listen for clients until the block ends.

    Args:
        folder: the node's.
        host: where to listen; what the settings say, if nil.
        port: likewise; 0 lets the system choose.
        clock: the present.

    Raises:
        CannotStart: the address, the tokens or the certificate cannot be used.
    """
    settings = folder.config.listen
    host = settings.host if host is None else host
    port = settings.port if port is None else port
    addresses = resolve(host, port)
    reached = host if host == "localhost" else addresses.address[0]
    access = access_for(reached, folder.token_file, clock, settings.trusted_proxies)
    with (
        client_certificate(folder.path, settings, reached, clock) as certificate,
        closing(bind(host, port, addresses)) as listener,
    ):
        scheme = "http" if certificate is None else "https"
        names = own_names(
            settings.names,
            folder.config.publishing.address,
            host,
            listener.getsockname()[1],
            loopback=is_loopback(reached),
        )
        yield FrontDoor(access, certificate, listener, url_of(host, listener, scheme), names)
