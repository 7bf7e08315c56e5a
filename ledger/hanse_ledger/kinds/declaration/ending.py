"""Customs declarations end: withdrawn, lapsed or refused, they give back what was reserved and not released."""

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.balances import give_back
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    require,
    require_only,
)
from hanse_ledger.kinds.declaration.bodies import (
    LapseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.declaration.drawing import certificates_of, counted, drawing_lines, invoices_of, moved, moved_by
from hanse_ledger.kinds.declaration.entitled import decided, find_declaration, require_declarant, require_lodged
from hanse_ledger.kinds.declaration.refusals import (
    LAPSED_TOO_SOON,
    NOT_CONCERNED,
)
from hanse_ledger.kinds.declaration.sources import given_back_to_sources
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState
from hanse_ledger.kinds.ended import count_ended
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words


def withdraw_declaration(state: StateView, body: WithdrawDeclaration, signers: Signers, context: Context) -> Delta:
    """C-4. The declarant, or its principal, takes back what customs has not decided; what it reserved is left again."""
    declaration = find_declaration(state, body.declaration, "/body/declaration")
    require_declarant(declaration, signers)
    require_lodged(declaration)

    # From here the withdrawal must succeed.
    return given_back(state, declaration, DeclarationState.WITHDRAWN, context)


def lapse_declaration(state: StateView, body: LapseDeclaration, signers: Signers, context: Context) -> Delta:
    """C-5. Whom a declaration concerns records that customs has not decided it; what it reserved is left again."""
    declaration = find_declaration(state, body.declaration, "/body/declaration")
    links = declaration.links
    invoices = invoices_of(state, declaration)
    traders = {name for invoice in invoices for name in (invoice.links.seller, invoice.links.buyer)}
    require(
        not signers.parties.isdisjoint(traders | {links.declarant, links.principal}),
        NOT_CONCERNED,
        "/signers",
        wanted=links.declarant,
    )
    require_only(signers, 1)
    require_lodged(declaration)
    soonest = declaration.status.heard + limits.LAPSE_MS
    require(
        context.at >= soonest,
        LAPSED_TOO_SOON,
        "/body/declaration",
        seen=lambda: f"block time {moment_words(context.at)}",
        wanted=lambda: f"from {moment_words(soonest)}",
    )

    # From here the lapse must succeed.
    return given_back(state, declaration, DeclarationState.LAPSED, context)


def given_back(state: StateView, declaration: Declaration, ended: DeclarationState, context: Context) -> Delta:
    """End what of a declaration is not decided: what an import had reserved for it is left again.

    Where a part was released the declaration is cut short. Else it has come to nothing: its invoices count one less,
    and it counts as ended on all that it names.
    """
    certificates = certificates_of(state, declaration.lines)
    rest = declaration.rest
    drawn = certificates_of(state, drawing_lines(declaration, rest))
    left = moved(drawn, declaration.lines, rest.items(), give_back, moved_by(declaration, context))
    sources = given_back_to_sources(state, declaration, rest)
    lines = tuple(replace(line, open_micro=0) for line in declaration.lines)
    if declaration.status.state is DeclarationState.PARTLY_RELEASED:
        return Delta(objects=(decided(declaration, lines, DeclarationState.CUT_SHORT), *left, *sources))
    links, invoices = declaration.links, invoices_of(state, declaration)
    trader = links.declarant if links.principal is None else links.principal
    return Delta(
        objects=(decided(declaration, lines, ended), *(counted(invoice, -1) for invoice in invoices), *left, *sources),
        claims=count_ended(state, (*invoices, *certificates.values()), trader),
    )
