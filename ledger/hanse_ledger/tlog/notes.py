"""C2SP signed notes: a text, and lines of signatures over it.

Reading is strict, so that a note has one form: what is read and written again is the same bytes.
"""

import re
from base64 import b64decode, b64encode
from functools import lru_cache

from msgspec import Struct

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.keys import ED25519, ML_DSA_44
from hanse_ledger.values.messages import Said, said

ED25519_COSIGNATURE = 0x04
"""The signature type of a timestamped Ed25519 cosignature (C2SP tlog-cosignature)."""

_KEY_BYTES = {ED25519: 32, ED25519_COSIGNATURE: 32, ML_DSA_44: 1312}

# The characters with the White_Space property of Unicode, and the plus sign. (`str.isspace` changes with Python.)
_NO_NAME = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")


class VerifierKey(Struct, frozen=True):
    """A key that signs notes: its name, its signature type (0x01, 0x04 or 0x06) and the raw public key."""

    name: str
    type: int
    raw: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that name the key in a signature line, together with its name."""
        return key_id(self.name, self.type, self.raw)

    def __str__(self) -> str:
        """Write the key as a C2SP vkey: `<name>+<key id in hex>+<base64 of type and raw key>`."""
        return f"{self.name}+{self.key_id.hex()}+{write_base64(bytes([self.type]) + self.raw)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a C2SP vkey.

        Raises:
            Malformed: it is not one, its type is unknown, or its key id is not that of the key.
        """
        if len(text) > limits.CHECKPOINT_BYTES:
            raise Malformed("verifier key: too long")
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Malformed("verifier key: it has the form <name>+<key id>+<base64>")
        _check_name(parts[0])
        data = read_base64(parts[2], "verifier key")
        if not data or _KEY_BYTES.get(data[0]) != len(data) - 1:
            raise Malformed("verifier key: its type is unknown, or its length is not that of its type")
        key = cls(parts[0], data[0], data[1:])
        if parts[1] != key.key_id.hex():
            raise Malformed("verifier key: the key id is not that of the key")
        return key


class NoteSignature(Struct, frozen=True):
    """One signature line: the signing key's name and 4-byte id, and what its type of signature consists of."""

    name: str
    key_id: bytes
    signature: bytes


class Note(Struct, frozen=True):
    """A text that ends in a newline, and at least one signature over its UTF-8 bytes. Nothing in it is verified yet."""

    text: str
    signatures: tuple[NoteSignature, ...]


@lru_cache(maxsize=256)
def key_id(name: str, kind: int, raw: bytes) -> bytes:
    """Name a key by the first 4 bytes of SHA-256(name, newline, signature type, raw key) (C2SP signed-note)."""
    return hash_bytes(name.encode() + b"\n" + bytes([kind]) + raw)[:4]


def parse_note(data: bytes) -> Note:
    """Read a signed note.

    Raises:
        Malformed: too large, not UTF-8, a control character in it, no signature or too many, a line of
            another form, or two signatures by one key.
    """
    if len(data) > limits.CHECKPOINT_BYTES:
        raise Malformed(
            said(
                "note.too-large", "note: {bytes} bytes; at most {most} are allowed", len(data), limits.CHECKPOINT_BYTES
            )
        )
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(said("note.not-utf8", "note: not UTF-8: {why}", error.reason)) from error
    if _CONTROL.search(whole):
        raise Malformed(said("note.control", "note: it contains a control character"))
    text, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise Malformed(
            said("note.form", "note: it is a text, a blank line and signature lines, each ended by a newline")
        )
    lines = tail[:-1].split("\n")
    if len(lines) > limits.NOTE_SIGNATURES:
        raise Malformed(
            said(
                "note.too-many",
                "note: {signatures} signatures; at most {most} are allowed",
                len(lines),
                limits.NOTE_SIGNATURES,
            )
        )
    signatures = tuple(_parse_line(line) for line in lines)
    if len({(line.name, line.key_id) for line in signatures}) != len(signatures):
        raise Malformed(said("note.key-twice", "note: two signatures by one key"))
    return Note(f"{text}\n", signatures)


def format_note(note: Note) -> bytes:
    """Write a signed note."""
    assert note.text.endswith("\n"), "a note's text ends in a newline"
    assert note.signatures, "a note is signed"
    lines = (f"— {line.name} {write_base64(line.key_id + line.signature)}\n" for line in note.signatures)
    return f"{note.text}\n{''.join(lines)}".encode()


def read_base64(text: str, what: Said | str) -> bytes:
    """Read standard padded base64 (RFC 4648, section 4) in its only form: no white space, no stray trailing bits.

    Raises:
        Malformed: it is anything else. `what` names it in the message.
    """
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except ValueError as error:  # not ASCII, or not base64
        raise Malformed(said("base64.none", "{what}: not base64", what)) from error
    if write_base64(data) != text:
        raise Malformed(said("base64.form", "{what}: base64 that is not in its only form", what))
    return data


def write_base64(data: bytes) -> str:
    """Write bytes as standard padded base64."""
    return b64encode(data).decode()


def _parse_line(line: str) -> NoteSignature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—":
        raise Malformed(said("note.line", "note: a signature line has the form — <key name> <base64>"))
    _check_name(parts[1])
    data = read_base64(parts[2], said("note.signature-name", "note signature"))
    if len(data) <= 4:
        raise Malformed(said("note.signature", "note: a signature is a 4-byte key id and what follows it"))
    return NoteSignature(parts[1], data[:4], data[4:])


def _check_name(name: str) -> None:
    if not name or _NO_NAME.search(name) or _CONTROL.search(name):
        raise Malformed(
            said("note.key-name", "key name: it is empty, or has a space, a plus sign or a control character")
        )
