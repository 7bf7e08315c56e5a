"""The paths under which a log's tiles and entries are read, and the bundles of entries. Source: C2SP tlog-tiles."""

import re
from collections.abc import Sequence
from typing import Literal

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed

TILE_WIDTH = 256
TILE_LEVELS = 64
"""Tiles are 256 hashes wide, on levels 0 to 63 (C2SP tlog-tiles)."""

Level = int | Literal["entries"]
"""A tile's level; `entries` for a bundle of log entries."""


def tile_path(level: Level, index: int, width: int = TILE_WIDTH) -> str:
    """Name a tile or an entry bundle: `tile/<level>/<index>`, with `.p/<width>` for a partial one.

    Args:
        level: 0 to 63, or `entries`.
        index: of the tile within its level; written in groups of three digits, `x001/x234/067`.
        width: hashes or entries in it, 1 to 256.

    Source: C2SP tlog-tiles.
    """
    assert level == "entries" or 0 <= level < TILE_LEVELS
    assert 0 <= index <= limits.LOG_SIZE
    assert 1 <= width <= TILE_WIDTH
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.append(f"x{index % 1000:03}")
    partial = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


_TILE = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


def parse_tile_path(path: str) -> tuple[Level, int, int]:
    """Read a tile's level, index and width from its path.

    Raises:
        Malformed: it is not a path that `tile_path` writes.
    """
    matched = _TILE.fullmatch(path)
    if matched is None:
        raise Malformed("tile: not a tile's path, such as tile/0/x001/234.p/44")
    level: Level = "entries" if matched[1] == "entries" else int(matched[1])
    index = int(matched[2].replace("x", "").replace("/", ""))
    width = int(matched[3]) if matched[3] else TILE_WIDTH
    bounded = (level == "entries" or level < TILE_LEVELS) and index <= limits.LOG_SIZE and 1 <= width <= TILE_WIDTH
    if not bounded or tile_path(level, index, width) != path:
        raise Malformed("tile: a number in the path is out of bounds or not in its shortest form")
    return level, index, width


def encode_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Write 1 to 256 log entries, each behind its length as 2 bytes big-endian (C2SP tlog-tiles)."""
    assert 1 <= len(entries) <= TILE_WIDTH
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_entry_bundle(data: bytes, width: int = TILE_WIDTH) -> list[bytes]:
    """Read the `width` log entries of a bundle.

    Raises:
        Malformed: they are more or fewer, or one is cut short.
    """
    assert 1 <= width <= TILE_WIDTH
    entries: list[bytes] = []
    at = 0
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise Malformed(f"entry bundle: it ends within entry {len(entries)} of {width}")
        entries.append(data[start:at])
    if at != len(data):
        raise Malformed(f"entry bundle: {len(data) - at} bytes follow the last of its {width} entries")
    return entries
