"""A group of another member's log, as its node shows it to who wants to compare."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.types import Digest

GROUP_BYTES = 16 * 1024 * 1024


class GroupShown(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state entry before a group and the group's own entries, a signed head over them, and what joins them.

    Source of `path`: `merkle.range_path`.
    """

    entries: tuple[bytes, ...]
    head: Annotated[str, Meta(max_length=limits.CHECKPOINT_BYTES)]
    path: tuple[Digest, ...]


_decoder = msgspec.msgpack.Decoder(GroupShown)


def write_group_shown(group: GroupShown) -> bytes:
    """Write it for another node."""
    return msgspec.msgpack.encode(group)


def read_group_shown(data: bytes) -> GroupShown:
    """Read it. Raises Malformed."""
    try:
        return _decoder.decode(data[:GROUP_BYTES])
    except UNREADABLE as error:
        raise Malformed(f"the group cannot be read: {error}") from error
