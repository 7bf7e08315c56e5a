"""A node's TLS with other members' nodes: what it shows, whom it believes, and whose node has shown a certificate.

Contexts are made anew when a file has changed, never altered: OpenSSL forgets nobody whom a context has once believed.
"""

import logging
import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from hanse_ledger.values.types import MemberId, Moment
from hanse_node.base.errors import CannotStart
from hanse_node.base.worker import Lookout
from hanse_node.signing.tls import (
    CERTIFICATE_KEY,
    FOLDER,
    PEERS,
    RENEW_BEFORE,
    STEP,
    check_secret,
    ends_at,
    peer_path,
    read_authorities,
    renew,
)

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often a running node looks whether its certificate is due, or a file of the folder was replaced."""


class TlsCertificates:
    """What a node shows and whom it believes, as its files say. Any thread may ask."""

    def __init__(self, folder: Path, clock: Callable[[], Moment]) -> None:
        """Take up a node's certificates, renewed if they are due.

        Raises:
            CannotStart: a file is missing, damaged or readable by others, or has ended and cannot be made anew.
        """
        self._folder, self._clock = folder, clock
        self.generation = 0
        """Another one each time something has changed: contexts of an earlier one are to be made anew."""
        self._lock = Lock()
        self._authorities: dict[MemberId, list[x509.Certificate]] = {}
        if self._due():
            renew(self._folder, self._clock())
        self._seen: dict[str, int] = {}
        self.look()
        self._lookout = Lookout("certificates", self._look_again, LOOK_SECONDS)

    def start(self) -> None:
        """Begin to look after the certificate."""
        self._lookout.start()

    def stop(self) -> None:
        """Look no more. May be called twice."""
        self._lookout.stop()

    @property
    def known(self) -> frozenset[MemberId]:
        """The members whose authorities are there."""
        return frozenset(self._authorities)

    def server(self, members: Iterable[MemberId]) -> ssl.SSLContext:
        """Make the context of a listener: whoever connects shows a certificate of one of these members' authorities.

        Raises CannotStart.
        """
        context = self._context(ssl.PROTOCOL_TLS_SERVER)
        for member in sorted({*members} & self.known):
            self._trust(context, member)
        return context

    def client(self, member: MemberId) -> ssl.SSLContext:
        """Make the context for a peer: it believes that member's authority and nobody else's. Raises CannotStart."""
        context = self._context(ssl.PROTOCOL_TLS_CLIENT)
        # Not the host's name counts but whose authority has signed: nobody else has it.
        context.check_hostname = False
        self._trust(context, member)
        return context

    def holder(self, shown: bytes) -> MemberId | None:
        """Say whose node has shown a certificate that counts now; nil where nobody's authority has signed it so.

        The name that it bears says whose authority it should be of: a member signs for itself alone.

        Args:
            shown: the certificate, in DER, whose key the other side has proven to have.
        """
        try:
            certificate = x509.load_der_x509_certificate(shown)
            names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            name = str(names[0].value) if len(names) == 1 else ""
            ends = certificate.not_valid_after_utc
        except ValueError:
            return None
        if ends < datetime.fromtimestamp(self._clock() / 1_000, UTC):
            return None
        return name if any(_signed(certificate, authority) for authority in self._authorities.get(name, ())) else None

    def renew_now(self) -> None:
        """Make the certificate anew, and show it from the next connection on. Raises CannotStart, OSError."""
        with self._lock:
            renew(self._folder, self._clock())
            log.info("the node shows a new certificate", extra={"ends": ends_at(self._folder).isoformat()})
            self._take_up()

    def look(self) -> None:
        """Renew the certificate if it is due, and take up files that were replaced, added or removed.

        Raises:
            CannotStart, OSError: a file cannot be used; what was taken up before still counts.
        """
        if self._due():
            self.renew_now()
        with self._lock:
            if self._stamps() != self._seen:
                self._take_up()

    def _take_up(self) -> None:
        stamps = self._stamps()
        self._context(ssl.PROTOCOL_TLS_SERVER)
        self._authorities = {path.stem: read_authorities(path) for path in self._peers()}
        self._seen = stamps
        self.generation += 1
        if self.generation > 1:
            log.info("certificates were replaced, and are taken up")

    def _peers(self) -> list[Path]:
        return sorted((self._folder / FOLDER / PEERS).glob("*.pem"))

    def _due(self) -> bool:
        return ends_at(self._folder) - datetime.fromtimestamp(self._clock() / 1_000, UTC) < RENEW_BEFORE

    def _stamps(self) -> dict[str, int]:
        """Tell when each file was written."""
        return {str(path): path.stat().st_mtime_ns for path in (self._folder / FOLDER).rglob("*.pem")}

    def _context(self, protocol: int) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        path = self._folder / FOLDER / CERTIFICATE_KEY
        check_secret(path)
        try:
            context.load_cert_chain(path)
        except (ssl.SSLError, OSError) as error:
            raise CannotStart(f"{path} cannot be used: {error}", STEP) from error
        context.verify_mode = ssl.CERT_REQUIRED if protocol == ssl.PROTOCOL_TLS_SERVER else context.verify_mode
        return context

    def _trust(self, context: ssl.SSLContext, member: MemberId) -> None:
        path = peer_path(self._folder, member)
        try:
            context.load_verify_locations(path)
        except (ssl.SSLError, OSError) as error:
            step = "Ask that member for its tls/authority.pem, and put it there"
            raise CannotStart(f"{path} cannot be used: {error}", step) from error

    def _look_again(self) -> None:
        try:
            self.look()
        except (CannotStart, OSError) as error:
            log.critical("the node's certificates cannot be taken up", exc_info=error)


def _signed(shown: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        shown.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
