"""Rules C-1 to C-3: lodging, release and refusal of declarations, and the balances of certificates."""

import pytest
from msgspec.structs import replace

from hanse_ledger.reasons import Reason
from hanse_ledger.records import CertificateUse, DeclarationLine, LodgeDeclaration, PartyRole, Regime
from hanse_ledger.state import (
    NO_HISTORY,
    Certificate,
    Declaration,
    DeclarationLinks,
    DeclarationState,
    DeclarationStatus,
    Invoice,
)
from hanse_ledger.types import ObjectId
from tests.corridor import Corridor, traders
from tests.corridor_genesis import DAY, T0, YEAR
from tests.refusals import Refused, names_of, try_row


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
    second = line(corridor.id["for all"], number=2, quantity_milli=5_000, hs_code="090210", unit="KGM")
    return first, second, replace(first, certificate=None, quantity_milli=10**15)


def line(
    certificate: ObjectId, *, number: int = 1, quantity_milli: int = 300_000, hs_code: str = "610910", unit: str = "C62"
) -> DeclarationLine:
    """A line of a declaration."""
    use = CertificateUse(certificate=certificate, line=number)
    return DeclarationLine(certificate=use, hs_code=hs_code, origin="CN", quantity_milli=quantity_milli, unit=unit)


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


GOODS, LODGED, REVOKED, DECIDED = goods(), lodged(), revoked(), decided()
ID = GOODS.id
LATE = T0 + 2 * YEAR
EXPORT, IMPORT = GOODS.make.declaration(Regime.EXPORT), GOODS.make.declaration(Regime.IMPORT)
NOBODY = bytes(32)
TWICE = (ID["closed"], ID["closed"])
BY_SELLER = ("seller",)


def using(name: str, *, number: int = 65, body: LodgeDeclaration = EXPORT) -> LodgeDeclaration:
    """The export with a line of another certificate; its number is out of bounds unless told otherwise."""
    return replace(body, lines=(line(ID[name], number=min(number, 64)),))


DECLARANT = [
    Refused(
        GOODS, replace(EXPORT, customs="none", declarant=NOBODY), ("market",), Reason.MEMBER_UNKNOWN, "/body/customs"
    ),
    Refused(
        GOODS,
        replace(EXPORT, customs="chamber", declarant=NOBODY),
        ("chamber",),
        Reason.MEMBER_LACKS_ROLE,
        "/body/customs",
    ),
    Refused(GOODS, replace(EXPORT, declarant=NOBODY), ("market",), Reason.PARTY_UNKNOWN, "/body/declarant"),
    Refused(GOODS, EXPORT, ("market",), Reason.PARTY_INACTIVE, "/body/declarant", LATE),
    Refused(GOODS, replace(IMPORT, principal=NOBODY), ("buyer",), Reason.NOT_DECLARANT, "/signers"),
    Refused(GOODS, IMPORT, ("buyer", "market"), Reason.NOT_DECLARANT, "/signers"),
    Refused(
        GOODS,
        replace(IMPORT, principal=NOBODY),
        ("agent", "buyer", "market"),
        Reason.PARTY_UNKNOWN,
        "/body/principal",
    ),
    Refused(
        GOODS, replace(IMPORT, principal=ID["brief"]), ("agent",), Reason.PARTY_INACTIVE, "/body/principal", T0 + DAY
    ),
    Refused(GOODS, IMPORT, ("agent", "customs-be"), Reason.NOT_PRINCIPAL, "/signers"),
    Refused(GOODS, replace(IMPORT, invoices=TWICE), ("agent",), Reason.NOT_PRINCIPAL, "/signers"),
    Refused(
        GOODS, replace(IMPORT, invoices=TWICE), ("agent", "buyer", "seller"), Reason.SUPERFLUOUS_SIGNER, "/signers"
    ),
    Refused(GOODS, replace(EXPORT, invoices=TWICE), ("seller", "market"), Reason.SUPERFLUOUS_SIGNER, "/signers"),
    Refused(
        GOODS,
        replace(EXPORT, principal=EXPORT.declarant, invoices=TWICE),
        ("seller", "agent"),
        Reason.SUPERFLUOUS_SIGNER,
        "/signers",
    ),
]

