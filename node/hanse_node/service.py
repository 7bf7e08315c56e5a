"""The use cases of a node, one method each. They block; the front runs them beside its event loop."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from hanse_ledger.blocks.group import Head
from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.proofs.heads import log_key
from hanse_ledger.proofs.voting import write_proposals
from hanse_ledger.records.entry import STATE
from hanse_ledger.records.envelope import Signed
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import VerifierKey, parse_note
from hanse_ledger.tlog.tlog_tiles import TILE_WIDTH, parse_tile_path
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import MemberId, ObjectId, RecordId
from hanse_ledger.wire.genesis import origin_of
from hanse_ledger.wire.membership import Cosigner as Named
from hanse_ledger.wire.membership import Membership
from hanse_node.access.quotas import QuotaKeeper, Reservation
from hanse_node.base.bounds import EVENTS_READ
from hanse_node.base.errors import NodeError, QuotaExceeded, StoreFailed
from hanse_node.base.metrics import Metrics
from hanse_node.base.receipts import Receipt
from hanse_node.engine.engine import Engine, EngineStatus
from hanse_node.intake.answering import Answers, newest_head
from hanse_node.peers.cosigning import AskedHead, Cosigner
from hanse_node.peers.evidences import Evidences
from hanse_node.peers.groups import GroupShown
from hanse_node.queries.answers import Happened, Opened, Page, Stored, Tile, place_of
from hanse_node.queries.chains import Chains
from hanse_node.queries.gathering import NotFound, find_subjects
from hanse_node.queries.happenings import read_events
from hanse_node.queries.ownrecords import OwnRecords, open_entry
from hanse_node.queries.prove import From, View, encode_proof, prove_full, prove_status, subject_of
from hanse_node.queries.voting import ahead_words, prove_proposals, warnings_of
from hanse_node.signing.cosign import HeadSigner, write_policy
from hanse_node.store.entries import read_type
from hanse_node.store.paths import LogHashes, read_entries
from hanse_node.store.reads import Published, standing_head
from hanse_node.store.sql import SqlLedgerStore
from hanse_node.store.tiles import HASH_BYTES


class Service:
    """What a node does for whoever asks. Any thread may call."""

    def __init__(
        self,
        store: SqlLedgerStore,
        engine: Engine,
        signer: HeadSigner,
        metrics: Metrics,
        quotas: QuotaKeeper,
        evidences: Evidences,
    ) -> None:
        self._store, self._engine, self._signer, self._metrics = store, engine, signer, metrics
        self._quotas, self._cosigner, self._evidences = quotas, Cosigner(store, signer, evidences), evidences
        self._own_records, self._chains = OwnRecords(), Chains()
        self.answers = Answers(store, metrics)
        self._listeners: list[Callable[[], None]] = []
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

    def listen(self, listener: Callable[[], None]) -> None:
        """Tell somebody, in any thread, after records may have come to stand in the ledger."""
        self._listeners.append(listener)

    def submit(self, opened: Sequence[Opened], sender: str = "", holder: str = "") -> Future[list[Receipt]]:
        """Hand the well-formed ones among envelopes to the engine.

        Args:
            opened: what was sent.
            sender: the address from which it came.
            holder: whose turn they wait for, among others that send (`Caller.holder`).

        Returns:
            Their receipts, in order, once they are durable and under a signed head.

        Raises:
            QuotaExceeded: a key, or the sender, has sent too much.
            Busy: too many records wait.
            Stopped: the engine takes none. (The future may raise it too.)
        """
        batch = [each for each in opened if isinstance(each, Signed)]
        try:
            reserved = self._quotas.reserve(batch, sender)
        except QuotaExceeded:
            self._metrics.refuse_for_quota()
            raise
        self._quotas.blame(sender, len(opened) - len(batch))
        if not batch:
            done: Future[list[Receipt]] = Future()
            done.set_result([])
            return done
        try:
            receipts = self._engine.submit(batch, holder)
        except NodeError:
            self._quotas.settle(reserved, batch, None)
            raise
        receipts.add_done_callback(lambda done: self._decided(reserved, batch, done))
        return receipts

    def record(self, name: RecordId) -> Stored:
        """Find a record. Raises NotFound."""
        with self._store.showing() as reads:
            position = reads.find_record(name)
            data = None if position is None else reads.entry(position)
        if position is None:
            raise NotFound(f"no record has the id {name.hex()}")
        if data is None:
            raise StoreFailed(f"a record's row names position {position}, where no entry stands")
        entry, signed = open_entry(data)
        if signed.id != name:
            raise StoreFailed(f"the record at position {position} is another one than its row says")
        return Stored(row=place_of(entry, signed), entry=data, signed=signed)

    def object(self, kind: str, name: ObjectId) -> tuple[Head, int, Object]:
        """Find an object of a kind: the head as of which it stands so, its number, itself. Raises NotFound."""
        with self._store.showing() as reads:
            number, value = find_subjects(reads, [name])[0]
            return standing_head(reads), number, _of_kind(value, kind)

    def proof(self, names: Sequence[ObjectId], view: View, begin: From = From.BEGINNING) -> bytes:
        """Make a proof file about objects.

        Args:
            names: the subjects, 1 to 64, each once.
            view: how much it shows.
            begin: where the histories of a full one begin, if they would fit from the beginning.

        Raises:
            NotFound: an object does not exist.
            TooLarge: it would exceed a bound of proof files.
        """
        if not 1 <= len(names) <= limits.REFS or len(set(names)) != len(names):
            raise Malformed(f"a proof is about 1 to {limits.REFS} objects, each named once", pointer="/query/object")
        if view is View.FULL:
            data = prove_full(self._store, names, self._own_records, begin)
        else:
            with self._store.snapshot() as snapshot:
                made = prove_status(snapshot, self._store.ledger, find_subjects(snapshot, names))
            data = encode_proof(made)
        self._metrics.measure_proof(len(data))
        return data

    def record_proof(self, name: RecordId) -> bytes:
        """Make a full proof about the object that a record creates, else the first that it names. Raises as `proof`."""
        return self.proof([subject_of(self.record(name).signed)], View.FULL)

    def page(self, kind: str | None, name: ObjectId, before: int | None, limit: int) -> Page:
        """List records of an object's history, newest first.

        Args:
            kind: what kind of object it must be; any, if nil.
            name: the object.
            before: list records of a smaller sequence than this; nil begins with the newest.
            limit: how many, from 1.

        Raises:
            NotFound: there is no such object.
        """
        with self._store.snapshot() as snapshot:
            subjects = find_subjects(snapshot, [name])
            proof = prove_status(snapshot, self._store.ledger, subjects)
        number, value = subjects[0]
        if kind is not None:
            _of_kind(value, kind)
        count = value.history.count
        end = count if before is None else min(before, count)
        begin = max(0, end - limit)
        with self._store.reading() as reads:
            rows = reads.history(name, before=end, limit=end - begin) if end > begin else []
            entries = read_entries(reads, (row.position for row in rows))
            earlier = self._chains.at(reads, number, begin)
        records = tuple((row.sequence, place_of(*open_entry(entries[row.position]))) for row in rows)
        top = earlier
        for _, record in reversed(records):
            top = top.after(record.id)
        if len(records) != end - begin or (end == count and top != value.history):
            raise StoreFailed("the records of a history do not replay to its head")
        return Page(id=name, top=top, earlier=earlier, records=records, proof=proof)

    def events(self, begin: int) -> Happened:
        """Read what happened from a position on, up to the newest signed head; at most 256 entries at once."""
        size, _ = self._published()
        end = min(size, begin + EVENTS_READ)
        if begin >= end:
            return Happened((), begin, more=False)
        with self._store.reading() as reads:
            return Happened(read_events(reads, begin, end), end, more=end < size)

    def read_head(self, checkpoint: bytes, member: MemberId) -> AskedHead:
        """Read and verify a head that another member's node wants cosigned: see `Cosigner.read`."""
        return self._cosigner.read(checkpoint, member)

    def cosign(self, asked: AskedHead) -> bytes:
        """Cosign it: see `Cosigner.cosign`."""
        return self._cosigner.cosign(asked)

    @property
    def committed_size(self) -> int:
        """How many entries are committed, signed or not."""
        return self._store.head.size

    @property
    def published_size(self) -> int:
        """How many entries the newest signed head covers."""
        published = self._store.published
        return 0 if published is None else published.size

    def watch(self, watcher: Callable[[], None]) -> None:
        """Tell somebody, in any thread, after each commit and each newly shown head."""
        self._store.watch(watcher)

    def keep_evidence(self, data: bytes) -> None:
        """Keep evidence against a member that another node has found. Raises Malformed if it proves nothing."""
        try:
            self._evidences.keep(data)
        except OSError as error:
            raise StoreFailed(f"the evidence cannot be kept: {error.strerror}") from error

    def checkpoint(self) -> str:
        """Give the newest signed head, a C2SP note."""
        return self._published().note

    def group_after(self, size: int) -> GroupShown:
        """Give the group that follows a log of so many entries, as it stands under the newest signed head.

        Raises:
            NotFound: there is none under it.
        """
        published = self._published()
        if not 1 <= size < published.size:
            raise NotFound(f"no group follows the first {size} entries")
        with self._store.reading() as reads:
            entries = reads.entries(size - 1, size)
            while len(entries) == 1 or read_type(entries[-1]) != STATE:
                begin = size - 1 + len(entries)
                more = reads.entries(begin, min(begin + EVENTS_READ, published.size))
                ends = [place for place, data in enumerate(more, 1) if read_type(data) == STATE]
                entries += more[: ends[0]] if ends else more
            path = LogHashes(reads, self._store.nodes).range_path(size - 1, size - 1 + len(entries), published.size)
        return GroupShown(entries=tuple(entries), head=published.note, path=tuple(path))

    def tile(self, path: str) -> Tile | None:
        """Find a tile or a bundle of entries by its C2SP path, `tile/…`; nothing that no published size has."""
        try:
            level, index, width = parse_tile_path(path)
        except Malformed:
            return None
        size, _ = self._published()
        filled = size if level == "entries" else size >> 8 * level
        if index * TILE_WIDTH + width > filled:
            return None
        with self._store.reading() as reads:
            if level == "entries":
                data = reads.entry_bundle(index, width)
            else:
                data = reads.tile(level, index)[: width * HASH_BYTES]
        if not data:
            raise StoreFailed(f"{path} is missing")
        return Tile(data, full=width == TILE_WIDTH)

    def trust(self) -> bytes:
        """Write this ledger's trust file, as of the newest head that enough have signed."""
        with self._store.showing() as reads:
            return self._store.members.as_of(reads).to_bytes()

    def proposals(self) -> bytes:
        """Prove what the members are voting on, as of the newest head that enough have signed."""
        with self._store.snapshot() as snapshot:
            return write_proposals(prove_proposals(snapshot, self._store.ledger))

    def log_key(self) -> VerifierKey:
        """Give the key that verifies the log that this node shows."""
        with self._store.showing() as reads:
            membership = standing_head(reads).membership
        return log_key(self._store.ledger, self._shown_log(membership))

    def _shown_log(self, membership: Membership) -> Named:
        """Find whose log is shown: this node's own, or where it only follows, another's."""
        origin = parse_checkpoint(parse_note(self._published().note.encode()).text).origin
        return next(each for each in membership.cosigners if origin_of(self._store.ledger, each.id) == origin)

    def policy(self) -> str:
        """Write the C2SP tlog-policy of the log that this node shows."""
        with self._store.showing() as reads:
            membership = standing_head(reads).membership
        return write_policy(self._store.ledger, membership, self._shown_log(membership))

    def status(self) -> EngineStatus:
        """Tell whether records are taken."""
        return self._engine.status()

    def warnings(self) -> tuple[str, ...]:
        """Say what does not hinder today, and will."""
        return (*warnings_of(self._store.head, self._signer.seconds), self.ahead())

    def ahead(self) -> str:
        """Say that the ledger's time lies ahead of the present, and whose clock it was; nothing where it does not."""
        head = self._store.head
        return ahead_words(head.time, self._signer.ahead(head.time), head.membership)

    def measures(self) -> bytes:
        """Write the node's measures in Prometheus' text form."""
        return self._metrics.write()

    def _published(self) -> Published:
        return newest_head(self._store)

    def _decided(self, reserved: Reservation, batch: Sequence[Signed], done: Future[list[Receipt]]) -> None:
        self._quotas.settle(reserved, batch, None if done.exception() else done.result())
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _of_kind(value: Object, kind: str) -> Object:
    if type_of(value).name != kind:
        raise NotFound(f"the object is of another kind than {kind}")
    return value
