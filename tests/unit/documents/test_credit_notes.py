"""Credit notes: UBL's own form, and invoices whose type says that they credit; nothing else is taken for one."""

from pathlib import Path

import pytest

from hanse_documents import DocumentError, UnsupportedFormat, examine_credit_note, read_document
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_documents.samples import NAMES, sample
from hanse_documents.semantics.en16931 import CREDIT_CODES
from hanse_ledger.proofs.clearheader import header_of
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import CommittedTerms
from tests.unit.documents.test_ubl import samples_of
from tests.world.typed.papers import credit_note_paper, invoice_paper


def note_of(text: str) -> InvoiceDocument:
    """Read a credit note."""
    document = examine_credit_note(text.encode()).document
    assert isinstance(document, InvoiceDocument)
    return document


def test_published_credit_notes_are_read(shared: Path) -> None:
    """Each credit note of the collected papers states what it credits, and all of its terms can be committed to."""
    names = samples_of(shared, "ubl-CreditNote")
    assert names
    for name in names:
        note = note_of((shared / "samples" / name).read_text("utf-8"))
        assert note.type_code in CREDIT_CODES, name
        assert note.payable_minor > 0, name
        assert note.lines, name
        committed = CommittedTerms(CommittedKind.CREDIT_NOTE, terms(note), bytes(32))
        assert len(committed.root) == 32
        header = header_of(CommittedKind.CREDIT_NOTE, terms(note), note.exponent)
        assert header == {"/currency": note.currency, "/amount_minor": note.payable_minor}


def test_the_shipped_credit_note_is_sound() -> None:
    """It credits the two bowls of the sample trade, and nothing is found in it."""
    read = examine_credit_note(sample("credit-note.xml"), "credit-note.xml")
    assert isinstance(read.document, InvoiceDocument)
    assert (read.document.payable_minor, read.document.lines[0].quantity_micro) == (6_400, 2_000_000)
    assert terms(read.document)["BG-3/1/BT-25"] == "QW-2026-0917"
    assert read.findings == ()


def test_a_credit_note_says_which_invoice_it_corrects() -> None:
    """The terms of EN 16931 stand where UBL's credit notes have them."""
    note = note_of(credit_note_paper("CN-2026-1", "50.00", "5100.00"))
    assert (note.number, note.type_code, note.payable_minor, note.currency) == ("CN-2026-1", "381", 5_000, "EUR")
    assert terms(note)["BG-3/1/BT-25"] == "QW-2026-0917"
    assert [line.quantity_micro for line in note.lines] == [120_000_000, 240_000_000, 40_000_000]


def test_an_invoice_of_type_381_is_a_credit_note() -> None:
    """Some programs write credit notes as invoices, with the code of one."""
    xml = invoice_paper("CN-2").replace("<cbc:InvoiceTypeCode>380", "<cbc:InvoiceTypeCode>381")
    assert note_of(xml).payable_minor == 515_000


@pytest.mark.parametrize("text", [invoice_paper(), credit_note_paper("CN-3", "50.00", "5100.00", code="380")])
def test_what_has_the_code_of_an_invoice_credits_nothing(text: str) -> None:
    """Whatever its root is called: BT-3 says what it is."""
    with pytest.raises(DocumentError) as refused:
        note_of(text)
    assert (refused.value.field, refused.value.seen) == ("BT-3", "380")


def test_what_is_wrong_in_a_credit_note_is_told() -> None:
    """Its totals and codes are checked as an invoice's."""
    with pytest.raises(DocumentError):
        note_of(credit_note_paper("CN-4", "51.00", "5100.00"))
    with pytest.raises(DocumentError) as refused:
        note_of(credit_note_paper("CN-5", "50.00", "5100.00").replace("<cbc:ID>CN-5</cbc:ID>", ""))
    assert "BT-1" in str(refused.value)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "invoice.xml"])
def test_other_documents_are_no_credit_notes(name: str) -> None:
    """A certificate or a payment message is another kind of file."""
    with pytest.raises(UnsupportedFormat):
        examine_credit_note(sample(name), name)


def test_who_reads_any_document_is_told_where_a_credit_note_goes() -> None:
    """It is no invoice, so that nobody compares it with a certificate; and the command that takes it is named."""
    with pytest.raises(UnsupportedFormat, match="credit note") as refused:
        read_document(credit_note_paper("CN-6", "50.00", "5100.00").encode())
    assert "hanse invoice credit" in refused.value.action
