"""Keeping up with the other members: how far they are, and how far this node is.

A node that vouches for nothing itself shows the others' heads, and says that it is ready when an accepted change brings
it.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from statistics import median_low
from time import monotonic

from hanse_ledger.kinds.member.bodies import ReportReady
from hanse_ledger.kinds.member.proposals import Proposal
from hanse_ledger.kinds.object import Object
from hanse_ledger.misbehaviour.misstatement import accuse, write_misstatement
from hanse_ledger.proofs.heads import verify_head
from hanse_ledger.records.envelope import Signed, open_envelope, pre_authentication, seal
from hanse_ledger.records.record import encode_record, make_record
from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.merkle import root_from_nodes
from hanse_ledger.values.errors import LedgerError, Malformed, ProofInvalid, Untrusted
from hanse_ledger.values.types import MemberId, Moment, ObjectId, RecordId
from hanse_ledger.wire.membership import awaited
from hanse_node.base.errors import NodeError
from hanse_node.base.receipts import Receipt
from hanse_node.peers.blocks import read_block_shown
from hanse_node.peers.collecting import Collector
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.reads import Published
from hanse_node.store.snapshot import Snapshot
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""So often others are asked how far they are, while this node is behind or follows."""

REPORT_SECONDS = 10.0
"""So often the log tells how far a node has come that catches up, and a node says again that it is ready."""

READY_MS = 3_600_000
"""So long after it was made a node's word that it is ready may be recorded."""


