"""What a proof shows of an object, and whether it may be relied on.

The aspects come from the state, the history from the log; both must tell the same.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct, structs

from hanse_ledger.aspects import Leaf
from hanse_ledger.codec import decode_canonical, encode, object_id
from hanse_ledger.envelope import Signed
from hanse_ledger.errors import Malformed, ProofInvalid
from hanse_ledger.evidence import ObjectEvidence
from hanse_ledger.hashing import hash_leaf
from hanse_ledger.merkle import inclusion_root
from hanse_ledger.records import Body, EnrolParty, InstructPayment, IssueCertificate, IssueInvoice, LodgeDeclaration
from hanse_ledger.report import Subject, Verdict
from hanse_ledger.standing import (
    Created,
    certificate_balances,
    certificate_state,
    declaration_state,
    invoice_amounts,
    invoice_state,
    party_key,
    payment_state,
)
from hanse_ledger.state import (
    KIND_NAMES,
    NO_HISTORY,
    CertificateState,
    CertificateStatus,
    DeclarationState,
    DeclarationStatus,
    History,
    InvoiceState,
    InvoiceStatus,
    PartyKey,
    PartyStatus,
    PaymentState,
    PaymentStatus,
)
from hanse_ledger.types import Digest, Moment

_leaf_decoder = msgspec.msgpack.Decoder(Leaf)

_ASPECTS: dict[str, dict[str, Any]] = {
    name: {
        field.name: msgspec.msgpack.Decoder(field.type)
        for field in structs.fields(kind)
        if field.name not in {"id", "seed"}
    }
    for kind, name in KIND_NAMES.items()
}
"""For each kind of object its aspects in order, and how each is decoded."""

_CREATES: dict[str, type[Body]] = {
    "party": EnrolParty,
    "invoice": IssueInvoice,
    "certificate": IssueCertificate,
    "declaration": LodgeDeclaration,
    "payment": InstructPayment,
}


class Shown(Struct, frozen=True):
    """The shown aspects of an object, decoded, and the object's value to which they lead."""

    kind: str
    aspects: dict[str, Any]
    value: Digest


class Judged(Struct, frozen=True):
    """An object in words, and whether it may be relied on."""

    subject: Subject
    verdict: Verdict
    detail: str


def read_aspects(evidence: ObjectEvidence) -> Shown:
    """Read the shown aspects of an object.

    Raises:
        ProofInvalid: a leaf is not canonical, not an aspect of one kind, or its path leads elsewhere than the others'.
    """
    kinds: set[str] = set()
    values: set[Digest] = set()
    aspects: dict[str, Any] = {}
    last = -1
    for shown in evidence.aspects:
        try:
            leaf = decode_canonical(shown.leaf, _leaf_decoder, "aspect")
        except Malformed as error:
            raise ProofInvalid(error.detail) from error
        kind, _, name = leaf.name.partition("/")
        names = list(_ASPECTS.get(kind, {}))
        if name not in names or names.index(name) != shown.index or shown.index <= last:
            raise ProofInvalid(f"{leaf.name[:64]!r} is not the aspect that stands at place {shown.index}")
        last = shown.index
        try:
            aspects[name] = decode_canonical(bytes(leaf.value), _ASPECTS[kind][name], leaf.name)
        except Malformed as error:
            raise ProofInvalid(error.detail) from error
        kinds.add(kind)
        values.add(inclusion_root(hash_leaf(shown.leaf), shown.index, len(names), shown.path))
    if len(kinds) != 1 or len(values) != 1:
        raise ProofInvalid("the shown aspects are not those of one object")
    return Shown(kinds.pop(), aspects, values.pop())


def judge_subject(
    evidence: ObjectEvidence, shown: Shown, history: Sequence[Signed], created: Created, at: Moment
) -> Judged:
    """Replay an object's history, compare it with the shown aspects, and judge its standing.

    Args:
        evidence: the object in the proof file.
        shown: its aspects.
        history: the records that touched it, in order; none where the proof leaves the records out.
        created: the body of the record that created each object in the file.
        at: the verifier's present, in milliseconds.

    Raises:
        ProofInvalid: the history does not replay to the proven head, or leads to another state than is shown.
    """
    if history:
        _replay(evidence, shown, history)
        _compare(evidence, shown, [signed.record.body for signed in history], created)
    if "status" not in shown.aspects:
        raise ProofInvalid("the proof does not show the object's status")
    verdict, state, detail = _standing(shown, at)
    facts = {name: _words(value) for name, value in shown.aspects.items() if name != "history"}
    if not history:
        facts["records"] = "left out: the operator's state alone says this"
    subject = Subject(id=evidence.id, kind=shown.kind, state=state, facts=facts)
    return Judged(subject, verdict, f"{shown.kind} {evidence.id.hex()[:16]}…: {detail}")


