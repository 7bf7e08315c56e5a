"""The form in which the head of a ledger is stored: two rows, as the members change seldom. Not a wire format."""

from functools import lru_cache

import msgspec
from msgspec import Struct

from hanse_ledger.blocks.block import Tip
from hanse_ledger.kinds.member.proposals import OpenProposals, Proposal
from hanse_ledger.trees.merkle import Frontier
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.types import Digest, MemberId, Moment
from hanse_ledger.wire.membership import Membership
from hanse_node.base.errors import StoreFailed


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


class _Members(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    changes: tuple[int, ...]
    pending: dict[MemberId, tuple[int, ...]]
    membership: Membership
    proposals: tuple[Proposal, ...]


_decoder, _members_decoder = msgspec.msgpack.Decoder(_Stored), msgspec.msgpack.Decoder(_Members)


def encode_head(head: Tip) -> bytes:
    """Write a head with its frontier; its members are another row."""
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


def encode_members(head: Tip) -> bytes:
    """Write who the members are at a head."""
    return msgspec.msgpack.encode(
        _Members(
            changes=head.changes,
            pending=dict(head.pending),
            membership=head.membership,
            proposals=head.proposals.whole,
        )
    )


@lru_cache(maxsize=4)
def _decode_members(data: bytes) -> _Members:
    return _members_decoder.decode(data)


def decode_head(data: bytes, members: bytes) -> Tip:
    """Read a head that `encode_head` and `encode_members` wrote. Raises StoreFailed if it is damaged."""
    try:
        stored, standing = _decoder.decode(data), _decode_members(members)
        log = Frontier.from_bytes(stored.log)
    except (*UNREADABLE, Malformed) as error:
        raise StoreFailed(f"the stored head is damaged: {error}") from error
    if stored.size < 1 or stored.size != log.size:
        raise StoreFailed("the stored head is damaged: its frontier is of another size")
    return Tip(
        size=stored.size,
        height=stored.height,
        time=stored.time,
        last_entry=stored.last_entry,
        last_state=stored.last_state,
        objects_count=stored.objects_count,
        objects_root=stored.objects_root,
        claims_root=stored.claims_root,
        membership=standing.membership,
        proposals=OpenProposals(standing.proposals),
        changes=standing.changes,
        pending=standing.pending,
        log=log,
    )
