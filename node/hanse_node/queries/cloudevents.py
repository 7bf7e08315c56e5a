"""How an event is told to others, on streams and to webhooks alike: as a CloudEvent in structured JSON.

Source: CloudEvents 1.0.2, and its JSON event format.
"""

from typing import Literal

import msgspec
from msgspec import Struct

from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import LedgerId
from hanse_node.queries.event import Event

MEDIA_TYPE = "application/cloudevents+json"

TYPE_PREFIX = "hanse."
"""What stands before a record's kind in an event's type."""

_encoder = msgspec.json.Encoder()


class EventData(Struct, frozen=True, kw_only=True):
    """A record came to stand in the ledger; `objects` are what it concerns.

    `state` is the state entry right before it, where one stands there, in hexadecimal.
    """

    position: int
    id: str
    kind: str
    height: int
    time: int
    objects: list[str]
    state: str | None


class CloudEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event with the attributes of CloudEvents 1.0: `source` and `id` together tell it from any other.

    `id` is the record's, `source` the ledger, so that every node tells of a record by the same two; `type` is its kind
    after `hanse.`, `time` its block's; `subject` the object whose own record it is, where it is one object's.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    time: str
    subject: str | None = None
    datacontenttype: Literal["application/json"]
    data: EventData


def source_of(ledger: LedgerId) -> str:
    """Name a ledger as the source of its events."""
    return f"urn:hanse:{ledger.hex()}"


def cloud_event(event: Event, source: str) -> CloudEvent:
    """Show an event of a ledger."""
    return CloudEvent(
        specversion="1.0",
        id=event.id.hex(),
        source=source,
        type=TYPE_PREFIX + event.kind,
        time=f"{moment_words(event.time)[:-1]}.{event.time % 1_000:03}Z",
        subject=None if event.subject is None else event.subject.hex(),
        datacontenttype="application/json",
        data=EventData(
            position=event.position,
            id=event.id.hex(),
            kind=event.kind,
            height=event.height,
            time=event.time,
            objects=[name.hex() for name in event.objects],
            state=None if event.state is None else event.state.hex(),
        ),
    )


def write_event(event: Event, source: str) -> bytes:
    """Write an event of a ledger, in one line."""
    return _encoder.encode(cloud_event(event, source))
