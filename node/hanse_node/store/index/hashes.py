"""C2SP tlog-tiles: up to 256 hashes of complete subtrees of 256 to the power of level leaves; their SHA-256 beside.

As of a head: a tile only grows, and of it as much is taken as the head's log has.
"""

from sqlalchemy import BigInteger, Column, LargeBinary, SmallInteger, Table, bindparam, select

from hanse_ledger.tlog.tlog_tiles import TILE_LEVELS, TILE_WIDTH
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_bytes
from hanse_node.base.errors import StoreFailed
from hanse_node.store.index.row import Index, RowChange, Seen, Written
from hanse_node.store.tables import metadata
from hanse_node.store.texts import Run, Texts
from hanse_node.store.tiles import HASH_BYTES, TILE_HEIGHT, grow

tile = Table(
    "tile",
    metadata,
    Column("level", SmallInteger, primary_key=True),
    Column("index", BigInteger, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
    Column("checksum", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


def _write(change: RowChange) -> Written:
    entries = change.block.entries
    tiles = grow(change.tiles, entries[0].position, (row.leaf for row in entries))
    return Written([(*place, hashes, hash_bytes(hashes)) for place, hashes in tiles.items()])


INDEX = Index(table=tile, write=_write, seen=Seen.GROWTH, replaces=("hashes", "checksum"))


class TileTexts:
    """The statements that read it."""

    def __init__(self, texts: Texts) -> None:
        query = select(tile.c.hashes, tile.c.checksum)
        self.one = texts.text(query.where(tile.c.level == bindparam("a"), tile.c.index == bindparam("b")))


def find(run: Run, texts: TileTexts, level: int, index: int) -> bytes:
    """Give the hashes of a tile, 32 bytes each, as far as it is filled; nothing where there is none.

    Raises:
        StoreFailed: it is damaged.
    """
    if not (0 <= level < TILE_LEVELS and 0 <= index <= limits.LOG_SIZE):
        return b""
    row = next(iter(run(texts.one, (level, index))), None)
    if row is None:
        return b""
    if hash_bytes(row[0]) != row[1]:
        raise StoreFailed(f"the tile {index} on level {level} is damaged")
    return bytes(row[0])


def as_of(found: bytes, level: int, index: int, size: int) -> bytes:
    """Take of a tile as much as a log of `size` entries has."""
    filled = (size >> TILE_HEIGHT * level) - index * TILE_WIDTH if 0 <= level < TILE_LEVELS else 0
    return found[: max(0, filled) * HASH_BYTES]
