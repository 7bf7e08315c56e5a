"""Openings: what an issuer keeps, so that terms can be shown later."""

import os
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_client.base.errors import DocumentError, InvalidInput, SetupError
from hanse_client.home.openings import KeptOpening, Openings, new_opening
from hanse_ledger.values import limits
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import open_term
from tests.tables.commitments import commit_document
from tests.tables.terms_drawn import term_names

OBJECT, RECORD, OTHER = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
TERMS = {"BT-1": "INV-7", "BT-2": "2026-09-17", "BG-25/1/BT-153": "Dinner plate"}
INVOICE = CommittedKind.INVOICE
words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.dictionaries(term_names(), words, min_size=1, max_size=12), st.binary(max_size=200), st.booleans())
def test_an_opening_opens_its_commitment(terms: dict[str, str], data: bytes, discoverable: bool) -> None:
    """An opening commits as the ledger does, comes back from JSON, and each of its terms opens the commitment."""
    opening = new_opening(INVOICE, data, terms, name="invoice.xml", discoverable=discoverable)
    assert opening.commitment() == commit_document(INVOICE, data, terms, opening.seed, discoverable=discoverable)
    kept = KeptOpening(format="hanse.opening/2", object=OBJECT, opening=opening, record=RECORD)
    back = msgspec.json.decode(msgspec.json.encode(kept), type=KeptOpening)
    assert back == kept
    shown = [open_term(INVOICE, evidence.shown, opening.terms_root()) for evidence in back.disclose(list(terms))]
    assert {term.name: term.value for term in shown} == terms


def test_each_opening_has_its_own_seed() -> None:
    """The same document opened twice has two commitments, so that nobody can tell that it is the same."""
    first, second = (new_opening(INVOICE, b"file", TERMS, name="", discoverable=False) for _ in range(2))
    assert first.seed != second.seed
    assert first.commitment() != second.commitment()


def test_a_kept_opening_is_found(tmp_path: Path) -> None:
    """What is kept is found under its object by another program, in a file that only its owner can read."""
    opening = new_opening(INVOICE, b"file", TERMS, name="invoice.xml", discoverable=True)
    Openings(tmp_path).keep(OBJECT, RECORD, opening)
    kept = Openings(tmp_path).find(OBJECT)
    assert (kept.opening, kept.record) == (opening, RECORD)
    path = tmp_path / "openings" / f"{OBJECT.hex()}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == [path.name]


def test_a_missing_opening_says_who_has_it(tmp_path: Path) -> None:
    """Terms of a document that was issued elsewhere cannot be disclosed, and the message says so."""
    with pytest.raises(InvalidInput, match="where the document was issued"):
        Openings(tmp_path).find(OBJECT)


def test_a_term_that_no_invoice_has_is_named(tmp_path: Path) -> None:
    """A name that the kind does not have is named in the refusal."""
    Openings(tmp_path).keep(OBJECT, RECORD, new_opening(INVOICE, b"file", TERMS, name="", discoverable=False))
    with pytest.raises(InvalidInput, match="BT-999"):
        Openings(tmp_path).find(OBJECT).disclose(["BT-1", "BT-999"])


def test_what_the_document_does_not_state_is_shown_as_that(tmp_path: Path) -> None:
    """A name of the kind that the document is silent on is shown as not stated, once however it was asked for."""
    opening = new_opening(INVOICE, b"file", TERMS, name="", discoverable=False)
    Openings(tmp_path).keep(OBJECT, RECORD, opening)
    shown = Openings(tmp_path).find(OBJECT).disclose(["BT-9", "BT-1", "BG-20/1/BT-92", "BG-20/1/BT-93", "BT-9"])
    opened = [open_term(INVOICE, evidence.shown, opening.terms_root()) for evidence in shown]
    assert [(term.name, term.value) for term in opened] == [("BG-20/1", None), ("BT-1", "INV-7"), ("BT-9", None)]


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b'{"@type":"hanse.opening/2"}', b"\x00" * (limits.OPENING_BYTES + 1)],
)
def test_a_damaged_opening_is_refused(tmp_path: Path, data: bytes) -> None:
    """An opening that was cut, emptied or blown up is refused, never taken for another."""
    Openings(tmp_path).keep(OBJECT, RECORD, new_opening(INVOICE, b"file", TERMS, name="", discoverable=False))
    (tmp_path / "openings" / f"{OBJECT.hex()}.json").write_bytes(data)
    with pytest.raises(SetupError):
        Openings(tmp_path).find(OBJECT)


def test_an_opening_under_another_name_is_refused(tmp_path: Path) -> None:
    """An opening that was moved to another object's name, or left open to others, is not used."""
    Openings(tmp_path).keep(OBJECT, RECORD, new_opening(INVOICE, b"file", TERMS, name="", discoverable=False))
    path = tmp_path / "openings" / f"{OBJECT.hex()}.json"
    path.rename(path.with_name(f"{OTHER.hex()}.json"))
    with pytest.raises(SetupError, match="is not the opening"):
        Openings(tmp_path).find(OTHER)
    path.with_name(f"{OTHER.hex()}.json").chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        Openings(tmp_path).find(OTHER)


@pytest.mark.parametrize("terms", [{}, {"BT-1": "x" * limits.TERM_BYTES}, {"BG-25/1025/BT-131": "1"}, {"number": "7"}])
def test_terms_out_of_bounds_are_refused(terms: dict[str, str]) -> None:
    """A document without terms, with too many, or with one too long cannot be registered."""
    with pytest.raises(DocumentError, match="committed"):
        new_opening(INVOICE, b"file", terms, name="", discoverable=False).commitment()


def test_a_folder_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    """Where the opening cannot be kept, the caller hears it before anything is sent."""
    (tmp_path / "openings").write_bytes(b"a file where the folder should be")
    with pytest.raises(SetupError, match="Nothing was sent"):
        Openings(tmp_path).keep(OBJECT, RECORD, new_opening(INVOICE, b"file", TERMS, name="", discoverable=False))
