"""What no part of a state may lead to but what the whole does."""

from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.misbehaviour.misstatement import neighbours
from hanse_ledger.misbehaviour.partial_state import KnownClaim, PartOfClaims
from tests.world.claim_map import ClaimMap

BEFORE, AFTER = b"before", b"after"

turns = st.tuples(st.booleans(), st.sampled_from(["seen", "gone", "set"]))
"""Whether a claim is there, and what becomes of it."""


@given(st.dictionaries(st.integers(0, 255), turns, max_size=24), st.integers(1, 4))
def test_a_part_of_the_claims_leads_as_far_as_the_map(drawn: dict[int, tuple[bool, str]], depth: int) -> None:
    """However many claims go at once, and whatever rises then, what is shown beside them is enough."""
    named = {number.to_bytes(1, "big"): turn for number, turn in drawn.items()}
    whole = ClaimMap({key: BEFORE for key, (there, _) in named.items() if there}, depth)
    changes = {
        key: AFTER if turn == "set" else None
        for key, (there, turn) in named.items()
        if turn == "set" or (turn == "gone" and there)
    }
    root, known = whole.tree.root(), []
    for key in sorted(changes):
        proof = whole.prove(key)
        value = BEFORE if named[key][0] else None
        known.append(KnownClaim(key=key, leaf=proof.leaf, siblings=proof.siblings, value=value))
    part = PartOfClaims(root, known, neighbours(whole.bucket, root, known, changes))
    assert part.stage(whole, changes).root == whole.stage(changes).root
