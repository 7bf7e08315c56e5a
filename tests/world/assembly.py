"""A ledger that has nothing but members, as many as a test wants: who may sign what decides everything.

Keys are derived from names: a member's are its own name and `NAME spare`, a node's `NAME cosigner`, or with a
generation after the name. `by` names whose keys sign.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from hanse_ledger.blocks.block import Created
from hanse_ledger.blocks.replay import MemoryLedger
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.member.proposals import Proposal, voters
from hanse_ledger.records.entry import RECORD, RecordEntry
from hanse_ledger.records.envelope import Signed, verify_envelope
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.types import MemberId, RecordId
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Change, Member, Membership, Parameters, quorum_of
from hanse_ledger.wire.part import Body
from tests.world.corridor import sign
from tests.world.corridor_bodies import a_cosigner, a_member
from tests.world.corridor_genesis import DAY, SECOND, T0


class Assembly:
    """Members with a ledger in memory. Whatever anybody has signed is in `signed`, accepted or not."""

    def __init__(self, members: Sequence[Member], nodes: Iterable[MemberId]) -> None:
        cosigners = tuple(a_cosigner(name) for name in sorted(nodes))
        membership = Membership(
            cosigners=cosigners,
            epoch=0,
            members=tuple(members),
            parameters=Parameters(quorum=quorum_of(len(cosigners)), tag_epochs=(1,)),
        )
        self.genesis = Genesis(created=T0, membership=membership, name="assembly", nonce=bytes(16), version=2)
        self.ledger = MemoryLedger(self.genesis)
        self.entries: list[bytes] = []
        self.signed: list[Signed] = []

    @classmethod
    def of(cls, count: int, nodes: int, suspended: int = 0) -> "Assembly":
        """Found one of so many members, the first so many of whom run nodes, and the last so many are suspended."""
        names = [f"m{number}" for number in range(count)]
        members = [a_member(name, suspended=place >= count - suspended) for place, name in enumerate(names)]
        return cls(members, names[:nodes])

    @property
    def membership(self) -> Membership:
        """The members in force."""
        return self.ledger.membership

    def sign(self, body: Body, *by: str, after: int = SECOND) -> Signed:
        """Sign a record for the next block, so much later than the one before."""
        at = self.ledger.head.time + after
        signed = sign(body, *by, at=at, nonce=f"assembly {len(self.signed)}", ledger=self.ledger.ledger)
        self.signed.append(signed)
        return signed

    def put(self, signed: Signed) -> bool:
        """Try a record in a block of its own, its signatures verified; tell whether it was accepted."""
        return self.put_all([signed]) == 1

    def put_all(self, records: Iterable[Signed], after: int = SECOND) -> int:
        """Try records in one block, so much later than the one before; tell how many were accepted."""
        builder, accepted = self.ledger.builder(self.ledger.head.time + after), 0
        for signed in records:
            try:
                verify_envelope(signed)
            except Rejected:
                continue
            accepted += isinstance(builder.add(signed), Created)
        block = self.ledger.finish(builder)
        if block is not None:
            self.ledger.commit(block)
            self.entries += [row.data for row in block.entries]
        return accepted

    def propose(self, change: Change, member: MemberId, by: str = "") -> RecordId:
        """Have a member propose a change, by its own key unless another is named; give the record's id."""
        closes = self.ledger.head.time + 20 * DAY
        body = ProposeChange(change=change, closes=closes, epoch=self.membership.epoch, member=member)
        signed = self.sign(body, by or member)
        self.put(signed)
        return signed.id

    def vote(self, proposal: RecordId, member: MemberId, by: str = "", *, approve: bool = True) -> bool:
        """Have a member vote, by its own key unless another is named."""
        return self.put(
            self.sign(VoteOnChange(approve=approve, member=member, proposal=proposal), by or f"{member} spare")
        )

    def ready(self, proposal: RecordId, member: MemberId, by: str) -> bool:
        """Have a node report itself."""
        return self.put(self.sign(ReportReady(member=member, proposal=proposal), by))

    def withdraw(self, proposal: RecordId, member: MemberId) -> bool:
        """Have a member withdraw a proposal."""
        return self.put(self.sign(WithdrawChange(member=member, proposal=proposal), member))

    def whole(self, proposal: RecordId) -> Proposal | None:
        """Find an open proposal."""
        return self.ledger.proposals.named(proposal)

    def agree(self, change: Change, generation: str) -> bool:
        """Have all who may vote for a change do so, and its nodes report themselves; tell whether it took effect."""
        epoch, able = self.membership.epoch, voters(self.membership)
        own = self.ledger.proposals.of(able[0])
        if own is not None:
            self.withdraw(own.id, able[0])
        name = self.propose(change, able[0])
        for member in able[1:]:
            if self.whole(name) is not None:
                self.vote(name, member, key_in_use(self.membership, member))
        for node in change.cosigners:
            self.ready(name, node.id, f"{node.id}{generation} cosigner")
        return self.membership.epoch > epoch

    def forged(self, records: Iterable[Signed]) -> list[bytes]:
        """Write records as entries after the end of the log, where none of them stands."""
        head, made = self.ledger.head, list[bytes]()
        for place, signed in enumerate(records):
            entry = RecordEntry(RECORD, head.size + place, head.last_entry, head.height + 1, head.time, signed.envelope)
            made.append(encode(entry))
        return made


def suspended(member: Member, *, yes: bool = True) -> Member:
    """The member, suspended or not."""
    return replace(member, suspended=yes)


KEYS_OF: dict[bytes, str] = {}


def key_in_use(membership: Membership, member: MemberId) -> str:
    """Name the key with which a member signs at present: its own, unless it has been given those of another name."""
    found = membership.member(member)
    assert found is not None
    return KEYS_OF.get(found.keys[0].key, member)


def renamed(member: Member, key: str) -> Member:
    """The member with the keys of another name, which is noted."""
    made = replace(member, keys=a_member(member.id, key=key).keys)
    KEYS_OF[made.keys[0].key] = key
    return made
