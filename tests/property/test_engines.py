"""Random histories on real stores: through the embedded engine, and through the application that CometBFT drives.

What the rules give in memory is what both give: the same outcomes, the same roots, block by block; and an audit of what
they have stored finds nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from hanse_ledger.blocks.block import Block, Created, Outcome
from hanse_ledger.kinds.member.bodies import ReportReady
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_envelope
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.codec import encode
from hanse_node.base import receipts
from hanse_node.base.config import Config
from hanse_node.base.folder import NodeFolder, create_folder, open_folder
from hanse_node.base.receipts import Receipt
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from tests.property.histories import Player, Turn, turns
from tests.world.corridor_genesis import GENESIS, T0, seed_of
from tests.world.node_ledger import DEFAULTS
from tests.world.trade.bycomet import CometBlocks

pytestmark = pytest.mark.slow

PATIENCE_S = 30
SHARE = 10
"""Every so-manyth part of the usual histories is tried here: each block is forced to the disk."""

EXAMPLES = settings().max_examples // SHARE


class Clock:
    """The present, as a test sets it."""

    def __init__(self) -> None:
        self.at: Moment = T0

    def __call__(self) -> Moment:
        """Tell it."""
        return self.at


@contextmanager
def node_folder() -> Iterator[NodeFolder]:
    """Make and open the folder of the corridor's operator."""
    with TemporaryDirectory() as place:
        config = Config(cosigner="operator", limits=DEFAULTS)
        path = Path(place) / "node"
        create_folder(
            path,
            GENESIS,
            log_seed=seed_of("operator log"),
            cosigning_seed=seed_of("operator cosigner"),
            config=config,
        )
        with open_folder(path, {}) as folder:
            yield folder


class Embedded:
    """The embedded engine."""

    takes_readiness = False

    def __init__(self, folder: NodeFolder) -> None:
        self.clock = Clock()
        self.store, signer = start_ledger(folder, self.clock)
        self._engine = EmbeddedEngine(self.store, signer, clock=self.clock, bounds=DEFAULTS)
        self._engine.start()

    def block(self, records: Sequence[Signed], at: Moment) -> list[Receipt]:
        """Have records ordered, applied and committed."""
        self.clock.at = at
        return self._engine.submit(records).result(PATIENCE_S)

    def close(self) -> None:
        """Stop it."""
        self._engine.stop()
        self.store.close()


class Comet:
    """The application that CometBFT drives, driven as CometBFT does."""

    takes_readiness = True

    def __init__(self, folder: NodeFolder) -> None:
        self.store, signer = start_ledger(folder, Clock(), alone=False)
        self._blocks = CometBlocks(self.store, signer, folder.path)

    def block(self, records: Sequence[Signed], at: Moment) -> list[Receipt]:
        """Bring a block of one transaction, and commit it."""
        return self._blocks.block(records, at)

    def close(self) -> None:
        """Stop it."""
        self._blocks.close()
        self.store.close()


def records_of(block: Block) -> list[Signed]:
    """Give the records of a block."""
    entries = [decode_entry(row.data) for row in block.entries]
    return [open_envelope(encode(entry.payload)) for entry in entries if isinstance(entry, RecordEntry)]


def alike(receipt: Receipt, outcome: Outcome) -> bool:
    """Tell whether an engine says of a record what the rules say."""
    return (receipt.outcome is receipts.Outcome.CREATED) == isinstance(outcome, Created)


@pytest.mark.parametrize("engine", [Embedded, Comet])
@settings(max_examples=EXAMPLES)
@given(turns)
def test_engines_give_what_the_rules_give(engine: type[Embedded] | type[Comet], history: list[Turn]) -> None:
    """Block by block the same outcomes and the same root; what is stored in the end is what the entries lead to."""
    player = Player()
    with node_folder() as folder:
        running = engine(folder)
        try:
            for block in player.corridor.blocks[1:]:
                running.block(records_of(block), block.head.time)
            assert running.store.head.root == player.corridor.head.root
            for turn in history:
                at = player.corridor.head.time + turn.step_ms
                signed = [player.sign(move, at) for move in turn.moves]
                records = [
                    each for each in signed if running.takes_readiness or not isinstance(each.record.body, ReportReady)
                ]
                outcomes = player.corridor.apply_all(records, at)
                told = running.block(records, at) if records else []
                assert all(map(alike, told, outcomes)), (told, outcomes)
                assert len(told) == len(outcomes)
                assert running.store.head.root == player.corridor.head.root
            assert audit(running.store).difference is None
        finally:
            running.close()
