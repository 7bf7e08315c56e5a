"""Replay: every kind of tampering is found, and named with its position."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.replay import Audit, replay
from hanse_ledger.records.entry import RECORD, RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.codec import encode
from tests.world.corridor import Corridor, sign, story, traders
from tests.world.corridor_genesis import GENESIS, T0


def grouped() -> Corridor:
    """Three enrolments and an invoice, each in its block, then two invoices in one; states at 0, 2, 4, 6, 8, 11."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.apply_all([corridor.sign(corridor.make.invoice(number), "seller") for number in (2, 3)])
    return corridor


CORRIDOR = grouped()
ENTRIES = CORRIDOR.entries
LAST = len(ENTRIES) - 1


def altered(position: int, /, **changes: Any) -> list[bytes]:
    """Give the entries with some fields of one of them changed."""
    entry = decode_entry(ENTRIES[position])
    return [*ENTRIES[:position], encode(replace(entry, **changes)), *ENTRIES[position + 1 :]]


def with_roots(position: int, /, **changes: Any) -> list[bytes]:
    """Give the entries with some roots of one state entry changed."""
    entry = decode_entry(ENTRIES[position])
    assert isinstance(entry, StateEntry)
    return altered(position, payload=replace(entry.payload, **changes))


def inserted(signed: Signed, position: int = 9) -> list[bytes]:
    """Give the entries with a record put in, as an operator would chain it."""
    before = decode_entry(ENTRIES[position - 1])
    entry = RecordEntry(
        RECORD, position, hash_bytes(ENTRIES[position - 1]), before.height + 1, before.time + 1_000, signed.envelope
    )
    return [*ENTRIES[:position], encode(entry), *ENTRIES[position:]]


def forged() -> Signed:
    """An acceptance by the buyer under a signature of somebody else."""
    true = sign(CORRIDOR.make.acceptance(), "buyer")
    other = sign(CORRIDOR.make.acceptance(), "seller")
    return replace(true, envelope=replace(true.envelope, signatures=other.envelope.signatures))


def envelope_at(position: int) -> Any:
    """Give the envelope of a record entry."""
    entry = decode_entry(ENTRIES[position])
    assert isinstance(entry, RecordEntry)
    return entry.payload


def test_story_replays_to_the_same_head() -> None:
    """Entries alone lead to the same objects, claims, numbers, records and head; progress is told after each block."""
    corridor = story()
    told: list[Audit] = []
    ledger = replay(GENESIS, corridor.entries, progress=told.append)
    assert ledger.head == corridor.head
    assert (ledger.objects, ledger.claims) == (corridor.ledger.objects, corridor.ledger.claims)
    assert (ledger.numbers, ledger.records) == (corridor.ledger.numbers, corridor.ledger.records)
    assert ledger.claim_tree.to_bytes() == corridor.ledger.claim_tree.to_bytes()
    assert [audit.head for audit in told] == [block.head for block in corridor.blocks]
    assert [audit.records for audit in told] == list(range(len(corridor.blocks)))


def test_signatures_may_be_verified_elsewhere() -> None:
    """A caller that verifies beside is shown each record, and decides."""
    shown: list[Signed] = []
    replay(GENESIS, ENTRIES, verify=shown.append)
    assert len(shown) == 6
    with pytest.raises(ProofInvalid, match=r"^entry 9: signature-invalid"):
        replay(GENESIS, inserted(forged())[:10])
    with pytest.raises(ProofInvalid, match="inside a block"):
        replay(GENESIS, inserted(forged())[:10], verify=lambda signed: None)


ACCEPTANCE = sign(CORRIDOR.make.acceptance(), "buyer", at=T0)
BY_SELLER = sign(CORRIDOR.make.acceptance(), "seller", at=T0)

