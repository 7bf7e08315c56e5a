"""Members vouch for each other's heads: a node compares a peer's head with its own tree, and signs it; or says why not.

A member's cosignature says: I replayed every entry and reached this root. Source: C2SP tlog-cosignature.
"""

import logging
from collections.abc import Mapping, Sequence

from msgspec import Struct

from hanse_ledger.misbehaviour.contradiction import contradict, write_contradiction
from hanse_ledger.proofs.heads import cosigning_key, log_key
from hanse_ledger.records.entry import STATE
from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.tlog.notes import Note, NoteSignature, format_note, parse_note
from hanse_ledger.trees.merkle import root_from_nodes
from hanse_ledger.values.errors import LedgerError, Malformed, ProofInvalid
from hanse_ledger.values.types import LedgerId, MemberId
from hanse_ledger.wire.genesis import origin_of
from hanse_ledger.wire.membership import Cosigner as Named
from hanse_node.base.errors import NodeError
from hanse_node.peers.evidences import Evidences
from hanse_node.signing.cosign import HeadSigner
from hanse_node.store.entries import read_type
from hanse_node.store.paths import LogHashes
from hanse_node.store.reads import standing_head
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)


class Behind(NodeError):
    """This node has not come as far as the head that it should cosign. The peer should ask again."""


class Contradicted(NodeError):
    """A peer's head is of another history than this node's own. One of the two has lied, or was changed."""


class AskedHead(Struct, frozen=True):
    """A head that a member's node wants cosigned: signed by its own log, which is verified."""

    note: Note
    head: Checkpoint
    member: MemberId
    written: str


class HeadCosigner:
    """Cosigns the heads of peers. Any thread may ask."""

    def __init__(self, store: SqlLedgerStore, signer: HeadSigner, evidences: Evidences) -> None:
        self._store, self._signer, self._evidences = store, signer, evidences
        self._ledger, self._known = store.ledger, store.nodes

    def read(self, data: bytes, member: MemberId) -> AskedHead:
        """Read a peer's head, and verify that its own log has signed it: only then is anything waited for.

        Args:
            data: the peer's checkpoint.
            member: whose node asks; nobody asks for another.

        Raises:
            Malformed: it is no checkpoint, or not of that member's log, or not signed by it.
            Behind: this node is no cosigner itself, or does not know that the member has this log.
        """
        note = parse_note(data)
        head = parse_checkpoint(note.text)
        membership = self._store.head.membership
        if not self._signer.in_force(membership):
            raise Behind("this node follows, and vouches for nothing")
        peer = membership.cosigner(member)
        if peer is None or head.origin == self._signer.origin:
            raise Behind(f"this node knows no log of {member}'s that it vouches for")
        if head.origin != origin_of(self._ledger, member):
            raise Malformed(f"the checkpoint is not of the log of {member}, whose node asks")
        try:
            verify_log_signature(note, log_key(self._ledger, peer))
        except ProofInvalid as error:
            raise Malformed(f"the checkpoint is not signed by its log: {error}") from error
        return AskedHead(note, head, member, data.decode())

    def cosign(self, asked: AskedHead) -> bytes:
        """Cosign a peer's head, if this node's own log has the same root at that size.

        Args:
            asked: what `read` gave.

        Returns:
            The same text as a note with this member's cosignature alone.

        Raises:
            Behind: this node has fewer entries.
            Contradicted: this node's own log has another root at that size. It is logged with the head.
        """
        note, head = asked.note, asked.head
        with self._store.reading() as reads:
            size = standing_head(reads).size
            if head.size > size:
                raise Behind(f"this node has {size} entries, the head {head.size}")
            last = reads.entry(head.size - 1) if head.size else None
            root = root_from_nodes(LogHashes(reads, self._known), head.size) if head.size else b""
        if last is None or read_type(last) != STATE or root != head.root:
            log.critical(
                "a member's head contradicts this node's own log", extra={"note": note.text, "peer": asked.member}
            )
            self._accuse(asked.written, head.size)
            raise Contradicted(f"this node's log has another root at {head.size} entries")
        return format_note(Note(note.text, (self._signer.cosign(note.text),)))

    def _accuse(self, note: str, size: int) -> None:
        """Keep what shows that the peer has signed another history, once a quorum's head reaches as far as its own."""
        published = self._store.published
        if published is None or published.size < size:
            return  # the peer asks again, and by then there may be one
        try:
            with self._store.reading() as reads:
                hashes = LogHashes(reads, self._known)
                root, path = root_from_nodes(hashes, size), hashes.growth(size, published.size)
            evidence = contradict(self._ledger, note, published.note, root, path)
            self._evidences.keep(write_contradiction(evidence))
        except (LedgerError, OSError) as error:
            log.exception("the evidence cannot be kept", exc_info=error)


class Quorum(Struct, frozen=True):
    """Which of the cosigners must vouch for a head, and what they have said so far."""

    own: Note
    lines: Mapping[str, NoteSignature]
    needed: int

    @property
    def reached(self) -> bool:
        """Whether enough have vouched, this node's own member included."""
        return len(self.lines) + 1 >= self.needed

    def note(self) -> str:
        """Write the checkpoint with all signatures, the others' in the order of their members."""
        lines: Sequence[NoteSignature] = [self.lines[name] for name in sorted(self.lines)]
        return format_note(Note(self.own.text, (*self.own.signatures, *lines))).decode()


def read_cosignature(data: bytes, own: Note, ledger: LedgerId, cosigner: Named) -> NoteSignature:
    """Read and verify what a peer has answered for this node's head.

    Raises:
        Malformed, ProofInvalid: it is not that member's cosignature of this very head.
    """
    answer = parse_note(data)
    if answer.text != own.text or len(answer.signatures) != 1:
        raise ProofInvalid("the answer is not of the head that was sent")
    verify_cosignature(answer, cosigning_key(ledger, cosigner))
    return answer.signatures[0]
