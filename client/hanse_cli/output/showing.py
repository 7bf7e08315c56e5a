"""What a file says of itself. Nothing here is checked, and no word of it may sound as if it were."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypeVar

import msgspec

from hanse_cli.base.console import flatten, table
from hanse_client.base.errors import InvalidInput
from hanse_client.home.drafts import DRAFT_BYTES, Draft, subject_of
from hanse_client.home.enrolments import EnrolmentRequest
from hanse_documents import UnsupportedFormat
from hanse_ledger.misbehaviour.refusalfile import read_refusal
from hanse_ledger.proofs.prooffile import ObjectPart, ProofFile, TermPart, read_proof
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded, open_envelope
from hanse_ledger.records.record import Record
from hanse_ledger.values.errors import UNREADABLE, Malformed, NotJudged, OtherRelease
from hanse_ledger.values.figures import decimal_text, quantity_text
from hanse_ledger.values.moments import moment_words
from hanse_ledger.wire.aspects import Leaf
from hanse_ledger.wire.commitments import TermLeaf

NOTHING_CHECKED = "nothing was checked"
A_PROOF, A_REFUSAL = "a proof", "a refusal"

MOST_LINES = 100_000
"""So many are shown to people."""

DEEPEST, MOST_NAME = 8, 64
"""How deep a value may be nested, and how long a name in it may be: no ledger's has either."""

# A field's own name would read like a judgement.
_NEUTRAL = {"valid_from": "in force from", "valid_until": "in force until"}
_MOMENTS = {"valid_from", "valid_until", "created", "expires", "time", "compromised_since", "lodged", "instructed"}

# What a file says of itself may be anything: only what a record may hold is written as money.
_NUMBER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_PLACES = re.compile(r"[0-4]", re.ASCII)

T = TypeVar("T")

_leaf_decoder = msgspec.msgpack.Decoder(Leaf)
_term_decoder = msgspec.msgpack.Decoder(TermLeaf)


def describe(data: bytes) -> dict[str, object]:
    """Say what a file is and what it holds.

    Raises:
        UnsupportedFormat: it is neither a proof, a trust file, a request, a refusal nor a record, or of another
            release, or its form was changed.
    """
    for read in (_proof, _trust, _request, _draft, _refusal, _envelope):
        try:
            return {"checked": NOTHING_CHECKED, **read(data)}
        except OtherRelease as error:
            raise UnsupportedFormat(
                f"This cannot be read: {error.detail}", action="docs/upgrading.md says which release reads what."
            ) from error
        except NotJudged as error:
            raise UnsupportedFormat(
                f"This cannot be read: {error.detail}", action="Ask whoever sent it for the file as it was."
            ) from error
        except (Malformed, InvalidInput):
            continue
    raise UnsupportedFormat(
        "This is no proof, trust file, request or record that can be read",
        action="If it is a proof, it is damaged; `hanse verify` says more. A request of another release is made again.",
    )


def describe_text(description: dict[str, object]) -> str:
    """Write a description for people: names without judgement, times as dates, money and quantities in their units."""
    found = flatten(description)
    rows = list(islice(found, MOST_LINES))
    left, beside = sum(1 for _ in found), dict(rows)
    paid = _currencies(beside)
    shown = table((_neutral(name), _readable(name, value, beside, paid)) for name, value in rows)
    return f"{shown}\n{left} more lines; --json shows them all" if left else shown


def _proof(data: bytes) -> dict[str, object]:
    proof = read_proof(data)
    state = decode_entry(proof.state.entry)
    return {
        "file": A_PROOF,
        "ledger": proof.ledger,
        "checkpoint": proof.checkpoint.splitlines(),
        "written": moment_words(state.time) if isinstance(state, StateEntry) else None,
        "objects": [_object(evidence) for evidence in proof.objects],
        "records": list(_records(proof)),
        "terms": [_term(evidence) for evidence in proof.terms],
        "keys settled": [evidence.key for evidence in proof.revocations],
        "mandates settled": [evidence.id for evidence in proof.mandates],
        "pledges settled": [evidence.name for evidence in proof.pledges],
    }


def _object(evidence: ObjectPart) -> dict[str, object]:
    aspects = {}
    for shown in evidence.aspects:
        leaf = _decode(shown.leaf, _leaf_decoder)
        aspects[leaf.name] = _value(bytes(leaf.value))
    return {"id": evidence.id, "number": evidence.number, "aspects": aspects, "history": list(evidence.history)}


def _records(proof: ProofFile) -> Iterator[dict[str, object]]:
    for evidence in proof.records:
        entry = decode_entry(evidence.entry)
        if isinstance(entry, RecordEntry):
            signed = open_decoded(entry.payload)
            yield {"position": entry.position, "time": entry.time, **_record(signed.record, signed.id)}


def _term(evidence: TermPart) -> dict[str, object]:
    term = _decode(evidence.shown.leaves[-1].leaf, _term_decoder)
    return {"record": evidence.record, "name": term.name, "value": _value(bytes(term.value))}


