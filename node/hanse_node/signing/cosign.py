"""Signing the ledger's head: as the log, and as the member that vouches for it.

A node never signs two heads that do not extend each other. What it signed last stands in the
high-water mark, a file of its own, which is on disk before a signature leaves.
"""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from hanse_documents.semantics.epochkeys import EpochKey, open_as_node
from hanse_ledger.blocks.block import Tip
from hanse_ledger.proofs.heads import cosigning_key, log_key
from hanse_ledger.tlog.checkpoint import Checkpoint, body_text, cosignature_line, cosignature_message, log_line
from hanse_ledger.tlog.notes import Note, NoteSignature, VerifierKey, format_note
from hanse_ledger.tlog.tlog_proof import WitnessGroup, tlog_policy
from hanse_ledger.trees.merkle import TileReader, consistency_from_nodes, verify_consistency
from hanse_ledger.values.errors import Malformed, OtherRelease, ProofInvalid
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import Digest, LedgerId, MemberId, Moment, PublicKey
from hanse_ledger.wire.genesis import ledger_id
from hanse_ledger.wire.membership import Cosigner, Membership
from hanse_ledger.wire.tagkeys import TagKey
from hanse_node.base.errors import CannotStart, EquivocationRefused, StoreFailed
from hanse_node.base.folder import HIGH_WATER, NodeFolder
from hanse_node.base.twoslots import VALUE_BYTES, SlotsDamaged, TwoSlots

MARK_FORMAT = "hanse.highwater/2"
GROUP_NAME = "cosigners"


