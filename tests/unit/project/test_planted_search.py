"""The search for planted values finds each of them, wherever and however it is written; else it would show nothing."""

import base64
import gzip
import json
import random
import tarfile
import zlib
from collections.abc import Callable
from io import BytesIO
from urllib.parse import quote

import pytest

from tests.world.planted.searching import Search

VALUE = "Jade Heron Dürer & Söhne, 17"
AROUND = random.Random(1).randbytes(3_000)  # noqa: S311 (bytes of a test)
SEARCH = Search({"name": VALUE, "other": "Quite another value"})


def tarred(data: bytes) -> bytes:
    """Pack a file into a tar file."""
    target = BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as packed:
        entry = tarfile.TarInfo("file")
        entry.size = len(data)
        packed.addfile(entry, BytesIO(data))
    return target.getvalue()


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "UTF-8": str.encode,
    "capitals": lambda text: text.upper().encode(),
    "small letters": lambda text: text.lower().encode(),
    "UTF-16, little": lambda text: text.encode("utf-16-le"),
    "UTF-16, big": lambda text: text.encode("utf-16-be"),
    "base64 at 0": lambda text: base64.b64encode(b"abc" + text.encode()),
    "base64 at 1": lambda text: base64.b64encode(b"a" + text.encode() + b"z"),
    "base64 at 2": lambda text: base64.b64encode(b"ab" + text.encode() + b"yz"),
    "base64 of addresses": lambda text: base64.urlsafe_b64encode(b"ab\xff" + text.encode()),
    "base64 of UTF-16": lambda text: base64.b64encode(b"a" + text.encode("utf-16-le")),
    "hexadecimal": lambda text: text.encode().hex().encode(),
    "hexadecimal in capitals": lambda text: text.encode().hex().upper().encode(),
    "percent": lambda text: quote(text).encode(),
    "percent, all letters": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "JSON": lambda text: json.dumps({"a": text}).encode(),
    "zlib": lambda text: zlib.compress(AROUND + text.encode()),
    "zlib, cut off": lambda text: zlib.compress(text.encode() + AROUND)[:-500],
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip in zlib": lambda text: zlib.compress(gzip.compress(text.encode())),
    "gzip in base64": lambda text: b'{"x":"' + base64.b64encode(gzip.compress(text.encode())) + b'"}',
    "gzip in hexadecimal": lambda text: gzip.compress(text.encode()).hex().encode(),
    "a packed tar file": lambda text: tarred(text.encode()),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=list(WRITTEN))
def test_it_is_found(written: Callable[[str], bytes]) -> None:
    """In the middle of other bytes, and that value alone."""
    assert SEARCH.find(AROUND + written(VALUE) + AROUND) == {"name"}


def test_what_is_not_there_is_not_found() -> None:
    """Neither in chance, nor where all but a letter of it stands, nor what was sealed."""
    assert SEARCH.find(AROUND + VALUE[1:].encode() + AROUND + VALUE[:-1].encode()) == set()
    assert SEARCH.find(b"") == set()


def test_a_short_value_is_refused() -> None:
    """It would be found everywhere."""
    with pytest.raises(AssertionError, match="too short"):
        Search({"name": "12.50"})
