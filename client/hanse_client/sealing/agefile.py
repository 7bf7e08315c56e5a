"""Bytes sealed to readers: an age file (C2SP `age`) to X25519 keys, which anybody's `age -d` opens too.

Keys stand on the ledger as 32 bytes. age writes them in Bech32 (BIP 173): `age1…` whoever may be sealed to, and
`AGE-SECRET-KEY-1…` the secret, which is made in memory alone and printed nowhere.
"""

from collections.abc import Iterable

from nacl.bindings import crypto_scalarmult
from nacl.exceptions import CryptoError

from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.types import EncryptionKey

SEALED_BYTES = 8 * 1024 * 1024
"""A sealed document at most: what nodes keep and readers open."""

STANZAS = 64
"""To so many keys is a document sealed at most; what has more is not tried, for each costs a multiplication."""

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_FIVES = 52
"""32 bytes are 52 groups of five bits, the last filled up with zeros."""


def recipient_of(key: EncryptionKey) -> str:
    """Write a key as age reads it: `age1…`.

    Raises:
        Malformed: nobody can have the secret to it: it is of small order, and what is sealed to it opens for everybody.
    """
    try:
        crypto_scalarmult(b"\x40" * 32, key)
    except (CryptoError, RuntimeError) as error:
        raise Malformed("nothing can be sealed to an encryption key of small order") from error
    return _bech32("age", key)


def seal(plain: bytes, keys: Iterable[EncryptionKey]) -> bytes:
    """Seal bytes to keys, each of which opens all of it; other bytes each time.

    Raises:
        Malformed: there is no key, or more than `STANZAS`, one is of small order, or it would be too large.
    """
    import pyrage  # noqa: PLC0415 (a library of Rust, which most commands have no use for)

    recipients = [recipient_of(key) for key in sorted(set(keys))]
    if not 0 < len(recipients) <= STANZAS:
        raise Malformed(f"a document is sealed to 1 to {STANZAS} keys, and these are {len(recipients)}")
    sealed: bytes = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(each) for each in recipients])
    if len(sealed) > SEALED_BYTES:
        raise Malformed(f"the sealed document has {len(sealed)} bytes; at most {SEALED_BYTES} are allowed")
    return sealed


def unseal(sealed: bytes, secret: bytes) -> bytes:
    """Open sealed bytes with an X25519 key, 32 secret bytes.

    Raises:
        Malformed: it is no age file, or too large, or sealed to more than `STANZAS` keys.
        ProofInvalid: it is sealed to other keys than this one, or was changed since.
    """
    import pyrage  # noqa: PLC0415 (see `seal`)

    if len(sealed) > SEALED_BYTES:
        raise Malformed(f"a sealed document has at most {SEALED_BYTES} bytes; this one has {len(sealed)}")
    header, end, _ = sealed.partition(b"\n---")
    # Besides the readers' there may be one stanza more, of which age says that it has no meaning.
    if not header.startswith(b"age-encryption.org/v1\n") or not end or header.count(b"\n-> ") > STANZAS + 1:
        raise Malformed("this is no age file, or one that is sealed to too many keys")
    identity = pyrage.x25519.Identity.from_str(_bech32("age-secret-key-", secret).upper())
    try:
        plain: bytes = pyrage.decrypt(sealed, [identity])
    except pyrage.DecryptError as error:
        raise ProofInvalid("the document is sealed to other keys than this one, or was changed since") from error
    return plain


def _bech32(prefix: str, data: bytes) -> str:
    """Write 32 bytes in Bech32. Source: BIP 173."""
    number = int.from_bytes(data, "big") << (_FIVES * 5 - len(data) * 8)
    fives = [number >> 5 * place & 31 for place in reversed(range(_FIVES))]
    around = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    check = _checksum([*around, *fives, *[0] * 6]) ^ 1
    fives += [check >> 5 * place & 31 for place in reversed(range(6))]
    return f"{prefix}1{''.join(_LETTERS[five] for five in fives)}"


def _checksum(fives: list[int]) -> int:
    check = 1
    for five in fives:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ five
        for place, generator in enumerate(_GENERATORS):
            check ^= generator if top >> place & 1 else 0
    return check
