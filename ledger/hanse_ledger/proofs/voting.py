"""The file of open proposals (`hanse.proposals/1`): what the members are voting on, proven under a signed head.

Canonical JSON; the form is described in docs/formats/membership.md. How votes stand is under the state entry's root;
what is proposed is shown by its proposer's own record, so that nobody votes on what a node only says.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.kinds.member.bodies import ProposeChange
from hanse_ledger.kinds.member.proposals import OpenProposals, Proposal
from hanse_ledger.proofs.heads import SignedHead, verify_head
from hanse_ledger.proofs.prooffile import EntryPart
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded, verify_envelope
from hanse_ledger.tlog.notes import parse_note
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.values import limits
from hanse_ledger.values.errors import ProofInvalid, Rejected, Untrusted
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import LedgerId
from hanse_ledger.wire.genesis import members_hash

FORMAT = "hanse.proposals/1"
FILE_BYTES = limits.PROOF_FILE_BYTES


class ProposalsFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All open proposals.

    Attributes:
        format: `hanse.proposals/1`.
        checkpoint: the signed note.
        ledger: the ledger's id.
        proposals: all that are open, in the order of their proposers.
        records: the entry of each one's `member.propose`, with its path, in the same order.
        state: the last entry under the checkpoint, with its path: it has `members`, and the root over `proposals`.
    """

    format: str = msgspec.field(name="@type")
    checkpoint: Annotated[str, Meta(max_length=limits.CHECKPOINT_BYTES)]
    ledger: LedgerId
    proposals: Annotated[tuple[Proposal, ...], Meta(max_length=limits.MEMBERS)]
    records: Annotated[tuple[EntryPart, ...], Meta(max_length=limits.MEMBERS)]
    state: EntryPart


_decoder = msgspec.json.Decoder(ProposalsFile)


def write_proposals(file: ProposalsFile) -> bytes:
    """Write the file: canonical JSON."""
    return encode_json(file)


def read_proposals(data: bytes) -> ProposalsFile:
    """Read the file; nothing in it is checked yet. Raises Malformed."""
    return decode_json(data, _decoder, what="proposals", most=FILE_BYTES, form=FORMAT)


class Voting(Struct, frozen=True):
    """What was open under a head, and who vouches for it."""

    head: SignedHead
    proposals: tuple[Proposal, ...]


def verify_proposals(file: ProposalsFile, trust: TrustFile) -> Voting:
    """Verify what is open, and that each proposal is what its proposer has signed.

    Raises:
        Untrusted: it is of another ledger, its head is signed by too few who are known, or the members have changed.
        ProofInvalid: something in it does not hold, or something is missing or too much.
        Malformed: the head is no checkpoint, or an entry is none.
    """
    if file.ledger != trust.ledger:
        raise Untrusted(f"the proposals are of ledger {file.ledger.hex()}")
    head = verify_head(parse_note(file.checkpoint.encode()), trust)
    size, root = head.checkpoint.size, head.checkpoint.root
    state = decode_entry(file.state.entry)
    if not isinstance(state, StateEntry) or state.position != size - 1:
        raise ProofInvalid("the state entry is not the last entry under the checkpoint")
    verify_inclusion(hash_leaf(file.state.entry), state.position, size, file.state.path, root)
    if state.payload.members != members_hash(trust.at(size)):
        raise Untrusted("the members have changed since the trust file")
    standing = OpenProposals(file.proposals)
    if standing.whole != file.proposals or standing.root() != state.payload.proposals:
        raise ProofInvalid("the proposals are not those that are open")
    _verify_records(file.proposals, file.records, head, trust)
    return Voting(head, file.proposals)


def _verify_records(
    proposals: Sequence[Proposal], records: Sequence[EntryPart], head: SignedHead, trust: TrustFile
) -> None:
    if len(records) != len(proposals):
        raise ProofInvalid("there is not one record for each proposal")
    members = trust.at(head.checkpoint.size)
    for proposal, evidence in zip(proposals, records, strict=True):
        entry = decode_entry(evidence.entry)
        if not isinstance(entry, RecordEntry):
            raise ProofInvalid("a state entry stands among the records of the proposals")
        verify_inclusion(
            hash_leaf(evidence.entry), entry.position, head.checkpoint.size, evidence.path, head.checkpoint.root
        )
        signed = open_decoded(entry.payload)
        body = signed.record.body
        said = (proposal.id, proposal.proposer, proposal.change, proposal.closes, members.epoch)
        if not isinstance(body, ProposeChange) or said != (
            signed.id,
            body.member,
            body.change,
            body.closes,
            body.epoch,
        ):
            raise ProofInvalid(f"the proposal {proposal.id.hex()} is not what its proposer has signed")
        holders = [members.holder(key) for key in signed.record.signers]
        if [held and held[0].id for held in holders] != [proposal.proposer]:
            raise ProofInvalid(f"the proposal {proposal.id.hex()} is not signed by {proposal.proposer}")
        try:
            verify_envelope(signed)
        except Rejected as error:
            raise ProofInvalid(f"the proposal {proposal.id.hex()} is not signed: {error.reason.value}") from error
