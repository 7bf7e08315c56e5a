"""What travels as JSON. Ids, hashes and other bytes are lower-case hexadecimal text, unless a field says otherwise."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from hanse_documents.semantics.tagrequests import SignedTagRequest, TagsAnswer
from hanse_ledger.blocks.block import Tip
from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.object import Object
from hanse_ledger.proofs.prooffile import ProofFile, write_proof
from hanse_ledger.proofs.trustfile import TrustForm
from hanse_ledger.proofs.voting import ProposalsFile
from hanse_ledger.records.envelope import Envelope, Signed
from hanse_node.api.openapi.fieldtypes import (
    Delivery,
    Digest,
    Height,
    Hex,
    Id,
    NodeStatus,
    ObjectKind,
    Outcome,
    Position,
    RecordKind,
    Size,
    StateWord,
    Time,
)
from hanse_node.api.readers.readforms import ReadLogPage
from hanse_node.queries.answers import Page, Stored
from hanse_node.queries.cloudevents import CloudEvent

_encoder = msgspec.json.Encoder()


class Fault(Struct, frozen=True, kw_only=True):
    """Where a request is wrong: a JSON pointer into it, what was seen there, what was wanted."""

    pointer: str
    seen: str = ""
    wanted: str = ""


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not granted (RFC 9457), and who can do what. `rule` is empty where no rule decided.

    Of a record that the rules refuse, `signed` is with `proof=true` this node's signed statement, which can be shown to
    others: its canonical JSON, in hexadecimal.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    rule: str
    request_id: str
    user_message: str
    suggested_action: str
    errors: list[Fault]
    signed: str | None = None


class DsseSignature(Struct, frozen=True, kw_only=True):
    """One signature of a DSSE envelope; `sig` is base64, `keyid` the signer's key."""

    sig: bytes
    keyid: str = ""


class DsseEnvelope(Struct, frozen=True, kw_only=True):
    """A DSSE envelope in its JSON form; `payload` is base64 of the record's canonical bytes."""

    payload: bytes
    payload_type: str = msgspec.field(name="payloadType")
    signatures: list[DsseSignature]


