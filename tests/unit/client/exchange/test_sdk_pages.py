"""Lists that are longer than a page, and whom a client blames for what is not shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hanse_client import Client, Identity
from hanse_client.base.errors import BadAnswer, NotFound
from hanse_client.exchange import listing
from tests.tables.tampering import Change, Proxy, nothing, proxy
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import TERMS, World
from tests.world.typed.desk import make_node_here, node_here

UCR = "6CN91330106MA2-PAGES"
NUMBER = "QW-2026-0917"
FOUND = "/by/"


@dataclass(frozen=True)
class Stage:
    """A node, a liar before it, and the consignments of four openers under one UCR, the oldest first."""

    world: World
    liar: Proxy
    opened: list[bytes]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Run one node for the tests of this file."""
    folder = tmp_path_factory.mktemp("pages")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url, proxy(url) as liar:
        world = World(url, corridor, folder / "home")
        others = [Identity.generate("third"), Identity.generate("fourth")]
        with world.client("market") as market:
            for other in others:
                market.parties.enrol(other, roles=["seller"], terms=TERMS)
        opened = []
        for who in (world.seller, world.buyer, *others):
            with world.client(who) as client:
                opened.append(bytes(client.consignments.open(UCR).object_id))
        yield Stage(world, liar, opened)


@pytest.fixture
def stage(staged: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Two objects fill a page."""
    monkeypatch.setattr(listing, "SHOWN", 2)
    staged.liar.change = nothing
    return staged


def test_a_list_goes_on_over_its_pages(stage: Stage) -> None:
    """Each comes once, in its order: five by whose they are and by number, four, two whole pages, by a UCR."""
    newest_first = [bytes(stage.world.issue().object_id) for _ in range(5)][::-1]
    with stage.world.client("seller") as seller:
        assert [bytes(view.id) for view in seller.invoices.list()] == newest_first
        assert [bytes(view.id) for view in seller.invoices.of_number(NUMBER.lower())] == newest_first
        assert list(seller.invoices.of_number("QW-2026-0916")) == []
    with stage.world.client("buyer") as buyer:
        assert [bytes(view.id) for view in buyer.parties.addressed(kind="invoice")] == newest_first
    with stage.world.client(None) as anyone:
        assert [bytes(view.id) for view in anyone.consignments.of_ucr(UCR)] == stage.opened
        assert list(anyone.consignments.of_ucr(f"{UCR}2")) == []


def repeated() -> Change:
    """Give the first page again and again."""
    kept: list[bytes] = []

    def of(asked: str, body: bytes) -> bytes:
        if FOUND not in asked:
            return body
        kept.append(body)
        return kept[0]

    return of


def changed(change: Callable[[Any], object]) -> Change:
    """Change each page."""

    def of(asked: str, body: bytes) -> bytes:
        if FOUND not in asked:
            return body
        answer = msgspec.json.decode(body)
        change(answer)
        return msgspec.json.encode(answer)

    return of


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (repeated(), "not in order"),
        (changed(lambda page: page["objects"].reverse()), "not in order"),
        (changed(lambda page: page.update(following=page["following"] + 1)), "go on where it ends"),
        (changed(lambda page: page.update(objects=[])), "go on where it ends"),
        (changed(lambda page: page["objects"][1].update(id=page["objects"][0]["id"])), "in two places"),
    ],
)
def test_pages_out_of_order_are_named(stage: Stage, tmp_path: Path, lie: Change, words: str) -> None:
    """What is found by a key comes the oldest first, also from one page to the next."""
    stage.liar.change = lie
    with stage.world.client("buyer", stage.liar.url, tmp_path) as client, pytest.raises(BadAnswer, match=words):
        list(client.consignments.of_ucr(UCR))


def test_of_several_nodes_none_is_blamed_for_what_another_lacks(stage: Stage, tmp_path: Path) -> None:
    """One lists what the other may not have yet: that is not found. Of a node alone it is its own word."""
    world = stage.world
    stage.liar.change = changed(lambda page: page["objects"][0].update(id="ab" * 32))
    with world.client("buyer", stage.liar.url, tmp_path) as client, pytest.raises(BadAnswer, match="does not prove"):
        list(client.consignments.of_ucr(UCR))
    urls = [stage.liar.url, world.url]
    several = Client(urls, identity=world.buyer, trust=world.corridor.trust, home=tmp_path / "other")
    with several, pytest.raises(NotFound):
        list(several.consignments.of_ucr(UCR))
