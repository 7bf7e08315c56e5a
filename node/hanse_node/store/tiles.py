"""The log's hashes in tiles: a tile of level L holds up to 256 hashes, each over 256 ** L entries.

Tiles of lower levels are completed first; a partial tile only grows. Source: C2SP tlog-tiles.
"""

from collections.abc import Callable, Iterable

from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH
from hanse_ledger.values.hashing import hash_node
from hanse_ledger.values.types import Digest

HASH_BYTES = 32
TILE_HEIGHT = 8
TILE_BYTES = TILE_WIDTH * HASH_BYTES

Tiles = Callable[[int, int], bytes]
"""Gives the hashes of the tile at a level and index, as far as it is filled."""


def fold(hashes: bytes) -> Digest:
    """Compute the root over the hashes of complete subtrees: 1, 2, 4 … 256 of them, 32 bytes each."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            hash_node(hashes[at : at + 32], hashes[at + 32 : at + 64]) for at in range(0, len(hashes), 64)
        )
    return hashes


def grow(tiles: Tiles, size: int, leaves: Iterable[Digest]) -> dict[tuple[int, int], bytes]:
    """Append leaves to a log.

    Args:
        tiles: the log's tiles at `size`; asked for the last partial tile of each level that grows.
        size: how many leaves the log has.
        leaves: the hashes of the entries that follow.

    Returns:
        The tiles that change or begin, by level and index.
    """
    changed: dict[tuple[int, int], bytes] = {}
    level, start, added = 0, size, b"".join(leaves)
    while added:
        index, filled = divmod(start, TILE_WIDTH)
        if filled:
            added = tiles(level, index)[: filled * HASH_BYTES] + added
        complete = []
        for at in range(0, len(added), TILE_BYTES):
            hashes = added[at : at + TILE_BYTES]
            changed[level, index] = hashes
            index += 1
            if len(hashes) == TILE_BYTES:
                complete.append(fold(hashes))
        level, start, added = level + 1, start // TILE_WIDTH, b"".join(complete)
    return changed


def node_hash(tiles: Tiles, level: int, index: int) -> Digest:
    """Give the hash of the complete subtree over the entries from `index << level` to `(index + 1) << level`.

    Raises:
        IndexError: the log is not that long.
    """
    tile_level, height = divmod(level, TILE_HEIGHT)
    tile, place = divmod(index << height, TILE_WIDTH)
    begin = place * HASH_BYTES
    hashes = tiles(tile_level, tile)[begin : begin + (HASH_BYTES << height)]
    if len(hashes) != HASH_BYTES << height:
        raise IndexError(f"the log has no complete subtree {index} at level {level}")
    return fold(hashes)
