"""Blocks brought to a store by the application that CometBFT drives, called as CometBFT calls it."""

from collections.abc import Sequence
from pathlib import Path

from nacl.signing import SigningKey

from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import Moment
from hanse_ledger.wire.codec import encode
from hanse_node.base.receipts import Receipt
from hanse_node.base.verifying import Verifiers
from hanse_node.comet.abci.application import CometApplication
from hanse_node.comet.abci.hanse_abci_pb2 import Request
from hanse_node.comet.abci.snapshots import SnapshotTaker
from hanse_node.comet.abci.transactions import Batch, KnownTransactions, encode_transaction
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.sql import SqlLedgerStore
from tests.world.corridor_genesis import LEDGER, seed_of


class CometBlocks:
    """The application on a store whose heads are shown by what members' nodes sign together."""

    def __init__(self, store: SqlLedgerStore, signer: HeadSigner, path: Path) -> None:
        """Prepare; `path` is the node's folder."""
        self._store, self._height, self._verifiers = store, 0, Verifiers(1, 0)
        self._told: list[Receipt] = []
        failures: list[str] = []
        self._application = CometApplication(
            store,
            signer,
            KnownTransactions(self._verifiers.submit),
            "hanse-test",
            lambda batches, _: self._told.extend(each for batch in batches.values() for each in batch),
            SnapshotTaker(store, path / "snapshot.part", failures.append),
        )

    def block(self, records: Sequence[Signed], at: Moment) -> list[Receipt]:
        """Bring a block of one transaction, which the member that has a node now has made, and commit it."""
        self._height += 1
        self._told.clear()
        member = self._store.head.membership.cosigners[0].id
        key = SigningKey(seed_of(f"{member} cosigner"))
        salt = self._height.to_bytes(8, "big")
        batch = Batch(member, self._height, salt, [encode(each.envelope) for each in records])
        transaction = encode_transaction(batch, LEDGER, lambda message: key.sign(message).signature)
        time = {"seconds": at // 1_000, "nanos": at % 1_000 * 1_000_000}
        asked = {"height": self._height, "txs": [transaction], "time": time}
        answer = self._application.finalize_block(Request(finalize_block=asked)).finalize_block
        assert answer.tx_results[0].code == 0
        self._application.commit(Request(commit={}))
        assert answer.app_hash == self._store.head.root
        return list(self._told)

    def close(self) -> None:
        """Stop it."""
        self._application.close()
        self._verifiers.stop()
