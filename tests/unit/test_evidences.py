"""The folder of evidence: each accused has a share of it, so that nobody's misdeeds are hidden by another's."""

from pathlib import Path

import pytest

from hanse_ledger.contradiction import contradict, write_contradiction
from hanse_ledger.errors import Malformed
from hanse_ledger.merkle import root_of
from hanse_node.evidences import MOST_AGAINST, Evidences
from tests.node_ledger import digest
from tests.unit.test_contradiction import LEDGER, TRUST, signed


def against(member: str, number: int) -> bytes:
    """Make evidence against a member, which has signed two heads of one size: whoever has the key makes any number."""
    one, two = ([digest(member, number, side, leaf) for leaf in range(3)] for side in "ab")
    return write_contradiction(
        contradict(LEDGER, signed(member, one, member), signed(member, two, member), root_of(two), ())
    )


def test_a_member_that_accuses_itself_hides_nobody_else(tmp_path: Path) -> None:
    """Two hundred files against one member fill its own share alone; what comes against another is kept, and told."""
    told: list[bytes] = []
    kept = Evidences(tmp_path, lambda: TRUST, told.append)
    for number in range(200):
        kept.keep(against("bank", number))
    assert (kept.count(), len(told)) == (MOST_AGAINST, MOST_AGAINST)
    next_one = against("chamber", 0)
    kept.keep(next_one)
    assert told[-1] == next_one
    # After a restart the shares are what they were.
    again = Evidences(tmp_path, lambda: TRUST, told.append)
    again.keep(against("bank", 1_000))
    again.keep(against("chamber", 1))
    assert again.count() == kept.count() == MOST_AGAINST + 2
    with pytest.raises(Malformed, match="proves nothing"):
        kept.keep(next_one.replace(b"chamber", b"customs"))
