"""`hanse.status/1`: a proof of one object's status, small enough for a code on paper (`docs/formats/status.md`).

What a proof file says twice, or what follows from the rest, is left out and put in again: the root, the paths between
aspects, the names of aspects and of logs, the records by which the members changed. What comes out is the proof file,
byte for byte, and it is checked as any other: nothing here decides what is valid.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from hanse_ledger.kinds import OBJECT_NAMED
from hanse_ledger.proofs.formcheck import check_form
from hanse_ledger.proofs.knownheads import KnownHeads
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import (
    PROOF_FORMAT,
    EntryPart,
    ObjectPart,
    Path,
    Position,
    ProofFile,
    ShownAspect,
    UnsupportedFormat,
    write_proof,
)
from hanse_ledger.proofs.report import Report, kind_said, step_of
from hanse_ledger.proofs.statement import ended
from hanse_ledger.proofs.subjects import aspects_of, read_aspects
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.entry import STATE, Count, StateEntry, StateRoots, decode_entry
from hanse_ledger.tlog.checkpoint import Checkpoint, body_text, parse_checkpoint
from hanse_ledger.tlog.notes import Note, NoteSignature, format_note, parse_note
from hanse_ledger.trees.merkle import inclusion_path, inclusion_root
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Digest, LedgerId, MemberId, Moment, ObjectId
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.aspects import Leaf
from hanse_ledger.wire.codec import decode_canonical, encode
from hanse_ledger.wire.genesis import origin_of

STATUS_FORMAT = "hanse.status/1"

MARK = "01"
"""What the digits of a code of this version begin with."""

FORM = said("step.code", "the code is a status proof, in its only form")

PIECE_BYTES, PIECE_DIGITS = 7, 17
"""Seven bytes are written as seventeen digits: 2^56 < 10^17."""

_DIGITS = (0, 3, 5, 8, 10, 13, 15, 17)
"""So many digits have so many bytes, the fewest that hold each value of them: the last piece may be shorter."""

_LETTERS = frozenset("0123456789")

SALT_BYTES = 16


class CodeSignature(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A signature line of the checkpoint: whose, by which key, and what it consists of.

    Attributes:
        member: the cosigner that signed, as the log or for its quorum.
        key_id: the 4 bytes that name its key.
        signature: 64 bytes of the log; of a cosigner 8 more before them, the time.
    """

    member: MemberId
    key_id: Annotated[bytes, Meta(min_length=4, max_length=4)]
    signature: Annotated[bytes, Meta(min_length=1, max_length=limits.SIGNATURE_BYTES + 8)]


