"""Random histories, by honest and hostile signers, on four real nodes: all give what the rules give in memory."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_ledger.blocks.block import Created
from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_envelope
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis
from hanse_ledger.wire.membership import Cosigner, Parameters
from hanse_node.base.config import Limits
from hanse_node.base.receipts import Outcome
from hanse_node.lifecycle.audit import audit
from tests.property import histories
from tests.property.histories import Player, Turn, turns
from tests.system.stage.consortium import CometNode, make_nodes, seeds
from tests.system.stage.present import Present
from tests.world import corridor_bodies
from tests.world.corridor import Corridor
from tests.world.corridor_bodies import change
from tests.world.corridor_genesis import GENESIS
from tests.world.entries import bodies_of
from tests.world.node_ledger import digest

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

HISTORIES, TURNS = 20, 8
QUORUM_OF_ONE = "the quorum is not more than two thirds of the cosigners"
"""What these nodes break on purpose, which have no front to cosign for each other."""

EARLIER_MS = 60_000
"""So long ago the ledger began: what leads up to the histories was signed since then."""


def present_genesis() -> Genesis:
    """The corridor's genesis with four nodes, as it would have been written a minute ago."""
    names = ("bank-be", "chamber", "customs-be", "operator")
    cosigners = tuple(
        Cosigner(
            cosigning_key=SigningKey(seeds(name)[1]).verify_key.encode(),
            id=name,
            log_key=SigningKey(seeds(name)[0]).verify_key.encode(),
            ml_dsa_key=None,
            validator_key=SigningKey(digest("validator", name)).verify_key.encode(),
        )
        for name in names
    )
    membership = replace(GENESIS.membership, cosigners=cosigners)
    return replace(GENESIS, created=Present.clock() - EARLIER_MS, membership=membership)


@pytest.fixture
def genesis(monkeypatch: pytest.MonkeyPatch) -> Genesis:
    """Have corridors begin with a genesis of this moment, and bodies name times from then on.

    These nodes have no front, and so one signature is enough for them: the change that is open asks for more, and comes
    into force with a node that is not there.
    """
    made = present_genesis()
    monkeypatch.setattr(Corridor.__init__, "__defaults__", (made,))
    monkeypatch.setattr(corridor_bodies, "T0", made.created)
    monkeypatch.setattr(histories, "change", partial(change, parameters=Parameters(quorum=3, tag_epochs=(1, 2))))
    return made


@pytest.fixture
def nodes(genesis: Genesis, tmp_path: Path, require_tool: Callable[[str], Path]) -> Iterator[list[CometNode]]:
    """Run four nodes."""
    present = Present(genesis, began=True)
    made = make_nodes(tmp_path, require_tool("cometbft"), present, Limits(verify_processes=0))
    with ExitStack() as running:
        for node in made:
            running.callback(node.close)
            node.start()
        yield made


class Stage:
    """Four nodes, and the same ledger in memory, one block behind them."""

    def __init__(self, nodes: Sequence[CometNode]) -> None:
        self.nodes, self._sent = nodes, 0
        self.kinds: Counter[tuple[str, bool]] = Counter()
        self.player = Player()
        before, self.player.corridor = self.player.corridor, Corridor()
        self.player.corridor.id.update(before.id)
        self.player.corridor._nonces = before._nonces
        for block in before.blocks[1:]:
            entries = [decode_entry(row.data) for row in block.entries]
            records = [open_envelope(encode(entry.payload)) for entry in entries if isinstance(entry, RecordEntry)]
            self.send(records)

    def send(self, records: Sequence[Signed]) -> None:
        """Send records to one node after the other, as one batch, and apply them in memory at their block's time."""
        receipts = self.nodes[self._sent % len(self.nodes)].send(*records)
        self._sent += 1
        (at,) = {receipt.time for receipt in receipts}
        assert at is not None
        outcomes = self.player.corridor.apply_all(records, at)
        for signed, receipt, outcome in zip(records, receipts, outcomes, strict=True):
            created = isinstance(outcome, Created)
            assert (receipt.outcome is Outcome.CREATED) == created, (receipt, outcome)
            self.kinds[signed.record.kind, created] += 1

    def turn(self, turn: Turn) -> None:
        """Try the records of a turn. Nodes that are not there report nothing, and a quorum stays what it is."""
        at = self.player.corridor.head.time
        records = [self.player.sign(move, at) for move in turn.moves]
        self.send_some([each for each in records if not isinstance(each.record.body, ReportReady | ProposeChange)])

    def send_some(self, records: Sequence[Signed]) -> None:
        """Send records, if there are any."""
        if records:
            self.send(records)
            corridor = self.player.corridor
            assert breaches(corridor.ledger, bodies_of(corridor.entries)) == [QUORUM_OF_ONE]


def test_four_nodes_give_what_the_rules_give(nodes: list[CometNode]) -> None:
    """The same outcomes and roots, whichever node is asked; an audit of each finds what the entries lead to."""
    stage = Stage(nodes)

    @settings(
        max_examples=HISTORIES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(turns)
    def play(history: list[Turn]) -> None:
        for turn in history[:TURNS]:
            stage.turn(turn)

    play()
    root = stage.player.corridor.head.root
    for node in nodes:
        node.close()
        assert node.start_and_look() == stage.player.corridor.head.size
        assert node.store.head.root == root
        assert audit(node.store).difference is None
    assert sum(stage.kinds.values()) > HISTORIES * TURNS
    assert {created for _, created in stage.kinds} == {True, False}
