"""Who has read what of whom: what is written down, how long, and who is told what of it. On both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import URL, text

from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_ledger.wire.codec import encode
from hanse_node.access import readnotes
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.api.access import Access
from hanse_node.base.config import ReadLogKept
from hanse_node.base.metrics import Metrics
from hanse_node.queries.readers import readlog
from hanse_node.queries.readers.readlog import HOUR_MS, ReadLog, ReadsAsked
from hanse_node.signing.tokens import Scope
from hanse_node.store.beside.readrows import ReadRow, ReadRows, ReadsWanted
from hanse_node.store.sql import SqlLedgerStore
from tests.world.asking.signing import signed
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import DAY, GENESIS, LEDGER, T0, key_of, public, seed_of
from tests.world.front import BATCH, Front, front
from tests.world.tokens import book_of, token_of
from tests.world.trade.everykind import whole_trade

NOW = T0 + DAY // 2
EVERYTHING = ReadsAsked(party=None, object=None, since=None, until=None, before=None, limit=200)


class Stage:
    """A node that holds a whole trade, and whose clock a test sets."""

    def __init__(self, corridor: Corridor) -> None:
        self.corridor, self.now = corridor, NOW
        self.node: Front

    def ask(self, who: str, target: str) -> Any:
        """Ask as a party, a member, an officer, or whoever bears a token; give the answer."""
        if who in ("reader", "auditor"):
            return self.node.get(target, {"authorization": f"Bearer {who}"})
        return self.node.get(target, signed(key_of(who), target, ledger=LEDGER, created=self.now // 1_000))

    def seen(self, who: str, target: str) -> None:
        """Have somebody read something."""
        answer = self.ask(who, target)
        assert answer.status_code in (200, 206), answer.text

    def reads(self, who: str, query: str = "") -> list[dict[str, Any]]:
        """Give what somebody is told of who has read."""
        self.node.service.readlog.write(ITSELF)
        answer = self.ask(who, f"/v1/reads{query}")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["reads"]
        return found

    def path(self, name: str, kind: str) -> str:
        """Name the path of an object."""
        return f"/v1/objects/{kind}/{self.corridor.id[name].hex()}"


@pytest.fixture(scope="module")
def corridor() -> Corridor:
    """Give the trade, which nothing here changes."""
    return whole_trade()


@pytest.fixture
def stage(tmp_path: Path, url: URL, corridor: Corridor) -> Iterator[Stage]:
    """Run a node that asks who reads, on each database."""
    stage = Stage(corridor)
    book = book_of(
        tmp_path / "tokens",
        token_of("reader", "anna", [Scope.READ, Scope.ENTRIES]),
        token_of("auditor", "auditor", [Scope.READS]),
        token_of("writer", "writer", [Scope.SUBMIT]),
    )
    with front(
        tmp_path / "node",
        GENESIS,
        seeds=(seed_of("operator log"), seed_of("operator cosigner")),
        cosigner="operator",
        clock=lambda: stage.now,
        access=Access(book),
        database=url.render_as_string(hide_password=False),
    ) as stage.node:
        rows = [row for block in stage.corridor.blocks for row in block.entries if row.record is not None]
        entries = [decode_entry(row.data) for row in rows]
        records = [open_decoded(entry.payload) for entry in entries if isinstance(entry, RecordEntry)]
        data = msgspec.msgpack.encode([encode(each.envelope) for each in records])
        sent = stage.node.post(data, BATCH, headers={"authorization": "Bearer writer"})
        assert {each["outcome"] for each in sent.json()["results"]} == {"created"}, sent.text
        yield stage


def brief(read: dict[str, Any]) -> tuple[object, ...]:
    """Give of a read who, of which member, by which right, in which way, what, and how often."""
    reader = read["reader"]
    return reader["kind"], reader["id"], reader["member"], read["right"], read["way"], read["kind"], read["times"]


def test_each_is_told_what_concerns_it_and_whom_it_may_know(stage: Stage) -> None:
    """A party of itself alone: an office without its person and later, a stranger without its id; an auditor all."""
    own = {name: object_id.hex() for name, object_id in stage.corridor.id.items()}
    for who in ("seller", "buyer", "buyer", "customs-be", "officer", "reader"):
        stage.seen(who, stage.path("invoice", "invoice"))
    stage.seen("outsider", stage.path("certificate", "certificate"))
    assert stage.ask("outsider", stage.path("invoice", "invoice")).status_code == 404

    told = {brief(each) for each in stage.reads("seller")}
    assert told == {
        ("party", own["seller"], None, "own", "object", "invoice", 1),
        ("party", own["buyer"], None, "shared", "object", "invoice", 2),
        ("token", None, "operator", "token", "object", "invoice", 1),
        ("party", None, None, "standing", "object", "certificate", 1),
    }
    assert [brief(each) for each in stage.reads("outsider")] == []
    assert stage.reads("outsider", f"?party={own['seller']}") == stage.reads("outsider", f"?party={'0' * 64}") == []
    assert stage.reads("customs-be", f"?party={own['seller']}") == []
    assert stage.reads("customs-be") == []
    assert stage.reads("market", f"?party={own['seller']}") == stage.reads("seller")
    assert stage.ask("reader", "/v1/reads").status_code == 403

    whole = stage.reads("auditor", f"?party={own['seller']}")
    names = {(each["reader"]["kind"], each["reader"]["name"]) for each in whole}
    assert names == {
        ("party", own["seller"]),
        ("party", own["buyer"]),
        ("party", own["outsider"]),
        ("token", "anna"),
        ("member-key", "customs-be"),
        ("officer", public("officer").hex()),
    }
    assert {each["party"] for each in stage.reads("auditor")} == {own["seller"], own["buyer"]}

    stage.now += 168 * HOUR_MS
    late = stage.reads("seller")
    offices = [brief(each) for each in late if each["reader"]["kind"] == "office"]
    assert offices == [("office", None, "customs-be", "member", "object", "invoice", 1)] * 2
    assert all(each["reader"]["name"] is None for each in late)
    answer = stage.ask("seller", "/v1/reads").text
    assert public("officer").hex() not in answer
    assert "anna" not in answer
    assert own["outsider"] not in answer


def test_every_way_of_reading_is_written_down(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories, records, proofs, lists, what waits, an office's inbox, the log, sealed bytes, and what is heard."""
    own, node = stage.corridor.id, stage.node
    invoice, seller = own["invoice"].hex(), own["seller"].hex()
    record = stage.corridor.signed["invoice"].id.hex()
    for target in (
        f"{stage.path('invoice', 'invoice')}/records",
        f"/v1/records/{record}",
        f"/v1/proof?object={invoice}&view=status",
        f"/v1/lists/shipment/by/shipment_of_invoice/{invoice}",
        f"/v1/lists/invoice?whose={seller}",
        f"/v1/waiting?who={seller}",
        f"/v1/offices/{own['office'].hex()}/inbox",
        "/log/tile/entries/000.p/1",
    ):
        stage.seen("reader", target)
    value = stage.corridor.ledger.object(own["document"])
    digest: bytes = value.seal.hash  # type: ignore[union-attr]  # a document has one
    monkeypatch.setattr(node.service.deliveries.holdings.store, "read", lambda *_: (b"sealed", 6))
    stage.seen("seller", f"/v1/payloads/{digest.hex()}")
    heard = node.service.events.read(ITSELF, 0).events
    listening = Caller(CallerKind.TOKEN, "anna")
    for event in heard:
        node.service.events.told(listening, event)

    found = stage.reads("seller", "?limit=200")
    ways = {(each["way"], each["kind"], each["object"]) for each in found}
    assert ways == {
        ("history", "invoice", invoice),
        ("record", "invoice.issue", record),
        ("proof", "invoice", invoice),
        ("list", "invoice", None),
        ("list", "shipment", None),
        ("inbox", "consignment.open", None),
        ("inbox", "declaration.lodge", None),
        ("log", None, None),
        ("payload", "document", own["document"].hex()),
        ("events", None, None),
    }
    assert {each["payload"] for each in found if each["way"] == "payload"} == {digest.hex()}
    events = [each["times"] for each in found if each["way"] == "events"]
    assert events == [sum(own["seller"] in event.whose for event in heard)]
    assert [each["times"] for each in found if (each["way"], each["kind"]) == ("list", "invoice")] == [3]
    assert {each["object"] for each in stage.reads("seller", f"?object={invoice}")} == {invoice}
    assert {each["way"] for each in stage.reads("outsider")} == {"events", "log"}, "its own enrolment, and everything"


