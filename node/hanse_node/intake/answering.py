"""What became of records that were sent, with what proves it: from memory where it reaches, else from the database."""

from collections import Counter
from collections.abc import Mapping, Sequence

from hanse_ledger.kinds.reasons import refused_kind
from hanse_ledger.misbehaviour.refusalfile import SignedRefusal
from hanse_ledger.records.envelope import Signed
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.merkle import TileReader, consistency_from_nodes, range_path
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import RecordId
from hanse_node.access.caller import Caller
from hanse_node.base.errors import StoreFailed
from hanse_node.base.metrics import Metrics
from hanse_node.base.receipts import Receipt
from hanse_node.queries.answers import Answered, BatchAnswer, Grown, Opened, RangeProof
from hanse_node.queries.log import newest_head
from hanse_node.queries.ownrecords import open_entry
from hanse_node.signing.refusing import RefusalSigner
from hanse_node.store.knownnodes import NotKnown
from hanse_node.store.paths import LogHashes, consecutive, read_entries
from hanse_node.store.reads import Published
from hanse_node.store.sql import SqlLedgerStore

_Proofs = tuple[tuple[RangeProof, ...], tuple[Grown, ...]]


class Answers:
    """Makes answers under the newest signed head. Any thread may ask."""

    def __init__(self, store: SqlLedgerStore, metrics: Metrics, refusals: RefusalSigner) -> None:
        self._store, self._metrics, self._refusals = store, metrics, refusals

    def from_store(
        self, caller: Caller, opened: Sequence[Opened], receipts: Sequence[Receipt], *, proven: bool, since: int = 0
    ) -> BatchAnswer:
        """Say what became of envelopes, under the newest signed head. It may read the database.

        Args:
            caller: who has sent them.
            opened: what was handed to `Intake.submit`.
            receipts: what it gave.
            proven: whether to add proofs of inclusion, the stored envelopes of records that stood already, and signed
                statements of those that were refused.
            since: the size of the head that the asker remembers; it, and newer ones that it may have seen since, are
                proven to be extended. 0 for none.
        """
        old = {receipt.position for receipt in receipts if receipt.position is not None and receipt.previous is None}
        published = newest_head(self._store)
        with self._store.reading() as reads:
            entries = read_entries(reads, old)
            log = LogHashes(reads, self._store.nodes)
            return self._answer(
                opened, receipts, published, entries, self._proofs(receipts, published, log, since) if proven else None
            )

    def at_once(
        self, caller: Caller, opened: Sequence[Opened], receipts: Sequence[Receipt], *, proven: bool, since: int = 0
    ) -> BatchAnswer | None:
        """Say what became of envelopes, as `from_store` does, from memory alone; nil where that does not reach."""
        if any(receipt.position is not None and receipt.previous is None for receipt in receipts):
            return None
        published = newest_head(self._store)
        try:
            proofs = self._proofs(receipts, published, self._store.nodes, since) if proven else None
        except NotKnown:
            return None
        return self._answer(opened, receipts, published, {}, proofs)

    def _proofs(self, receipts: Sequence[Receipt], published: Published, log: TileReader, since: int) -> _Proofs:
        size = published.size
        positions = {receipt.position for receipt in receipts if receipt.position is not None}
        ranges = tuple(RangeProof(*run, tuple(range_path(log, *run, size))) for run in consecutive(positions))
        # Of where a range starts, its own path tells what the log was before.
        older = {since, *(recent for recent in self._store.recent if recent > since > 0)}
        older -= {proof.start for proof in ranges}
        growth = (Grown(old, tuple(consistency_from_nodes(log, old, size))) for old in older if 0 < old < size)
        return ranges, tuple(growth)

    def _answer(
        self,
        opened: Sequence[Opened],
        receipts: Sequence[Receipt],
        published: Published,
        entries: Mapping[int, bytes],
        proofs: _Proofs | None,
    ) -> BatchAnswer:
        proven = proofs is not None
        ranges, growth = proofs or (None, None)
        left, size, note = iter(receipts), published.size, published.note
        refusals = self._refused(opened, receipts, note) if proven else {}
        results = tuple(
            Answered(error=each)
            if isinstance(each, Malformed)
            else _answered(each, next(left), entries, refusals.get(each.id), proven=proven)
            for each in opened
        )
        self._count(results)
        return BatchAnswer(size=size, checkpoint=note, results=results, ranges=ranges, growth=growth)

    def _refused(
        self, opened: Sequence[Opened], receipts: Sequence[Receipt], note: str
    ) -> dict[RecordId, SignedRefusal | None]:
        """Sign what was refused, beside a head."""
        refused = {receipt.record: receipt for receipt in receipts if receipt.refusal is not None}
        if not refused:
            return {}
        head = parse_checkpoint(parse_note(note.encode()).text)
        records = {each.id: each for each in opened if isinstance(each, Signed) and each.id in refused}
        return {name: self._refusals.sign(each, refused[name], head) for name, each in records.items()}

    def _count(self, results: Sequence[Answered]) -> None:
        outcomes = Counter(
            "malformed" if result.receipt is None else result.receipt.outcome.value for result in results
        )
        for outcome, count in outcomes.items():
            self._metrics.count_records(outcome, count)


def _answered(
    signed: Signed,
    receipt: Receipt,
    entries: Mapping[int, bytes],
    statement: SignedRefusal | None,
    *,
    proven: bool,
) -> Answered:
    previous, envelope = receipt.previous, None
    data = None if receipt.position is None else entries.get(receipt.position)
    if data is not None:
        stored, standing = open_entry(data)
        if standing.id != signed.id:
            raise StoreFailed(f"the record at position {receipt.position} is another one than its row says")
        previous, envelope = stored.previous, stored.payload if proven else None
    return Answered(
        id=signed.id,
        kind=signed.record.kind
        if receipt.refusal is None
        else refused_kind(signed.record.body, receipt.refusal.pointer),
        receipt=receipt,
        previous=previous,
        envelope=envelope,
        error=receipt.refusal,
        statement=statement,
    )
