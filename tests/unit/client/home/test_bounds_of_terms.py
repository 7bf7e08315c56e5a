"""How large a document may be whose terms are committed to, and what is said where a bound is met."""

import re

import pytest

from hanse_client.base.errors import DocumentError
from hanse_client.home.openings import Opening, new_opening
from hanse_documents.model.documents import terms
from hanse_documents.samples import sample
from hanse_documents.syntax.ubl import read_ubl
from hanse_ledger.proofs.prooffile import TermPart
from hanse_ledger.values import limits
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import CommittedTerms, open_term

INVOICE = sample("invoice.xml").decode()
LINE = re.findall(r"<cac:InvoiceLine>.*?</cac:InvoiceLine>", INVOICE, re.DOTALL)[0]
FREE = re.sub(r"(<cbc:LineExtensionAmount[^>]*>)[^<]*", r"\g<1>0.00", LINE)
CODE = "<cbc:DocumentCurrencyCode"
PROPERTY = "<cac:AdditionalItemProperty><cbc:Name>a</cbc:Name><cbc:Value>b</cbc:Value></cac:AdditionalItemProperty>"


def opening(xml: str) -> Opening:
    """Read an invoice and lay its terms out."""
    data = xml.encode()
    return new_opening(CommittedKind.INVOICE, data, terms(read_ubl(data)), name="invoice.xml", discoverable=False)


def with_lines(count: int) -> str:
    """Give the sample with so many lines; it has three."""
    return INVOICE.replace(LINE, LINE + FREE * (count - 3))


def with_note(letters: int) -> str:
    """Give the sample with a note of so many letters, and terms of payment of as many."""
    note, said = f"<cbc:Note>{'n' * letters}</cbc:Note>", f"<cac:PaymentTerms><cbc:Note>{'t' * letters}</cbc:Note>"
    return re.sub(r"<cac:PaymentTerms>\s*<cbc:Note>[^<]*</cbc:Note>", said, INVOICE).replace(CODE, note + CODE, 1)


@pytest.mark.parametrize("xml", [with_lines(600), with_lines(limits.TERM_ITEMS), with_note(5_000), with_note(30_000)])
def test_papers_of_ordinary_length_are_committed_to(xml: str) -> None:
    """Six hundred lines and pages of terms of payment are no rarity."""
    assert len(opening(xml).commitment().terms) == 32


def test_what_is_shown_of_a_long_paper_is_small() -> None:
    """A reader of one term of 600 lines climbs two short paths, whatever else there is."""
    kept = opening(with_lines(600))
    committed = CommittedTerms(kept.kind, kept.terms, kept.seed)
    shown = committed.disclose("BG-25/600/BT-131")
    assert TermPart(record=bytes(32), shown=shown).shown is shown
    assert len(shown.leaves) == 2
    assert sum(len(leaf.siblings) for leaf in shown.leaves) < 40
    assert open_term(kept.kind, shown, committed.root).name == "BG-25/600/BT-131"


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (with_lines(limits.TERM_ITEMS + 1), "BG-25 is counted to 1025; at most 1024 are allowed"),
        (with_note(limits.TERM_BYTES), "has more than 32768 bytes"),
        (INVOICE.replace("</cac:Item>", PROPERTY * 33 + "</cac:Item>"), "92 places for terms; at most 64 are allowed"),
    ],
)
def test_where_a_bound_is_met_it_is_said_what_to_do(xml: str, words: str) -> None:
    """The refusal names the term, the bound, and a way out."""
    with pytest.raises(DocumentError) as refused:
        opening(xml).commitment()
    assert words in refused.value.message
    assert refused.value.action.startswith("Split the document")
