"""Proofs of consignments, and of what was put into one: who wrote in it then is in the file."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds.consignment.bodies import AddToConsignment
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.shipment.bodies import DispatchShipment
from hanse_ledger.kinds.title.bodies import IssueTitle, TransferTitle
from hanse_ledger.proofs.prooffile import EntryPart, ProofFile
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, check
from tests.unit.ledger.kinds.carriage.test_rules_titles import issued
from tests.world.corridor import Corridor, traders


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


def put_in_at_once() -> Corridor:
    """The seller opens a consignment and issues its invoice into it; then the carrier may write, and ships into it."""
    corridor = traders()
    corridor.enrol("carrier", PartyRole.CARRIER)
    name = corridor.open_consignment()
    corridor.submit(replace(corridor.make.invoice(), consignment=name), "seller", name="invoice")
    lets = replace(corridor.make.sample(AddToConsignment), item=None, new_parties=(corridor.id["carrier"],))
    corridor.submit(lets, "seller")
    corridor.submit(replace(corridor.make.sample(DispatchShipment), consignment=name), "carrier", name="shipment")
    corridor.submit(replace(corridor.make.sample(IssueTitle), consignment=name), "carrier", name="title")
    corridor.accept_invoice()
    return corridor


EVERYBODY = ["consignment", "invoice", "shipment", "title", "buyer", "seller", "carrier"]


@pytest.mark.parametrize("subject", EVERYBODY)
def test_what_is_put_in_at_once_is_proven(subject: str) -> None:
    """Whoever is asked: own records of the consignment until then stand beside what was put into it, and no other."""
    corridor = put_in_at_once()
    proof = ProofMaker(corridor).proof(corridor.id[subject])
    report = check(proof, corridor.head.time)
    assert report.verdict in GOOD, report.detail


def test_a_proof_of_an_item_shows_no_other_item() -> None:
    """Another invoice's has the opening that it names, and who was named a writer since; none of what else is in."""
    corridor = put_in_at_once()
    second = replace(corridor.make.invoice(2), consignment=corridor.id["consignment"])
    name = corridor.submit(second, "seller")
    proof = ProofMaker(corridor).proof(name)
    kinds = [signed.record.kind for signed in records_of(proof) if signed.record.kind != "party.enrol"]
    assert kinds == ["consignment.open", "consignment.add", "invoice.issue"]


def test_a_proof_of_an_item_needs_who_was_named_a_writer() -> None:
    """The shipment's has the record that named the carrier: without it the file does not show that it might."""
    corridor = put_in_at_once()
    maker = ProofMaker(corridor)
    proof = maker.proof(corridor.id["shipment"])
    assert "consignment.add" in [signed.record.kind for signed in records_of(proof)]
    without = replace(
        proof,
        records=tuple(
            part
            for part in proof.records
            if (signed := record_in(part)) is None or signed.record.kind != "consignment.add"
        ),
    )
    report = check(without, corridor.head.time)
    assert report.verdict not in GOOD
    assert "U-3" in report.detail


def test_a_folder_filled_at_once_is_proven_from_any_mark() -> None:
    """Items are a sum, whichever record has put them in."""
    corridor = put_in_at_once()
    name, maker = corridor.id["consignment"], ProofMaker(corridor)
    whole = check(maker.proof(name), corridor.head.time)
    begun = next(
        place for place, block in enumerate(corridor.blocks) if any(row.value.id == name for row in block.objects)
    )
    for block in range(begun, len(corridor.blocks)):
        marked = check(maker.proof(name, marks={name: block}), corridor.head.time)
        assert marked.verdict in GOOD, marked.detail
        assert marked.subjects == whole.subjects


def records_of(proof: ProofFile) -> list[Signed]:
    """Open the records of a file."""
    return [signed for part in proof.records if (signed := record_in(part)) is not None]


def record_in(part: EntryPart) -> Signed | None:
    """Open the record of an entry."""
    entry = decode_entry(part.entry)
    return open_decoded(entry.payload) if isinstance(entry, RecordEntry) else None
