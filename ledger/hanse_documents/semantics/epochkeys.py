"""The members' keys of tags: as they lie in files (`hanse.tag-key/1`, JSON), an epoch each, and sealed to members."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey

from hanse_documents.semantics.tags import tag_value
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.values.errors import UNREADABLE, Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.jsonform import need_release
from hanse_ledger.values.types import Digest, EncryptionKey
from hanse_ledger.wire.membership import RawEd25519
from hanse_ledger.wire.tagkeys import TagKey

KEY_FORMAT = "hanse.tag-key/1"
KEY_BYTES = 4_096


class EpochKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The key of an epoch. Whoever has it can test a guess of what an invoice says."""

    format: str = msgspec.field(name="@type", default=KEY_FORMAT)
    epoch: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    key: Annotated[bytes, Meta(min_length=32, max_length=32)]

    def of(self, text: bytes) -> Tag:
        """Make the tag of a text that `tag_text` has written."""
        return Tag(epoch=self.epoch, value=tag_value(self.key, text))

    @property
    def commitment(self) -> Digest:
        """By which everybody who has the key tells that it is this one: SHA-256 of format, epoch and key."""
        return hash_bytes(KEY_FORMAT.encode() + b"\n" + self.epoch.to_bytes(4, "big") + self.key)

    def seal(self, to: EncryptionKey) -> bytes:
        """Seal the key to an X25519 key: a sealed box of libsodium, 80 bytes, other ones each time."""
        return SealedBox(PublicKey(to)).encrypt(self.key)


_decoder = msgspec.json.Decoder(EpochKey)


def read_key(data: bytes) -> EpochKey:
    """Read a key.

    Raises:
        OtherRelease: it is of another release.
        Malformed: it is none.
    """
    need_release(data, KEY_FORMAT, what="key of tags")
    try:
        return _decoder.decode(data)
    except UNREADABLE as error:
        raise Malformed(f"key of tags: {error}") from error


def write_key(key: EpochKey) -> bytes:
    """Write the file."""
    return msgspec.json.encode(key)


def box_key(cosigning_key: RawEd25519) -> EncryptionKey:
    """Give the X25519 key to which something is sealed to a node, from the cosigning key that the members state.

    Raises:
        Malformed: there is none to this key. Source: libsodium, `crypto_sign_ed25519_pk_to_curve25519`.
    """
    try:
        return bytes(VerifyKey(cosigning_key).to_curve25519_public_key())
    except (CryptoError, RuntimeError) as error:
        raise Malformed("nothing can be sealed to this cosigning key") from error


def open_as_node(stated: TagKey, box: bytes, cosigning: SigningKey) -> EpochKey:
    """Open the key of an epoch with the node's cosigning key. Raises ProofInvalid as `open_sealed` does."""
    return open_sealed(stated, box, bytes(cosigning.to_curve25519_private_key()))


def open_sealed(stated: TagKey, box: bytes, secret: bytes) -> EpochKey:
    """Open the key of an epoch.

    Args:
        stated: what the members have voted for.
        box: the key as it is sealed.
        secret: the X25519 key, 32 bytes, to which it is sealed.

    Raises:
        ProofInvalid: it is sealed to another key, or is not the one that the members have voted for.
    """
    try:
        key = EpochKey(epoch=stated.epoch, key=SealedBox(PrivateKey(secret)).decrypt(box))
    except CryptoError as error:
        raise ProofInvalid(f"the key of epoch {stated.epoch} is sealed to another key than this one") from error
    verify_key(stated, key)
    return key


def verify_key(stated: TagKey, key: EpochKey) -> None:
    """Insist that a key is the one for which the members have voted. Raises ProofInvalid."""
    if key.commitment != stated.commitment:
        raise ProofInvalid(f"the key of epoch {stated.epoch} is not the one for which the members have voted")
