"""The rows of customs declarations."""

from collections.abc import Iterator

from hanse_ledger.kinds.claims import ended_claim
from hanse_ledger.kinds.declaration.bodies import (
    DeclarationLine,
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.declaration.refusals import DECLARATION_UNKNOWN
from hanse_ledger.kinds.declaration.rules import (
    lapse_declaration,
    lodge_declaration,
    refuse_declaration,
    release_declaration,
    withdraw_declaration,
)
from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.declaration.status import judged
from hanse_ledger.kinds.kind import Kind, ObjectType, no_claims, no_key, no_object
from hanse_ledger.values.types import Digest, ObjectId


def _certificates(lines: tuple[DeclarationLine, ...]) -> frozenset[ObjectId]:
    return frozenset(line.certificate.certificate for line in lines if line.certificate)


DECLARATION = ObjectType(
    name="declaration",
    state=Declaration,
    unknown=DECLARATION_UNKNOWN,
    beside=frozenset({"history", "status"}),
    sums={},
    judged=judged,
    behind=lambda declaration: _certificates(declaration.lines) | {*declaration.links.invoices},
)


def _lodged(body: LodgeDeclaration) -> tuple[ObjectId | None, ...]:
    return (body.declarant, body.principal, *body.invoices, *_certificates(body.lines))


def _counts(body: LodgeDeclaration) -> Iterator[Digest]:
    """Name the counts of what has ended; what is exported is mostly the declarant's own, on which nothing counts."""
    trader = body.declarant if body.principal is None else body.principal
    named = _certificates(body.lines).union(body.invoices) if body.regime is Regime.IMPORT else ()
    return (ended_claim(name, trader) for name in named)


Deciding = ReleaseDeclaration | RefuseDeclaration | WithdrawDeclaration | LapseDeclaration


def _own(body: Deciding) -> ObjectId:
    return body.declaration


def _named(body: Deciding) -> tuple[ObjectId, ...]:
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
    introduces=no_key,
    presents=no_key,
    claims=_counts,
    commits=None,
    frees=False,
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
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
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
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
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
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
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
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
)

KINDS = (LODGE, RELEASE, REFUSE, WITHDRAW, LAPSE)
