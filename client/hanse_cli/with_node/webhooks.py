"""Webhooks of a node, for its operator: added, listed, tried, sent again. The node may run meanwhile."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

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
from hanse_node.base.bounds import WEBHOOK_LONGEST_OVERLAP_MS, WEBHOOK_OVERLAP_MS, WEBHOOKS
from hanse_node.base.folder import database_url, read_folder
from hanse_node.queries.cloudevents import source_of
from hanse_node.queries.event import read_events
from hanse_node.queries.readers.rights import hears
from hanse_node.signing.tokens import TokenBook
from hanse_node.store.beside.besidenode import BesideNode
from hanse_node.store.beside.webhooks import Hook, HookDelivery, HookGone, Hooks, HookTaken, NoRoomForHook
from hanse_node.store.reads import standing_head
from hanse_node.store.tables import webhook
from hanse_node.webhooks.hookmessages import message_of, trial
from hanse_node.webhooks.onecall import Message, Receiver, check_url, read_reach
from hanse_node.webhooks.owners import MEMBER, OPERATOR, TOKEN, Owners, party_owner
from hanse_node.webhooks.secretfiles import SecretsFull, read_secrets, remove_secret, rotate_secret, write_secret
from hanse_node.webhooks.signing import Scheme, make_secret, public_key, scheme_of
from hanse_node.webhooks.wanting import Wants, read_wants, write_wants

__all__ = [
    "AddedHook",
    "Hook",
    "HookDelivery",
    "ListedHook",
    "Rotated",
    "add_webhook",
    "list_deliveries",
    "list_webhooks",
    "pause_webhook",
    "remove_webhook",
    "resume_webhook",
    "rotate_webhook",
    "send_again",
    "try_webhook",
    "whose",
]

Kept = TypeVar("Kept")

KEPT_FAULT = "Name one that `hanse webhook list` lists."


class AddedHook(NamedTuple):
    """A webhook that was added, and its secret, which nobody is told again; of a key pair only the public key is."""

    hook: Hook
    secret: str


class Rotated(NamedTuple):
    """A webhook with a new secret, which nobody is told again, and until when an old one counts too; nil: none does."""

    hook: Hook
    secret: str
    old_until: Moment | None


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
    owners: Owners

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
    owner: str,
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
        owner: whose it is, as `whose` writes it.
        ed25519: whether it signs with a key pair instead of a shared secret.
        begin: from which position on it gets everything; from now on, if nil.
        now: the present in milliseconds since 1970.

    Raises:
        InvalidInput: something is wrong with one of these. Nothing has changed.
        NodeFailed: the folder or the database cannot be read or written.
    """
    if not re.search(patterns.NAME, name):
        raise InvalidInput(f"{name!r} is no name of a webhook.", "Use up to 63 of a-z, 0-9, dots and hyphens.")
    wants = _wants(kinds, objects)
    with _operated(folder) as node:
        _check_url(url, node.inside)
        _need_reader(node, owner)
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


def whose(*, token: str | None = None, party: ObjectId | None = None, member: str | None = None) -> str:
    """Write whose a webhook is: a token's holder, a party, a member; the operator, if none is named.

    Raises InvalidInput: more than one is named.
    """
    named = [
        TOKEN + token if token is not None else "",
        party_owner(party) if party is not None else "",
        MEMBER + member if member is not None else "",
    ]
    found = [each for each in named if each]
    if len(found) > 1:
        raise InvalidInput("A webhook has one owner.", "Give one of --token, --for-party and --for-member.")
    return found[0] if found else OPERATOR


def rotate_webhook(
    folder: Path, name: str, now: Moment, *, overlap_ms: int = WEBHOOK_OVERLAP_MS, ed25519: bool | None = None
) -> Rotated:
    """Have a new secret take the place of a webhook's. A running node signs with it within a second.

    Args:
        folder: the node's.
        name: the webhook's.
        now: the present in milliseconds since 1970.
        overlap_ms: how long what is sent is signed with the old secret too; from 0 (for one that somebody has seen) to
            a week.
        ed25519: whether the new one is a key pair; as the old one is, if nil.

    Raises:
        InvalidInput: there is no such webhook, the overlap is out of bounds, or three secrets count already. Nothing
            has changed.
        NodeFailed: the folder or the database cannot be read or written.
    """
    if not 0 <= overlap_ms <= WEBHOOK_LONGEST_OVERLAP_MS:
        raise InvalidInput("Old secrets count up to seven days longer.", "Give --overlap 0 to 168 hours.")
    with _operated(folder) as node:
        node.hooks.find(name)
        pair = scheme_of(read_secrets(folder, name).newest) is Scheme.ED25519 if ed25519 is None else ed25519
        secret = make_secret(Scheme.ED25519 if pair else Scheme.HMAC)
        try:
            # The file first: until the row says so the node signs with what it knows, which counts meanwhile.
            kept = _written(lambda: rotate_secret(folder, name, secret, now, now + overlap_ms))
        except SecretsFull as error:
            step = "Wait until one has ended; or end all old ones at once: --overlap 0."
            raise InvalidInput(f"{error}.", step) from error
        node.hooks.change(name, now, public=public_key(secret))
        return Rotated(
            node.hooks.find(name), "" if pair else secret, max((each[1] for each in kept.older), default=None)
        )


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
    """Send the event of a record to a webhook once more, whatever the hook wants, if its owner may read it.

    Raises InvalidInput, NodeFailed.
    """
    with _operated(folder) as node:
        hook, size = node.hooks.find(name), node.size()
        with node.database.reading() as reads:
            position = reads.find_record(record)
            events = () if position is None or position >= size else read_events(reads, position, position + 1)
        # Its owner hears nothing that he may not read; to him such a record is as one that is not there.
        if not events or not hears(node.owners.listening(hook.owner)[0], events[0]):
            raise InvalidInput(
                f"No record {record.hex()} stands in this ledger that is told to the owner of {name}.",
                "Name one that `hanse webhook deliveries` lists.",
            )
        return _sent(node, hook, message_of(events[0], node.source))


def _sent(node: _Operated, hook: Hook, message: Message) -> HookDelivery:
    """Send a message now, from here, and note what came of it. Raises InvalidInput, NodeFailed."""
    _, why_not = node.owners.listening(hook.owner)
    if why_not:
        raise InvalidInput(f"Nothing is sent to it: {why_not}.", "Remove it, or let its owner read here again.")
    secrets, reach = read_secrets(node.folder, hook.name), read_reach(node.inside)

    async def send() -> HookDelivery:
        async with Receiver(hook.url, secrets, reach, now_ms) as receiver:
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


def _need_reader(node: _Operated, owner: str) -> None:
    """Insist that an owner may read here now. Raises InvalidInput."""
    _, why_not = node.owners.listening(owner)
    if why_not:
        step = "Name one who may read here now: a token with the scope read, a party or a member of this ledger."
        raise InvalidInput(f"Nothing would be sent: {why_not}.", step)


def _need_new(hooks: Hooks, name: str) -> None:
    """Insist that there is no webhook of a name. Raises InvalidInput."""
    if any(hook.name == name for hook in hooks.every()):
        raise InvalidInput(f"there is a webhook {name!r} already.", "Choose another name, or remove it first.")


def _written(write: Callable[[], Kept]) -> Kept:
    try:
        return write()
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
                        owners=Owners(TokenBook(folder / config.token_file, now_ms), database.reading, now_ms),
                    )
                except HookGone as error:
                    raise InvalidInput(f"{error}.", KEPT_FAULT) from error
    except Malformed as error:
        raise NodeFailed(f"{error.detail}.", "Remove the webhook, and add it again.") from error
