"""Signed heads: who must have signed one, and what a proof of inclusion says about the log before it."""

from collections.abc import Sequence

from hanse_client.errors import BadAnswer, LedgerChanged
from hanse_client.views import Head
from hanse_ledger.checkpoint import parse_checkpoint
from hanse_ledger.errors import Malformed, ProofInvalid, Untrusted
from hanse_ledger.hashing import hash_node
from hanse_ledger.heads import verify_head
from hanse_ledger.merkle import EMPTY_ROOT
from hanse_ledger.notes import Note, parse_note
from hanse_ledger.trust import TrustFile
from hanse_ledger.types import Digest


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
    )


def _name_other_ledger(note: Note, trust: TrustFile) -> None:
    """Say so where the head is one of another ledger: that is no mistake of a node that serves this one."""
    ledger = parse_checkpoint(note.text).origin.partition("/")[0]
    if len(ledger) == 64 and ledger != trust.ledger.hex():
        raise LedgerChanged(f"The node serves ledger {ledger[:16]}…; the trusted one is {trust.ledger.hex()[:16]}….")


def root_before(index: int, size: int, path: Sequence[Digest]) -> Digest:
    """Compute the root that the log had when it held `index` leaves, from a verified inclusion proof of that leaf.

    The siblings on the left of the way are the complete subtrees of everything before the leaf; whoever has verified
    the path knows them. So a new record proves by itself that the log behind it was only appended to.

    Args:
        index: position of the leaf.
        size: leaves in the tree, more than `index`.
        path: the inclusion proof, already verified.
    """
    assert 0 <= index < size
    left: list[Digest] = []
    last = size - 1
    for sibling in path:
        if index & 1 or index == last:
            left.append(sibling)
            while index & 1 == 0 and index != 0:
                index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    if not left:
        return EMPTY_ROOT
    root = left[0]
    for sibling in left[1:]:
        root = hash_node(sibling, root)
    return root
