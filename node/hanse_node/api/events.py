"""`/v1/events`: what happens, as it happens."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import lru_cache, partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from hanse_ledger.values import limits
from hanse_node.access.caller import Caller
from hanse_node.access.purse import Purse
from hanse_node.api.deps import Asking, Divided, Events, Ledger, answers
from hanse_node.base.bounds import EVENTS_READ
from hanse_node.feed import Feed
from hanse_node.queries.cloudevents import write_event
from hanse_node.queries.event import Event

MEDIA_TYPE = "text/event-stream"

Position = Annotated[
    int,
    Query(
        ge=0, lt=limits.LOG_SIZE, description="Begin behind this position; what stands at 0, the genesis, is no record"
    ),
]
Last = Annotated[
    int | None,
    Header(
        alias="last-event-id", ge=0, lt=limits.LOG_SIZE, description="The last that was seen; it counts before `after`"
    ),
]

router = APIRouter(tags=["events"])


@router.get(
    "/v1/events",
    response_class=Response,
    responses=answers(MEDIA_TYPE, "Server-sent events, without end: read them as they come"),
)
async def stream_events(
    request: Request,
    events: Events,
    ledger: Ledger,
    shares: Divided,
    caller: Asking,
    after: Position = 0,
    last_event_id: Last = None,
) -> Response:
    """Tell every record as it comes to stand, from `after` on; a reader that comes back names the last that it saw.

    An event's id is the record's position, its data a `CloudEvent`. Nothing is left out, however late a reader is; a
    party is told of what concerns it. A stream ends when whoever listens may ask no more.
    """
    events.check()
    begin = after if last_event_id is None else last_event_id
    shares.streams.take(caller)
    admit = partial(request.app.state.still, request)
    told = ledger.events.told
    return _Stream(write_events(events, caller, begin, ledger.source, admit, told), shares.streams, caller)


class _Stream(StreamingResponse):
    """A stream, which holds one of the streams that there may be until it ends."""

    def __init__(self, events: AsyncIterator[bytes], purse: Purse, caller: Caller) -> None:
        super().__init__(
            events, media_type=MEDIA_TYPE, headers={"cache-control": "no-store", "x-accel-buffering": "no"}
        )
        self._purse, self._caller = purse, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._purse.give(self._caller)


async def write_events(
    events: Feed,
    caller: Caller,
    after: int,
    source: str,
    admit: Callable[[], Awaitable[bool]] | None = None,
    told: Callable[[Caller, Event], None] = lambda _caller, _event: None,
) -> AsyncIterator[bytes]:
    """Write events of a ledger in the form of the HTML standard, section 9.2; a comment is a sign of life.

    What is told is told to `told` too.
    """
    yield b": hanse\n\n"
    async for event in events.events(caller, after, admit):
        if event is None:
            yield b": still here\n\n"
            continue
        told(caller, event)
        yield _written(event, source)


@lru_cache(maxsize=4 * EVENTS_READ)
def _written(event: Event, source: str) -> bytes:
    """Write an event, once for all who listen."""
    return b"id: %d\nevent: record\ndata: %b\n\n" % (event.position, write_event(event, source))
