"""PEM (RFC 7468): base64 between lines that name what it is."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable

from msgspec import Struct

from hanse_client.base.errors import IdentityError

PEM_BYTES = 64 * 1024
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----")
_WIDTH = 64


class PemBlock(Struct, frozen=True):
    """One block: its label, such as `PRIVATE KEY`, and its bytes."""

    label: str
    data: bytes


def write_pem(blocks: Iterable[PemBlock]) -> bytes:
    """Write blocks one after another."""
    written = []
    for block in blocks:
        text = b64encode(block.data).decode()
        lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
        written.append("\n".join([f"-----BEGIN {block.label}-----", *lines, f"-----END {block.label}-----", ""]))
    return "".join(written).encode()


def read_pem(data: bytes) -> list[PemBlock]:
    """Read all blocks; text around them is skipped.

    Raises:
        IdentityError: too large, or the base64 is damaged.
    """
    if len(data) > PEM_BYTES:
        raise IdentityError(f"The file has more than {PEM_BYTES} bytes.", "Give a Hanse key file.")
    return [PemBlock(matched[1].decode(), _decode(b"".join(matched[2].split()))) for matched in _BLOCK.finditer(data)]


def _decode(text: bytes) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except ValueError as error:
        raise IdentityError("The file's base64 is damaged.", "Restore the file from a copy.") from error
    if b64encode(data) != text:
        raise IdentityError("The file's base64 is damaged.", "Restore the file from a copy.")
    return data
