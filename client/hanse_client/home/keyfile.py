"""The bytes of a key file: one PEM file with an Ed25519 key, an X25519 key and a self-signed certificate.

Private keys are PKCS#8 (RFC 5958). Under a passphrase they are encrypted with PBES2 (RFC 8018): scrypt (RFC 7914)
and AES-256-CBC. The structure is written here, because `cryptography` would write PBKDF2 with 2,048 rounds; it reads
this one, and so does OpenSSL.
"""

import os
from datetime import UTC, datetime, timedelta
from hashlib import scrypt

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import NameOID

from hanse_client.base.errors import IdentityError
from hanse_client.home.pem import PemBlock, read_pem, write_pem
from hanse_ledger.values.keys import ed25519_key
from hanse_ledger.values.types import PublicKey

PLAIN, ENCRYPTED, CERTIFICATE = "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "CERTIFICATE"
LABEL = "Hanse identity: "
"""Opens the line above the blocks that holds the owner's name for the file (RFC 7468 allows text there)."""

CERTIFICATE_DAYS = 3_650

# OpenSSL reads scrypt with at most 32 MiB; this takes 16 MiB and about a fifth of a second.
_COST, _BLOCK, _LANES = 2**14, 8, 5
_PBES2 = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT = bytes.fromhex("06092b06010401da47040b")
_AES256_CBC = bytes.fromhex("060960864801650304012a")
_SEQUENCE, _INTEGER, _OCTETS = 0x30, 0x02, 0x04


def write_keyfile(name: str, signing: bytes, decryption: bytes, passphrase: bytes | None) -> bytes:
    """Write a key file.

    Args:
        name: the owner's name for it; it stands in the clear and leaves this file nowhere.
        signing: 32 secret bytes, the Ed25519 seed.
        decryption: 32 secret bytes, the X25519 key.
        passphrase: encrypts both keys; None leaves them as they are.
    """
    key = Ed25519PrivateKey.from_private_bytes(signing)
    blocks = [_private_block(key, passphrase), encryption_block(decryption, passphrase)]
    certificate = _self_signed(key).public_bytes(Encoding.DER)
    return f"{LABEL}{name}\n".encode() + write_pem([*blocks, PemBlock(CERTIFICATE, certificate)])


def encryption_block(decryption: bytes, passphrase: bytes | None) -> PemBlock:
    """Write the block of an X25519 key, 32 secret bytes; under a passphrase it is encrypted."""
    return _private_block(X25519PrivateKey.from_private_bytes(decryption), passphrase)


def _private_block(key: Ed25519PrivateKey | X25519PrivateKey, passphrase: bytes | None) -> PemBlock:
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return PemBlock(PLAIN, plain) if passphrase is None else PemBlock(ENCRYPTED, _encrypt(plain, passphrase))


def read_encryption_block(block: PemBlock, passphrase: bytes | None) -> bytes:
    """Read the block of an X25519 key. Raises IdentityError: another key, or the passphrase is missing or wrong."""
    key = _load(block, passphrase)
    if not isinstance(key, X25519PrivateKey):
        raise IdentityError("The encryption key is no X25519 key.", "Give a Hanse key file.")
    return key.private_bytes_raw()


def read_keyfile(data: bytes, passphrase: bytes | None) -> tuple[str, bytes, bytes]:
    """Read the name and the two keys of a key file.

    Raises:
        IdentityError: not such a file, the passphrase is missing or wrong, or the certificate is another key's.
    """
    blocks = read_pem(data)
    if [block.label for block in blocks] not in ([PLAIN, PLAIN, CERTIFICATE], [ENCRYPTED, ENCRYPTED, CERTIFICATE]):
        raise IdentityError("The file does not hold two private keys and a certificate.", "Give a Hanse key file.")
    signing = _load(blocks[0], passphrase)
    decryption = _load(blocks[1], passphrase)
    if not isinstance(signing, Ed25519PrivateKey) or not isinstance(decryption, X25519PrivateKey):
        raise IdentityError("The keys are not an Ed25519 key and an X25519 key.", "Give a Hanse key file.")
    try:
        certified = x509.load_der_x509_certificate(blocks[2].data).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise IdentityError("The certificate in the key file is damaged.", "Restore the file from a copy.") from error
    if certified != signing.public_key():
        raise IdentityError("The certificate in the key file is another key's.", "Restore the file from a copy.")
    return name_in(data), signing.private_bytes_raw(), decryption.private_bytes_raw()


def certified_key(data: bytes) -> PublicKey:
    """Read the public key of a key file without its passphrase, as its certificate says it.

    Whether the private key is that one only whoever opens it knows: `read_keyfile`.

    Raises:
        IdentityError: not such a file, or the certificate is damaged.
    """
    certificates = [block.data for block in read_pem(data) if block.label == CERTIFICATE]
    if len(certificates) != 1:
        raise IdentityError("The file does not hold two private keys and a certificate.", "Give a Hanse key file.")
    try:
        key = x509.load_der_x509_certificate(certificates[0]).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise IdentityError("The certificate in the key file is damaged.", "Restore the file from a copy.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise IdentityError("The keys are not an Ed25519 key and an X25519 key.", "Give a Hanse key file.")
    return ed25519_key(key.public_bytes_raw())


def _load(block: PemBlock, passphrase: bytes | None) -> object:
    if block.label == ENCRYPTED and passphrase is None:
        raise IdentityError("The key file is encrypted.", "Give its passphrase.")
    try:
        return load_der_private_key(block.data, passphrase if block.label == ENCRYPTED else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise IdentityError(
            "The private key cannot be opened: the passphrase is wrong, or the file is damaged.",
            "Type the passphrase again, or restore the file from a copy.",
        ) from error


def name_in(data: bytes) -> str:
    """Read the owner's name for an identity."""
    first = data.split(b"\n", 1)[0].decode("utf-8", "replace")
    return first.removeprefix(LABEL).strip() if first.startswith(LABEL) else ""


def _self_signed(key: Ed25519PrivateKey) -> x509.Certificate:
    """Certify the key for outside tools. The subject is the key itself, so that the certificate names nobody."""
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"hanse {key.public_key().public_bytes_raw().hex()[:40]}")]
    )
    now = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return builder.sign(key, None)


def _encrypt(plain: bytes, passphrase: bytes) -> bytes:
    """Write an EncryptedPrivateKeyInfo (RFC 5958, section 3)."""
    salt, start = os.urandom(16), os.urandom(16)
    key = scrypt(passphrase, salt=salt, n=_COST, r=_BLOCK, p=_LANES, maxmem=2**26, dklen=32)
    padder, encryptor = PKCS7(128).padder(), Cipher(AES256(key), CBC(start)).encryptor()
    secret = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    costs = (_number(_COST), _number(_BLOCK), _number(_LANES))
    derivation = _value(_SEQUENCE, _SCRYPT, _value(_SEQUENCE, _value(_OCTETS, salt), *costs))
    cipher = _value(_SEQUENCE, _AES256_CBC, _value(_OCTETS, start))
    algorithm = _value(_SEQUENCE, _PBES2, _value(_SEQUENCE, derivation, cipher))
    return _value(_SEQUENCE, algorithm, _value(_OCTETS, secret))


def _value(tag: int, *parts: bytes) -> bytes:
    """Write a DER value shorter than 64 KiB."""
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    if 128 <= len(body) < 256:
        length = bytes([0x81, len(body)])
    return bytes([tag]) + length + body


def _number(value: int) -> bytes:
    """Write a DER INTEGER from 0."""
    return _value(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
