"""Proofs whose histories begin at a way mark: what holds, and what an operator that lies does not get through."""

from typing import get_args

import pytest
from msgspec import structs
from msgspec.structs import replace

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.invoice.state import Invoice, InvoiceState, InvoiceStatus
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import EntryPart, ProofFile, WayMark, write_proof
from hanse_ledger.proofs.sums import SUMMED, SUMS
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.trees.object_tree import ObjectTree, object_leaf
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.codec import encode
from tests.tables.proofs import ProofMaker, shown_aspects
from tests.tables.verifying import GOOD, check
from tests.world.corridor import Corridor, story
from tests.world.corridor_bodies import a_cosigner, change
from tests.world.corridor_genesis import DAY

MIDDLE = 8
"""The block after which the certificate has been issued and drawn upon, and the invoice accepted."""


def marked(corridor: Corridor, *names: str, at: int = MIDDLE, subjects: tuple[str, ...] = ()) -> ProofFile:
    """Prove objects from a way mark on."""
    ids = [corridor.id[name] for name in names]
    others = [corridor.id[name] for name in subjects]
    return ProofMaker(corridor).proof(*ids, *others, marks=dict.fromkeys(ids, at))


def mark_of(proof: ProofFile) -> WayMark:
    """Give the way mark of a proof's first subject."""
    mark = proof.objects[0].mark
    assert mark is not None
    return mark


def with_mark(proof: ProofFile, mark: WayMark | None) -> ProofFile:
    """Exchange the way mark of a proof's first subject."""
    return replace(proof, objects=(replace(proof.objects[0], mark=mark), *proof.objects[1:]))


@pytest.mark.parametrize("name", ["certificate", "invoice", "seller", "buyer", "agent", "export"])
@pytest.mark.parametrize("at", [MIDDLE, -1])
def test_a_history_may_begin_at_a_way_mark(name: str, at: int) -> None:
    """Each object is proven from a mark on; the verdict says since when, and one operator's word has its warning."""
    corridor = story()
    block = at % len(corridor.blocks)
    report = check(marked(corridor, name, at=block))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
    assert "one operator's word" in report.warnings[0]
    assert any("records until" in sentence for sentence in report.not_established)
    assert report.subjects[0].state == check(ProofMaker(corridor).proof(corridor.id[name])).subjects[0].state


def test_several_cosigners_may_vouch_for_what_a_mark_says() -> None:
    """Under a quorum of several organisations a proof from a mark is valid, and still says what is their word alone."""
    corridor = story()
    names = ("bank-be", "chamber", "customs-be", "market")
    corridor.change_members(change(cosigners=[a_cosigner(name) for name in names], removed=["operator"]))
    for name in names:
        corridor.report_ready(name)
    maker = ProofMaker(corridor, corridor.sign_checkpoint(cosigners=names[1:]))
    proof = maker.proof(corridor.id["certificate"], marks={corridor.id["certificate"]: MIDDLE})
    report = check_proof(write_proof(proof), read_trust(corridor.trust), corridor.head.time)
    assert report.verdict is Verdict.VALID, report
    assert any("the cosigners' word" in sentence for sentence in report.not_established)


def test_marks_and_whole_histories_stand_in_one_file() -> None:
    """One subject begins at a mark, another at its beginning, a third at another mark."""
    corridor = story()
    ids = corridor.id
    marks = {ids["certificate"]: MIDDLE, ids["buyer"]: 5}
    proof = ProofMaker(corridor).proof(ids["certificate"], ids["payment"], ids["buyer"], ids["invoice"], marks=marks)
    assert check(proof).verdict is Verdict.VALID_WITH_WARNINGS


