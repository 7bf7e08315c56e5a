"""Mutual TLS between members' nodes, with the members' own certificates.

tls/authority.key.pem   the member's own authority, 0600: it signs the certificates of the member's node alone
tls/authority.pem       its certificate, which the other members keep as `tls/peers/<member>.pem`
tls/node.key.pem        the key of the node's present certificate, 0600
tls/node.pem            that certificate, for ninety days; made anew a month before its end, without a stop
tls/peers/<member>.pem  the authorities of the others: whoever shows a certificate of one of them is that member's node

The subject is the member's id and nothing else. Source: RFC 5280, RFC 8446.
"""

import logging
import os
import ssl
import stat
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hanse_ledger.types import MemberId, Moment
from hanse_node.durable import SECRET_MODE, write_durably
from hanse_node.errors import CannotStart

log = logging.getLogger(__name__)

FOLDER = "tls"
AUTHORITY, AUTHORITY_KEY = "authority.pem", "authority.key.pem"
CERTIFICATE, CERTIFICATE_KEY = "node.pem", "node.key.pem"
PEERS = "peers"

AUTHORITY_LIFE = timedelta(days=20 * 365)
LIFE = timedelta(days=90)
RENEW_BEFORE = timedelta(days=30)
GRACE = timedelta(hours=1)
"""A certificate counts from a little before it is made: the clocks of members differ."""

LOOK_SECONDS = 5.0
"""How often a running node looks whether its certificate is due, or a file of this folder was replaced."""

PEM_BYTES = 64 * 1024
STEP = "Bring the file back, or make all of them anew: hanse node certificate --new-authority"


def create_authority(folder: Path, member: MemberId, now: Moment) -> bytes:
    """Make a member's authority and the first certificate of its node; give the authority's, for the others.

    Args:
        folder: the node's folder.
        member: whose.
        now: the present in milliseconds since 1970.

    Raises:
        OSError: the files cannot be written.
    """
    place = folder / FOLDER
    (place / PEERS).mkdir(mode=0o700, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name, begin = _name(member), _moment(now)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin - GRACE)
        .not_valid_after(begin + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, SHA256())
    )
    data = made.public_bytes(Encoding.PEM)
    write_durably(place / AUTHORITY_KEY, _pem(key), SECRET_MODE)
    write_durably(place / AUTHORITY, data)
    renew(folder, now)
    return data


def renew(folder: Path, now: Moment) -> None:
    """Make a node's certificate anew. Raises OSError, CannotStart."""
    place = folder / FOLDER
    authority, signer = _certificate(place / AUTHORITY), _key(place / AUTHORITY_KEY)
    begin = _moment(now)
    if begin + LIFE > authority.not_valid_after_utc:
        raise CannotStart(
            f"{place / AUTHORITY} ends on {authority.not_valid_after_utc:%Y-%m-%d}",
            "Make another authority with `hanse node certificate --new-authority`, and send it to the other members",
        )
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(authority.subject)
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin - GRACE)
        .not_valid_after(begin + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .sign(signer, SHA256())
    )
    # In one file, key and certificate together: never one of the one and one of the other.
    write_durably(place / CERTIFICATE_KEY, _pem(key) + made.public_bytes(Encoding.PEM), SECRET_MODE)
    write_durably(place / CERTIFICATE, made.public_bytes(Encoding.PEM))


def ends_at(folder: Path) -> datetime:
    """Tell when a node's present certificate ends. Raises CannotStart."""
    return _certificate(folder / FOLDER / CERTIFICATE_KEY).not_valid_after_utc


def check(folder: Path, now: Moment) -> str:
    """Say how a node's certificates stand.

    Raises:
        CannotStart: a file is missing, damaged or readable by others, or has ended, or ends before it can be renewed.
    """
    place, present = folder / FOLDER, _moment(now)
    authority, own = _certificate(place / AUTHORITY), _certificate(place / CERTIFICATE_KEY)
    _check_secret(place / CERTIFICATE_KEY)
    _check_secret(place / AUTHORITY_KEY)
    for path in sorted((place / PEERS).glob("*.pem")):
        if _certificate(path).not_valid_after_utc < present:
            step = "Ask that member for its new tls/authority.pem"
            raise CannotStart(f"{path} ended on {_certificate(path).not_valid_after_utc:%Y-%m-%d}", step)
    if authority.not_valid_after_utc < present + LIFE:
        raise CannotStart(
            f"{place / AUTHORITY} ends on {authority.not_valid_after_utc:%Y-%m-%d}, before the next certificate would",
            "Make another: hanse node certificate --new-authority; and send it to the other members",
        )
    if own.not_valid_after_utc < present:
        step = "Start the node, which makes it anew, or run: hanse node certificate"
        raise CannotStart(f"{place / CERTIFICATE} ended on {own.not_valid_after_utc:%Y-%m-%d}", step)
    ends = (own.not_valid_after_utc, authority.not_valid_after_utc)
    return f"the node's until {ends[0]:%Y-%m-%d}, its authority's until {ends[1]:%Y-%m-%d}"


