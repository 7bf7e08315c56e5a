"""Whose engines may connect, and that a connection which may stand no longer is ended once."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.membership import Cosigner, Membership
from hanse_node.base.config import Config, KnownEngine, write_config
from hanse_node.comet import severing
from hanse_node.comet.abci.admission import Admission, EngineBook, MembersSoFar
from hanse_node.comet.abci.hanse_abci_pb2 import Request
from hanse_node.comet.rpc import EngineRpc, EngineSilent
from hanse_node.comet.severing import Severing, turn_of
from tests.world.node_ledger import GENESIS, digest

BANK, CHAMBER, NEW, OLD, SPY = (digest("node", name).hex()[:40] for name in ("bank", "chamber", "new", "old", "spy"))


def cosigner(name: str, key: str | None = None) -> Cosigner:
    """Make a cosigner whose engine has a validator key."""
    return Cosigner(
        cosigning_key=digest("cosign", name),
        id=name,
        log_key=digest("log", name),
        ml_dsa_key=None,
        validator_key=digest("validator", key or name),
    )


def membership(*cosigners: Cosigner) -> Membership:
    """Make members in force."""
    return replace(GENESIS.membership, cosigners=cosigners)


def engine(member: str, key: str | None = None, *, observer: bool = False) -> KnownEngine:
    """Make an engine as settings name it."""
    validator = digest("validator", key or member).hex()
    return KnownEngine(address="127.0.0.1:1", member=member, observer=observer, validator_key=validator)


class World:
    """What an admission is asked of: settings and members that may change."""

    def __init__(self, founders: Membership, known: Mapping[str, KnownEngine]) -> None:
        self.trust = TrustFile(replace(GENESIS, membership=founders))
        self.present, self.known = founders, dict(known)
        self.admission = Admission(lambda: self.known, lambda: MembersSoFar(self.present, self.trust))

    def may(self, node: str) -> bool:
        """Ask as CometBFT does."""
        return self.admission.query(Request(query={"path": f"/p2p/filter/id/{node}"})).query.code == 0


def world() -> World:
    """Two founders, one of them known by two engines, and an observer whose key never counted."""
    known = {BANK: engine("bank"), CHAMBER: engine("chamber"), NEW: engine("bank", "bank's new")}
    return World(membership(cosigner("bank"), cosigner("chamber")), known)


def test_members_and_who_was_named_may_connect() -> None:
    """A founder's engine, one with a new key of its, and a newcomer that was named; nobody else."""
    found = world()
    assert found.may(BANK)
    assert found.may(NEW)
    assert not found.may(SPY)
    found.known[SPY] = engine("spy")
    assert found.may(SPY), "taken up at once"
    del found.known[SPY]
    assert not found.may(SPY)


def test_who_was_removed_may_not() -> None:
    """Its key counted, and does not any more: only named anew, as an observer."""
    found = world()
    found.present = membership(cosigner("bank"))
    assert not found.may(CHAMBER)
    found.known[CHAMBER] = engine("chamber", observer=True)
    assert found.may(CHAMBER)


def test_who_has_another_node_may_not_with_the_old_one() -> None:
    """A member's new engine follows before the vote, and its old one may not after it."""
    found = world()
    assert found.may(BANK)
    assert found.may(NEW)
    found.present = membership(cosigner("bank", "bank's new"), cosigner("chamber"))
    assert not found.may(BANK)
    assert found.may(NEW)


def test_another_member_s_key_admits_nobody() -> None:
    """A part that claims another member's validator key, under an id of its own, is that of nobody in force."""
    found = world()
    found.known[SPY] = engine("spy", "bank")
    assert not found.may(SPY)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/store",
        f"/p2p/filter/id/{BANK} ",
        f"/p2p/filter/id/{BANK}\n",
        f"/p2p/filter/id/{BANK.upper()}",
        f"/p2p/filter/id/{BANK}/x",
        f"/p2p/filter/id/{BANK[:39]}",
        "/p2p/filter/id/",
        "/p2p/filter/addr/",
        f"x/p2p/filter/id/{BANK}",
    ],
)
def test_what_is_no_such_question_is_refused(path: str) -> None:
    """The paths are closed forms; everything else is answered no."""
    assert world().admission.query(Request(query={"path": path})).query.code != 0


