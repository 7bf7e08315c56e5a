"""Corridors with goods to be declared: invoices, certificates and declarations as customs may meet them."""

from msgspec.structs import replace

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.declaration.bodies import (
    CertificateUse,
    DeclarationLine,
    LineQuantity,
    Regime,
    ReleaseDeclaration,
)
from hanse_ledger.kinds.declaration.state import Declaration, DeclarationState, DeclaredLine
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY, T0


def goods() -> Corridor:
    """Invoices and certificates of every kind that a declaration may wrongly name."""
    corridor = traders()
    corridor.enrol("other", PartyRole.BUYER, PartyRole.SELLER)
    brief = replace(corridor.make.enrolment("brief"), valid_until=T0 + DAY)
    corridor.submit(brief, "market", "brief", name="brief")
    corridor.issue_invoice()
    corridor.issue_invoice(2, name="closed")
    corridor.submit(corridor.make.cancellation("closed"), "seller")
    corridor.submit(replace(corridor.make.invoice(3), buyer=corridor.id["other"]), "seller", name="to other")
    corridor.submit(replace(corridor.make.invoice(4), seller=corridor.id["other"]), "other", name="of other")
    corridor.issue_certificate()
    body = corridor.make.certificate()
    other = corridor.id["other"]
    corridor.submit(replace(body, lines=(*body.lines, body.lines[0])), "chamber", name="of three")
    corridor.submit(body, "chamber", name="revoked")
    corridor.submit(replace(body, consignee=None), "chamber", name="for all")
    corridor.submit(replace(body, exporter=other), "chamber", name="of exporter")
    corridor.submit(replace(body, exporter=other, consignee=other), "chamber", name="of another")
    corridor.submit(replace(body, consignee=other), "chamber", name="for consignee")
    corridor.submit(replace(body, valid_from=T0 + DAY, exporter=other), "chamber", name="later")
    corridor.submit(replace(body, valid_until=T0 + DAY, exporter=other), "chamber", name="earlier")
    corridor.submit(corridor.make.certificate_revocation("revoked"), "chamber")
    return corridor


def lodged() -> Corridor:
    """An import that uses two certificates, and an export that uses one; both are to be decided."""
    corridor = goods()
    corridor.lodge_export()
    corridor.submit(
        replace(corridor.make.declaration(Regime.IMPORT), lines=two_lines(corridor)), "agent", "buyer", name="import"
    )
    return corridor


def two_lines(corridor: Corridor) -> tuple[DeclarationLine, ...]:
    """Pieces of one certificate and kilograms of another, and goods without a certificate."""
    first = line(corridor.id["certificate"])
    second = line(corridor.id["for all"], number=2, quantity_micro=5_000_000, hs_code="090210", unit="KGM")
    return first, second, replace(first, certificate=None, quantity_micro=10**18)


def line(
    certificate: ObjectId,
    *,
    number: int = 1,
    quantity_micro: int = 300_000_000,
    hs_code: str = "610910",
    unit: str = "C62",
) -> DeclarationLine:
    """A line of a declaration."""
    use = CertificateUse(certificate=certificate, line=number)
    return DeclarationLine(
        certificate=use,
        hs_code=hs_code,
        origin="CN",
        quantity_micro=quantity_micro,
        source=None,
        unit=unit,
    )


def part(corridor: Corridor, *quantities: tuple[int, int], declaration: str = "import") -> ReleaseDeclaration:
    """The release of a part of a declaration: quantities of lines, counted from 1."""
    lines = tuple(LineQuantity(line=number, quantity_micro=micro) for number, micro in quantities)
    return replace(corridor.make.release(declaration), lines=lines)


def as_lodged(line: DeclarationLine) -> DeclaredLine:
    """A line as it stands when it has been lodged."""
    return DeclaredLine(
        certificate=line.certificate,
        drawn_micro=0,
        hs_code=line.hs_code,
        open_micro=line.quantity_micro,
        origin=line.origin,
        product=None,
        quantity_micro=line.quantity_micro,
        released_by=None,
        released_micro=0,
        source=line.source,
        unit=line.unit,
    )


def worn() -> Corridor:
    """The buyer has withdrawn as many imports of the certificates as it may; there is a second invoice."""
    corridor = goods()
    corridor.issue_invoice(5, name="second")
    for _ in range(limits.ENDED):
        corridor.submit(
            replace(corridor.make.declaration(Regime.IMPORT), lines=two_lines(corridor)),
            "agent",
            "buyer",
            name="import",
        )
        corridor.submit(corridor.make.withdrawal(), "agent")
    return corridor


def revoked() -> Corridor:
    """One of the certificates has been revoked since the import and the export were lodged."""
    corridor = lodged()
    corridor.submit(corridor.make.certificate_revocation(), "chamber")
    return corridor


def decided() -> Corridor:
    """The import is released and the export refused."""
    corridor = lodged()
    corridor.release_import()
    corridor.submit(corridor.make.declaration_refusal("export"), "customs-cn")
    return corridor


def balances(corridor: Corridor, name: str) -> list[tuple[int, int, int]]:
    """Give what of each line of a certificate is available, reserved and written off."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Certificate)
    return [(one.available_micro, one.reserved_micro, one.written_off_micro) for one in found.balances]


def declarations(corridor: Corridor) -> int:
    """Count the declarations that name the invoice, as the invoice says."""
    found = corridor.ledger.objects[corridor.id["invoice"]]
    assert isinstance(found, Invoice)
    return found.links.declarations


def state_of(corridor: Corridor, name: str) -> DeclarationState:
    """Give a declaration's state."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Declaration)
    return found.status.state
