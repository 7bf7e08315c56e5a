"""Evidence against members: a head that they have signed, over a block that is not what the rules write.

The file holds the block's entries, the state entry before it, and as much of the state between them as the rules ask
for, each part proven under that entry's roots. Whoever checks it applies the block again and compares: a record that
the rules refuse, or a state entry with other roots, is a statement that the signers have made and that is not so. The
form of the file is canonical JSON (docs/formats/misstatement.md).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.blocks.block import BlockBuilder, Created, Refused, Tip
from hanse_ledger.kinds import steps_of
from hanse_ledger.kinds.member.bodies import ProposeChange, ReportReady, VoteOnChange, WithdrawChange
from hanse_ledger.kinds.member.proposals import OpenProposals, Proposal, ProposalLeaf
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import encode_object
from hanse_ledger.misbehaviour.contradiction import signers_of
from hanse_ledger.misbehaviour.partial_state import KnownClaim, KnownObject, PartOfClaims, PartOfObjects, PartOfState
from hanse_ledger.proofs.report import Accusation
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded, verify_envelope
from hanse_ledger.tlog.checkpoint import Checkpoint, parse_checkpoint
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.claims_map import Claim, ClaimProof, leaf_hash, subtree
from hanse_ledger.trees.merkle import Frontier, range_root
from hanse_ledger.values import limits
from hanse_ledger.values.errors import ProofInvalid, Rejected, Unknown, Untrusted
from hanse_ledger.values.hashing import hash_bytes, hash_leaf
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import Digest, LedgerId, MemberId, ObjectId, RecordId
from hanse_ledger.wire.genesis import members_hash
from hanse_ledger.wire.membership import Membership
from hanse_ledger.wire.part import Body

FORMAT = "hanse.misstatement/2"
MARK = b'{"@type":"hanse.misstatement/'
"""How such a file begins: the fields of canonical JSON are in order."""

FILE_BYTES = limits.PROOF_FILE_BYTES
GROUP_ENTRIES = limits.BATCH_RECORDS * 16 + 1
KNOWN = 65_536

_Entry = Annotated[bytes, Meta(max_length=limits.ENTRY_BYTES)]
_Path = Annotated[tuple[Digest, ...], Meta(max_length=2 * limits.PATH_HASHES)]


class Misstatement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A head, and what shows that a block under it does not follow.

    Attributes:
        format: `hanse.misstatement/2`.
        claims: those that the rules ask for or change, under the claims root before the block.
        entries: the state entry before the block, and the block's own entries.
        head: a C2SP signed note over a log in which they stand.
        inner: what stands beside all that goes, a leaf or an inner node: so that one knows whether it is a claim alone,
            which rises.
        leaves: of all proposals that were open before the block, in the order of their proposers.
        ledger: the ledger's id.
        objects: those that the rules ask for.
        path: what joins the entries and the head's root: the largest subtrees without them, from left to right (see
            `merkle.range_root`).
        peaks: the complete subtrees of the objects before the block, the largest first: they lead to its root.
        proposals: whole, those of the open proposals that the block's records are about.
    """

    format: str = msgspec.field(name="@type")
    claims: Annotated[tuple[KnownClaim, ...], Meta(max_length=KNOWN)]
    entries: Annotated[tuple[_Entry, ...], Meta(min_length=3, max_length=GROUP_ENTRIES)]
    head: Annotated[str, Meta(max_length=limits.CHECKPOINT_BYTES)]
    inner: Annotated[tuple[Annotated[bytes, Meta(min_length=65, max_length=65)], ...], Meta(max_length=KNOWN)]
    leaves: Annotated[tuple[ProposalLeaf, ...], Meta(max_length=limits.MEMBERS)]
    ledger: LedgerId
    objects: Annotated[tuple[KnownObject, ...], Meta(max_length=KNOWN)]
    path: _Path
    peaks: Annotated[tuple[Digest, ...], Meta(max_length=limits.PATH_HASHES)]
    proposals: Annotated[tuple[Proposal, ...], Meta(max_length=limits.MEMBERS)]


