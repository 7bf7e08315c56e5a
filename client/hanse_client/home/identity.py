"""Who signs: an Ed25519 key for records and an X25519 key to which payloads are sealed.

Keys stay on this machine. The file that holds them is described in `keyfile`; where the Ed25519 key is in a token or
HSM, the file that names it in `tokens.tokenfile`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from nacl.public import PrivateKey
from nacl.signing import SigningKey

from hanse_client.base.errors import IdentityError
from hanse_client.base.streams import read_named
from hanse_client.home.pem import PEM_BYTES
from hanse_client.sealing.agefile import unseal
from hanse_documents.semantics.epochkeys import EpochKey, open_sealed
from hanse_io.durable import SAVE_AS_UTF8, not_utf8, open_to_others, without_mark, write_durably
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.keys import ed25519_key
from hanse_ledger.values.types import EncryptionKey, PublicKey
from hanse_ledger.wire.tagkeys import TagKey

if TYPE_CHECKING:
    from hanse_client.home.tokens.tokenkey import AskPin, TokenKey

NAME_LETTERS = 64


class Identity:
    """A signing key and an encryption key. Nothing prints their secret halves."""

    def __init__(self, name: str, signing_seed: "bytes | TokenKey", decryption_key: bytes) -> None:
        """Make an identity of 32 secret bytes each; `generate` and `load` are the usual ways.

        Args:
            name: the owner's name for it, one line of at most 64 characters; it goes nowhere but into the key file.
            signing_seed: the Ed25519 seed (RFC 8032), or the key in a token.
            decryption_key: the X25519 private key (RFC 7748).
        """
        if not name.isprintable() or len(name) > NAME_LETTERS:
            raise IdentityError(
                "The name of an identity is one line.", f"Choose at most {NAME_LETTERS} printable characters."
            )
        self.name = name
        self._signing = SigningKey(signing_seed) if isinstance(signing_seed, bytes) else signing_seed
        self._decryption = PrivateKey(decryption_key)

    @classmethod
    def generate(cls, name: str = "") -> "Identity":
        """Make new keys from the system's randomness."""
        return cls(name, bytes(SigningKey.generate()), bytes(PrivateKey.generate()))

    @classmethod
    def load(
        cls,
        path: Path | str,
        passphrase: bytes | None = None,
        *,
        passphrase_file: Path | str | None = None,
        ask_pin: "AskPin | None" = None,
    ) -> "Identity":
        """Read a key file.

        Args:
            path: the file; nobody but its owner may be able to read it.
            passphrase: needed where the keys in it are encrypted.
            passphrase_file: a file, closed to others, whose first line is the passphrase.
            ask_pin: gets the PIN, where the file names a key in a token and no file of its PIN. It is called when
                something is signed for the first time, and given where the key is.

        Raises:
            IdentityError: not such a file, open to others, or the passphrase is missing or wrong.
        """
        data = read_private(Path(path))
        if passphrase is None and passphrase_file is not None:
            passphrase = first_line(read_private(Path(passphrase_file), "passphrase file"))
        return cls.read(data, passphrase, ask_pin)

    @classmethod
    def read(cls, data: bytes, passphrase: bytes | None = None, ask_pin: "AskPin | None" = None) -> "Identity":
        """Read the bytes of a key file. Raises IdentityError as `load` does."""
        from hanse_client.home.keyfile import read_keyfile  # noqa: PLC0415 (X.509 loads when a file is read, not before)
        from hanse_client.home.tokens.tokenfile import is_token_file, read_tokenfile  # noqa: PLC0415 (likewise)
        from hanse_client.home.tokens.tokenkey import TokenKey  # noqa: PLC0415 (likewise)

        if is_token_file(data):
            name, key, public, decryption = read_tokenfile(data, passphrase)
            return cls(name, TokenKey(key, public, ask_pin), decryption)
        return cls(*read_keyfile(data, passphrase))

    def save(self, path: Path | str, passphrase: bytes | None) -> None:
        """Write a key file of mode 0600, durable on return. It never replaces a file.

        Args:
            path: where.
            passphrase: encrypts the keys; None leaves them readable to whoever gets the file.

        Raises:
            IdentityError: a file is there, the folder cannot be written, or the passphrase is empty.
        """
        data = self.to_bytes(passphrase)
        try:
            write_durably(Path(path), data, replace=False)
        except FileExistsError as error:
            raise IdentityError(f"{path} is there already.", "Name another file: a key is never replaced.") from error
        except OSError as error:
            raise IdentityError(f"{path} cannot be written: {error.strerror}.", "Check the folder's rights.") from error

    def to_bytes(self, passphrase: bytes | None) -> bytes:
        """Write the bytes of a key file, as `save` does. Raises IdentityError: the passphrase is empty."""
        from hanse_client.home.keyfile import write_keyfile  # noqa: PLC0415 (X.509 loads when a file is written, not before)

        if passphrase == b"":
            raise IdentityError("The passphrase is empty.", "Choose one, or none at all.")
        if not isinstance(self._signing, SigningKey):
            from hanse_client.home.tokens.tokenfile import write_tokenfile  # noqa: PLC0415 (likewise)

            key = self._signing
            return write_tokenfile(self.name, key.name, key.public_key, bytes(self._decryption), passphrase)
        return write_keyfile(self.name, bytes(self._signing), bytes(self._decryption), passphrase)

    def with_token(self, key: "TokenKey") -> "Identity":
        """Give an identity of the same name and encryption key whose records are signed by a key in a token."""
        return Identity(self.name, key, bytes(self._decryption))

    @property
    def in_token(self) -> bool:
        """Whether the signing key is in a token, so that no file and no backup has it."""
        return not isinstance(self._signing, SigningKey)

    @property
    def public_key(self) -> PublicKey:
        """The verification key as records carry it: the algorithm's byte and 32 bytes."""
        if not isinstance(self._signing, SigningKey):
            return self._signing.public_key
        return ed25519_key(bytes(self._signing.verify_key))

    @property
    def encryption_key(self) -> EncryptionKey:
        """The X25519 public key, 32 bytes."""
        return bytes(self._decryption.public_key)

    @property
    def fingerprint(self) -> str:
        """A short name of the signing key to compare by eye: the first 16 bytes of its SHA-256 in groups of four."""
        digits = hash_bytes(self.public_key).hex()[:32]
        return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))

    def sign(self, message: bytes) -> bytes:
        """Sign bytes with Ed25519: 64 bytes.

        Raises:
            SetupError: the key is in a token that is not there.
            IdentityError: the token's PIN is wrong or locked, or the key is not there.
        """
        if not isinstance(self._signing, SigningKey):
            return self._signing.sign(message)
        return self._signing.sign(message).signature

    def open_tag_key(self, stated: TagKey, box: bytes) -> EpochKey:
        """Open the members' key of an epoch of tags, which is sealed to the encryption key. Raises ProofInvalid."""
        return open_sealed(stated, box, bytes(self._decryption))

    def unseal(self, sealed: bytes) -> bytes:
        """Open an age file that is sealed to the encryption key. Raises Malformed and ProofInvalid as `unseal` does."""
        return unseal(sealed, bytes(self._decryption))

    def __repr__(self) -> str:
        return f"Identity({self.name!r}, {self.public_key.hex()[:18]}…)"


def read_private(path: Path, what: str = "key file") -> bytes:
    """Read a file that nobody but its owner may be able to read, without a byte order mark. Raises IdentityError."""
    try:
        data, exposed = read_named(path, PEM_BYTES), open_to_others(path)
    except OSError as error:
        raise IdentityError(
            f"The {what} {path} cannot be read: {error.strerror}.", "Check its name and its rights."
        ) from error
    if exposed:
        raise IdentityError(f"The {what} {path} is open to other users.", f"Run: chmod 600 {path}")
    if fault := not_utf8(data, strict=False):
        raise IdentityError(f"The {what} {path} cannot be read: {fault}.", f"{SAVE_AS_UTF8}.")
    return without_mark(data)


def first_line(data: bytes) -> bytes:
    """Give the first line of a file that holds one word, as editors of all systems save it."""
    return data.split(b"\n", 1)[0].rstrip(b"\r")
