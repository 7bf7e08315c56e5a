"""Proofs of consignments, and of what was put into one: who wrote in it then is in the file."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.consignment.bodies import AddToConsignment
from hanse_ledger.kinds.title.bodies import TransferTitle
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.unit.ledger.kinds.carriage.test_rules_titles import issued
from tests.world.corridor import Corridor


def filled() -> Corridor:
    """The seller puts its invoice in, and lets the buyer write, who puts in the title that came to it."""
    corridor = issued()
    corridor.open_consignment()
    corridor.submit(corridor.make.sample(AddToConsignment), "seller")
    corridor.submit(corridor.make.sample(TransferTitle), "seller")
    title = replace(
        corridor.make.sample(AddToConsignment),
        item=corridor.id["title"],
        new_parties=(),
        writer_party=corridor.id["buyer"],
    )
    corridor.submit(title, "buyer")
    return corridor


@pytest.mark.parametrize("subject", ["consignment", "title", "invoice", "buyer", "seller", "carrier"])
def test_whoever_is_asked_the_proof_holds(subject: str) -> None:
    """The rules ask who writes, and whose the item is: own records of both until then stand beside."""
    corridor = filled()
    report = check(ProofMaker(corridor).proof(corridor.id[subject]), corridor.head.time)
    assert report.verdict in GOOD, report.detail


def test_a_folder_is_proven_from_any_mark() -> None:
    """Items are a sum: what was put in before the mark need not be shown, and counts."""
    corridor = filled()
    name = corridor.id["consignment"]
    maker = ProofMaker(corridor)
    whole = check(maker.proof(name), corridor.head.time)
    begun = next(
        place for place, block in enumerate(corridor.blocks) if any(row.value.id == name for row in block.objects)
    )
    for block in range(begun, len(corridor.blocks)):
        marked = check(maker.proof(name, marks={name: block}), corridor.head.time)
        assert marked.verdict in GOOD, marked.detail
        assert marked.subjects == whole.subjects
