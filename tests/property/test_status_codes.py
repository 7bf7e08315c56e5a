"""Whatever was recorded, every object's status has a code that stands for its proof; and no other code is good."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.statuscode import MARK, check_status, read_status, write_status
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.verdict import Verdict
from tests.property.histories import Player, Turn, turns
from tests.tables.proofs import ProofMaker
from tests.tables.verifying import GOOD, maker, told, trust
from tests.world.corridor_genesis import T0

NOW = T0 + 60_000
CODE = write_status(maker().status(told().id["invoice"]))


@pytest.mark.slow
@given(turns, st.data())
def test_every_status_has_its_code(history: list[Turn], data: st.DataObject) -> None:
    """A code gives back the proof file, and its report is that file's, in whatever state an object is."""
    player = Player()
    for turn in history:
        at = player.corridor.head.time + turn.step_ms
        player.corridor.apply_all([player.sign(move, at) for move in turn.moves], at)
    corridor = player.corridor
    cosigners = [each.id for each in corridor.ledger.membership.cosigners]
    made, known = ProofMaker(corridor, corridor.sign_checkpoint(cosigners=cosigners)), read_trust(corridor.trust)
    name = data.draw(st.sampled_from(sorted(corridor.ledger.objects)))
    proof = made.status(name)
    code = write_status(proof)
    assert write_proof(read_status(code)) == write_proof(replace(proof, changes=()))
    report = check_status(code, known, corridor.head.time)
    assert report == replace(check_proof(write_proof(replace(proof, changes=())), known, corridor.head.time))
    assert report.verdict is not Verdict.VALID


@given(st.binary(max_size=64))
def test_other_digits_are_not_judged_good(data: bytes) -> None:
    """Digits that somebody made up are a verdict, and never a good one."""
    made_up = MARK + "".join(str(byte % 10) for byte in data)
    assert check_status(made_up, trust(), NOW).verdict not in GOOD


@given(
    st.lists(st.tuples(st.integers(0, len(CODE) - 1), st.integers(0, 9)), min_size=1, max_size=4),
    st.integers(0, 40),
)
def test_no_mutant_is_good(changes: list[tuple[int, int]], cut: int) -> None:
    """A code of which a few digits are others, or whose end is missing, is never as good as it was."""
    digits = list(CODE)
    for at, digit in changes:
        digits[at] = str(digit)
    changed = "".join(digits[: len(digits) - cut])
    report = check_status(changed, trust(), NOW)
    assert (report.verdict in GOOD) == (changed == CODE), report.detail


@given(st.text(max_size=80))
def test_any_text_is_a_verdict_or_a_refusal(text: str) -> None:
    """Whatever text is read, nothing but the ledger's own refusals is raised."""
    try:
        read_status(text)
    except LedgerError:
        return