def _trust(data: bytes) -> dict[str, object]:
    trust: TrustFile = read_trust(data)
    membership = trust.membership
    return {
        "file": "a trust file",
        "ledger": trust.ledger,
        "name": trust.genesis.name,
        "created": trust.genesis.created,
        "epoch": membership.epoch,
        "quorum": membership.parameters.quorum,
        "cosigners": {cosigner.id: cosigner for cosigner in membership.cosigners},
        "members": {member.id: member for member in membership.members},
        "changes": len(trust.changes),
    }


def _request(data: bytes) -> dict[str, object]:
    request = EnrolmentRequest.from_json(data)
    signed = request.draft
    missing = [key.hex() for key in signed.missing]
    shown = {"file": "an enrolment request", "identity": request.terms, "signatures missing": missing}
    return {**shown, **_record(signed.record, signed.id)}


def _draft(data: bytes) -> dict[str, object]:
    if len(data) > DRAFT_BYTES:
        raise InvalidInput("too large for a record")
    draft = Draft.from_json(data)
    missing = [key.hex() for key in draft.missing]
    return {"file": "a draft", "signatures missing": missing, **_record(draft.record, draft.id)}


def _refusal(data: bytes) -> dict[str, object]:
    refusal = read_refusal(data)
    signed = open_envelope(refusal.envelope)
    return {"file": A_REFUSAL, "statement": refusal.statement, **_record(signed.record, signed.id)}


def _envelope(data: bytes) -> dict[str, object]:
    signed: Signed = open_envelope(data)
    return {"file": "a record", **_record(signed.record, signed.id)}


def _record(record: Record, name: bytes) -> dict[str, object]:
    return {
        "record": name,
        "kind": record.kind,
        "about": subject_of(record.body, name),
        "ledger": record.ledger,
        "created": record.created,
        "expires": record.expires,
        "signers": list(record.signers),
        "mandates": list(record.mandates),
        "body": record.body,
    }


def _value(data: bytes) -> object:
    try:
        value: object = msgspec.msgpack.decode(data)
    except UNREADABLE as error:
        raise Malformed(f"aspect: {error}") from error
    _check_form(value, DEEPEST)
    return value


def _check_form(value: object, deep: int) -> None:
    """Insist that a value has the form of what a ledger holds, before it is unfolded. Raises Malformed."""
    match value:
        case dict() | list() if not deep:
            raise Malformed("aspect: it is nested deeper than any value is")
        case dict():
            for name, inner in value.items():
                if not isinstance(name, str | bytes) or len(name) > MOST_NAME:
                    raise Malformed("aspect: a name in it is no value's")
                _check_form(inner, deep - 1)
        case list():
            for inner in value:
                _check_form(inner, deep - 1)
        case None | bool() | int() | float() | str() | bytes():
            pass
        case _:
            raise Malformed("aspect: it is of no type that a value has")


def _decode(data: bytes, decoder: "msgspec.msgpack.Decoder[T]") -> T:
    try:
        return decoder.decode(data)
    except UNREADABLE as error:
        raise Malformed(f"leaf: {error}") from error


def _neutral(name: str) -> str:
    head, mark, last = name.rpartition(".")
    return f"{head}{mark}{_NEUTRAL.get(last, last)}"


def _currencies(rows: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Find the places and the currency of each payment that a file shows: a confirmation names it alone."""
    currencies = {}
    for name, value in rows.items():
        head, _, last = name.rpartition(".")
        within = {"id": f"{head}.aspects.amounts", "about": f"{head}.body"}.get(last, "").removeprefix(".")
        if f"{within}.currency" in rows:
            currencies[value] = rows.get(f"{within}.minor_digits"), rows.get(f"{within}.currency")
    return currencies


def _readable(name: str, value: str, rows: Mapping[str, str], paid: Mapping[str, tuple[str | None, str | None]]) -> str:
    last = name.rpartition(".")[2]
    if last in _MOMENTS and value.isdecimal():
        return moment_words(int(value))
    if not _NUMBER.fullmatch(value):
        return value
    if last.endswith("_micro"):
        return quantity_text(int(value), _beside(name, "unit", rows))
    if not last.endswith("_minor"):
        return value
    digits, currency = _beside(name, "minor_digits", rows), _beside(name, "currency", rows)
    if currency is None:
        digits, currency = paid.get(_beside(name, "payment", rows) or "", (None, None))
    if currency and digits and _PLACES.fullmatch(digits):
        return f"{decimal_text(int(value), int(digits))} {currency}"
    return f"{value} minor units of {currency or 'a currency that is not named here'}"


def _beside(name: str, wanted: str, rows: Mapping[str, str]) -> str | None:
    """Find the field that stands beside one, or beside what holds it."""
    while name:
        name = name.rpartition(".")[0]
        value = rows.get(f"{name}.{wanted}" if name else wanted)
        if value is not None:
            return value
    return None
