"""Mutual TLS between members' nodes, with the members' own certificates.

tls/authority.key.pem   the member's own authority, 0600: it signs the certificates of the member's node alone
tls/authority.pem       its certificate, which the other members keep as `tls/peers/<member>.pem`
tls/node.key.pem        the key of the node's present certificate, 0600
tls/node.pem            that certificate, for ninety days; made anew a month before its end, without a stop
tls/peers/<member>.pem  the authorities of the others: whoever shows a certificate that the one of his name has signed
                        is that member's node, as long as the member is one in force (see `access.members`)

The subject is the member's id and nothing else. Source: RFC 5280, RFC 8446.
"""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

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

from hanse_io.durable import SAVE_AS_UTF8, SECRET_MODE, not_utf8, replace_durably
from hanse_ledger.values.types import MemberId, Moment
from hanse_node.base.changing import alone_with
from hanse_node.base.errors import CannotStart

FOLDER = "tls"
AUTHORITY, AUTHORITY_KEY = "authority.pem", "authority.key.pem"
CERTIFICATE, CERTIFICATE_KEY = "node.pem", "node.key.pem"
PEERS = "peers"

AUTHORITY_LIFE = timedelta(days=20 * 365)
LIFE = timedelta(days=90)
RENEW_BEFORE = timedelta(days=30)
GRACE = timedelta(hours=1)
"""A certificate counts from a little before it is made: the clocks of members differ."""

PEM_BYTES = 64 * 1024
AUTHORITIES = 2
"""So many authorities of a member are believed at once: that of its node, and that of the one which takes its place."""

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
    certificate = (
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
    data = certificate.public_bytes(Encoding.PEM)
    with alone_with(place / AUTHORITY):
        replace_durably(place / AUTHORITY_KEY, _pem(key), SECRET_MODE)
        replace_durably(place / AUTHORITY, data)
        _renew(place, now)
    return data


def renew(folder: Path, now: Moment) -> None:
    """Make a node's certificate anew; nobody changes the authority meanwhile. Raises OSError, CannotStart."""
    place = folder / FOLDER
    _certificate(place / AUTHORITY)
    with alone_with(place / AUTHORITY):
        _renew(place, now)


def _renew(place: Path, now: Moment) -> None:
    authority, signer = _certificate(place / AUTHORITY), _key(place / AUTHORITY_KEY)
    begin = _moment(now)
    if begin + LIFE > authority.not_valid_after_utc:
        raise CannotStart(
            f"{place / AUTHORITY} ends on {authority.not_valid_after_utc:%Y-%m-%d}",
            "Make another authority with `hanse node certificate --new-authority`, and send it to the other members",
        )
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
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
    replace_durably(place / CERTIFICATE_KEY, _pem(key) + certificate.public_bytes(Encoding.PEM), SECRET_MODE)
    replace_durably(place / CERTIFICATE, certificate.public_bytes(Encoding.PEM))


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
    check_secret(place / CERTIFICATE_KEY)
    check_secret(place / AUTHORITY_KEY)
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


def peer_path(folder: Path, member: MemberId) -> Path:
    """Tell where a node keeps a member's authority; whoever changes it locks this file (`changing`)."""
    return folder / FOLDER / PEERS / f"{member}.pem"


def add_authority(folder: Path, member: MemberId, authority: bytes) -> None:
    """Believe a member's authority, beside the one that was believed last: its present node goes on with that one.

    Args:
        folder: the folder of one's own node.
        member: whose authority it is.
        authority: its certificate, in PEM.

    Raises:
        CannotStart: what stands there is no certificate.
        OSError: it cannot be written.
    """
    path = peer_path(folder, member)
    new = x509.load_pem_x509_certificate(authority).public_bytes(Encoding.PEM)
    with alone_with(path):
        before = [each.public_bytes(Encoding.PEM) for each in read_authorities(path)] if path.exists() else []
        kept = [new, *(authority for authority in before if authority != new)][:AUTHORITIES]
        replace_durably(path, b"".join(kept))


def read_authorities(path: Path) -> list[x509.Certificate]:
    """Read a member's authority: one certificate, or two while it passes from one to the next. Raises CannotStart."""
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError as error:
        step = "Ask that member for its tls/authority.pem, and put it there"
        raise CannotStart(f"{path} cannot be used: it is no certificate", step) from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(PEM_BYTES)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}", STEP) from error
    if fault := not_utf8(data, strict=False):
        raise CannotStart(f"{path} cannot be read: {fault}", SAVE_AS_UTF8)
    return data


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_read(path))
    except ValueError as error:
        raise CannotStart(f"{path} is no certificate", STEP) from error


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    data = _read(path)
    check_secret(path)
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError) as error:
        raise CannotStart(f"{path} is no unencrypted PKCS#8 key", STEP) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CannotStart(f"{path} is no key on a curve", STEP)
    return key


def check_secret(path: Path) -> None:
    """Insist that nobody else can read a file. Raises CannotStart."""
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}", STEP) from error
    if mode & 0o077:
        raise CannotStart(f"{path} can be read by other users (mode {mode:04o})", f"Run: chmod 600 {path}")
