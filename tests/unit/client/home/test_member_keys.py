"""Every member has two keys, and whoever is about to have none hears of it in time."""

import io
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from hanse_cli.folders import memberkeys
from hanse_cli.folders.memberkeys import MEMBER_KEYS, SPARE_KEYS, save_keys, settle_few
from hanse_client.base.errors import InvalidInput
from hanse_client.home.identity import Identity
from hanse_client.resources.members import admit, no_change, remove, set_keys
from hanse_ledger.kinds.member.bodies import ProposeChange
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.proofs.voting import read_proposals, verify_proposals
from hanse_ledger.values.limits import KEY_WARNING_MS
from hanse_ledger.wire.membership import ending_keys
from hanse_node.operate.diagnosis import Level
from hanse_node.operate.doctor import examine
from tests.world.corridor_bodies import a_cosigner, a_member, change
from tests.world.corridor_genesis import GENESIS, T0, YEAR, public
from tests.world.front import front
from tests.world.node_ledger import HOUR, MARKET, START, fixed_clock, make_folder, sign

LAST = T0 + 3 * YEAR
"""When all keys of the test corridor end."""


def test_the_last_key_is_announced(tmp_path: Path) -> None:
    """Ninety days before a member's last key ends, by the doctor and by the probe; one that lasts is enough."""
    membership = GENESIS.membership
    first, *others = membership.members
    renewed = replace(first, keys=(first.keys[0], replace(first.keys[1], valid_until=LAST + 1)))
    assert ending_keys(membership, LAST - KEY_WARNING_MS - 1) == ()
    assert len(ending_keys(membership, LAST - KEY_WARNING_MS)) == 6
    found = ending_keys(replace(membership, members=(renewed, *others)), LAST - KEY_WARNING_MS)
    assert [name for name, _ in found] == [each.id for each in others]
    # The market's keys in the node's ledger end at twice its beginning.
    folder = make_folder(tmp_path / "node")
    for now, level, words in (
        (START * 2 - KEY_WARNING_MS - 1, Level.OK, "90 days and more"),
        (START * 2 - KEY_WARNING_MS, Level.WARNING, "the last key of market ends in 90 days"),
        (START * 2, Level.WARNING, "the last key of market has ended"),
    ):
        (finding,) = (each for each in examine(folder, {}, now) if each.name == "members' keys")
        assert (finding.level, words in finding.seen) == (level, True)
    for late, warned in ((START * 2 - KEY_WARNING_MS - HOUR, False), (START * 2 - KEY_WARNING_MS, True)):
        with front(tmp_path / str(warned), clock=fixed_clock(late)) as node:
            ready = node.get("/readyz")
            assert (ready.status_code, ready.json()["status"], "warnings" in ready.json()) == (200, "ready", warned)


def test_open_proposals_are_shown_by_a_node(tmp_path: Path) -> None:
    """The file says what is open, and holds under the trust file; without any it is empty."""
    with front(tmp_path / "node") as node:
        trust = read_trust(node.get("/v1/trust").content)
        assert verify_proposals(read_proposals(node.get("/v1/proposals").content), trust).proposals == ()
        brings = change(cosigners=[a_cosigner("market")], members=[a_member("new")])
        body = ProposeChange(change=brings, closes=START + 2 * HOUR, epoch=0, member="market")
        proposed = sign(body, MARKET)
        assert node.batch(proposed).status_code == 200
        (proposal,) = verify_proposals(read_proposals(node.get("/v1/proposals").content), trust).proposals
        assert (proposal.id, proposal.change, proposal.accepted) == (proposed.id, brings, True)
        assert read_trust(node.get("/v1/trust").content).changes == ()


def test_keys_are_put_where_they_can_be_taken_away(tmp_path: Path) -> None:
    """The second ones lie in a folder of their own, and what is saved is what was made."""
    first, second = Identity.generate("market"), Identity.generate("market")
    made = save_keys(tmp_path, {"market": first}, {"market": second}, b"secret")
    assert made == {
        "market": (str(tmp_path / MEMBER_KEYS / "market.pem"), str(tmp_path / SPARE_KEYS / "market.pem")),
    }
    for identity, path in zip((first, second), made["market"], strict=True):
        assert Identity.load(path, b"secret").public_key == identity.public_key


def test_two_or_three_members_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts say --yes, people are asked; one member, or four, is nothing to ask about."""
    for count in (1, 4, 7):
        settle_few(count, yes=False)
    for count in (2, 3):
        settle_few(count, yes=True)
        with pytest.raises(InvalidInput, match="every change of the members needs all of them"):
            settle_few(count, yes=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    settle_few(2, yes=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    with pytest.raises(InvalidInput, match="Nothing was made"):
        settle_few(2, yes=False)
    assert memberkeys.FEW == 4


def test_changes_are_put_together_in_order() -> None:
    """Each is named once, by its id, whatever the order in which it was asked for; keys are two at least."""
    some = no_change()
    for name in ("c", "a", "b", "a"):
        some = admit(some, a_member(name), a_cosigner(name))
        some = remove(some, f"old {name}")
    assert [each.id for each in some.members] == [each.id for each in some.cosigners] == ["a", "b", "c"]
    assert some.removed == ("old a", "old b", "old c")
    market = GENESIS.membership.member("market")
    assert market is not None
    keys = [market.keys[1].key, public("market new")]
    given = set_keys(no_change(), GENESIS.membership, "market", keys, T0 + YEAR)
    assert [held.key for held in given.members[0].keys] == keys
    assert given.members[0].keys[0] == market.keys[1]
    for few in ([], keys[:1], keys[:1] * 2):
        with pytest.raises(InvalidInput, match="every member has two"):
            set_keys(no_change(), GENESIS.membership, "market", few, T0 + YEAR)
    with pytest.raises(InvalidInput, match="no member nobody"):
        set_keys(no_change(), GENESIS.membership, "nobody", keys, T0 + YEAR)
