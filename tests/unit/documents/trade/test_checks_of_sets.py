"""The checks of carriage, customs and whole sets: each finds the difference that it is there for, and no other."""

from typing import Any

import pytest
from msgspec.structs import replace

from hanse_documents import read_document
from hanse_documents.checks import (
    CHECKS,
    Agreement,
    ComparedSet,
    compare_set,
    name_of,
    set_of,
)
from hanse_documents.model.carriage import (
    DeclarationDocument,
    DeclarationGoods,
    TransportDocument,
    TransportGoods,
    TransportKind,
)
from hanse_documents.model.documents import (
    DocumentParty,
    Incoterms,
    Money,
)
from hanse_documents.samples import TRADE, sample

SET = set_of(read_document(sample(name)) for name in TRADE)
INVOICE, CERTIFICATE = SET.invoices[0], SET.certificates[0]
SELLER, BUYER = INVOICE.seller.name, INVOICE.buyer.name
EUR = Money(amount_minor=515_000, currency="EUR", exponent=2)

TRANSPORT = TransportDocument(
    consignee=DocumentParty(name=BUYER),
    consignor=DocumentParty(name=SELLER),
    containers=("MSKU1234565",),
    discharge_place="BEANR",
    document_type=TransportKind.PACKING_LIST,
    gross_mass_micro=312_500_000,
    incoterms=INVOICE.incoterms,
    invoices=(INVOICE.number,),
    lines=(
        TransportGoods(hs_code="691110", quantity_micro=360_000_000, unit="H87"),
        TransportGoods(hs_code="6912000000", quantity_micro=40_000_000, unit="C62"),
    ),
    loaded="2026-09-21",
    loading_place="CNNGB",
    mode="1",
    number="NBL-26-40117",
    packages=26,
    vessel="Blue Heron",
)
DECLARATION = DeclarationDocument(
    certificates=(CERTIFICATE.number,),
    containers=("MSKU 1234565",),
    export_country="CN",
    exporter=DocumentParty(name=SELLER),
    gross_mass_micro=312_000_000,
    import_country="BE",
    importer=DocumentParty(name=BUYER),
    incoterms=INVOICE.incoterms,
    invoice_amount=EUR,
    invoices=(INVOICE.number,),
    issued="2026-10-20",
    lines=(
        DeclarationGoods(hs_code="6911100000", origin="CN", quantity_micro=360_000_000, unit="C62"),
        DeclarationGoods(hs_code="691200", origin="CN", quantity_micro=40_000_000, unit="C62"),
    ),
    number="26BE0001",
    packages=26,
    transports=("NBL-26-40117",),
    vessel="BLUE HERON",
)
DECLARATION = replace(
    DECLARATION,
    lines=tuple(
        replace(line, charge=replace(EUR, amount_minor=amount))
        for line, amount in zip(DECLARATION.lines, (INVOICE.totals.lines_minor - 1, 0), strict=True)
    ),
)
WHOLE = replace(SET, transports=(TRANSPORT,), declarations=(DECLARATION,))


def outcomes(papers: ComparedSet, outcome: Agreement) -> list[str]:
    """List the numbers of the checks that found this, each once, in order."""
    return list(dict.fromkeys(each.check for each in compare_set(papers) if each.outcome is outcome))


def test_a_whole_trade_agrees() -> None:
    """Invoice, certificate, carriage, declaration and payments of one trade: no check differs, two have no weights."""
    assert outcomes(WHOLE, Agreement.DIFFERS) == []
    assert outcomes(WHOLE, Agreement.CANNOT_COMPARE) == ["D-28", "D-38"]
    alone = {check.number for check in CHECKS[:64]} - {each.check for each in compare_set(WHOLE)}
    assert alone == set()


def transport(**changes: Any) -> ComparedSet:
    """Change the paper of carriage."""
    return replace(WHOLE, transports=(replace(TRANSPORT, **changes),))


def declaration(**changes: Any) -> ComparedSet:
    """Change the declaration."""
    return replace(WHOLE, declarations=(replace(DECLARATION, **changes),))


