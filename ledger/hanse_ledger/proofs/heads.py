"""Signed heads: is a checkpoint one of this ledger, and who vouches for it?"""

from typing import Protocol

from msgspec import Struct

from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.tlog.notes import ED25519_COSIGNATURE, Note, VerifierKey
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Untrusted
from hanse_ledger.values.keys import ED25519
from hanse_ledger.values.messages import quoted, said
from hanse_ledger.values.types import LedgerId, MemberId
from hanse_ledger.wire.genesis import origin_of
from hanse_ledger.wire.membership import Cosigner, Membership


class SignedHead(Struct, frozen=True, kw_only=True):
    """A checkpoint with a quorum behind it.

    `vouchers` are the cosigners whose signatures hold, in the order of their names; `signed_at_seconds` is the
    newest time at or after which a quorum of them signed, so that no single one makes a head look fresh;
    `strangers` are the names on lines that the trust file does not know.
    """

    checkpoint: Checkpoint
    vouchers: tuple[MemberId, ...]
    signed_at_seconds: int
    strangers: tuple[str, ...]


class Trusted(Protocol):
    """Whom a verifier trusts: a `TrustFile`."""

    @property
    def ledger(self) -> LedgerId:
        """The ledger."""
        ...

    def at(self, size: int) -> Membership:
        """Give the members in force under a log of so many entries."""
        ...


def verify_head(note: Note, trust: Trusted) -> SignedHead:
    """Verify a checkpoint: its log's signature, and a quorum of cosignatures, of the cosigners in force at its size.

    Every line by a key that the trust file knows must hold. Lines of strangers, such as witnesses, count for nothing;
    whoever must not have them asks for `strangers`.

    Raises:
        Untrusted: the log is of no cosigner in the trust file, or too few cosigners have signed.
        ProofInvalid: a signature by a known key is missing, doubled or bad.
        Malformed: the note's text is no checkpoint.
    """
    checkpoint = parse_checkpoint(note.text)
    membership = trust.at(checkpoint.size)
    origins = {origin_of(trust.ledger, cosigner.id): cosigner for cosigner in membership.cosigners}
    publisher = origins.get(checkpoint.origin)
    if publisher is None:
        raise Untrusted(
            said(
                "head.log-unknown",
                "the log {log} is of no cosigner in the trust file",
                quoted(checkpoint.origin[: limits.TEXT]),
            )
        )
    log = log_key(trust.ledger, publisher)
    verify_log_signature(note, log)
    keys = {cosigner.id: cosigning_key(trust.ledger, cosigner) for cosigner in membership.cosigners}
    signed = {(line.name, line.key_id) for line in note.signatures}
    times = {name: verify_cosignature(note, key) for name, key in keys.items() if (key.name, key.key_id) in signed}
    quorum, count = membership.parameters.quorum, len(membership.cosigners)
    if len(times) < quorum:
        raise Untrusted(
            said(
                "head.too-few",
                "{signed} of {cosigners} cosigners signed the checkpoint; {quorum} are needed",
                len(times),
                count,
                quorum,
            )
        )
    known = {(key.name, key.key_id) for key in (log, *keys.values())}
    return SignedHead(
        checkpoint=checkpoint,
        vouchers=tuple(sorted(times)),
        signed_at_seconds=sorted(times.values())[-quorum],
        strangers=tuple(sorted(name for name, key in signed if (name, key) not in known)),
    )


def log_key(ledger: LedgerId, cosigner: Cosigner) -> VerifierKey:
    """Name the key with which a cosigner signs as the log (type 0x01)."""
    return VerifierKey(name=origin_of(ledger, cosigner.id), type=ED25519, raw=cosigner.log_key)


def cosigning_key(ledger: LedgerId, cosigner: Cosigner) -> VerifierKey:
    """Name the key with which a cosigner vouches as a member (type 0x04)."""
    return VerifierKey(name=origin_of(ledger, cosigner.id), type=ED25519_COSIGNATURE, raw=cosigner.cosigning_key)
