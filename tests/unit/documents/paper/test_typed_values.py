"""Typed documents that are no invoices are held to what their readers make: the rest is refused by its place."""

import json
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_documents import check_document
from hanse_documents.model.carriage import DeclarationDocument, DeclarationGoods, TransportDocument
from hanse_documents.model.documents import (
    CertificateDocument,
    CertificateGoods,
    Charge,
    MessageKind,
    Money,
    PaymentDocument,
    PaymentReport,
)
from hanse_documents.model.errors import DocumentError, FaultWeight
from hanse_documents.samples import sample
from hanse_documents.semantics.typedvalues import REPORTS, TRANSFERS
from hanse_documents.semantics.values import account_of
from hanse_documents.syntax.typedpaper import READ_BEFORE, read_typed, read_typed_with_findings, write_typed
from hanse_ledger.values.dates import start_of
from tests.unit.documents.trade.test_carriage import DECLARATION, SHIPMENT, packing_list

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
COUNTRIES = ("country", "origin", "export_country", "import_country")
DAYS = ("issued", "loaded", "booked", "valued")


def values_of(hint: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911 (a row a form of type)
    """Give values of a field by its type: within its bounds, and of its pattern."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, *marks = get_args(hint)
        bounds = next(mark for mark in marks if isinstance(mark, msgspec.Meta))
        if bounds.pattern is not None:
            return st.from_regex(bounds.pattern, fullmatch=True)
        return st.integers(int(bounds.ge or 0), int(bounds.le or 0)) if base is int else values_of(base)
    if origin in (Union, UnionType):
        return st.one_of([values_of(each) for each in get_args(hint)])
    if origin is tuple:
        return st.lists(values_of(get_args(hint)[0]), max_size=2).map(tuple)
    if hint is NoneType:
        return st.none()
    if hint is str:
        return WORDS
    if hint is int:
        return st.integers(-(2**53), 2**53)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        fields = get_type_hints(hint, include_extras=True)
        return st.builds(hint, **{name: values_of(fields[name]) for name in hint.__struct_fields__})
    return st.from_type(hint)


CLASSES = (CertificateDocument, DeclarationDocument, TransportDocument, PaymentDocument, PaymentReport)
DOCUMENTS: dict[type, st.SearchStrategy[Any]] = {cls: values_of(cls) for cls in CLASSES}


def as_a_reader_makes(value: Any) -> Any:
    """Change what is drawn by types alone to what a reader may have made."""
    if isinstance(value, tuple):
        return tuple(map(as_a_reader_makes, value))
    if not isinstance(value, msgspec.Struct):
        return value
    fields = {name: as_a_reader_makes(getattr(value, name)) for name in value.__struct_fields__}
    fields |= {name: "BE" for name in COUNTRIES if fields.get(name) is not None}
    fields |= {name: "2026-02-28" for name in DAYS if fields.get(name) is not None}
    fields |= {name: fields[name].strip() or "1" for name in ("number", "message") if name in fields}
    return replace(value, **{**fields, **_own(value, fields)})


def _own(value: msgspec.Struct, fields: dict[str, Any]) -> dict[str, Any]:
    """Give what else must be of a class."""
    own: dict[str, Any] = {}
    match value:
        case CertificateDocument():
            within = bool(value.valid_from)
            own["issued_at"] = start_of(fields["issued"]) if value.issued else None
            own["valid_from"] = "2026-01-01" if within else None
            own["valid_until"] = "2026-12-31T12:00:00+08:00" if within else None
            own["lines"] = fields["lines"] or (CertificateGoods(),)
        case CertificateGoods() if value.quantity_micro is None:
            own["unit"] = None
        case DeclarationDocument():
            own["lines"] = fields["lines"] or (DeclarationGoods(),)
        case Money():
            own = {"currency": "EUR", "exponent": 2, "amount_minor": abs(value.amount_minor)}
        case Charge():
            own = {"currency": "JPY", "exponent": 0, "amount_minor": value.amount_minor or 1}
        case PaymentDocument():
            own = _payment(value)
        case PaymentReport() if value.kind not in REPORTS:
            own["kind"] = MessageKind.STATUS
    return own


def _payment(value: PaymentDocument) -> dict[str, Any]:
    kind = MessageKind.STATEMENT if value.kind in REPORTS else value.kind
    own: dict[str, Any] = {"currency": "EUR", "exponent": 2, "kind": kind}
    for side in ("creditor", "debtor"):
        if (iban := getattr(value, f"{side}_iban")) is not None:
            own |= {f"{side}_iban": account_of(iban), f"{side}_account": None}
    own |= {f"{name}_at": None for name in ("booked", "valued") if getattr(value, name) is None}
    if value.creditor_reference is None:
        own["further_references"] = ()
    if kind in TRANSFERS:
        own |= dict.fromkeys(("bank_reference", "booked", "booked_at", "contradiction", "status", "valued_at"))
        own |= {"direction": TRANSFERS[kind], "returned": kind is MessageKind.RETURN, "reversal": False}
        own["amount_minor"] = abs(value.amount_minor)
    return own


@pytest.mark.parametrize("cls", CLASSES)
@given(data=st.data())
@settings(max_examples=30)
def test_whatever_a_typed_document_says_is_read_again(cls: type, data: st.DataObject) -> None:
    """Every field of every class, in and at its bounds, with any text, as far as readers make it."""
    drawn = as_a_reader_makes(data.draw(DOCUMENTS[cls]))
    document = (drawn, drawn) if cls in (PaymentDocument, PaymentReport) else drawn
    written = write_typed(document)
    assert read_typed(written) == document
    assert write_typed(read_typed(written)) == written


def typed_of(data: bytes) -> Any:
    """Give what is written of a document."""
    document = check_document(data).document
    assert document is not None
    return json.loads(write_typed(document))


SAYING: dict[str, Any] = {
    "certificate": typed_of(sample("certificate.json")),
    "declaration": typed_of(json.dumps(DECLARATION).encode()),
    "transport": typed_of(packing_list("Waybill", SHIPMENT).encode()),
    "transfer": typed_of(sample("pacs008.xml")),
    "booking": typed_of(sample("camt054.xml")),
}


def changed(name: str, path: str, value: object) -> bytes:
    """Say something else in one place; None takes it away."""
    said = json.loads(json.dumps(SAYING[name]))
    *ways, last = path.split("/")
    place = said
    for step in ways:
        place = place[int(step) - 1] if step.isdigit() else place.setdefault(step, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(said).encode()


@pytest.mark.parametrize("name", SAYING)
def test_what_a_reader_made_is_taken(name: str) -> None:
    """Of a file of each kind."""
    assert read_typed(json.dumps(SAYING[name]).encode()) is not None


@pytest.mark.parametrize(
    ("name", "path", "value", "words"),
    [
        ("certificate", "certificate/number", "", "a text"),
        ("certificate", "certificate/number", " 7", "without space around it"),
        ("certificate", "certificate/issued", "2026-02-30", "a calendar date"),
        ("certificate", "certificate/issued_at", 1, "a moment of the day of issue"),
        ("certificate", "certificate/valid_from", "soon", "a date, or one with a time"),
        ("certificate", "certificate/valid_from", None, "both or neither"),
        ("certificate", "certificate/valid_from", "2099-01-01", "an end after its start"),
        ("certificate", "certificate/lines", [], "1 to "),
        ("certificate", "certificate/exporter/country", "china", "a country code"),
        ("certificate", "certificate/lines/1/quantity_micro", None, "nothing without quantity_micro"),
        ("declaration", "declaration/number", "", "a text"),
        ("declaration", "declaration/lines", [], "1 to "),
        ("declaration", "declaration/issued", "2026-04-31", "a calendar date"),
        ("declaration", "declaration/export_country", "ZZ", "ISO 3166"),
        ("declaration", "declaration/exporter/country", "ZZ", "ISO 3166"),
        ("declaration", "declaration/invoice_amount/currency", "EUX", "a currency of ISO 4217"),
        ("declaration", "declaration/invoice_amount/exponent", 3, "2, the decimal places of"),
        ("declaration", "declaration/lines/1/origin", "QQ", "ISO 3166"),
        ("transport", "transport/issued", "2025-02-29", "a calendar date"),
        ("transport", "transport/import_country", "ZZ", "ISO 3166"),
        ("transfer", "payments/1/currency", "EUX", "a currency of ISO 4217"),
        ("transfer", "payments/1/exponent", 0, "2, the decimal places of"),
        ("transfer", "payments/1/amount_minor", -1, "not below zero"),
        ("transfer", "payments/1/direction", "DBIT", "CRDT"),
        ("transfer", "payments/1/returned", True, "false"),
        ("transfer", "payments/1/reversal", True, "bookings alone have it"),
        ("transfer", "payments/1/status", "BOOK", "bookings alone have it"),
        ("transfer", "payments/1/message", "", "a text"),
        ("transfer", "payments/1/kind", "pacs.002", "a message that tells of payments itself"),
        ("transfer", "payments/1/valued", "2026-02-30", "a calendar date"),
        ("transfer", "payments/1/creditor_iban", "de89 3704", "DE893704"),
        ("booking", "payments/1/instructed", {"amount_minor": -5, "currency": "EUR", "exponent": 2}, "not below zero"),
        ("booking", "payments/1/charges", [{"amount_minor": 0, "currency": "EUR", "exponent": 2}], "of something"),
    ],
)
def test_what_no_reader_makes_is_refused(name: str, path: str, value: object, words: str) -> None:
    """By its place, which is the one that was changed or beside it."""
    data = changed(name, path, value)
    with pytest.raises(DocumentError) as refused:
        read_typed(data)
    assert words in str(refused.value)
    assert refused.value.field.startswith(path.rpartition("/")[0])


@pytest.mark.parametrize(
    ("name", "path", "value", "weight"),
    [
        ("certificate", "certificate/export_country", "ZZ", FaultWeight.WARNING),
        ("certificate", "certificate/lines/1/unit", "QQ", FaultWeight.WARNING),
        ("certificate", "certificate/agreement", "Utopia", FaultWeight.WARNING),
        ("transfer", "payments/1/uetr", "not-a-uetr", FaultWeight.WARNING),
        ("transfer", "payments/1/creditor_iban", "DE00370400440532013000", FaultWeight.WARNING),
        ("transfer", "payments/1/creditor_agent", "ABCDEF00X", FaultWeight.WARNING),
        ("transfer", "payments/1/creditor_reference", "RF00QW20260917", FaultWeight.WARNING),
        ("booking", "payments/1/contradiction", "1.00 EUR in 1 transaction, not 2.00 EUR", FaultWeight.FATAL),
    ],
)
def test_what_every_reader_finds_is_found_again(name: str, path: str, value: object, weight: FaultWeight) -> None:
    """It keeps nobody from reading the document; of a booking that contradicts itself the document is invalid."""
    data = changed(name, path, value)
    _, findings = read_typed_with_findings(data)
    own = [each for each in findings if each is not READ_BEFORE]
    assert any(path.endswith(each.field) or each.field.endswith(path) for each in own), findings
    assert weight in {each.weight for each in own}
    assert (check_document(data).verdict.value == "invalid") is (weight is FaultWeight.FATAL)


def test_payments_are_of_one_message() -> None:
    """One kind, one id, and no more of them than a message holds."""
    transfer = SAYING["transfer"]["payments"][0]
    for other, words in (({"message": "M-2"}, "as the first"), ({"kind": "pain.001"}, "as the first")):
        with pytest.raises(DocumentError, match=words):
            read_typed(json.dumps({"payments": [transfer, {**transfer, **other}]}).encode())
    least = {name: transfer[name] for name in ("amount_minor", "currency", "direction", "exponent", "kind", "message")}
    most = read_typed(json.dumps({"payments": [least] * 10_000}).encode())
    assert isinstance(most, tuple)
    assert len(most) == 10_000
    with pytest.raises(DocumentError, match="at most 10,000"):
        read_typed(json.dumps({"payments": [least] * 10_001}).encode())
    for more, words in (
        ({"further_references": ["RF18539007547034"]}, "nothing without creditor_reference"),
        ({"valued_at": 7}, "bookings alone have it"),
        ({"kind": "camt.054", "booked_at": 7}, "none without a day"),
        ({"creditor_iban": "DE89370400440532013000", "creditor_account": "7"}, "nothing beside creditor_iban"),
    ):
        with pytest.raises(DocumentError, match=words):
            read_typed(json.dumps({"payments": [{**least, **more}]}).encode())


def test_reports_are_of_messages_that_report() -> None:
    """There is one at least."""
    report = {"kind": "pacs.002", "message": "M-1", "valued": "2026-02-28"}
    assert read_typed(json.dumps({"reports": [report]}).encode()) is not None
    for said, words in (
        ([], "at least one"),
        ([{**report, "kind": "pacs.008"}], "how a payment fares"),
        ([{**report, "valued": "2026-02-30"}], "a calendar date"),
        ([{**report, "amount": {"amount_minor": -1, "currency": "EUR", "exponent": 2}}], "not below zero"),
    ):
        with pytest.raises(DocumentError, match=words):
            read_typed(json.dumps({"reports": said}).encode())


def test_a_reference_that_is_no_uetr_is_read_again() -> None:
    """What a message calls its UETR stands as it is, whether it is one or not."""
    data = sample("pacs008.xml")
    uetr = SAYING["transfer"]["payments"][0]["uetr"].encode()
    document = check_document(data.replace(uetr, b"NOT-A-UETR")).document
    assert document is not None
    assert read_typed(write_typed(document)) == document
