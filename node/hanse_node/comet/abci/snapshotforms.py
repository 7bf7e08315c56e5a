"""What a snapshot looks like while it travels: format 2 of the engine's state sync (docs/formats/network.md).

A snapshot is named by a head that a quorum has signed, and comes with the entries by which the members changed: so its
size is known to be true before a byte of it is fetched. Each chunk proves that its entries stand at their places under
that head's root.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.trees.merkle import range_root
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.codec import decode_canonical, encode

FORMAT = 2
CHUNK_ENTRIES = 200
"""So many entries are a chunk: at most 13 MB of the 16 that the engine allows."""

PATH_HASHES = 2 * limits.PATH_HASHES
HASH_BYTES = 32
CHUNK_BYTES = 1 + PATH_HASHES * HASH_BYTES + CHUNK_ENTRIES * (4 + limits.ENTRY_BYTES)
METADATA_BYTES = 3 * 1024 * 1024
"""Of the 4 MB that the engine allows for all that describes a snapshot."""

_LENGTH = struct.Struct(">I")


class Metadata(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By what a snapshot is known: the signed head, and the entries that changed the members up to it, in order."""

    changes: Annotated[
        tuple[Annotated[bytes, Meta(max_length=limits.ENTRY_BYTES)], ...], Meta(max_length=limits.MEMBER_CHANGES)
    ]
    note: Annotated[bytes, Meta(max_length=limits.CHECKPOINT_BYTES)]


class Chunk(Struct, frozen=True):
    """Consecutive entries, and their path to the root of the snapshot's head (`merkle.range_path`)."""

    path: tuple[Digest, ...]
    entries: tuple[bytes, ...]


_metadata = msgspec.msgpack.Decoder(Metadata)


def write_metadata(note: bytes, changes: Sequence[bytes]) -> bytes:
    """Write what describes a snapshot: canonical MessagePack."""
    return encode(Metadata(changes=tuple(changes), note=note))


def read_metadata(data: bytes) -> Metadata:
    """Read what `write_metadata` wrote. Raises Malformed."""
    if len(data) > METADATA_BYTES:
        raise Malformed(f"a snapshot is described by at most {METADATA_BYTES} bytes")
    return decode_canonical(data, _metadata, "snapshot")


def chunks_of(size: int) -> int:
    """Count the chunks of a snapshot of so many entries."""
    return -(-size // CHUNK_ENTRIES)


def write_chunk(chunk: Chunk) -> bytes:
    """Write a chunk: the number of hashes in its path, those, and each entry after its length as 4 bytes big-endian."""
    path = bytes([len(chunk.path)]) + b"".join(chunk.path)
    return path + b"".join(_LENGTH.pack(len(data)) + data for data in chunk.entries)


def read_chunk(data: bytes) -> Chunk:
    """Read what `write_chunk` wrote. Raises Malformed."""
    if not 1 <= len(data) <= CHUNK_BYTES:
        raise Malformed(f"a chunk has from 1 to {CHUNK_BYTES} bytes")
    at = 1 + data[0] * HASH_BYTES
    if data[0] > PATH_HASHES or at > len(data):
        raise Malformed("a chunk's path is too long, or ends early")
    path = tuple(data[begin : begin + HASH_BYTES] for begin in range(1, at, HASH_BYTES))
    entries = tuple(read_entries(data[at:]))
    if not 1 <= len(entries) <= CHUNK_ENTRIES:
        raise Malformed(f"a chunk has from 1 to {CHUNK_ENTRIES} entries")
    return Chunk(path, entries)


def read_entries(data: bytes) -> Iterator[bytes]:
    """Cut entries apart, each behind its length. Raises Malformed."""
    at = 0
    while at < len(data):
        if at + _LENGTH.size > len(data):
            raise Malformed("a chunk ends within a length")
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if length > limits.ENTRY_BYTES or at + length > len(data):
            raise Malformed("a chunk ends within an entry, or an entry is too long")
        yield data[at : at + length]
        at += length


def verify_chunk(chunk: Chunk, index: int, size: int, root: Digest) -> None:
    """Verify that a chunk holds the entries of its place under a root.

    Args:
        chunk: what came.
        index: its number, from 0.
        size: how many entries the root is of.
        root: the log's.

    Raises:
        ProofInvalid: other entries, too few or too many, or their path does not lead to the root.
    """
    begin = index * CHUNK_ENTRIES
    if len(chunk.entries) != min(CHUNK_ENTRIES, size - begin):
        raise ProofInvalid(f"chunk {index} of {size} entries holds {len(chunk.entries)}")
    if range_root([hash_leaf(data) for data in chunk.entries], begin, size, chunk.path) != root:
        raise ProofInvalid(f"the entries of chunk {index} do not stand under the signed head")
