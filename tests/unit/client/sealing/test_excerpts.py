"""Excerpts: chosen terms of a document, sealed without its seed; what opens no commitment is found out."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_client.sealing.agreement import Committed, compare_excerpt
from hanse_client.sealing.content import PayloadExcerpt, read_content, read_sealed, write_excerpt
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import CommittedTerms, DisclosedTerm, leads_to
from hanse_ledger.wire.part import Commitment
from tests.conftest import ROOT
from tests.tables.reference import plain, unpack_strict
from tests.vectors.payloads import EXCERPT, SEED
from tests.world.corridor import traders
from tests.world.corridor_bodies import INVOICE_TERMS

VECTOR: dict[str, Any] = json.loads((ROOT / "tests" / "vectors" / "payload.json").read_text("utf-8"))["excerpt"]
INVOICE = CommittedKind.INVOICE
TERMS = CommittedTerms(INVOICE, INVOICE_TERMS, SEED)


@cache
def committed(header: bool = True) -> Committed:
    """What the record of the invoice says."""
    body = traders().make.invoice() if header else None
    commitment = Commitment(discoverable=None, file=bytes(32), terms=TERMS.root)
    return Committed(commitment=commitment, kind=INVOICE, header=body)


def excerpt(*names: str, terms: CommittedTerms = TERMS) -> PayloadExcerpt:
    """An excerpt of the invoice."""
    return PayloadExcerpt(kind=INVOICE, readers=(), terms=tuple(terms.disclose(name) for name in names))


def test_the_vector_is_read() -> None:
    """A second codec says of the bytes what the reader does; what is wrongly written is refused."""
    data = bytes.fromhex(VECTOR["payload"])
    assert read_sealed(data) == EXCERPT
    assert plain(EXCERPT) == unpack_strict(data)
    assert write_excerpt(replace(EXCERPT, terms=EXCERPT.terms[::-1])) == data
    with pytest.raises(Malformed):
        read_content(data)
    for refused in VECTOR["refused"]:
        with pytest.raises(Malformed):
            read_sealed(bytes.fromhex(refused["payload"]))


def test_what_was_shown_is_read_and_nothing_else_follows() -> None:
    """Stated, absent, and of a line: each opens the commitment; the bytes hold neither seed nor any other text."""
    shown = excerpt("BT-1", "BT-115", "BT-20")
    data = write_excerpt(shown)
    terms, report = compare_excerpt(read_sealed(data), committed())  # type: ignore[arg-type]  # an excerpt was written
    assert report.verdict is Verdict.VALID, report
    assert {term.name: term.value for term in terms} == {
        "BT-1": INVOICE_TERMS["BT-1"],
        "BT-115": INVOICE_TERMS["BT-115"],
        "BT-20": None,
    }
    assert SEED not in data
    said = INVOICE_TERMS["BT-1"] + INVOICE_TERMS["BT-115"]
    hidden = [text for text in INVOICE_TERMS.values() if len(text) > 3 and text not in said]
    assert hidden
    assert not [text for text in hidden if text.encode() in data]


def test_other_openings_are_tampered() -> None:
    """Of another document, with another value, of another kind: nothing of them is shown."""
    foreign = CommittedTerms(INVOICE, INVOICE_TERMS, bytes(32))
    raised = CommittedTerms(INVOICE, {**INVOICE_TERMS, "BT-1": "X"}, SEED)
    for wrong in (
        excerpt("BT-1", terms=foreign),
        excerpt("BT-1", terms=raised),
        # One sound term beside it saves nothing.
        PayloadExcerpt(kind=INVOICE, readers=(), terms=(TERMS.disclose("BT-1"), raised.disclose("BT-2"))),
        replace(excerpt("BT-1"), kind=CommittedKind.CREDIT_NOTE),
    ):
        terms, report = compare_excerpt(wrong, committed())
        assert (terms, report.verdict) == ((), Verdict.TAMPERED), report


def test_what_cannot_be_compared_is_no_lie() -> None:
    """A term that this release does not know, and a header that is not at hand, are `cannot check`."""
    assert compare_excerpt(excerpt("BT-1"), committed(header=False))[1].verdict is Verdict.CANNOT_CHECK
    (leaf,) = TERMS.disclose("BT-1").leaves
    later = DisclosedTerm(leaves=(replace(leaf, leaf=leaf.leaf.replace(b"\xa4BT-1", b"\xa4BT-X")),))
    assert leads_to(later) == "BT-X"
    terms, report = compare_excerpt(replace(excerpt("BT-1"), terms=(later,)), committed())
    assert (terms, report.verdict) == ((), Verdict.CANNOT_CHECK), report


@given(st.integers(0, len(bytes.fromhex(VECTOR["payload"])) - 1), st.integers(1, 255))
def test_no_changed_byte_passes_as_shown(at: int, by: int) -> None:
    """A changed byte is no excerpt, or another reader, or found out: no term says anything but what it says."""
    data = bytearray(bytes.fromhex(VECTOR["payload"]))
    data[at] ^= by
    try:
        found = read_sealed(bytes(data))
    except Malformed:
        return
    assert isinstance(found, PayloadExcerpt)
    terms, _ = compare_excerpt(found, replace(committed(), commitment=replace(committed().commitment, terms=_root())))
    assert {term.name: term.value for term in terms}.items() <= {"BT-1": "QW-2026-0917", "BT-20": None}.items()


def _root() -> bytes:
    return bytes.fromhex(VECTOR["terms"])


def test_bounds_of_excerpts() -> None:
    """More terms than a proof shows, none, and longer ways than a map has are refused before anything is hashed."""
    one = excerpt("BT-1")
    with pytest.raises(Malformed, match="length <= 4096"):
        write_excerpt(replace(one, terms=one.terms * (limits.DISCLOSED_TERMS + 1)))
    with pytest.raises(Malformed, match="length >= 1"):
        write_excerpt(replace(one, terms=()))
    (leaf,) = TERMS.disclose("BT-1").leaves
    long = replace(leaf, siblings=(bytes(32),) * (limits.TERM_PATH_HASHES + 1))
    with pytest.raises(Malformed):
        write_excerpt(replace(excerpt("BT-1"), terms=(DisclosedTerm(leaves=(long,)),)))
    with pytest.raises(Malformed, match="at most"):
        read_sealed(b"\x83\xa4kind" + bytes(8 * 1024 * 1024))
