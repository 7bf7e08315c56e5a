"""What no history may break, whoever signs what and when."""

import pytest
from hypothesis import given, settings

from hanse_ledger.blocks.block import Created, Outcome, Refused
from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.blocks.replay import MemoryLedger, replay
from hanse_ledger.misbehaviour.misstatement import difference
from hanse_ledger.records.entry import StateEntry, decode_entry
from tests.property.histories import Player, Turn, turns
from tests.property.trying.counted import Tried
from tests.world.accusers import accuse_block
from tests.world.corridor_genesis import GENESIS
from tests.world.entries import bodies_of
from tests.world.found_by import moved

pytestmark = pytest.mark.slow

MOST_HISTORIES, STEP = 1_000, 20
"""So many histories are drawn at most, and so many at a time."""

FEWEST_REASONS = 120
"""So many of the reasons of refusals a short run gives at least."""

THOROUGH = 1_000
"""From so many examples on a run is thorough: `make soak`."""


def play(player: Player, turn: Turn) -> list[Outcome]:
    """Make the records of a turn on the present state, and apply them in one block."""
    at = player.corridor.head.time + turn.step_ms
    records = [player.sign(move, at) for move in turn.moves]
    return player.corridor.apply_all(records, at)


@given(turns)
def test_every_reachable_state_satisfies_the_invariants(history: list[Turn]) -> None:
    """After each record no invoice is overpaid, no certificate overdrawn, and claims and objects agree."""
    player = Player()
    for turn in history:
        for move in turn.moves:
            play(player, Turn(turn.step_ms, (move,)))
            assert breaches(player.corridor.ledger, bodies_of(player.corridor.entries)) == []


@given(turns)
def test_refused_record_changes_nothing(history: list[Turn]) -> None:
    """A block with refused records among its own is the same as without them, and one of them alone is none."""
    player = Player()
    for turn in history:
        at = player.corridor.head.time + turn.step_ms
        records = [player.sign(move, at) for move in turn.moves]
        ledger = player.corridor.ledger
        before = (ledger.head, dict(ledger.objects), dict(ledger.claims), dict(ledger.numbers), dict(ledger.records))
        builder = ledger.builder(at)
        outcomes = [builder.add(signed) for signed in records]
        assert before == (ledger.head, ledger.objects, ledger.claims, ledger.numbers, ledger.records)
        whole = ledger.finish(builder)
        accepted = [one for one, outcome in zip(records, outcomes, strict=True) if isinstance(outcome, Created)]
        player.corridor.apply_all(accepted, at)
        if accepted:
            assert whole is not None
            assert [row.data for row in whole.entries] == [row.data for row in player.corridor.blocks[-1].entries]
            assert whole == player.corridor.blocks[-1]
        else:
            assert whole is None
        for one, outcome in zip(records, outcomes, strict=True):
            assert isinstance(outcome, Created | Refused), one


@given(turns)
def test_replay_leads_to_the_same_state(history: list[Turn]) -> None:
    """The entries alone lead to every object, claim, number and root; and what objects are found by has stayed."""
    player = Player()
    for turn in history:
        play(player, turn)
    corridor = player.corridor
    again = replay(GENESIS, corridor.entries)
    assert again.head == corridor.head
    assert again.head.root == corridor.head.root
    assert (again.objects, again.claims, again.numbers) == (
        corridor.ledger.objects,
        corridor.ledger.claims,
        corridor.ledger.numbers,
    )
    assert moved(corridor.blocks) == set()


@given(turns)
def test_a_part_of_the_state_leads_as_far_as_the_whole(history: list[Turn]) -> None:
    """Whatever a block does, what an accuser shows of the state before it is enough, and leads to the same roots."""
    player = Player()
    for turn in history:
        play(player, turn)
    corridor, ledger = player.corridor, MemoryLedger(GENESIS)
    for block in corridor.blocks[1:]:
        before = corridor.entries[: block.entries[0].position]
        evidence = accuse_block(corridor, ledger, before, [row.data for row in block.entries])
        entry = decode_entry(evidence.entries[0])
        assert isinstance(entry, StateEntry)
        assert difference(evidence, entry, ledger.membership) is None
        ledger.commit(block)


def test_histories_are_not_idle() -> None:
    """Histories of these moves reach every kind of record, accepted and refused: what they do not break, they tried.

    In a short run they give most reasons of refusals too; in a thorough one all, but for those of states elsewhere.
    """
    tried = Tried()
    thorough = settings().max_examples >= THOROUGH
    for first in range(0, MOST_HISTORIES, STEP):
        tried.play(range(first, first + STEP))
        if not (tried.never() if thorough else tried.idle()):
            break
    assert tried.idle() == []
    assert len(tried.reasons) >= FEWEST_REASONS
    assert not thorough or tried.never() == []
