"""What is written as UBL fits the published schema, whatever the terms are; else it is refused, by its terms' names."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from hanse_documents import check_document
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_documents.model.errors import DocumentError, Fault
from hanse_documents.rules.rulesets import UBL_CREDIT_NOTE, UBL_INVOICE, schema_of
from hanse_documents.rules.structures import structure_faults
from hanse_documents.samples import sample
from hanse_documents.semantics.en16931 import CREDIT_CODES
from hanse_documents.syntax.ubl import digest_text
from hanse_documents.syntax.ubl_needs import NotInUbl, completed
from hanse_documents.syntax.ubl_terms import GROUPS, HEADER, Term, TermGroup
from hanse_documents.syntax.ubl_writing import write_ubl
from tests.unit.documents.crossindustry import cross_industry

EMBEDDED = "BT-125"
NAMED = re.compile(r"(?:B[TG]-[0-9]+(?:-[12])?(?:/[0-9]+)?/?)+|UBL/DeliveryTerms/\w+", re.ASCII)


def stated(name: str = "invoice.xml") -> dict[str, str]:
    """Give the terms of a sample."""
    document = check_document(sample(name)).document
    assert isinstance(document, InvoiceDocument)
    return terms(document)


INVOICE, CREDIT_NOTE = stated(), stated("credit-note.xml")


def bare(said: dict[str, str], *without: str, **more: str) -> dict[str, str]:
    """Leave terms out, wherever they stand, and say others."""
    left = {name: text for name, text in said.items() if not set(without) & set(name.split("/"))}
    return left | {name.replace("_", "-"): text for name, text in more.items()}


def places(
    terms_: Sequence[Term] = HEADER, groups: Sequence[TermGroup] = GROUPS, prefix: str = ""
) -> list[tuple[str, str]]:
    """List where terms stand, two branches of each group, and their paths in UBL."""
    here = [(prefix + term.name, term.path) for term in terms_ if term.name != EMBEDDED]
    return here + [
        place
        for group in groups
        for number in (1, 2)
        for place in places(group.terms, group.groups, f"{prefix}{group.name}/{number}/")
    ]


PLACES = dict(places())
DAYS = st.sampled_from(
    ["2026-11-30", "2026-02-30", "0000-01-01", "2026-11-30+99:00", "2026-11-30Z", "20261130", "soon"]
)
NUMBERS = st.sampled_from(["0", "-1.50", "+.5", "7.", "1e3", "NaN", "1,5", "9" * 30, "x"])
TEXTS = st.sampled_from(["380", "381", "NL", "EUR", "XX", "a\nb", "a\tb", "<&>", "x" * 300, "5", "72", "S", "\u00e9"])


def is_typed(name: str) -> bool:
    """Tell whether a number or a day stands there."""
    path = PLACES[name].partition("[@")[0]
    return path.endswith(("Date", "Amount", "Quantity", "Percent", "Numeric"))


def plain(name: str) -> str:
    """Give what a term may say."""
    return "2026-11-30" if PLACES[name].endswith("Date") else "1"


def faults_of(said: dict[str, str]) -> tuple[Fault, ...]:
    """List why terms are not written; none where they are."""
    try:
        write_ubl(said)
    except DocumentError as refused:
        return refused.faults
    return ()


@st.composite
def texts(draw: st.DrawFn) -> dict[str, str]:
    """Draw what an invoice says: a sample's terms, some of them left out, and any others, mostly of their own form."""
    said = dict(draw(st.sampled_from([INVOICE, CREDIT_NOTE])))
    for name in draw(st.lists(st.sampled_from(sorted(said)), max_size=3, unique=True)):
        del said[name]
    for name in draw(st.lists(st.sampled_from(sorted(PLACES)), max_size=12, unique=True)):
        if not is_typed(name):
            said[name] = draw(TEXTS)
        elif draw(st.integers(0, 5)):
            said[name] = plain(name)
        else:
            said[name] = draw(DAYS if PLACES[name].endswith("Date") else NUMBERS)
    return said


@given(texts())
@example(bare(INVOICE, **{"BG-25/1/BT-148": "20.00"}))
@example(bare(INVOICE, "BT-110"))
@example(bare(CREDIT_NOTE, "BT-81", "BT-82", "BT-83", "BG-17", BT_9="2026-12-30"))
@example(bare(INVOICE, "BT-81", "BT-82", "BG-17", BT_83="RF18539007547034"))
@example(bare(INVOICE, "BT-13", BT_14="SO-1"))
@example(bare(INVOICE, BT_88="A holder"))
@example(bare(INVOICE, BT_72="20261130"))
@example(bare(INVOICE, "BT-27", "BT-28", "BT-30", "BT-31", "BT-40"))
@example({**INVOICE, "BT-111": "0", "BG-20/1/BT-95": "S"})
@example({**INVOICE, "BT-110": "1e3"})
@example({**INVOICE, "BT-6": "USD", "BT-111": "NaN"})
@settings(max_examples=200, deadline=None)
def test_what_is_written_fits_the_schema(said: dict[str, str]) -> None:
    """Or nothing is written, and each term for which that is so is named: with those that are missing it is written."""
    if refused := faults_of(said):
        assert all(NAMED.fullmatch(each.field) for each in refused), refused
        if not all(each.seen == "nothing" and each.field in PLACES for each in refused):
            return
        said = {**said, **{each.field: plain(each.field) for each in refused}}
    written = write_ubl(said)
    schema = schema_of(UBL_CREDIT_NOTE if said.get("BT-3") in CREDIT_CODES else UBL_INVOICE)
    assert schema is not None
    assert structure_faults(etree.fromstring(written), schema) == ()


