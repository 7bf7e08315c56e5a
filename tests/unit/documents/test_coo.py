"""Certificates of origin: the published edi3 samples read, and what is wrong is refused by its place."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hanse_documents.model.documents import DocumentParty, terms
from hanse_documents.model.errors import DocumentError, UnsupportedFormat
from hanse_documents.samples import sample
from hanse_documents.syntax.coo import read_coo
from hanse_ledger.values import limits

Json = dict[str, Any]
SAMPLE: Json = json.loads(sample("certificate.json"))


def line(value: Json, place: int = 0) -> Json:
    """Give one trade line item of a certificate."""
    found: Json = value["supplyChainConsignment"]["includedConsignmentItems"][0]["tradeLineItems"][place]
    return found


def changed(change: Callable[[Json], object]) -> bytes:
    """Give the sample certificate after a change."""
    value = copy.deepcopy(SAMPLE)
    change(value)
    return json.dumps(value).encode()


def test_the_published_certificates_read(shared: Path) -> None:
    """Both edi3 samples read: parties, criteria, codes without dots, and the invoices that cover the goods."""
    full, minimal = (
        read_coo((shared / "samples" / "coo" / f"edi3-CertificateOfOrigin.sample{size}.json").read_bytes())
        for size in ("Full", "Minimal")
    )
    for certificate in (full, minimal):
        assert certificate.number == "wfa.org.au:coo:WBC208897"
        assert certificate.issued == "2020-06-03"
        assert (certificate.preferential, certificate.agreement) == (True, "CHAFTA")
        assert certificate.exporter.name == "TREASURY WINE ESTATES VINTNERS LIMITED"
        assert certificate.exporter.identifiers == ("abr.gov.au:abn:55004094599",)
        assert (certificate.export_country, certificate.import_country) == ("AU", "CN")
        assert [(goods.hs_code, goods.criterion) for goods in certificate.lines] == [
            ("220421", "WP"),
            ("220421", "WP"),
            ("220421", "PSR"),
        ]
        assert certificate.lines[2].invoice == "tweglobal.com:invoice:8877654"
    assert full.consignee is not None
    assert full.consignee.name == "East meets west fine wines"
    assert [goods.origin for goods in full.lines] == ["AU"] * 3
    assert minimal.consignee is None
    assert [goods.origin for goods in minimal.lines] == [None] * 3


def test_the_sample_says_what_it_shows() -> None:
    """The shipped certificate has dates, quantities and units, which the ledger needs."""
    certificate = read_coo(sample("certificate.json"))
    assert (certificate.issued, certificate.valid_from, certificate.valid_until) == (
        "2026-09-18",
        "2026-09-18T00:00:00Z",
        "2027-09-17T23:59:59Z",
    )
    assert certificate.consignee == DocumentParty(
        country="BE", identifiers=("gleif.org:lei:000000TAFELROODBV131",), name="Tafelrood BV"
    )
    assert [(goods.hs_code, goods.origin, goods.quantity_micro, goods.unit) for goods in certificate.lines] == [
        ("691110", "CN", 120_000_000, "C62"),
        ("691110", "CN", 240_000_000, "C62"),
        ("691200", "CN", 40_000_000, "C62"),
    ]


def test_terms_are_named_like_the_fields() -> None:
    """Every field that the certificate fills is a term, and none that it leaves out."""
    named = terms(read_coo(sample("certificate.json")))
    assert list(named) == sorted(named)
    assert named["number"] == "qiantang-chamber.example:coo:QT26-03318"
    assert named["lines/3/quantity_micro"] == "40000000"
    assert named["exporter/identifiers/1"] == "gleif.org:lei:000000QINGWANKILN189"
    assert named["preferential"] == "false"
    assert "agreement" not in named


def test_quantities_are_exact_in_either_form() -> None:
    """A quantity may be a text or a number; both are exact, and neither is rounded."""
    counted = line(SAMPLE)["tradeDelivery"]["despatchedQuantity"]["value"]
    assert counted == "120"
    for written in (b'"120.125"', b"120.125"):
        data = sample("certificate.json").replace(b'"120"', written)
        assert read_coo(data).lines[0].quantity_micro == 120_125_000


@pytest.mark.parametrize(
    ("written", "micro"),
    [
        (b"1.2E7", 12 * 10**12),
        (b"1.20000E+7", 12 * 10**12),
        (b"5E-6", 5),
        (b"1200000e-2", 12 * 10**9),
        (b"1E12", 10**18),
    ],
)
def test_numbers_are_read_in_either_notation(written: bytes, micro: int) -> None:
    """JSON has one kind of number and two ways to write it; programs use the shorter one, and both are exact."""
    data = sample("certificate.json").replace(b'"120"', written)
    assert read_coo(data).lines[0].quantity_micro == micro


@pytest.mark.parametrize("written", [b"1E-7", b"1E13", b"1E999999999", b"-1E-999999999", b"1E" + b"9" * 30])
def test_numbers_out_of_bounds_are_refused_in_words(written: bytes) -> None:
    """What is finer than millionths or larger than any consignment is refused, and never written out in full."""
    with pytest.raises(DocumentError) as refused:
        read_coo(sample("certificate.json").replace(b'"120"', written))
    assert "despatchedQuantity/value" in refused.value.field or "than any number" in refused.value.seen


@pytest.mark.parametrize(
    ("written", "read"),
    [("6911", "6911"), ("6911.10", "691110"), ("691110-190", "691110190"), ("6911 10 00 00 19", "691110000019")],
)
def test_codes_have_four_to_twelve_digits(written: str, read: str) -> None:
    """A certificate may name the heading alone, or as many digits as the country of issue has."""

    def classify(value: Json) -> None:
        line(value)["tradeProduct"]["harmonisedTariffCode"].update(classCode=written)

    assert read_coo(changed(classify)).lines[0].hs_code == read


def deliver(value: Json, quantity: object) -> None:
    """Put a quantity on the first line."""
    line(value)["tradeDelivery"]["despatchedQuantity"] = quantity


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (lambda value: value.pop("iD"), "iD", "shape"),
        (lambda value: value.update(iD=7), "iD", "shape"),
        (lambda value: value.update(iD=" "), "iD", "number"),
        (lambda value: value.pop("issuer"), "issuer", "shape"),
        (lambda value: value.update(isPreferential="no"), "isPreferential", "shape"),
        (lambda value: value.update(issueDateTime="18 September"), "issueDateTime", "YYYY-MM-DD"),
        (lambda value: value.update(issueDateTime="2026-09-31T00:00:00Z"), "issueDateTime", "YYYY-MM-DD"),
        (lambda value: value["effectivePeriod"].update(endDateTime="2026-09-17"), "effectivePeriod", "end after"),
        (lambda value: value["supplyChainConsignment"].pop("exporter"), "supplyChainConsignment/exporter", "shape"),
        (
            lambda value: value["effectivePeriod"].update(startDateTime="2026-09-18T08:00:00+8"),
            "effectivePeriod/startDateTime",
            "2026-09-18T08:00:00+08:00",
        ),
        (
            lambda value: value["effectivePeriod"].update(endDateTime="2027-02-30T08:00:00Z"),
            "effectivePeriod/endDateTime",
            "YYYY-MM-DD",
        ),
        (
            lambda value: value["supplyChainConsignment"]["importCountry"].update(code="Belgium"),
            "importCountry/code",
            "capital letters",
        ),
        (
            lambda value: value["supplyChainConsignment"].update(includedConsignmentItems=[]),
            "supplyChainConsignment/includedConsignmentItems/tradeLineItems",
            f"1 to {limits.LINES}",
        ),
        (
            lambda value: line(value)["tradeProduct"]["harmonisedTariffCode"].update(classCode="69.1"),
            "supplyChainConsignment/includedConsignmentItems/tradeLineItems/1/tradeProduct/harmonisedTariffCode/classCode",
            "4 to 12 digits",
        ),
        (
            lambda value: deliver(value, {"value": "0.0000001", "unitCode": "KGM"}),
            "supplyChainConsignment/includedConsignmentItems/tradeLineItems/1/tradeDelivery/despatchedQuantity/value",
            "6 decimal places",
        ),
        (
            lambda value: deliver(value, {"value": "many", "unitCode": "KGM"}),
            "supplyChainConsignment/includedConsignmentItems/tradeLineItems/1/tradeDelivery/despatchedQuantity/value",
            "shape",
        ),
        (
            lambda value: deliver(value, {"value": "NaN", "unitCode": "KGM"}),
            "supplyChainConsignment/includedConsignmentItems/tradeLineItems/1/tradeDelivery/despatchedQuantity/value",
            "decimal number",
        ),
        (
            lambda value: deliver(value, {"value": "1", "unitCode": "kilo"}),
            "supplyChainConsignment/includedConsignmentItems/tradeLineItems/1/tradeDelivery/despatchedQuantity/unitCode",
            "Recommendation 20",
        ),
    ],
)
def test_refusals_name_the_place(change: Callable[[Json], object], field: str, words: str) -> None:
    """Whatever is missing or wrong is refused by where it stands, with what is wanted instead."""
    with pytest.raises(DocumentError) as refused:
        read_coo(changed(change))
    assert refused.value.field == field
    assert words in refused.value.wanted


@pytest.mark.parametrize(
    "data",
    [
        b'{"supplyChainConsignment": ',
        b'{"iD": "a", "iD": "b", "supplyChainConsignment": {}}',
        b'{"supplyChainConsignment": NaN}',
        b'{"supplyChainConsignment": "\xff"}',
        b'{"supplyChainConsignment": ' + b"1" * 5_000 + b"}",
        changed(lambda value: value.update(name="\ud800")),
        changed(lambda value: value.update({"\udfff": 1})),
        changed(lambda value: line(value)["tradeProduct"].update(description="\udc00\ud800")),
    ],
)
def test_what_is_no_strict_json_is_malformed(data: bytes) -> None:
    """A key twice, a number that is none, or bytes that are no text: two readers might see two certificates."""
    with pytest.raises(DocumentError, match="JSON"):
        read_coo(data)


def test_lines_are_bounded() -> None:
    """A certificate has no more lines than a record of it can carry."""

    def repeat(value: Json, count: int) -> None:
        items = value["supplyChainConsignment"]["includedConsignmentItems"][0]
        items["tradeLineItems"] = [line(value)] * count

    assert len(read_coo(changed(lambda value: repeat(value, limits.LINES))).lines) == limits.LINES
    with pytest.raises(DocumentError, match="lines"):
        read_coo(changed(lambda value: repeat(value, limits.LINES + 1)))


def test_other_json_is_unsupported(shared: Path) -> None:
    """A schema, a wrapped document or a list is JSON of something else, not a broken certificate."""
    for path in ("coo/edi3-CertificateOfOrigin.schema.json", "other/tradetrust-ebl.json"):
        with pytest.raises(UnsupportedFormat):
            read_coo((shared / "samples" / path).read_bytes(), path)
    with pytest.raises(UnsupportedFormat):
        read_coo(b"[]")