def _replay(evidence: ObjectEvidence, shown: Shown, history: Sequence[Signed]) -> None:
    replayed: History = NO_HISTORY
    for signed in history:
        replayed = replayed.after(signed.id)
    if shown.aspects.get("history") != replayed:
        raise ProofInvalid("the shown records do not replay to the head of the object's history")
    first = history[0]
    if object_id(first.id) != evidence.id or not isinstance(first.record.body, _CREATES[shown.kind]):
        raise ProofInvalid("the history does not begin with the record that creates the object")


def _compare(evidence: ObjectEvidence, shown: Shown, bodies: Sequence[Body], created: Created) -> None:
    """Derive what the records lead to, and insist that the state shows it."""
    first = bodies[0]
    derived: dict[str, Any] = {}
    match first:
        case EnrolParty():
            derived["key"] = PartyKey(encryption_key=first.encryption_key, key=party_key(bodies, evidence.id))
            derived["status"] = PartyStatus(
                roles=first.roles, valid_from=first.valid_from, valid_until=first.valid_until
            )
        case IssueInvoice():
            derived["amounts"] = invoice_amounts(evidence.id, first, bodies, created)
            derived["status"] = InvoiceStatus(state=invoice_state(bodies))
        case IssueCertificate():
            derived["balances"] = certificate_balances(evidence.id, first, bodies, created)
            derived["status"] = CertificateStatus(
                state=certificate_state(bodies), valid_from=first.valid_from, valid_until=first.valid_until
            )
        case LodgeDeclaration():
            derived["status"] = DeclarationStatus(regime=first.regime, state=declaration_state(bodies))
        case InstructPayment():
            derived["status"] = PaymentStatus(state=payment_state(bodies))
        case _:
            raise ProofInvalid("the history does not begin with a record that creates an object")
    if shown.aspects.keys() != derived.keys() | {"history"}:
        raise ProofInvalid(f"beside records, exactly history and {', '.join(derived)} of a {shown.kind} are shown")
    for name, value in derived.items():
        if encode(shown.aspects[name]) != encode(value):
            raise ProofInvalid(f"the {shown.kind}'s {name} in the state is not what its signed records lead to")


def _standing(shown: Shown, at: Moment) -> tuple[Verdict, str, str]:  # noqa: PLR0911, PLR0912 (one return a state)
    """Judge a status: the verdict, the state in a word, and the reason."""
    match shown.aspects["status"]:
        case PartyStatus(valid_until=until) if until <= at:
            return Verdict.EXPIRED_OR_SUPERSEDED, "expired", "the enrolment has expired"
        case PartyStatus():
            key = shown.aspects.get("key")
            if key is not None and key.key is None:
                return Verdict.REVOKED, "key revoked", "the party's key has been revoked"
            return Verdict.VALID, "enrolled", "enrolled"
        case InvoiceStatus(state=InvoiceState.ACCEPTED):
            return Verdict.VALID, "accepted", "the buyer has accepted it"
        case InvoiceStatus(state=InvoiceState.ISSUED):
            return Verdict.VALID_WITH_WARNINGS, "issued", "the buyer has not accepted it"
        case InvoiceStatus(state=state):
            return Verdict.REVOKED, state.value, f"it has been {state.value}"
        case CertificateStatus(state=CertificateState.REVOKED):
            return Verdict.REVOKED, "revoked", "its issuer has revoked it"
        case CertificateStatus(valid_until=until) if until <= at:
            return Verdict.EXPIRED_OR_SUPERSEDED, "expired", "its validity has ended"
        case CertificateStatus(valid_from=begin) if begin > at:
            return Verdict.VALID_WITH_WARNINGS, "not yet valid", "its validity has not begun"
        case CertificateStatus():
            return Verdict.VALID, "live", "it is live"
        case DeclarationStatus(state=DeclarationState.RELEASED):
            return Verdict.VALID, "released", "customs has released the goods"
        case DeclarationStatus(state=DeclarationState.LODGED):
            return Verdict.VALID_WITH_WARNINGS, "lodged", "customs has not decided it"
        case DeclarationStatus():
            return Verdict.REVOKED, "refused", "customs has refused it"
        case PaymentStatus(state=PaymentState.CONFIRMED):
            return Verdict.VALID, "confirmed", "the payee's bank has confirmed it"
        case PaymentStatus(state=PaymentState.INSTRUCTED):
            return Verdict.VALID_WITH_WARNINGS, "instructed", "the payee's bank has not confirmed it"
        case PaymentStatus():
            return Verdict.REVOKED, "returned", "the payment has been returned"
        case _:
            raise ProofInvalid("the status is of no known kind")


def _words(value: object) -> str:
    """Write an aspect as text: hexadecimal bytes, the rest as JSON would."""
    return msgspec.json.encode(value, enc_hook=str).decode() if not isinstance(value, Struct) else _struct(value)


def _struct(value: Struct) -> str:
    parts = []
    for field in structs.fields(value):
        inner = getattr(value, field.name)
        text = inner.hex() if isinstance(inner, bytes) else _struct(inner) if isinstance(inner, Struct) else str(inner)
        parts.append(f"{field.name} {text}")
    return ", ".join(parts)
