"""Which events a webhook gets: what its owner may hear, and of that what it wants."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_ledger.values import patterns
from hanse_ledger.values.errors import UNREADABLE, Malformed
from hanse_node.access.caller import ITSELF, Caller, CallerKind
from hanse_node.base.bounds import WEBHOOK_WANTS
from hanse_node.queries.event import Event
from hanse_node.signing.tokens import Scope, TokenBook

OPERATOR = "operator"
"""The owner of a webhook that is the node's own: whoever has its folder reads everything that is in it."""

TOKEN = "token "  # noqa: S105 (what an owner's name begins with)

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


def listening(owner: str, tokens: TokenBook | None) -> tuple[Caller, str]:
    """Say as whom a webhook listens, and why it may not, for now: nothing where it may.

    This is the one place where the rights of a webhook's owner are asked: what is read for it is read as this caller.

    Args:
        owner: `operator`, or `token ` and the name of a token of the node.
        tokens: the node's; nil where it asks for none.
    """
    if owner == OPERATOR:
        return ITSELF, ""
    name = owner.removeprefix(TOKEN)
    caller = Caller(CallerKind.TOKEN, name)
    token = None if tokens is None else next((each for each in tokens.tokens if each.name == name), None)
    if token is None or tokens is None:
        return caller, f"there is no token {name}"
    if tokens.ended(token):
        return caller, f"the token {name} has ended"
    if Scope.READ not in token.scopes:
        return caller, f"the token {name} does not open {Scope.READ.value}"
    return caller, ""