class Result(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one record: `created`, `exists`, `refused` or `malformed`.

    A record that stands has its place; one that stood already has its stored `envelope` with `proof=true`.
    """

    outcome: Outcome
    id: Id | None = None
    position: Position | None = None
    height: Height | None = None
    time: Time | None = None
    previous: Digest | None = None
    envelope: Hex | None = None
    problem: Problem | None = None


class ProvenRange(Struct, frozen=True, kw_only=True):
    """Proves that the entries from position `start` up to `end` (excluded) stand under the head.

    `path` holds the roots of the largest subtrees of the log that contain none of them, from left to right.
    """

    start: Position
    end: Position
    path: list[Digest]


class ProvenGrowth(Struct, frozen=True, kw_only=True):
    """The proof that the log under the answer's head extends that of `size` entries (RFC 9162, 2.1.4.1)."""

    size: Size
    path: list[Digest]


class Submitted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One result for each record, in order, under a signed head that covers all of them.

    With `proof=true` each record that stands lies in one of `ranges`, and with `since` as well, `growth` holds proofs
    that the head extends that of so many entries, and newer ones that the asker may have seen meanwhile.
    """

    size: Size
    checkpoint: str
    results: list[Result]
    ranges: list[ProvenRange] | None = None
    growth: list[ProvenGrowth] | None = None


class RecordView(Struct, frozen=True, kw_only=True):
    """A record in its place, and its entry's canonical bytes."""

    id: Id
    kind: RecordKind
    position: Position
    height: Height
    time: Time
    entry: Hex
    envelope: DsseEnvelope


class AsOf(Struct, frozen=True, kw_only=True):
    """The block's end at which something stood so."""

    size: Size
    height: Height
    time: Time


class ObjectView(Struct, frozen=True, kw_only=True):
    """An object's aspects by name, as this node tells them: for convenience, proven by nothing."""

    id: Id
    kind: ObjectKind
    number: int
    as_of: AsOf
    value: dict[str, Any]


class ListedObject(Struct, frozen=True, kw_only=True):
    """An object in a list: its id, its number in order of creation, and its state's word."""

    id: Id
    number: int
    state: StateWord


class ListPage(Struct, frozen=True, kw_only=True):
    """Objects, as of a log of `size` entries; `complete` says whose word it is that none is left out.

    `following` is what the next page begins with, nil for none.
    """

    size: Size
    complete: str
    objects: list[ListedObject]
    following: int | None


class WaitingFor(Struct, frozen=True, kw_only=True):
    """A kind of record with which is done what an object waits for; since and until when, nil where it does not say."""

    record: RecordKind
    since: Time | None
    until: Time | None


class Worth(Struct, frozen=True, kw_only=True):
    """Money, in minor units of its currency."""

    minor: int
    currency: str
    minor_digits: int


class WaitingObject(Struct, frozen=True, kw_only=True):
    """An object that waits for somebody: when it was created, and how much money it is about, as far as is known."""

    id: Id
    kind: ObjectKind
    number: int
    state: StateWord
    created: Time
    worth: Worth | None
    waits: list[WaitingFor]


class WaitingPage(Struct, frozen=True, kw_only=True):
    """What waits, as of `size` entries, by whose word; `following`: behind it the next page begins, nil for none."""

    size: Size
    complete: str
    objects: list[WaitingObject]
    following: int | None


class FileRecord(Struct, frozen=True, kw_only=True):
    """A record that shows the SHA-256 of its document's file."""

    id: Id
    position: Position
    kind: RecordKind


class FileRecords(Struct, frozen=True, kw_only=True):
    """Such records, as of a log of `size` entries; `complete` says whose word it is that none is left out."""

    size: Size
    complete: str
    records: list[FileRecord]
    following: int | None


class Publication(Struct, frozen=True, kw_only=True):
    """A published proof: its name, what withdraws it, and the node's public address, empty where it names none.

    It is read under `/p/` and its name, in capitals or small letters. The same call again gets the same answer.
    """

    name: str
    address: str
    secret: str


class PayloadProgress(Struct, frozen=True, kw_only=True):
    """How far the sending of a sealed document has come: where the next piece begins, and whether all of it is here."""

    offset: int
    whole: bool


class PayloadDelivery(Struct, frozen=True, kw_only=True):
    """Whether a node has a document: `waiting`, `here`, `missing` or `given-up` since a time, `erased` or `unknown`."""

    since_ms: Time | None
    state: Delivery


class Chain(Struct, frozen=True, kw_only=True):
    """A history after its first `count` records."""

    count: int
    head: Digest


class ListedRecord(Struct, frozen=True, kw_only=True):
    """A record of a history; `sequence` counts those before it."""

    sequence: int
    id: Id
    position: Position
    kind: RecordKind
    time: Time


class HistoryPage(Struct, frozen=True, kw_only=True):
    """Records of an object, newest first.

    They replay from `earlier`, the history before the oldest of them, to `count` and `head`, the history after the
    newest. `proof` is a proof file of the object's present status: on the first page it shows the same head.
    """

    id: Id
    count: int
    head: Digest
    records: list[ListedRecord]
    earlier: Chain
    proof: Raw


class State(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the node does, and why, where it does not do well; `warnings` are of what will hinder it."""

    status: NodeStatus
    reason: str = ""
    warnings: tuple[str, ...] = ()


WIRE: tuple[type[Struct], ...] = (
    Problem,
    DsseEnvelope,
    Submitted,
    RecordView,
    ObjectView,
    HistoryPage,
    FileRecords,
    ListPage,
    WaitingPage,
    ReadLogPage,
    PayloadDelivery,
    CloudEvent,
    PayloadProgress,
    Publication,
    State,
    ProofFile,
    TrustForm,
    ProposalsFile,
    SignedTagRequest,
    TagsAnswer,
)
"""Every type that is described in `docs/openapi.json`."""


def write_json(value: object) -> bytes:
    """Write one of these values."""
    return _encoder.encode(value)


def dsse_of(signed: Signed) -> DsseEnvelope:
    """Show an envelope in the JSON form of DSSE, each signature with its signer's key."""
    envelope: Envelope = signed.envelope
    return DsseEnvelope(
        payload=envelope.payload,
        payload_type=envelope.payload_type,
        signatures=[
            DsseSignature(keyid=key.hex(), sig=signature.sig)
            for key, signature in zip(signed.record.signers, envelope.signatures, strict=True)
        ],
    )


def record_view(stored: Stored) -> RecordView:
    """Show a stored record."""
    row = stored.row
    return RecordView(
        id=row.id.hex(),
        kind=row.kind,
        position=row.position,
        height=row.height,
        time=row.time,
        entry=stored.entry.hex(),
        envelope=dsse_of(stored.signed),
    )


def object_view(head: Tip, number: int, value: Object) -> ObjectView:
    """Show an object as of a head."""
    aspects = msgspec.to_builtins(value, builtin_types=(bytes,))
    return ObjectView(
        id=value.id.hex(),
        kind=type_of(value).name,
        number=number,
        as_of=AsOf(size=head.size, height=head.height, time=head.time),
        value={name: _hexadecimal(part) for name, part in aspects.items() if name not in ("id", "seed", "type")},
    )


def history_page(page: Page) -> HistoryPage:
    """Show a page of a history."""
    return HistoryPage(
        id=page.id.hex(),
        count=page.top.count,
        head=page.top.head.hex(),
        records=[
            ListedRecord(sequence=sequence, id=row.id.hex(), position=row.position, kind=row.kind, time=row.time)
            for sequence, row in page.records
        ],
        earlier=Chain(count=page.earlier.count, head=page.earlier.head.hex()),
        proof=Raw(write_proof(page.proof)),
    )


def _hexadecimal(value: Any) -> Any:
    """Turn the bytes in a value that is made of plain ones into text. Types bound its depth."""
    match value:
        case bytes():
            return value.hex()
        case dict():
            return {name: _hexadecimal(part) for name, part in value.items()}
        case list() | tuple():
            return [_hexadecimal(part) for part in value]
        case _:
            return value
