"""What two proof files of one invoice hide stays hidden from whoever has both, and the log, and tries all values."""

from collections.abc import Iterable, Iterator
from itertools import product

import pytest
from msgspec import Struct
from msgspec.structs import replace

from hanse_ledger.kinds.objects import encode_object
from hanse_ledger.proofs.prooffile import ProofFile, TermPart, write_proof
from hanse_ledger.trees.claims_map import leaf_hash
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.commitments import CommittedTerms, DisclosedTerm, ShownLeaf, Term, open_term
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import INVOICE_SEED, INVOICE_TERMS

COMMITTED = CommittedTerms(CommittedKind.INVOICE, INVOICE_TERMS, INVOICE_SEED)
FIRST = ("BG-25/1/BT-147", "BG-25/2/BT-131", "BT-1", "BT-24")
SECOND = ("BG-25/1/BT-131", "BG-25/1/BT-157", "BT-1", "BT-2", "BT-58")
"""What each file shows, some of it that it is not said; beside their ways lie leaves of what is hidden."""

SALT_BYTES = 16

HIDDEN = {
    "BT-3": (None, "380", "381", "384", "389", "326", "751", "875"),
    "BT-81": (None, "10", "30", "31", "42", "48", "49", "57", "58", "59"),
    "BG-25/1/BT-130": (None, "C62", "H87", "KGM", "MTR", "LTR", "PR", "SET"),
    "BG-25/1/BT-151": (None, "S", "Z", "E", "AE", "K", "G", "O", "L", "M"),
}
"""Terms that neither file shows, each with the few values that it may have; most are not said at all."""


@pytest.fixture(scope="module")
def corridor() -> Corridor:
    """A corridor with one invoice, accepted."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    return corridor


def showing(corridor: Corridor, names: Iterable[str]) -> ProofFile:
    """Make a proof file of the invoice that shows terms."""
    record = corridor.signed["invoice"].id
    terms = tuple(TermPart(record=record, shown=COMMITTED.disclose(name)) for name in sorted(names))
    return replace(ProofMaker(corridor).proof(corridor.id["invoice"]), terms=terms)


def shown(corridor: Corridor, proof: ProofFile) -> set[Term]:
    """Check a file, and give what it shows."""
    report = check(proof, corridor.head.time)
    assert report.verdict in GOOD, report.detail
    return {Term(term.name, term.value) for term in report.terms}


def test_two_files_together_show_what_both_show_and_no_more(corridor: Corridor) -> None:
    """Every leaf of one with every way of the other, alone and one below another: what opens was shown already."""
    files = [showing(corridor, names) for names in (FIRST, SECOND)]
    told = {term for proof in files for term in shown(corridor, proof)}
    assert {term.name for term in told} == {*FIRST, *SECOND}
    assert shown(corridor, showing(corridor, {*FIRST, *SECOND})) == told, "both may be shown in one file"
    leaves = {each.leaf for proof in files for part in proof.terms for each in part.shown.leaves}
    ways = {each.siblings for proof in files for part in proof.terms for each in part.shown.leaves}
    pieces = [ShownLeaf(leaf=leaf, siblings=way) for leaf, way in product(sorted(leaves), sorted(ways))]
    tried = [*((piece,) for piece in pieces), *product(pieces, pieces)]
    opened = set[Term]()
    for each in tried:
        try:
            opened.add(open_term(CommittedKind.INVOICE, DisclosedTerm(leaves=each), COMMITTED.root))
        except (Malformed, ProofInvalid):
            continue
    assert opened == told


def bytes_in(value: object) -> Iterator[bytes]:
    """Give all bytes that a part of a file holds."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, str):
        yield value.encode()
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from bytes_in(getattr(value, name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from bytes_in(each)


def windows(texts: Iterable[bytes], width: int) -> set[bytes]:
    """Give all runs of so many bytes."""
    return {text[at : at + width] for text in texts for at in range(len(text) - width + 1)}


def guessed(known: set[bytes], name: str, values: Iterable[str | None]) -> set[str | None]:
    """Try all values of a term with all that may be its salt; give those that lead to a hash that is known."""
    hashes, salts = windows(known, 32), windows(known, SALT_BYTES)
    place, head = hash_bytes(name.encode()), b"\x93" + encode(name) + b"\xc4\x10"
    found = set[str | None]()
    for value in values:
        said = encode(value)
        if any(leaf_hash(place, head + salt + said) in hashes for salt in salts):
            found.add(value)
    return found


@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_term_of_few_values_is_not_guessed(corridor: Corridor, name: str) -> None:
    """All values, salted with whatever stands in both files, in the log and in the state; with its salt it opens."""
    files = [showing(corridor, names) for names in (FIRST, SECOND)]
    known = {each for proof in files for each in bytes_in(proof)}
    known |= {*corridor.entries, *map(encode_object, corridor.ledger.objects.values())}
    known |= {write_proof(proof) for proof in files}
    assert guessed(known, name, HIDDEN[name]) == set()
    leaf = COMMITTED.disclose(name).leaves[-1].leaf
    at = leaf.index(b"\xc4\x10") + 2
    opened = guessed(known | {leaf[at : at + SALT_BYTES]}, name, HIDDEN[name])
    assert opened == {INVOICE_TERMS.get(name)}, "whoever has the salt finds its leaf beside a way that is shown"
