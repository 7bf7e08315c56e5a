"""Payloads: canonical bytes, and what comes of comparing one with the record that commits to it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_client.sealing.agefile import unseal
from hanse_client.sealing.agreement import Committed, compare
from hanse_client.sealing.content import PayloadContent, media_of, read_content, write_content
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.commitments import commit_file, commit_terms
from hanse_ledger.wire.part import Commitment
from tests.conftest import ROOT
from tests.tables.agefile import unseal_by_hand
from tests.tables.reference import plain, unpack_strict
from tests.vectors.payloads import PAYLOAD
from tests.world.corridor import traders
from tests.world.corridor_bodies import INVOICE_TERMS

VECTOR: dict[str, Any] = json.loads((ROOT / "tests" / "vectors" / "payload.json").read_text("utf-8"))
INVOICE = CommittedKind.INVOICE


def test_the_vector_opens_with_the_file_alone() -> None:
    """From the file of vectors, with a second codec and a second age: what it says is what it holds."""
    sealed = bytes.fromhex(VECTOR["sealed"])
    assert hash_bytes(sealed).hex() == VECTOR["hash"]
    for reader in VECTOR["readers"]:
        secret = bytes.fromhex(reader["secret"])
        opened = unseal(sealed, secret)
        assert opened.hex() == unseal_by_hand(sealed, secret).hex() == VECTOR["payload"]
        values = unpack_strict(opened)
        assert plain(read_content(opened)) == values
        assert commit_file(hash_bytes(values["file"]), values["opening"]["seed"]).hex() == VECTOR["file"]


@pytest.mark.parametrize("refused", VECTOR["refused"], ids=lambda each: each["why"])
def test_what_is_not_canonical_is_refused(refused: dict[str, str]) -> None:
    """No reader takes bytes of another form."""
    with pytest.raises(Malformed):
        read_content(bytes.fromhex(refused["payload"]))


@given(st.binary(max_size=64), st.dictionaries(st.text(max_size=8), st.text(max_size=8), min_size=1, max_size=5))
def test_what_is_written_is_read(file: bytes, terms: dict[str, str]) -> None:
    """Whatever order its terms were given in, a payload comes back."""
    payload = replace(PAYLOAD, file=file, opening=replace(PAYLOAD.opening, terms=terms))
    assert read_content(write_content(payload)) == payload


@given(st.integers(0, 334), st.integers(1, 255))
def test_no_changed_byte_passes_as_the_same(at: int, by: int) -> None:
    """A changed byte is another payload or none."""
    data = bytearray(bytes.fromhex(VECTOR["payload"]))
    data[at] ^= by
    try:
        assert write_content(read_content(bytes(data))) == bytes(data)
    except Malformed:
        return


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "application/xml"),
        (b"%PDF-1.7", "application/pdf"),
        (b' {"a": 1}', "application/json"),
        (b"PK\x03\x04", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_media(data: bytes, media: str) -> None:
    """What a file is is said by how it begins."""
    assert media_of(data) == media


def sent(**terms: str) -> tuple[PayloadContent, Committed]:
    """Give a payload of an invoice as the rules accept it, and what its record says; `terms` change the former."""
    said, seed = {**INVOICE_TERMS, **terms}, PAYLOAD.opening.seed
    payload = replace(PAYLOAD, opening=replace(PAYLOAD.opening, terms=dict(sorted(said.items())), seed=seed))
    commitment = Commitment(
        discoverable=None,
        file=commit_file(hash_bytes(payload.file), seed),
        terms=commit_terms(INVOICE, said, seed),
    )
    header = replace(traders().make.invoice(), document=commitment)
    return payload, Committed(commitment=commitment, kind=INVOICE, header=header)


def verdicts(payload: PayloadContent, committed: Committed, paper: dict[str, str] | None) -> dict[str, str]:
    """Give the verdict of each comparison, and of all."""
    report = compare(payload, committed, paper)
    return {"all": report.verdict.value} | {each.what: each.verdict.value for each in report.findings}


def test_what_agrees_is_valid() -> None:
    """File, terms, header and paper are the record's."""
    payload, committed = sent()
    found = verdicts(payload, committed, payload.opening.terms)
    assert set(found.values()) == {"valid"}, found


def test_each_contradiction_is_tampered() -> None:
    """Another file, other terms, another header, a paper that says something else: each is found, by its name."""
    payload, committed = sent()
    terms = payload.opening.terms
    assert committed.header is not None
    other = replace(committed, commitment=replace(committed.commitment, discoverable=bytes(32)))
    renamed = replace(payload, opening=replace(payload.opening, kind=CommittedKind.CREDIT_NOTE))
    dearer, dearer_record = sent(**{"BT-115": "9999.99"})
    cases = {
        "another file": (replace(payload, file=b"x"), committed, terms, {"file"}),
        "the hash of another file": (payload, other, terms, {"file"}),
        "a term changed": (dearer, committed, terms, {"terms", "header", "paper"}),
        "a header that the terms contradict": (
            dearer,
            replace(dearer_record, header=committed.header),
            dearer.opening.terms,
            {"header"},
        ),
        "another kind": (renamed, committed, terms, {"terms", "header"}),
        "a paper that says more": (payload, committed, {**terms, "BT-22": "x"}, {"paper"}),
        "a paper that says less": (payload, committed, {"BT-1": terms["BT-1"]}, {"paper"}),
    }
    for why, (sealed, record, paper, wanted) in cases.items():
        found = verdicts(sealed, record, paper)
        assert {what for what, verdict in found.items() if verdict == "tampered"} == {"all", *wanted}, (why, found)


def test_what_cannot_be_compared_is_said() -> None:
    """A paper that nobody reads and a header that is elsewhere are no agreement, and no contradiction either."""
    payload, committed = sent()
    found = verdicts(payload, replace(committed, header=None), None)
    assert found == {
        "all": "cannot check",
        "file": "valid",
        "terms": "valid",
        "header": "cannot check",
        "paper": "cannot check",
    }
    later = replace(payload, opening=replace(payload.opening, terms={**payload.opening.terms, "BT-9999": "x"}))
    assert compare(later, committed, None).findings[1].verdict is Verdict.CANNOT_CHECK
