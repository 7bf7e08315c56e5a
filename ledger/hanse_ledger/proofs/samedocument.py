"""Whether a file is the very document to which a record of a proof commits.

A record holds SHA-256(salt, SHA-256(file)), and SHA-256(file) in the clear where its maker chose so. Without the latter
only the document's opening tells, which has the seed of the salt: whoever has it can show all that the document says.
"""

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.kinds import documents_of
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Digest, RecordId
from hanse_ledger.wire.commitments import commit_file
from hanse_ledger.wire.part import Commitment

OPENING_FORMAT = "hanse.opening/2"


class DocumentMatch(StrEnum):
    """The answers. *Other* is said only where no document of the proof can be the file."""

    SAME = "same"
    OTHER = "other"
    HIDDEN = "hidden"
    NONE = "none"


class DocumentAnswer(Struct, frozen=True, kw_only=True):
    """An answer, with the record that commits to the file, and in words."""

    match: DocumentMatch
    record: RecordId | None
    said: Said


class _Secret(Struct, frozen=True, kw_only=True):
    """What is read of an opening: what the file was, and what its salt derives from."""

    file_digest: Digest | None
    seed: Annotated[bytes, Meta(min_length=32, max_length=32)]


class _OpeningFile(Struct, frozen=True, kw_only=True):
    """What is read of an opening's file, as a home folder keeps it (`openings/<object>.json`)."""

    format: str = msgspec.field(name="@type")
    opening: _Secret


_decoder = msgspec.json.Decoder(_OpeningFile)


def compare_document(
    data: bytes, proven: Collection[RecordId], digest: Digest, opening: bytes | None = None
) -> DocumentAnswer:
    """Compare a file with the documents to which a proof's records commit.

    Args:
        data: the proof file.
        proven: the records that its check has proven, as its report lists them: of no other anything is said.
        digest: SHA-256 of the file.
        opening: the file of an opening, where one is at hand.

    Raises:
        Malformed: the opening is none, or the proof file cannot be read.
    """
    secret = None if opening is None else _read_opening(opening)
    hidden = found = 0
    for record, commitment in _commitments(data, proven):
        found += 1
        if _leads_to(commitment, digest, secret):
            words = said(
                "document.same", "the file is the very document to which record {record} commits", record.hex()
            )
            return DocumentAnswer(match=DocumentMatch.SAME, record=record, said=words)
        if not _tells(commitment, secret):
            hidden += 1
    if not found:
        words = said("document.none", "no record that is proven commits to a document")
        return DocumentAnswer(match=DocumentMatch.NONE, record=None, said=words)
    if hidden:
        words = said(
            "document.hidden",
            "whether it is one of the documents cannot be told: of {count} only an opening tells which file it is, and "
            "this file is none of the others",
            hidden,
        )
        return DocumentAnswer(match=DocumentMatch.HIDDEN, record=None, said=words)
    words = said("document.other", "the file is none of the {count} documents to which the records commit", found)
    return DocumentAnswer(match=DocumentMatch.OTHER, record=None, said=words)


def _commitments(data: bytes, proven: Collection[RecordId]) -> Iterator[tuple[RecordId, Commitment]]:
    """Give what the proven records commit to, in their order. A file of which nothing is proven is not read."""
    if not proven:
        return
    for evidence in read_proof(data).records:
        entry = decode_entry(evidence.entry)
        if not isinstance(entry, RecordEntry):
            continue
        signed = open_decoded(entry.payload)
        if signed.id not in proven:
            continue
        for commitment in documents_of(signed.record.body):
            yield signed.id, commitment


def _leads_to(commitment: Commitment, digest: Digest, secret: _Secret | None) -> bool:
    if commitment.discoverable == digest:
        return True
    return secret is not None and commit_file(digest, secret.seed) == commitment.file


def _tells(commitment: Commitment, secret: _Secret | None) -> bool:
    """Whether it is known which file a commitment is to: in the clear, or since the opening is this document's."""
    if commitment.discoverable is not None:
        return True
    if secret is None or secret.file_digest is None:
        return False
    return commit_file(secret.file_digest, secret.seed) == commitment.file


def _read_opening(data: bytes) -> _Secret:
    """Read an opening's file. Raises Malformed."""
    if len(data) > limits.OPENING_BYTES:
        raise Malformed(_NO_OPENING)
    try:
        file = _decoder.decode(data)
    except UNREADABLE as error:
        raise Malformed(_NO_OPENING) from error
    if file.format != OPENING_FORMAT:
        raise Malformed(_NO_OPENING)
    return file.opening


_NO_OPENING = said("document.no-opening", "that is no file of an opening that this release reads")
