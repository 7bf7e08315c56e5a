"""The proof file (`*.hanse`): what it holds, and its bytes. `proof` checks it.

Canonical JSON, bytes as base64, media type `application/vnd.hanse.proof+json`. It needs the
trust file and nothing else. A record's C2SP `tlog-proof` is its position, its path and the checkpoint.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.jsonform import begins_as, breaks_off_in, decode_json, encode_json, ended_early, need_release
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Digest, LedgerId, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.commitments import DisclosedTerm

PROOF_FORMAT = "hanse.proof/2"
MEDIA_TYPE = "application/vnd.hanse.proof+json"

Position = Annotated[int, Meta(ge=0, le=limits.LOG_SIZE)]
"""A place from 0, in the log or in the tree of objects."""

Path = Annotated[tuple[Digest, ...], Meta(max_length=limits.PATH_HASHES)]
"""The sibling hashes from a leaf to a root, the leaf's own first (RFC 9162, section 2.1.3)."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that all parts share."""


class EntryPart(_Part, frozen=True, kw_only=True):
    """An entry under the checkpoint.

    Attributes:
        entry: its canonical bytes.
        path: from its leaf to the root of the checkpoint.
    """

    entry: bytes
    path: Path


class ShownAspect(_Part, frozen=True, kw_only=True):
    """One aspect of an object.

    Attributes:
        index: its place among the aspects.
        leaf: its leaf's canonical bytes.
        path: to the object's value.
    """

    index: Annotated[int, Meta(ge=0, le=15)]
    leaf: bytes
    path: Path


class WayMark(_Part, frozen=True, kw_only=True):
    """An object as it stood at an older block's end, where its shown history begins.

    Attributes:
        aspects: every one.
        own: positions of the object's own records until then, in order: the one that created it, and those that made
            its aspects what they were.
        path: from the object to the root that `state` states.
        state: that block's state entry, with its path to the root of the same checkpoint.
    """

    aspects: Annotated[tuple[ShownAspect, ...], Meta(min_length=1, max_length=16)]
    own: Annotated[tuple[Position, ...], Meta(min_length=1, max_length=limits.PROOF_RECORDS)]
    path: Path
    state: EntryPart


class ObjectPart(_Part, frozen=True, kw_only=True):
    """An object as it stood when the checkpoint was signed.

    Attributes:
        aspects: what is shown of it.
        history: positions of all records that touched it, in order, from its beginning or from its way mark on; none in
            a proof of status.
        id: which.
        mark: where its shown history begins; nil at its beginning, and in a proof of status.
        number: its place in the object tree.
        path: from there to the root of the object tree.
    """

    aspects: Annotated[tuple[ShownAspect, ...], Meta(min_length=1, max_length=16)]
    history: Annotated[tuple[Position, ...], Meta(max_length=limits.PROOF_RECORDS)]
    id: ObjectId
    mark: WayMark | None
    number: Position
    path: Path


class OfficeEnd(_Part, frozen=True, kw_only=True):
    """An office as it stood where the acts that are shown of it end.

    Attributes:
        aspects: every one.
        path: from the office to the root that the state entry states.
        state: the entry of that block, with its path to the root of the same checkpoint; nil for the proven state.
    """

    aspects: Annotated[tuple[ShownAspect, ...], Meta(min_length=1, max_length=16)]
    path: Path
    state: EntryPart | None


class OfficePart(_Part, frozen=True, kw_only=True):
    """The acts of an office, around records that are judged by them: its officers signed, or it had set a limit.

    Attributes:
        acts: positions of all its acts between begin and end, in order.
        begin: the way mark where they begin; nil at its opening.
        end: where they end.
        id: which.
        number: its place in the object tree.
    """

    acts: Annotated[tuple[Position, ...], Meta(max_length=limits.PROOF_RECORDS)]
    begin: WayMark | None
    end: OfficeEnd
    id: ObjectId
    number: Position


class RevocationPart(_Part, frozen=True, kw_only=True):
    """Whether a key has ended: its claim `revoked-key`. The records that the value names stand in the file.

    Attributes:
        key: which.
        leaf: the leaf in its slot; of an absence whichever stands there, or none.
        siblings: the hashes beside its way.
        value: of the claim; nil where there is none.
    """

    key: PublicKey
    leaf: bytes
    siblings: Annotated[tuple[Digest, ...], Meta(max_length=limits.CLAIM_PATH_HASHES)]
    value: bytes | None


class MandatePart(_Part, frozen=True, kw_only=True):
    """Whether a mandate has ended: its claim `ended-mandate`. The record that the value names stands in the file.

    Attributes:
        id: which.
        leaf: the leaf in its slot; of an absence whichever stands there, or none.
        siblings: the hashes beside its way.
        value: of the claim; nil where there is none.
    """

    id: ObjectId
    leaf: bytes
    siblings: Annotated[tuple[Digest, ...], Meta(max_length=limits.CLAIM_PATH_HASHES)]
    value: RecordId | None


class PledgePart(_Part, frozen=True, kw_only=True):
    """Whether an invoice, or one of its tags, is pledged: its claim `pledge`.

    Attributes:
        leaf: the leaf in its slot; of an absence whichever stands there, or none.
        name: the invoice's id, or the key of the claim `tag` to one of its tags.
        siblings: the hashes beside its way.
        value: of the claim, the pledge's id; nil where there is none.
    """

    leaf: bytes
    name: Digest
    siblings: Annotated[tuple[Digest, ...], Meta(max_length=limits.CLAIM_PATH_HASHES)]
    value: ObjectId | None