INVOICES = [
    Refused(GOODS, replace(EXPORT, invoices=TWICE), BY_SELLER, Reason.DUPLICATE_INVOICE, "/body/invoices"),
    Refused(
        GOODS,
        replace(using("revoked"), invoices=(ID["invoice"], ID["certificate"])),
        BY_SELLER,
        Reason.INVOICE_UNKNOWN,
        "/body/invoices/1",
    ),
    Refused(
        GOODS,
        replace(EXPORT, invoices=(ID["closed"],), declarant=ID["agent"]),
        ("agent",),
        Reason.INVOICE_NOT_OPEN,
        "/body/invoices/0",
    ),
    Refused(GOODS, replace(using("revoked"), declarant=ID["agent"]), ("agent",), Reason.NOT_TRADER, "/body/invoices/0"),
    Refused(
        GOODS,
        replace(using("revoked"), invoices=(ID["invoice"], ID["of other"])),
        BY_SELLER,
        Reason.NOT_TRADER,
        "/body/invoices/1",
    ),
    Refused(
        GOODS,
        replace(IMPORT, declarant=ID["buyer"], principal=ID["agent"]),
        ("agent", "buyer"),
        Reason.NOT_TRADER,
        "/body/invoices/0",
    ),
]

AT = "/body/lines/0"
CERTIFICATE = f"{AT}/certificate"

LINES = [
    Refused(GOODS, using("invoice"), BY_SELLER, Reason.CERTIFICATE_UNKNOWN, CERTIFICATE),
    Refused(GOODS, using("revoked"), BY_SELLER, Reason.CERTIFICATE_NOT_LIVE, CERTIFICATE),
    Refused(GOODS, using("later"), BY_SELLER, Reason.CERTIFICATE_NOT_VALID_NOW, CERTIFICATE, T0 + DAY - 1),
    Refused(GOODS, using("earlier"), BY_SELLER, Reason.CERTIFICATE_NOT_VALID_NOW, CERTIFICATE, T0 + DAY),
    Refused(GOODS, using("of another"), BY_SELLER, Reason.CERTIFICATE_OF_OTHER_EXPORTER, CERTIFICATE),
    Refused(GOODS, using("of exporter"), BY_SELLER, Reason.CERTIFICATE_OF_OTHER_EXPORTER, CERTIFICATE),
    Refused(GOODS, using("for consignee"), BY_SELLER, Reason.CERTIFICATE_FOR_OTHER_CONSIGNEE, CERTIFICATE),
    Refused(
        GOODS,
        replace(using("certificate"), invoices=(ID["invoice"], ID["to other"])),
        BY_SELLER,
        Reason.CERTIFICATE_FOR_OTHER_CONSIGNEE,
        CERTIFICATE,
    ),
    Refused(GOODS, using("certificate", number=3), BY_SELLER, Reason.CERTIFICATE_LINE_UNKNOWN, f"{CERTIFICATE}/line"),
    Refused(
        GOODS,
        replace(EXPORT, lines=(line(ID["certificate"], quantity_milli=500_001, hs_code="61091000"),)),
        BY_SELLER,
        Reason.LINE_DIFFERS_FROM_CERTIFICATE,
        AT,
    ),
    Refused(
        GOODS,
        replace(EXPORT, lines=(replace(line(ID["certificate"]), origin="VN"),)),
        BY_SELLER,
        Reason.LINE_DIFFERS_FROM_CERTIFICATE,
        AT,
    ),
    Refused(
        GOODS,
        replace(EXPORT, lines=(line(ID["certificate"], unit="KGM"),)),
        BY_SELLER,
        Reason.LINE_DIFFERS_FROM_CERTIFICATE,
        AT,
    ),
    Refused(GOODS, using("certificate", number=2), BY_SELLER, Reason.LINE_DIFFERS_FROM_CERTIFICATE, AT),
    Refused(
        GOODS,
        replace(EXPORT, lines=(line(ID["certificate"], quantity_milli=500_001),)),
        BY_SELLER,
        Reason.CERTIFICATE_OVERDRAWN,
        f"{AT}/quantity_milli",
    ),
    Refused(
        GOODS,
        replace(IMPORT, lines=IMPORT.lines + IMPORT.lines),
        ("agent", "buyer"),
        Reason.CERTIFICATE_OVERDRAWN,
        "/body/lines/1/quantity_milli",
    ),
    Refused(
        GOODS,
        replace(EXPORT, lines=EXPORT.lines + EXPORT.lines),
        BY_SELLER,
        Reason.CERTIFICATE_OVERDRAWN,
        "/body/lines/1/quantity_milli",
    ),
    Refused(
        LODGED,
        LODGED.make.declaration(Regime.IMPORT, 200_001),
        ("buyer", "agent"),
        Reason.CERTIFICATE_OVERDRAWN,
        f"{AT}/quantity_milli",
    ),
]

