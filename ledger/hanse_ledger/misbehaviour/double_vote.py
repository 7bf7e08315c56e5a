"""Evidence against a member: two votes of its engine, for two blocks of one height, round and step.

CometBFT finds such votes and puts them into a block; here they stand in a file of their own, which needs the trust file
and nothing else. What a vote signs is the protobuf of a `CanonicalVote` behind its length (CometBFT v0.38,
spec/core/data_structures, "CanonicalVote"); the form of the file is canonical JSON (docs/formats/double-vote.md).
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.proofs.report import Accusation
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.errors import ProofInvalid, Untrusted
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.keys import ed25519_key, verify_signature
from hanse_ledger.values.types import Digest, LedgerId, MemberId

FORMAT = "hanse.doublevote/1"
MARK = b'{"@type":"hanse.doublevote/'
"""How such a file begins: the fields of canonical JSON are in order."""

FILE_BYTES = 16 * 1024
CHAIN_DIGITS = 40
"""CometBFT's name for a chain has at most 50 characters."""

_Height = Annotated[int, Meta(ge=1, le=2**63 - 1)]
_Signature = Annotated[bytes, Meta(min_length=64, max_length=64)]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class VotedBlock(_Part, frozen=True, kw_only=True):
    """The block that a vote is for.

    Attributes:
        hash: the block's.
        parts: in how many it was sent.
        parts_hash: the root over them.
    """

    hash: Digest
    parts: Annotated[int, Meta(ge=1, le=2**32 - 1)]
    parts_hash: Digest


class Vote(_Part, frozen=True, kw_only=True):
    """A vote, as the engine signs it.

    Attributes:
        block: for which; nil for none.
        nanos: of its time, past `seconds`.
        seconds: its time, since 1970.
        signature: of the bytes below, Ed25519.
    """

    block: VotedBlock | None
    nanos: Annotated[int, Meta(ge=0, le=999_999_999)]
    seconds: Annotated[int, Meta(ge=0, le=253_402_300_799)]
    signature: _Signature


class DoubleVote(_Part, frozen=True, kw_only=True):
    """Two votes of one member's engine in one step.

    Attributes:
        format: `hanse.doublevote/1`.
        first: the one vote.
        height: of the blocks.
        ledger: the ledger's id.
        member: whose engine.
        round: of the vote.
        second: the other vote.
        step: 1 is a prevote, 2 a precommit.
        validator_key: its Ed25519 key: that of the member's cosigner at some epoch of the trust file.
    """

    format: str = msgspec.field(name="@type")
    first: Vote
    height: _Height
    ledger: LedgerId
    member: MemberId
    round: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    second: Vote
    step: Literal[1, 2]
    validator_key: Annotated[bytes, Meta(min_length=32, max_length=32)]


_decoder = msgspec.json.Decoder(DoubleVote)


def chain_id(ledger: LedgerId) -> str:
    """Name a ledger's chain, as its engine does."""
    return f"hanse-{ledger.hex()[:CHAIN_DIGITS]}"


def write_double_vote(evidence: DoubleVote) -> bytes:
    """Write the file."""
    return encode_json(evidence)


def read_double_vote(data: bytes) -> DoubleVote:
    """Read the file. Raises Malformed."""
    return decode_json(data, _decoder, what="evidence", most=FILE_BYTES, form=FORMAT)


def accused_of_double_vote(evidence: DoubleVote, trust: TrustFile) -> MemberId:
    """Name the member whom evidence speaks against.

    Raises:
        Untrusted: it is of another ledger, or the key is not that of the member's engine at any epoch that is known.
        ProofInvalid: the votes do not contradict each other, or a signature does not hold.
    """
    if evidence.ledger != trust.ledger:
        raise Untrusted(f"it is of the ledger {evidence.ledger.hex()}")
    if not trust.ever_validated(evidence.member, evidence.validator_key):
        raise Untrusted(f"the key is not known as that of the engine of {evidence.member}")
    if evidence.first.block == evidence.second.block:
        raise ProofInvalid("both votes are for the same block")
    for vote in (evidence.first, evidence.second):
        verify_signature(ed25519_key(evidence.validator_key), sign_bytes(evidence, vote), vote.signature)
    return evidence.member


def judge_double_vote(evidence: DoubleVote, trust: TrustFile) -> Accusation:
    """Say what evidence proves. Raises as `accused_of_double_vote`."""
    member = accused_of_double_vote(evidence, trust)
    where = f"at height {evidence.height}, round {evidence.round}"
    return Accusation(
        name=hash_bytes(f"{member} {evidence.height} {evidence.round} {evidence.step}".encode()),
        members=(member,),
        shown=f"{member}, {where}",
        detail=f"the engine of {member} voted for two blocks {where}",
    )


def sign_bytes(evidence: DoubleVote, vote: Vote) -> bytes:
    """Write what a vote's signature is over. Source: CometBFT v0.38, proto/tendermint/types/canonical.proto."""
    body = b"\x08" + _uvarint(evidence.step) + b"\x11" + evidence.height.to_bytes(8, "little")
    if evidence.round:
        body += b"\x19" + evidence.round.to_bytes(8, "little")
    if vote.block is not None:
        parts = b"\x08" + _uvarint(vote.block.parts) + _bytes(0x12, vote.block.parts_hash)
        body += _bytes(0x22, _bytes(0x0A, vote.block.hash) + _bytes(0x12, parts))
    moment = b"\x08" + _uvarint(vote.seconds) if vote.seconds else b""
    moment += b"\x10" + _uvarint(vote.nanos) if vote.nanos else b""
    body += _bytes(0x2A, moment) + _bytes(0x32, chain_id(evidence.ledger).encode())
    return _uvarint(len(body)) + body


def _bytes(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + _uvarint(len(value)) + value


def _uvarint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
