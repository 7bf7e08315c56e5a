"""A key ring under its seal: an age file, to a passphrase or to the one-time key of another device."""

import pyrage

from hanse_client.base.errors import InvalidInput
from hanse_client.ring.ringfile import RING_BYTES

SEALED_RING_BYTES = RING_BYTES + 8 * 1024 * 1024
PASSPHRASE_LETTERS = 12
"""A chosen passphrase has at least so many: age makes each guess take a second, and whoever has the file has time."""

WRONG = (
    "The key ring cannot be opened: the passphrase or code is another one's, or the file is damaged.",
    "Type it again; where that is no help, take another copy of the file.",
)


def seal_by_passphrase(plain: bytes, passphrase: str) -> bytes:
    """Seal a ring to a passphrase, or to a recovery code, which is one."""
    sealed: bytes = pyrage.passphrase.encrypt(plain, passphrase)
    return sealed


def open_by_passphrase(sealed: bytes, passphrase: str) -> bytes:
    """Open a ring with what it was sealed by. Raises InvalidInput: it is another one, or the file is damaged."""
    _need_age(sealed)
    try:
        plain: bytes = pyrage.passphrase.decrypt(sealed, passphrase)
    except pyrage.DecryptError as error:
        raise InvalidInput(*WRONG) from error
    return plain


def one_time_key() -> tuple[str, str]:
    """Make a key to which one ring is sealed: its secret, `AGE-SECRET-KEY-1…`, and its public half, `age1…`."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def public_half(secret: str) -> str:
    """Give the public half of a one-time key. Raises InvalidInput."""
    try:
        return str(pyrage.x25519.Identity.from_str(secret).to_public())
    except pyrage.IdentityError as error:
        raise InvalidInput(
            "The one-time key of this device is damaged.", "Begin again: hanse key move request"
        ) from error


def need_recipient(text: str) -> str:
    """Insist that a text is the public half of a one-time key. Raises InvalidInput."""
    text = text.strip()
    try:
        return str(pyrage.x25519.Recipient.from_str(text.lower()))
    except pyrage.RecipientError as error:
        raise InvalidInput(
            f"{text[:80]!r} is no key of another device: {error}.",
            "Copy it whole, from age1 on, as `hanse key move request` has shown it there.",
        ) from error


def seal_to_device(plain: bytes, recipient: str) -> bytes:
    """Seal a ring to another device's one-time key. Raises InvalidInput."""
    sealed: bytes = pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(need_recipient(recipient))])
    return sealed


def open_on_device(sealed: bytes, secret: str) -> bytes:
    """Open a ring with this device's one-time key. Raises InvalidInput: it is sealed to another one, or damaged."""
    _need_age(sealed)
    try:
        plain: bytes = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(secret)])
    except pyrage.IdentityError as error:
        raise InvalidInput(
            "The one-time key of this device is damaged.", "Begin again: hanse key move request"
        ) from error
    except pyrage.DecryptError as error:
        raise InvalidInput(
            "The key ring is sealed to another device's key than this one's, or damaged.",
            "Begin again: hanse key move request here, and hanse key move send there with what it shows.",
        ) from error
    return plain


def _need_age(sealed: bytes) -> None:
    if not sealed.startswith(b"age-encryption.org/v1\n"):
        raise InvalidInput(
            "This is no age file.", "Give the file that `hanse key backup`, or `hanse key move send`, wrote."
        )
