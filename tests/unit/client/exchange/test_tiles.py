"""Tiles of a node: each proven under a signed head before it is kept, whatever else it is good for."""

from collections.abc import Sequence

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanse_client.base.errors import BadAnswer
from hanse_client.base.views import Head
from hanse_client.exchange.tiles import Tiles
from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH, parse_tile_path
from hanse_ledger.trees.merkle import root_of, verify_consistency, verify_inclusion
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest


def log_of(size: int, branch: str = "") -> list[Digest]:
    """Make the leaves of a log; those of a branch differ from the fifth on."""
    return [hash_leaf(f"{branch if number >= 4 else ''}{number}".encode()) for number in range(size)]


def head_of(leaves: Sequence[Digest]) -> Head:
    """Make a head of a log; whoever reads tiles takes its signatures for verified."""
    return Head(origin="log", size=len(leaves), root=root_of(leaves), vouchers=("a",), signed_at_seconds=1, note=b"")


class TileServer:
    """Serves the tiles of a log, counts, and lies where it is told to: `lies` names the bit to flip, by path."""

    def __init__(self, leaves: Sequence[Digest]) -> None:
        self.leaves, self.read = leaves, 0
        self.lies: dict[str, int] = {}
        self.elsewhere: list[str] = []
        self.honest_elsewhere = True

    async def fetch(self, path: str, elsewhere: bool) -> bytes:
        """Read a tile."""
        level, index, width = parse_tile_path(path)
        assert isinstance(level, int)
        self.read += 1
        assert (index * TILE_WIDTH + width) << (8 * level) <= len(self.leaves), "a tile that is not there"
        first = index * TILE_WIDTH
        span = 1 << (8 * level)
        hashes = [root_of(self.leaves[at * span : (at + 1) * span]) for at in range(first, first + width)]
        data = bytearray(b"".join(hashes))
        if elsewhere:
            self.elsewhere.append(path)
        if path in self.lies and not (elsewhere and self.honest_elsewhere):
            place = self.lies[path] % (8 * len(data))
            data[place // 8] ^= 1 << place % 8
        return bytes(data)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 700, 65_536, 66_000])
def test_proofs_are_made_of_tiles(size: int) -> None:
    """From published tiles come the proofs that the ledger's own checks accept; what was read once is kept."""
    leaves = log_of(size)
    server, head = TileServer(leaves), head_of(leaves)
    tiles = Tiles(server.fetch)

    async def prove() -> None:
        for index in {0, size // 2, size - 1}:
            path = await tiles.inclusion(index, head)
            verify_inclusion(leaves[index], index, size, path, head.root)
        for old in {1, size // 3 or 1, size}:
            grown = await tiles.consistency(old, head)
            verify_consistency(old, size, root_of(leaves[:old]), head.root, grown)
            assert await tiles.root(old, head) == root_of(leaves[:old])
        read = server.read
        await tiles.inclusion(0, head)
        assert server.read == read
        assert server.elsewhere == []

    anyio.run(prove)


def test_a_short_tile_is_a_bad_answer() -> None:
    """A tile that is not as wide as its name says is refused."""

    async def cut(_: str, __: bool) -> bytes:
        return bytes(31)

    with pytest.raises(BadAnswer, match="31 bytes instead of"):
        anyio.run(Tiles(cut).inclusion, 0, head_of(log_of(5)))


LARGE = log_of(1_500)
PATHS = ["tile/0/000", "tile/0/004", "tile/0/005.p/220", "tile/1/000.p/5"]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PATHS), st.integers(0, 8 * 32 * TILE_WIDTH), st.integers(0, 1_499), st.booleans())
def test_a_false_tile_is_never_kept(path: str, bit: int, index: int, repeated: bool) -> None:
    """Whichever bit of a tile is false, no proof is made of it, and none is spoilt by it once the node is honest."""
    server, head = TileServer(LARGE), head_of(LARGE)
    server.lies[path], server.honest_elsewhere = bit, not repeated
    tiles = Tiles(server.fetch)

    async def prove() -> None:
        try:
            found = await tiles.inclusion(index, head)
        except BadAnswer:
            assert repeated
        else:
            verify_inclusion(LARGE[index], index, 1_500, found, head.root)
        server.lies.clear()
        for each in {index, 0, 700, 1_499}:
            verify_inclusion(LARGE[each], each, 1_500, await tiles.inclusion(each, head), head.root)

    anyio.run(prove)


def test_a_false_tile_is_asked_for_elsewhere() -> None:
    """After a false tile another node is asked, where there is one, and its tile is proven too."""
    server, head = TileServer(LARGE), head_of(LARGE)
    server.lies["tile/0/004"] = 9
    path = anyio.run(Tiles(server.fetch).inclusion, 1_100, head)
    verify_inclusion(LARGE[1_100], 1_100, 1_500, path, head.root)
    assert "tile/0/004" in server.elsewhere


def test_tiles_of_one_history_are_no_proof_in_another() -> None:
    """What was proven under one head is held against each other one: of a fork nothing gets into the other side."""
    branch = log_of(1_500, "other ")
    server, head, other = TileServer(LARGE), head_of(LARGE), head_of(branch)
    tiles = Tiles(server.fetch)
    anyio.run(tiles.inclusion, 700, head)
    with pytest.raises(BadAnswer, match="do not lead to the root"):
        anyio.run(tiles.inclusion, 700, other)
    server.leaves = branch
    verify_inclusion(branch[700], 700, 1_500, anyio.run(tiles.inclusion, 700, other), other.root)
