"""`/v1/events`: what happens, as it happens."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import Response, StreamingResponse

from hanse_ledger import limits
from hanse_node.api.deps import Events, answers
from hanse_node.api.schemas import event_data, write_json
from hanse_node.feed import Feed

MEDIA_TYPE = "text/event-stream"

Position = Annotated[int, Query(ge=0, lt=limits.LOG_SIZE, description="Begin behind this position")]
Last = Annotated[int | None, Header(alias="last-event-id", ge=0, lt=limits.LOG_SIZE)]

router = APIRouter(tags=["events"])


@router.get("/v1/events", response_class=Response, responses=answers(MEDIA_TYPE, "Server-sent events"))
async def get_events(events: Events, after: Position = 0, last_event_id: Last = None) -> Response:
    """Tell every record as it comes to stand, from `after` on; a reader that comes back names the last that it saw.

    An event's id is the record's position, its data an `EventData`. Nothing is left out, however late a reader is.
    """
    events.check()
    begin = after if last_event_id is None else last_event_id
    return StreamingResponse(
        write_events(events, begin),
        media_type=MEDIA_TYPE,
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def write_events(events: Feed, after: int) -> AsyncIterator[bytes]:
    """Write events in the form of the HTML standard, section 9.2; a comment is a sign of life."""
    yield b": hanse\n\n"
    async for event in events.events(after):
        if event is None:
            yield b": still here\n\n"
        else:
            data = write_json(event_data(event))
            yield b"id: %d\nevent: record\ndata: %b\n\n" % (event.position, data)
