"""Proofs that an invoice is pledged to nobody: under its own record, and under any other that bears one of its tags."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import PledgePart, ProofFile, write_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.settling import pledgeable
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.membership import Parameters
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import change
from tests.world.trade.pledging import claim_pledge, invoice_of, pledge, release

ACCEPTED = "accepted by the buyer for 1000.00 EUR due 2026-10-21"
UNSETTLED = "does not settle of exactly the accepted invoices"


def free(*, tagged: bool = True, accepted: bool = True) -> Corridor:
    """Give an invoice that is pledged to nobody."""
    corridor = traders()
    body = corridor.make.invoice()
    corridor.submit(body if tagged else replace(body, tags=()), "seller", name="invoice")
    if accepted:
        corridor.accept_invoice()
    return corridor


FREE = free()
PROOF = ProofMaker(FREE).proof(FREE.id["invoice"])


def report_of(corridor: Corridor, proof: ProofFile | None = None) -> Report:
    """Check a proof, mostly that of the invoice, as a verifier would."""
    shown = ProofMaker(corridor).proof(corridor.id["invoice"]) if proof is None else proof
    return check_proof(write_proof(shown), read_trust(corridor.trust), corridor.head.time)


def detail_of(report: Report) -> str:
    """Insist that a proof is refused at the step of histories, and give why."""
    assert report.verdict is Verdict.TAMPERED, report
    assert report.steps[-1].number == 12
    return report.detail


def test_nothing_is_pledged_and_the_statement_says_so_of_all_records() -> None:
    """The invoice and both of its tags are settled, in order; the sentence has the moment."""
    report = report_of(FREE)
    assert report.verdict is Verdict.VALID
    invoice = invoice_of(FREE)
    assert [part.name for part in PROOF.pledges] == sorted((invoice.id, *invoice.links.tags))
    (says,) = [each for each in report.established if "no pledge stood" in each]
    assert says.startswith("as of 20")
    assert f"on the invoice {invoice.id.hex()}, nor on any of its tags" in says
    assert says.endswith("the same invoice was pledged under no other record")
    assert report.subjects[0].said.told.words == f"pledged to nobody, {ACCEPTED}"


@pytest.mark.parametrize("place", range(3))
def test_each_of_the_claims_must_be_there(place: int) -> None:
    """Without one of them it is not known whether the same invoice is pledged."""
    less = PROOF.pledges[:place] + PROOF.pledges[place + 1 :]
    assert UNSETTLED in detail_of(report_of(FREE, replace(PROOF, pledges=less)))


def altered(part: PledgePart, **other: object) -> tuple[PledgePart, ...]:
    """Put a changed part in its own place."""
    return tuple(replace(each, **other) if each is part else each for each in PROOF.pledges)


FORGED: dict[str, tuple[Callable[[], tuple[PledgePart, ...]], str]] = {
    "none": (lambda: (), UNSETTLED),
    "twice": (lambda: (*PROOF.pledges, PROOF.pledges[-1]), UNSETTLED),
    "out of order": (lambda: PROOF.pledges[::-1], UNSETTLED),
    "of something else": (lambda: altered(PROOF.pledges[0], name=bytes(32)), UNSETTLED),
    "a shorter way": (lambda: altered(PROOF.pledges[0], siblings=PROOF.pledges[0].siblings[1:]), "claim:"),
    "a longer way": (lambda: altered(PROOF.pledges[1], siblings=(*PROOF.pledges[1].siblings, bytes(32))), "claim:"),
    "another leaf": (lambda: altered(PROOF.pledges[2], leaf=b"\0" * 65), "claim:"),
    "a pledge that there is not": (lambda: altered(PROOF.pledges[2], value=bytes(32)), "claim:"),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_is_refused(name: str) -> None:
    """No proof of the absence but the true one, and those of exactly what counts."""
    forge, words = FORGED[name]
    assert words in detail_of(report_of(FREE, replace(PROOF, pledges=forge())))


@pytest.mark.parametrize("corridor", [free(accepted=False), free(tagged=False, accepted=False)])
def test_what_nobody_has_accepted_can_be_pledged_to_nobody(corridor: Corridor) -> None:
    """Nothing is settled of it, and what is settled all the same is refused."""
    assert ProofMaker(corridor).proof(corridor.id["invoice"]).pledges == ()
    assert report_of(corridor).verdict is Verdict.VALID_WITH_WARNINGS
    spare = ProofMaker(corridor).proof(corridor.id["invoice"])
    assert UNSETTLED in detail_of(report_of(corridor, replace(spare, pledges=PROOF.pledges)))


def test_of_an_invoice_without_a_tag_it_is_said_that_nothing_is_known() -> None:
    """Its own record is pledged to nobody; another would not be found."""
    corridor = free(tagged=False)
    report = report_of(corridor)
    assert [part.name for part in ProofMaker(corridor).proof(corridor.id["invoice"]).pledges] == [
        corridor.id["invoice"]
    ]
    assert not any("no pledge stood" in each for each in report.established)
    (says,) = [each for each in report.not_established if "under no other record" in each]
    assert f"{corridor.id['invoice'].hex()} bears no tag of an epoch in use" in says


def test_a_tag_of_an_epoch_that_was_dropped_finds_no_other_record() -> None:
    """One of the two is enough; where none is left that others still bear, nothing is known."""
    corridor = free()
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(2, 3))))
    assert any("no pledge stood" in each for each in report_of(corridor).established)
    corridor.change_members(change(parameters=Parameters(quorum=1, tag_epochs=(3,))))
    report = report_of(corridor)
    assert not any("no pledge stood" in each for each in report.established)
    assert any("bears no tag of an epoch in use" in each for each in report.not_established)


def test_a_pledge_that_comes_and_goes() -> None:
    """While it stands its own aspect says so, and nothing is settled besides; after its release all is free again."""
    corridor = free()
    pledge(corridor)
    shown = ProofMaker(corridor).proof(corridor.id["invoice"])
    assert shown.pledges == ()
    report = report_of(corridor)
    assert report.subjects[0].said.told.words.startswith("pledged by")
    assert not any("no pledge stood" in each for each in report.established)
    release(corridor)
    assert any("no pledge stood" in each for each in report_of(corridor).established)


@pytest.mark.parametrize("block", range(7))
def test_histories_may_begin_at_a_way_mark(block: int) -> None:
    """The tags are those of the state, wherever the history begins."""
    corridor = free()
    invoice = corridor.id["invoice"]
    for _ in range(2):
        pledge(corridor)
        release(corridor)
    stood = [
        place for place, each in enumerate(corridor.blocks) if any(row.value.id == invoice for row in each.objects)
    ]
    mark = stood[0] + block
    if mark < len(corridor.blocks):
        report = report_of(corridor, ProofMaker(corridor).proof(invoice, marks={invoice: mark}))
        assert any("no pledge stood" in each for each in report.established), report


def test_a_status_alone_settles_nothing() -> None:
    """What leaves the records out is the operator's word, and says nothing of other records."""
    status = ProofMaker(FREE).status(FREE.id["invoice"])
    assert status.pledges == ()
    report = report_of(FREE, status)
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    assert not any("no pledge stood" in each for each in report.established)
    assert UNSETTLED in detail_of(report_of(FREE, replace(status, pledges=PROOF.pledges)))


