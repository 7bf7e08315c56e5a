"""Consignments made up for tests: a trade's documents that agree, and the same with one planted error.

Nothing of the checks is used here: what is planted, and that it weighs `block`, is said by whoever plants it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed

from msgspec.structs import replace

from hanse_documents.model.carriage import (
    DeclarationDocument,
    DeclarationGoods,
    TransportDocument,
    TransportGoods,
    TransportKind,
)
from hanse_documents.model.documents import (
    CertificateDocument,
    CertificateGoods,
    Direction,
    DocumentParty,
    Incoterms,
    InvoiceDocument,
    InvoiceLine,
    MessageKind,
    Money,
    PaymentDocument,
    Totals,
)

SELLERS = (
    ("Qingwan Kiln Studio Co., Ltd.", "QINGWAN KILN STUDIO CO LTD", "CN", "CNNGB"),
    ("Treasury Vineyards Limited", "Treasury Vineyards Ltd", "AU", "AUADL"),
    ("Möbelwerk Grün GmbH", "Moebelwerk Gruen GmbH", "DE", "DEHAM"),
    ("Café do Sul S.A.", "CAFE DO SUL SA", "BR", "BRSSZ"),
    ("Saigon Textiles JSC", "SAIGON TEXTILES J.S.C.", "VN", "VNSGN"),
)
BUYERS = (
    ("Tafelrood B.V.", "TAFELROOD BV", "BE", "BEANR"),
    ("East Meets West Fine Wines", "EAST MEETS WEST FINE WINES", "SG", "SGSIN"),
    ("Nordisk Handel A/S", "NORDISK HANDEL AS", "DK", "DKAAR"),
    ("Prairie Imports Inc.", "PRAIRIE IMPORTS INC", "US", "USNYC"),
)
GOODS = (
    ("Dinner plate", "69111000", "C62"),
    ("Tea bowl", "69120023", "C62"),
    ("Red wine", "22042111", "LTR"),
    ("Coffee, not roasted", "09011100", "KGM"),
    ("Green tea", "09021000", "KGM"),
    ("T-shirt of cotton", "61091000", "C62"),
    ("Wooden table", "94036010", "C62"),
)
WRONG_CODES = ("870323", "300490", "850440")
CURRENCIES = (("EUR", 2), ("USD", 2), ("JPY", 0))


@dataclass(frozen=True)
class Consignment:
    """The documents of one trade, and what was planted in them: empty where nothing was."""

    seed: int
    invoices: tuple[InvoiceDocument, ...]
    certificates: tuple[CertificateDocument, ...]
    transports: tuple[TransportDocument, ...]
    declarations: tuple[DeclarationDocument, ...]
    payments: tuple[PaymentDocument, ...]
    planted: str = ""


def clean(seed: int) -> Consignment:
    """Make a consignment whose documents agree: names spelt as each paper spells them, lines cut as each cuts them."""
    chance = random.Random(seed)  # noqa: S311 — test data, the same on every run
    seller, buyer = chance.choice(SELLERS), chance.choice(BUYERS)
    currency, exponent = chance.choice(CURRENCIES)
    number, day = f"INV-{seed:05}", f"2026-{chance.randint(1, 9):02}-{chance.randint(1, 28):02}"
    lines = _lines(chance, seller[2])
    total = sum(line.net_minor for line in lines)
    invoice = InvoiceDocument(
        accounts=("BE68539007547034",),
        buyer=DocumentParty(country=buyer[2], name=buyer[0]),
        currency=currency,
        exponent=exponent,
        incoterms=Incoterms(code=chance.choice(("FOB", "CIF", "FCA"))),
        issued=day,
        lines=lines,
        number=number,
        payable_minor=total,
        seller=DocumentParty(country=seller[2], name=seller[0]),
        texts=(("BT-1", number),),
        totals=Totals(lines_minor=total, with_vat_minor=total, without_vat_minor=total),
        type_code="380",
    )
    later = f"{day[:8]}{min(int(day[8:]) + 1, 28):02}"
    certificate = _certificate(invoice, seller, buyer, later)
    paper = _paper(chance, invoice, seller, buyer, later)
    declaration = _declaration(chance, invoice, certificate, paper)
    return Consignment(
        seed, (invoice,), (certificate,), (paper,), (declaration,), (_payment(seed, invoice, seller, buyer),)
    )


def _lines(chance: random.Random, origin: str) -> tuple[InvoiceLine, ...]:
    lines = []
    for place, (name, code, unit) in enumerate(chance.sample(GOODS, chance.randint(1, 4)), 1):
        quantity, price = chance.randint(20, 900), chance.randint(2, 80)
        lines.append(
            InvoiceLine(
                hs_code=code,
                identifier=str(place),
                name=name,
                net_minor=quantity * price * 100,
                origin=origin,
                price=str(price),
                quantity_micro=quantity * 1_000_000,
                unit=unit,
            )
        )
    return tuple(lines)


def _certificate(
    invoice: InvoiceDocument, seller: tuple[str, ...], buyer: tuple[str, ...], day: str
) -> CertificateDocument:
    return CertificateDocument(
        consignee=DocumentParty(country=buyer[2], name=buyer[1]),
        export_country=seller[2],
        exporter=DocumentParty(country=seller[2], name=seller[1]),
        import_country=buyer[2],
        issued=day,
        issuer=DocumentParty(name="Chamber of Commerce"),
        lines=tuple(
            CertificateGoods(
                description=line.name,
                hs_code=(line.hs_code or "")[:6],
                invoice=invoice.number,
                origin=line.origin,
                quantity_micro=line.quantity_micro,
                unit="H87" if line.unit == "C62" else line.unit,
            )
            for line in invoice.lines
        ),
        number=f"CO-{invoice.number[4:]}",
        preferential=False,
        valid_from=day,
        valid_until=f"2027{day[4:]}",
    )


def _paper(
    chance: random.Random, invoice: InvoiceDocument, seller: tuple[str, ...], buyer: tuple[str, ...], day: str
) -> TransportDocument:
    to_order = chance.random() < 0.3
    return TransportDocument(
        consignee=DocumentParty(name="TO ORDER" if to_order else buyer[1]),
        consignor=DocumentParty(name=seller[1]),
        containers=(f"MSKU{invoice.number[4:]}12",),
        discharge_place=buyer[3],
        document_type=chance.choice((TransportKind.BILL_OF_LADING, TransportKind.PACKING_LIST)),
        gross_mass_micro=sum(line.quantity_micro for line in invoice.lines) * 12 // 10,
        incoterms=invoice.incoterms,
        invoices=(invoice.number,),
        issued=day,
        lines=tuple(
            TransportGoods(hs_code=(line.hs_code or "")[:6], quantity_micro=line.quantity_micro, unit=line.unit)
            for line in reversed(invoice.lines)
        ),
        loaded=day,
        loading_place=seller[3],
        mode="1",
        number=f"BL-{invoice.number[4:]}",
        packages=chance.randint(1, 60),
        to_order=to_order,
        vessel="Blue Heron",
    )


def _declaration(
    chance: random.Random, invoice: InvoiceDocument, certificate: CertificateDocument, paper: TransportDocument
) -> DeclarationDocument:
    def money(amount: int) -> Money:
        return Money(amount_minor=amount, currency=invoice.currency, exponent=invoice.exponent)

    def measured(line: InvoiceLine) -> tuple[int, str]:
        in_tonnes = line.unit == "KGM" and chance.random() < 0.5
        return (line.quantity_micro // 1_000, "TNE") if in_tonnes else (line.quantity_micro, line.unit)

    goods = []
    for line in invoice.lines:
        quantity, unit = measured(line)
        goods.append(
            DeclarationGoods(
                charge=money(line.net_minor),
                description=line.name.upper(),
                hs_code=f"{(line.hs_code or '')[:8]}00",
                origin=line.origin,
                quantity_micro=quantity,
                unit=unit,
            )
        )
    return DeclarationDocument(
        certificates=(certificate.number,),
        containers=paper.containers,
        declaration_type="IM",
        export_country=certificate.export_country,
        exporter=certificate.exporter,
        gross_mass_micro=paper.gross_mass_micro,
        import_country=certificate.import_country,
        importer=certificate.consignee,
        incoterms=invoice.incoterms,
        invoice_amount=money(invoice.payable_minor),
        invoices=(invoice.number,),
        issued="2026-12-01",
        lines=tuple(goods),
        number=f"26IM{invoice.number[4:]}",
        packages=paper.packages,
        transports=(paper.number,),
        vessel="BLUE HERON",
    )


def _payment(seed: int, invoice: InvoiceDocument, seller: tuple[str, ...], buyer: tuple[str, ...]) -> PaymentDocument:
    return PaymentDocument(
        amount_minor=invoice.payable_minor,
        booked="2026-12-02",
        creditor_iban="BE68539007547034",
        creditor_name=seller[1],
        currency=invoice.currency,
        debtor_name=buyer[1],
        direction=Direction.CREDIT,
        documents=(invoice.number,),
        end_to_end=f"E{seed}",
        exponent=invoice.exponent,
        kind=MessageKind.NOTIFICATION,
        message=f"M{seed}",
        status="BOOK",
        valued="2026-12-02",
    )


Plant = Callable[[Consignment, random.Random], Consignment]


def _certified(trade: Consignment, **changes: object) -> Consignment:
    first, *others = trade.certificates[0].lines
    lines = (replace(first, **changes), *others)
    return changed(trade, certificates=(replace(trade.certificates[0], lines=lines),))


def _declared(trade: Consignment, **changes: object) -> Consignment:
    first, *others = trade.declarations[0].lines
    lines = (replace(first, **changes), *others)
    return changed(trade, declarations=(replace(trade.declarations[0], lines=lines),))


def _whole(trade: Consignment, **changes: object) -> Consignment:
    return changed(trade, declarations=(replace(trade.declarations[0], **changes),))


def _inflated(trade: Consignment, chance: random.Random) -> Consignment:
    """Bill more than goes over the border."""
    invoice = trade.invoices[0]
    total = invoice.payable_minor * chance.choice((2, 3, 10))
    totals = Totals(lines_minor=total, with_vat_minor=total, without_vat_minor=total)
    return changed(trade, invoices=(replace(invoice, payable_minor=total, totals=totals),))


def _doubled(trade: Consignment, _: random.Random) -> Consignment:
    """Bill the certified goods once more, under another number."""
    invoice = trade.invoices[0]
    certificate = trade.certificates[0]
    lines = tuple(replace(line, invoice=None) for line in certificate.lines)
    again = replace(invoice, number=f"{invoice.number}-B")
    return changed(trade, invoices=(invoice, again), certificates=(replace(certificate, lines=lines),))


def _renumbered(trade: Consignment, chance: random.Random) -> Consignment:
    """Give two versions of one invoice."""
    invoice = trade.invoices[0]
    return changed(
        trade, invoices=(invoice, replace(invoice, payable_minor=invoice.payable_minor + chance.randint(1, 999)))
    )


def _reused(trade: Consignment, _: random.Random) -> Consignment:
    """Declare the same goods under the same certificate again."""
    first = trade.declarations[0]
    return changed(trade, declarations=(first, replace(first, number=f"{first.number}X", invoices=("INV-OTHER",))))


def _tampered(trade: Consignment, chance: random.Random) -> Consignment:
    """Give a second copy of the certificate in which a quantity was raised."""
    certificate = trade.certificates[0]
    first, *others = certificate.lines
    raised = replace(first, quantity_micro=(first.quantity_micro or 0) + chance.randint(1, 50) * 1_000_000)
    return changed(trade, certificates=(certificate, replace(certificate, lines=(raised, *others))))


def _paid_once(trade: Consignment, _: random.Random) -> Consignment:
    """Present one payment for two invoices."""
    invoice = trade.invoices[0]
    second = replace(invoice, number=f"{invoice.number}-C", issued="2026-11-30")
    payment = replace(trade.payments[0], documents=(invoice.number, second.number))
    return changed(trade, invoices=(invoice, second), payments=(payment,))


def _paid(trade: Consignment, **changes: object) -> Consignment:
    return changed(trade, payments=(replace(trade.payments[0], **changes),))


def _off(chance: random.Random, quantity: int | None) -> int:
    return (quantity or 0) + chance.choice((-1, 1)) * chance.randint(1, 10) * 1_000_000


PLANTS: dict[str, Plant] = {
    "wrong HS code on the certificate": lambda trade, chance: _certified(trade, hs_code=chance.choice(WRONG_CODES)),
    "wrong HS code declared": lambda trade, chance: _declared(trade, hs_code=chance.choice(WRONG_CODES)),
    "wrong origin on the certificate": lambda trade, _: _certified(trade, origin="KH"),
    "wrong origin declared": lambda trade, _: _declared(trade, origin="KH"),
    "wrong quantity on the certificate": lambda trade, chance: _certified(
        trade, quantity_micro=_off(chance, trade.certificates[0].lines[0].quantity_micro)
    ),
    "wrong quantity declared": lambda trade, chance: _declared(
        trade,
        quantity_micro=_off(chance, trade.invoices[0].lines[0].quantity_micro),
        unit=trade.invoices[0].lines[0].unit,
    ),
    "wrong unit on the certificate": lambda trade, _: _certified(trade, unit="MTR"),
    "wrong unit declared": lambda trade, _: _declared(
        trade, quantity_micro=trade.invoices[0].lines[0].quantity_micro, unit="MTR"
    ),
    "wrong value declared": lambda trade, chance: _whole(
        trade,
        invoice_amount=replace(
            trade.declarations[0].invoice_amount or Money(amount_minor=0, currency="EUR", exponent=2),
            amount_minor=trade.invoices[0].payable_minor // chance.choice((2, 3, 10)),
        ),
    ),
    "wrong amount paid": lambda trade, chance: _paid(
        trade, amount_minor=trade.invoices[0].payable_minor - chance.randint(1, 5_000)
    ),
    "wrong exporter on the certificate": lambda trade, _: changed(
        trade, certificates=(replace(trade.certificates[0], exporter=DocumentParty(name="Shell Trading Four Ltd")),)
    ),
    "wrong exporter declared": lambda trade, _: _whole(trade, exporter=DocumentParty(name="Shell Trading Four Ltd")),
    "wrong creditor paid": lambda trade, _: _paid(trade, creditor_name="Shell Trading Four Ltd"),
    "wrong account paid": lambda trade, _: _paid(trade, creditor_iban="DE89370400440532013000"),
    "declared after the certificate ended": lambda trade, _: _whole(trade, issued="2027-11-01"),
    "declared before the certificate": lambda trade, _: _whole(trade, issued="2025-12-31"),
    "another country of import": lambda trade, _: _whole(trade, import_country="PA"),
    "certificate used twice": _reused,
    "invoice doubled": _doubled,
    "invoice in two versions": _renumbered,
    "invoice inflated": _inflated,
    "tampered copy of the certificate": _tampered,
    "one payment for two invoices": _paid_once,
}
"""What is planted, by name: each weighs `block`."""


def planted(seed: int) -> Consignment:
    """Make a consignment with one error, each kind in turn."""
    names = tuple(PLANTS)
    name = names[seed % len(names)]
    chance = random.Random(seed * 7_919)  # noqa: S311 — test data, the same on every run
    return changed(PLANTS[name](clean(seed), chance), planted=name)
