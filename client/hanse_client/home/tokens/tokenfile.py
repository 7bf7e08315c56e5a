"""The identity file of a key in a token: its `pkcs11:` URI, its public half, and the X25519 key, which stays in it.

```
Hanse identity: officer
Hanse token key: pkcs11:token=desk;object=officer?module-path=/usr/lib/softhsm/libsofthsm2.so
-----BEGIN PUBLIC KEY-----
-----BEGIN ENCRYPTED PRIVATE KEY-----
```

Nothing in PKCS#11 that tokens commonly have opens an age file: what is sealed to the owner is opened by the X25519 key.
"""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from hanse_client.base.errors import IdentityError
from hanse_client.home.keyfile import (
    ENCRYPTED,
    LABEL,
    PLAIN,
    certified_key,
    encryption_block,
    name_in,
    read_encryption_block,
)
from hanse_client.home.pem import PemBlock, read_pem, write_pem
from hanse_client.home.tokens.uri import TokenKeyName, read_uri
from hanse_ledger.values.keys import ed25519_key
from hanse_ledger.values.types import PublicKey

NAMED = "Hanse token key: "
PUBLIC = "PUBLIC KEY"


def is_token_file(data: bytes) -> bool:
    """Tell whether an identity file names a key in a token."""
    return any(line.startswith(NAMED.encode()) for line in data.splitlines()[:8])


def write_tokenfile(
    name: str, key: TokenKeyName, public_key: PublicKey, decryption: bytes, passphrase: bytes | None
) -> bytes:
    """Write the file.

    Args:
        name: the owner's name for the identity.
        key: where the signing key is.
        public_key: its public half, so that it is known without the token.
        decryption: 32 secret bytes, the X25519 key.
        passphrase: encrypts that; nil leaves it as it is.
    """
    public = Ed25519PublicKey.from_public_bytes(public_key[1:])
    stated = PemBlock(PUBLIC, public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    head = f"{LABEL}{name}\n{NAMED}{key}\n"
    return head.encode() + write_pem([stated, encryption_block(decryption, passphrase)])


def read_tokenfile(data: bytes, passphrase: bytes | None) -> tuple[str, TokenKeyName, PublicKey, bytes]:
    """Read the name, where the key is, its public half and the X25519 key.

    Raises:
        IdentityError: not such a file, or the passphrase is missing or wrong.
    """
    key, public = token_key_in(data)
    blocks = read_pem(data)
    return name_in(data), key, public, read_encryption_block(blocks[1], passphrase)


def public_key_in(data: bytes) -> PublicKey:
    """Read the public key of any identity file, without its passphrase. Raises IdentityError."""
    return token_key_in(data)[1] if is_token_file(data) else certified_key(data)


def token_key_in(data: bytes) -> tuple[TokenKeyName, PublicKey]:
    """Read where the key is, and its public half; no passphrase is needed. Raises IdentityError."""
    lines = [line for line in data.splitlines() if line.startswith(NAMED.encode())]
    blocks = read_pem(data)
    if len(lines) != 1 or [block.label for block in blocks] not in ([PUBLIC, PLAIN], [PUBLIC, ENCRYPTED]):
        raise IdentityError(
            "The file does not hold one token key, its public half and one private key.",
            "Make it: hanse key new --token",
        )
    try:
        public = load_der_public_key(blocks[0].data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise IdentityError("The public key in the file is damaged.", "Restore the file from a copy.") from error
    if not isinstance(public, Ed25519PublicKey):
        raise IdentityError("The public key in the file is no Ed25519 key.", "Make the file: hanse key new --token")
    uri = lines[0].removeprefix(NAMED.encode()).decode(errors="replace").strip()
    return read_uri(uri), ed25519_key(public.public_bytes_raw())
