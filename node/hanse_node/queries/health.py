"""How the node does: whether it takes records, what is not well, and its measures."""

from hanse_node.access.caller import Caller
from hanse_node.base.metrics import Metrics
from hanse_node.engine.engine import Engine, EngineStatus
from hanse_node.peers.evidences import Evidences
from hanse_node.queries.voting import ahead_words, warnings_of
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.sql import SqlLedgerStore


class Health:
    """Use cases about the node itself."""

    def __init__(
        self, store: SqlLedgerStore, engine: Engine, signer: HeadSigner, metrics: Metrics, evidences: Evidences
    ) -> None:
        self._store, self._engine, self._signer, self._metrics = store, engine, signer, metrics
        engine.observe(metrics.commit)
        metrics.watch("hanse_log_size_entries", "Entries in the log.", lambda: store.head.size)
        metrics.watch("hanse_block_time_seconds", "Time of the newest group.", lambda: store.head.time / 1000)
        metrics.watch("hanse_queue_records", "Records that wait.", lambda: engine.status().queued_records)
        metrics.watch("hanse_queue_bytes", "Bytes of records that wait.", lambda: engine.status().queued_bytes)
        metrics.watch("hanse_ready", "1 while records are taken.", lambda: float(engine.status().failure is None))
        metrics.watch("hanse_signature_time_seconds", "Time of the newest signature.", lambda: signer.seconds)
        metrics.watch("hanse_database_size_bytes", "The database's file.", lambda: store.sizes().database)
        metrics.watch("hanse_write_ahead_log_size_bytes", "What is not yet in it.", lambda: store.sizes().log)
        metrics.watch("hanse_evidence_files", "Evidence against members.", evidences.count)
        metrics.watch("hanse_disk_free_bytes", "Room on the database's disk.", lambda: store.sizes().free)

    def status(self, caller: Caller) -> EngineStatus:
        """Tell whether records are taken."""
        return self._engine.status()

    def warnings(self, caller: Caller) -> tuple[str, ...]:
        """Say what does not hinder today, and will."""
        return (*warnings_of(self._store.head, self._signer.seconds), self.ahead(caller))

    def ahead(self, caller: Caller) -> str:
        """Say that the ledger's time lies ahead of the present, and whose clock it was; nothing where it does not."""
        head = self._store.head
        return ahead_words(head.time, self._signer.ahead(head.time), head.membership)

    def measures(self, caller: Caller) -> bytes:
        """Write the node's measures in Prometheus' text form."""
        return self._metrics.write()