def test_an_address_alone_decides_nothing() -> None:
    """The id does, which comes after it on the same connection."""
    assert world().admission.query(Request(query={"path": "/p2p/filter/addr/[::1]:40000"})).query.code == 0


@given(st.text())
def test_no_text_admits_anybody(node: str) -> None:
    """Whatever an engine calls itself, it must be one that is known."""
    assert world().admission.admits(node) == (node in (BANK, CHAMBER, NEW))


def test_settings_are_taken_up_without_a_restart(tmp_path: Path) -> None:
    """The file is read again when it has changed; one that is damaged changes nothing."""
    (tmp_path / "genesis.msgpack").write_bytes(encode(GENESIS))
    settings = tmp_path / "node.toml"
    settings.write_bytes(write_config(Config(cosigner="market", engines={BANK: engine("bank")})))
    book = EngineBook(tmp_path)
    assert set(book()) == {BANK}
    settings.write_bytes(write_config(Config(cosigner="market", engines={SPY: engine("spy"), BANK: engine("bank")})))
    assert set(book()) == {BANK, SPY}
    settings.write_text("cosigner = [")
    assert set(book()) == {BANK, SPY}
    settings.unlink()
    assert set(book()) == {BANK, SPY}


class Rpc:
    """An engine that tells who is connected."""

    def __init__(self, *peers: str) -> None:
        self.peers: list[str] | None = list(peers)

    async def ask(self, method: str, _parameters: object, _most: int) -> object:
        """Answer `net_info`."""
        assert method == "net_info"
        if self.peers is None:
            raise EngineSilent("it is being started")
        return {"n_peers": str(len(self.peers)), "peers": [{"node_info": {"id": name}} for name in self.peers]}


def severed(found: World, rpc: Rpc, restarts: list[str], *, turns_away: bool = True) -> Severing:
    """Make a severing whose restart ends the connections of who may not be connected."""

    async def restart(reason: str) -> None:
        restarts.append(reason)
        if turns_away and rpc.peers is not None:
            rpc.peers = [each for each in rpc.peers if found.admission.admits(each)]

    return Severing(cast(EngineRpc, rpc), found.admission, lambda: found.present, "bank", restart)


def test_an_engine_is_started_again_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a removed member's engine is connected: once, and not where everybody may be."""
    monkeypatch.setattr(severing, "TURN_SECONDS", 0.0)
    found, rpc, restarts = world(), Rpc(BANK, CHAMBER), list[str]()
    looking = severed(found, rpc, restarts)
    assert not asyncio.run(looking.look())
    found.present = membership(cosigner("bank"))
    assert asyncio.run(looking.look())
    assert not asyncio.run(looking.look())
    assert restarts == ["the engine is started again, to end connections of who may not be connected any more"]
    assert rpc.peers == [BANK]
    # Named as an observer, back, and forgotten: that is another time.
    found.known[CHAMBER] = engine("chamber", observer=True)
    rpc.peers = [BANK, CHAMBER]
    assert not asyncio.run(looking.look())
    del found.known[CHAMBER]
    assert asyncio.run(looking.look())
    assert len(restarts) == 2


def test_a_restart_that_does_not_help_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever keeps a stranger connected, this node does not start its engine again and again."""
    monkeypatch.setattr(severing, "TURN_SECONDS", 0.0)
    found, rpc, restarts = world(), Rpc(SPY), list[str]()
    looking = severed(found, rpc, restarts, turns_away=False)
    assert asyncio.run(looking.look())
    for _ in range(5):
        assert not asyncio.run(looking.look())
    assert len(restarts) == 1


def test_an_engine_that_says_nothing_is_asked_again() -> None:
    """While it is being started, nothing is judged."""
    found, rpc, restarts = world(), Rpc(), list[str]()
    rpc.peers = None
    with pytest.raises(EngineSilent):
        asyncio.run(severed(found, rpc, restarts).look())
    assert restarts == []


def test_members_wait_for_their_turns() -> None:
    """Their engines are started one after the other, all of them within three quarters of a minute."""
    for count in (1, 4, 7, 40, 128):
        names = [f"m{number:03}" for number in range(count)]
        turns = [turn_of(names, name) for name in (*names, "watcher")]
        assert turns == sorted(turns)
        assert turns[0] == 0
        assert turns[-1] <= 45
