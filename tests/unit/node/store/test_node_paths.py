"""Entries and their paths, read for many at once: the same as one by one."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.trees.merkle import range_root, root_from_nodes, verify_inclusion
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.hashing import hash_leaf
from hanse_node.base.errors import StoreFailed
from hanse_node.store.entries import read_block, read_record_id
from hanse_node.store.paths import LogHashes, consecutive, read_entries
from tests.world.front import Front, front
from tests.world.node_ledger import PARTIES, invoice, look

ISSUED = 700


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Run a node whose log has two full tiles and part of a third."""
    with front(tmp_path_factory.mktemp("paths") / "node") as running:
        running.must_stand(PARTIES)
        running.must_stand([invoice(number) for number in range(ISSUED)])
        yield running


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, ISSUED + 2), max_size=20), st.integers(ISSUED - 100, ISSUED + 3))
def test_paths_lead_to_the_root(node: Front, positions: list[int], size: int) -> None:
    """For any entries and any size that holds them, the paths are those that the store gives for each alone."""
    with node.store.snapshot() as view:
        hashes, size = LogHashes(view), min(size, view.standing.size)
        for position in positions:
            if position < size:
                assert list(hashes.path(position, size)) == view.log_path(position, size)


def test_paths_are_inclusion_proofs(node: Front) -> None:
    """Every entry's path leads to the head's root."""
    head = node.store.head
    with node.store.reading() as reads:
        hashes = LogHashes(reads)
        for position, data in read_entries(reads, range(head.size)).items():
            verify_inclusion(hash_leaf(data), position, head.size, hashes.path(position, head.size), head.root)


@given(st.sets(st.integers(0, ISSUED + 2)))
def test_entries_are_read_as_they_stand(node: Front, positions: set[int]) -> None:
    """Any set of positions gives exactly the entries at them."""
    size = node.store.head.size
    wanted = {position for position in positions if position < size}
    with node.store.reading() as reads:
        found = read_entries(reads, wanted)
    assert found == {position: look(node.store).entry(position) for position in wanted}


def test_what_is_missing_is_the_stores_fault(node: Front) -> None:
    """A position that the log does not have is no entry of nothing but an error."""
    size = node.store.head.size
    with node.store.reading() as reads:
        for positions in ([size], [0, size + 5], [size - 1, size]):
            with pytest.raises(StoreFailed):
                read_entries(reads, positions)
        with pytest.raises(StoreFailed):
            LogHashes(reads).path(0, size * 2)


def test_an_entry_is_read_in_part(node: Front) -> None:
    """The quick readers see in an entry what the strict one sees."""
    for position in range(5):
        data = look(node.store).entry(position)
        assert data is not None
        entry = decode_entry(data)
        if isinstance(entry, RecordEntry):
            assert look(node.store).find_record(read_record_id(data)) == position
            assert read_block(data) == (entry.height, entry.time)


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x96\x00", b"text"])
def test_a_damaged_entry_is_the_stores_fault(data: bytes) -> None:
    """Bytes that are no entry raise an error of the store, never one of a library."""
    for read in (read_record_id, read_block):
        with pytest.raises(LedgerError):
            read(data)


@given(st.sets(st.integers(0, 60)))
def test_neighbours_make_ranges(positions: set[int]) -> None:
    """Any positions are covered once by ranges that do not touch each other."""
    ranges = list(consecutive(positions))
    assert [position for start, end in ranges for position in range(start, end)] == sorted(positions)
    assert all(end < start for (_, end), (start, _) in pairwise(ranges))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, ISSUED), st.integers(1, 300), st.integers(ISSUED - 100, ISSUED + 3))
def test_range_paths_lead_to_the_root(node: Front, start: int, count: int, size: int) -> None:
    """The proof of any range, made from stored tiles, leads to the log's root at any size that holds it."""
    with node.store.reading() as reads:
        end = min(start + count, size)
        if start < end:
            leaves = [hash_leaf(data) for data in read_entries(reads, range(start, end)).values()]
            path = LogHashes(reads).range_path(start, end, size)
            assert range_root(leaves, start, size, path) == root_from_nodes(reads, size)