class Follower:
    """Lives on the engine's event loop."""

    def __init__(
        self,
        store: SqlLedgerStore,
        signer: HeadSigner,
        collector: Collector,
        reached: Callable[[Published], object],
        submit: Callable[[Sequence[Signed]], "Future[list[Receipt]]"],
        clock: Callable[[], Moment],
        doubts: Callable[[], bool],
        keep: Callable[[bytes], None],
    ) -> None:
        """Prepare to follow.

        Args:
            store: this node's ledger.
            signer: tells whether this node is in force, and signs its word that it is ready.
            collector: reaches the other members' nodes.
            reached: told of a head of theirs that this node may show, on a thread of its own.
            submit: takes this node's own record.
            clock: the present in milliseconds since 1970.
            doubts: tells whether the engine does not get on, because others' blocks say something else.
            keep: keeps evidence.
        """
        self._doubts, self._keep, self._compared = doubts, keep, 0
        self._store, self._signer, self._collector = store, signer, collector
        self._reached, self._submit, self._clock = reached, submit, clock
        self._news = asyncio.Event()
        self._caught_up = False
        self._reported_at, self._ready_at = float("-inf"), dict[RecordId, float]()
        self._begun: tuple[float, int] | None = None
        self.progress: str | None = None

    def committed(self) -> None:
        """Learn that a block was committed."""
        self._news.set()

    async def run(self) -> None:
        """Follow for ever. A round that fails is logged, and the next one tried."""
        while True:
            self._news.clear()
            try:
                await self._round()
            except NodeError as error:
                log.exception("the other members' heads cannot be followed", exc_info=error)
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _round(self) -> None:
        head = self._store.head
        in_force = self._signer.in_force(head.membership)
        if not (in_force and self._caught_up):
            await self._look(head.size, follows=not in_force)
        if not in_force or self._doubts():
            await self._compare()
        for proposal in head.proposals.whole:
            if self._caught_up and self._awaits(proposal):
                self._report(proposal)

    async def _look(self, size: int, *, follows: bool) -> None:
        """Ask the others for their heads: the newest that this node has reached is shown, if it vouches for none."""
        met = self._collector.met
        notes = await asyncio.gather(*(self._collector.head_of(member, size) for member in met))
        heads = {note: head for note in notes if note is not None and (head := _size_of(note)) is not None}
        if heads:
            self._measure(self._store.head.size, median_low([head.size for head in heads.values()]))
        if follows:
            for note in sorted(heads, key=lambda note: heads[note].size, reverse=True):
                if heads[note].size <= self._store.head.size and await asyncio.to_thread(self._show, note):
                    return

    def _show(self, note: bytes) -> bool:
        """Show a head of another member's, if a quorum has signed it, and this node's own log is the same."""
        published = self._store.published
        try:
            with self._store.reading() as reads:
                signed = verify_head(parse_note(note), self._store.members.as_of(reads))
                seen = signed.checkpoint
                if published is not None and seen.size < published.size:
                    return False
                if root_from_nodes(reads, seen.size) != seen.root:
                    log.critical("a quorum's head contradicts this node's own log", extra={"note": note.decode()})
                    return False
        except (Malformed, ProofInvalid, Untrusted, IndexError) as error:
            log.debug("a head cannot be shown", extra={"reason": str(error)})
            return False
        self._reached(Published(seen.size, note.decode()))
        return True

    async def compare_for(self, seconds: float) -> None:
        """Compare with the others for a while, until evidence is found; after an engine has failed."""
        try:
            async with asyncio.timeout(seconds):
                before = self._compared
                while self._compared == before:
                    await self._compare()
                    await asyncio.sleep(LOOK_SECONDS / 2)
        except (TimeoutError, NodeError) as error:
            log.info("nothing was found against other members", extra={"reason": type(error).__name__})

    async def _compare(self) -> None:
        """Compare what follows the newest head on which all agreed with what the others have: who else is wrong?"""
        published = self._store.published
        if published is None or published.size >= self._store.head.size or published.size == self._compared:
            return
        for member in self._collector.met:
            data = await self._collector.block_of(member, published.size)
            if data is not None and await asyncio.to_thread(self._accuse, member, data, published.size):
                self._compared = published.size

    def _accuse(self, member: MemberId, data: bytes, size: int) -> bool:
        """Put a member's block into evidence where this node's own rules write another one; tell whether it was."""
        try:
            shown = read_block_shown(data)
            with self._store.reading() as reads:
                own = reads.entries(size - 1, size - 1 + len(shown.entries))
            if len(own) != len(shown.entries) or tuple(own) == shown.entries:
                return False
            with self._store.snapshot() as view:
                if view.standing.size != size:
                    return False
                evidence = accuse(self._store.ledger, _Whole(view), shown.head, shown.entries, shown.path)
            self._keep(write_misstatement(evidence))
        except (LedgerError, OSError) as error:
            log.exception("a member's group differs from this node's own", extra={"peer": member}, exc_info=error)
            return False
        log.critical("a member's group is not what the rules write", extra={"peer": member, "after": size})
        return True

    def _measure(self, size: int, wanted: int) -> None:
        """Say how far this node has come, how far the others are, and how long it may take."""
        now = monotonic()
        if size >= wanted:
            if not self._caught_up:
                log.info("this node has caught up with the other members", extra={"size": size})
            self._caught_up, self.progress, self._begun = True, None, None
            return
        if self._caught_up and self._signer.in_force(self._store.head.membership):
            return
        self._caught_up = False
        if self._begun is None:
            self._begun = (now, size)
        seconds, done = now - self._begun[0], size - self._begun[1]
        left = f", about {seconds * (wanted - size) / done:.0f} s left" if done and seconds > LOOK_SECONDS else ""
        self.progress = f"this node catches up with the others, {size} of {wanted} entries{left}"
        if now - self._reported_at > REPORT_SECONDS:
            self._reported_at = now
            log.info(self.progress)

    def _awaits(self, proposal: Proposal) -> bool:
        """Tell whether a change waits for this very node."""
        name, membership = self._signer.cosigner, self._store.head.membership
        void = self._store.head.time >= proposal.closes
        if void or not proposal.accepted or name in proposal.ready or name not in awaited(membership, proposal.change):
            return False
        return any(self._signer.is_of(cosigner) for cosigner in proposal.change.cosigners if cosigner.id == name)

    def _report(self, proposal: Proposal) -> None:
        """Record that this node is ready; said again until it stands."""
        now = monotonic()
        if now - self._ready_at.get(proposal.id, -REPORT_SECONDS) < REPORT_SECONDS:
            return
        self._ready_at = {proposal.id: now} | {
            name: at for name, at in self._ready_at.items() if now - at < REPORT_SECONDS
        }
        created = self._clock()
        record = make_record(
            ReportReady(member=self._signer.cosigner, proposal=proposal.id),
            ledger=self._store.ledger,
            signers=(self._signer.ready_key,),
            nonce=secrets.token_bytes(16),
            created=created,
            expires=created + READY_MS,
        )
        payload = encode_record(record)
        signed = open_envelope(seal(payload, (self._signer.sign_own(pre_authentication(payload)),)))
        log.info("this node is ready, and says so", extra={"proposal": proposal.id.hex()})
        self._submit([signed]).add_done_callback(_log_answer)


class _Whole:
    """A snapshot, as an accuser knows the state (`misstatement.Whole`)."""

    def __init__(self, view: Snapshot) -> None:
        self._view = view
        self.head = view.standing
        self.object_node = view.object_node
        self.claim, self.claim_proof, self.claims_between = view.claim, view.claim_proof, view.bucket

    def object(self, object_id: ObjectId) -> Object | None:
        numbered = self._view.object(object_id)
        return None if numbered is None else numbered[1]

    def number(self, object_id: ObjectId) -> int:
        numbered = self._view.object(object_id)
        assert numbered is not None, "only an object that exists is asked for its number"
        return numbered[0]


def _log_answer(done: "Future[list[Receipt]]") -> None:
    error = done.exception()
    if error is not None:
        log.warning("the node's word that it is ready was not taken", extra={"reason": str(error)})
        return
    (receipt,) = done.result()
    log.info("the node's word that it is ready", extra={"outcome": receipt.outcome.value})


def _size_of(note: bytes) -> Checkpoint | None:
    try:
        return parse_checkpoint(parse_note(note).text)
    except Malformed:
        return None
