"""Check digits, codes and amounts that are nobody's term: what is a finding, and what is none."""

import re
from collections.abc import Callable

import pytest

from hanse_documents import DocumentError, examine_document
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument
from hanse_documents.samples import sample
from hanse_documents.semantics.checkdigits import (
    verify_account,
    verify_bic,
    verify_iban,
    verify_reference,
    verify_scheme,
    verify_vat,
)
from hanse_documents.semantics.codes import COUNTRIES, UNITS

INVOICE = sample("invoice.xml").decode()


@pytest.mark.parametrize(
    "text",
    [
        "BE68539007547034",
        "DE89370400440532013000",
        "GB29NWBK60161331926819",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
    ],
)
def test_published_ibans_are_right(text: str) -> None:
    """The examples of ISO 13616's registry pass."""
    verify_iban(text, "BT-84")


@pytest.mark.parametrize(
    "text",
    [
        "BE69539007547034",  # check digits
        "BE6853900754703",  # a digit short
        "DE8937040044053201300",  # a digit short
        "DE893704004405320130000",  # a digit long
        "ZZ89370400440532013000",  # no country
        "US64SVBKUS6S3300958879",  # a country without IBANs
        "GB29123460161331926819",  # letters where the bank's are
        "",
        "DE",
    ],
)
def test_an_iban_has_its_countrys_length_and_structure(text: str) -> None:
    """Whatever the remainder of 97 says, a wrong length, country or structure is told."""
    with pytest.raises(DocumentError):
        verify_iban(text, "BT-84")


def test_made_up_ibans_of_right_remainder_are_found() -> None:
    """Check digits alone make no IBAN: of any country with right ones, only its own length passes."""
    for country, length in (("DE", 22), ("NL", 18), ("XX", 22)):
        right = []
        for digits in range(10, 26):
            body = "1" * digits
            check = 98 - int("".join(str(int(sign, 36)) for sign in f"{body}{country}00")) % 97
            try:
                verify_iban(f"{country}{check:02}{body}", "BT-84")
            except DocumentError:
                continue
            right.append(digits + 4)
        assert right in ([length], [])


def test_other_numbers_are_checked_by_their_own_rules() -> None:
    """LEI, GLN, GTIN, VAT, BIC and creditor reference; what has no common check passes."""
    verify_scheme("529900T8BM49AURSDO55", "0199", "BT-30")
    verify_scheme("4012345000009", "0088", "BT-29")
    verify_scheme("whatever", "0195", "BT-30")
    verify_scheme("whatever", None, "BT-30")
    verify_vat("BE0411905847", "BT-31")
    verify_vat("CHE-116.281.710 MWST", "BT-31")
    verify_bic("HNSABEB0XXX", "BT-86")
    verify_reference("RF18 5390 0754 7034", "BT-83")
    verify_reference("invoice 7", "BT-83")
    verify_account("6222021001112223334", "BT-84")
    wrong: list[tuple[Callable[..., None], tuple[str, ...]]] = [
        (verify_scheme, ("529900T8BM49AURSDO56", "0199")),
        (verify_scheme, ("4012345000001", "0088")),
        (verify_scheme, ("4012345000001", "0160")),
        (verify_vat, ("BE0411905848",)),
        (verify_bic, ("HNSAZZB0XXX",)),
        (verify_reference, ("RF19539007547034",)),
        (verify_account, ("DE88370400440532013000",)),
    ]
    for verify, arguments in wrong:
        with pytest.raises(DocumentError):
            verify(*arguments, "field")


def findings(data: str | bytes) -> list[str]:
    """List the fields of what was found in a document."""
    return [each.field for each in examine_document(data.encode() if isinstance(data, str) else data).findings]


def test_the_samples_have_nothing_to_find() -> None:
    """The shipped documents of one trade are clean."""
    for name in ("invoice.xml", "certificate.json", "pacs008.xml", "camt054.xml"):
        assert findings(sample(name)) == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("BE68539007547034", "BE69539007547034", "BG-17/1/BT-84"),
        ("RF24QW20260917", "RF25QW20260917", "BT-83"),
        (">CN</cbc:IdentificationCode>", ">ZZ</cbc:IdentificationCode>", "BT-40"),
        ('unitCode="C62">120<', 'unitCode="QQQ">120<', "BG-25/1/BT-130"),
        ('listID="HS">691110<', 'listID="HS">none<', "BG-25/1/BT-158/1/BT-158"),
    ],
)
def test_a_wrong_code_of_an_invoice_is_a_finding(old: str, new: str, field: str) -> None:
    """The invoice is read, and what is wrong is told beside it."""
    assert old in INVOICE
    assert field in findings(INVOICE.replace(old, new, 1))


