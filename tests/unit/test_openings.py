"""Openings: what an issuer keeps, so that terms can be shown later."""

import os
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_client.errors import DocumentError, InvalidInput, SetupError
from hanse_client.openings import KeptOpening, Openings, new_opening
from hanse_ledger import limits
from hanse_ledger.terms import commit_document, open_term

OBJECT, RECORD = bytes(range(32)), bytes(range(32, 64))
TERMS = {"BT-1": "INV-7", "BT-2": "2026-09-17", "BG-25/1/BT-153": "Dinner plate"}
words = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.dictionaries(words, words, min_size=1, max_size=12), st.binary(max_size=200), st.booleans())
def test_an_opening_opens_its_commitment(terms: dict[str, str], data: bytes, discoverable: bool) -> None:
    """An opening commits as the ledger does, comes back from JSON, and each of its terms opens the commitment."""
    opening = new_opening(data, terms, name="invoice.xml", discoverable=discoverable)
    assert opening.commitment() == commit_document(data, terms, opening.seed, discoverable=discoverable)
    kept = KeptOpening(format="hanse.opening/1", object=OBJECT, opening=opening, record=RECORD)
    back = msgspec.json.decode(msgspec.json.encode(kept), type=KeptOpening)
    assert back == kept
    shown = [open_term(evidence.shown, opening.terms_root()) for evidence in back.disclose(list(terms))]
    assert {term.name: term.value for term in shown} == terms


def test_each_opening_has_its_own_seed() -> None:
    """The same document opened twice has two commitments, so that nobody can tell that it is the same."""
    first, second = (new_opening(b"file", TERMS, name="", discoverable=False) for _ in range(2))
    assert first.seed != second.seed
    assert first.commitment() != second.commitment()


def test_a_kept_opening_is_found(tmp_path: Path) -> None:
    """What is kept is found under its object by another program, in a file that only its owner can read."""
    opening = new_opening(b"file", TERMS, name="invoice.xml", discoverable=True)
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


def test_a_missing_term_is_named(tmp_path: Path) -> None:
    """A term that the document does not have is named in the refusal."""
    Openings(tmp_path).keep(OBJECT, RECORD, new_opening(b"file", TERMS, name="", discoverable=False))
    with pytest.raises(InvalidInput, match="BT-99"):
        Openings(tmp_path).find(OBJECT).disclose(["BT-1", "BT-99"])


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b'{"@type":"hanse.opening/1"}', b"\x00" * (2 * limits.TERMS * limits.TERM_BYTES + 1)],
)
def test_a_damaged_opening_is_refused(tmp_path: Path, data: bytes) -> None:
    """An opening that was cut, emptied or blown up is refused, never taken for another."""
    Openings(tmp_path).keep(OBJECT, RECORD, new_opening(b"file", TERMS, name="", discoverable=False))
    (tmp_path / "openings" / f"{OBJECT.hex()}.json").write_bytes(data)
    with pytest.raises(SetupError):
        Openings(tmp_path).find(OBJECT)


def test_an_opening_under_another_name_is_refused(tmp_path: Path) -> None:
    """An opening that was moved to another object's name, or left open to others, is not used."""
    Openings(tmp_path).keep(OBJECT, RECORD, new_opening(b"file", TERMS, name="", discoverable=False))
    path = tmp_path / "openings" / f"{OBJECT.hex()}.json"
    path.rename(path.with_name(f"{RECORD.hex()}.json"))
    with pytest.raises(SetupError, match="is not the opening"):
        Openings(tmp_path).find(RECORD)
    path.with_name(f"{RECORD.hex()}.json").chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        Openings(tmp_path).find(RECORD)


@pytest.mark.parametrize(
    "terms", [{}, {"BT-1": "x" * limits.TERM_BYTES}, {str(number): "" for number in range(limits.TERMS + 1)}]
)
def test_terms_out_of_bounds_are_refused(terms: dict[str, str]) -> None:
    """A document without terms, with too many, or with one too long cannot be registered."""
    with pytest.raises(DocumentError, match="committed"):
        new_opening(b"file", terms, name="", discoverable=False)


def test_a_folder_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    """Where the opening cannot be kept, the caller hears it before anything is sent."""
    (tmp_path / "openings").write_bytes(b"a file where the folder should be")
    with pytest.raises(SetupError, match="Nothing was sent"):
        Openings(tmp_path).keep(OBJECT, RECORD, new_opening(b"file", TERMS, name="", discoverable=False))
