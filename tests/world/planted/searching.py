"""Looking for values in bytes, however they are written: each form of a value, in what was packed or encoded too."""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib import import_module
from importlib.util import find_spec
from urllib.parse import quote, quote_plus

DEEPEST = 3
"""So often what was unfolded is unfolded again."""

UNFOLDED_BYTES = 64 * 1024 * 1024
"""What is packed gives so much at most."""

LEAST = 7
"""A value has so many letters at least: shorter ones stand everywhere by chance."""

_PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|\x28\xb5\x2f\xfd")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{10,}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){7,}")


class Search:
    """Finds values, by their names."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Prepare.

        Args:
            values: what is looked for, by names to tell them apart.
        """
        assert all(len(value) >= LEAST for value in values.values()), "too short to be told from chance"
        self._forms = [(name, form) for name, value in values.items() for form in sorted(forms_of(value))]

    def find(self, data: bytes) -> set[str]:
        """Name the values that stand in bytes, or in what those unfold to; capitals and small letters are the same."""
        pieces = [piece.lower() for piece in unfolded(data)]
        return {name for name, form in self._forms if any(form in piece for piece in pieces)}


def stands_in(values: Mapping[str, str], data: bytes) -> set[str]:
    """Name the values that stand in bytes as Python and libraries hold texts: for memory, of which there is much."""
    return {
        name
        for name, value in values.items()
        if any(value.encode(form) in data for form in ("utf-8", "utf-16-le", "utf-32-le"))
    }


def forms_of(value: str) -> set[bytes]:
    """Write a text in every form in which a program might have left it, in small letters."""
    found: set[bytes] = set()
    for text in {value, value.lower(), value.upper()}:
        raw = text.encode()
        found |= {raw, text.encode("utf-16-le"), text.encode("utf-16-be")}
        written = (quote(text, safe=""), quote(text), quote_plus(text), json.dumps(text)[1:-1], escape(text))
        found |= {each.encode() for each in (*written, "".join(f"%{byte:02x}" for byte in raw))}
    return {form.lower() for form in found}


def unfolded(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """Give bytes, and what stands in them packed or encoded, and in that again."""
    yield data
    if depth < DEEPEST:
        for piece in _inside(data):
            yield from unfolded(piece, depth + 1)


def _inside(data: bytes) -> Iterator[bytes]:
    for found in _PACKED.finditer(data):
        yield from _unpacked(data, found.start())
    # Where base64 begins is not known: letters before it may belong to something else.
    runs = [found[0].translate(bytes.maketrans(b"-_", b"+/")) for found in _BASE64.finditer(data)]
    for start in range(4) if runs else ():
        yield b"\n".join(base64.b64decode(_whole(run[start:])) for run in runs)
    digits = [bytes.fromhex(found[0].decode()) for found in _HEX.finditer(data)]
    if digits:
        yield b"\n".join(digits)


def _whole(run: bytes) -> bytes:
    """Pad letters of base64, but for one that says nothing by itself."""
    run = run[:-1] if len(run) % 4 == 1 else run
    return run + b"=" * (-len(run) % 4)


def _unpacked(data: bytes, start: int) -> Iterable[bytes]:
    """Unpack what begins somewhere, as far as it goes."""
    magic = data[start : start + 4]
    if magic == _ZSTD:
        return _zstd(data[start:])
    # Where it is whole its checksum is looked at; what is cut off, or false at its end, is searched all the same.
    reader = zlib.decompressobj(31 if magic[:2] == _GZIP else 15)
    found, at = bytearray(), start
    try:
        while at < len(data) and not reader.eof and len(found) < UNFOLDED_BYTES:
            found += reader.decompress(data[at : at + 4_096], UNFOLDED_BYTES)
            at += 4_096
    except zlib.error:
        pass
    return [bytes(found)] if len(found) >= LEAST else []


def _zstd(data: bytes) -> Iterable[bytes]:
    """Unpack Zstandard, where Python has it; elsewhere nothing in a node's process can have written any."""
    name = next((name for name in ("compression.zstd", "backports.zstd") if _there(name)), None)
    if name is None:
        return []
    module = import_module(name)
    try:
        return [module.ZstdDecompressor().decompress(data, UNFOLDED_BYTES)]
    except module.ZstdError:
        return []


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
