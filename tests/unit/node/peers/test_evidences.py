"""The folder of evidence: each accused has a share of it, so that nobody's misdeeds are hidden by another's."""

from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from hanse_ledger.misbehaviour.accusing import accusation
from hanse_ledger.misbehaviour.contradiction import contradict, write_contradiction
from hanse_ledger.misbehaviour.misstatement import has_quorum, head_of, write_misstatement
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.tlog.checkpoint import Checkpoint
from hanse_ledger.trees.merkle import root_of
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.wire.membership import Membership
from hanse_node.peers.evidences import MOST_AGAINST, Evidences, own_log
from hanse_node.store.sql import open_store
from tests.unit.ledger.misbehaviour.test_contradiction import LEDGER, TRUST, signed
from tests.unit.ledger.misbehaviour.test_misstatement import EVIDENCE
from tests.unit.ledger.misbehaviour.test_misstatement import TRUST as WITNESSES
from tests.world.node_ledger import GENESIS, commit, digest, enrol


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


def test_a_group_of_ones_own_log_is_not_applied_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this node's own rules have written misstates nothing: its head tells, whatever applying it would cost."""
    data = write_misstatement(EVIDENCE)
    asked = list[Checkpoint]()

    def own(head: Checkpoint) -> bool:
        asked.append(head)
        return head == head_of(EVIDENCE)

    def apply_again(*_: object) -> None:
        raise AssertionError("the group was applied")

    with monkeypatch.context() as watched:
        watched.setattr("hanse_ledger.misbehaviour.misstatement.BlockBuilder.add", apply_again)
        with pytest.raises(Malformed, match="own rules have written it"):
            Evidences(tmp_path, lambda: WITNESSES, own=own).keep(data)
    assert asked == [head_of(EVIDENCE)]
    other = Evidences(tmp_path, lambda: WITNESSES, own=lambda head: head.size > head_of(EVIDENCE).size)
    other.keep(data)
    assert other.count() == 1


def test_much_about_a_head_of_one_member_alone_is_not_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member signs what log it likes: what is large and has no quorum is refused before a record is looked at."""
    data = write_misstatement(EVIDENCE)
    assert accusation(data, WITNESSES, most_alone=1).members == ("operator",), "one is this ledger's quorum"
    monkeypatch.setattr("hanse_ledger.misbehaviour.misstatement.has_quorum", lambda *_: False)
    monkeypatch.setattr(
        "hanse_ledger.misbehaviour.misstatement.difference", lambda *_: pytest.fail("the group was applied")
    )
    with pytest.raises(ProofInvalid, match="without a quorum"):
        accusation(data, WITNESSES, most_alone=len(data) - 1)


def test_a_quorum_is_counted_as_of_the_head() -> None:
    """As many of those who vouch as the members' parameters ask for."""
    assert has_quorum(EVIDENCE, WITNESSES)
    assert not has_quorum(EVIDENCE, cast(TrustFile, Stricter()))


class Stricter:
    """The same members, of whom two must vouch."""

    ledger, genesis = WITNESSES.ledger, WITNESSES.genesis

    def at(self, size: int) -> Membership:
        """Name the members."""
        membership = WITNESSES.at(size)
        return replace(membership, parameters=replace(membership.parameters, quorum=2))

    def __getattr__(self, name: str) -> object:
        return getattr(WITNESSES, name)


def test_whose_log_it_is_is_known_by_its_root(tmp_path: Path) -> None:
    """The same size with another root is another log, and so is a longer one than stands here."""
    with closing(open_store(URL.create("sqlite", database=str(tmp_path / "ledger.db")), GENESIS)) as store:
        first = Checkpoint("any/log", store.head.size, store.head.root)
        commit(store, enrol("seller"), enrol("buyer"))
        own, here = own_log(store), Checkpoint("any/log", store.head.size, store.head.root)
        assert own(first)
        assert own(here)
        assert not own(replace(first, root=here.root))
        assert not own(replace(here, root=digest("another")))
        assert not own(replace(here, size=here.size + 1))
        assert not own(replace(here, size=0))
