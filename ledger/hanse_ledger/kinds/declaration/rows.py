"""The rows of customs declarations."""

from collections.abc import Iterable, Iterator

from hanse_ledger.kinds.amount import Amount, no_amount
from hanse_ledger.kinds.claims import ended_claim
from hanse_ledger.kinds.declaration import samples
from hanse_ledger.kinds.declaration.bodies import (
    AnswerDeclaration,
    AssessDeclaration,
    CorrectDeclaration,
    DeclarationLine,
    LapseDeclaration,
    LodgeDeclaration,
    QueryDeclaration,
    RefuseDeclaration,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.declaration.ending import lapse_declaration, withdraw_declaration
from hanse_ledger.kinds.declaration.lodging import lodge_declaration
from hanse_ledger.kinds.declaration.refusals import DECLARATION_UNKNOWN
from hanse_ledger.kinds.declaration.releasing import correct_declaration, release_declaration
from hanse_ledger.kinds.declaration.rules import (
    answer_declaration,
    assess_declaration,
    query_declaration,
    refuse_declaration,
)
from hanse_ledger.kinds.declaration.state import IMPORTS, UNDECIDED, Declaration, DeclarationState, DeclaredLine
from hanse_ledger.kinds.declaration.status import judged
from hanse_ledger.kinds.kind import (
    Kind,
    Listed,
    ObjectType,
    Waits,
    no_claims,
    no_key,
    no_object,
    nobody,
)
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import Digest, ObjectId


def _certificates(lines: Iterable[DeclarationLine | DeclaredLine]) -> frozenset[ObjectId]:
    return frozenset(line.certificate.certificate for line in lines if line.certificate)


def _sources(lines: Iterable[DeclarationLine | DeclaredLine]) -> frozenset[ObjectId]:
    return frozenset(line.source.declaration for line in lines if line.source)


def _decided_by(declaration: Declaration) -> Iterator[Waits]:
    """Wait for customs, but while its own question is open."""
    if declaration.undecided and declaration.query is None:
        yield Waits(declaration.links.customs, declaration.status.heard)


def _answered_by(declaration: Declaration) -> Iterator[Waits]:
    if declaration.undecided and declaration.query is not None:
        for who in (declaration.links.declarant, declaration.links.principal):
            yield Waits(who, declaration.status.heard)


def _worth(declaration: Declaration) -> Amount | None:
    """What the goods of a low-value import are worth, as declared."""
    value = declaration.value
    return None if value is None else Amount(value.amount_minor, value.currency, value.minor_digits)


def _worth_of(declaration: Declaration) -> tuple[ObjectId, ...]:
    return () if declaration.value is not None else declaration.links.invoices


DECLARATION = ObjectType(
    name="declaration",
    state=Declaration,
    unknown=DECLARATION_UNKNOWN,
    beside=frozenset({"history", "query", "status"}),
    sums={DeclaredLine: ("drawn_micro",)},
    judged=judged,
    behind=lambda declaration: (
        _certificates(declaration.lines) | {*declaration.links.invoices} | _sources(declaration.lines)
    ),
    acts=False,
    found_by=(),
    listed=Listed(
        state=lambda declaration: declaration.status.state,
        open=frozenset(UNDECIDED),
        ended=frozenset(DeclarationState) - frozenset(UNDECIDED),
        whose=lambda declaration: (declaration.links.declarant, declaration.links.principal, declaration.links.customs),
        waits={"declaration.release": _decided_by, "declaration.answer": _answered_by},
        worth=_worth,
        worth_of=_worth_of,
    ),
)


def _lodged(body: LodgeDeclaration) -> tuple[ObjectId | None, ...]:
    named = (body.consignment, body.declarant, body.principal, *body.invoices)
    return (*named, *_certificates(body.lines), *_sources(body.lines))


def _counts(body: LodgeDeclaration) -> Iterator[Digest]:
    """Name the counts of what has ended; what is exported is mostly the declarant's own, on which nothing counts."""
    trader = body.declarant if body.principal is None else body.principal
    named = _certificates(body.lines).union(body.invoices) if body.regime in IMPORTS else ()
    return (ended_claim(name, trader) for name in named)


OfOne = (
    ReleaseDeclaration
    | RefuseDeclaration
    | WithdrawDeclaration
    | LapseDeclaration
    | AssessDeclaration
    | QueryDeclaration
    | AnswerDeclaration
    | CorrectDeclaration
)
"""What is recorded of a declaration that stands."""


def _own(body: OfOne) -> ObjectId:
    return body.declaration


def _named(body: OfOne) -> tuple[ObjectId, ...]:
    return (body.declaration,)


LODGE = Kind(
    name="declaration.lodge",
    number="C-1",
    body=LodgeDeclaration,
    rule=lodge_declaration,
    object=DECLARATION,
    creates=True,
    about=no_object,
    references=_lodged,
    addresses=lambda body: (body.customs,),
    introduces=no_key,
    presents=no_key,
    claims=_counts,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.lodge,
)

RELEASE = Kind(
    name="declaration.release",
    number="C-2",
    body=ReleaseDeclaration,
    rule=release_declaration,
    object=DECLARATION,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.DECIDE,),
    amount=no_amount,
    sample=samples.release,
)

REFUSE = Kind(
    name="declaration.refuse",
    number="C-3",
    body=RefuseDeclaration,
    rule=refuse_declaration,
    object=DECLARATION,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.DECIDE,),
    amount=no_amount,
    sample=samples.refuse,
)

WITHDRAW = Kind(
    name="declaration.withdraw",
    number="C-4",
    body=WithdrawDeclaration,
    rule=withdraw_declaration,
    object=DECLARATION,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.withdraw,
)

LAPSE = Kind(
    name="declaration.lapse",
    number="C-5",
    body=LapseDeclaration,
    rule=lapse_declaration,
    object=DECLARATION,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.lapse,
)

ASSESS = Kind(
    name="declaration.assess",
    number="C-6",
    body=AssessDeclaration,
    rule=assess_declaration,
    object=DECLARATION,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.DECIDE,),
    amount=no_amount,
    sample=samples.assess,
)

QUERY = Kind(
    name="declaration.query",
    number="C-7",
    body=QueryDeclaration,
    rule=query_declaration,
    object=DECLARATION,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.DECIDE,),
    amount=no_amount,
    sample=samples.query,
)

ANSWER = Kind(
    name="declaration.answer",
    number="C-8",
    body=AnswerDeclaration,
    rule=answer_declaration,
    object=DECLARATION,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.answer,
)

CORRECT = Kind(
    name="declaration.correct",
    number="C-9",
    body=CorrectDeclaration,
    rule=correct_declaration,
    object=DECLARATION,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.DECIDE,),
    amount=no_amount,
    sample=samples.correct,
)

KINDS = (LODGE, RELEASE, REFUSE, WITHDRAW, LAPSE, ASSESS, QUERY, ANSWER, CORRECT)