def invoice(**changes: Any) -> ComparedSet:
    """Change the invoice."""
    return replace(WHOLE, invoices=(replace(INVOICE, **changes),))


def certificate(**changes: Any) -> ComparedSet:
    """Change the certificate."""
    return replace(WHOLE, certificates=(replace(CERTIFICATE, **changes),))


def carried(place: int, **changes: Any) -> ComparedSet:
    """Change a line of the paper of carriage."""
    lines = list(TRANSPORT.lines)
    lines[place] = replace(lines[place], **changes)
    return transport(lines=tuple(lines))


def declared(place: int, **changes: Any) -> ComparedSet:
    """Change an item of the declaration."""
    lines = list(DECLARATION.lines)
    lines[place] = replace(lines[place], **changes)
    return declaration(lines=tuple(lines))


OTHER = DocumentParty(name="Blauw Handel BV")
USD = Money(amount_minor=515_000, currency="USD", exponent=2)
WEIGHED = tuple(replace(line, quantity_micro=100_000_000, unit="KGM") for line in INVOICE.lines)
CERTIFIED = tuple(replace(line, quantity_micro=100_000_000, unit="KGM") for line in CERTIFICATE.lines)


@pytest.mark.parametrize(
    ("papers", "check", "outcome"),
    [
        (transport(consignor=OTHER), "D-23", "differs"),
        (transport(consignor=None), "D-23", "cannot compare"),
        (transport(consignee=OTHER), "D-24", "differs"),
        (transport(to_order=True), "D-24", "cannot compare"),
        (transport(invoices=("X-1",)), "D-25", "differs"),
        (transport(invoices=()), "D-25", "cannot compare"),
        (carried(1, hs_code="940360"), "D-26", "differs"),
        (transport(lines=()), "D-26", "cannot compare"),
        (carried(1, quantity_micro=41_000_000), "D-27", "differs"),
        (carried(0, unit="KGM"), "D-27", "differs"),
        (carried(0, unit="XCT"), "D-27", "cannot compare"),
        (carried(0, quantity_micro=None), "D-27", "cannot compare"),
        (replace(invoice(lines=WEIGHED), transports=(TRANSPORT,)), "D-28", "agrees"),
        (
            replace(invoice(lines=WEIGHED), transports=(replace(TRANSPORT, gross_mass_micro=298_000_000),)),
            "D-28",
            "differs",
        ),
        (
            replace(invoice(lines=WEIGHED), transports=(replace(TRANSPORT, gross_mass_micro=None),)),
            "D-28",
            "cannot compare",
        ),
        (transport(discharge_place="NLRTM"), "D-29", "differs"),
        (transport(discharge_place="NLRTM", import_country="BE"), "D-29", "agrees"),
        (transport(discharge_place="Antwerp"), "D-29", "cannot compare"),
        (transport(incoterms=Incoterms(code="CIF")), "D-30", "differs"),
        (transport(incoterms=None), "D-30", "cannot compare"),
        (
            replace(invoice(incoterms=Incoterms(code="FOB")), transports=(replace(TRANSPORT, mode="4"),)),
            "D-31",
            "differs",
        ),
        (transport(mode="4"), "D-31", "agrees"),
        (transport(mode=None), "D-31", "cannot compare"),
        (transport(consignor=OTHER), "D-32", "differs"),
        (transport(consignor=None), "D-32", "cannot compare"),
        (transport(consignee=OTHER), "D-33", "differs"),
        (transport(to_order=True), "D-33", "cannot compare"),
        (carried(1, hs_code="940360"), "D-34", "differs"),
        (transport(lines=()), "D-34", "cannot compare"),
        (transport(loading_place="VNSGN"), "D-35", "differs"),
        (transport(loading_place="Ningbo"), "D-35", "cannot compare"),
        (transport(discharge_place="NLRTM"), "D-36", "differs"),
        (certificate(import_country=None), "D-36", "cannot compare"),
        (certificate(issued="2026-09-24"), "D-37", "agrees"),
        (certificate(issued="2026-09-25"), "D-37", "differs"),
        (transport(loaded=None), "D-37", "cannot compare"),
        (certificate(lines=CERTIFIED), "D-38", "agrees"),
        (
            replace(certificate(lines=CERTIFIED), transports=(replace(TRANSPORT, gross_mass_micro=298_000_000),)),
            "D-38",
            "differs",
        ),
        (
            replace(certificate(lines=CERTIFIED), transports=(replace(TRANSPORT, gross_mass_micro=None),)),
            "D-38",
            "cannot compare",
        ),
        (declaration(invoices=("X-1",)), "D-39", "differs"),
        (declaration(invoices=()), "D-39", "cannot compare"),
        (declaration(exporter=OTHER), "D-40", "differs"),
        (declaration(exporter=None), "D-40", "cannot compare"),
        (declaration(importer=OTHER), "D-41", "differs"),
        (declaration(importer=None), "D-41", "cannot compare"),
        (declared(0, hs_code="940360"), "D-42", "differs"),
        (declared(0, hs_code=None), "D-42", "cannot compare"),
        (declared(0, origin="VN"), "D-43", "differs"),
        (declared(0, origin=None), "D-43", "cannot compare"),
        (declared(0, quantity_micro=361_000_000), "D-44", "differs"),
        (declared(0, quantity_micro=None), "D-44", "cannot compare"),
        (declaration(invoices=(INVOICE.number, "X-1")), "D-44", "cannot compare"),
        (declaration(invoice_amount=USD), "D-45", "differs"),
        (declaration(invoice_amount=None), "D-45", "cannot compare"),
        (declaration(invoice_amount=replace(EUR, amount_minor=315_000)), "D-46", "differs"),
        (declaration(invoice_amount=USD), "D-46", "cannot compare"),
        (declaration(invoice_amount=None), "D-46", "cannot compare"),
        (declaration(invoices=(INVOICE.number, "X-1")), "D-46", "cannot compare"),
        (declared(0, charge=replace(EUR, amount_minor=1)), "D-47", "differs"),
        (declared(0, charge=None), "D-47", "cannot compare"),
        (declared(0, charge=USD), "D-47", "cannot compare"),
        (declaration(invoices=(INVOICE.number, "X-1")), "D-47", "cannot compare"),
        (declaration(incoterms=Incoterms(code="CIF")), "D-48", "differs"),
        (declaration(incoterms=None), "D-48", "cannot compare"),
        (declaration(issued="2026-09-16"), "D-49", "differs"),
        (declaration(issued=None), "D-49", "cannot compare"),
        (declaration(certificates=("X-1",)), "D-50", "differs"),
        (declaration(certificates=()), "D-50", "cannot compare"),
        (declaration(exporter=OTHER), "D-51", "differs"),
        (declaration(exporter=None), "D-51", "cannot compare"),
        (declaration(importer=OTHER), "D-52", "differs"),
        (declaration(importer=None), "D-52", "cannot compare"),
        (declared(0, hs_code="940360"), "D-53", "differs"),
        (certificate(lines=tuple(replace(x, hs_code=None) for x in CERTIFICATE.lines)), "D-53", "cannot compare"),
        (declared(0, origin="VN"), "D-54", "differs"),
        (declared(0, origin=None), "D-54", "cannot compare"),
        (declared(0, quantity_micro=361_000_000), "D-55", "differs"),
        (declared(0, quantity_micro=100_000_000), "D-55", "agrees"),
        (declared(0, unit=None), "D-55", "cannot compare"),
        (declaration(issued="2027-09-18"), "D-56", "differs"),
        (certificate(valid_from=None, valid_until=None), "D-56", "cannot compare"),
        (declaration(import_country="NL"), "D-57", "differs"),
        (declaration(import_country=None), "D-57", "cannot compare"),
        (declaration(export_country="VN"), "D-58", "differs"),
        (declaration(export_country=None), "D-58", "cannot compare"),
        (declaration(transports=("X-1",)), "D-59", "differs"),
        (declaration(transports=()), "D-59", "cannot compare"),
        (declaration(containers=("MSKU9999999",)), "D-60", "differs"),
        (declaration(containers=()), "D-60", "cannot compare"),
        (declaration(gross_mass_micro=300_000_000), "D-61", "differs"),
        (declaration(gross_mass_micro=None), "D-61", "cannot compare"),
        (declaration(packages=25), "D-62", "differs"),
        (declaration(packages=None), "D-62", "cannot compare"),
        (declaration(vessel="Grey Heron"), "D-63", "differs"),
        (declaration(vessel=None), "D-63", "cannot compare"),
        (declaration(invoice_amount=replace(EUR, amount_minor=315_000)), "D-64", "differs"),
        (declaration(invoice_amount=USD), "D-64", "cannot compare"),
        (declaration(invoices=("X-1",)), "D-64", "cannot compare"),
    ],
)
def test_each_check_finds_what_it_is_there_for(papers: ComparedSet, check: str, outcome: str) -> None:
    """One change: the check says what it must, why where it cannot compare, and what to do where it differs."""
    found = [each for each in compare_set(papers) if each.check == check]
    assert outcome in {each.outcome.value for each in found}
    for each in found:
        assert bool(each.why) == (each.outcome is Agreement.CANNOT_COMPARE)
        assert bool(each.action) == (each.outcome is Agreement.DIFFERS)