@pytest.mark.parametrize("name", ["pacs008.xml", "camt054.xml"])
def test_a_wrong_code_of_a_payment_is_a_finding_too(name: str) -> None:
    """One policy: neither refused here nor passed over there."""
    text = sample(name).decode()
    assert any("IBAN" in field for field in findings(text.replace("BE68539007547034", "BE69539007547034")))
    assert any("BICFI" in field for field in findings(text.replace("HNSBBEB0XXX", "HNSBZZB0XXX")))
    assert any("Ref" in field for field in findings(text.replace("RF24QW20260917", "RF25QW20260917")))


def test_a_wrong_code_of_a_certificate_is_a_finding() -> None:
    """Countries and units of a certificate are looked up in the same tables."""
    text = sample("certificate.json").decode()
    found = findings(re.sub(r'"unitCode": "C62"', '"unitCode": "QQQ"', text, count=1))
    place = "supplyChainConsignment/includedConsignmentItems/tradeLineItems/1"
    assert found == [f"{place}/tradeDelivery/despatchedQuantity/unitCode"]
    reading = examine_document(text.replace('"CN"', '"ZZ"').encode())
    assert isinstance(reading.document, CertificateDocument)
    assert reading.document.export_country == "ZZ"
    assert "exportCountry/code" in [each.field for each in reading.findings]


def test_the_tables_are_whole() -> None:
    """What the world uses stands in them, what it does not use does not."""
    assert {"CN", "BE", "XI", "TW"} <= COUNTRIES
    assert {"C62", "KGM", "MTQ", "P1", "XPK", "H87", "10"} <= UNITS
    assert not {"ZZ", "XX", "EU", "UK"} & COUNTRIES
    assert not {"QQQ", "PCS", "PIECES"} & UNITS
    assert (len(COUNTRIES), len(UNITS)) == (251, 2162)


def test_amounts_that_are_no_term_may_be_in_any_currency() -> None:
    """What stands in an extension, and the payable amount in another currency, is nobody's term."""
    alternative = (
        '<cbc:PayableAlternativeAmount currencyID="USD">6000.00</cbc:PayableAlternativeAmount></cac:LegalMonetaryTotal>'
    )
    extension = (
        '<ext:UBLExtensions xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">'
        '<ext:UBLExtension><ext:ExtensionContent><cbc:Amount currencyID="PLN">1.00</cbc:Amount>'
        '<cac:TaxTotal><cbc:TaxAmount currencyID="PLN">1.00</cbc:TaxAmount></cac:TaxTotal>'
        "</ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions><cbc:CustomizationID>"
    )
    text = INVOICE.replace("</cac:LegalMonetaryTotal>", alternative).replace("<cbc:CustomizationID>", extension)
    document = examine_document(text.encode()).document
    assert isinstance(document, InvoiceDocument)
    assert document.payable_minor == 515_000
    for kind in ("PriceAmount", "LineExtensionAmount", "TaxAmount", "TaxableAmount", "TaxInclusiveAmount"):
        with pytest.raises(DocumentError, match="currencyID"):
            examine_document(
                re.sub(rf'<cbc:{kind} currencyID="EUR"', f'<cbc:{kind} currencyID="JPY"', INVOICE).encode()
            )


def test_a_price_is_that_of_its_base_quantity() -> None:
    """BT-149 and BT-150 stay beside the price: 15.24 for a dozen is not 15.24."""
    base = '<cbc:BaseQuantity unitCode="DZN">12</cbc:BaseQuantity></cac:Price>'
    document = examine_document(INVOICE.replace("</cac:Price>", base, 1).encode()).document
    assert isinstance(document, InvoiceDocument)
    assert [(line.base_quantity, line.base_unit) for line in document.lines[:2]] == [("12", "DZN"), (None, None)]
