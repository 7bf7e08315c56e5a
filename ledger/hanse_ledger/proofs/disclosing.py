"""Where disclosed terms are checked: each is the document's, and says what the signed record says."""

from collections.abc import Sequence

from msgspec import Struct

from hanse_ledger.kinds import Body
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, InstructPayment
from hanse_ledger.proofs.clearheader import Committed, agreeing, commitment_of
from hanse_ledger.proofs.evidence import TermEvidence
from hanse_ledger.proofs.relations import Relations
from hanse_ledger.proofs.report import ShownTerm
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import Currency, MinorDigits, RecordId, Uetr
from hanse_ledger.wire.commitments import open_term


def open_terms(disclosed: Sequence[TermEvidence], relations: Relations) -> tuple[ShownTerm, ...]:
    """Open the disclosed terms of a proof file, and compare them with the records that commit to them.

    Raises:
        ProofInvalid: one is of no record in the file, does not open its commitment, says something else than the
            record, or they are repeated or out of order.
    """
    shown: dict[RecordId, dict[str, str | None]] = {}
    last = (b"", "")
    for evidence in disclosed:
        committed = _committed(_body(evidence.record, relations))
        term = open_term(committed.kind, evidence.shown, committed.root)
        if (evidence.record, term.name) <= last:
            raise ProofInvalid(f"the disclosed term {term.name} is repeated or out of order")
        last = (evidence.record, term.name)
        shown.setdefault(evidence.record, {})[term.name] = term.value
    opened: list[ShownTerm] = []
    for record, terms in shown.items():
        body = _body(record, relations)
        agree = agreeing(_committed(body).kind, _header(body, relations), terms)
        opened += [
            ShownTerm(record=record, name=name, value=value, field=agree.get(name)) for name, value in terms.items()
        ]
    return tuple(opened)


def _body(record: RecordId, relations: Relations) -> Body:
    if record not in relations.positions:
        raise ProofInvalid("a disclosed term is of a record that is not in the file")
    return relations.records[relations.positions[record]].record.body


def _committed(body: Body) -> Committed:
    committed = commitment_of(body)
    if committed is None:
        raise ProofInvalid("a disclosed term is of a record that commits to nothing")
    return committed


class Confirmed(Struct, frozen=True, kw_only=True):
    """The clear header of a payment's message: what was credited, and what the instruction says."""

    credited_minor: int
    currency: Currency
    minor_digits: MinorDigits
    uetr: Uetr | None


def _header(body: Body, relations: Relations) -> Struct:
    """Give what bears the clear header of a commitment: of a payment's message the instruction has a part of it."""
    if not isinstance(body, ConfirmPayment):
        return body
    position = relations.created.get(body.payment)
    instruction = None if position is None else relations.records[position].record.body
    if not isinstance(instruction, InstructPayment):
        raise ProofInvalid("the payment whose message is shown is not in the file")
    return Confirmed(
        credited_minor=body.credited_minor,
        currency=instruction.currency,
        minor_digits=instruction.minor_digits,
        uetr=instruction.uetr,
    )
