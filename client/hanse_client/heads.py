"""Signed heads: who must have signed one, and what a proof of inclusion says about the log before it."""

from collections.abc import Sequence

from hanse_client.errors import BadAnswer, LedgerChanged
from hanse_client.views import Head
from hanse_ledger import limits
from hanse_ledger.checkpoint import parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.errors import Malformed, ProofInvalid
from hanse_ledger.hashing import hash_node
from hanse_ledger.keys import ED25519
from hanse_ledger.merkle import EMPTY_ROOT
from hanse_ledger.notes import ED25519_COSIGNATURE, Note, VerifierKey, parse_note
from hanse_ledger.trust import Cosigner, TrustFile, origin_of
from hanse_ledger.types import Digest


def read_head(note: bytes, trust: TrustFile) -> Head:
    """Read a signed head and verify its log's signature and a quorum of cosignatures.

    Unlike a proof file, a head that a node serves may bear lines of others, such as witnesses; they count for nothing.

    Raises:
        BadAnswer: it is no checkpoint of this ledger, or a signature is missing or bad.
    """
    try:
        return _verify(note, parse_note(note), trust)
    except (Malformed, ProofInvalid) as error:
        raise BadAnswer(f"The node's head does not verify: {error}.") from error


def _verify(data: bytes, note: Note, trust: TrustFile) -> Head:
    checkpoint = parse_checkpoint(note.text)
    membership = trust.genesis.membership
    origins = {origin_of(trust.ledger, cosigner.id): cosigner for cosigner in membership.cosigners}
    publisher = origins.get(checkpoint.origin)
    if publisher is None:
        _name_other_ledger(checkpoint.origin, trust)
        raise ProofInvalid(f"the log {checkpoint.origin[: limits.TEXT]!r} is of no cosigner in the trust file")
    verify_log_signature(note, _key(trust, publisher, ED25519))
    lines = {(line.name, line.key_id) for line in note.signatures}
    vouching, seconds = [], 0
    for cosigner in membership.cosigners:
        key = _key(trust, cosigner, ED25519_COSIGNATURE)
        if (key.name, key.key_id) in lines:
            seconds = max(seconds, verify_cosignature(note, key))
            vouching.append(cosigner.id)
    if len(vouching) < membership.parameters.quorum:
        wanted, count = membership.parameters.quorum, len(membership.cosigners)
        raise ProofInvalid(f"{len(vouching)} of {count} cosigners signed it; {wanted} are needed")
    return Head(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        vouchers=tuple(vouching),
        signed_at_seconds=seconds,
        note=data,
    )


def _name_other_ledger(origin: str, trust: TrustFile) -> None:
    """Say so where the head is one of another ledger: that is no mistake of a node that serves this one."""
    ledger = origin.partition("/")[0]
    if len(ledger) == 64 and ledger != trust.ledger.hex():
        raise LedgerChanged(f"The node serves ledger {ledger[:16]}…; the trusted one is {trust.ledger.hex()[:16]}….")


def _key(trust: TrustFile, cosigner: Cosigner, kind: int) -> VerifierKey:
    raw = cosigner.log_key if kind == ED25519 else cosigner.cosigning_key
    return VerifierKey(name=origin_of(trust.ledger, cosigner.id), type=kind, raw=raw)


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