def test_pages_lead_through_all_of_it_and_count_nothing_else(stage: Stage) -> None:
    """Each row once, the newest first; from where one page ends nobody can say how many rows lie between."""
    own = stage.corridor.id
    for name, kind in (("invoice", "invoice"), ("second", "invoice"), ("payment", "payment"), ("order", "order")):
        stage.seen("buyer", stage.path(name, kind))
    everything = stage.reads("seller")
    assert len(everything) == 4
    before, found = "", []
    for _ in range(4):
        page = stage.ask("seller", f"/v1/reads?limit=1{before}").json()
        found += page["reads"]
        assert page["following"] == page["reads"][0]["cursor"]
        before = f"&before={page['following']}"
    assert found == everything
    end = stage.ask("seller", f"/v1/reads?limit=1{before}").json()
    assert (end["reads"], end["following"]) == ([], None)
    turns = [row.turn for row in ReadRows(stage.node.store).page(wanted(parties=(own["seller"],)))]
    assert len(turns) == 4
    assert max(b - a for a, b in zip(turns[::-1], turns[-2::-1], strict=False)) > 1
    since = f"?since={NOW + 1}"
    assert stage.reads("seller", since) == []
    assert stage.reads("seller", f"?until={NOW}") == []
    assert stage.ask("seller", "/v1/reads?before=9999999999999999999").status_code == 400


