"""Proofs of documents: who can open one is in no file, what its records say is, and an erased one is proven too."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.document.bodies import (
    EraseDocument,
    GrantDocument,
    HoldDocument,
    ReceiveDocument,
    UnholdDocument,
)
from hanse_ledger.kinds.document.state import ReceiptStage
from hanse_ledger.kinds.standins import salt_for
from hanse_ledger.proofs.prooffile import ProofFile
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.unit.ledger.kinds.documents.test_rules_erasing import ALL, decided
from tests.world.corridor import Corridor


def travelled() -> Corridor:
    """A sealed invoice is declared and decided; a copy is granted, receipts are signed, customs holds and lets go."""
    corridor = decided()
    make = corridor.make
    corridor.submit(make.sample(GrantDocument), "seller")
    corridor.submit(make.sample(ReceiveDocument), "buyer")
    office = replace(
        make.sample(ReceiveDocument),
        reader_member="customs-be",
        reader_party=None,
        salt=salt_for("invoice", "office"),
        stage=ReceiptStage.DELIVERED,
    )
    corridor.submit(office, "customs-be")
    corridor.submit(make.sample(HoldDocument), "first officer")
    corridor.submit(make.sample(UnholdDocument), "customs-be")
    return corridor


def erased() -> Corridor:
    """The same, and the seller has it erased."""
    corridor = travelled()
    corridor.submit(ALL, "seller")
    return corridor


SUBJECTS = ["document", "invoice", "import", "export", "buyer", "seller", "office", "certificate's document"]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("corridor", [travelled(), erased()], ids=["sealed", "erased"])
def test_whoever_is_asked_the_proof_holds(corridor: Corridor, subject: str) -> None:
    """The rules ask who can open it, by an office's acts, and what became of the declarations: it stands beside."""
    report = check(ProofMaker(corridor).proof(corridor.id[subject]), corridor.head.time)
    assert report.verdict in GOOD, report.detail


def test_a_status_is_proven_alone() -> None:
    """Every aspect is shown, and the operator's word is said to be all that stands behind it."""
    corridor = erased()
    report = check(ProofMaker(corridor).status(corridor.id["document"]), corridor.head.time)
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    (subject,) = report.subjects
    assert subject.kind == "document"


def test_a_document_is_proven_from_any_mark() -> None:
    """Its own records are all carried: the mark says nothing that they do not."""
    corridor = erased()
    name, maker = corridor.id["document"], ProofMaker(corridor)
    whole = check(maker.proof(name), corridor.head.time)
    begun = next(
        place for place, block in enumerate(corridor.blocks) if any(row.value.id == name for row in block.objects)
    )
    for block in range(begun, len(corridor.blocks)):
        marked = check(maker.proof(name, marks={name: block}), corridor.head.time)
        assert marked.verdict in GOOD, marked.detail
        assert marked.subjects == whole.subjects


def test_an_erasure_needs_what_was_decided() -> None:
    """Without the release of a declaration the file does not show that it was decided."""
    corridor = erased()
    proof = ProofMaker(corridor).proof(corridor.id["document"])
    assert "declaration.release" in kinds_in(proof)
    kept = tuple(
        part for part, kind in zip(proof.records, kinds_in(proof), strict=True) if kind != "declaration.release"
    )
    report = check(replace(proof, records=kept), corridor.head.time)
    assert report.verdict not in GOOD
    assert "A-5" in report.detail


def test_a_hold_needs_the_acts_of_the_office() -> None:
    """Without them nothing shows that it was sealed to it."""
    corridor = travelled()
    proof = ProofMaker(corridor).proof(corridor.id["document"])
    assert proof.offices
    report = check(replace(proof, offices=()), corridor.head.time)
    assert report.verdict not in GOOD


def test_an_invoice_s_proof_shows_nothing_of_its_document() -> None:
    """Who was let in, and who has signed for it, is no business of whoever is shown the invoice."""
    corridor = travelled()
    kinds = kinds_in(ProofMaker(corridor).proof(corridor.id["invoice"]))
    assert "invoice.issue" in kinds
    assert not [kind for kind in kinds if kind.startswith("document.")]


def kinds_in(proof: ProofFile) -> list[str]:
    """Name the kinds of a file's records, in their order."""
    entries = [decode_entry(part.entry) for part in proof.records]
    return [open_decoded(entry.payload).record.kind for entry in entries if isinstance(entry, RecordEntry)]


def test_the_erasure_is_not_in_the_invoice_s_history() -> None:
    """It names the document alone, and the declarations on which it rests."""
    assert EraseDocument.__struct_fields__ == ("declarations", "document")
