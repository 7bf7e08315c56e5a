"""Groups: entries in a chain, a state entry at the end, and nothing left by what is refused."""

from collections.abc import Sequence
from hashlib import sha256

import pytest

from hanse_ledger.blocks.block import Created, Exists, Outcome, Refused, genesis_block
from hanse_ledger.blocks.replay import MemoryLedger
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.refusals import SIGNER_KEY_REVOKED
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.trees.merkle import root_of
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import ZERO, hash_leaf
from hanse_ledger.wire.genesis import members_hash
from tests.world.claim_map import ClaimMap
from tests.world.corridor import Corridor, story, traders
from tests.world.corridor_genesis import GENESIS, LEDGER, T0


def state_of(corridor: Corridor) -> StateEntry:
    """Give the last state entry."""
    entry = decode_entry(corridor.entries[-1])
    assert isinstance(entry, StateEntry)
    return entry


def positions(outcomes: Sequence[Outcome]) -> list[int]:
    """List where records came to stand, all of which did."""
    return [outcome.position for outcome in outcomes if isinstance(outcome, Created)]


def test_genesis_group_is_one_state_entry_chained_to_the_genesis() -> None:
    """The first entry says: no objects, no claims, these members, and after the genesis."""
    block = genesis_block(GENESIS)
    (row,) = block.entries
    entry = decode_entry(row.data)
    assert isinstance(entry, StateEntry)
    assert (entry.position, entry.height, entry.time, entry.previous) == (0, 0, T0, LEDGER)
    assert entry.payload.previous_state == LEDGER
    assert entry.payload.members == members_hash(GENESIS.membership)
    assert (entry.payload.objects_count, entry.payload.objects_root) == (0, root_of([]))
    assert entry.payload.claims_root == ZERO
    assert block.head.root == hash_leaf(row.data)


def test_entries_are_one_hash_chain() -> None:
    """Each entry names its position and the SHA-256 of the one before; heights and times are its block's."""
    corridor = story()
    previous = LEDGER
    position = 0
    for height, block in enumerate(corridor.blocks):
        for row in block.entries:
            entry = decode_entry(row.data)
            assert (entry.position, entry.previous, entry.height, entry.time) == (
                position,
                previous,
                height,
                block.head.time,
            )
            assert (row.position, row.leaf) == (position, hash_leaf(row.data))
            assert len(row.data) <= limits.ENTRY_BYTES
            previous, position = sha256(row.data).digest(), position + 1
        assert isinstance(entry, StateEntry)
        assert (block.head.last_entry, block.head.last_state, block.head.size) == (previous, previous, position)


def test_roots_are_those_of_the_whole_state() -> None:
    """What a block computes step by step is what one computes afresh over everything that stands."""
    corridor = story()
    ledger, roots = corridor.ledger, state_of(corridor).payload
    in_order = sorted(ledger.objects, key=ledger.numbers.__getitem__)
    assert sorted(ledger.numbers.values()) == list(range(len(ledger.objects)))
    leaves = [object_leaf(name, object_value(ledger.objects[name])) for name in in_order]
    assert (roots.objects_count, roots.objects_root) == (len(leaves), root_of(leaves))
    assert roots.claims_root == ClaimMap(ledger.claims).root
    assert corridor.head.root == root_of([hash_leaf(data) for data in corridor.entries])
    states = [block.entries[-1].data for block in corridor.blocks]
    assert roots.previous_state == sha256(states[-2]).digest()


def test_grouping_changes_the_log_and_not_the_state() -> None:
    """The same records in one block or in many lead to the same objects and claims."""
    apart, together = Corridor(), Corridor()
    records = [
        apart.sign(apart.make.enrolment(name, role), "market", name, at=T0)
        for name, role in (("seller", PartyRole.SELLER), ("buyer", PartyRole.BUYER), ("agent", PartyRole.AGENT))
    ]
    for signed in records:
        assert isinstance(apart.apply(signed), Created)
    assert positions(together.apply_all(records)) == [1, 2, 3]
    assert state_of(apart).payload.objects_root == state_of(together).payload.objects_root
    assert state_of(apart).payload.claims_root == state_of(together).payload.claims_root
    assert (apart.head.size, together.head.size) == (7, 5)


def test_later_record_sees_an_earlier_one_of_its_group() -> None:
    """A party may act in the block in which it is enrolled, and its key may be revoked there too."""
    corridor = Corridor()
    enrolment = corridor.sign(corridor.make.enrolment("seller"), "market", "seller")
    corridor.id["seller"] = creates(enrolment.id)
    corridor.id["buyer"] = corridor.id["seller"]
    rotation = corridor.sign(corridor.make.rotation("seller", "seller 2"), "seller", "seller 2")
    revocation = corridor.sign(corridor.make.revocation("seller", "seller"), "seller 2")
    late = corridor.sign(corridor.make.rotation("seller", "seller 3"), "seller", "seller 3")
    outcomes = corridor.apply_all([enrolment, rotation, revocation, late])
    assert positions(outcomes[:3]) == [1, 2, 3]
    assert isinstance(outcomes[3], Refused)
    assert outcomes[3].error.reason is SIGNER_KEY_REVOKED


