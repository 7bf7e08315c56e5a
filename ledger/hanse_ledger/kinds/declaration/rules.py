"""What customs and the declarant say of a declaration that is lodged: assessed, asked, answered, refused."""

from msgspec.structs import replace

from hanse_ledger.kinds.common import Context, Signers, ascending, require
from hanse_ledger.kinds.declaration.bodies import (
    AnswerDeclaration,
    AssessDeclaration,
    CustomsLane,
    QueryDeclaration,
    RefuseDeclaration,
)
from hanse_ledger.kinds.declaration.ending import given_back
from hanse_ledger.kinds.declaration.entitled import (
    decidable,
    find_declaration,
    require_declarant,
    require_lodged,
)
from hanse_ledger.kinds.declaration.refusals import QUERY_NOT_OPEN, QUERY_OPEN
from hanse_ledger.kinds.declaration.state import Assessment, DeclarationState, OpenQuery
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED
from hanse_ledger.kinds.view import Delta, StateView


def refuse_declaration(state: StateView, body: RefuseDeclaration, signers: Signers, context: Context) -> Delta:
    """C-3. The customs authority addressed refuses the declaration; what import had reserved is given back."""
    declaration = decidable(state, body.declaration, signers)
    require(
        len(body.reasons) > 0 and ascending(body.reasons),
        REASONS_NOT_SORTED,
        "/body/reasons",
    )

    # From here the refusal must succeed.
    return given_back(state, declaration, DeclarationState.REFUSED, context)


def assess_declaration(state: StateView, body: AssessDeclaration, signers: Signers, context: Context) -> Delta:
    """C-6. The customs authority addressed says how closely it looks, and why; the last assessment counts."""
    declaration = decidable(state, body.declaration, signers)
    # Nothing needs a reason to be let through; whatever else is looked at does.
    reasoned = len(body.reasons) > 0 or body.lane is CustomsLane.GREEN
    require(reasoned and ascending(body.reasons), REASONS_NOT_SORTED, "/body/reasons")

    # From here the assessment must succeed.
    assessment = Assessment(lane=body.lane, profile=body.profile, reasons=body.reasons)
    status = replace(declaration.status, heard=context.at)
    return Delta(objects=(replace(declaration, assessment=assessment, status=status),))


def query_declaration(state: StateView, body: QueryDeclaration, signers: Signers, context: Context) -> Delta:
    """C-7. The customs authority addressed asks the declarant something; it may decide without the answer."""
    declaration = decidable(state, body.declaration, signers)
    asked = declaration.query
    require(asked is None, QUERY_OPEN, "/body/declaration", seen=b"" if asked is None else asked.record)
    require(len(body.reasons) > 0 and ascending(body.reasons), REASONS_NOT_SORTED, "/body/reasons")

    # From here the query must succeed.
    query = OpenQuery(asked=body.reasons, document=body.document, record=context.record)
    return Delta(objects=(replace(declaration, query=query, status=replace(declaration.status, heard=context.at)),))


def answer_declaration(state: StateView, body: AnswerDeclaration, signers: Signers, _: Context) -> Delta:
    """C-8. The declarant, or its principal, answers what customs has asked."""
    declaration = find_declaration(state, body.declaration, "/body/declaration")
    require_declarant(declaration, signers)
    require_lodged(declaration)
    asked = b"" if declaration.query is None else declaration.query.record
    require(body.query == asked, QUERY_NOT_OPEN, "/body/query", seen=body.query, wanted=asked)

    # From here the answer must succeed.
    return Delta(objects=(replace(declaration, query=None),))
