"""Customs declarations are lodged: what a line is held to, and what an import reserves."""

from collections.abc import Sequence

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.balances import MovedBy, reserve
from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_NOT_VALID_NOW
from hanse_ledger.kinds.certificate.rules import find_certificate
from hanse_ledger.kinds.certificate.state import Balance, Certificate
from hanse_ledger.kinds.common import (
    Context,
    Signers,
    find_active_member,
    require,
    require_only,
)
from hanse_ledger.kinds.declaration.bodies import (
    DeclarationLine,
    LodgeDeclaration,
    Regime,
)
from hanse_ledger.kinds.declaration.drawing import counted, require_live
from hanse_ledger.kinds.declaration.lowvalue import require_low_value
from hanse_ledger.kinds.declaration.refusals import (
    CERTIFICATE_FOR_OTHER_CONSIGNEE,
    CERTIFICATE_LINE_UNKNOWN,
    CERTIFICATE_OF_OTHER_EXPORTER,
    CERTIFICATE_OVERDRAWN,
    LINE_DIFFERS_FROM_CERTIFICATE,
    NOT_DECLARANT,
    NOT_PRINCIPAL,
    NOT_TRADER,
    PRINCIPAL_IS_DECLARANT,
)
from hanse_ledger.kinds.declaration.sources import draw
from hanse_ledger.kinds.declaration.state import (
    Declaration,
    DeclarationLinks,
    DeclarationState,
    DeclarationStatus,
    DeclaredLine,
    DeclaredValue,
)
from hanse_ledger.kinds.ended import require_room
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.invoice.refusals import DUPLICATE_INVOICE, INVOICE_NOT_OPEN
from hanse_ledger.kinds.invoice.rules import find_invoice
from hanse_ledger.kinds.invoice.state import OPEN, Invoice
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.view import Delta, StateView
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
    certificates = _reserve(state, body, invoices, context)
    sources = draw(state, body)
    require_low_value(state, body)

    # From here the lodging must succeed.
    declaration = Declaration(
        id=context.creates,
        seed=context.seed,
        assessment=None,
        history=NO_HISTORY,
        lines=tuple(_declared(body, place) for place in range(len(body.lines))),
        links=DeclarationLinks(
            customs=body.customs,
            declarant=body.declarant,
            invoices=body.invoices,
            principal=body.principal,
        ),
        query=None,
        status=DeclarationStatus(
            heard=context.at,
            lodged=context.at,
            regime=body.regime,
            state=DeclarationState.LODGED,
        ),
        value=_value(body),
    )
    return Delta(
        objects=(
            declaration,
            *(counted(invoice, 1) for invoice in invoices),
            *certificates,
            *sources,
        )
    )


def _value(body: LodgeDeclaration) -> DeclaredValue | None:
    low = body.low_value
    if low is None:
        return None
    return DeclaredValue(amount_minor=low.amount_minor, currency=low.currency, minor_digits=low.minor_digits)


def _declared(body: LodgeDeclaration, place: int) -> DeclaredLine:
    """Give a line, counted from 0, as it stands when it is lodged: nothing of it is decided."""
    line = body.lines[place]
    return DeclaredLine(
        certificate=line.certificate,
        drawn_micro=0,
        hs_code=line.hs_code,
        open_micro=line.quantity_micro,
        origin=line.origin,
        product=None if body.low_value is None else body.low_value.products[place],
        quantity_micro=line.quantity_micro,
        released_by=None,
        released_micro=0,
        source=line.source,
        unit=line.unit,
    )


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
    state: StateView, body: LodgeDeclaration, invoices: Sequence[Invoice], context: Context
) -> tuple[Certificate, ...]:
    """Check each line against its certificate, earlier lines of the same declaration counted; reserve for import.

    An import draws on what is left. An export uses nothing up: it is held to what is certified, whatever has been
    imported of it already.
    """
    exports = body.regime is Regime.EXPORT
    trader = body.declarant if body.principal is None else body.principal
    moved_by = MovedBy(context.at, body.customs, context.record)
    certificates: dict[ObjectId, Certificate] = {}
    for place, line in enumerate(body.lines):
        if line.certificate is None:
            continue
        pointer = f"/body/lines/{place}"
        name = line.certificate.certificate
        certificate = certificates.get(name) or find_certificate(state, name, f"{pointer}/certificate")
        if exports and name not in certificates:
            certificate = _unused(certificate)
        require_live(certificate, f"{pointer}/certificate")
        _require_valid(certificate, context.at, f"{pointer}/certificate")
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
        certificates[name] = reserve(certificate, number, line.quantity_micro, moved_by)
    # Export only checks: what was counted line by line is not kept.
    return () if exports else tuple(certificates.values())


def _unused(certificate: Certificate) -> Certificate:
    """Give a certificate as it was issued, before anything was drawn on it."""
    return replace(
        certificate,
        balances=tuple(
            replace(balance, drawn_before_micro=0, reserved_micro=0, written_off_micro=0)
            for balance in certificate.balances
        ),
    )


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
