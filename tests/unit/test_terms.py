"""Commitments to terms: show some, hide others."""

from hashlib import sha256

import pytest
from msgspec.structs import replace

from hanse_ledger import limits
from hanse_ledger.errors import Malformed, ProofInvalid
from hanse_ledger.terms import (
    DisclosedTerm,
    commit_document,
    commit_file,
    commit_terms,
    disclose,
    open_term,
    term_leaves,
)
from tests.corridor_genesis import seed_of
from tests.reference import pack

TERMS = {"BT-1": "INV-1", "BT-2": "2026-09-21", "BT-115": "1000.00", "BT-27": "卖方", "BT-44": ""}
SEED = seed_of("terms")
ROOT = commit_terms(TERMS, SEED)


def salt(name: str, seed: bytes = SEED) -> bytes:
    """Derive a salt by the formula of the format."""
    return sha256(seed + name.encode()).digest()[:16]


def test_leaves_are_name_salt_and_value_in_byte_order() -> None:
    """Each leaf is the canonical array `[name, salt, value]`, and its salt derives from the seed and the name."""
    names = ["BT-1", "BT-115", "BT-2", "BT-27", "BT-44"]
    assert term_leaves(TERMS, SEED) == [pack([name, salt(f"term {name}"), TERMS[name]]) for name in names]


def test_commitment_is_the_merkle_root() -> None:
    """Two terms: the node over both leaves, by RFC 9162."""
    two = {"a": "1", "b": "2"}
    left, right = (sha256(b"\0" + leaf).digest() for leaf in term_leaves(two, SEED))
    root = commit_terms(two, SEED)
    assert (root.count, root.root) == (2, sha256(b"\1" + left + right).digest())


def test_order_of_the_terms_does_not_matter() -> None:
    """A mapping has no order; the commitment has."""
    assert commit_terms(dict(reversed(list(TERMS.items()))), SEED) == ROOT


def test_another_seed_hides_the_same_terms_otherwise() -> None:
    """Equal documents cannot be recognised by their commitments."""
    assert commit_terms(TERMS, seed_of("other")).root != ROOT.root


@pytest.mark.parametrize("name", TERMS)
def test_shown_term_opens(name: str) -> None:
    """Each term can be shown alone, and says its name and value."""
    term = open_term(disclose(TERMS, SEED, name), ROOT)
    assert (term.name, term.value) == (name, TERMS[name])


SHOWN = disclose(TERMS, SEED, "BT-2")
OTHER = disclose(TERMS, SEED, "BT-115")


@pytest.mark.parametrize(
    "shown",
    [
        replace(SHOWN, index=SHOWN.index + 1),
        replace(SHOWN, index=-1),
        replace(SHOWN, index=len(TERMS)),
        replace(SHOWN, path=SHOWN.path[:-1]),
        replace(SHOWN, path=(*SHOWN.path, bytes(32))),
        replace(SHOWN, path=OTHER.path),
        replace(SHOWN, leaf=OTHER.leaf),
        replace(SHOWN, leaf=SHOWN.leaf + b"\0"),
        replace(SHOWN, leaf=pack(["BT-2", salt("term BT-2"), "2026-09-22"])),
        replace(SHOWN, leaf=pack(["BT-2", salt("term BT-1"), "2026-09-21"])),
        replace(SHOWN, leaf=pack(["BT-2", "2026-09-21"])),
        replace(SHOWN, leaf=b""),
    ],
)
def test_changed_term_does_not_open(shown: DisclosedTerm) -> None:
    """No other value, name, salt, place or path leads to the commitment."""
    with pytest.raises(ProofInvalid):
        open_term(shown, ROOT)


def test_count_of_the_commitment_matters() -> None:
    """A path proves a place among so many leaves, not among others."""
    with pytest.raises(ProofInvalid):
        open_term(SHOWN, replace(ROOT, count=9))


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "0 of them; 1 to 4096 are allowed"),
        ({f"t{number}": "" for number in range(limits.TERMS + 1)}, "4097 of them"),
        ({"note": "x" * limits.TERM_BYTES}, "note has more than 4096 bytes"),
    ],
)
def test_terms_have_bounds(terms: dict[str, str], message: str) -> None:
    """None, too many, or one too long: the owner is told which."""
    with pytest.raises(Malformed, match=message):
        commit_terms(terms, SEED)


def test_term_that_is_not_there_cannot_be_shown() -> None:
    """Asking for a term that the document lacks names those that it has."""
    with pytest.raises(Malformed, match="there is no BT-3 among BT-1, BT-115"):
        disclose(TERMS, SEED, "BT-3")


def test_file_is_committed_under_its_own_salt() -> None:
    """SHA-256(salt, SHA-256(file)); the salt shows nothing of any term's."""
    file = sha256(b"<xml/>").digest()
    assert commit_file(b"<xml/>", SEED) == sha256(salt("file") + file).digest()


@pytest.mark.parametrize("discoverable", [True, False])
def test_document_shows_its_plain_hash_only_where_it_shall(discoverable: bool) -> None:
    """Whoever holds the file of a discoverable document can look it up; of another one nobody can."""
    document = commit_document(b"<xml/>", TERMS, SEED, discoverable=discoverable)
    assert document.terms == ROOT
    assert document.file == commit_file(b"<xml/>", SEED)
    assert document.discoverable == (sha256(b"<xml/>").digest() if discoverable else None)


def test_term_named_file_does_not_share_the_files_salt() -> None:
    """Showing a term called `file` leaves the file's commitment hidden."""
    leaf = term_leaves({"file": "x"}, SEED)[0]
    assert salt("file") not in leaf
