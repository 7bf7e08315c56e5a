"""Where a PDF begins in its file, and from where its places are counted.

Readers take a PDF whose mark stands within the first 1,024 bytes (ISO 32000-1, Annex H, 3.4.1): mail and scanners put
something before. No other package is needed here.
"""

import re

PDF_MARK = b"%PDF-"
FIRST_BYTES = 1_024

TAIL_BYTES = 2_048
"""Within so many bytes of the end it says where its table of objects is."""

STARTS = re.compile(rb"startxref\s+([0-9]{1,10})\s")
_TABLE = re.compile(rb"xref\b|\s*[0-9]+\s+[0-9]+\s+obj\b")
_ELSE = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*[{\[<]|PK|\x1f\x8b|\x89PNG|\xff\xd8\xff|II\*\0|MM\0\*|GIF8")
"""JSON, XML, what is packed, and images are that, whatever stands in them."""


def place_of_pdf(data: bytes) -> int | None:
    """Give the byte at which a PDF begins, counted from 0; None where the file is none.

    Args:
        data: the file, or its first FIRST_BYTES.
    """
    at = data.find(PDF_MARK, 0, FIRST_BYTES)
    return None if at < 0 or _ELSE.match(data) else at


def counted_from(data: bytes) -> int:
    """Give the byte from which the places in a PDF are counted.

    That is its mark (ISO 32000-2, 7.5.2); or the file's first byte, where its table of objects is there by that alone.
    """
    at = place_of_pdf(data) or 0
    ends = STARTS.findall(data[-TAIL_BYTES:])
    place = int(ends[-1]) if ends else 0
    if at and not _TABLE.match(data, at + place) and _TABLE.match(data, place):
        return 0
    return at