def wanted(**values: Any) -> ReadsWanted:
    """Ask for rows: all, unless it is said otherwise."""
    every: dict[str, Any] = {"parties": None, "object": None, "since": None, "until": None, "told": None}
    return ReadsWanted(**{**every, "before": None, "limit": 100, **values})


class Kept:
    """A read log on a store that holds no more than a genesis."""

    def __init__(self, store: SqlLedgerStore, **settings: int) -> None:
        self.now, self.store, self.metrics = NOW, store, Metrics()
        self.notes = ReadNotes(lambda: self.now)
        self.log = ReadLog(store, self.notes, ReadLogKept(**settings), "market", self.metrics, lambda: self.now)

    def heard(self, who: str, *parties: bytes) -> None:
        """Have somebody hear what concerns some parties, and write it down."""
        self.notes.note(Caller(CallerKind.TOKEN, who), Way.EVENTS, parties)
        self.log.write(ITSELF)

    @property
    def rows(self) -> list[ReadRow]:
        """Give all rows, the newest first."""
        return ReadRows(self.store).page(wanted(limit=10_000))

    def measure(self, name: str) -> float:
        """Read one of the node's measures."""
        lines = self.metrics.write().decode().splitlines()
        return float(next(line for line in lines if line.startswith(f"hanse_read_log_{name} ")).split()[1])


def party(number: int) -> bytes:
    """Make a party's id."""
    return b"\xff" + number.to_bytes(31, "big")


def test_reads_of_an_hour_are_one_row(store: SqlLedgerStore) -> None:
    """What comes again is counted; the next hour has another row; after a start the rows go on behind the old ones."""
    kept = Kept(store)
    for _ in range(3):
        kept.now += 1_000
        kept.heard("a", party(1))
    assert [(row.times, row.first, row.last) for row in kept.rows] == [(3, NOW + 1_000, NOW + 3_000)]
    kept.now += HOUR_MS
    kept.heard("a", party(1))
    again = Kept(store)
    again.now = NOW - HOUR_MS  # a clock that was set back
    again.heard("a", party(1))
    assert [row.times for row in again.rows] == [1, 1, 3]
    assert again.measure("rows") == 3
    assert again.measure("oldest_seconds") == (NOW + 1_000) / 1_000


