"""Where disclosed terms are checked: each is the document's, and says what the signed record says."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from hanse_ledger.kinds import kind_of, steps_of
from hanse_ledger.kinds.kind import Commits
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import AttestParty, EnrolParty
from hanse_ledger.proofs.clearheader import agreeing
from hanse_ledger.proofs.prooffile import TermPart
from hanse_ledger.proofs.relations import Relations
from hanse_ledger.proofs.report import Act, Attestation, ShownTerm
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.messages import Said, quoted, said
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_ledger.wire.commitments import Term, open_term
from hanse_ledger.wire.part import Body


class Disclosures(Struct, frozen=True):
    """The disclosed terms of a proof file: all, and by name those of each step of a record."""

    all: tuple[ShownTerm, ...]
    steps: dict[tuple[RecordId, int], dict[str, str | None]]


def open_terms(disclosed: Sequence[TermPart], relations: Relations) -> Disclosures:
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
    return Disclosures(tuple(opened), shown)


def attestations_in(opened: Disclosures, relations: Relations) -> tuple[Attestation, ...]:
    """List what the records say of somebody's look at who a party is, and of it what the file discloses.

    Of a party whose identity is disclosed in part, and no attestation says so much, one without a record says of what.
    """
    found: list[Attestation] = []
    unsaid: dict[ObjectId, dict[str, str | None]] = {}
    for (record, place), terms in opened.steps.items():
        if isinstance(_bodies(record, relations)[place], EnrolParty):
            unsaid[created_id(record, place)] = {name: value for name, value in terms.items() if value is not None}
    known = {**unsaid}
    for signed in relations.records.values():
        for place, step in enumerate(steps_of(signed.record.body, signed.id)):
            body = step.body
            if not isinstance(body, AttestParty):
                continue
            terms = opened.steps.get((signed.id, place), {})
            named = [value for name, value in terms.items() if name.startswith("terms/")]
            identity = _some(known.get(body.party, {}), named)
            seen = {name: value for name, value in terms.items() if not name.startswith("terms/")}
            found.append(Attestation(body.party, signed.id, identity, _some(seen, [*seen])))
            if body.party in unsaid:
                unsaid[body.party] = {name: value for name, value in unsaid[body.party].items() if name not in named}
    return (*found, *(Attestation(party, None, _some(left, [*left]), ()) for party, left in unsaid.items() if left))


def attested(looks: Sequence[Attestation], acts: Sequence[Act]) -> Iterator[Said]:
    """Say who a party was said to be, by whom, when, and of who looked at what as much as is disclosed."""
    known = {act.id: act for act in acts}
    for look in looks:
        if look.record is not None:
            act = known[look.record]
            yield said(
                "proven.attested",
                "the party {object} was said to be {identity} by {names} on {moment}; shown of who looked at what: "
                "{seen}",
                look.party.hex(),
                _listed(look.identity) or said("attested.unnamed", "somebody whom the proof does not name"),
                act.said,
                moment_words(act.time),
                _listed(look.seen) or said("attested.unseen", "nothing"),
            )


def unattested(looks: Sequence[Attestation]) -> Iterator[Said]:
    """Say of which disclosed terms of an identity it is not shown that anybody has looked."""
    for look in looks:
        if look.record is None:
            yield said(
                "unproven.attested",
                "that anybody has looked at whether the party {object} is {identity}: no attestation in the file says "
                "so",
                look.party.hex(),
                _listed(look.identity),
            )


def _listed(terms: Sequence[tuple[str, str]]) -> list[Said]:
    """Name terms with what they say."""
    listed = []
    for name, value in terms:
        kind = "/".join([part for part in name.split("/") if part[0] not in "0123456789"])
        what = Said(f"term.{kind}", (), kind.replace("_", " "))
        listed.append(said("attested.term", "{term} {value}", what, quoted(value)))
    return listed


def _some(terms: dict[str, str | None], names: Sequence[str | None]) -> tuple[tuple[str, str], ...]:
    """Give those terms by these names that are stated."""
    return tuple((name, value) for name, value in terms.items() if value is not None and name in names)


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