@pytest.mark.parametrize("place", [0, 1])
def test_a_twin_that_is_pledged_is_named(place: int) -> None:
    """The file is sound, and what it shows is that the same invoice is pledged under another record, and by which."""
    corridor = free()
    twin = bytes(range(32))
    claim_pledge(corridor, invoice_of(corridor).links.tags[place], twin)
    report = report_of(corridor)
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    words = f"the same invoice is pledged under another record, by {twin.hex()}; this record is pledged to nobody"
    assert words in report.detail
    assert f"{words}, {ACCEPTED}" == report.subjects[0].said.told.words
    assert any(words in each for each in report.warnings)
    assert not any("no pledge stood" in each for each in report.established)


def test_a_pledge_of_the_very_invoice_that_its_state_denies_is_refused() -> None:
    """Claim and aspect contradict each other: one of them is false, and nobody can say which."""
    corridor = free()
    claim_pledge(corridor, corridor.id["invoice"], bytes(range(32)))
    assert "its claims that it is by" in detail_of(report_of(corridor))


def test_what_can_be_pledged_is_an_accepted_invoice_that_is_free() -> None:
    """Nothing else, and not what does not exist."""
    assert pledgeable(None) == ()
    assert pledgeable(FREE.ledger.objects[FREE.id["seller"]]) == ()
    assert pledgeable(invoice_of(FREE)) == (FREE.id["invoice"], *invoice_of(FREE).links.tags)
