"""Evidence against a member: two signed heads that contradict each other, and the path that shows it.

Two heads contradict each other if they are of one size with two roots, or if the log of the larger one had another root
at the size of the smaller one. A member signs heads that extend each other, as the log of its own node and as a
cosigner of others'. Who has signed both lies to somebody; where nobody has, but a quorum has signed the larger one,
whoever signed the other stands alone against it. The file needs the trust file and nothing else; its form is canonical
JSON (docs/formats/contradiction.md).
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.proofs.heads import cosigning_key, log_key, verify_head
from hanse_ledger.proofs.report import Accusation
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint, verify_cosignature, verify_log_signature
from hanse_ledger.tlog.notes import Note, parse_note
from hanse_ledger.trees.merkle import verify_consistency
from hanse_ledger.values import limits
from hanse_ledger.values.errors import ProofInvalid, Untrusted
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import Digest, LedgerId, MemberId
from hanse_ledger.wire.genesis import origin_of

FORMAT = "hanse.contradiction/1"
MARK = b'{"@type":"hanse.contradiction/'
"""How such a file begins: the fields of canonical JSON are in order."""

MEDIA_TYPE = "application/vnd.hanse.contradiction+json"
FILE_BYTES = 2 * limits.CHECKPOINT_BYTES + 64 * 1024

_CheckpointText = Annotated[str, Meta(max_length=limits.CHECKPOINT_BYTES)]


class Contradiction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two heads that contradict each other.

    Attributes:
        format: `hanse.contradiction/1`.
        first: the head of the smaller log, a C2SP signed note; of two heads of one size, either.
        ledger: the ledger's id.
        path: the RFC 9162 consistency proof between the two sizes in the second head's log; none for heads of one size.
        root: which root the second head's log had at the first head's size; for heads of one size the second one's own.
        second: the head of the larger log, a C2SP signed note.
    """

    format: str = msgspec.field(name="@type")
    first: _CheckpointText
    ledger: LedgerId
    path: Annotated[tuple[Digest, ...], Meta(max_length=limits.PATH_HASHES + 1)]
    root: Digest
    second: _CheckpointText


_decoder = msgspec.json.Decoder(Contradiction)


def write_contradiction(evidence: Contradiction) -> bytes:
    """Write the file."""
    return encode_json(evidence)


def contradict(ledger: LedgerId, strange: str, known: str, root: Digest, path: Sequence[Digest]) -> Contradiction:
    """Put two heads that contradict each other, as signed notes, into evidence.

    Args:
        ledger: whose.
        strange: the smaller head, or of two of one size either.
        known: the head of a log that can be read.
        root: which root that log had at the smaller size; of heads of one size, the known one's own.
        path: what joins that root and the known one; nothing for heads of one size.

    Raises:
        ProofInvalid: the heads do not contradict each other, as far as this log tells.
    """
    evidence = Contradiction(format=FORMAT, first=strange, ledger=ledger, path=tuple(path), root=root, second=known)
    first, second = (parse_checkpoint(parse_note(note.encode()).text) for note in (strange, known))
    _compare(first, second, evidence)
    return evidence


class Accused(Struct, frozen=True):
    """Against whom evidence speaks: `twice` if they signed both heads, else they stand alone against a quorum."""

    members: tuple[MemberId, ...]
    twice: bool


def accused(evidence: Contradiction, trust: TrustFile) -> Accused:
    """Name the members whom evidence speaks against.

    Raises:
        Untrusted: it is of another ledger, or nobody has signed both heads and no quorum the second one.
        ProofInvalid: the heads do not contradict each other, or a signature does not hold.
        Malformed: a head is no checkpoint.
    """
    if evidence.ledger != trust.ledger:
        raise Untrusted(f"it is of the ledger {evidence.ledger.hex()}")
    first, second = (parse_note(note.encode()) for note in (evidence.first, evidence.second))
    alone, others = signers_of(first, trust), signers_of(second, trust)
    _compare(parse_checkpoint(first.text), parse_checkpoint(second.text), evidence)
    if alone & others:
        return Accused(tuple(sorted(alone & others)), twice=True)
    verify_head(second, trust)
    if not alone:
        raise Untrusted("no member of the trust file has signed the first head")
    return Accused(tuple(sorted(alone)), twice=False)


def judge_contradiction(evidence: Contradiction, trust: TrustFile) -> Accusation:
    """Say what evidence proves. Raises as `accused`."""
    found = accused(evidence, trust)
    names = ", ".join(found.members)
    first, second = (parse_note(note.encode()).text for note in (evidence.first, evidence.second))
    sizes = [parse_checkpoint(text).size for text in (first, second)]
    return Accusation(
        # One for each head that contradicts: the same one, signed again, says nothing new.
        name=hash_bytes(first.encode()),
        members=found.members,
        shown=f"{names} signed {'both' if found.twice else 'the first; a quorum signed the second'}",
        detail=(
            f"{names} signed two heads, of {sizes[0]} and {sizes[1]} entries, that contradict each other"
            if found.twice
            else f"{names} signed a head of {sizes[0]} entries that contradicts the one of a quorum, of {sizes[1]}"
        ),
        size=sizes[1],
    )


def read_contradiction(data: bytes) -> Contradiction:
    """Read the file. Raises Malformed."""
    return decode_json(data, _decoder, what="evidence", most=FILE_BYTES, form=FORMAT)


def _compare(first: Checkpoint, second: Checkpoint, evidence: Contradiction) -> None:
    """Insist that the second head's log had another root at the first one's size than the first head says."""
    if first.size > second.size:
        raise ProofInvalid("the smaller head comes first")
    verify_consistency(first.size, second.size, evidence.root, second.root, evidence.path)
    if evidence.root == first.root:
        raise ProofInvalid("the heads do not contradict each other")


def signers_of(note: Note, trust: TrustFile) -> set[MemberId]:
    """List the members whose signatures, as log or as cosigner, stand on a note; none may be bad or a stranger's."""
    head = parse_checkpoint(note.text)
    signed = {(line.name, line.key_id) for line in note.signatures}
    signers: set[MemberId] = set()
    origins, lines = set(), 0
    for cosigner in trust.at(head.size).cosigners:
        origin = origin_of(trust.ledger, cosigner.id)
        origins.add(origin)
        log, member = log_key(trust.ledger, cosigner), cosigning_key(trust.ledger, cosigner)
        if head.origin == origin and (log.name, log.key_id) in signed:
            verify_log_signature(note, log)
            signers.add(cosigner.id)
            lines += 1
        if (member.name, member.key_id) in signed:
            verify_cosignature(note, member)
            signers.add(cosigner.id)
            lines += 1
    if head.origin not in origins:
        raise Untrusted(f"the log {head.origin[: limits.TEXT]!r} is of no cosigner in the trust file")
    if lines != len(note.signatures):
        raise ProofInvalid("a head bears a line of somebody whom the trust file does not know")
    return signers
