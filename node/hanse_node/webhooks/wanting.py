"""What a webhook wants of that which its owner may hear (`owners`)."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.values import patterns
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_node.base.bounds import WEBHOOK_WANTS
from hanse_node.queries.event import Event

_Id = Annotated[str, Meta(pattern=patterns.HEX_32)]


class Wants(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a webhook wants: of these kinds, and concerning one of these objects; all, where there are none.

    A party is an object like any other. A kind may be a whole one, `invoice.issue`, or its first word, `invoice`; a
    bundle is of the kinds of its steps too.
    """

    kinds: tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...] = ()
    objects: tuple[_Id, ...] = ()


def write_wants(wants: Wants) -> bytes:
    """Write what a webhook wants."""
    return msgspec.json.encode(wants)


def read_wants(data: bytes) -> Wants:
    """Read what a webhook wants. Raises Malformed."""
    try:
        wants = msgspec.json.decode(data, type=Wants)
    except UNREADABLE as error:
        raise Malformed(f"what a webhook wants is damaged: {error}") from error
    if len(wants.kinds) + len(wants.objects) > WEBHOOK_WANTS:
        raise Malformed(f"a webhook names {WEBHOOK_WANTS} kinds and objects at most")
    return wants


def wanted(wants: Wants) -> Callable[[Event], bool]:
    """Give what tells whether an event is wanted."""
    kinds, objects = frozenset(wants.kinds), frozenset(bytes.fromhex(name) for name in wants.objects)

    def tell(event: Event) -> bool:
        told = {event.kind, *event.kinds}
        told |= {kind.partition(".")[0] for kind in told}
        return (not kinds or not kinds.isdisjoint(told)) and (not objects or not objects.isdisjoint(event.objects))

    return tell
