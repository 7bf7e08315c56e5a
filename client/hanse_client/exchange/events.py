"""Events of a node, each proven, and none left out.

Every event is a record of the log, and names the state entry right before it. The record is proven in its place; its
hash of the entry before leads over that state entry, and over nothing else, to the record that came last: so an event
that was left out is noticed with the next one. That a node falls silent is noticed by the heads that it signs.

Who signs requests with another key than a member's is told of what concerns him, and takes the node's word that it is
all: a party's own records are complete by its history (`AsyncClient.records`).
"""

from collections.abc import AsyncIterator
from contextlib import aclosing

import anyio

from hanse_client.base.errors import BadAnswer, NodeUnreachable
from hanse_client.base.views import Head, RecordView
from hanse_client.exchange.answers import CloudEvent, read_answer
from hanse_client.exchange.reading import prove_record
from hanse_client.exchange.session import Session
from hanse_client.exchange.transport import ATTEMPTS, FIRST_PAUSE_S, LONGEST_PAUSE_S
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes

LOOK_S = 30.0
"""How often a quiet node's head is looked at, and how long it may owe what that covers."""


async def follow_events(session: Session, after: int) -> AsyncIterator[RecordView]:
    """Wait for records behind a position. See `AsyncClient.events`."""
    head = await session.head()
    failures = 0
    while True:
        try:
            watch = _Watch()
            async with aclosing(session.transport.events("/v1/events", after=after)) as events:
                async for told in events:
                    if told is None:
                        if await _told_all(session):
                            await watch.look(session, after)
                        continue
                    position, data = told
                    if position >= head.size:
                        head = await session.head()
                    record = await _prove(session, position, data, after, head)
                    failures, after = 0, position
                    yield record
            failures += 1  # The node ended the stream: it is restarting, or this reader was too slow.
        except NodeUnreachable:
            failures += 1
            if failures >= 2 * ATTEMPTS:
                raise
        except BadAnswer:
            failures += 1
            if failures >= session.transport.nodes:
                raise
            session.transport.move_on()
        await anyio.sleep(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures, 2 * ATTEMPTS)))


async def _prove(session: Session, position: int, data: bytes, after: int, head: Head) -> RecordView:
    """Prove that an event is the record that follows a position. Raises BadAnswer."""
    event = read_answer(data, CloudEvent).data
    if event.position != position or position <= after:
        raise BadAnswer("The node's events are not in order.")
    record, entry = await prove_record(session, bytes.fromhex(event.id), head)
    if record.position != position:
        raise BadAnswer("The node told of a record at a position at which it does not stand.")
    if await _told_all(session):
        _verify_gapless(entry, after, None if event.state is None else bytes.fromhex(event.state))
    return record


async def _told_all(session: Session) -> bool:
    """Tell whether a node owes every record. A party that signs its requests is told of what concerns it alone."""
    if session.identity is None or not session.transport.signs:
        return True
    return (await session.trust()).membership.holder(session.identity.public_key) is not None


def _verify_gapless(entry: RecordEntry, after: int, state: bytes | None) -> None:
    """Insist that between a position and an entry nothing stands, or the state entry alone that closes a block."""
    missing = entry.position - after - 1
    if missing == 0:
        return
    try:
        closing = missing == 1 and state is not None and isinstance(decode_entry(state), StateEntry)
    except Malformed as error:
        raise BadAnswer(f"The node's state entry before {entry.position} is none: {error}.") from error
    if not closing or state is None or hash_bytes(state) != entry.previous:
        raise BadAnswer(f"The node leaves out what stands between {after} and {entry.position}.")


class _Watch:
    """Looks, while a node is quiet, whether it owes records under the heads that it signs."""

    def __init__(self) -> None:
        self._looked, self._owed, self._after = anyio.current_time(), 0, 0

    async def look(self, session: Session, after: int) -> None:
        """Look at the newest head, once in a while; called at signs of life.

        Raises:
            BadAnswer: records up to a head that was seen a while ago have not been told, or the head is stale.
        """
        now = anyio.current_time()
        if now - self._looked < LOOK_S:
            return
        if after == self._after < self._owed:
            raise BadAnswer(f"The node has told nothing behind {after}; its log has a record at {self._owed}.")
        self._looked, self._after = now, after
        # A block ends with its state entry, and has a record before that.
        self._owed = (await session.head()).size - 2
