"""The catalogues hold every name that a reader of documents can give, and records are made of terms by one function."""

from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec
import pytest
from msgspec import structs

from hanse_documents import read_document
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, PaymentDocument, terms
from hanse_documents.samples import NAMES, certificate_in_force, sample
from hanse_documents.syntax.ubl import read_ubl
from hanse_documents.syntax.ubl_terms import GROUPS, HEADER, TermGroup
from hanse_ledger.proofs.clearheader import header_of
from hanse_ledger.wire.catalogue import CATALOGUES, CommittedKind, Names, place_of
from hanse_ledger.wire.commitments import CommittedTerms, open_term
from tests.unit.documents.test_ubl import samples_of

KINDS = {
    InvoiceDocument: CommittedKind.INVOICE,
    CertificateDocument: CommittedKind.CERTIFICATE,
    PaymentDocument: CommittedKind.PAYMENT,
}


def test_every_term_that_ubl_has_is_in_the_catalogue() -> None:
    """The reader's table names no term that could not be committed to, and in no other group."""
    names = CATALOGUES[CommittedKind.INVOICE]
    assert {term.name for term in HEADER} <= names.known
    compare(GROUPS, names)


def compare(groups: tuple[TermGroup, ...], names: Names) -> None:
    """Compare the groups of the reader with those of the catalogue."""
    assert {group.name for group in groups} <= set(names.groups)
    for group in groups:
        inner = names.groups[group.name]
        assert {term.name for term in group.terms} <= inner.known
        compare(group.groups, inner)


@pytest.mark.parametrize("document", [CertificateDocument, PaymentDocument])
def test_every_field_of_a_document_is_in_the_catalogue(document: type[msgspec.Struct]) -> None:
    """The catalogue names every field, and nothing that is none."""
    names = CATALOGUES[KINDS[document]]
    single, repeated = fields(document, "")
    assert single == names.known
    assert repeated == set(names.repeated)


def fields(document: Any, before: str) -> tuple[set[str], set[str]]:
    """List the names of a class's terms: those that stand once, and what repeats."""
    single: set[str] = set()
    repeated: set[str] = set()
    for field in structs.fields(document):
        name, kinds = before + field.name, parts(field.type)
        if any(get_origin(kind) is tuple for kind in kinds):
            repeated.add(name)
        elif inner := next(
            (kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), None
        ):
            below = fields(inner, f"{name}/")
            single |= below[0]
            repeated |= below[1]
        else:
            single.add(name)
    return single, repeated


def parts(kind: Any) -> list[Any]:
    """Take a union apart."""
    return [part for each in get_args(kind) for part in parts(each)] if isinstance(kind, UnionType) else [kind]


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_are_committed_to(name: str) -> None:
    """Every term of every sample has a place, and opens."""
    read = read_document(sample(name), name)
    for document in read if isinstance(read, tuple) else (read,):
        kind, named = KINDS[type(document)], terms(document)
        committed = CommittedTerms(kind, named, bytes(32))
        opened = [open_term(kind, committed.disclose(each), committed.root) for each in named]
        assert {term.name: term.value for term in opened} == named


def test_published_invoices_are_committed_to(shared: Path) -> None:
    """Invoices of other people fit the catalogue and its bounds, and their headers are what the reader reads."""
    for name in samples_of(shared, "ubl-Invoice"):
        invoice = read_ubl((shared / "samples" / name).read_bytes(), name)
        named = terms(invoice)
        CommittedTerms(CommittedKind.INVOICE, named, bytes(32))
        header = header_of(CommittedKind.INVOICE, named, invoice.exponent)
        assert header["/payable_minor"] == invoice.payable_minor
        assert (header["/issued"], header.get("/due"), header["/currency"], header["/type_code"]) == (
            invoice.issued,
            invoice.due,
            invoice.currency,
            invoice.type_code,
        )


def test_a_certificates_header_is_what_the_reader_reads() -> None:
    """Lines and days of the sample, made by the one function, are the typed document's."""
    document = read_document(certificate_in_force("2026-09-18", "2027-09-17"), "certificate.json")
    assert isinstance(document, CertificateDocument)
    header = header_of(CommittedKind.CERTIFICATE, terms(document), 0)
    for place, goods in enumerate(document.lines):
        for field in ("hs_code", "origin", "quantity_micro", "unit"):
            assert header[f"/lines/{place}/{field}"] == getattr(goods, field)
    assert header["/valid_from"] == 1_789_689_600_000
    assert header["/valid_until"] == 1_789_689_600_000 + 365 * 24 * 3_600_000 - 1_000


def test_a_place_names_all_that_leads_to_it() -> None:
    """A term of an item's class in a line stands below the line and below the class."""
    place = place_of(CommittedKind.INVOICE, "BG-25/12/BT-158/2/BT-158-1")
    assert place.leaves == ("BG-25/12", "BG-25/12/BT-158/2", "BG-25/12/BT-158/2/BT-158-1")
