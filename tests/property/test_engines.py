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
from nacl.signing import SigningKey

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
from hanse_node.base.verifying import Verifiers
from hanse_node.comet.abci.application import CometApplication
from hanse_node.comet.abci.hanse_abci_pb2 import Request
from hanse_node.comet.abci.snapshots import SnapshotTaker
from hanse_node.comet.abci.transactions import Batch, KnownTransactions, encode_transaction
from hanse_node.engine.embedded import EmbeddedEngine
from hanse_node.lifecycle.audit import audit
from hanse_node.lifecycle.recovery import start_ledger
from tests.property.histories import Player, Turn, turns
from tests.world.corridor_genesis import GENESIS, LEDGER, T0, seed_of
from tests.world.node_ledger import DEFAULTS

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
        self._height, self._verifiers = 0, Verifiers(1, 0)
        self._told: list[Receipt] = []
        self.store, signer = start_ledger(folder, Clock(), alone=False)
        failures: list[str] = []
        self._application = CometApplication(
            self.store,
            signer,
            KnownTransactions(self._verifiers.submit),
            "hanse-test",
            lambda batches, _: self._told.extend(each for batch in batches.values() for each in batch),
            SnapshotTaker(self.store, folder.path / "snapshot.part", failures.append),
        )

    def block(self, records: Sequence[Signed], at: Moment) -> list[Receipt]:
        """Bring a block of one transaction, which the member that has a node now has made, and commit it."""
        self._height += 1
        self._told.clear()
        member = self.store.head.membership.cosigners[0].id
        key = SigningKey(seed_of(f"{member} cosigner"))
        salt = self._height.to_bytes(8, "big")
        batch = Batch(member, self._height, salt, [encode(each.envelope) for each in records])
        transaction = encode_transaction(batch, LEDGER, lambda message: key.sign(message).signature)
        time = {"seconds": at // 1_000, "nanos": at % 1_000 * 1_000_000}
        asked = {"height": self._height, "txs": [transaction], "time": time}
        answer = self._application.finalize_block(Request(finalize_block=asked)).finalize_block
        assert answer.tx_results[0].code == 0
        self._application.commit(Request(commit={}))
        assert answer.app_hash == self.store.head.root
        return list(self._told)

    def close(self) -> None:
        """Stop it."""
        self._application.close()
        self.store.close()
        self._verifiers.stop()


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