RELEASE, REFUSE = LODGED.make.release(), LODGED.make.declaration_refusal()
GONE, NO_REASONS = DECIDED.make.release(), replace(DECIDED.make.declaration_refusal(), reasons=())
DECLARATION = "/body/declaration"

DECISIONS = [
    Refused(LODGED, replace(RELEASE, declaration=NOBODY), ("market",), Reason.DECLARATION_UNKNOWN, DECLARATION),
    Refused(DECIDED, GONE, ("customs-cn",), Reason.NOT_CUSTOMS, "/signers"),
    Refused(DECIDED, GONE, ("agent",), Reason.NOT_CUSTOMS, "/signers"),
    Refused(DECIDED, GONE, ("customs-be", "customs-cn"), Reason.SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, GONE, ("customs-be",), Reason.DECLARATION_DECIDED, DECLARATION, LATE),
    Refused(DECIDED, DECIDED.make.release("export"), ("customs-cn",), Reason.DECLARATION_DECIDED, DECLARATION),
    Refused(REVOKED, REVOKED.make.release(), ("customs-be",), Reason.CERTIFICATE_NOT_LIVE, DECLARATION, LATE),
    Refused(
        DECIDED, replace(NO_REASONS, declaration=ID["invoice"]), ("market",), Reason.DECLARATION_UNKNOWN, DECLARATION
    ),
    Refused(DECIDED, NO_REASONS, ("market",), Reason.NOT_CUSTOMS, "/signers"),
    Refused(DECIDED, NO_REASONS, ("customs-be", "market"), Reason.SUPERFLUOUS_SIGNER, "/signers"),
    Refused(DECIDED, NO_REASONS, ("customs-be",), Reason.DECLARATION_DECIDED, DECLARATION),
    Refused(LODGED, replace(REFUSE, reasons=()), ("customs-be",), Reason.REASONS_NOT_SORTED, "/body/reasons"),
    Refused(LODGED, replace(REFUSE, reasons=("B", "A")), ("customs-be",), Reason.REASONS_NOT_SORTED, "/body/reasons"),
    Refused(LODGED, replace(REFUSE, reasons=("A", "A")), ("customs-be",), Reason.REASONS_NOT_SORTED, "/body/reasons"),
]

REFUSALS = DECLARANT + INVOICES + LINES + DECISIONS


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def balances(corridor: Corridor, name: str) -> list[tuple[int, int, int]]:
    """Give what of each line of a certificate is available, reserved and written off."""
    found = corridor.ledger.objects[corridor.id[name]]
    assert isinstance(found, Certificate)
    return [(one.available_milli, one.reserved_milli, one.written_off_milli) for one in found.balances]


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


def test_import_reserves_and_export_only_checks() -> None:
    """C-1 makes a declaration, counts it on its invoices, and for an import alone reserves each line's quantity."""
    signed = LODGED.signed["import"]
    name = LODGED.id["import"]
    assert LODGED.ledger.objects[name] == Declaration(
        id=name,
        seed=signed.record.nonce,
        history=NO_HISTORY.after(signed.id),
        lines=two_lines(LODGED),
        links=DeclarationLinks(
            customs="customs-be",
            declarant=LODGED.id["agent"],
            invoices=(LODGED.id["invoice"],),
            principal=LODGED.id["buyer"],
        ),
        status=DeclarationStatus(regime=Regime.IMPORT, state=DeclarationState.LODGED),
    )
    assert balances(LODGED, "certificate") == [(200_000, 300_000, 0), (20_000, 0, 0)]
    assert balances(LODGED, "for all") == [(500_000, 0, 0), (15_000, 5_000, 0)]
    assert declarations(LODGED) == 2


