"""The certificate that clients see (`[listen] tls_certificate`, `tls_key`): files that somebody else renews.

A new pair is taken up from the next connection on, without a stop. A pair that cannot be used (one of the two is not
written yet, the key is another one's, a file is gone) changes nothing: the one before goes on, and it is said.

TLS 1.2 is spoken with forward secrecy and authenticated ciphers alone, 1.3 as it is. Source: RFC 9325.
"""

import logging
import ssl
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from cryptography import x509
from msgspec import Struct

from hanse_io.durable import SAVE_AS_UTF8, not_utf8
from hanse_ledger.values.types import Moment
from hanse_node.api.access import is_loopback
from hanse_node.base.config import Listen
from hanse_node.base.errors import CannotStart
from hanse_node.base.worker import Lookout, working

log = logging.getLogger(__name__)

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
PEM_BYTES = 256 * 1024
LOOK_SECONDS = 5.0
"""How often a running node looks whether the files were replaced."""

SOON_DAYS = 14
STEP = "Correct `tls_certificate` and `tls_key` in [listen], or bring the files"

NEEDS_TLS = "Set tls_certificate and tls_key in [listen], or put a proxy with TLS in front: see docs/tls.md"

Stamp = tuple[int, int, int, int]


class ShownCertificate(Struct, frozen=True):
    """A pair that is in use: TLS settings, and when the certificate ends."""

    context: ssl.SSLContext
    ends: datetime


class ClientCertificate:
    """The TLS of a node's clients' listener. Any thread may ask."""

    def __init__(self, certificate: Path, key: Path, clock: Callable[[], Moment]) -> None:
        """Take up the files. Raises CannotStart: one is missing, they do not fit, or others can read the key."""
        self._certificate, self._key, self._clock = certificate, key, clock
        self._stamps = self._stamped()
        self._shown = load_pair(certificate, key)
        self._lock = Lock()
        self._failure = ""
        self._lookout = Lookout("client certificate", self.look, LOOK_SECONDS)

    def context(self) -> ssl.SSLContext:
        """Give the TLS settings for the next connection."""
        return self._shown.context

    @property
    def warning(self) -> str:
        """What is wrong with it, for whoever asks how the node does; nothing while all is well."""
        if self._failure:
            return "the clients' certificate was replaced by one that cannot be used; the one before is shown"
        if self._shown.ends <= _moment(self._clock()):
            return "the clients' certificate has ended"
        return ""

    def start(self) -> None:
        """Begin to look after the files."""
        self._lookout.start()

    def stop(self) -> None:
        """Look no more. May be called twice."""
        self._lookout.stop()

    def look(self) -> None:
        """Take up files that were replaced. What cannot be used changes nothing, is said, and is tried again."""
        with self._lock:
            stamps = self._stamped()
            if stamps == self._stamps and not self._failure:
                return
            try:
                self._shown = load_pair(self._certificate, self._key)
            except CannotStart as error:
                if error.reason != self._failure:
                    log.critical(
                        "the clients' new certificate cannot be taken up; the one before is shown", exc_info=error
                    )
                self._failure = error.reason
                return
            self._stamps, self._failure = stamps, ""
            log.info(
                "the clients' certificate was replaced, and is taken up", extra={"ends": self._shown.ends.isoformat()}
            )

    def _stamped(self) -> tuple[Stamp | None, Stamp | None]:
        """Tell one state of the files from another; renewal often turns a symbolic link."""
        return _stamp(self._certificate), _stamp(self._key)


@contextmanager
def client_certificate(
    folder: Path, listen: Listen, host: str, clock: Callable[[], Moment]
) -> Iterator[ClientCertificate | None]:
    """Look after the certificate that clients see, if there is one, until the block ends.

    Args:
        folder: the node's.
        listen: the settings.
        host: the address on which it listens. On any but loopback something must speak TLS.
        clock: the present.

    Raises:
        CannotStart: the files cannot be used.
    """
    pair = tls_pair(folder, listen)
    if pair is None:
        if not is_loopback(host) and not listen.trusted_proxies:
            log.warning("tokens and records reach this node in the clear", extra={"next_step": NEEDS_TLS})
        yield None
        return
    shown = ClientCertificate(*pair, clock)
    with working([shown]):
        yield shown


def tls_pair(folder: Path, listen: Listen) -> tuple[Path, Path] | None:
    """Name the files of a node's settings, relative ones in its folder; nothing for plain HTTP. Raises CannotStart."""
    if bool(listen.tls_certificate) != bool(listen.tls_key):
        raise CannotStart("[listen] names a certificate without its key, or a key alone", "Name both, or neither")
    return (folder / listen.tls_certificate, folder / listen.tls_key) if listen.tls_certificate else None


def load_pair(certificate: Path, key: Path) -> ShownCertificate:
    """Make TLS settings of two files. Raises CannotStart."""
    chain = _read(certificate)
    _check_key(key)
    _read(key)
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise CannotStart(f"{certificate} holds no certificate in PEM", STEP) from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        # With a password, so that nobody is asked for one at a terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError) as error:
        raise CannotStart(f"{key} is not the unencrypted key of {certificate}: {error}", STEP) from error
    return ShownCertificate(context, leaf.not_valid_after_utc)


def check_pair(certificate: Path, key: Path, now: Moment) -> tuple[str, str]:
    """Look at a pair: what it is, and what will soon be wrong with it, if anything. Raises CannotStart."""
    shown, present = load_pair(certificate, key), _moment(now)
    seen = f"{certificate}, until {shown.ends:%Y-%m-%d}"
    days = (shown.ends - present).days
    if shown.ends <= present:
        raise CannotStart(f"{certificate} ended on {shown.ends:%Y-%m-%d}", "Renew it; the node takes it up by itself")
    return seen, f"it ends in {days} days" if days < SOON_DAYS else ""


def _check_key(path: Path) -> None:
    """Insist that a key is not everybody's to read. Its group may: whoever renews it is seldom the node's user."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}", STEP) from error
    if mode & 0o027:
        raise CannotStart(
            f"{path} can be read by other users, or written by its group (mode {mode:04o})", f"Run: chmod 640 {path}"
        )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(PEM_BYTES)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}", STEP) from error
    if fault := not_utf8(data, strict=False):
        raise CannotStart(f"{path} cannot be read: {fault}", SAVE_AS_UTF8)
    return data


def _stamp(path: Path) -> Stamp | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino, stat.st_mode


def _moment(now: Moment) -> datetime:
    return datetime.fromtimestamp(now / 1_000, UTC)
