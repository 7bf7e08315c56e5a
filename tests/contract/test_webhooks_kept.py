"""Webhooks in the database: SQLite and PostgreSQL keep the same promises."""

import pytest
from msgspec.structs import replace
from sqlalchemy import URL

from hanse_node.base.bounds import DELIVERIES_KEPT
from hanse_node.store.beside.webhooks import Hook, HookDelivery, HookGone, Hooks, HookTaken, NoRoomForHook
from hanse_node.store.sql import SqlLedgerStore, open_store
from tests.world.node_ledger import GENESIS, PARTIES, START, commit


def hook(name: str = "erp", **values: object) -> Hook:
    """Make a webhook."""
    made = Hook(
        name=name,
        owner="operator",
        url="https://erp.example/",
        wants=b"{}",
        public="",
        made=START,
        version=START,
        position=7,
    )
    return replace(made, **values)


def delivery(number: int, fault: str = "") -> HookDelivery:
    """Make a delivery."""
    return HookDelivery(
        made=START + number,
        id=f"id{number}",
        position=number,
        type="hanse.invoice.issue",
        milliseconds=12,
        status=None if fault else 204,
        fault=fault,
    )


@pytest.fixture
def hooks(store: SqlLedgerStore) -> Hooks:
    """Give the webhooks of an open store."""
    return Hooks(store)


def test_what_is_added_is_found(hooks: Hooks) -> None:
    """Every column comes back as it was, in the order of names."""
    hooks.add(hook("b", public="whpk_x", failing=START, attempts=3, due=START + 1, paused=START, reason="so"), most=9)
    hooks.add(hook("a"), most=9)
    assert hooks.every() == [
        hook("a"),
        hook("b", public="whpk_x", failing=START, attempts=3, due=START + 1, paused=START, reason="so"),
    ]
    assert hooks.find("a") == hook("a")
    with pytest.raises(HookGone):
        hooks.find("c")


def test_names_and_room_are_bounded(hooks: Hooks) -> None:
    """A name is taken once, and there are only so many; what is refused changes nothing."""
    hooks.add(hook("a"), most=2)
    with pytest.raises(HookTaken):
        hooks.add(hook("a", url="https://other.example/"), most=2)
    hooks.add(hook("b"), most=2)
    with pytest.raises(NoRoomForHook):
        hooks.add(hook("c"), most=2)
    assert hooks.every() == [hook("a"), hook("b")]


def test_progress_is_written(hooks: Hooks) -> None:
    """Where it stands, and what was delivered, the newest first."""
    hooks.add(hook(), most=2)
    hooks.progress([hook(position=9)], [("erp", delivery(7)), ("erp", delivery(8, "no answer"))])
    assert hooks.find("erp") == hook(position=9)
    assert hooks.deliveries("erp", 10) == [delivery(8, "no answer"), delivery(7)]
    assert [each.accepted for each in hooks.deliveries("erp", 10)] == [False, True]
    assert hooks.deliveries("erp", 1) == [delivery(8, "no answer")]


def test_progress_of_before_a_change_is_dropped(hooks: Hooks) -> None:
    """A node that has not heard of the operator's change does not undo it; the clock need not have moved."""
    hooks.add(hook(), most=2)
    hooks.change("erp", START, position=3)
    changed = hooks.find("erp")
    assert (changed.position, changed.version > START) == (3, True)
    hooks.progress([hook(position=50)], [])
    assert hooks.find("erp") == changed
    hooks.progress([replace(changed, position=4)], [])
    assert hooks.find("erp").position == 4
    hooks.change("erp", START - 1000, paused=START, reason="why")
    assert hooks.find("erp").version > changed.version


def test_a_change_forgets_what_failed(hooks: Hooks) -> None:
    """Whoever resumes a hook has it tried at once."""
    hooks.add(hook(failing=START, attempts=9, due=START * 2, paused=START, reason="three days"), most=2)
    hooks.change("erp", START + 5, paused=None, reason="")
    assert hooks.find("erp") == hook(version=START + 5)
    with pytest.raises(HookGone):
        hooks.change("other", START)


def test_deliveries_are_bounded(hooks: Hooks) -> None:
    """So many of each are kept, the newest; one hook takes nothing from another."""
    hooks.add(hook("a"), most=2)
    hooks.add(hook("b"), most=2)
    hooks.progress([], [("b", delivery(0))])
    for start in range(0, DELIVERIES_KEPT + 150, 150):
        hooks.progress([], [("a", delivery(number)) for number in range(start, start + 150)])
    kept = hooks.deliveries("a", DELIVERIES_KEPT * 2)
    assert len(kept) == DELIVERIES_KEPT
    assert [each.made for each in kept] == sorted((each.made for each in kept), reverse=True)
    assert hooks.deliveries("b", 9) == [delivery(0)]


def test_what_is_removed_leaves_nothing(hooks: Hooks) -> None:
    """Its deliveries go with it, those too that the node writes a moment later."""
    hooks.add(hook(), most=2)
    hooks.progress([], [("erp", delivery(1))])
    hooks.remove("erp")
    hooks.progress([hook(position=9)], [("erp", delivery(2))])
    assert hooks.every() == []
    hooks.add(hook(version=START + 9), most=2)
    assert hooks.deliveries("erp", 9) == []
    with pytest.raises(HookGone):
        hooks.remove("other")


def test_it_outlasts_a_restart(url: URL) -> None:
    """What was written stands when the node comes back, beside the ledger."""
    first = open_store(url, GENESIS)
    Hooks(first).add(hook(), most=2)
    commit(first, *PARTIES)
    Hooks(first).progress([hook(position=8)], [("erp", delivery(7))])
    first.close()
    again = open_store(url, GENESIS)
    assert Hooks(again).find("erp") == hook(position=8)
    assert Hooks(again).deliveries("erp", 9) == [delivery(7)]
    again.close()
