"""Keys and signatures. Admission verifies with PyNaCl alone, so that no two nodes disagree.

A key on the wire is one algorithm byte and the raw key. The numbers are those of C2SP signed
notes. Version 1 admits Ed25519; room is kept for ML-DSA-44, whose keys decode but verify nothing yet.
"""

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import PublicKey

ED25519 = 0x01
ML_DSA_44 = 0x06

_LENGTHS = {ED25519: 33, ML_DSA_44: 1313}


def ed25519_key(raw: bytes) -> PublicKey:
    """Write a raw 32-byte Ed25519 public key as a key of the wire, 33 bytes."""
    assert len(raw) == 32
    return bytes([ED25519]) + raw


def well_formed(key: PublicKey) -> bool:
    """Tell whether a key has a known algorithm byte and that algorithm's length."""
    return len(key) > 0 and _LENGTHS.get(key[0]) == len(key)


def verify_signature(key: PublicKey, message: bytes, signature: bytes) -> None:
    """Verify an Ed25519 signature by the ledger's rule (docs/formats/signatures.md), which PyNaCl decides.

    Args:
        key: algorithm byte and raw key.
        message: the bytes signed, any length.
        signature: 64 bytes.

    Raises:
        ProofInvalid: the algorithm is not admitted, or the signature is not by this key over this message.
    """
    if len(key) != 33 or key[0] != ED25519:
        raise ProofInvalid(
            said("signature.algorithm", "the key's algorithm is not admitted for signatures; Ed25519 is")
        )
    if len(signature) != 64:
        raise ProofInvalid(said("signature.bytes", "an Ed25519 signature has 64 bytes"))
    try:
        crypto_sign_open(signature + message, key[1:])
    except BadSignatureError as error:
        raise ProofInvalid(said("signature.mismatch", "the signature does not match the key and the bytes")) from error
