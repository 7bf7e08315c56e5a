"""Published proofs in the database: each under a name of 16 bytes, with the hash of what withdraws it.

They are no part of the ledger. What one is withdrawn to stays for a while as a row without a file, so that a call that
was delayed on its way does not publish it again.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, case, delete, func, insert, select, update

from hanse_ledger.values.types import Digest, Moment
from hanse_node.base.errors import NodeError
from hanse_node.store.beside.besidenode import Database
from hanse_node.store.tables import publication

PAGE_BYTES = 4_096


class NameTaken(NodeError):
    """There is a publication of that name already."""


class NoRoom(NodeError):
    """There are as many publications as there may be."""


class KeptPublication(Struct, frozen=True, kw_only=True):
    """A publication as it is kept; see `tables.publication`. Times are in milliseconds since 1970."""

    name: bytes
    holder: str
    given: Digest
    secret: Digest
    made: Moment
    renewed: Moment
    ended: Moment | None
    file: bytes | None


class Counts(Struct, frozen=True, kw_only=True):
    """How many publications stand, and when the one was renewed that waits longest; nil where none stands."""

    standing: int
    oldest: Moment | None


class ListedPublication(Struct, frozen=True, kw_only=True):
    """A publication without its proof, for the node's operator."""

    name: bytes
    holder: str
    made: Moment
    renewed: Moment
    ended: Moment | None


class Publications:
    """The publications of one node. Any thread may call; each call is one transaction. All raise StoreFailed."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def every(self) -> list[ListedPublication]:
        """List all, withdrawn or not, in order of when they were made."""
        fields = ListedPublication.__struct_fields__
        columns: list[Any] = [publication.c[name] for name in fields]
        rows = self._rows(select(*columns).order_by(publication.c.made, publication.c.name))
        return [
            ListedPublication(name=bytes(row[0]), holder=row[1], made=row[2], renewed=row[3], ended=row[4])
            for row in rows
        ]

    def find(self, name: bytes) -> KeptPublication | None:
        """Find one by its name, withdrawn or not."""
        found = self._rows(select(publication).where(publication.c.name == name))
        return _kept(found[0]) if found else None

    def add(self, kept: KeptPublication, *, most: int, most_of_holder: int) -> None:
        """Keep another one; durable on return.

        Args:
            kept: what it is.
            most: how many there may be, those that are withdrawn included.
            most_of_holder: how many of them of one holder.

        Raises:
            NameTaken, NoRoom: nothing has changed.
        """
        assert kept.file is not None, "what is added stands"
        mine = func.sum(case((publication.c.holder == kept.holder, 1), else_=0))
        with self._store.beside(len(kept.file) // PAGE_BYTES) as connection:
            # Within the writer's turn: nobody adds another one between these counts and the row.
            if connection.execute(select(publication.c.name).where(publication.c.name == kept.name)).first():
                raise NameTaken("a proof is published under this name")
            every, own = connection.execute(select(func.count(), mine)).one()
            if every >= most:
                raise NoRoom(f"this node publishes {most} proofs at most, and has as many")
            if (own or 0) >= most_of_holder:
                raise NoRoom(f"one token publishes {most_of_holder} proofs at most, and this one has as many")
            connection.execute(insert(publication).values(**_columns(kept)))

    def due(self, before: Moment, most: int) -> list[KeptPublication]:
        """Give those that stand and were renewed before a moment, the oldest first, so many at most."""
        query = (
            select(publication)
            .where(publication.c.renewed < before, publication.c.ended.is_(None))
            .order_by(publication.c.renewed, publication.c.name)
            .limit(most)
        )
        return [_kept(row) for row in self._rows(query)]

    def renew(self, name: bytes, file: bytes | None, now: Moment) -> bool:
        """Put a newer proof in the place of the one that stands, durably; nil leaves that one, and counts as tried.

        Returns:
            Whether it still stood: one that was withdrawn meanwhile stays so.
        """
        values = {"renewed": now} if file is None else {"renewed": now, "file": file}
        standing = update(publication).where(publication.c.name == name, publication.c.ended.is_(None))
        with self._store.beside(len(file or b"") // PAGE_BYTES) as connection:
            return connection.execute(standing.values(**values)).rowcount == 1

    def end(self, name: bytes, now: Moment) -> None:
        """Withdraw one: its file is gone, its row stays until `forget`. Twice is once. Durable on return."""
        standing = update(publication).where(publication.c.name == name, publication.c.ended.is_(None))
        with self._store.beside(1) as connection:
            connection.execute(standing.values(ended=now, file=None))

    def forget(self, before: Moment) -> int:
        """Remove the rows of what was withdrawn before a moment, and tell how many those were."""
        gone = publication.c.ended < before
        if not self._rows(select(publication.c.name).where(gone).limit(1)):
            return 0
        with self._store.beside(1) as connection:
            return connection.execute(delete(publication).where(gone)).rowcount

    def counts(self) -> Counts:
        """Count what stands."""
        query: Any = select(func.count(), func.min(publication.c.renewed)).where(publication.c.ended.is_(None))
        (row,) = self._rows(query)
        return Counts(standing=row[0], oldest=row[1])

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with self._store.reading() as reads:
            return list(reads.rows(query))


def _kept(row: Any) -> KeptPublication:
    name, holder, given, secret, made, renewed, ended, file = row
    return KeptPublication(
        name=bytes(name),
        holder=holder,
        given=bytes(given),
        secret=bytes(secret),
        made=made,
        renewed=renewed,
        ended=ended,
        file=None if file is None else bytes(file),
    )


def _columns(kept: KeptPublication) -> dict[str, object]:
    return {name: getattr(kept, name) for name in kept.__struct_fields__}
