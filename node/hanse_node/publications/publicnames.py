"""The names of published proofs: 128 random bits, as 26 letters and digits of base32 (RFC 4648, section 6).

In capitals they need the fewest modules of a QR code; who types one may use small letters.
"""

import re
from base64 import b32decode, b32encode

NAME_BYTES = 16

_TEXT = re.compile("[A-Za-z2-7]{26}")
_PATH = re.compile("/[pP]/[^/]*")
_PADDING = "======"


def write_name(name: bytes) -> str:
    """Write a name in capitals."""
    return b32encode(name).decode().rstrip("=")


def read_name(text: str) -> bytes | None:
    """Read a name in capitals or small letters; nil if it is none. Each name has one text but for that."""
    if not _TEXT.fullmatch(text):
        return None
    name = b32decode(text.upper() + _PADDING)
    # The last letter has two bits that belong to no byte.
    return name if write_name(name) == text.upper() else None


def is_published(path: str) -> bool:
    """Tell whether a path is one of those under which proofs are published."""
    return _PATH.fullmatch(path) is not None
