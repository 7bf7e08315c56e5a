"""The form in which the head of a ledger is stored. Not a wire format."""

import msgspec
from msgspec import Struct

from hanse_ledger.errors import Malformed
from hanse_ledger.group import Head
from hanse_ledger.merkle import Frontier
from hanse_ledger.types import Digest, Moment
from hanse_node.errors import StoreFailed


class _Stored(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    size: int
    height: int
    time: Moment
    last_entry: Digest
    last_state: Digest
    objects_count: int
    objects_root: Digest
    claims_root: Digest
    log: bytes


_decoder = msgspec.msgpack.Decoder(_Stored)


def encode_head(head: Head) -> bytes:
    """Write a head with its frontier."""
    return msgspec.msgpack.encode(
        _Stored(
            size=head.size,
            height=head.height,
            time=head.time,
            last_entry=head.last_entry,
            last_state=head.last_state,
            objects_count=head.objects_count,
            objects_root=head.objects_root,
            claims_root=head.claims_root,
            log=head.log.to_bytes(),
        )
    )


def decode_head(data: bytes) -> Head:
    """Read a head that `encode_head` wrote. Raises StoreFailed if it is damaged."""
    try:
        stored = _decoder.decode(data)
        log = Frontier.from_bytes(stored.log)
    except (msgspec.DecodeError, Malformed) as error:
        raise StoreFailed(f"the stored head is damaged: {error}") from error
    if stored.size < 1 or stored.size != log.size:
        raise StoreFailed("the stored head is damaged: its frontier is of another size")
    return Head(
        size=stored.size,
        height=stored.height,
        time=stored.time,
        last_entry=stored.last_entry,
        last_state=stored.last_state,
        objects_count=stored.objects_count,
        objects_root=stored.objects_root,
        claims_root=stored.claims_root,
        log=log,
    )
