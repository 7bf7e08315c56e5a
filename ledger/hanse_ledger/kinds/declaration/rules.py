"""Customs declarations: lodging for import reserves quantities, release writes them off, the rest gives them back."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_NOT_LIVE, CERTIFICATE_NOT_VALID_NOW
from hanse_ledger.kinds.certificate.rules import find_certificate
from hanse_ledger.kinds.certificate.state import Balance, Certificate, CertificateState
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    ascending,
    find,
    find_active_member,
    require,
    require_only,
    require_role,
)
from hanse_ledger.kinds.declaration.bodies import (
    DeclarationLine,
    LapseDeclaration,
    LodgeDeclaration,
    RefuseDeclaration,
    Regime,
    ReleaseDeclaration,
    WithdrawDeclaration,
)
from hanse_ledger.kinds.declaration.refusals import (
    CERTIFICATE_FOR_OTHER_CONSIGNEE,
    CERTIFICATE_LINE_UNKNOWN,
    CERTIFICATE_OF_OTHER_EXPORTER,
    CERTIFICATE_OVERDRAWN,
    DECLARATION_DECIDED,
    DECLARATION_UNKNOWN,
    LAPSED_TOO_SOON,
    LINE_DIFFERS_FROM_CERTIFICATE,
    NOT_CONCERNED,
    NOT_CUSTOMS,
    NOT_DECLARANT,
    NOT_PRINCIPAL,
    NOT_TRADER,
    PRINCIPAL_IS_DECLARANT,
)
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationLinks, DeclarationState, DeclarationStatus
from hanse_ledger.kinds.ended import count_ended, require_room
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import DUPLICATE_INVOICE, INVOICE_NOT_OPEN
from hanse_ledger.kinds.invoice.rules import find_invoice
from hanse_ledger.kinds.invoice.state import OPEN, Invoice
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.refusals import REASONS_NOT_SORTED
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.figures import quantity_text
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment, ObjectId, same_hs_code
from hanse_ledger.wire.membership import MemberRole


def lodge_declaration(state: StateView, body: LodgeDeclaration, signers: Signers, context: Context) -> Delta:
    """C-1. A trader of the invoices, or an agent with its signature, declares goods to a customs authority."""
    find_active_member(state, body.customs, MemberRole.CUSTOMS, context.at, "/body/customs")
    find_active_party(state, body.declarant, None, context.at, "/body/declarant")
    require(
        body.declarant in signers.parties,
        NOT_DECLARANT,
        "/signers",
        wanted=body.declarant,
    )
    if body.principal is not None:
        require(body.principal != body.declarant, PRINCIPAL_IS_DECLARANT, "/body/principal", seen=body.principal)
        find_active_party(state, body.declarant, PartyRole.AGENT, context.at, "/body/declarant")
        find_active_party(state, body.principal, None, context.at, "/body/principal")
        require(
            body.principal in signers.parties,
            NOT_PRINCIPAL,
            "/signers",
            wanted=body.principal,
        )
    require_only(signers, 1 if body.principal is None else 2)
    invoices = _declared_invoices(state, body)
    certificates = _reserve(state, body, invoices, context.at)

    # From here the lodging must succeed.
    declaration = Declaration(
        id=context.creates,
        seed=context.nonce,
        history=NO_HISTORY,
        lines=body.lines,
        links=DeclarationLinks(
            customs=body.customs,
            declarant=body.declarant,
            invoices=body.invoices,
            principal=body.principal,
        ),
        status=DeclarationStatus(lodged=context.at, regime=body.regime, state=DeclarationState.LODGED),
    )
    return Delta(
        objects=(
            declaration,
            *(_count(invoice, 1) for invoice in invoices),
            *certificates,
        )
    )


def release_declaration(state: StateView, body: ReleaseDeclaration, signers: Signers, _: Context) -> Delta:
    """C-2. The customs authority addressed releases the goods; on import the reserved quantities are written off."""
    declaration = _decidable(state, body.declaration, signers)
    uses = declaration.lines if declaration.status.regime is Regime.IMPORT else ()
    certificates = _certificates(state, uses)
    for certificate in certificates.values():
        # Validity was judged when the declaration was lodged; a late decision does not void it.
        _require_live(certificate, "/body/declaration")

    # From here the release must succeed.
    written = _move(certificates, uses, reserve=-1, write_off=1)
    return Delta(objects=(_decided(declaration, DeclarationState.RELEASED), *written))


def refuse_declaration(state: StateView, body: RefuseDeclaration, signers: Signers, _: Context) -> Delta:
    """C-3. The customs authority addressed refuses the declaration; what import had reserved is given back."""
    declaration = _decidable(state, body.declaration, signers)
    require(
        len(body.reasons) > 0 and ascending(body.reasons),
        REASONS_NOT_SORTED,
        "/body/reasons",
    )

    # From here the refusal must succeed.
    return _given_back(state, declaration, DeclarationState.REFUSED)


def withdraw_declaration(state: StateView, body: WithdrawDeclaration, signers: Signers, _: Context) -> Delta:
    """C-4. The declarant, or its principal, takes back what customs has not decided; what it reserved is left again."""
    declaration = find_declaration(state, body.declaration, "/body/declaration")
    links = declaration.links
    require(
        not signers.parties.isdisjoint({links.declarant, links.principal}),
        NOT_DECLARANT,
        "/signers",
        wanted=links.declarant,
    )
    require_only(signers, 1)
    _require_lodged(declaration)

    # From here the withdrawal must succeed.
    return _given_back(state, declaration, DeclarationState.WITHDRAWN)


def lapse_declaration(state: StateView, body: LapseDeclaration, signers: Signers, context: Context) -> Delta:
    """C-5. Whom a declaration concerns records that customs has not decided it; what it reserved is left again."""
    declaration = find_declaration(state, body.declaration, "/body/declaration")
    links = declaration.links
    invoices = _invoices(state, declaration)
    traders = {name for invoice in invoices for name in (invoice.links.seller, invoice.links.buyer)}
    require(
        not signers.parties.isdisjoint(traders | {links.declarant, links.principal}),
        NOT_CONCERNED,
        "/signers",
        wanted=links.declarant,
    )
    require_only(signers, 1)
    _require_lodged(declaration)
    soonest = declaration.status.lodged + limits.LAPSE_MS
    require(
        context.at >= soonest,
        LAPSED_TOO_SOON,
        "/body/declaration",
        seen=lambda: f"block time {moment_words(context.at)}",
        wanted=lambda: f"from {moment_words(soonest)}",
    )

    # From here the lapse must succeed.
    return _given_back(state, declaration, DeclarationState.LAPSED)


def _declared_invoices(state: StateView, body: LodgeDeclaration) -> list[Invoice]:
    """Each invoice once, open, and the principal (or declarant) its seller or buyer."""
    require(
        len(set(body.invoices)) == len(body.invoices),
        DUPLICATE_INVOICE,
        "/body/invoices",
    )
    trader = body.declarant if body.principal is None else body.principal
    invoices = []
    for place, name in enumerate(body.invoices):
        pointer = f"/body/invoices/{place}"
        invoice = find_invoice(state, name, pointer)
        require(
            invoice.status.state in OPEN,
            INVOICE_NOT_OPEN,
            pointer,
            seen=invoice.status.state,
        )
        traders = (invoice.links.seller, invoice.links.buyer)
        require(trader in traders, NOT_TRADER, pointer, seen=trader)
        require_room(state, invoice, trader, pointer)
        invoices.append(invoice)
    return invoices


def _reserve(
    state: StateView, body: LodgeDeclaration, invoices: Sequence[Invoice], at: Moment
) -> tuple[Certificate, ...]:
    """Check each line against its certificate, earlier lines of the same declaration counted; reserve for import.

    An import draws on what is left. An export uses nothing up: it is held to what is certified, whatever has been
    imported of it already.
    """
    exports = body.regime is Regime.EXPORT
    trader = body.declarant if body.principal is None else body.principal
    certificates: dict[ObjectId, Certificate] = {}
    for place, line in enumerate(body.lines):
        if line.certificate is None:
            continue
        pointer = f"/body/lines/{place}"
        name = line.certificate.certificate
        certificate = certificates.get(name) or find_certificate(state, name, f"{pointer}/certificate")
        if exports and name not in certificates:
            certificate = _unused(certificate)
        _require_live(certificate, f"{pointer}/certificate")
        _require_valid(certificate, at, f"{pointer}/certificate")
        _require_traders(certificate, invoices, f"{pointer}/certificate")
        require_room(state, certificate, trader, f"{pointer}/certificate")
        number = line.certificate.line
        count = len(certificate.balances)
        require(
            number <= count,
            CERTIFICATE_LINE_UNKNOWN,
            f"{pointer}/certificate/line",
            seen=number,
            wanted=count,
        )
        balance = certificate.balances[number - 1]
        _require_same_goods(line, balance, pointer)
        require(
            line.quantity_micro <= balance.available_micro,
            CERTIFICATE_OVERDRAWN,
            f"{pointer}/quantity_micro",
            seen=quantity_text(line.quantity_micro, line.unit),
            wanted=f"at most {quantity_text(balance.available_micro, balance.unit)}",
        )
        certificates[name] = _change(certificate, line, reserve=1, write_off=0)
    # Export only checks: what was counted line by line is not kept.
    return () if exports else tuple(certificates.values())


def _unused(certificate: Certificate) -> Certificate:
    """Give a certificate as it was issued, before anything was drawn on it."""
    return replace(
        certificate,
        balances=tuple(replace(balance, reserved_micro=0, written_off_micro=0) for balance in certificate.balances),
    )


def _require_live(certificate: Certificate, pointer: str) -> None:
    present = certificate.status.state
    require(present is CertificateState.LIVE, CERTIFICATE_NOT_LIVE, pointer, seen=present)


def _require_valid(certificate: Certificate, at: Moment, pointer: str) -> None:
    status = certificate.status
    require(
        status.valid_from <= at < status.valid_until,
        CERTIFICATE_NOT_VALID_NOW,
        pointer,
        seen=lambda: f"block time {moment_words(at)}",
        wanted=lambda: f"{moment_words(status.valid_from)} to {moment_words(status.valid_until)}",
    )


def _require_traders(certificate: Certificate, invoices: Sequence[Invoice], pointer: str) -> None:
    exporter, consignee = certificate.links.exporter, certificate.links.consignee
    for invoice in invoices:
        seller, buyer = invoice.links.seller, invoice.links.buyer
        require(
            exporter == seller,
            CERTIFICATE_OF_OTHER_EXPORTER,
            pointer,
            seen=exporter,
            wanted=seller,
        )
        require(
            consignee in (None, buyer),
            CERTIFICATE_FOR_OTHER_CONSIGNEE,
            pointer,
            seen=consignee or "",
            wanted=buyer,
        )


def _require_same_goods(line: DeclarationLine, balance: Balance, pointer: str) -> None:
    declared = (line.hs_code, line.origin, line.unit)
    certified = (balance.hs_code, balance.origin, balance.unit)
    require(
        same_hs_code(line.hs_code, balance.hs_code) and declared[1:] == certified[1:],
        LINE_DIFFERS_FROM_CERTIFICATE,
        pointer,
        seen=" ".join(declared),
        wanted=" ".join(certified),
    )


def _decidable(state: StateView, name: ObjectId, signers: Signers) -> Declaration:
    declaration = find_declaration(state, name, "/body/declaration")
    customs = declaration.links.customs
    require(customs in signers.members, NOT_CUSTOMS, "/signers", wanted=customs)
    require_role(state, customs, MemberRole.CUSTOMS)
    require_only(signers, 1)
    _require_lodged(declaration)
    return declaration


def _require_lodged(declaration: Declaration) -> None:
    present = declaration.status.state
    require(present is DeclarationState.LODGED, DECLARATION_DECIDED, "/body/declaration", seen=present)


def _certificates(state: StateView, lines: Iterable[DeclarationLine]) -> dict[ObjectId, Certificate]:
    names = dict.fromkeys(line.certificate.certificate for line in lines if line.certificate)
    return {name: find_certificate(state, name, "/body/declaration") for name in names}


def _move(
    certificates: dict[ObjectId, Certificate],
    lines: Iterable[DeclarationLine],
    *,
    reserve: int,
    write_off: int,
) -> tuple[Certificate, ...]:
    changed = dict(certificates)
    for line in lines:
        if line.certificate is not None:
            name = line.certificate.certificate
            changed[name] = _change(changed[name], line, reserve=reserve, write_off=write_off)
    return tuple(changed.values())


def _change(certificate: Certificate, line: DeclarationLine, *, reserve: int, write_off: int) -> Certificate:
    """Move a line's quantity in its certificate's balance; `reserve` and `write_off` are -1, 0 or 1."""
    assert line.certificate is not None
    at = line.certificate.line - 1
    balance = certificate.balances[at]
    moved = replace(
        balance,
        reserved_micro=balance.reserved_micro + reserve * line.quantity_micro,
        written_off_micro=balance.written_off_micro + write_off * line.quantity_micro,
    )
    return replace(
        certificate,
        balances=(*certificate.balances[:at], moved, *certificate.balances[at + 1 :]),
    )


def _given_back(state: StateView, declaration: Declaration, ended: DeclarationState) -> Delta:
    """End a declaration that released nothing.

    Its invoices count one less, what an import had reserved is left again, and it counts as ended on all that it names.
    """
    links, lines = declaration.links, declaration.lines
    invoices, certificates = _invoices(state, declaration), _certificates(state, lines)
    imports = declaration.status.regime is Regime.IMPORT
    left = _move(certificates, lines, reserve=-1, write_off=0) if imports else ()
    trader = links.declarant if links.principal is None else links.principal
    return Delta(
        objects=(_decided(declaration, ended), *(_count(invoice, -1) for invoice in invoices), *left),
        claims=count_ended(state, (*invoices, *certificates.values()), trader),
    )


def _invoices(state: StateView, declaration: Declaration) -> list[Invoice]:
    return [find_invoice(state, name, "/body/declaration") for name in declaration.links.invoices]


def _count(invoice: Invoice, step: int) -> Invoice:
    links = invoice.links
    return replace(invoice, links=replace(links, declarations=links.declarations + step))


def _decided(declaration: Declaration, state: DeclarationState) -> Declaration:
    return replace(declaration, status=replace(declaration.status, state=state))


def find_declaration(state: StateView, name: ObjectId, pointer: str) -> Declaration:
    """Find a declaration, or refuse."""
    return find(state, name, Declaration, DECLARATION_UNKNOWN, pointer)
