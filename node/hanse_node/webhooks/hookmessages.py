"""What is sent to webhooks: events, and tries."""

import secrets

import msgspec

from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment
from hanse_node.queries.cloudevents import TYPE_PREFIX, write_event
from hanse_node.queries.event import Event
from hanse_node.webhooks.onecall import Message

TRY = TYPE_PREFIX + "webhook.try"
"""The type of what is sent to try a webhook: nothing has happened."""


def message_of(event: Event, source: str) -> Message:
    """Make the message of an event: its id is the record's, whenever and from whichever node it is sent."""
    return Message(
        id=event.id.hex(), type=TYPE_PREFIX + event.kind, position=event.position, body=write_event(event, source)
    )


def trial(hook: str, source: str, now: Moment) -> Message:
    """Make a message that tries a webhook, with an id of its own."""
    message_id = f"try-{secrets.token_hex(16)}"
    event = {
        "specversion": "1.0",
        "id": message_id,
        "source": source,
        "type": TRY,
        "time": moment_words(now),
        "datacontenttype": "application/json",
        "data": {"webhook": hook},
    }
    return Message(id=message_id, type=TRY, position=None, body=msgspec.json.encode(event))
