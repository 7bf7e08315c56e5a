"""Members vouch for each other's heads: a node compares a peer's head with its own tree, and signs it; or says why not.

A member's cosignature says: I replayed every entry and reached this root. Source: C2SP tlog-cosignature.
"""

import logging
from collections.abc import Mapping, Sequence

from msgspec import Struct

from hanse_ledger.checkpoint import parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.contradiction import contradict, write_contradiction
from hanse_ledger.entry import STATE
from hanse_ledger.errors import LedgerError, Malformed, ProofInvalid
from hanse_ledger.heads import cosigning_key, log_key
from hanse_ledger.membership import Cosigner as Named
from hanse_ledger.membership import Membership
from hanse_ledger.merkle import root_from_nodes
from hanse_ledger.notes import Note, NoteSignature, format_note, parse_note
from hanse_ledger.trust import origin_of
from hanse_ledger.types import LedgerId
from hanse_node.cosign import HeadSigner
from hanse_node.errors import NodeError
from hanse_node.evidences import Evidences
from hanse_node.paths import KnownNodes, LogHashes
from hanse_node.store.entries import read_type
from hanse_node.store.reads import standing_head
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)


WAIT_SECONDS = 2.0
"""So long a node waits for its own commit, when it is asked to cosign what it does not have yet."""


class Behind(NodeError):
    """This node has not come as far as the head that it should cosign. The peer should ask again."""


class Contradicted(NodeError):
    """A peer's head is of another history than this node's own. One of the two has lied, or was changed."""


class Cosigner:
    """Cosigns the heads of peers. Any thread may ask."""

    def __init__(self, store: SqlLedgerStore, signer: HeadSigner, evidences: Evidences) -> None:
        self._store, self._signer, self._evidences = store, signer, evidences
        self._ledger, self._known = store.ledger, KnownNodes()

    def cosign(self, data: bytes) -> bytes:
        """Cosign a peer's head.

        Args:
            data: the peer's checkpoint, signed by its log: so nobody else needs to be kept out.

        Returns:
            The same text as a note with this member's cosignature alone.

        Raises:
            Malformed: it is no checkpoint, or of no peer's log, or not signed by it.
            Behind: this node has fewer entries, or is no cosigner itself.
            Contradicted: this node's own log has another root at that size. It is logged with the head.
        """
        note = parse_note(data)
        head = parse_checkpoint(note.text)
        # A peer asks in the moment of its own commit: waiting for this node's spares both of them asking again.
        self._store.await_size(head.size, WAIT_SECONDS)
        membership = self._store.head.membership
        if not self._signer.in_force(membership):
            raise Behind("this node follows, and vouches for nothing")
        peer = self._peer(head.origin, membership)
        try:
            verify_log_signature(note, log_key(self._ledger, peer))
        except ProofInvalid as error:
            raise Malformed(f"the checkpoint is not signed by its log: {error}") from error
        with self._store.reading() as reads:
            size = standing_head(reads).size
            if head.size > size:
                raise Behind(f"this node has {size} entries, the head {head.size}")
            last = reads.entry(head.size - 1) if head.size else None
            root = root_from_nodes(LogHashes(reads, self._known), head.size) if head.size else b""
        if last is None or read_type(last) != STATE or root != head.root:
            log.critical("a member's head contradicts this node's own log", extra={"note": note.text, "peer": peer.id})
            self._accuse(data.decode(), head.size)
            raise Contradicted(f"this node's log has another root at {head.size} entries")
        return format_note(Note(note.text, (self._signer.cosign(note.text),)))

    def _peer(self, origin: str, membership: Membership) -> Named:
        for each in membership.cosigners:
            if origin == origin_of(self._ledger, each.id) != self._signer.origin:
                return each
        raise Malformed("the checkpoint is of no other member's log")

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
