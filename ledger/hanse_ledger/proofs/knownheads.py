"""Heads that were verified before, so that many proofs of one head cost its signatures once."""

from msgspec import Struct

from hanse_ledger.proofs.heads import SignedHead, verify_head
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import Note, parse_note
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest


class VerifiedHead(Struct, frozen=True):
    """A head under which a proof may stand, and the members as they are known under it."""

    trust: TrustFile
    head: SignedHead


class KnownHeads:
    """The newest heads that were verified under one trust file. What did not hold is never among them."""

    def __init__(self, trust: TrustFile) -> None:
        self.trust = trust
        self._verified: dict[Digest, tuple[VerifiedHead, int]] = {}
        self._bytes = 0

    def verify(self, checkpoint: str, changes: tuple[bytes, ...], note: Note | None = None) -> VerifiedHead:
        """Follow changes of the members, and verify a checkpoint under them, unless exactly these were verified before.

        Args:
            checkpoint: the signed note.
            changes: entries of the records that changed the members, as `TrustFile.extended` takes them.
            note: what `parse_note` has made of the checkpoint already, if it has.

        Raises:
            ProofInvalid, Untrusted, Malformed: as `TrustFile.extended` and `heads.verify_head` do. Nothing is kept.
        """
        text = checkpoint.encode()
        name = hash_bytes(b"".join(len(part).to_bytes(4, "big") + part for part in (text, *changes)))
        known = self._verified.get(name)
        if known is not None:
            return known[0]
        note = note or parse_note(text)
        trust = self.trust.extended(changes, parse_checkpoint(note.text).size)
        head = VerifiedHead(trust, verify_head(note, trust))
        self._keep(name, head, len(text) + sum(map(len, changes)))
        return head

    def _keep(self, name: Digest, head: VerifiedHead, size: int) -> None:
        if size > limits.KNOWN_HEAD_BYTES:
            return
        self._verified[name] = (head, size)
        self._bytes += size
        while self._bytes > limits.KNOWN_HEAD_BYTES or len(self._verified) > limits.KNOWN_HEADS:
            self._bytes -= self._verified.pop(next(iter(self._verified)))[1]
