"""Webhooks of a node, for its operator: added, listed, tried, sent again. The node may run meanwhile."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import anyio

from hanse_cli.with_node.nodeerrors import node_errors
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput, NodeFailed
from hanse_io.outgoing import Outgoing, OutOfReach
from hanse_ledger.kinds import KINDS
from hanse_ledger.values import patterns
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Moment, ObjectId, RecordId
from hanse_ledger.wire.genesis import ledger_id
from hanse_node.base.bounds import WEBHOOKS
from hanse_node.base.folder import database_url, read_folder
from hanse_node.queries.cloudevents import source_of
from hanse_node.queries.event import read_events
from hanse_node.signing.tokens import TokenBook
from hanse_node.store.beside.besidenode import BesideNode
from hanse_node.store.beside.webhooks import Hook, HookDelivery, HookGone, Hooks, HookTaken, NoRoomForHook
from hanse_node.store.reads import standing_head
from hanse_node.store.tables import webhook
from hanse_node.webhooks.hookmessages import message_of, trial
from hanse_node.webhooks.onecall import Message, Receiver, check_url, read_reach
from hanse_node.webhooks.secretfiles import read_secret, remove_secret, write_secret
from hanse_node.webhooks.signing import Scheme, make_secret, public_key
from hanse_node.webhooks.wanting import OPERATOR, TOKEN, Wants, listening, read_wants, write_wants

__all__ = [
    "AddedHook",
    "Hook",
    "HookDelivery",
    "ListedHook",
    "add_webhook",
    "list_deliveries",
    "list_webhooks",
    "pause_webhook",
    "remove_webhook",
    "resume_webhook",
    "send_again",
    "try_webhook",
]

KEPT_FAULT = "Name one that `hanse webhook list` lists."


class AddedHook(NamedTuple):
    """A webhook that was added, and its secret, which nobody is told again; of a key pair only the public key is."""

    hook: Hook
    secret: str


class ListedHook(NamedTuple):
    """A webhook, what it wants, and how many entries of the log it has not come past yet."""

    hook: Hook
    wants: Wants
    behind: int


class _Operated(NamedTuple):
    """A node's folder that is worked on."""

    folder: Path
    hooks: Hooks
    database: BesideNode
    source: str
    inside: str
    tokens: Path

    def size(self) -> int:
        """Say how many entries are committed."""
        with self.database.reading() as reads:
            return standing_head(reads).size


def add_webhook(  # noqa: PLR0913 (what a webhook is made of)
    folder: Path,
    name: str,
    url: str,
    *,
    kinds: Sequence[str],
    objects: Sequence[ObjectId],
    token: str | None,
    ed25519: bool,
    begin: int | None,
    now: Moment,
) -> AddedHook:
    """Add a webhook to a node.

    Args:
        folder: the node's.
        name: what it is called.
        url: where its receiver is.
        kinds: of which kinds, or first words of kinds, it wants events; of all, if empty.
        objects: concerning which objects; all, if empty.
        token: the name of the token whose holder it is; nil for the operator's own.
        ed25519: whether it signs with a key pair instead of a shared secret.
        begin: from which position on it gets everything; from now on, if nil.
        now: the present in milliseconds since 1970.

    Raises:
        InvalidInput: something is wrong with one of these. Nothing has changed.
        NodeFailed: the folder or the database cannot be read or written.
    """
    if not re.search(patterns.NAME, name):
        raise InvalidInput(f"{name!r} is no name of a webhook.", "Use up to 63 of a-z, 0-9, dots and hyphens.")
    wants, owner = _wants(kinds, objects), OPERATOR if token is None else TOKEN + token
    with _operated(folder) as node:
        _check_url(url, node.inside)
        _, why_not = listening(owner, TokenBook(node.tokens, now_ms))
        if why_not:
            raise InvalidInput(f"Nothing would be sent: {why_not}.", "Make one: hanse token create --scope read.")
        size = node.size()
        if begin is not None and begin > size:
            raise InvalidInput(f"The log has {size} entries, and none at {begin}.", "Begin there, or earlier.")
        secret = make_secret(Scheme.ED25519 if ed25519 else Scheme.HMAC)
        hook = Hook(
            name=name,
            owner=owner,
            url=url,
            wants=write_wants(wants),
            public=public_key(secret),
            made=now,
            version=now,
            position=size if begin is None else begin,
        )
        _need_new(node.hooks, name)
        # The secret first: one without a webhook is nobody's, and is replaced when the name is used.
        _written(lambda: write_secret(folder, name, secret))
        try:
            node.hooks.add(hook, most=WEBHOOKS)
        except (HookTaken, NoRoomForHook) as error:
            raise InvalidInput(f"{error}.", "Choose another name, or remove one: hanse webhook remove.") from error
    return AddedHook(hook, "" if ed25519 else secret)


def list_webhooks(folder: Path) -> list[ListedHook]:
    """List a node's webhooks, in the order of their names. Raises NodeFailed."""
    with _operated(folder) as node:
        size = node.size()
        return [
            # The last entry closes a block, and is told to nobody.
            ListedHook(hook, read_wants(hook.wants), max(0, size - 1 - hook.position))
            for hook in node.hooks.every()
        ]


def list_deliveries(folder: Path, name: str, most: int) -> list[HookDelivery]:
    """List the newest deliveries to a webhook, the newest first. Raises InvalidInput, NodeFailed."""
    with _operated(folder) as node:
        node.hooks.find(name)
        return node.hooks.deliveries(name, most)


