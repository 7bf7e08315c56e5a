"""Whether an opened payload is what its record commits to: the file, the terms, and the clear header made of them.

Nothing that a sender puts in is believed. Each finding has a verdict of its own: what contradicts the record is
`tampered`, what nothing here can compare `cannot check`, and these two are never the same.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from msgspec import Struct

from hanse_client.sealing.content import PayloadContent, PayloadExcerpt
from hanse_ledger.proofs.clearheader import agreeing
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.catalogue import CATALOGUES, CommittedKind, place_of
from hanse_ledger.wire.commitments import Term, commit_file, commit_terms, leads_to, open_term
from hanse_ledger.wire.part import Commitment


class PayloadFinding(Struct, frozen=True, kw_only=True):
    """What came of one comparison.

    Attributes:
        what: `file`, `terms`, `header`, or `paper`: whether the file says what its terms say.
        verdict: `valid`, `tampered` or `cannot check`.
        why: in words.
    """

    what: str
    verdict: Verdict
    why: str


class PayloadReport(Struct, frozen=True, kw_only=True):
    """What came of opening a payload: its verdict is the worst of its findings'."""

    verdict: Verdict
    findings: tuple[PayloadFinding, ...]


class Committed(Struct, frozen=True, kw_only=True):
    """What a record says of a document.

    Attributes:
        commitment: to it.
        kind: as what.
        header: what bears its clear header; nil where that stands in a record that is not at hand.
    """

    commitment: Commitment
    kind: CommittedKind
    header: Struct | None


def compare(payload: PayloadContent, committed: Committed, paper: Mapping[str, str] | None) -> PayloadReport:
    """Compare an opened payload with what a proven record commits to.

    Args:
        payload: as it was sealed.
        committed: what the record says.
        paper: the terms that the file itself was read to have; None where nothing here reads it.
    """
    return _report(
        _file(payload, committed),
        _terms(payload, committed),
        _header(payload, committed),
        _paper(payload, paper),
    )


def compare_excerpt(excerpt: PayloadExcerpt, committed: Committed) -> tuple[tuple[Term, ...], PayloadReport]:
    """Compare an excerpt of a document with what a proven record commits to, and read its terms.

    Returns:
        The terms that open the record's commitment, and what came of it. None where one of them does not: who sealed
        it answers for it.
    """
    if excerpt.kind is not committed.kind:
        why = f"the terms are of kind {excerpt.kind.value}, and the record's document of {committed.kind.value}"
        return (), _report(_found("terms", Verdict.TAMPERED, why))
    opened = list[Term]()
    for each in excerpt.terms:
        name = leads_to(each)
        try:
            place_of(excerpt.kind, name)
        except Malformed as error:
            # As of a whole document: a later release may have such a term.
            return (), _report(_found("terms", Verdict.CANNOT_CHECK, f"this release cannot check {name!r}: {error}"))
        try:
            opened.append(open_term(excerpt.kind, each, committed.commitment.terms))
        except ProofInvalid as error:
            why = f"the term {name[:80]!r} is not one to which the record commits: {error}"
            return (), _report(_found("terms", Verdict.TAMPERED, why))
    shown = _found("terms", Verdict.VALID, f"the {len(opened)} terms shown are among those to which the record commits")
    terms = {term.name: term.value for term in opened}
    report = _report(shown, _agreeing(committed, terms))
    return (() if report.verdict is Verdict.TAMPERED else tuple(opened)), report


def worst_of(findings: Iterable[PayloadFinding]) -> Verdict:
    """Give the worst verdict among findings."""
    met = {found.verdict for found in findings}
    return next((each for each in (Verdict.TAMPERED, Verdict.CANNOT_CHECK) if each in met), Verdict.VALID)


def _report(*findings: PayloadFinding) -> PayloadReport:
    return PayloadReport(verdict=worst_of(findings), findings=findings)


def _file(payload: PayloadContent, committed: Committed) -> PayloadFinding:
    digest, opening = hash_bytes(payload.file), payload.opening
    commitment = committed.commitment
    if commit_file(digest, opening.seed) != commitment.file:
        return _found("file", Verdict.TAMPERED, "the file is another than the one to which the record commits")
    if commitment.discoverable not in (None, digest):
        return _found("file", Verdict.TAMPERED, "the record shows the hash of another file")
    return _found("file", Verdict.VALID, "the file is the very one to which the record commits")


def _terms(payload: PayloadContent, committed: Committed) -> PayloadFinding:
    opening = payload.opening
    if opening.kind is not committed.kind:
        why = f"the terms are of kind {opening.kind.value}, and the record's document of {committed.kind.value}"
        return _found("terms", Verdict.TAMPERED, why)
    try:
        root = commit_terms(opening.kind, opening.terms, opening.seed)
    except Malformed as error:
        # Names may be added: what a later release commits to has terms that this one does not know.
        return _found("terms", Verdict.CANNOT_CHECK, f"this release cannot compute what they commit to: {error}")
    if root != committed.commitment.terms:
        return _found("terms", Verdict.TAMPERED, "the terms are others than those to which the record commits")
    return _found("terms", Verdict.VALID, f"the {len(opening.terms)} terms are those to which the record commits")


def _header(payload: PayloadContent, committed: Committed) -> PayloadFinding:
    if payload.opening.kind is not committed.kind:
        return _found("header", Verdict.TAMPERED, "the record is of another kind of document")
    terms: dict[str, str | None] = {**dict.fromkeys(CATALOGUES[committed.kind].single), **payload.opening.terms}
    if committed.kind is CommittedKind.CERTIFICATE:
        lines = {int(name.split("/")[1]) for name in payload.opening.terms if _counted(name)}
        # A record that has a line more than the terms say says something of it.
        terms[f"lines/{max(lines, default=0) + 1}"] = None
    return _agreeing(committed, terms)


def _agreeing(committed: Committed, terms: Mapping[str, str | None]) -> PayloadFinding:
    if committed.header is None:
        return _found("header", Verdict.CANNOT_CHECK, "what the record says of the document stands in another one")
    try:
        compared = agreeing(committed.kind, committed.header, terms)
    except ProofInvalid as error:
        return _found("header", Verdict.TAMPERED, str(error))
    fields = set(compared.values())
    if not fields:
        return _found("header", Verdict.VALID, "the record says nothing of these terms in the clear")
    return _found("header", Verdict.VALID, f"the record says what the terms say, in {len(fields)} fields")


def _counted(name: str) -> bool:
    first, _, rest = name.partition("/")
    return first == "lines" and rest.split("/")[0].isdigit()


def _paper(payload: PayloadContent, paper: Mapping[str, str] | None) -> PayloadFinding:
    if paper is None:
        return _found(
            "paper", Verdict.CANNOT_CHECK, "nothing here reads the file: whether it says so, a person must see"
        )
    terms = payload.opening.terms
    for name in sorted(chain(terms.keys() - paper.keys(), paper.keys() - terms.keys(), terms.keys() & paper.keys())):
        if terms.get(name) != paper.get(name):
            seen, wanted = (repr(each.get(name, ""))[:80] for each in (paper, terms))
            return _found("paper", Verdict.TAMPERED, f"the file says {seen} as {name}, and its terms {wanted}")
    return _found("paper", Verdict.VALID, "the file says what its terms say")


def _found(what: str, verdict: Verdict, why: str) -> PayloadFinding:
    return PayloadFinding(what=what, verdict=verdict, why=why)
