"""Proofs of parties, whose invoices stand beside: what the rules ask how it stood is in the file."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.invoice.bodies import CreditInvoice
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import GENESIS
from tests.world.trade.pledging import assign, pledge, release

TRUST = read_trust(write_trust(GENESIS))


def credited() -> Corridor:
    """An invoice is credited before its buyer accepts it, and twice retagged, the second time to what it bore first."""
    corridor = traders()
    corridor.issue_invoice()
    make = corridor.make
    corridor.submit(make.credit(5_000), "seller")
    corridor.submit(make.acceptance(amount_minor=95_000), "buyer")
    corridor.submit(make.retagging(9), "seller")
    corridor.submit(make.retagging(1), "seller")
    return corridor


CREDITED = credited()


@pytest.mark.parametrize("name", ["buyer", "seller", "invoice"])
def test_what_a_party_signed_is_proven_with_what_it_rested_on(name: str) -> None:
    """Its acceptance was of what a credit note had left, and its tags were compared with those before."""
    report = check_proof(write_proof(ProofMaker(CREDITED).proof(CREDITED.id[name])), TRUST, CREDITED.head.time)
    assert report.verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS), report.detail


def test_a_file_without_the_credit_note_is_refused() -> None:
    """The verifier asks for it: without it what was accepted would seem another amount."""
    maker = ProofMaker(CREDITED)
    proof = maker.proof(CREDITED.id["buyer"])
    kept = []
    for part in proof.records:
        entry = decode_entry(part.entry)
        assert isinstance(entry, RecordEntry)
        if not isinstance(open_decoded(entry.payload).record.body, CreditInvoice):
            kept.append(part)
    assert len(kept) == len(proof.records) - 1
    report = check_proof(write_proof(replace(proof, records=tuple(kept))), TRUST, CREDITED.head.time)
    assert report.verdict is Verdict.TAMPERED


def test_tags_of_what_is_pledged_are_proven_with_the_pledge() -> None:
    """The bank that signs is the one to which the pledge was assigned; the next pledge rests on these tags."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.accept_invoice()
    pledge(corridor)
    assign(corridor)
    corridor.submit(corridor.make.retagging(9, pledge="pledge"), "bank-be", "seller")
    release(corridor, bank="bank-be")
    pledge(corridor, number=9, name="next")
    for name in ("buyer", "seller", "invoice", "pledge", "next"):
        report = check_proof(write_proof(ProofMaker(corridor).proof(corridor.id[name])), TRUST, corridor.head.time)
        sound = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS, Verdict.REVOKED)
        assert report.verdict in sound, (name, report.detail)
