"""A file is compared with the documents to which a proof's records commit."""

import msgspec
import pytest

from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.samedocument import OPENING_FORMAT, DocumentAnswer, DocumentMatch, compare_document
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest
from tests.tables.verifying import check, maker, proof_of, told
from tests.world.corridor_bodies import CERTIFICATE_FILE, INVOICE_FILE, INVOICE_SEED

OTHER_FILE = b"another file"
INVOICE, CERTIFICATE, OTHER = map(hash_bytes, (INVOICE_FILE, CERTIFICATE_FILE, OTHER_FILE))


def opening(file: Digest | None = INVOICE, seed: bytes = INVOICE_SEED, form: str = OPENING_FORMAT) -> bytes:
    """Write what the seller keeps of the invoice, as far as it is read, and more."""
    secret = {"discoverable": False, "file_digest": file, "seed": seed, "terms": {"BT-1": "1"}}
    return msgspec.json.encode({"@type": form, "object": bytes(32), "opening": secret})


def compare(digest: Digest, *subjects: str, by: bytes | None = None) -> DocumentAnswer:
    """Compare a file with a proof that holds."""
    data = write_proof(proof_of(*subjects))
    return compare_document(data, [act.id for act in check(data).acts], digest, by)


def test_the_very_file_is_known_by_its_plain_hash() -> None:
    """Where the record has the file's plain hash, the file is enough."""
    answer = compare(CERTIFICATE, "certificate")
    assert answer.match is DocumentMatch.SAME
    assert answer.record == told().signed["certificate"].id
    assert answer.record.hex() in str(answer.said)


def test_the_very_file_is_known_by_its_opening() -> None:
    """Where the record has the salted hash alone, the opening leads to it, and to no other file."""
    answer = compare(INVOICE, "invoice", by=opening())
    assert (answer.match, answer.record) == (DocumentMatch.SAME, told().signed["invoice"].id)
    assert compare(OTHER, "invoice", by=opening()).match is not DocumentMatch.SAME


def test_without_its_opening_a_salted_document_could_be_any() -> None:
    """Neither yes nor no is said of a file where the proof does not tell which file its document is."""
    for by in (None, opening(seed=bytes(32)), opening(file=None), opening(file=OTHER)):
        answer = compare(OTHER, "invoice", by=by)
        assert (answer.match, answer.record) == (DocumentMatch.HIDDEN, None)
    assert compare(INVOICE, "invoice").match is DocumentMatch.HIDDEN


def test_another_file_is_said_to_be_another() -> None:
    """Where it is known of each document which file it is, a file that is none of them is said to be none."""
    data = write_proof(proof_of("certificate", "invoice"))
    only = [told().signed["invoice"].id, told().signed["certificate"].id]
    answer = compare_document(data, only, OTHER, opening())
    assert (answer.match, answer.record) == (DocumentMatch.OTHER, None)
    assert "none of the 2 documents" in str(answer.said)
    assert compare_document(data, only[1:], OTHER).match is DocumentMatch.OTHER


def test_of_what_is_not_proven_nothing_is_said() -> None:
    """A record that the check has not proven commits to nothing: of a tampered proof no file is the document."""
    data = write_proof(proof_of("certificate"))
    assert compare_document(data, [], CERTIFICATE).match is DocumentMatch.NONE


def test_a_status_names_no_document() -> None:
    """A proof of status has no records, so no document either; nor has one of a party alone, which has an identity."""
    data = write_proof(maker().status(told().id["certificate"]))
    assert compare_document(data, [], CERTIFICATE).match is DocumentMatch.NONE
    enrolled = told().signed["seller"].id
    assert compare_document(write_proof(proof_of("seller")), [enrolled], CERTIFICATE).match is DocumentMatch.NONE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff",
        b"[" * 5_000,
        opening(form="hanse.opening/1"),
        opening(seed=b"short"),
        b" " * (limits.OPENING_BYTES + 1),
    ],
    ids=["empty", "nothing", "binary", "deep", "older", "short", "large"],
)
def test_what_is_no_opening_is_refused(data: bytes) -> None:
    """A file that is no opening is said to be none: it is no answer about the document."""
    with pytest.raises(Malformed, match="no file of an opening"):
        compare(INVOICE, "invoice", by=data)
