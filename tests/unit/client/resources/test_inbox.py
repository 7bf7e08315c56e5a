"""Inboxes against a real node: who sees what, names, what comes and goes, and a node that lists what is not so."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from msgspec.structs import replace

from hanse_client import Client, Identity, InboxWorth
from hanse_client.base.errors import BadAnswer, InvalidInput
from hanse_client.resources.inbox import cases
from hanse_ledger.kinds.amount import Amount
from hanse_ledger.kinds.declaration.bodies import DeclarationLine
from tests.tables.tampering import Proxy, proxy
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import INVOICE, World
from tests.world.typed.desk import make_node_here, node_here

LINE = DeclarationLine(
    certificate=None, hs_code="691110", origin="CN", quantity_micro=1_000_000, source=None, unit="C62"
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file, where customs has opened its office."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        world = World(url, corridor, folder / "home")
        with world.client("customs") as client:
            client.offices.open()
        yield world


@pytest.fixture
def liar(world: World) -> Iterator[Proxy]:
    """Put somebody before the node who changes what it says."""
    with proxy(world.url) as server:
        yield server


def waiting(client: Client, **asked: Any) -> list[bytes]:
    """Give the ids of what waits."""
    return [bytes(case.view.id) for case in client.inbox(**asked)]


def test_an_inbox_comes_in_another_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By how long it waits, or how much it is about; all of it, or it is refused; a cursor leads through neither."""
    names = [issue(world) for _ in range(3)]
    with world.client("buyer") as buyer:
        everything = waiting(buyer)
        aged, valued = list(buyer.inbox(order="age")), list(buyer.inbox(order="value"))
        for found in (aged, valued):
            assert sorted(bytes(case.view.id) for case in found) == sorted(everything)
            assert {case.cursor for case in found} == {None}
        since = [wait.since_ms or case.created_ms or 0 for case in aged for wait in case.waits[:1]]
        assert since == sorted(since)
        assert set(names) <= set(everything)
        # The largest first, one currency after the other; what says nothing of its worth comes last.
        worths = [Amount(5, "USD", 2), None, Amount(7, "EUR", 2), Amount(9, "USD", 2), Amount(70, "EUR", 2)]
        mixed = sorted((replace(valued[0], worth=worth) for worth in worths), key=cases._by_value)
        assert [case.worth for case in mixed] == [worths[place] for place in (4, 2, 3, 0, 1)]
        with pytest.raises(InvalidInput, match="no order 'newest'"):
            list(buyer.inbox(order="newest"))
        with pytest.raises(InvalidInput, match="A cursor leads"):
            list(buyer.inbox(order="age", after=1))
        monkeypatch.setattr(cases, "ORDERED", 2)
        with pytest.raises(InvalidInput, match="More than 2 cases wait"):
            list(buyer.inbox(order="value"))


def issue(world: World, *, share: bool = False) -> bytes:
    """Have the seller issue an invoice, and share it with the buyer."""
    with world.client("seller") as seller:
        readers = [world.buyer_id.hex()] if share else []
        name = seller.invoices.issue(
            INVOICE, buyer=world.buyer_id, seller=world.seller_id, share=readers, again=True
        ).object_id
    assert name is not None
    return bytes(name)