def test_a_mark_of_another_moment_is_refused() -> None:
    """A mark that its own state entry does not cover, from another block, is refused; so is one of another object."""
    corridor = story()
    proof = marked(corridor, "certificate")
    maker, name = ProofMaker(corridor), corridor.id["certificate"]
    earlier, other = maker.mark(name, 6), maker.mark(corridor.id["invoice"], MIDDLE)
    mark = mark_of(proof)
    for wrong in (
        replace(mark, state=earlier.state),
        replace(mark, path=earlier.path),
        replace(mark, aspects=earlier.aspects),
        other,
        replace(other, own=mark.own),
        replace(mark, aspects=mark.aspects[:-1]),
        replace(mark, aspects=shown_aspects(corridor.ledger.objects[name])),
    ):
        report = check(with_mark(proof, wrong))
        assert (report.verdict, report.steps[-1].number) in ((Verdict.TAMPERED, 7), (Verdict.TAMPERED, 9)), report
    # A mark that is true and earlier than where the history goes on leaves records out between.
    assert check(with_mark(proof, earlier)).verdict is Verdict.TAMPERED
    assert check(with_mark(proof, None)).verdict is Verdict.TAMPERED


def test_a_mark_stands_at_a_groups_end_under_the_same_head() -> None:
    """A mark at a record, beyond the head, or in another log is refused."""
    corridor = story()
    proof = marked(corridor, "certificate")
    maker, mark = ProofMaker(corridor), mark_of(proof)
    record = replace(mark, state=maker.entry(proof_position(mark) - 1))
    assert "end of a block" in check(with_mark(proof, record)).detail
    corridor.issue_invoice(9, name="ninth")
    later = ProofMaker(corridor).mark(corridor.id["certificate"], len(corridor.blocks) - 1)
    report = check(with_mark(proof, later))
    assert (report.verdict, report.steps[-1].number) in ((Verdict.TAMPERED, 3), (Verdict.TAMPERED, 4)), report
    entry = decode_entry(mark.state.entry)
    forged = replace(mark, state=replace(mark.state, entry=encode(replace(entry, time=entry.time + 1))))
    assert (check(with_mark(proof, forged)).steps[-1].number) == 4


def proof_position(mark: WayMark) -> int:
    """Give the position of a mark's state entry."""
    return decode_entry(mark.state.entry).position


BESIDE = ("invoice.accept", "declaration.release", "payment.confirm")


def name_of(evidence: EntryPart) -> str:
    """Give the kind of an entry's record."""
    entry = decode_entry(evidence.entry)
    assert isinstance(entry, RecordEntry)
    return open_decoded(entry.payload).record.kind


def test_records_after_a_mark_cannot_be_left_out() -> None:
    """Leaving out any record of a proof from a mark is noticed: of the history, of what it names, of the own ones.

    But for those that made something beside the subject what it was: they are there so that the rules can go on, and
    where these do without, nothing else is said.
    """
    corridor = story()
    for name in ("certificate", "invoice", "buyer"):
        proof = marked(corridor, name)
        (shown,) = proof.objects
        for at, evidence in enumerate(proof.records):
            rest = proof.records[:at] + proof.records[at + 1 :]
            position = decode_entry(evidence.entry).position
            silent = replace(shown, history=tuple(each for each in shown.history if each != position))
            for objects in ((shown,), (silent,)):
                report = check(replace(proof, records=rest, objects=objects))
                beside = position not in (*mark_of(proof).own, *shown.history) and name_of(evidence) in BESIDE
                assert report.verdict not in GOOD or (beside and report.subjects == check(proof).subjects), (name, at)


def test_the_records_that_made_its_aspects_must_be_there() -> None:
    """Without the buyer's acceptance no mark says that the invoice was accepted, whoever signs the state."""
    corridor = story()
    proof = marked(corridor, "invoice")
    mark = mark_of(proof)
    assert len(mark.own) == 2
    acceptance = mark.own[1]
    records = tuple(each for each in proof.records if decode_entry(each.entry).position != acceptance)
    without = with_mark(replace(proof, records=records), replace(mark, own=mark.own[:1]))
    report = check(without)
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11)
    assert "do not make its acceptance" in report.detail


def test_what_is_no_own_record_is_not_taken_for_one() -> None:
    """A record that only names the object, one after the mark, or one twice, is none of its own before the mark."""
    corridor = story()
    proof = marked(corridor, "certificate")
    mark, (shown,) = mark_of(proof), proof.objects
    assert shown.history
    for own in ((*mark.own, shown.history[0]), (*mark.own, *mark.own), (0,)):
        assert check(with_mark(proof, replace(mark, own=own))).verdict is Verdict.TAMPERED