class HighWater(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest head that was signed under `origin`; `seconds` is the cosignature's time, since 1970."""

    format: str
    origin: str
    root: Digest
    seconds: int
    size: int


_mark_decoder = msgspec.json.Decoder(HighWater)


def write_policy(ledger: LedgerId, membership: Membership, cosigner: Cosigner) -> str:
    """Write the policy under which a cosigner's log may be trusted: its log, and a quorum of all cosigners.

    Source: C2SP tlog-policy. A witness bears its key's name, which no group can have.
    """
    witnesses = {key.name: key for key in (cosigning_key(ledger, each) for each in membership.cosigners)}
    quorum = WitnessGroup(GROUP_NAME, membership.parameters.quorum, tuple(witnesses))
    return tlog_policy([log_key(ledger, cosigner)], witnesses, [quorum], GROUP_NAME)


class HeadSigner:
    """Signs heads, each an extension of the one before. One instance a folder; used by one thread at a time."""

    def __init__(self, folder: NodeFolder, clock: Callable[[], Moment]) -> None:
        """Take up signing where the high-water mark says.

        Args:
            folder: the open folder, with its keys.
            clock: the present in milliseconds since 1970.

        Raises:
            CannotStart: the high-water mark cannot be read, or is another ledger's.
        """
        self._cosigner, self._keys = folder.cosigner, folder.keys
        ledger = ledger_id(folder.genesis)
        self._log_key, self._cosigning_key = log_key(ledger, self._cosigner), cosigning_key(ledger, self._cosigner)
        self._slots, self._clock, self.folder = TwoSlots(folder.high_water), clock, folder.path
        self._mark = self._read()

    @property
    def origin(self) -> str:
        """The name of this node's log."""
        return self._log_key.name

    @property
    def cosigner(self) -> MemberId:
        """Which member this node vouches for."""
        return self._cosigner.id

    @property
    def mark(self) -> HighWater | None:
        """What was signed last; nothing before the first signature."""
        return self._mark

    @property
    def seconds(self) -> int:
        """When something was signed last, in seconds since 1970; 0 before the first signature."""
        return 0 if self._mark is None else self._mark.seconds

    def ahead(self, time: Moment) -> int:
        """Tell how far a time lies ahead of this node's own clock, in milliseconds; at least 0."""
        return max(0, time - self._clock())

    def vkeys(self) -> tuple[VerifierKey, VerifierKey]:
        """Give the keys that verify this node's signatures: as the log, as the cosigner; `str` writes C2SP vkeys."""
        return self._log_key, self._cosigning_key

    def in_force(self, membership: Membership) -> bool:
        """Tell whether the members name this node with these keys: else it vouches for nothing."""
        return self.is_of(membership.cosigner(self.cosigner))

    def may_sign(self, head: Tip) -> bool:
        """Tell whether a head is this node's to sign: it is in force under it, and has signed none that covers more."""
        return self.in_force(head.membership) and not self.ahead_of(head)

    def is_of(self, cosigner: Cosigner | None) -> bool:
        """Tell whether a cosigner's keys are this node's."""
        own = self._cosigner
        return cosigner is not None and (cosigner.log_key, cosigner.cosigning_key) == (own.log_key, own.cosigning_key)

    def sign_own(self, message: bytes) -> bytes:
        """Sign something of this node's own with its cosigning key; any thread may call.

        Args:
            message: the DSSE pre-authentication encoding of `member.ready`, what names a batch for the engine, or what
                a secret follows from (`publications`). Each begins with words of its own, and as no checkpoint does.
        """
        return self._keys.cosigning.sign(message).signature

    def open_tag_key(self, stated: TagKey) -> EpochKey | None:
        """Open the members' key of an epoch of tags, sealed to this node's cosigning key; nil where none is.

        Raises:
            ProofInvalid: it is sealed to another key, or is not the one for which the members have voted.
        """
        box = next((sealed.box for sealed in stated.sealed if sealed.member == self.cosigner), None)
        return None if box is None else open_as_node(stated, box, self._keys.cosigning)

    @property
    def ready_key(self) -> PublicKey:
        """The key of `sign_own`, as a key of the wire."""
        return self._cosigner.ready_key

    def sign(self, head: Tip, log: TileReader) -> str:
        """Sign a head that is durable.

        Args:
            head: the head; it must extend what was signed last, or be the same.
            log: the hashes of the log up to that head, from which its growth is proven.

        Returns:
            The C2SP checkpoint: a signed note with the log's signature and the cosignature.

        Raises:
            EquivocationRefused: the head does not extend the one that was signed last.
            StoreFailed: the high-water mark cannot be written. No signature has left.
        """
        root = self.check(head, log)
        seconds = self._clock() // 1000
        if self._mark is not None:
            # A clock that was set back must not make a newer signature look older.
            seconds = max(seconds, self._mark.seconds)
        mark = HighWater(format=MARK_FORMAT, origin=self.origin, root=root, seconds=seconds, size=head.size)
        self._remember(mark)
        body = body_text(Checkpoint(self.origin, head.size, root))
        signed = self._keys.log.sign(body.encode()).signature
        cosigned = self._keys.cosigning.sign(cosignature_message(seconds, body)).signature
        lines = (log_line(self._log_key, signed), cosignature_line(self._cosigning_key, seconds, cosigned))
        return format_note(Note(body, lines)).decode()

    def cosign(self, body: str) -> NoteSignature:
        """Vouch as a member for another node's head, whose root this node's own log has at that size.

        Args:
            body: the checkpoint's text. The caller has compared it; any thread may call.

        Returns:
            The cosignature's line (C2SP tlog-cosignature).
        """
        seconds = self._clock() // 1000
        signature = self._keys.cosigning.sign(cosignature_message(seconds, body)).signature
        return cosignature_line(self._cosigning_key, seconds, signature)

    def ahead_of(self, head: Tip) -> bool:
        """Tell whether more was signed than this head covers: the ledger was restored, and must catch up first."""
        return self._mark is not None and self._mark.size > head.size

    def check(self, head: Tip, log: TileReader) -> Digest:
        """Check that a head extends, or is, the one that was signed last, and give its root.

        Raises:
            EquivocationRefused: it does not.
        """
        mark, root = self._mark, head.root
        if mark is None:
            return root
        if head.size < mark.size:
            raise EquivocationRefused(f"a head of {mark.size} entries was signed, and this one has {head.size}")
        try:
            path = consistency_from_nodes(log, mark.size, head.size)
            verify_consistency(mark.size, head.size, mark.root, root, path)
        except (IndexError, ProofInvalid) as error:
            raise EquivocationRefused(
                f"the head of {head.size} entries does not extend the one of {mark.size} that was signed: {error}"
            ) from error
        return root

    def adopt(self, size: int, root: Digest) -> None:
        """Take a head as signed, so that only what extends it will be: a restored node knows no later one.

        It must extend the mark, if there is one. Raises StoreFailed.
        """
        seconds = self._clock() // 1000
        if self._mark is not None:
            assert self._mark.size <= size, "the mark never goes back"
            seconds = max(seconds, self._mark.seconds)
        self._remember(HighWater(format=MARK_FORMAT, origin=self.origin, root=root, seconds=seconds, size=size))

    def _remember(self, mark: HighWater) -> None:
        """Put the mark on disk: from here on no other head of this size is ever signed.

        A crash after it leaves a mark without its signature; the next start signs the same head again.
        """
        try:
            self._slots.write(encode_json(mark))
        except OSError as error:
            raise StoreFailed(f"the high-water mark cannot be written: {error.strerror}") from error
        self._mark = mark

    def _read(self) -> HighWater | None:
        step = "Restore the file from this node's own disk; never from a backup of another time"
        try:
            data = self._slots.read()
            if data is None:
                return None
            mark = decode_json(data, _mark_decoder, what=HIGH_WATER, most=VALUE_BYTES, form=MARK_FORMAT)
        except OSError as error:
            raise CannotStart(f"{HIGH_WATER} cannot be read: {error.strerror}", "Restore its rights") from error
        except OtherRelease as error:
            # What was signed once binds; no release may pass over it.
            raise CannotStart(f"The high-water mark is of another release: {error.detail}", "Use that one") from error
        except (SlotsDamaged, Malformed) as error:
            raise CannotStart(f"The high-water mark is damaged: {error}", step) from error
        if (mark.origin, len(mark.root)) != (self.origin, 32):
            raise CannotStart("The high-water mark is of another ledger or node", step)
        return mark
