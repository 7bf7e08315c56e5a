"""A node that lost sealed documents, or never heard of them, gets them: it asks the others, who believe it has them."""

from pathlib import Path

import pytest

from hanse_node.base.bounds import PAYLOAD_GIVEN_UP_MS
from hanse_node.payloads import deliveries
from hanse_node.payloads.anew import NAME, AskingAnew, ask_anew, ask_where_new
from hanse_node.payloads.names import kept_path
from hanse_node.payloads.offering import PAGE_BYTES, OffersGiven, PayloadOffer, read_given, write_given
from hanse_node.peers.collecting import OFFER
from hanse_node.peers.delivering import OffersAsked
from tests.world.node_ledger import START
from tests.world.sealed.nodes import MemberNode, MemberNodesHere, Shared, member_nodes, office, party, soon


def forgetful(node: MemberNode, *shared: Shared) -> None:
    """Take from a node what came to it, as an older backup of its folder does, and have it start anew from there."""
    node.delivering.stop()
    for each in shared:
        assert node.holdings.erase(each.digest)
        assert node.holdings.openings.of(each.digest) == ()
    ask_anew(node.holdings.store.folder.parent, START)
    node.holdings.anew = AskingAnew(node.holdings.store.folder)


def delivered(nodes: MemberNodesHere, *shared: Shared) -> None:
    """Have documents come to their readers' nodes, so that nobody offers them any more."""
    for each in shared:
        nodes["market"].send(each)
    nodes.record(*(each.record for each in shared))
    soon(lambda: all(nodes.holding(each) == {"customs", "market"} for each in shared))
    soon(lambda: len(nodes["market"].holdings.offered) == 0)


def test_who_was_brought_back_asks_for_what_is_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page; what is another's it does not hear of, what was erased does not come, and asked is once."""
    monkeypatch.setattr(deliveries, "PAYLOAD_OFFERS_LOOKED_AT", 2)
    mine = [Shared(number, office("customs")) for number in range(1, 5)]
    gone, bank = Shared(5, office("customs")), Shared(6, office("bank"), party("importer", "bank"))
    with member_nodes(tmp_path, ("customs", "market")) as nodes:
        delivered(nodes, *mine, gone)
        nodes["market"].send(bank)
        nodes.record(bank.record, gone.erased)
        soon(lambda: not nodes.holding(gone))
        customs = nodes["customs"]
        forgetful(customs, *mine)
        # All others are asked: the nodes of bank and chamber do not run, and hinder nothing but the end of it.
        again = customs.again()
        try:
            soon(lambda: all(customs.has(each) for each in mine))
            assert again._asked == {"market"}
            assert customs.holdings.anew.due(START)
        finally:
            again.stop()
        assert not customs.has(gone)
        assert bank.digest not in {*customs.holdings.openings.held_of(), *customs.holdings.store.kept()}
        assert nodes["market"].holdings.offered.open()[0].member == "bank"


def test_asked_is_until_all_have_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question ends with the last answer, on disk too; after 30 days nobody is asked."""
    with member_nodes(tmp_path, ("customs", "market"), delivering=False) as nodes:
        customs = nodes["customs"]
        monkeypatch.setattr(customs.holdings.naming, "others", lambda _own: ("market",))
        ask_anew(customs.holdings.store.folder.parent, START)
        customs.holdings.anew = AskingAnew(customs.holdings.store.folder)
        assert customs.holdings.anew.due(START + PAYLOAD_GIVEN_UP_MS)
        assert not customs.holdings.anew.due(START + PAYLOAD_GIVEN_UP_MS + 1)
        customs.delivering.start()
        try:
            soon(lambda: not (customs.holdings.store.folder / NAME).exists())
        finally:
            customs.delivering.stop()
        assert not customs.holdings.anew.due(START)


def test_what_no_record_here_names_yet_is_asked_for_again(tmp_path: Path) -> None:
    """A node that is behind the others asks again, until it knows the record."""
    shared = Shared(1, office("customs"))
    with member_nodes(tmp_path, ("customs", "market")) as nodes:
        customs, market = nodes["customs"], nodes["market"]
        market.send(shared)
        nodes.record(shared.record, at=["market"])
        soon(lambda: market.has(shared))
        market.holdings.offered.end_all(shared.digest)
        forgetful(customs)
        again = customs.again()
        try:
            soon(lambda: OffersAsked("market") in again._again)
            assert "market" not in again._asked
            nodes.record(shared.record, at=["customs"])
            soon(lambda: customs.has(shared))
            soon(lambda: "market" in again._asked)
        finally:
            again.stop()


def test_a_file_that_is_lost_is_fetched_again(tmp_path: Path) -> None:
    """Who reads it is known, so that it is asked for by that: of whoever has it, at the next sweep after a start."""
    shared, others = Shared(1, office("customs")), Shared(2, office("customs"))
    with member_nodes(tmp_path, ("customs", "market")) as nodes:
        delivered(nodes, shared, others)
        customs = nodes["customs"]
        kept_path(customs.holdings.store.folder, shared.digest).unlink()
        customs.holdings.store._kept._sizes.pop(shared.digest)  # as a start finds it
        assert customs.holdings.look() == 0
        soon(lambda: customs.has(shared))
        soon(lambda: len(customs.holdings.wanted) == 0)
        # The sender's node is no reader's: what it loses it does not want.
        market = nodes["market"]
        market.holdings.store.erase(others.digest)
        market.holdings.look()
        assert len(market.holdings.wanted) == 0


def test_only_members_nodes_are_told_and_within_bounds(tmp_path: Path) -> None:
    """A page has its bound, whatever lies there; a hash that is none is refused."""
    with member_nodes(tmp_path, ("customs", "market"), delivering=False) as nodes:
        assert nodes.ask("bank", "market", "GET", OFFER).status == 200
        assert nodes.ask("bank", "market", "GET", f"{OFFER}?after=zz").status == 400
    full = PayloadOffer(digest=bytes(32), holders=("m" * 32,) * 16, readers=bytes(48 * 32))
    page = write_given(OffersGiven(following=bytes(32), offers=(full,) * 64))
    assert len(page) < PAGE_BYTES
    assert len(read_given(page).offers) == 64


def test_a_folder_that_is_new_asks(tmp_path: Path) -> None:
    """A node of a consortium that has no folder of documents asks as it starts; what cannot be read is no question."""
    ask_where_new(tmp_path, START)
    assert AskingAnew(tmp_path / "payloads").since == START
    (tmp_path / "payloads" / NAME).unlink()
    ask_where_new(tmp_path, START)
    assert AskingAnew(tmp_path / "payloads").since is None
    for data in (b"", b"soon", b"\xff"):
        (tmp_path / "payloads" / NAME).write_bytes(data)
        assert AskingAnew(tmp_path / "payloads").since is None
