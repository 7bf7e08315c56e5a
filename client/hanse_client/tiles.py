"""Reading a node's hash tiles (C2SP tlog-tiles): which are needed for a proof, and what they say.

Nothing in a tile is trusted: the proof that is made of them is verified against signed roots.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from hanse_client.errors import BadAnswer
from hanse_ledger.hashing import ZERO
from hanse_ledger.merkle import consistency_from_nodes, path_from_nodes, root_from_nodes, root_of
from hanse_ledger.tlog_tiles import TILE_WIDTH, tile_path
from hanse_ledger.types import Digest

TILE_HEIGHT = 8
"""A tile covers 8 levels of the tree: 256 hashes."""

CACHED_TILES = 1_024
"""At most 8 MiB."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Reads a path under `/log/`, at most one tile of bytes."""


class _Asked:
    """Notes which nodes a proof needs."""

    def __init__(self) -> None:
        self.nodes: list[tuple[int, int]] = []

    def node(self, level: int, index: int) -> Digest:
        self.nodes.append((level, index))
        return ZERO


class _Known:
    """Gives the nodes that were read."""

    def __init__(self, nodes: dict[tuple[int, int], Digest]) -> None:
        self._nodes = nodes

    def node(self, level: int, index: int) -> Digest:
        return self._nodes[level, index]


class Tiles:
    """A node's tiles, the newest read ones kept. A tile that is named with its width never changes."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    async def consistency(self, old_size: int, new_size: int) -> list[Digest]:
        """Read the hashes that should prove that the log of `new_size` extends that of `old_size`."""
        asked = _Asked()
        consistency_from_nodes(asked, old_size, new_size)
        return consistency_from_nodes(await self._read(asked, new_size), old_size, new_size)

    async def root(self, size: int, within: int) -> Digest:
        """Compute from the tiles of a log of `within` entries which root it had at a smaller size."""
        asked = _Asked()
        root_from_nodes(asked, size)
        return root_from_nodes(await self._read(asked, within), size)

    async def inclusion(self, index: int, size: int) -> list[Digest]:
        """Read the hashes that should lead from the leaf at `index` to the root of the log of `size`."""
        asked = _Asked()
        path_from_nodes(asked, index, size)
        return path_from_nodes(await self._read(asked, size), index, size)

    async def _read(self, asked: _Asked, size: int) -> _Known:
        return _Known({(level, index): await self._node(level, index, size) for level, index in asked.nodes})

    async def _node(self, level: int, index: int, size: int) -> Digest:
        """Hash a complete subtree from the row of its tile on which it stands."""
        tile_level, rise = divmod(level, TILE_HEIGHT)
        first = index << rise
        number, offset = divmod(first, TILE_WIDTH)
        width = min(TILE_WIDTH, (size >> (tile_level * TILE_HEIGHT)) - number * TILE_WIDTH)
        data = await self._tile(tile_path(tile_level, number, width), width)
        row = [data[at * 32 : at * 32 + 32] for at in range(offset, offset + (1 << rise))]
        return root_of(row)

    async def _tile(self, path: str, width: int) -> bytes:
        kept = self._kept.get(path)
        if kept is not None:
            self._kept.move_to_end(path)
            return kept
        data = await self._fetch(path)
        if len(data) != width * 32:
            raise BadAnswer(f"The node's {path} has {len(data)} bytes instead of {width * 32}.")
        self._kept[path] = data
        if len(self._kept) > CACHED_TILES:
            self._kept.popitem(last=False)
        return data
