"""Webhooks in the database: how far each has come, and the newest deliveries. What is told stands in the log itself.

Where a hook stands is one row. The node writes into it what it has delivered; its operator, while the node may run,
adds, removes, pauses and sends back. Each of these changes the row's `version`, and the node writes into a row only
what belongs to the version that it knows: so neither undoes what the other has done.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, delete, func, insert, select, update

from hanse_ledger.values.types import Moment
from hanse_node.base.bounds import DELIVERIES_KEPT
from hanse_node.base.errors import NodeError
from hanse_node.store.beside.besidenode import Database
from hanse_node.store.tables import webhook, webhook_delivery


class HookTaken(NodeError):
    """There is a webhook of that name already."""


class NoRoomForHook(NodeError):
    """There are as many webhooks as there may be."""


class HookGone(NodeError):
    """There is no webhook of that name."""


class Hook(Struct, frozen=True, kw_only=True):
    """A webhook as it is kept; see `tables.webhook`. Times are in milliseconds since 1970."""

    name: str
    owner: str
    url: str
    wants: bytes
    public: str
    made: Moment
    version: int
    position: int
    failing: Moment | None = None
    attempts: int = 0
    due: Moment = 0
    paused: Moment | None = None
    reason: str = ""


class HookDelivery(Struct, frozen=True, kw_only=True):
    """A call that was made: when, of which event, how long it took, and the answer's status, or what was wrong."""

    made: Moment
    id: str
    position: int | None
    type: str
    milliseconds: int
    status: int | None
    fault: str

    @property
    def accepted(self) -> bool:
        """Whether the receiver has it."""
        return not self.fault


PROGRESS = ("position", "failing", "attempts", "due", "paused", "reason")
"""What the node itself writes."""


class Hooks:
    """The webhooks of one node. Any thread may call; each call is one transaction. All raise StoreFailed."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def every(self) -> list[Hook]:
        """List all, in the order of their names."""
        return [_hook(row) for row in self._rows(select(webhook).order_by(webhook.c.name))]

    def find(self, name: str) -> Hook:
        """Find one by its name. Raises HookGone."""
        rows = self._rows(select(webhook).where(webhook.c.name == name))
        if not rows:
            raise HookGone(f"there is no webhook {name!r}")
        return _hook(rows[0])

    def deliveries(self, name: str, most: int) -> list[HookDelivery]:
        """List the newest deliveries to one, the newest first."""
        query = select(webhook_delivery).where(webhook_delivery.c.hook == name)
        columns = HookDelivery.__struct_fields__
        rows = self._rows(query.order_by(webhook_delivery.c.turn.desc()).limit(most))
        return [HookDelivery(**{field: getattr(row, field) for field in columns}) for row in rows]

    def add(self, hook: Hook, *, most: int) -> None:
        """Keep another one; durable on return.

        Args:
            hook: what it is.
            most: how many there may be.

        Raises:
            HookTaken, NoRoomForHook: nothing has changed.
        """
        with self._store.beside(1) as connection:
            if connection.execute(select(webhook.c.name).where(webhook.c.name == hook.name)).first():
                raise HookTaken(f"there is a webhook {hook.name!r} already")
            if connection.execute(select(func.count()).select_from(webhook)).scalar_one() >= most:
                raise NoRoomForHook(f"a node has {most} webhooks at most")
            connection.execute(insert(webhook).values(**_columns(hook)))

    def remove(self, name: str) -> None:
        """Forget one, and what was delivered to it; durable on return. Raises HookGone."""
        with self._store.beside(1) as connection:
            if not connection.execute(delete(webhook).where(webhook.c.name == name)).rowcount:
                raise HookGone(f"there is no webhook {name!r}")
            connection.execute(delete(webhook_delivery).where(webhook_delivery.c.hook == name))

    def change(self, name: str, now: Moment, **values: object) -> None:
        """Change one, as its operator does: what failed before counts no more. Durable on return. Raises HookGone.

        Args:
            name: which.
            now: the present.
            values: what of `position`, `paused`, `reason` and `public` becomes what.
        """
        assert set(values) <= {"position", "paused", "reason", "public"}, "the rest is the node's"
        mine = webhook.c.name == name
        with self._store.beside(1) as connection:
            version = connection.execute(select(webhook.c.version).where(mine)).scalar()
            if version is None:
                raise HookGone(f"there is no webhook {name!r}")
            # Another version in any case, also where the clock stands still or runs backwards.
            fresh = {"version": max(now, version + 1), "failing": None, "attempts": 0, "due": 0}
            connection.execute(update(webhook).where(mine).values(**values, **fresh))

    def progress(self, hooks: Sequence[Hook], deliveries: Sequence[tuple[str, HookDelivery]]) -> None:
        """Write how far hooks have come, and what was delivered; durable on return.

        What belongs to a version that is no more is dropped; of each hook so many deliveries are kept.

        Args:
            hooks: as they stand now.
            deliveries: each after the name of its hook, in order.
        """
        with self._store.beside(1 + len(deliveries) // 16) as connection:
            for hook in hooks:
                mine = (webhook.c.name == hook.name) & (webhook.c.version == hook.version)
                values = {field: getattr(hook, field) for field in PROGRESS}
                connection.execute(update(webhook).where(mine).values(**values))
            for name in sorted({name for name, _ in deliveries}):
                _add_deliveries(connection, name, [delivery for of, delivery in deliveries if of == name])

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with self._store.reading() as reads:
            return list(reads.rows(query))


def _add_deliveries(connection: Connection, name: str, deliveries: Sequence[HookDelivery]) -> None:
    if not connection.execute(select(webhook.c.name).where(webhook.c.name == name)).first():
        return  # it was removed meanwhile, and its deliveries with it
    mine = webhook_delivery.c.hook == name
    newest = connection.execute(select(func.max(webhook_delivery.c.turn)).where(mine)).scalar() or 0
    rows = [
        {"hook": name, "turn": newest + turn, **{field: getattr(each, field) for field in each.__struct_fields__}}
        for turn, each in enumerate(deliveries[-DELIVERIES_KEPT:], 1)
    ]
    connection.execute(insert(webhook_delivery), rows)
    oldest = newest + len(rows) - DELIVERIES_KEPT
    connection.execute(delete(webhook_delivery).where(mine, webhook_delivery.c.turn <= oldest))


def _hook(row: Any) -> Hook:
    values = {field: getattr(row, field) for field in Hook.__struct_fields__}
    return Hook(**{**values, "wants": bytes(values["wants"])})


def _columns(hook: Hook) -> dict[str, object]:
    return {name: getattr(hook, name) for name in hook.__struct_fields__}
