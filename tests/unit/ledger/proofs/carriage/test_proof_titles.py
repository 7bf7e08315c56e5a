"""Proofs of titles, and of those to whom one was passed: whoever held it at each step is in the file."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.title.bodies import AmendTitle, ConvertTitle, RejectTitle, SurrenderTitle, TransferTitle
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.unit.ledger.kinds.carriage.test_rules_titles import issued
from tests.world.corridor import Corridor


def passed_on() -> Corridor:
    """A title that the seller gave the buyer, the buyer a bank's party, which did not want it; then it was amended."""
    corridor = issued()
    transfer = corridor.make.sample(TransferTitle)
    corridor.submit(transfer, "seller")
    corridor.submit(replace(transfer, new_holder=corridor.id["bank party"]), "buyer")
    corridor.submit(corridor.make.sample(RejectTitle), "bank party")
    corridor.submit(corridor.make.sample(AmendTitle), "carrier", "buyer")
    return corridor


@pytest.mark.parametrize("subject", ["title", "bank party", "buyer", "seller", "carrier", "shipment", "invoice"])
def test_whoever_is_asked_the_proof_holds(subject: str) -> None:
    """The rules ask who held it then: the title's own records until then stand beside, whatever is proven."""
    corridor = passed_on()
    report = check(ProofMaker(corridor).proof(corridor.id[subject]), corridor.head.time)
    assert report.verdict in GOOD, report.detail


def test_a_shipment_may_have_had_two_titles() -> None:
    """The first one's surrender is no record of the shipment's, and need not be known to judge the second one."""
    corridor = passed_on()
    corridor.submit(corridor.make.sample(ConvertTitle), "carrier", "buyer")
    corridor.submit(corridor.make.sample(SurrenderTitle), "carrier")
    first = corridor.id["title"]
    corridor.issue_title()
    assert check(ProofMaker(corridor).proof(corridor.id["shipment"]), corridor.head.time).verdict in GOOD
    assert check(ProofMaker(corridor).proof(first), corridor.head.time).verdict is Verdict.EXPIRED_OR_SUPERSEDED
