"""C2SP checkpoints: the head of a log as a signed note, and the cosignatures on it.

Whoever signs does so elsewhere, over the bytes that are built here: no signing key enters the ledger.
"""

import re
from functools import lru_cache

from msgspec import Struct

from hanse_ledger.tlog.notes import ED25519_COSIGNATURE, Note, NoteSignature, VerifierKey, read_base64, write_base64
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.keys import ED25519, ed25519_key, verify_signature
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Digest

_DECIMAL = re.compile("0|[1-9][0-9]{0,18}")
_TIMED_BYTES = 8 + 64


class Checkpoint(Struct, frozen=True):
    """The head of the log `origin`: how many entries it has, and their RFC 9162 root."""

    origin: str
    size: int
    root: Digest


def body_text(checkpoint: Checkpoint) -> str:
    """Write the text of a checkpoint: origin, size and root, a line each. The log signs its UTF-8 bytes."""
    assert checkpoint.origin
    assert "\n" not in checkpoint.origin
    assert 0 <= checkpoint.size <= limits.LOG_SIZE
    assert len(checkpoint.root) == 32
    return f"{checkpoint.origin}\n{checkpoint.size}\n{write_base64(checkpoint.root)}\n"


@lru_cache(maxsize=16)  # each signature under a head asks for it again
def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint.

    Raises:
        Malformed: it is not exactly an origin, a size and a root. (Extension lines are allowed by C2SP and
            refused here: no cosigner vouches for them.)
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise Malformed(said("checkpoint.lines", "checkpoint: it has three lines: origin, size, root"))
    size = read_decimal(lines[1], said("checkpoint.size-name", "checkpoint size"))
    root = read_base64(lines[2], said("checkpoint.root-name", "checkpoint root"))
    if len(root) != 32:
        raise Malformed(said("checkpoint.root", "checkpoint root: it has 32 bytes"))
    return Checkpoint(lines[0], size, root)


def read_decimal(text: str, what: Said | str) -> int:
    """Read a number from 0 to 2**63 - 1 in ASCII digits without leading zeros.

    Raises:
        Malformed: it is anything else. `what` names it in the message.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > limits.LOG_SIZE:
        raise Malformed(said("checkpoint.number", "{what}: a number from 0 to 2**63 - 1 without leading zeros", what))
    return int(text)


def cosignature_message(seconds: int, body: str) -> bytes:
    """Write what a cosigner signs with Ed25519 (C2SP tlog-cosignature).

    Args:
        seconds: when it signs, in seconds since 1970.
        body: the checkpoint's whole text, from `body_text`.
    """
    assert 0 <= seconds <= limits.LOG_SIZE
    return f"cosignature/v1\ntime {seconds}\n{body}".encode()


def log_line(key: VerifierKey, signature: bytes) -> NoteSignature:
    """Make the signature line of a log from its 64-byte Ed25519 signature over the checkpoint's text."""
    assert key.type == ED25519
    assert len(signature) == 64
    return NoteSignature(key.name, key.key_id, signature)


def cosignature_line(key: VerifierKey, seconds: int, signature: bytes) -> NoteSignature:
    """Make the signature line of a cosigner from its 64-byte Ed25519 signature over `cosignature_message`."""
    assert key.type == ED25519_COSIGNATURE
    assert len(signature) == 64
    return NoteSignature(key.name, key.key_id, seconds.to_bytes(8, "big") + signature)


def verify_log_signature(note: Note, key: VerifierKey) -> None:
    """Verify that a checkpoint is signed by its log.

    Args:
        note: the checkpoint.
        key: the log's key, of type 0x01; its name is the log's origin.

    Raises:
        ProofInvalid: the note is no checkpoint of this log, or the log's signature is missing or bad.
    """
    _check_type(key, ED25519)
    if _checkpoint_of(note).origin != key.name:
        raise ProofInvalid(said("checkpoint.other-log", "checkpoint: it is not one of the log {log}", key.name))
    verify_signature(ed25519_key(key.raw), note.text.encode(), _signature_of(note, key))


def verify_cosignature(note: Note, key: VerifierKey) -> int:
    """Verify that a checkpoint is cosigned, and say when.

    Args:
        note: the checkpoint.
        key: the cosigner's key, of type 0x04.

    Returns:
        When the cosigner signed, by its own clock, in seconds since 1970.

    Raises:
        ProofInvalid: the note is no checkpoint, or the cosigner's signature is missing or bad.
    """
    _check_type(key, ED25519_COSIGNATURE)
    _checkpoint_of(note)
    timed = _signature_of(note, key)
    if len(timed) != _TIMED_BYTES:
        raise ProofInvalid(
            said(
                "checkpoint.cosignature-bytes",
                "checkpoint: the cosignature of {name} has not {bytes} bytes",
                key.name,
                _TIMED_BYTES,
            )
        )
    seconds = int.from_bytes(timed[:8], "big")
    if seconds > limits.LAST_SECOND:
        raise ProofInvalid(
            said("checkpoint.cosignature-time", "checkpoint: the cosignature of {name} has no possible time", key.name)
        )
    verify_signature(ed25519_key(key.raw), cosignature_message(seconds, note.text), timed[8:])
    return seconds


def _check_type(key: VerifierKey, wanted: int) -> None:
    if key.type != wanted:
        raise ProofInvalid(
            said(
                "checkpoint.key-type",
                "checkpoint: the key {name} is of type {seen}, not {wanted}",
                key.name,
                f"{key.type:#04x}",
                f"{wanted:#04x}",
            )
        )


def _checkpoint_of(note: Note) -> Checkpoint:
    try:
        return parse_checkpoint(note.text)
    except Malformed as error:
        raise ProofInvalid(error.said) from error


def _signature_of(note: Note, key: VerifierKey) -> bytes:
    """Find the one signature by a key."""
    signatures = [line.signature for line in note.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
    if len(signatures) != 1:
        raise ProofInvalid(
            said(
                "checkpoint.signatures",
                "checkpoint: {count} signatures by the key {name}+{key}; it needs one",
                len(signatures),
                key.name,
                key.key_id.hex(),
            )
        )
    return signatures[0]