def creates(record: bytes) -> bytes:
    """Name the object that a record creates."""
    return sha256(record + bytes(5)).digest()


def test_refused_record_leaves_nothing_in_its_group() -> None:
    """With and without the refused records a block is the same, byte for byte."""
    corridor, other = traders(), traders()
    good = corridor.sign(corridor.make.invoice(), "seller")
    bad = corridor.sign(corridor.make.invoice(2), "buyer")
    outcomes = corridor.apply_all([bad, good, bad])
    assert [type(outcome) for outcome in outcomes] == [Refused, Created, Refused]
    assert other.apply_all([good]) == [outcomes[1]]
    assert corridor.entries == other.entries
    assert corridor.head == other.head


def test_nothing_accepted_makes_no_group() -> None:
    """Refused and known records alone leave the ledger as it is."""
    corridor = story()
    head, entries = corridor.head, corridor.entries
    known = corridor.signed["invoice"]
    bad = corridor.sign(corridor.make.acceptance(), "seller")
    outcomes = corridor.apply_all([known, bad])
    assert isinstance(outcomes[0], Exists)
    assert isinstance(outcomes[1], Refused)
    assert (corridor.head, corridor.entries) == (head, entries)


def test_claim_that_comes_and_goes_in_one_group_is_not_written() -> None:
    """An invoice issued and cancelled in one block leaves its tag as if it had never been claimed."""
    corridor = traders()
    claims = dict(corridor.ledger.claims)
    issue = corridor.sign(corridor.make.invoice(), "seller")
    corridor.id["invoice"] = creates(issue.id)
    cancel = corridor.sign(corridor.make.cancellation(), "seller")
    again = corridor.sign(corridor.make.invoice(), "seller")
    assert [type(outcome) for outcome in corridor.apply_all([issue, cancel])] == [Created, Created]
    assert corridor.blocks[-1].claims == {}
    assert corridor.ledger.claims == claims
    assert isinstance(corridor.apply(again), Created)


def test_claim_withdrawn_and_claimed_anew_in_one_group() -> None:
    """A tag may pass from a cancelled invoice to its correction at once."""
    corridor = traders()
    corridor.issue_invoice()
    cancel = corridor.sign(corridor.make.cancellation(), "seller")
    again = corridor.sign(corridor.make.invoice(), "seller")
    assert [type(outcome) for outcome in corridor.apply_all([cancel, again])] == [Created, Created]
    assert list(corridor.blocks[-1].claims.values()) == [creates(again.id)] * 2


def test_objects_are_numbered_in_order_of_creation() -> None:
    """Numbers go on across blocks, and a changed object keeps its own."""
    corridor = story()
    names = ["seller", "buyer", "agent", "invoice", "certificate", "export", "import", "payment"]
    assert [corridor.ledger.number(corridor.id[name]) for name in names] == list(range(8))


def test_block_rows_stand_in_order_of_their_numbers() -> None:
    """A store may write the rows as they come: each object once, with its last value."""
    corridor = traders()
    records = [corridor.sign(corridor.make.invoice(number), "seller") for number in (1, 2, 3)]
    corridor.apply_all(records)
    rows = corridor.blocks[-1].objects
    assert [row.number for row in rows] == [0, 1, 3, 4, 5]
    assert all(corridor.ledger.objects[row.value.id] == row.value for row in rows)


def test_block_time_never_runs_backwards() -> None:
    """A block earlier than the last one is a bug of the engine; one at the same time is not."""
    corridor = traders()
    corridor.ledger.builder(corridor.head.time)
    with pytest.raises(AssertionError, match="backwards"):
        corridor.ledger.builder(corridor.head.time - 1)


def test_empty_group_is_none() -> None:
    """A builder that was asked nothing closes nothing."""
    ledger = MemoryLedger(GENESIS)
    assert ledger.finish(ledger.builder(T0)) is None


def test_every_record_entry_holds_its_envelope() -> None:
    """What a signer sealed is in the entry, byte for byte."""
    corridor = story()
    for block in corridor.blocks[1:]:
        entry = decode_entry(block.entries[0].data)
        assert isinstance(entry, RecordEntry)
    first = decode_entry(corridor.entries[1])
    assert isinstance(first, RecordEntry)
    assert first.payload == corridor.signed["seller"].envelope