class CodeAspect(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An aspect of the object, without its name.

    Attributes:
        salt: 16 bytes.
        value: in canonical bytes.
    """

    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    value: bytes


class StatusCode(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a code holds, in this order: an array of canonical MessagePack.

    Attributes:
        ledger: the ledger's id.
        log: the cosigner whose log it is.
        signatures: under the checkpoint, in its order.
        position: of the last entry under it, which states the state; one less than the log's size.
        previous: SHA-256 of the entry before.
        height: the group.
        time: block time.
        claims_root: of the map of claims.
        members: the hash of the membership.
        objects_count: how many objects there are.
        previous_state: SHA-256 of the state entry before.
        proposals: the root over the open proposals.
        state_path: from the state entry to the log's root.
        kind: of the object.
        id: the object's.
        number: its place in the object tree.
        path: from there to the root of the object tree.
        aspects: every one, in order.
    """

    ledger: LedgerId
    log: MemberId
    signatures: Annotated[tuple[CodeSignature, ...], Meta(min_length=1, max_length=limits.NOTE_SIGNATURES)]
    position: Count
    previous: Digest
    height: Count
    time: Moment
    claims_root: Digest
    members: Digest
    objects_count: Count
    previous_state: Digest
    proposals: Digest
    state_path: Path
    kind: Annotated[str, Meta(max_length=limits.TEXT)]
    id: ObjectId
    number: Position
    path: Path
    aspects: Annotated[tuple[CodeAspect, ...], Meta(min_length=1, max_length=16)]


_decoder = msgspec.msgpack.Decoder(StatusCode)
_leaf_decoder = msgspec.msgpack.Decoder(Leaf)


def is_code(text: str) -> bool:
    """Tell whether a text has the form of a code: digits, alone or behind the `#` of an address."""
    digits = _digits_of(text)
    return len(digits) > len(MARK) and all(letter in _LETTERS for letter in digits)


def check_status(
    text: str, trust: TrustFile | None, at: Moment, known: KnownHeads | None = None, *, max_age_ms: int | None = None
) -> Report:
    """Check a code as `check_proof` checks the proof file that it stands for. Never better than *valid with warnings*.

    Args:
        text: the digits, alone or behind the `#` of an address.
        trust: whom the verifier trusts; it must know the members of the proven state, whom a code does not bring. nil
            answers "cannot check" where the code has the form of one.
        at: the verifier's present, in milliseconds.
        known: heads that were verified under this trust file before.
        max_age_ms: a sound proof that is older cannot be checked; nil takes any.

    Returns:
        The report. Whatever is wrong with the code is a verdict in it, never an exception.
    """
    try:
        data = write_proof(read_status(text))
    except UnsupportedFormat as error:
        return _ended(Verdict.UNSUPPORTED_FORMAT, error.said, error.code)
    except (Malformed, ProofInvalid) as error:
        return _ended(Verdict.TAMPERED, error.said)
    if trust is None:
        return check_form(data)
    report = check_proof(data, trust, at, known, max_age_ms=max_age_ms)
    assert report.verdict is not Verdict.VALID, "of a status the operator's state alone is the word"
    return report


def check_code_form(text: str) -> Report:
    """Look at a code without a trust file, as `check_form` looks at a proof file: at best it cannot be checked."""
    try:
        data = write_proof(read_status(text))
    except UnsupportedFormat as error:
        return _ended(Verdict.UNSUPPORTED_FORMAT, error.said, error.code)
    except (Malformed, ProofInvalid) as error:
        return _ended(Verdict.TAMPERED, error.said)
    return check_form(data)


def write_status(proof: ProofFile) -> str:
    """Write a proof of one object's status as the digits of a code.

    The records by which the members changed are left out: who reads the code has them in the trust file.

    Raises:
        Malformed: the proof shows more than one object's status, is not in the order in which a code puts it, or has
            more than a code holds.
    """
    if (
        len(proof.objects) != 1
        or proof.records
        or proof.terms
        or proof.revocations
        or proof.mandates
        or proof.objects[0].mark
    ):
        raise Malformed(said("code.only-status", "a code shows how one object stands, and neither records nor terms"))
    data = encode(_shortened(proof, proof.objects[0]))
    if len(data) > limits.STATUS_BYTES:
        raise Malformed(
            said(
                "code.too-large-status",
                "the status has {bytes} bytes; a code holds at most {most}",
                len(data),
                limits.STATUS_BYTES,
            )
        )
    digits = MARK + _write_digits(data)
    if read_status(digits) != replace(proof, changes=()):
        raise Malformed(said("code.no-place", "the proof says something of which a code has no place"))
    return digits


def read_status(text: str) -> ProofFile:
    """Read a code, and give the proof file that it stands for. Nothing in it is checked yet.

    Raises:
        UnsupportedFormat: it is no code, or one of a version that this release does not read.
        Malformed: it begins so, but is not in its only form.
        ProofInvalid: its parts do not fit each other.
    """
    if len(text) > limits.STATUS_TEXT:
        raise UnsupportedFormat(
            said("code.too-long", "a code has at most {most} letters", limits.STATUS_TEXT), code="too-large"
        )
    digits = _digits_of(text)
    if not is_code(text):
        raise UnsupportedFormat(
            said("code.none", "not a code of Hanse: it is digits, alone or behind the # of an address")
        )
    if not digits.startswith(MARK):
        raise UnsupportedFormat(
            said("code.no-such-version", "a code of a version that this release does not read"), code="other-version"
        )
    data = _read_digits(digits[len(MARK) :])
    if len(data) > limits.STATUS_BYTES:
        raise UnsupportedFormat(
            said("code.too-large", "a code holds at most {most} bytes", limits.STATUS_BYTES), code="too-large"
        )
    return _lengthened(decode_canonical(data, _decoder, said("file.code", "code")))


def _shortened(proof: ProofFile, shown: ObjectPart) -> StatusCode:
    """Leave out what follows from the rest. What is not in the usual order comes out otherwise, and is noticed."""
    entry = decode_entry(proof.state.entry)
    if not isinstance(entry, StateEntry):
        raise Malformed(said("code.no-state", "the proof's last entry states no state"))
    note = parse_note(proof.checkpoint.encode())
    roots = entry.payload
    try:
        kind = read_aspects(shown.aspects).kind
    except ProofInvalid as error:
        raise Malformed(error.said) from error
    leaves = [decode_canonical(aspect.leaf, _leaf_decoder, said("file.aspect", "aspect")) for aspect in shown.aspects]
    return StatusCode(
        ledger=proof.ledger,
        log=_member_of(parse_checkpoint(note.text).origin),
        signatures=tuple(
            CodeSignature(_member_of(signature.name), signature.key_id, signature.signature)
            for signature in note.signatures
        ),
        position=entry.position,
        previous=entry.previous,
        height=entry.height,
        time=entry.time,
        claims_root=roots.claims_root,
        members=roots.members,
        objects_count=roots.objects_count,
        previous_state=roots.previous_state,
        proposals=roots.proposals,
        state_path=proof.state.path,
        kind=kind,
        id=shown.id,
        number=shown.number,
        path=shown.path,
        aspects=tuple(CodeAspect(leaf.salt, bytes(leaf.value)) for leaf in leaves),
    )


def _lengthened(code: StatusCode) -> ProofFile:
    """Put in again what was left out."""
    if code.kind not in OBJECT_NAMED:
        raise Malformed(said("code.kind", "code: there is no such kind of object"), pointer="/13")
    leaves = _leaves(code.kind, code.aspects)
    hashes = [hash_leaf(leaf) for leaf in leaves]
    aspects = tuple(
        ShownAspect(index=index, leaf=leaf, path=tuple(inclusion_path(hashes, index)))
        for index, leaf in enumerate(leaves)
    )
    leaf = object_leaf(code.id, read_aspects(aspects).value)
    roots = StateRoots(
        claims_root=code.claims_root,
        members=code.members,
        objects_count=code.objects_count,
        objects_root=inclusion_root(leaf, code.number, code.objects_count, code.path),
        previous_state=code.previous_state,
        proposals=code.proposals,
    )
    entry = encode(StateEntry(STATE, code.position, code.previous, code.height, code.time, roots))
    size = code.position + 1
    if size > limits.LOG_SIZE:
        raise Malformed(said("code.size", "code: no log is so long"), pointer="/3")
    root = inclusion_root(hash_leaf(entry), code.position, size, code.state_path)
    shown = ObjectPart(aspects=aspects, history=(), id=code.id, mark=None, number=code.number, path=code.path)
    return ProofFile(
        format=PROOF_FORMAT,
        changes=(),
        checkpoint=_checkpoint(code, size, root),
        ledger=code.ledger,
        mandates=(),
        objects=(shown,),
        offices=(),
        pledges=(),
        records=(),
        revocations=(),
        state=EntryPart(entry=entry, path=code.state_path),
        terms=(),
    )


def _checkpoint(code: StatusCode, size: int, root: Digest) -> str:
    text = body_text(Checkpoint(origin_of(code.ledger, code.log), size, root))
    lines = tuple(
        NoteSignature(origin_of(code.ledger, signature.member), signature.key_id, signature.signature)
        for signature in code.signatures
    )
    return format_note(Note(text, lines)).decode()


def _leaves(kind: str, aspects: Sequence[CodeAspect]) -> list[bytes]:
    names = list(aspects_of(kind))
    if len(aspects) != len(names):
        raise Malformed(
            said("code.aspects", "code: of this {kind} exactly {names} are to be shown", kind_said(kind), names),
            pointer="/17",
        )
    return [encode(Leaf(f"{kind}/{names[at]}", each.salt, Raw(each.value))) for at, each in enumerate(aspects)]


def _member_of(name: str) -> MemberId:
    """Name the cosigner of a log's or a key's name, which is `<ledger>/<cosigner>`."""
    _, _, member = name.partition("/")
    return member


def _digits_of(text: str) -> str:
    """Take what stands behind the `#` of an address, or all of a text that has none."""
    _, mark, behind = text.partition("#")
    return (behind if mark else text).strip()


def _write_digits(data: bytes) -> str:
    pieces = []
    for at in range(0, len(data), PIECE_BYTES):
        piece = data[at : at + PIECE_BYTES]
        # A digit more before them, which is taken off again, keeps the leading zeros.
        value = int.from_bytes(piece, "big") + 10 ** _DIGITS[len(piece)]
        pieces.append(str(value)[1:])
    return "".join(pieces)


def _read_digits(digits: str) -> bytes:
    pieces = []
    for at in range(0, len(digits), PIECE_DIGITS):
        piece = digits[at : at + PIECE_DIGITS]
        if len(piece) not in _DIGITS:
            raise Malformed(said("code.digits", "code: so many digits are no whole bytes; some are missing"))
        count = _DIGITS.index(len(piece))
        value = int(piece)
        if value >= 256**count:
            raise Malformed(said("code.no-bytes", "code: digits that no bytes are written with"))
        pieces.append(value.to_bytes(count, "big"))
    return b"".join(pieces)


def _ended(verdict: Verdict, detail: Said, reason: str = "") -> Report:
    return ended(verdict, detail, (step_of(1, FORM, passed=False, detail=detail),), reason)
