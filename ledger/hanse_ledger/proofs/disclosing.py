"""Where disclosed terms are checked: each is the document's, and says what the signed record says."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from hanse_ledger.kinds import kind_of
from hanse_ledger.kinds.kind import Commits
from hanse_ledger.proofs.clearheader import agreeing
from hanse_ledger.proofs.prooffile import TermPart
from hanse_ledger.proofs.relations import Relations
from hanse_ledger.proofs.report import ShownTerm
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_ledger.wire.commitments import open_term
from hanse_ledger.wire.part import Body


def open_terms(disclosed: Sequence[TermPart], relations: Relations) -> tuple[ShownTerm, ...]:
    """Open the disclosed terms of a proof file, and compare them with the records that commit to them.

    Raises:
        ProofInvalid: one is of no record in the file, does not open its commitment, says something else than the
            record, or they are repeated or out of order.
    """
    shown: dict[RecordId, dict[str, str | None]] = {}
    last = (b"", "")
    for evidence in disclosed:
        body = _body(evidence.record, relations)
        commits = _commits(body)
        term = open_term(commits.kind, evidence.shown, commits.terms(body))
        if (evidence.record, term.name) <= last:
            raise ProofInvalid(f"the disclosed term {term.name} is repeated or out of order")
        last = (evidence.record, term.name)
        shown.setdefault(evidence.record, {})[term.name] = term.value
    opened: list[ShownTerm] = []
    for record, terms in shown.items():
        body = _body(record, relations)
        agree = agreeing(_commits(body).kind, _header(body, relations), terms)
        opened += [
            ShownTerm(record=record, name=name, value=value, field=agree.get(name)) for name, value in terms.items()
        ]
    return tuple(opened)


def _body(record: RecordId, relations: Relations) -> Body:
    if record not in relations.positions:
        raise ProofInvalid("a disclosed term is of a record that is not in the file")
    return relations.records[relations.positions[record]].record.body


def _commits(body: Body) -> Commits[Any]:
    commits = kind_of(body).commits
    if commits is None:
        raise ProofInvalid("a disclosed term is of a record that commits to nothing")
    return commits


def _header(body: Body, relations: Relations) -> Struct:
    """Give what bears the clear header of a commitment: of a payment's message the instruction has a part of it."""

    def created_by(name: ObjectId) -> Body | None:
        position = relations.created.get(name)
        return None if position is None else relations.records[position].record.body

    header = _commits(body).header(body, created_by)
    if header is None:
        raise ProofInvalid("the payment whose message is shown is not in the file")
    return header
