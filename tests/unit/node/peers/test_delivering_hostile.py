"""Members' nodes that lie about sealed documents, or end in the middle: what is right comes all the same, in bounds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hanse_node.access.caller import Caller
from hanse_node.base.bounds import PAYLOAD_GIVEN_UP_MS, PAYLOAD_PART_BYTES
from hanse_node.payloads import wanted
from hanse_node.payloads.deliveries import Deliveries
from hanse_node.payloads.holdings import Holdings
from hanse_node.payloads.offering import PayloadOffer, write_offer
from hanse_node.payloads.store import PayloadStore
from hanse_node.peers.collecting import OFFER
from tests.world.node_ledger import HOUR, START
from tests.world.sealed.nodes import MemberNodesHere, Shared, member_nodes, office, soon

Read = Callable[[Deliveries, Caller, bytes, int, int, bytes], tuple[bytes, int]]


def offered(nodes: MemberNodesHere, shared: Shared, *holders: str, by: str = "bank", to: str = "customs") -> int:
    """Have a member's node offer a document for the office of another one; give the answer's status."""
    told = shared.told(office(to))
    body = write_offer(PayloadOffer(digest=shared.digest, holders=holders, readers=told))
    return nodes.ask(by, to, "POST", OFFER, body).status


def by(nodes: MemberNodesHere, name: str, monkeypatch: pytest.MonkeyPatch, lie: Read) -> None:
    """Have one node answer for bytes as a liar would; the others answer as they do."""
    right, own = Deliveries.read, nodes[name].node.service.deliveries

    def read(part: Deliveries, *given: object) -> tuple[bytes, int]:
        return (lie if part is own else right)(part, *given)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr(Deliveries, "read", read)


@pytest.mark.parametrize("lie", ["other bytes", "the first part alone", "nothing", "too much"])
def test_a_liar_among_those_who_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: str) -> None:
    """One that offers first, and gives something else, spoils its own turn alone: it comes from the other one."""
    shared = Shared(1, office("customs"), office("bank"), size=3 * PAYLOAD_PART_BYTES)
    lies: dict[str, Callable[[int], bytes]] = {
        "other bytes": lambda _: bytes(PAYLOAD_PART_BYTES),
        "the first part alone": lambda start: bytes(PAYLOAD_PART_BYTES) if start == 0 else b"",
        "nothing": lambda _: b"",
        "too much": lambda _: bytes(PAYLOAD_PART_BYTES + 1),
    }
    with member_nodes(tmp_path, ("bank", "customs", "market")) as nodes:
        by(nodes, "bank", monkeypatch, lambda _part, _caller, _digest, start, *_: (lies[lie](start), 0))
        nodes["market"].send(shared, told=shared.told(office("bank")))  # customs hears of it from the liar alone
        nodes.record(shared.record)
        soon(lambda: nodes.holding(shared) >= {"bank", "market"})
        nodes["market"].holdings.admit(shared.digest, shared.opened)
        nodes["market"].holdings.offered.end_all(shared.digest)
        assert offered(nodes, shared, "market") == 200
        soon(lambda: nodes["customs"].has(shared))
        assert nodes["customs"].holdings.store.read(shared.digest) == (shared.data, len(shared.data))
        soon(lambda: len(nodes["customs"].holdings.wanted) == 0)


def test_the_others_are_asked_where_the_first_is_gone(tmp_path: Path) -> None:
    """Who has it serves it to whoever shows an opening of its own, also one whom it has never heard of."""
    shared = Shared(2, office("customs"), office("bank"))
    with member_nodes(tmp_path, ("bank", "customs")) as nodes:
        nodes["bank"].send(shared, told=shared.told(office("bank")))
        nodes.record(shared.record)
        soon(lambda: nodes["bank"].has(shared))
        assert {
            nodes["bank"].holdings.naming.member(each.reader)
            for each in nodes["bank"].holdings.openings.of(shared.digest)
        } == {"bank"}
        # The market's node, which offers it, does not run any more.
        assert offered(nodes, shared, "bank", by="market") == 200
        soon(lambda: nodes["customs"].has(shared))


def test_what_a_member_may_have_wanted_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand documents that never come are one member's own: the others' are taken and fetched."""
    monkeypatch.setattr(wanted, "PAYLOADS_WANTED", 3)
    never = [Shared(number, office("customs")) for number in range(10, 15)]
    real = Shared(20, office("customs"))
    with member_nodes(tmp_path, ("customs", "market")) as nodes:
        nodes.record(*(each.record for each in never))
        assert [offered(nodes, each, "bank", "market") for each in never] == [200, 200, 200, 429, 429]
        assert nodes["customs"].delivery(never[0]) == {"since_ms": START + HOUR, "state": "missing"}
        assert nodes["customs"].delivery(never[4])["state"] == "unknown"
        metrics = nodes["customs"].node.get("/metrics").text
        assert "hanse_payloads_missing 3.0" in metrics
        nodes["market"].send(real)
        nodes.record(real.record)
        soon(lambda: nodes["customs"].has(real))
        # Records do not wait, and health knows nothing of it.
        assert nodes["customs"].node.get("/readyz").json() == {"status": "ready"}
        nodes.record(never[0].erased)
        soon(lambda: nodes["customs"].holdings.wanted.of(never[0].digest) is None)
        assert offered(nodes, never[0]) == 410