_decoder = msgspec.json.Decoder(Misstatement)


class Whole(Protocol):
    """The whole state before a block, from which a part is shown: an honest node's, or an auditor's."""

    @property
    def head(self) -> Tip:
        """Where the ledger stands before the block."""
        ...

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object by its id."""
        ...

    def number(self, object_id: ObjectId) -> int:
        """Give an object's number."""
        ...

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim's value."""
        ...

    def object_node(self, level: int, index: int) -> Digest:
        """Give a complete subtree of the object tree (see `merkle.TileReader`)."""
        ...

    def claim_proof(self, key: Digest) -> ClaimProof:
        """Prove that a claim is there, or is not."""
        ...

    def claims_between(self, first: Digest, last: Digest) -> Sequence[Claim]:
        """Read the claims whose places lie from `first` to `last`, both included, in order of their places."""
        ...


class _Remembering:
    """A state that remembers what was asked of it."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self.object_ids: set[ObjectId] = set()
        self.keys: set[Digest] = set()

    def object(self, object_id: ObjectId) -> Object | None:
        value = self._whole.object(object_id)
        if value is not None:
            self.object_ids.add(object_id)
        return value

    def number(self, object_id: ObjectId) -> int:
        return self._whole.number(object_id)

    def claim(self, key: Digest) -> bytes | None:
        self.keys.add(key)
        return self._whole.claim(key)

    def seen(self, record: RecordId) -> int | None:
        del record
        return None


def accuse(ledger: LedgerId, whole: Whole, head: str, entries: Sequence[bytes], path: Sequence[Digest]) -> Misstatement:
    """Put a block that does not follow into evidence, with as much of the state before it as is needed.

    Args:
        ledger: whose.
        whole: the state before the block.
        head: the signed head that covers it, a signed note.
        entries: the state entry before the block, and the block's own.
        path: what joins them and the head's root.

    Raises:
        Malformed, ProofInvalid: an entry is none, or no state entry ends the block.
    """
    records = _records(entries)
    asked = _Remembering(whole)
    builder = BlockBuilder(ledger, whole.head, asked, max(whole.head.time, records[0][0].time))
    for _, signed in records:
        builder.add(signed)
    claims = []
    for key in sorted(asked.keys | builder.touched_claims):
        proof = whole.claim_proof(key)
        claims.append(KnownClaim(key=key, leaf=proof.leaf, siblings=proof.siblings, value=whole.claim(key)))
    changes = {key: builder.claim(key) for key in builder.touched_claims}
    count = whole.head.objects_count
    levels = [level for level in range(count.bit_length() - 1, -1, -1) if count >> level & 1]
    return Misstatement(
        format=FORMAT,
        claims=tuple(claims),
        entries=tuple(entries),
        head=head,
        inner=neighbours(whole.claims_between, whole.head.claims_root, claims, changes),
        leaves=whole.head.proposals.leaves,
        ledger=ledger,
        objects=tuple(_shown(whole, object_id) for object_id in sorted(asked.object_ids, key=whole.number)),
        path=tuple(path),
        peaks=tuple(whole.object_node(level, (count >> level) - 1) for level in levels),
        proposals=_touched(whole.head.proposals, [signed.record.body for _, signed in records]),
    )


def _touched(proposals: OpenProposals, bodies: Iterable[Body]) -> tuple[Proposal, ...]:
    """List the open proposals that records are about."""
    proposers = set()
    for body in bodies:
        if isinstance(body, ProposeChange):
            proposers.add(body.member)
        elif isinstance(body, VoteOnChange | ReportReady | WithdrawChange):
            standing = proposals.named(body.proposal)
            proposers |= set() if standing is None else {standing.proposer}
    return tuple(proposal for proposal in proposals.whole if proposal.proposer in proposers)


def write_misstatement(evidence: Misstatement) -> bytes:
    """Write the file."""
    return encode_json(evidence)


def read_misstatement(data: bytes) -> Misstatement:
    """Read the file. Raises Malformed."""
    return decode_json(data, _decoder, what="evidence", most=FILE_BYTES, form=FORMAT)


def head_of(evidence: Misstatement) -> Checkpoint:
    """Read the head that covers the block; its signatures are not verified. Raises Malformed."""
    return parse_checkpoint(parse_note(evidence.head.encode()).text)


def has_quorum(evidence: Misstatement, trust: TrustFile) -> bool:
    """Tell whether a quorum has signed the head. Raises Malformed, Untrusted and ProofInvalid as `misstated`."""
    signers = signers_of(parse_note(evidence.head.encode()), trust)
    return len(signers) >= trust.at(head_of(evidence).size).parameters.quorum


class Misstated(Struct, frozen=True):
    """Who has signed the head, and what of the block is not so."""

    members: tuple[MemberId, ...]
    what: str


def misstated(evidence: Misstatement, trust: TrustFile) -> Misstated:
    """Apply the block again, and say who has signed what does not follow.

    Raises:
        Untrusted: it is of another ledger, or was signed by nobody who is known, or its members are not.
        Unknown: the rules ask for what the file does not hold.
        ProofInvalid: a part does not hold, or the block follows.
        Malformed: the head is no checkpoint, or an entry is none.
    """
    if evidence.ledger != trust.ledger:
        raise Untrusted(f"it is of the ledger {evidence.ledger.hex()}")
    note = parse_note(evidence.head.encode())
    members = tuple(sorted(signers_of(note, trust)))
    head, start = parse_checkpoint(note.text), _start(evidence)
    if start + len(evidence.entries) > head.size:
        raise ProofInvalid("the entries go beyond the head")
    root = range_root([hash_leaf(data) for data in evidence.entries], start, head.size, evidence.path)
    if root != head.root:
        raise ProofInvalid("the entries do not stand in the head's log")
    before = decode_entry(evidence.entries[0])
    assert isinstance(before, StateEntry), "see _start"
    membership = trust.at(start + 1)
    if members_hash(membership) != before.payload.members:
        raise Unknown("the members before the block are not known")
    what = difference(evidence, before, membership)
    if what is None:
        raise ProofInvalid("the block is what the rules write")
    return Misstated(members, what)


def judge_misstatement(evidence: Misstatement, trust: TrustFile) -> Accusation:
    """Say what evidence proves. Raises as `misstated`."""
    found, text = misstated(evidence, trust), parse_note(evidence.head.encode()).text
    return Accusation(
        name=hash_bytes(text.encode()),
        members=found.members,
        shown=found.what,
        detail=f"{', '.join(found.members)} signed what does not follow: {found.what}",
        size=parse_checkpoint(text).size,
    )


def _start(evidence: Misstatement) -> int:
    """Give the position of the first entry, which must be a state entry; so must the last, and none between."""
    entries = [decode_entry(data) for data in evidence.entries]
    first = entries[0]
    states = [isinstance(entry, StateEntry) for entry in entries]
    if not isinstance(first, StateEntry) or states != [True, *[False] * (len(entries) - 2), True]:
        raise ProofInvalid("the entries are not a state entry and the block after it")
    return first.position


def _records(entries: Sequence[bytes]) -> list[tuple[RecordEntry, Signed]]:
    records = []
    for data in entries[1:-1]:
        entry = decode_entry(data)
        if not isinstance(entry, RecordEntry):
            raise ProofInvalid("a state entry stands within the block")
        records.append((entry, open_decoded(entry.payload)))
    if not records:
        raise ProofInvalid("the block has no records")
    return records


def difference(evidence: Misstatement, before: StateEntry, membership: Membership) -> str | None:
    """Apply the block to the known part of the state; say what is not so, or nothing. Raises as `misstated`."""
    roots, records = before.payload, _records(evidence.entries)
    objects = PartOfObjects(roots.objects_count, evidence.peaks, roots.objects_root, evidence.objects)
    claims = PartOfClaims(roots.claims_root, evidence.claims, evidence.inner)
    proposals = OpenProposals(evidence.proposals, evidence.leaves)
    if proposals.leaves != evidence.leaves or proposals.root() != roots.proposals:
        raise ProofInvalid("the open proposals do not lead to the state's root")
    steps = [step for _, signed in records for step in steps_of(signed.record.body, signed.id)]
    base = PartOfState(objects, claims, [name for step in steps for name in (step.creates, step.document)])
    last = hash_bytes(evidence.entries[0])
    head = Tip(
        size=before.position + 1,
        height=before.height,
        time=before.time,
        last_entry=last,
        last_state=last,
        objects_count=roots.objects_count,
        objects_root=roots.objects_root,
        claims_root=roots.claims_root,
        membership=membership,
        proposals=proposals,
        changes=(),
        pending={},
        log=Frontier(),
    )
    at = records[0][0].time
    if at < before.time:
        return f"the time of the record at position {before.position + 1} lies before that of the block before"
    builder = BlockBuilder(evidence.ledger, head, base, at)
    for entry, signed in records:
        try:
            verify_envelope(signed)
        except Rejected as error:
            return f"the record at position {entry.position} is not signed: {error.reason.value}"
        outcome = builder.add(signed)
        if isinstance(outcome, Refused):
            return f"the rules refuse the record at position {entry.position}: {outcome.error.reason.value}"
        if not isinstance(outcome, Created):
            return f"the record at position {entry.position} stands in the block twice"
    block = builder.finish(objects, claims, _NoBuckets())
    assert block is not None, "a block with records is one"
    for seen, row in zip(evidence.entries[1:], block.entries, strict=True):
        if seen != row.data:
            return f"the entry at position {row.position} is not what the rules write there"
    return None


class _NoBuckets:
    def bucket(self, first: Digest, last: Digest) -> Sequence[Claim]:
        del first, last
        return ()


def _shown(whole: Whole, object_id: ObjectId) -> KnownObject:
    """Show an object with its path up to the complete subtree in which it stands."""
    number, value, count = whole.number(object_id), whole.object(object_id), whole.head.objects_count
    assert value is not None, "only what was found is shown"
    top = next(level for level in range(64) if count >> level & 1 and number >> level == (count >> level) - 1)
    path = [whole.object_node(level, number >> level ^ 1) for level in range(top)]
    return KnownObject(number=number, path=tuple(path), value=encode_object(value))


def neighbours(
    between: Callable[[Digest, Digest], Sequence[Claim]],
    root: Digest,
    known: Sequence[KnownClaim],
    changes: Mapping[Digest, bytes | None],
) -> tuple[bytes, ...]:
    """Write what stands beside all that goes by changes to known claims: an evidence's `inner`.

    Args:
        between: see `Whole.claims_between`.
        root: the claims map's.
        known: the claims that change, and others.
        changes: new values by key; nil where a claim goes.
    """
    return tuple(sorted({_standing(between, *place) for place in PartOfClaims(root, known, ()).rising(changes)}))


def _standing(between: Callable[[Digest, Digest], Sequence[Claim]], depth: int, bits: int) -> bytes:
    """Write what stands at a place of the claims map: a leaf, or an inner node."""

    def under(level: int, prefix: int) -> list[tuple[Digest, bytes]]:
        first = prefix << 256 - level
        last = first | (1 << 256 - level) - 1
        return list(between(first.to_bytes(32, "big"), last.to_bytes(32, "big")))

    held = under(depth, bits)
    if len(held) == 1:
        return b"\x00" + held[0][0] + hash_bytes(held[0][1])
    left, right = (
        subtree(depth + 1, [(at, leaf_hash(at, value)) for at, value in under(depth + 1, bits << 1 | side)])[1]
        for side in (0, 1)
    )
    return b"\x01" + left + right