TAMPERED: dict[str, tuple[Callable[[], list[bytes]], str]] = {
    "nothing": (lambda: [], "the ledger has no entries"),
    "other genesis": (lambda: altered(0, time=T0 + 1), "entry 0: not the state entry of this ledger's genesis"),
    "record first": (lambda: ENTRIES[1:], "entry 0: not the state entry"),
    "no entry": (lambda: [*ENTRIES[:3], b"", *ENTRIES[4:]], "entry 3: entry: not an array of six"),
    "not canonical": (lambda: [*ENTRIES[:3], ENTRIES[3] + b"\0", *ENTRIES[4:]], "entry 3: "),
    "first not canonical": (lambda: [ENTRIES[0] + b"\0", *ENTRIES[1:]], "entry 0: "),
    "record left out": (lambda: [*ENTRIES[:7], *ENTRIES[8:]], "entry 7: a state entry that closes no block"),
    "enrolment left out": (lambda: [*ENTRIES[:1], *ENTRIES[3:]], "entry 1: its position is not"),
    "one of two left out": (lambda: [*ENTRIES[:9], *ENTRIES[10:]], "entry 9: its position is not"),
    "last of two left out": (lambda: [*ENTRIES[:10], *ENTRIES[11:]], "entry 10: its position is not"),
    "two exchanged": (lambda: [*ENTRIES[:9], ENTRIES[10], ENTRIES[9], ENTRIES[11]], "entry 9: its position is not"),
    "state left out": (lambda: [*ENTRIES[:8], *ENTRIES[9:]], "entry 8: its position is not"),
    "state twice": (lambda: [*ENTRIES[:9], ENTRIES[8], *ENTRIES[9:]], "entry 9: a state entry that closes no block"),
    "end cut off": (lambda: ENTRIES[:-1], "the ledger ends inside a block: 2 entries lack their state entry"),
    "forged": (lambda: inserted(forged()), "entry 9: signature-invalid"),
    "against the rules": (lambda: inserted(BY_SELLER), "entry 9: the rules refuse it: not-buyer /signers"),
    "repeated": (lambda: inserted(CORRIDOR.signed["invoice"]), "entry 9: its record stands at position 7 already"),
    "put in": (lambda: inserted(ACCEPTANCE), "entry 10: its position is not"),
    "position": (lambda: altered(9, position=10), "entry 9: its position is not"),
    "previous": (lambda: altered(10, previous=bytes(32)), "entry 10: its previous is not"),
    "height": (lambda: altered(9, height=9), "entry 9: its height is not"),
    "earlier time": (lambda: altered(9, time=T0), "entry 9: its time lies before that of the block before"),
    "later time": (lambda: altered(9, time=T0 + 9_000), "entry 10: its previous is not"),
    "two times": (lambda: altered(10, time=T0 + 9_000), "entry 10: its time is not"),
    "expired since": (lambda: altered(7, time=T0 + 10**9), "entry 7: the rules refuse it: expired /expires"),
    "other record": (lambda: altered(9, payload=envelope_at(10)), "entry 10: its record stands at position 9 already"),
    "state position": (lambda: altered(11, position=12), "entry 11: its position is not"),
    "state previous": (lambda: altered(11, previous=bytes(32)), "entry 11: its previous is not"),
    "state height": (lambda: altered(11, height=6), "entry 11: its height is not"),
    "state time": (lambda: altered(11, time=T0 + 9_000), "entry 11: its time is not"),
    "claims root": (lambda: with_roots(11, claims_root=bytes(32)), "entry 11: its payload is not"),
    "members": (lambda: with_roots(11, members=bytes(32)), "entry 11: its payload is not"),
    "objects count": (lambda: with_roots(11, objects_count=7), "entry 11: its payload is not"),
    "objects root": (lambda: with_roots(11, objects_root=bytes(32)), "entry 11: its payload is not"),
    "state before": (lambda: with_roots(11, previous_state=bytes(32)), "entry 11: its payload is not"),
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_tampering_is_named_with_its_position(kind: str) -> None:
    """Whatever an operator does to the entries, the first one that the rules would not write is named."""
    make, message = TAMPERED[kind]
    with pytest.raises(ProofInvalid, match=f"^{re.escape(message)}"):
        replay(GENESIS, make())


def test_any_changed_byte_is_found_where_it_stands_or_right_after() -> None:
    """No byte of a ledger can change unseen: the entry that holds it is named, or the next, whose link it breaks."""
    for position, data in enumerate(ENTRIES):
        for at in range(0, len(data), 7):
            changed = bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]])
            with pytest.raises(ProofInvalid) as caught:
                replay(GENESIS, [*ENTRIES[:position], changed, *ENTRIES[position + 1 :]])
            named = re.match(r"entry (\d+): ", caught.value.detail)
            assert named is not None, caught.value.detail
            assert int(named[1]) in (position, position + 1)


def test_every_prefix_of_whole_groups_replays() -> None:
    """A ledger is valid after each block, and nowhere between."""
    ends = {block.head.size for block in CORRIDOR.blocks}
    for size in range(1, len(ENTRIES) + 1):
        if size in ends:
            assert replay(GENESIS, ENTRIES[:size]).head.size == size
        else:
            with pytest.raises(ProofInvalid, match="inside a block"):
                replay(GENESIS, ENTRIES[:size])
