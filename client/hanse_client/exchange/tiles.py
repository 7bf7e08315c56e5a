"""Reading a node's hash tiles (C2SP tlog-tiles), each proven under a signed head before anything is made of it.

What is not proven is not kept, so that a false tile spoils one answer at most: it is asked for once more, of another
node where there are several. The hashes on the right edge of a log lead to its root together; a full tile leads to one
hash of the tile above it.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from hanse_client.base.errors import BadAnswer, NotFound
from hanse_client.base.views import Head
from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH, tile_path
from hanse_ledger.trees.merkle import TileReader, consistency_from_nodes, path_from_nodes, root_from_nodes, root_of
from hanse_ledger.values.hashing import ZERO
from hanse_ledger.values.types import Digest

TILE_HEIGHT = 8
"""A tile covers 8 levels of the tree: 256 hashes."""

KEPT_TILES = 1_024
"""At most 8 MiB."""

KEPT_EDGES = 16
"""The right edges of so many heads, of at most 8 tiles each."""

Fetch = Callable[[str, bool], Awaitable[bytes]]
"""Reads a path under `/log/`, at most one tile of bytes; of another node where there is one, if it is told to."""

Edge = dict[int, bytes]
"""The last tile of each level that has one which is not full."""


class _Full(NamedTuple):
    """A full tile that was proven, and the hash of the subtree under it."""

    data: bytes
    top: Digest


class _Needed:
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


class _OfEdge:
    """Gives the nodes under a log's right edge."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def node(self, level: int, index: int) -> Digest:
        tile_level, rise = divmod(level, TILE_HEIGHT)
        return _subtree(self._edge[tile_level], (index << rise) % TILE_WIDTH, rise)


class Tiles:
    """A log's tiles, read of a node and proven under its heads. Heads are verified ones."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._full: OrderedDict[str, _Full] = OrderedDict()
        self._edges: OrderedDict[tuple[int, Digest], Edge] = OrderedDict()

    async def consistency(self, old_size: int, head: Head) -> list[Digest]:
        """Read the hashes that prove that the log under a head extends a smaller one of a known root.

        Raises:
            BadAnswer: the node's tiles do not lead to the head's root.
        """
        return await self._prove(head, lambda nodes: consistency_from_nodes(nodes, old_size, head.size))

    async def root(self, size: int, head: Head) -> Digest:
        """Compute which root the log under a head had at a smaller size. Raises as `consistency` does."""
        return (await self._prove(head, lambda nodes: [root_from_nodes(nodes, size)]))[0]

    async def inclusion(self, index: int, head: Head) -> list[Digest]:
        """Read the hashes that lead from the leaf at `index` to a head's root. Raises as `consistency` does."""
        return await self._prove(head, lambda nodes: path_from_nodes(nodes, index, head.size))

    async def _prove(self, head: Head, proof: Callable[[TileReader], list[Digest]]) -> list[Digest]:
        asked = _Needed()
        proof(asked)
        try:
            known = await self._read(asked, head, elsewhere=False)
        except (BadAnswer, NotFound):
            known = await self._read(asked, head, elsewhere=True)
        return proof(known)

    async def _read(self, asked: _Needed, head: Head, *, elsewhere: bool) -> _Known:
        nodes = {}
        for level, index in asked.nodes:
            tile_level, rise = divmod(level, TILE_HEIGHT)
            number, offset = divmod(index << rise, TILE_WIDTH)
            row = await self._row(tile_level, number, head, elsewhere)
            nodes[level, index] = _subtree(row, offset, rise)
        return _Known(nodes)

    async def _row(self, level: int, number: int, head: Head, elsewhere: bool) -> bytes:
        """Give the hashes of a tile, proven under a head; the tiles above it are read too, as far as need be."""
        if number == head.size >> (level + 1) * TILE_HEIGHT:
            return (await self._edge(head, elsewhere))[level]
        path = tile_path(level, number)
        above, offset = divmod(number, TILE_WIDTH)
        top = _hash_at(await self._row(level + 1, above, head, elsewhere), offset)
        tile = self._full.get(path)
        if tile is None or tile.top != top:  # a kept one may be of another history
            data = await self._tile(path, TILE_WIDTH, elsewhere)
            tile = _Full(data, _subtree(data, 0, TILE_HEIGHT))
        if tile.top != top:
            raise BadAnswer(f"The node's {path} does not belong to the log under its head.")
        self._full[path] = tile
        self._full.move_to_end(path)
        if len(self._full) > KEPT_TILES:
            self._full.popitem(last=False)
        return tile.data

    async def _edge(self, head: Head, elsewhere: bool) -> Edge:
        """Give a log's right edge, whose hashes all lead to its root."""
        name = (head.size, head.root)
        edge = self._edges.get(name)
        if edge is not None:
            return edge
        edge = {}
        for level in range(-(-head.size.bit_length() // TILE_HEIGHT)):
            number, width = divmod(head.size >> level * TILE_HEIGHT, TILE_WIDTH)
            if width:
                edge[level] = await self._tile(tile_path(level, number, width), width, elsewhere)
        if root_from_nodes(_OfEdge(edge), head.size) != head.root:
            raise BadAnswer(f"The node's tiles do not lead to the root of its head of {head.size} entries.")
        self._edges[name] = edge
        if len(self._edges) > KEPT_EDGES:
            self._edges.popitem(last=False)
        return edge

    async def _tile(self, path: str, width: int, elsewhere: bool) -> bytes:
        data = await self._fetch(path, elsewhere)
        if len(data) != width * 32:
            raise BadAnswer(f"The node's {path} has {len(data)} bytes instead of {width * 32}.")
        return data


def _hash_at(row: bytes, offset: int) -> Digest:
    return row[offset * 32 : offset * 32 + 32]


def _subtree(row: bytes, offset: int, rise: int) -> Digest:
    """Hash a complete subtree from the row of its tile on which it stands."""
    return root_of([_hash_at(row, at) for at in range(offset, offset + (1 << rise))])