def test_old_rows_go_and_so_do_those_above_the_bound(store: SqlLedgerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its days a row is gone; of too many the oldest go at once, which is said in measures and warnings."""
    monkeypatch.setattr(readlog, "READS_WRITTEN_TOGETHER", 300)
    kept = Kept(store, days=2, rows=1_000)
    kept.heard("old", *map(party, range(400)))
    kept.now += 2 * DAY + 1
    kept.heard("new", party(1))
    kept.heard("new", party(1))
    assert [row.name for row in kept.rows] == ["new"]
    assert kept.rows[0].times == 2
    assert (kept.measure("early"), kept.log.warning(ITSELF)) == (0, "")
    kept.heard("many", *map(party, range(2_500)))
    rows = kept.rows
    assert len(rows) == kept.measure("rows") == 1_000
    assert {row.party for row in rows} == set(map(party, range(1_500, 2_500)))
    assert kept.measure("early") == 1_501
    assert "full" in kept.log.warning(ITSELF)
    kept.heard("many", party(1), party(2_499))
    assert len(kept.rows) == 1_000, "what was let go of is begun anew, and not lost"
    assert kept.rows[0].party == party(1)
    assert Kept(store, days=0).log.write(ITSELF) == 0


def test_a_flood_stays_within_bounds_and_is_still_seen(store: SqlLedgerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads more than is noted one by one is noted all the same, once for everybody; others are not crowded out."""
    monkeypatch.setattr(readnotes, "READS_NOTED", 1_000)
    monkeypatch.setattr(readnotes, "READS_NOTED_EACH", 100)
    kept = Kept(store)
    flood, other = Caller(CallerKind.TOKEN, "flood"), Caller(CallerKind.TOKEN, "other")
    kept.notes.note(flood, Way.EVENTS, map(party, range(50_000)))
    kept.notes.note(other, Way.EVENTS, [party(1)])
    assert kept.notes.waiting == 102
    kept.log.write(ITSELF)
    counted = {(row.name, row.party): row.times for row in kept.rows}
    assert counted["flood", b""] == 49_900
    assert counted["other", party(1)] == 1
    assert len(counted) == 102
    kept.notes.note(Caller(CallerKind.TOKEN, "flood"), Way.EVENTS, [party(7)])
    for number in range(5_000):
        kept.notes.note(Caller(CallerKind.TOKEN, f"one of many {number}"), Way.LOG)
    assert kept.notes.waiting == 2_000, "whoever they are"
    assert kept.notes.lost == kept.measure("lost") == 3_001


def test_an_hour_of_one_reader_has_so_many_rows(store: SqlLedgerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond them no object is named, and then no party; the next hour begins anew."""
    monkeypatch.setattr(readlog, "READ_ROWS_EACH", 10)
    kept = Kept(store)
    kept.heard("a", *map(party, range(100)))
    kept.heard("b", party(1))
    counted = {(row.name, row.party): row.times for row in kept.rows}
    assert counted["a", b""] == 80
    assert counted["b", party(1)] == 1
    assert len(counted) == 22
    kept.now += HOUR_MS
    kept.heard("a", party(99))
    assert kept.rows[0].party == party(99)


def test_a_full_disk_stops_no_reader_and_is_said(lite: SqlLedgerStore) -> None:
    """What cannot be written waits, in bounds, and is written when there is room again; a page is told meanwhile."""
    kept = Kept(lite)
    kept.heard("a", party(1))
    with lite.beside(0) as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    kept.heard("b", *map(party, range(2_000)))
    assert kept.measure("failing") == 1
    assert "cannot be written" in kept.log.warning(ITSELF)
    assert kept.measure("waiting") == 2_000
    told = kept.log.page(Caller(CallerKind.TOKEN, "auditor"), EVERYTHING)
    assert [shown.name for shown in told.rows] == ["a"]
    with lite.beside(0) as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
    kept.log.write(ITSELF)
    assert (kept.measure("failing"), kept.measure("waiting"), kept.measure("lost")) == (0, 0, 0)
    assert kept.log.warning(ITSELF) == ""
    assert len(kept.rows) == 2_001


def test_who_asks_is_told_of_what_was_read_just_now(store: SqlLedgerStore) -> None:
    """What waits is written first, once a second at most: asking for it often costs the ledger no more."""
    kept = Kept(store)
    auditor = Caller(CallerKind.TOKEN, "auditor")
    ask: Callable[[], int] = lambda: len(kept.log.page(auditor, EVERYTHING).rows)  # noqa: E731 (said once, asked thrice)
    kept.notes.note(auditor, Way.EVENTS, [party(1)])
    assert ask() == 1
    kept.notes.note(auditor, Way.EVENTS, [party(2)])
    assert ask() == 1
    kept.now += 1_000
    assert ask() == 2
