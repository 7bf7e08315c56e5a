"""Files that everything is checked with: proofs, open proposals, the trust file."""

from collections.abc import Sequence

from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.proofs.voting import write_proposals
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.metrics import Metrics
from hanse_node.queries.ownrecords import OwnRecords
from hanse_node.queries.prove import From, View, encode_proof, prove_full, prove_status, subject_of
from hanse_node.queries.readers.rights import Rights
from hanse_node.queries.records import Records
from hanse_node.queries.voting import prove_proposals
from hanse_node.store.sql import SqlLedgerStore


class Proofs:
    """Use cases about proofs."""

    def __init__(
        self, store: SqlLedgerStore, records: Records, rights: Rights, metrics: Metrics, notes: ReadNotes
    ) -> None:
        self._store, self._records, self._rights, self._metrics, self._notes = store, records, rights, metrics, notes
        self._own_records = OwnRecords()

    def of_objects(
        self, caller: Caller, object_ids: Sequence[ObjectId], view: View, begin: From = From.BEGINNING
    ) -> bytes:
        """Make a proof file about objects.

        Args:
            caller: who asks.
            object_ids: the subjects, 1 to 64, each once.
            view: how much it shows.
            begin: where the histories of a full one begin, if they would fit from the beginning.

        Raises:
            NotFound: an object does not exist, or the caller may not see it. Of a party or an office that he may not
                see whole a full proof has the records that made its keys, and none besides.
            TooLarge: it would exceed a bound of proof files.
        """
        if not 1 <= len(object_ids) <= limits.REFS or len(set(object_ids)) != len(object_ids):
            raise Malformed(f"a proof is about 1 to {limits.REFS} objects, each named once", pointer="/query/object")
        if view is View.FULL:
            whole = self.check(caller, object_ids)
            data = prove_full(self._store, object_ids, self._own_records, begin if whole else From.PRESENT)
        else:
            with self._store.snapshot() as snapshot:
                made = prove_status(snapshot, self._store.ledger, self._rights.find_seen(snapshot, caller, object_ids))
            data = encode_proof(made)
        self._metrics.measure_proof(len(data))
        self._notes.note(caller, Way.PROOF, object_ids)
        return data

    def check(self, caller: Caller, object_ids: Sequence[ObjectId]) -> bool:
        """Tell whether somebody sees the whole of all objects, and not only how they stand. Raises NotFound."""
        with self._store.showing() as reads:
            return self._rights.sees_all(
                caller, (value for _, value in self._rights.find_seen(reads, caller, object_ids))
            )

    def of_record(self, caller: Caller, name: RecordId) -> bytes:
        """Make a full proof about the object that a record creates, else the first it names. Raises as `of_objects`."""
        return self.of_objects(caller, [subject_of(self._records.find(caller, name).signed)], View.FULL)

    def proposals(self, caller: Caller) -> bytes:
        """Prove what the members are voting on, as of the newest head that enough have signed."""
        with self._store.snapshot() as snapshot:
            return write_proposals(prove_proposals(snapshot, self._store.ledger))

    def trust(self, caller: Caller) -> bytes:
        """Write this ledger's trust file, as of the newest head that enough have signed."""
        return self.trust_file(caller).to_bytes()

    def trust_file(self, caller: Caller) -> TrustFile:
        """Give the trust file with which this node judges proofs itself."""
        with self._store.showing() as reads:
            return self._store.members.as_of(reads)
