"""Whatever was recorded, every object is proven: whole, and from any block's end on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.verdict import Verdict
from tests.property.histories import Player, Turn, turns
from tests.tables.proofs import ProofMaker
from tests.world.corridor_genesis import GENESIS

pytestmark = pytest.mark.slow

JUDGED = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS, Verdict.REVOKED, Verdict.EXPIRED_OR_SUPERSEDED)


@given(turns, st.data())
def test_every_object_is_proven_from_every_mark(history: list[Turn], data: st.DataObject) -> None:
    """An honest proof is never refused: the rules are no stricter over a part of the records than over all of them."""
    player = Player()
    for turn in history:
        at = player.corridor.head.time + turn.step_ms
        player.corridor.apply_all([player.sign(move, at) for move in turn.moves], at)
    corridor = player.corridor
    cosigners = [each.id for each in corridor.ledger.membership.cosigners]
    maker, trust = ProofMaker(corridor, corridor.sign_checkpoint(cosigners=cosigners)), read_trust(corridor.trust)
    assert trust.genesis == GENESIS
    names = sorted(corridor.ledger.objects)
    began = {
        row.value.id: block
        for block, each in reversed(list(enumerate(corridor.blocks)))
        for row in each.objects
        if row.value.history.count >= 1
    }
    for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True)):
        block = data.draw(st.integers(began[name], len(corridor.blocks) - 1))
        whole = check_proof(write_proof(maker.proof(name)), trust, corridor.head.time)
        marked = check_proof(write_proof(maker.proof(name, marks={name: block})), trust, corridor.head.time)
        assert whole.verdict in JUDGED, whole.detail
        assert marked.verdict in JUDGED, marked.detail
        assert marked.subjects == whole.subjects
