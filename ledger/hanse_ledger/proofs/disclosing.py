"""Where disclosed terms are checked: each is the document's, and says what the signed record says."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from hanse_ledger.kinds import kind_of, steps_of
from hanse_ledger.kinds.kind import Commits
from hanse_ledger.proofs.clearheader import agreeing
from hanse_ledger.proofs.prooffile import TermPart
from hanse_ledger.proofs.relations import Relations
from hanse_ledger.proofs.report import ShownTerm
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_ledger.wire.commitments import Term, open_term
from hanse_ledger.wire.part import Body


def open_terms(disclosed: Sequence[TermPart], relations: Relations) -> tuple[ShownTerm, ...]:
    """Open the disclosed terms of a proof file, and compare them with the records that commit to them.

    Raises:
        ProofInvalid: one is of no record in the file, does not open its commitment, says something else than the
            record, or they are repeated or out of order.
    """
    shown: dict[tuple[RecordId, int], dict[str, str | None]] = {}
    last = (b"", 0, "")
    for evidence in disclosed:
        place, term = open_in_step(evidence, _bodies(evidence.record, relations))
        if (evidence.record, place, term.name) <= last:
            raise ProofInvalid(
                said("proof.term-order", "the disclosed term {name} is repeated or out of order", term.name)
            )
        last = (evidence.record, place, term.name)
        shown.setdefault((evidence.record, place), {})[term.name] = term.value
    opened: list[ShownTerm] = []
    for (record, place), terms in shown.items():
        body = _bodies(record, relations)[place]
        agree = agreeing(_commits(body).kind, _header(body, relations), terms)
        opened += [
            ShownTerm(record=record, name=name, value=value, field=agree.get(name)) for name, value in terms.items()
        ]
    return tuple(opened)


def open_in_step(evidence: TermPart, bodies: Sequence[Body]) -> tuple[int, Term]:
    """Open a term by the commitment of a step of its record to which it leads, and say which; mostly there is one.

    Raises:
        ProofInvalid: it opens none.
    """
    refused = ProofInvalid(
        said("proof.term-of-no-commitment", "a disclosed term is of a record that commits to nothing")
    )
    for place, body in enumerate(bodies):
        if kind_of(body).commits is None:
            continue
        commits = _commits(body)
        try:
            return place, open_term(commits.kind, evidence.shown, commits.terms(body))
        except ProofInvalid as error:
            refused = error
    raise refused


def _bodies(record: RecordId, relations: Relations) -> list[Body]:
    if record not in relations.positions:
        raise ProofInvalid(said("proof.term-of-no-record", "a disclosed term is of a record that is not in the file"))
    signed = relations.records[relations.positions[record]]
    return [step.body for step in steps_of(signed.record.body, signed.id)]


def _commits(body: Body) -> Commits[Any]:
    commits = kind_of(body).commits
    assert commits is not None, "a term of it was opened"
    return commits


def _header(body: Body, relations: Relations) -> Struct:
    """Give what bears the clear header of a commitment: of a payment's message the instruction has a part of it."""

    def created_by(object_id: ObjectId) -> Body | None:
        position = relations.created.get(object_id)
        if position is None:
            return None
        signed = relations.records[position]
        steps = steps_of(signed.record.body, signed.id)
        return next(step.body for step in steps if step.creates == object_id)

    header = _commits(body).header(body, created_by)
    if header is None:
        raise ProofInvalid(said("proof.term-without-payment", "the payment whose message is shown is not in the file"))
    return header
