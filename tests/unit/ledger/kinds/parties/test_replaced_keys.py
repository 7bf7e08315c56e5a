"""What a proof says of keys that were replaced without the old one: the repair stands in it, and verdicts say so."""

import pytest
from msgspec.structs import replace

from hanse_ledger.proofs.prooffile import ProofFile
from hanse_ledger.values.types import ObjectId
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import check
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY, public

WEEK = 7 * DAY
WORDS = "key replaced by market and chamber on "


def replaced() -> Corridor:
    """The seller has issued an invoice, has lost its key, and has issued another one with the new key."""
    corridor = traders()
    corridor.issue_invoice()
    corridor.submit(corridor.make.repair("seller", "wrong"), "market", "chamber")
    corridor.submit(corridor.make.repair("seller", "new"), "market", "chamber")
    corridor.submit(corridor.make.taking("seller", "new"), "new", at=corridor.head.time + WEEK)
    corridor.submit(corridor.make.invoice(2), "new", name="later")
    return corridor


CORRIDOR = replaced()


def test_a_verdict_over_later_records_says_who_had_the_key_replaced() -> None:
    """The repair and the taking are in the file, and nothing else of the party; the warning names both members."""
    proof = ProofMaker(CORRIDOR).proof(CORRIDOR.id["later"])
    report = check(proof)
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
    (warning,) = [each for each in report.warnings if WORDS in each]
    assert warning.endswith(", without the old key")
    assert CORRIDOR.id["seller"].hex() in warning
    kinds = [act.kind for act in report.acts]
    assert kinds == ["party.enrol", "party.enrol", "key.repair", "key.take", "invoice.issue"]


def test_a_verdict_over_earlier_records_does_not() -> None:
    """What the old key signed is as it was: that the key has ended since stands in the file all the same."""
    report = check(ProofMaker(CORRIDOR).proof(CORRIDOR.id["invoice"]), at=CORRIDOR.head.time)
    assert len(report.warnings) == 1, report.warnings  # its buyer has not accepted it
    assert not any(WORDS in each for each in report.warnings)
    assert any("1 had ended" in sentence for sentence in report.established)


@pytest.mark.parametrize("whole", [True, False])
def test_the_party_itself_says_so_for_ever(*, whole: bool) -> None:
    """With its records and without them, whatever key it has had since."""
    corridor = replaced()
    corridor.submit(corridor.make.rotation("seller", "newest"), "new", "newest")
    maker, name = ProofMaker(corridor), corridor.id["seller"]
    report = check(maker.proof(name) if whole else maker.status(name))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
    assert sum(WORDS in each for each in report.warnings) == 1
    assert report.subjects[0].state == "key replaced"


def test_each_of_several_lost_keys_is_told() -> None:
    """A party that has lost two keys has two warnings; a rotation between them has none."""
    corridor = replaced()
    corridor.submit(corridor.make.rotation("seller", "newest"), "new", "newest")
    corridor.submit(corridor.make.move("seller", "bank-be", "bank-cn"), "bank-be", "market", "newest")
    corridor.submit(corridor.make.repair("seller", "last"), "bank-be", "bank-cn")
    corridor.submit(corridor.make.taking("seller", "last"), "last", at=corridor.head.time + WEEK)
    corridor.submit(corridor.make.invoice(3), "last", name="last")
    report = check(ProofMaker(corridor).proof(corridor.id["last"]))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
    told = [each for each in report.warnings if "key replaced by" in each]
    assert ["market and chamber" in each for each in told] == [True, False]
    assert ["bank-be and bank-cn" in each for each in told] == [False, True]


def test_a_party_whose_repair_is_open_has_a_warning() -> None:
    """Whoever relies on it may ask it by another way whether it has lost its key."""
    corridor = traders()
    corridor.submit(corridor.make.repair("seller", "new"), "market", "chamber")
    report = check(ProofMaker(corridor).proof(corridor.id["seller"]))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
    assert report.subjects[0].state == "key said to be lost"


def without(proof: ProofFile, corridor: Corridor, kind: str) -> ProofFile:
    """Leave the records of a kind out of a file."""
    maker = ProofMaker(corridor)
    left = tuple(part for part in proof.records if maker._signed(_position(maker, part.entry)).record.kind != kind)
    return replace(proof, records=left)


def _position(maker: ProofMaker, entry: bytes) -> int:
    return maker.entries.index(entry)


@pytest.mark.parametrize("kind", ["key.repair", "key.take"])
@pytest.mark.parametrize("name", ["later", "invoice"])
def test_neither_repair_nor_taking_can_be_left_out(kind: str, name: str) -> None:
    """The new key is nobody's without them, and the old one has not ended without the taking."""
    proof = ProofMaker(CORRIDOR).proof(CORRIDOR.id[name])
    report = check(without(proof, CORRIDOR, kind))
    assert report.verdict in (Verdict.TAMPERED, Verdict.UNKNOWN_ISSUER), report


def test_a_later_record_of_the_old_key_is_tampered() -> None:
    """The claim of the old key names the taking, and whatever it signs after that is refused by position."""
    proof = ProofMaker(CORRIDOR).proof(CORRIDOR.id["invoice"])
    (settled,) = [each for each in proof.revocations if each.key == public("seller")]
    assert settled.value is not None
    hidden = tuple(replace(each, value=None) if each is settled else each for each in proof.revocations)
    assert check(replace(proof, revocations=hidden)).verdict is Verdict.TAMPERED


def test_a_taking_that_ended_another_partys_key_is_no_ending() -> None:
    """A state whose claims are swapped is refused: a taking ends a key of its own party alone."""
    corridor = replaced()
    corridor.submit(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    proof = ProofMaker(corridor).proof(corridor.id["invoice"])
    values: dict[bytes, bytes | None] = {each.key: each.value for each in proof.revocations}
    swapped = tuple(
        replace(each, value=values[public("seller" if each.key == public("buyer") else "buyer")])
        for each in proof.revocations
    )
    assert check(replace(proof, revocations=swapped)).verdict is Verdict.TAMPERED


def marked_invoice(corridor: Corridor) -> ObjectId:
    """Give the later invoice of a corridor in which its buyer has accepted it after a way mark."""
    corridor.submit(corridor.make.acceptance("later"), "buyer")
    return corridor.id["later"]


def test_the_warning_stands_beside_a_way_mark() -> None:
    """Where an invoice's history begins at a mark, its own records are carried, and so is what brought their key."""
    corridor = replaced()
    block = len(corridor.blocks) - 1
    name = marked_invoice(corridor)
    report = check(ProofMaker(corridor).proof(name, marks={name: block}))
    assert report.verdict is Verdict.VALID_WITH_WARNINGS, report
    assert any(WORDS in each for each in report.warnings)
