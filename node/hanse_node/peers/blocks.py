"""A block of another member's log, as its node shows it to who wants to compare."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.types import Digest

GROUP_BYTES = 16 * 1024 * 1024


class BlockShown(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state entry before a block and the block's own entries, a signed head over them, and what joins them.

    Source of `path`: `merkle.range_path`.
    """

    entries: tuple[bytes, ...]
    head: Annotated[str, Meta(max_length=limits.CHECKPOINT_BYTES)]
    path: tuple[Digest, ...]


_decoder = msgspec.msgpack.Decoder(BlockShown)


def write_block_shown(block: BlockShown) -> bytes:
    """Write it for another node."""
    return msgspec.msgpack.encode(block)


def read_block_shown(data: bytes) -> BlockShown:
    """Read it. Raises Malformed."""
    try:
        return _decoder.decode(data[:GROUP_BYTES])
    except UNREADABLE as error:
        raise Malformed(f"the block cannot be read: {error}") from error