def forge(corridor: Corridor, value: Object) -> None:
    """Put another value into the state, as an operator can, and let the next block's state entry cover it."""
    corridor.ledger.objects[value.id] = value
    leaf = object_leaf(value.id, object_value(value))
    corridor.ledger.tree.apply(corridor.ledger.tree.stage({corridor.ledger.number(value.id): leaf}))
    corridor.issue_invoice(8, name="eighth")


def lying(corridor: Corridor, lie: Object) -> ProofFile:
    """Make the proof that an operator makes which wrote a lie into the state, with a mark right there."""
    forge(corridor, lie)
    maker, block = ProofMaker(corridor), len(corridor.blocks) - 1
    values = dict(corridor.ledger.objects)
    leaves = [object_leaf(each.id, object_value(each)) for each in values.values()]
    mark = maker.mark(lie.id, block)
    told = replace(
        mark,
        aspects=shown_aspects(lie),
        path=tuple(ObjectTree.from_leaves(leaves).path(corridor.ledger.number(lie.id))),
    )
    proof = maker.proof(lie.id, marks={lie.id: block})
    return with_mark(proof, told)


def test_an_operators_mark_cannot_contradict_signatures() -> None:
    """A state in which the operator accepts, prolongs or creates is refused by what the object's own records say."""
    corridor = story()
    corridor.issue_invoice(7, name="seventh")
    invoice, certificate = (corridor.ledger.objects[corridor.id[name]] for name in ("seventh", "certificate"))
    assert isinstance(invoice, Invoice)
    assert isinstance(certificate, Certificate)
    grown = replace(certificate.balances[0], quantity_micro=10**9)
    for lie in (
        replace(invoice, status=InvoiceStatus(state=InvoiceState.ACCEPTED)),
        replace(invoice, amounts=replace(invoice.amounts, payable_minor=1)),
        replace(invoice, seed=bytes(16)),
        replace(certificate, status=replace(certificate.status, valid_until=certificate.status.valid_until + DAY)),
        replace(certificate, balances=(grown, *certificate.balances[1:])),
        replace(certificate, history=replace(certificate.history, count=1)),
    ):
        fresh = story()
        fresh.issue_invoice(7, name="seventh")
        report = check(lying(fresh, lie))
        assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11), report


def test_sums_in_a_mark_are_one_operators_word() -> None:
    """What others' records added up to can be invented by an operator alone: the verdict is never without warnings."""
    corridor = story()
    certificate = corridor.ledger.objects[corridor.id["certificate"]]
    assert isinstance(certificate, Certificate)
    full = replace(certificate.balances[0], written_off_micro=0)
    longer = replace(certificate.history, count=certificate.history.count + 1)
    lie = replace(certificate, balances=(full, *certificate.balances[1:]), history=longer)
    report = check(lying(corridor, lie))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS
    assert "one operator's word" in report.detail
    assert any("the cosigners' word" in sentence for sentence in report.not_established)


def test_a_mark_whose_records_are_all_there_has_their_head() -> None:
    """Where the file holds as many records until the mark as it counts, they lead to its head."""
    corridor = story()
    corridor.issue_invoice(7, name="seventh")
    invoice = corridor.ledger.objects[corridor.id["seventh"]]
    assert isinstance(invoice, Invoice)
    report = check(lying(corridor, replace(invoice, history=replace(invoice.history, head=bytes(32)))))
    assert (report.verdict, report.steps[-1].number) == (Verdict.TAMPERED, 11)
    assert "not what the records before it lead to" in report.detail


def test_every_byte_of_a_proof_from_a_mark_counts() -> None:
    """No byte of a proof from a mark can be changed and leave it sound."""
    data = write_proof(marked(story(), "certificate"))
    assert check(data).verdict in GOOD
    for place in range(0, len(data), 7):
        changed = bytearray(data)
        changed[place] ^= 0x01 << (place % 7)
        assert check(bytes(changed)).verdict not in GOOD, place


def test_every_kind_with_sums_is_known_as_such() -> None:
    """The kinds of objects that have sums are those in whose aspects some stand."""

    def stands_in(kind: type[Object]) -> bool:
        named = (field.type for field in structs.fields(kind))
        return any(part in SUMS for each in named for part in (each, *get_args(each)))

    assert {each.state for each in OBJECTS if stands_in(each.state)} == SUMMED