def valid_choices() -> list[dict[str, str]]:
    """List invoices that EN 16931 allows and UBL's structure does not as they are."""
    without_means = bare(INVOICE, "BT-81", "BG-17")
    noted = bare(CREDIT_NOTE, "BT-81", "BT-83", "BG-17")
    return [
        {**INVOICE, "BG-25/1/BT-148": INVOICE["BG-25/1/BT-146"]},
        bare(INVOICE, "BT-110"),
        bare(without_means, BT_83="RF18539007547034"),
        bare(noted, BT_9="2026-12-30"),
        bare(noted, BT_9="2026-12-30", BT_83="RF18539007547034"),
        *(bare(INVOICE, BT_8=code) for code in ("5", "29", "72")),
    ]


@pytest.mark.parametrize("said", valid_choices())
def test_what_ubl_alone_asks_for_is_added(said: dict[str, str]) -> None:
    """Schema and rules find it valid, and what is read again are the terms and what was added."""
    report = check_document(write_ubl(said), "written.xml")
    assert (report.structure_valid, report.verdict.value) == (True, "valid"), report.fatal()
    assert isinstance(report.document, InvoiceDocument)
    assert terms(report.document) == completed(said)
    added = completed(said).items() - said.items()
    assert len(added) == 1, added


@pytest.mark.parametrize(
    ("said", "field", "wanted", "is_of_ubl"),
    [
        (bare(INVOICE, "BT-13", BT_14="SO-1"), "BT-13", "UBL asks for beside BT-14", True),
        (bare(INVOICE, BT_88="A holder"), "BT-87", "UBL asks for beside BT-88", True),
        (bare(INVOICE, **{"BG-25/2/BT-150": "C62"}), "BG-25/2/BT-149", "UBL asks for beside BT-150", True),
        (bare(INVOICE, "BT-81"), "BT-81", "BR-49 asks for beside", False),
        (bare(INVOICE, "BT-1"), "BT-1", "BR-02 asks for", False),
        (bare(INVOICE, "BG-25"), "BG-25", "BR-16 asks for", False),
        (bare(INVOICE, **{"BG-3/1/BT-26": "2026-11-01"}), "BG-3/1/BT-25", "BR-55 asks for", False),
        (bare(INVOICE, **{"BG-25/2/BG-27/1/BT-139": "x"}), "BG-25/2/BG-27/1/BT-136", "BR-41 asks for", False),
        (bare(INVOICE, BT_72="20261130"), "BT-72", "a calendar date", False),
        (bare(INVOICE, BT_72="2026-11-30+15:00"), "BT-72", "a calendar date", False),
        (bare(INVOICE, BT_113="1e3"), "BT-113", "a decimal number", False),
    ],
)
def test_what_ubl_has_no_place_for_is_refused(said: dict[str, str], field: str, wanted: str, is_of_ubl: bool) -> None:
    """By the name of the term that is missing or wrong; whether an invoice may say it all the same is told apart."""
    with pytest.raises(DocumentError, match=wanted) as refused:
        write_ubl(said)
    assert [each.field for each in refused.value.faults] == [field]
    assert isinstance(refused.value, NotInUbl) == is_of_ubl


def test_an_attachment_says_of_which_type_it_is() -> None:
    """UBL asks for it (BT-125-1) wherever something is embedded."""
    said = {**INVOICE, "BG-24/1/BT-122": "DOC-1", "BG-24/1/BT-125": digest_text(b"a page")}
    embedded = {"BG-24/1/BT-125": b"a page"}
    with pytest.raises(NotInUbl, match="BG-24/1/BT-125-1"):
        write_ubl(said, embedded)
    report = check_document(write_ubl({**said, "BG-24/1/BT-125-1": "application/pdf"}, embedded))
    assert report.structure_valid, report.findings


def test_an_invoice_says_at_once_all_that_keeps_it_from_being_written() -> None:
    """Not the first alone; and one that breaks a rule too is none that UBL alone has no place for."""
    with pytest.raises(DocumentError) as refused:
        write_ubl(bare(INVOICE, "BT-13", "BT-81", BT_14="SO-1", BT_7="x"))
    assert [each.field for each in refused.value.faults] == ["BT-13", "BT-81", "BT-7"]
    assert not isinstance(refused.value, NotInUbl)


def test_each_published_invoice_is_written_so_that_it_fits(shared: Path) -> None:
    """Of either syntax: what is valid as a file is valid as it is written, by the rules of UBL."""
    kinds = set[str]()
    for path in sorted((shared / "samples").glob("*/*")):
        report = check_document(path.read_bytes(), path.name)
        document = report.document
        if not isinstance(document, InvoiceDocument) or not document.lines:
            continue
        kept = {name: text for name, text in terms(document).items() if EMBEDDED not in name}
        again = check_document(write_ubl(kept), path.name)
        assert again.structure_valid, (path.name, again.findings)
        assert again.verdict == report.verdict or report.verdict.value != "valid", (path.name, again.fatal())
        kinds.add(report.kind)
    assert kinds == {"ubl-Invoice", "ubl-CreditNote", "cii"}


def test_an_invoice_of_another_syntax_is_written_so_that_it_fits() -> None:
    """Of a cross industry invoice, which UBL's own needs do not bind."""
    document = check_document(cross_industry().encode()).document
    assert isinstance(document, InvoiceDocument)
    report = check_document(write_ubl(terms(document)))
    assert report.verdict.value == "valid", report.fatal()