def test_pages_and_cursors_lead_through_an_inbox(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest first, each once, over several pages; behind a cursor another client goes on."""
    monkeypatch.setattr(cases, "SHOWN", 2)
    new = [issue(world) for _ in range(5)]
    with world.client("buyer") as buyer:
        found = list(buyer.inbox())
        assert [bytes(case.view.id) for case in found][-5:] == new
        assert {wait.record for case in found for wait in case.waits} == {"invoice.accept"}
        assert {case.worth.minor for case in found if case.worth} == {515_000}
        assert waiting(buyer, after=found[-3].cursor) == new[-2:]
        assert waiting(buyer, worth=InboxWorth(currency="EUR", least_minor=515_000, most_minor=515_000))[-5:] == new
        assert waiting(buyer, worth=InboxWorth(currency="EUR", least_minor=515_001)) == []
        assert waiting(buyer, worth=InboxWorth(currency="USD")) == []
        assert waiting(buyer, until_ms=1) == waiting(buyer, kind="payment") == []
    with world.client("seller") as seller:
        assert new[0] in waiting(seller, own=world.buyer_id), "another's, as far as the node tells it"


def test_an_officer_sees_what_its_powers_are_for(world: World, tmp_path: Path) -> None:
    """What customs decides waits for who may decide, and not for who may only read; a question waits for its answer."""
    invoice = issue(world)
    deciding, reading = Identity.generate("deciding"), Identity.generate("reading")
    with world.client("customs") as customs:
        office = customs.offices.of("customs").id
        customs.offices.appoint(office, deciding, powers=["decide"])
        customs.offices.appoint(office, reading, powers=["read"])
    with world.client("seller") as seller:
        lodged = seller.declarations.lodge(customs="customs", regime="export", invoices=[invoice], lines=[LINE])
        case = bytes(lodged.object_id)
    for officer, found in ((deciding, [case]), (reading, [])):
        with world.client(officer, home=tmp_path / officer.name) as client:
            client.offices.adopt(office)
            assert waiting(client) == found
    with world.client("customs") as customs:
        assert waiting(customs) == [case]
        customs.declarations.query(case, ["ORIGIN"])
        assert waiting(customs) == []
    with world.client("seller") as seller:
        (asked,) = seller.inbox(kind="declaration")
        assert [each.record for each in asked.waits] == ["declaration.answer"]
        assert asked.worth is not None
        assert asked.worth.minor == 515_000, "as its invoice says"
        seller.declarations.answer(case)
        assert waiting(seller, kind="declaration") == []


def test_names_are_those_that_this_home_folder_may_know(world: World, tmp_path: Path) -> None:
    """Whoever has opened the sealed invoice knows what its seller is called, and who has not sees ids alone."""
    invoice = issue(world, share=True)
    with world.client("buyer", home=tmp_path / "buyer") as buyer:
        (case,) = [each for each in buyer.inbox(own=world.buyer_id) if each.view.id == invoice]
        assert case.names == ()
        buyer.documents.get(invoice)
        (case,) = [each for each in buyer.inbox(own=world.buyer_id) if each.view.id == invoice]
        named = {bytes(each.party): each for each in case.names}
        assert named[bytes(world.seller_id)].name == "Qingwan Kiln Studio Co., Ltd."
        assert named[bytes(world.seller_id)].source.value == "document"
        assert named[bytes(world.seller_id)].stated_in == invoice
    kept = list((tmp_path / "buyer" / "names").iterdir())
    assert kept
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept)


def test_what_comes_and_goes_is_told(world: World) -> None:
    """First what waits; then each that came, and each that has gone, with the record that did it."""
    first = issue(world)
    with world.client("buyer") as buyer, world.client("buyer") as other:
        before = len(waiting(buyer))
        changes = buyer.follow_inbox(kind="invoice")
        told = [next(changes) for _ in range(before)]
        assert bytes(told[-1].case.view.id) == first if told[-1].case else False
        assert {change.record for change in told} == {None}
        second = issue(world)
        came = next(changes)
        assert came.case is not None
        assert (bytes(came.case.view.id), came.case.cursor) == (second, None)
        assert came.record is not None
        assert came.case.created_ms == came.record.time_ms
        other.submit(world.acceptance(first))
        gone = next(changes)
        assert (gone.gone, gone.case) == (first, None)
        assert gone.record is not None
        assert gone.record.kind == "invoice.accept"


def changed(change: Callable[[Any], object]) -> Callable[[str, bytes], bytes]:
    """Change each page of what waits."""

    def of(asked: str, body: bytes) -> bytes:
        if "/v1/waiting" not in asked:
            return body
        answer = msgspec.json.decode(body)
        change(answer)
        return msgspec.json.encode(answer)

    return of


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (lambda page: page["objects"].reverse(), "not in order"),
        (lambda page: page["objects"].append(page["objects"][0]), "not in order"),
        (lambda page: page.update(following=0), "go on where it ends"),
        (lambda page: page["objects"][0].update(number=page["objects"][0]["number"] + 1), "in another place|in order"),
    ],
    ids=["reversed", "twice", "from the beginning", "another number"],
)
def test_a_node_that_lists_what_is_not_so_is_named(
    world: World, liar: Proxy, lie: Callable[[Any], object], words: str
) -> None:
    """Out of order, twice, from the beginning again, in another place."""
    issue(world)
    issue(world)
    liar.change = changed(lie)
    with world.client("buyer", liar.url) as buyer, pytest.raises(BadAnswer, match=words):
        list(buyer.inbox(after=0))


def test_a_node_that_lists_what_waits_for_others_is_named(world: World, liar: Proxy) -> None:
    """The object's own proof says for whom it waits."""
    issue(world)
    lied = _page_of(world)
    liar.change = lambda path, body: lied if "/v1/waiting" in path else body
    with world.client("seller", liar.url) as seller, pytest.raises(BadAnswer, match="waits for others"):
        list(seller.inbox())


def _page_of(world: World) -> bytes:
    """Give the page that the node has for the buyer."""
    return httpx2.get(f"{world.url}/v1/waiting?who={bytes(world.buyer_id).hex()}").content


def test_what_is_in_no_inbox_is_refused(world: World) -> None:
    """By name, with what there is."""
    with world.client("buyer") as buyer:
        for asked in ({"kind": "ship"}, {"kind": "order"}, {"record": "invoice.issue"}, {"state": "paid"}):
            with pytest.raises(InvalidInput, match="Nothing that is in an inbox"):
                waiting(buyer, **asked)