def test_what_never_comes_slows_nobody(tmp_path: Path) -> None:
    """Records name two hundred documents that nobody has: another is fetched all the same, and records stand."""
    never = [Shared(number, office("customs"), size=64) for number in range(100, 300)]
    real, after = Shared(30, office("customs")), Shared(31, office("customs"))
    with member_nodes(tmp_path, ("customs", "market")) as nodes:
        customs = nodes["customs"]
        nodes.record(*(each.record for each in never))
        for each in never:
            customs.holdings.openings.add(each.digest, each.opened)
            customs.holdings.wanted.add(each.digest, 64, ("bank", "market"), START + HOUR)
        nodes["market"].send(real)
        nodes.record(real.record)
        soon(lambda: customs.has(real))
        nodes.record(after.record)
        assert {each.digest for each in never} <= {want.digest for want in customs.holdings.wanted.all()}
        assert customs.node.get("/readyz").json() == {"status": "ready"}


def test_both_sides_go_on_after_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be offered and fetched stands on disk, and a document goes on where it was."""
    shared = Shared(3, office("customs"), size=3 * PAYLOAD_PART_BYTES)
    starts, right = list[int](), Deliveries.read

    def counted(part: Deliveries, caller: Caller, name: bytes, start: int, *given: object) -> tuple[bytes, int]:
        starts.append(start)
        if start == 2 * PAYLOAD_PART_BYTES and len(starts) < 6:
            raise OSError("the disk's")
        return right(part, caller, name, start, *given)  # type: ignore[arg-type]  # as they were given

    with member_nodes(tmp_path, ("customs", "market"), delivering=False) as nodes:
        market, customs = nodes["market"], nodes["customs"]
        market.send(shared)
        nodes.record(shared.record)
        market.holdings.settle(shared.digest)
        again = _taken_up(market.holdings)
        assert [each.member for each in again.offered.open()] == ["customs"]
        assert again.openings.of(shared.digest) == shared.opened
        assert offered(nodes, shared, by="market") == 200
        first = shared.data[:PAYLOAD_PART_BYTES]
        expires = START + HOUR + 60_000
        customs.holdings.store.put(
            "member market", shared.digest, first, start=0, size=len(shared.data), expires=expires
        )
        assert _taken_up(customs.holdings).wanted.of(shared.digest) == customs.holdings.wanted.of(shared.digest)
        monkeypatch.setattr(Deliveries, "read", counted)
        customs.delivering.start()
        try:
            soon(lambda: customs.has(shared))
        finally:
            customs.delivering.stop()
    assert starts[:2] == [PAYLOAD_PART_BYTES, 2 * PAYLOAD_PART_BYTES]
    assert set(starts) == {PAYLOAD_PART_BYTES, 2 * PAYLOAD_PART_BYTES}


def _taken_up(holdings: Holdings) -> Holdings:
    """Read what lies there, as a node does that starts."""
    folder = holdings.store.folder.parent
    store = PayloadStore(folder, holdings.store._settings, holdings.clock, lambda: 0.0)
    return Holdings(store, holdings.naming, holdings.own, holdings.clock)


def test_after_thirty_days_it_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked for it any more, and the node says so; who offers it anew is asked again."""
    shared = Shared(4, office("customs"))
    with member_nodes(tmp_path, ("customs", "market"), delivering=False) as nodes:
        market, customs = nodes["market"], nodes["customs"]
        nodes.record(shared.record)
        assert offered(nodes, shared, by="market") == 200
        now = [START + HOUR + PAYLOAD_GIVEN_UP_MS + 1]
        monkeypatch.setattr(customs.holdings, "clock", lambda: now[0])
        assert customs.delivery(shared) == {"since_ms": START + HOUR, "state": "given-up"}
        metrics = customs.node.get("/metrics").text
        assert "hanse_payloads_given_up 1.0" in metrics
        assert "hanse_payloads_missing 0.0" in metrics
        assert offered(nodes, shared, by="market") == 200
        assert customs.delivery(shared) == {"since_ms": now[0], "state": "missing"}
        assert market.delivery(shared)["state"] == "unknown"
