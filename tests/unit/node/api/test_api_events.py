"""What subscribers are told: everything, once, in order, from wherever they left off."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.types import Message

from hanse_ledger.kinds.object import created_id
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import open_decoded
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.access.shares import Shares
from hanse_node.api.events import _Stream, write_events
from hanse_node.base.bounds import EVENTS_READ, SUBSCRIBERS
from hanse_node.base.errors import Stopped
from hanse_node.feed import Feed
from hanse_node.queries.answers import EventsRead
from hanse_node.queries.event import Event, read_events
from tests.unit.node.access.test_access_shares import fill
from tests.world.corridor import story
from tests.world.corridor_genesis import DAY, GENESIS, T0, seed_of
from tests.world.front import Front, front
from tests.world.node_ledger import PARTIES, invoice, look, party


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Front]:
    """Run a node in which a seller and a buyer are enrolled."""
    with front(tmp_path / "node") as running:
        running.must_stand(PARTIES)
        yield running


async def take(events: AsyncIterator[Event | None], count: int) -> list[Event]:
    """Take so many events, signs of life left out."""
    found: list[Event] = []
    async for event in events:
        if event is not None:
            found.append(event)
        if len(found) == count:
            break
    return found


def test_missed_events_are_read_from_the_store(node: Front) -> None:
    """A subscriber that comes late is told everything behind its position, however much that is."""
    sent = [invoice(number) for number in range(2 * EVENTS_READ)]
    node.must_stand(sent)

    async def listen(after: int, count: int) -> list[Event]:
        return await take(Feed(node.service.events.read, node.service.events.tells).events(ITSELF, after), count)

    whole = asyncio.run(listen(0, len(sent) + 2))
    assert [event.id for event in whole] == [signed.id for signed in (*PARTIES, *sent)]
    assert asyncio.run(listen(whole[99].position, 5)) == whole[100:105]
    assert all(look(node.store).find_record(event.id) is not None for event in whole[:3])


def test_new_events_wake_subscribers(node: Front) -> None:
    """A subscriber that has read everything is woken by the next record, from whatever thread it comes."""

    async def listen() -> list[Event]:
        feed = Feed(node.service.events.read, node.service.events.tells, heartbeat_seconds=60)
        node.service.listen(feed.notify)
        events = feed.events(ITSELF, 0)
        found = await take(events, 2)
        asked = asyncio.create_task(take(events, 1))
        await asyncio.to_thread(node.must_stand, [invoice(1)])
        return found + await asyncio.wait_for(asked, timeout=20)

    assert [event.id for event in asyncio.run(listen())] == [signed.id for signed in (*PARTIES, invoice(1))]


def test_an_event_names_what_it_concerns(tmp_path: Path) -> None:
    """An event's objects include all that the record touches, and the invoice behind a payment's confirmation."""
    corridor = story()
    seeds = (seed_of("operator log"), seed_of("operator cosigner"))
    clock = lambda: T0 + DAY // 2  # noqa: E731 (a clock that stands still)
    with front(tmp_path / "node", GENESIS, seeds=seeds, cosigner="operator", clock=clock) as node:
        entries = [decode_entry(data) for data in corridor.entries]
        sent = [open_decoded(entry.payload) for entry in entries if isinstance(entry, RecordEntry)]
        node.must_stand(sent)
        with node.store.reading() as reads:
            events = read_events(reads, 0, node.store.head.size)
    touched = [set(row.touched) for group in corridor.blocks for row in group.entries if row.record is not None]
    assert [event.kind for event in events] == [signed.record.kind for signed in sent]
    for event, names in zip(events, touched, strict=True):
        assert names <= set(event.objects), event.kind
        assert list(event.objects) == sorted(set(event.objects))
    assert set(events[-1].objects) == {corridor.id["payment"], corridor.id["invoice"]}


def test_events_travel_as_the_standard_says(node: Front) -> None:
    """An event has its position as id, its name and one line of JSON; a quiet stream shows signs of life."""
    node.must_stand([invoice(1)])

    async def listen() -> list[bytes]:
        feed = Feed(node.service.events.read, node.service.events.tells, heartbeat_seconds=0.01)
        lines = []
        async for line in write_events(feed, ITSELF, 2, node.service.source):
            lines.append(line)
            if len(lines) == 3:
                feed.stop()
        return lines

    begun, event, life, *_ = asyncio.run(listen())
    assert begun == b": hanse\n\n"
    assert life.startswith(b":")
    assert life.endswith(b"\n\n")
    name, kind, data = event.decode().removesuffix("\n\n").split("\n")
    assert (name, kind) == ("id: 4", "event: record")
    time = node.store.head.time
    told = json.loads(data.removeprefix("data: "))
    assert told == {
        "specversion": "1.0",
        "id": invoice(1).id.hex(),
        "source": f"urn:hanse:{node.store.ledger.hex()}",
        "type": "hanse.invoice.issue",
        "time": f"{datetime.fromtimestamp(time / 1_000, UTC):%Y-%m-%dT%H:%M:%S}.{time % 1_000:03}Z",
        "subject": created_id(invoice(1).id).hex(),
        "datacontenttype": "application/json",
        "data": {
            "position": 4,
            "id": invoice(1).id.hex(),
            "kind": "invoice.issue",
            "height": 2,
            "time": time,
            "objects": sorted(name.hex() for name in (created_id(invoice(1).id), party("seller"), party("buyer"))),
            "state": entry_at(node, 3).hex(),
        },
    }


def entry_at(node: Front, position: int) -> bytes:
    """Read an entry."""
    with node.store.reading() as reads:
        return reads.entries(position, position + 1)[0]


def test_events_tell_what_stands_between_records(node: Front) -> None:
    """Wherever a reader begins, an event names the state entry right before its record, and nothing else stands."""
    for number in range(4):
        node.must_stand([invoice(2 * number), invoice(2 * number + 1)])
    size = node.store.head.size
    kinds = [isinstance(decode_entry(entry_at(node, at)), RecordEntry) for at in range(size)]
    with node.store.reading() as reads:
        for begin in range(size):
            for end in range(begin + 1, size + 1):
                events = read_events(reads, begin, end)
                assert [event.position for event in events] == [at for at in range(begin, end) if kinds[at]]
                for event in events:
                    before = None if kinds[event.position - 1] else entry_at(node, event.position - 1)
                    assert event.state == before


def test_a_closed_feed_ends_its_streams(node: Front) -> None:
    """When the node stops, streams end by themselves and no new one begins."""

    async def listen() -> tuple[int, int]:
        feed = Feed(node.service.events.read, node.service.events.tells, heartbeat_seconds=60)
        streams = [asyncio.create_task(take(feed.events(ITSELF, 0), 99)) for _ in range(3)]
        while feed.subscribers < 3:
            await asyncio.sleep(0.001)
        feed.stop()
        ended = await asyncio.wait_for(asyncio.gather(*streams), timeout=20)
        with pytest.raises(Stopped):
            feed.check()
        return len(ended), feed.subscribers

    assert asyncio.run(listen()) == (3, 0)


def test_those_at_one_place_share_a_reading(node: Front) -> None:
    """However many listen, what comes is read once; who leaves takes nothing from the others."""
    read: list[int] = []

    def reading(caller: Caller, begin: int) -> EventsRead:
        read.append(begin)
        return node.service.events.read(caller, begin)

    async def listen() -> list[list[Event]]:
        feed = Feed(reading, lambda _caller, _event: True, heartbeat_seconds=60)
        node.service.listen(feed.notify)
        streams = [feed.events(ITSELF, 2) for _ in range(SUBSCRIBERS)]
        asked = [asyncio.create_task(take(stream, 2)) for stream in streams]
        await asyncio.sleep(0.1)
        asked[0].cancel()
        await asyncio.to_thread(node.must_stand, [invoice(1)])
        await asyncio.to_thread(node.must_stand, [invoice(2)])
        return await asyncio.wait_for(asyncio.gather(*asked[1:]), timeout=20)

    heard = asyncio.run(listen())
    assert {tuple(event.id for event in events) for events in heard} == {(invoice(1).id, invoice(2).id)}
    assert len(read) < 8, "a reading for each that listens would be hundreds"


def test_a_stream_gives_its_place_back(node: Front) -> None:
    """Each caller has a share of the streams; what ends makes room, however it ends."""
    shares = Shares(lambda: 4)
    mine, other = Caller(CallerKind.TOKEN, "a"), Caller(CallerKind.TOKEN, "b")
    held = fill(shares.streams, mine)
    assert held < SUBSCRIBERS
    shares.streams.take(other)
    shares.streams.give(other)

    async def nothing() -> AsyncIterator[bytes]:
        raise ValueError
        yield b""

    async def run() -> None:
        with pytest.raises((ValueError, ExceptionGroup)):
            await _Stream(nothing(), shares.streams, mine)({"type": "http"}, _never, _nowhere)

    asyncio.run(run())
    assert shares.streams.taken == held - 1


async def _never() -> Message:
    await asyncio.sleep(60)
    raise AssertionError


async def _nowhere(_: Message) -> None:
    pass


@pytest.mark.parametrize(("query", "header"), [("?after=-1", None), ("?after=x", None), ("", "x"), ("", "-1")])
def test_a_wrong_position_is_refused(node: Front, query: str, header: str | None) -> None:
    """A position that is none is malformed, in the query and in the header alike."""
    answer = node.get(f"/v1/events{query}", {} if header is None else {"last-event-id": header})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
