"""A declaration is found, and whoever signs may say something of it."""

from msgspec.structs import replace

from hanse_ledger.kinds.common import Signers, find, require, require_only, require_role
from hanse_ledger.kinds.declaration.refusals import DECLARATION_DECIDED, DECLARATION_UNKNOWN, NOT_CUSTOMS, NOT_DECLARANT
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState, DeclaredLine
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.membership import MemberRole


def find_declaration(state: StateView, object_id: ObjectId, pointer: str) -> Declaration:
    """Find a declaration, or refuse."""
    return find(state, object_id, Declaration, DECLARATION_UNKNOWN, pointer)


def decidable(state: StateView, object_id: ObjectId, signers: Signers) -> Declaration:
    """Find a declaration of which customs, which signs, has not decided all; or refuse."""
    declaration = of_office(state, object_id, signers)
    require_lodged(declaration)
    return declaration


def of_office(state: StateView, object_id: ObjectId, signers: Signers) -> Declaration:
    """Find a declaration, and insist that the authority addressed signs, and nobody else (G-5)."""
    declaration = find_declaration(state, object_id, "/body/declaration")
    customs = declaration.links.customs
    require(customs in signers.members, NOT_CUSTOMS, "/signers", wanted=customs)
    require_role(state, customs, MemberRole.CUSTOMS)
    require_only(signers, 1)
    return declaration


def require_lodged(declaration: Declaration) -> None:
    """Refuse a declaration of which nothing is left to decide."""
    require(declaration.undecided, DECLARATION_DECIDED, "/body/declaration", seen=declaration.status.state)


def require_declarant(declaration: Declaration, signers: Signers) -> None:
    """Refuse a record unless the declarant, or its principal, signed it, and nobody else did (G-5)."""
    links = declaration.links
    require(
        not signers.parties.isdisjoint({links.declarant, links.principal}),
        NOT_DECLARANT,
        "/signers",
        wanted=links.declarant,
    )
    require_only(signers, 1)


def decided(declaration: Declaration, lines: tuple[DeclaredLine, ...], state: DeclarationState) -> Declaration:
    """Give a declaration other lines and another state."""
    return replace(declaration, lines=lines, status=replace(declaration.status, state=state))