def remove_webhook(folder: Path, name: str) -> None:
    """Remove a webhook, its secret and its deliveries. Raises InvalidInput: there is none; NodeFailed."""
    with _operated(folder) as node:
        node.hooks.remove(name)
        _written(lambda: remove_secret(folder, name))


def pause_webhook(folder: Path, name: str, now: Moment) -> Hook:
    """Let nothing more be sent to a webhook, for now. Raises InvalidInput, NodeFailed."""
    with _operated(folder) as node:
        node.hooks.change(name, now, paused=now, reason="its operator has paused it")
        return node.hooks.find(name)


def resume_webhook(folder: Path, name: str, now: Moment, begin: int | None = None) -> Hook:
    """Let a webhook go on from where it stands, or from another position. Raises InvalidInput, NodeFailed."""
    with _operated(folder) as node:
        size = node.size()
        if begin is not None and begin > size:
            raise InvalidInput(f"The log has {size} entries, and none at {begin}.", "Begin there, or earlier.")
        moved = {} if begin is None else {"position": begin}
        node.hooks.change(name, now, paused=None, reason="", **moved)
        return node.hooks.find(name)


def try_webhook(folder: Path, name: str, now: Moment) -> HookDelivery:
    """Send a message to a webhook that says nothing but that it is tried. Raises InvalidInput, NodeFailed."""
    with _operated(folder) as node:
        return _sent(node, node.hooks.find(name), trial(name, node.source, now))


def send_again(folder: Path, name: str, record: RecordId) -> HookDelivery:
    """Send the event of a record to a webhook once more, whatever the hook wants. Raises InvalidInput, NodeFailed."""
    with _operated(folder) as node:
        hook, size = node.hooks.find(name), node.size()
        with node.database.reading() as reads:
            position = reads.find_record(record)
            events = () if position is None or position >= size else read_events(reads, position, position + 1)
        if not events:
            raise InvalidInput(
                f"No record {record.hex()} stands in this ledger.", "Name one that `hanse webhook deliveries` lists."
            )
        return _sent(node, hook, message_of(events[0], node.source))


def _sent(node: _Operated, hook: Hook, message: Message) -> HookDelivery:
    """Send a message now, from here, and note what came of it. Raises InvalidInput, NodeFailed."""
    _, why_not = listening(hook.owner, TokenBook(node.tokens, now_ms))
    if why_not:
        raise InvalidInput(f"Nothing is sent to it: {why_not}.", "Remove it, or make its owner another token.")
    secret, reach = read_secret(node.folder, hook.name), read_reach(node.inside)

    async def send() -> HookDelivery:
        async with Receiver(hook.url, secret, reach, now_ms) as receiver:
            return (await receiver.send(message)).delivery

    delivery = anyio.run(send)
    node.hooks.progress((), [(hook.name, delivery)])
    if not delivery.accepted:
        raise NodeFailed(
            f"The receiver of {hook.name} has not accepted it: {delivery.fault}.", "Look into the receiver's log."
        )
    return delivery


def _wants(kinds: Sequence[str], objects: Sequence[ObjectId]) -> Wants:
    """Put together what a webhook wants. Raises InvalidInput."""
    known = {kind.name for kind in KINDS}
    known |= {name.partition(".")[0] for name in known}
    for kind in kinds:
        if kind not in known:
            raise InvalidInput(
                f"{kind!r} is no kind of record.", "See docs/formats/bodies.md for those that there are."
            )
    wants = Wants(kinds=tuple(sorted(set(kinds))), objects=tuple(sorted({name.hex() for name in objects})))
    try:
        return read_wants(write_wants(wants))
    except Malformed as error:
        raise InvalidInput(f"{error.detail}.", "Name fewer, or add a second webhook.") from error


def _check_url(url: str, inside: str) -> None:
    """Insist that an address is one, and leads to where the node may call. Raises InvalidInput, CannotStart."""
    try:
        check_url(url)
    except Malformed as error:
        raise InvalidInput(f"{error.detail}.", "Write it as https://erp.example/hooks/hanse.") from error
    reach, where = read_reach(inside), Outgoing(url, seconds=1, reach=read_reach(inside)).url
    clear = where.scheme == "http"
    try:
        anyio.run(lambda: reach.resolve(where.host, where.port or (80 if clear else 443), clear=clear))
    except OutOfReach as error:
        step = "Name the public address of the receiver; or allow its network: inside in [webhooks] of node.toml."
        raise InvalidInput(f"{error}.", step) from error


def _need_new(hooks: Hooks, name: str) -> None:
    """Insist that there is no webhook of a name. Raises InvalidInput."""
    if any(hook.name == name for hook in hooks.every()):
        raise InvalidInput(f"there is a webhook {name!r} already.", "Choose another name, or remove it first.")


def _written(write: Callable[[], None]) -> None:
    try:
        write()
    except OSError as error:
        raise NodeFailed(f"{error.filename} cannot be written: {error.strerror}.", "Restore its rights.") from error


@contextmanager
def _operated(folder: Path) -> Iterator[_Operated]:
    try:
        with node_errors():
            config, genesis = read_folder(folder)
            with closing(BesideNode(database_url(folder, config), webhook, "webhooks")) as database:
                try:
                    yield _Operated(
                        folder=folder,
                        hooks=Hooks(database),
                        database=database,
                        source=source_of(ledger_id(genesis)),
                        inside=config.webhooks.inside,
                        tokens=folder / config.token_file,
                    )
                except HookGone as error:
                    raise InvalidInput(f"{error}.", KEPT_FAULT) from error
    except Malformed as error:
        raise NodeFailed(f"{error.detail}.", "Remove the webhook, and add it again.") from error