class Certificates:
    """A node's TLS: what it shows, and whom it believes. Contexts that were given go on with a renewed certificate."""

    def __init__(self, folder: Path, clock: Callable[[], Moment]) -> None:
        """Take up a node's certificates, renewed if they are due.

        Raises:
            CannotStart: a file is missing, damaged or readable by others, or has ended and cannot be made anew.
        """
        self._folder, self._clock = folder, clock
        self._own: list[ssl.SSLContext] = []
        self._servers: list[ssl.SSLContext] = []
        self._trusted: list[tuple[ssl.SSLContext, Path]] = []
        self._stop = Event()
        if self._due():
            self.renew_now()
        self._seen = self._stamps()
        self._watching = Thread(target=self._watch, name="certificates", daemon=True)

    def start(self) -> None:
        """Begin to look after the certificate."""
        self._watching.start()

    def stop(self) -> None:
        """Look no more. May be called twice."""
        self._stop.set()
        if self._watching.ident is not None:
            self._watching.join()

    def server(self) -> ssl.SSLContext:
        """Make the context of the listener: whoever connects shows a certificate of another member."""
        context = self._context(ssl.Purpose.CLIENT_AUTH)
        self._servers.append(context)
        for path in self._peers():
            self._trust(context, path)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _peers(self) -> list[Path]:
        return sorted((self._folder / FOLDER / PEERS).glob("*.pem"))

    def clients(self, members: Mapping[MemberId, str]) -> dict[MemberId, ssl.SSLContext]:
        """Make a context for each peer: it believes that member's authority and nobody else's."""
        made = {}
        for member in members:
            context = self._context(ssl.Purpose.SERVER_AUTH)
            # Not the host's name counts but whose authority has signed: nobody else has it.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_REQUIRED
            self._trust(context, self._folder / FOLDER / PEERS / f"{member}.pem")
            made[member] = context
        return made

    def renew_now(self) -> None:
        """Make the certificate anew, and show it from the next connection on. Raises CannotStart, OSError."""
        renew(self._folder, self._clock())
        for context in self._own:
            self._load(context)
        self._seen = self._stamps()
        log.info("the node shows a new certificate", extra={"ends": ends_at(self._folder).isoformat()})

    def look(self) -> None:
        """Renew the certificate if it is due, and take up files that were replaced. Raises CannotStart, OSError.

        What an authority has signed counts until its file is gone and the node is started again.
        """
        if self._due():
            self.renew_now()
        stamps = self._stamps()
        if stamps != self._seen:
            for context in self._own:
                self._load(context)
            for context, path in self._trusted:
                _trust(context, path)
            known = set(self._trusted)
            for context in self._servers:
                for path in self._peers():
                    if (context, path) not in known:
                        self._trust(context, path)
            self._seen = stamps
            log.info("certificates were replaced, and are taken up")

    def _due(self) -> bool:
        return ends_at(self._folder) - _moment(self._clock()) < RENEW_BEFORE

    def _trust(self, context: ssl.SSLContext, path: Path) -> None:
        _trust(context, path)
        self._trusted.append((context, path))

    def _stamps(self) -> dict[str, int]:
        """Tell when each file was written."""
        return {str(path): path.stat().st_mtime_ns for path in (self._folder / FOLDER).rglob("*.pem")}

    def _context(self, purpose: ssl.Purpose) -> ssl.SSLContext:
        context = ssl.SSLContext(
            ssl.PROTOCOL_TLS_SERVER if purpose is ssl.Purpose.CLIENT_AUTH else ssl.PROTOCOL_TLS_CLIENT
        )
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._load(context)
        self._own.append(context)
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        path = self._folder / FOLDER / CERTIFICATE_KEY
        _check_secret(path)
        try:
            context.load_cert_chain(path)
        except (ssl.SSLError, OSError) as error:
            raise CannotStart(f"{path} cannot be used: {error}", STEP) from error

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except (CannotStart, OSError) as error:
                log.critical("the node's certificates cannot be taken up", exc_info=error)


def _trust(context: ssl.SSLContext, path: Path) -> None:
    try:
        context.load_verify_locations(path)
    except (ssl.SSLError, OSError) as error:
        step = "Ask that member for its tls/authority.pem, and put it there"
        raise CannotStart(f"{path} cannot be used: {error}", step) from error


def _name(member: MemberId) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, member)])


def _moment(now: Moment) -> datetime:
    return datetime.fromtimestamp(now / 1_000, UTC)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(PEM_BYTES)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}", STEP) from error


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_read(path))
    except ValueError as error:
        raise CannotStart(f"{path} is no certificate", STEP) from error


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    data = _read(path)
    _check_secret(path)
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError) as error:
        raise CannotStart(f"{path} is no unencrypted PKCS#8 key", STEP) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CannotStart(f"{path} is no key on a curve", STEP)
    return key


def _check_secret(path: Path) -> None:
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}", STEP) from error
    if mode & 0o077:
        raise CannotStart(f"{path} can be read by other users (mode {mode:04o})", f"Run: chmod 600 {path}")