def test_a_certificate_without_an_end_holds_for_its_kinds_months() -> None:
    """CHAFTA's certificates hold for twelve months, also where one does not say so."""
    goods = {"agreement": "CHAFTA", "preferential": True, "valid_from": None, "valid_until": None}
    for day, outcome in (("2027-09-18", Agreement.AGREES), ("2027-09-19", Agreement.DIFFERS)):
        papers = replace(certificate(**goods), declarations=(replace(DECLARATION, issued=day),))
        assert {each.outcome for each in compare_set(papers) if each.check == "D-56"} == {outcome}


SECOND = replace(INVOICE, number="QW-2026-0918")


def test_documents_are_compared_with_those_that_they_name() -> None:
    """Two invoices, two declarations: each is set against its own, and not against the other one."""
    other = replace(DECLARATION, number="2", invoices=(SECOND.number,), certificates=(), transports=())
    papers = replace(WHOLE, invoices=(INVOICE, SECOND), declarations=(DECLARATION, other))
    pairs = {(each.left_document, each.right_document) for each in compare_set(papers) if each.check == "D-39"}
    assert pairs == {
        (f"invoice {INVOICE.number}", "declaration 26BE0001"),
        (f"invoice {SECOND.number}", "declaration 2"),
    }


def test_every_check_has_its_test() -> None:
    """At least forty checks, numbered without a gap, each with what to do; this file and its neighbour try each."""
    assert [check.number for check in CHECKS] == [f"D-{number}" for number in range(1, len(CHECKS) + 1)]
    assert len(CHECKS) == 73
    assert all(check.action and check.title for check in CHECKS)


def test_documents_are_called_by_kind_and_number() -> None:
    """Names of findings are those of the papers."""
    named = [name_of(each) for each in (INVOICE, CERTIFICATE, TRANSPORT, DECLARATION)]
    assert named[2:] == ["packing list NBL-26-40117", "declaration 26BE0001"]
    assert name_of(replace(TRANSPORT, number="")) == "packing list"
    assert set_of([(SET.payments[0],), INVOICE]) == ComparedSet(invoices=(INVOICE,), payments=(SET.payments[0],))


def test_a_set_without_invoices_compares_what_there_is() -> None:
    """Payments alone, or a certificate and a paper of carriage."""
    papers = replace(WHOLE, invoices=(), declarations=())
    assert {each.check for each in compare_set(papers)} == {
        "D-21",
        "D-22",
        *(f"D-{number}" for number in range(32, 39)),
    }