def test_several_lines_share_one_balance() -> None:
    """C-1 reserves the sum where two lines draw on one line of a certificate."""
    corridor = goods()
    halves = (line(ID["certificate"], quantity_milli=250_000), line(ID["certificate"], quantity_milli=250_000))
    corridor.submit(replace(corridor.make.declaration(Regime.IMPORT), lines=halves), "buyer", "agent", name="import")
    assert balances(corridor, "certificate") == [(0, 500_000, 0), (20_000, 0, 0)]
    corridor.release_import()
    assert balances(corridor, "certificate") == [(0, 0, 500_000), (20_000, 0, 0)]


def test_release_writes_off_what_was_reserved() -> None:
    """C-2 on import moves each quantity from reserved to written off, and the invoice stays declared."""
    assert balances(DECIDED, "certificate") == [(200_000, 0, 300_000), (20_000, 0, 0)]
    assert balances(DECIDED, "for all") == [(500_000, 0, 0), (15_000, 0, 5_000)]
    assert state_of(DECIDED, "import") is DeclarationState.RELEASED


def test_refusal_gives_back_what_was_reserved() -> None:
    """C-3 on import makes the quantities available again, also those of a certificate that was revoked since."""
    corridor = revoked()
    corridor.submit(corridor.make.declaration_refusal(), "customs-be")
    assert balances(corridor, "certificate") == [(500_000, 0, 0), (20_000, 0, 0)]
    assert balances(corridor, "for all") == [(500_000, 0, 0), (20_000, 0, 0)]
    assert declarations(corridor) == 1
    assert state_of(corridor, "import") is DeclarationState.REFUSED


def test_deciding_an_export_moves_no_balance() -> None:
    """C-2 and C-3 on export touch no certificate, so that one that was revoked since does not stand in the way."""
    for body in (REVOKED.make.release("export"), REVOKED.make.declaration_refusal("export")):
        corridor = revoked()
        corridor.submit(body, "customs-cn")
        assert balances(corridor, "certificate") == [(200_000, 300_000, 0), (20_000, 0, 0)]
    assert state_of(DECIDED, "export") is DeclarationState.REFUSED
    assert declarations(DECIDED) == 1


@pytest.mark.parametrize(
    ("changes", "signers"),
    [
        ({"declarant": ID["seller"], "principal": None}, ("seller",)),
        ({"declarant": ID["buyer"], "principal": None}, ("buyer",)),
        ({"declarant": ID["seller"], "principal": ID["seller"]}, ("seller",)),
        ({"declarant": ID["agent"], "principal": ID["seller"]}, ("seller", "agent")),
        ({"declarant": ID["seller"], "principal": ID["buyer"]}, ("buyer", "seller")),
    ],
)
@pytest.mark.parametrize("body", [EXPORT, IMPORT], ids=["export", "import"])
def test_who_may_declare(body: LodgeDeclaration, changes: dict[str, ObjectId | None], signers: tuple[str, ...]) -> None:
    """C-1 takes a trader alone, or anybody for a trader who signs too, in both directions."""
    assert GOODS.refusal(replace(body, **changes), *signers) is None


def test_certificate_covers_invoices_of_its_exporter_to_its_consignee() -> None:
    """C-1: a certificate without a consignee covers invoices to several buyers; the whole quantity may be declared."""
    invoices = (ID["invoice"], ID["to other"])
    assert GOODS.refusal(replace(using("for all", number=1), invoices=invoices), "seller") is None
    whole = replace(IMPORT, lines=(line(ID["certificate"], quantity_milli=500_000),))
    assert GOODS.refusal(whole, "agent", "buyer") is None
    assert GOODS.refusal(whole, "agent", "buyer", at=T0 + YEAR - 1) is None


def test_a_late_decision_does_not_void_a_declaration() -> None:
    """Validity is judged when goods are declared: customs may release them after the certificate has expired."""
    assert LODGED.refusal(RELEASE, "customs-be", at=T0 + YEAR) is None
