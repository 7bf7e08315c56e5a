"""Writing UBL: what is read again is what was written, element after element in the schema's order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hanse_documents.model.documents import terms
from hanse_documents.model.errors import DocumentError
from hanse_documents.samples import sample
from hanse_documents.syntax.ubl import read_ubl
from hanse_documents.syntax.ubl_terms import NAMESPACES
from hanse_documents.syntax.ubl_writing import write_ubl

RICH = {
    "BG-1/1/BT-22": "Two lines\nof a note",
    "BG-1/2/BT-22": "Another",
    "BG-3/1/BT-25": "INV-1",
    "BG-3/2/BT-25": "INV-2",
    "BG-17/1/BT-84": "NL91ABNA0417164300",
    "BG-17/2/BT-84": "DE89370400440532013000",
    "BT-6": "SEK",
    "BT-111": "12.50",
    "BT-32": "1234",
    "BT-18": "METER-7",
    "BT-90": "DE98ZZZ09999999999",
    "BT-87": "****1234",
    "BT-30-1": "0199",
    "BT-30": "5493001KJTIIGC8Y1R12",
    "BG-25/1/BG-32/1/BT-160": "Glaze",
    "BG-25/1/BG-32/1/BT-161": "Celadon",
    "BG-25/1/BG-32/2/BT-160": "Size",
    "BG-25/1/BG-32/2/BT-161": "L",
    "BG-25/1/BT-149": "12",
    "BG-25/1/BT-150": "C62",
    "BG-25/1/BT-147": "0.10",
    "BG-24/1/BT-122": "DOC-1",
    "BG-24/1/BT-124": "https://market.example/doc",
    "BT-165": "Gate 4",
}


def stated() -> dict[str, str]:
    """Give the terms of the sample."""
    return terms(read_ubl(sample("invoice.xml")))


def test_a_sample_is_read_again_as_it_was() -> None:
    """All terms of the sample come back, and the same terms give the same bytes."""
    written = write_ubl(stated())
    assert terms(read_ubl(written)) == stated()
    assert written == write_ubl(dict(reversed(stated().items())))


def test_terms_of_every_group_come_back() -> None:
    """Repeated groups, both currencies of VAT, marks that tell one identifier from another, an attachment's address."""
    rich = {**stated(), **RICH}
    assert terms(read_ubl(write_ubl(rich))) == rich


def test_elements_stand_in_the_schemas_order() -> None:
    """The parts of an invoice, of a party and of a line, and the currency of each amount."""
    root = etree.fromstring(write_ubl({**stated(), **RICH}))
    names = [etree.QName(child).localname for child in root]
    order = ["CustomizationID", "ID", "IssueDate", "InvoiceTypeCode", "DocumentCurrencyCode", "AccountingSupplierParty"]
    order += ["PaymentMeans", "TaxTotal", "LegalMonetaryTotal", "InvoiceLine"]
    assert [names.index(name) for name in order] == sorted(names.index(name) for name in order)
    line = root.find("cac:InvoiceLine", NAMESPACES)
    assert line is not None
    assert [etree.QName(child).localname for child in line][-2:] == ["Item", "Price"]
    amounts = [element for element in root.iter() if etree.QName(element).localname.endswith("Amount")]
    assert {element.get("currencyID") for element in amounts} == {"EUR", "SEK"}
    assert not [element for element in root.iter() if element.get("made")]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"BT-999": "x"}, "a term that stands in a UBL invoice"),
        ({"BG-25/1/BT-1": "x"}, "a term that stands in a UBL invoice"),
        ({"BG-24/1/BT-125": "sha-256:00"}, "the attachment itself"),
    ],
)
def test_what_cannot_be_written_is_refused(more: dict[str, str], words: str) -> None:
    """A term without a place, or of which its digest alone is known."""
    with pytest.raises(DocumentError, match=words):
        write_ubl({**stated(), **more})


FREE = ("BT-10", "BT-13", "BT-14", "BT-19", "BT-20", "BT-28", "BT-33", "BT-41", "BT-43", "BT-45", "BT-56", "BT-70")
FREE_OF_LINES = ("BT-127", "BT-128", "BT-133", "BT-153", "BT-154", "BT-155", "BT-156")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)


@given(
    st.dictionaries(st.sampled_from(FREE), TEXTS),
    st.dictionaries(st.tuples(st.integers(1, 3), st.sampled_from(FREE_OF_LINES)), TEXTS),
    st.lists(TEXTS, max_size=3),
)
@settings(max_examples=15, deadline=None)
def test_whatever_is_said_comes_back(
    header: dict[str, str], lines: dict[tuple[int, str], str], notes: list[str]
) -> None:
    """Any text of any language in the terms that are free, of the invoice and of its lines, and any number of notes."""
    said = {**stated(), **header, **{f"BG-25/{number}/{name}": text for (number, name), text in lines.items()}}
    said |= {f"BG-1/{number}/BT-22": text for number, text in enumerate(notes, 1)}
    assert terms(read_ubl(write_ubl(said))) == said
