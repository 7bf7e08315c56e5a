"""Signed heads: who must have signed one, and what a proof of inclusion says about the log before it."""

from hanse_client.base.errors import BadAnswer, LedgerChanged
from hanse_client.base.views import Head
from hanse_ledger.proofs.heads import verify_head
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.tlog.checkpoint import parse_checkpoint
from hanse_ledger.tlog.notes import Note, parse_note
from hanse_ledger.values.errors import Malformed, ProofInvalid, Untrusted


def read_head(note: bytes, trust: TrustFile) -> Head:
    """Read a signed head and verify its log's signature and a quorum of cosignatures.

    Unlike a proof file, a head that a node serves may bear lines of others, such as witnesses; they count for nothing.

    Raises:
        BadAnswer: it is no checkpoint of this ledger, or a signature is missing or bad.
    """
    try:
        parsed = parse_note(note)
        _name_other_ledger(parsed, trust)
        head = verify_head(parsed, trust)
    except (Malformed, ProofInvalid, Untrusted) as error:
        raise BadAnswer(f"The node's head does not verify: {error}.") from error
    return Head(
        origin=head.checkpoint.origin,
        size=head.checkpoint.size,
        root=head.checkpoint.root,
        vouchers=head.vouchers,
        signed_at_seconds=head.signed_at_seconds,
        note=note,
        strangers=head.strangers,
    )


def _name_other_ledger(note: Note, trust: TrustFile) -> None:
    """Say so where the head is one of another ledger: that is no mistake of a node that serves this one."""
    ledger = parse_checkpoint(note.text).origin.partition("/")[0]
    if len(ledger) == 64 and ledger != trust.ledger.hex():
        raise LedgerChanged(ledger, trust.ledger.hex())