class TermPart(_Part, frozen=True, kw_only=True):
    """A disclosed term of the document, or of the identity, that a record commits to.

    Attributes:
        record: which commits to it.
        shown: the leaves that lead to it.
    """

    record: RecordId
    shown: DisclosedTerm


class ProofFile(_Part, frozen=True, kw_only=True):
    """A proof file.

    Attributes:
        format: `hanse.proof/2`; the first bytes of the file.
        changes: the entries of the records that led from epoch to epoch, with their paths, in order of position: of
            each epoch the proposal that took effect, the approvals that carried it, its nodes' reports.
        checkpoint: the signed note.
        ledger: the ledger's id.
        mandates: for each mandate that a record of the subjects' histories needs, in order: has it ended?.
        objects: what is proven, the subjects first.
        offices: those by which a record in the file is judged, in order, with their acts around it.
        pledges: for each subject that is an accepted invoice, pledged to nobody and shown with its history, and for its
            tags, in order: is it pledged?.
        records: entries with their paths, in order of position.
        revocations: for each party key that a record of the subjects' histories needs, in order: has it ended?.
        state: the last entry, with its path.
        terms: disclosed terms, in order of record and name.
    """

    format: str = msgspec.field(name="@type")
    changes: Annotated[tuple[EntryPart, ...], Meta(max_length=limits.MEMBER_CHANGES)]
    checkpoint: Annotated[str, Meta(max_length=limits.CHECKPOINT_BYTES)]
    ledger: LedgerId
    mandates: Annotated[tuple[MandatePart, ...], Meta(max_length=limits.PROOF_RECORDS)]
    objects: Annotated[tuple[ObjectPart, ...], Meta(min_length=1, max_length=limits.REFS)]
    offices: Annotated[tuple[OfficePart, ...], Meta(max_length=limits.PROOF_OFFICES)]
    pledges: Annotated[tuple[PledgePart, ...], Meta(max_length=limits.PROOF_PLEDGES)]
    records: Annotated[tuple[EntryPart, ...], Meta(max_length=limits.PROOF_RECORDS)]
    revocations: Annotated[tuple[RevocationPart, ...], Meta(max_length=limits.PROOF_RECORDS)]
    state: EntryPart
    terms: Annotated[tuple[TermPart, ...], Meta(max_length=limits.DISCLOSED_TERMS)]


_decoder = msgspec.json.Decoder(ProofFile)

_PROOF = said("file.proof", "proof file")
_OPENING = b'{"@type":"hanse.proof/'
_MARK = f'{{"@type":"{PROOF_FORMAT}"'.encode()
_PAGE = said("file.is-page", "a page of HTML")
_OTHERS = (
    (b"<!doctype html", _PAGE),
    (b"<html", _PAGE),
    (b"<", said("file.is-xml", "XML or a page of HTML")),
    (b"%pdf-", said("file.is-pdf", "a PDF")),
    (b"pk\3\4", said("file.is-zip", "a ZIP archive")),
    (b"\x1f\x8b", said("file.is-gzip", "a gzip archive")),
    (b"eyjadhlwzsi6", said("file.is-base64", "text in base64")),
    (b'{"@type":"hanse.trust/', said("file.is-trust", "a trust file")),
    (b'{"payload":', said("file.is-record", "a record")),
)
"""How files begin that are handed over for a proof, in small letters, and what they are."""


class UnsupportedFormat(Malformed):
    """Not a proof file, or one of a version that this release does not read.

    `code` is `not-a-proof`, `other-version` or `too-large`.
    """

    def __init__(self, detail: Said, *, code: str = "not-a-proof") -> None:
        super().__init__(detail)
        self.code = code


def too_large(size: int) -> Said:
    """Say that a file of so many bytes is no proof file."""
    return said(
        "proof.too-large", "the file has {bytes} bytes; a proof file has at most {most}", size, limits.PROOF_FILE_BYTES
    )


def write_proof(proof: ProofFile) -> bytes:
    """Write a proof file: canonical JSON."""
    return encode_json(proof)


def read_proof(data: bytes) -> ProofFile:
    """Read a proof file; nothing in it is checked yet.

    Raises:
        UnsupportedFormat: it does not begin as a proof file does, or is larger than any may be.
        OtherRelease: it begins as one of another release.
        FormChanged: it was one, until something added to it or cut it off.
        Malformed: it begins so, but is not canonical JSON, or not of the type.
    """
    if len(data) > limits.PROOF_FILE_BYTES:
        raise UnsupportedFormat(too_large(len(data)), code="too-large")
    if breaks_off_in(data, _MARK):
        raise ended_early(data, _PROOF)
    if not begins_as(data, _OPENING):
        raise UnsupportedFormat(_no_proof(data))
    if not begins_as(data, _MARK):
        need_release(data, PROOF_FORMAT, what=_PROOF)
        raise UnsupportedFormat(
            said("file.no-such-version", "a proof file of a version that no release has"), code="other-version"
        )
    return decode_json(data, _decoder, what=_PROOF, most=limits.PROOF_FILE_BYTES, form=PROOF_FORMAT)


def _no_proof(data: bytes) -> Said:
    """Say that a file is no proof, and what it is instead, as far as its beginning tells."""
    beginning = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for mark, other in _OTHERS:
        if beginning.startswith(mark):
            return said("proof.other-file", "not a Hanse proof file, but {other}: get the file itself", other)
    return said("proof.no-proof", "not a Hanse proof file")
