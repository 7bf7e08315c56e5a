"""The read log in the database: a row an hour for each who reads what of whom, in the order in which they began.

They are no part of the ledger. Only the node that it belongs to writes; the oldest rows are let go of.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, bindparam, delete, func, insert, or_, select, update

from hanse_ledger.values.types import Moment
from hanse_node.store.beside.besidenode import Database
from hanse_node.store.tables import read_row

ROWS_A_PAGE = 16


class ReadRow(Struct, frozen=True, kw_only=True):
    """A row as it is kept; see `tables.read_row`. Times are in milliseconds since 1970."""

    turn: int
    party: bytes
    first: Moment
    last: Moment
    times: int
    reader: str
    name: str
    member: str
    delayed: bool
    entitled: str
    way: str
    kind: str
    object: bytes
    payload: bytes


class ReadsWanted(Struct, frozen=True, kw_only=True):
    """Which rows are sought, the newest first.

    Attributes:
        parties: whom they concern; nil for everybody.
        object: only of this object or record; nil for all.
        since: only what was read then or later.
        until: only what was read first before.
        told: of offices that decide or settle only what was read last at this moment or before; nil for all.
        before: only of smaller turns: where the page before ended.
        limit: how many, from 1.
    """

    parties: tuple[bytes, ...] | None
    object: bytes | None
    since: Moment | None
    until: Moment | None
    told: Moment | None
    before: int | None
    limit: int


class ReadRows:
    """The read log of one node. Any thread may call; each call is one transaction. All raise StoreFailed."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def extent(self) -> tuple[int, int]:
        """Tell how many rows there are, and the greatest turn; 0 of none."""
        query: Any = select(func.count(), func.max(read_row.c.turn)).select_from(read_row)
        (row,) = self._rows(query)
        return row[0], row[1] or 0

    def oldest(self) -> Moment | None:
        """Tell when what the oldest row says began; nil of none."""
        rows = self._rows(select(read_row.c.first).order_by(read_row.c.turn).limit(1))
        return rows[0][0] if rows else None

    def put(self, new: Sequence[ReadRow], again: Sequence[tuple[int, int, Moment]]) -> None:
        """Write rows, and count what was read again; durable on return.

        Args:
            new: rows of greater turns than any.
            again: turn, how many times more, and when last.
        """
        values = [_columns(row) for row in new]
        with self._store.beside(1 + (len(new) + len(again)) // ROWS_A_PAGE) as connection:
            if values:
                connection.execute(insert(read_row), values)
            if again:
                counted = (
                    update(read_row)
                    .where(read_row.c.turn == bindparam("of"))
                    .values(times=read_row.c.times + bindparam("more"), last=bindparam("newest"))
                )
                parameters = [{"of": turn, "more": times, "newest": last} for turn, times, last in again]
                connection.execute(counted, parameters)

    def trim(self, over: int, before: Moment, most: int) -> tuple[int, int, int]:
        """Let go of the oldest rows: of so many that are too many, and of those that were read last before a moment.

        Args:
            over: how many rows there are too many.
            before: the moment.
            most: how many are let go of at most.

        Returns:
            How many are gone, how many of them were not so old, and the greatest turn among them.
        """
        query = select(read_row.c.turn, read_row.c.last).order_by(read_row.c.turn).limit(most)
        gone = young = newest = 0
        for turn, last in self._rows(query):
            if last >= before and gone >= over:
                break
            gone, young, newest = gone + 1, young + (last >= before), turn
        if gone:
            with self._store.beside(1 + gone // ROWS_A_PAGE) as connection:
                connection.execute(delete(read_row).where(read_row.c.turn <= newest))
        return gone, young, newest

    def page(self, wanted: ReadsWanted) -> list[ReadRow]:
        """List rows, the newest first."""
        query = select(read_row).order_by(read_row.c.turn.desc()).limit(wanted.limit)
        if wanted.object is not None:
            query = query.where(read_row.c.object == wanted.object)
        if wanted.since is not None:
            query = query.where(read_row.c.last >= wanted.since)
        if wanted.until is not None:
            query = query.where(read_row.c.first < wanted.until)
        if wanted.told is not None:
            query = query.where(or_(read_row.c.delayed == 0, read_row.c.last <= wanted.told))
        if wanted.before is not None:
            query = query.where(read_row.c.turn < wanted.before)
        if wanted.parties is None:
            return [_row(row) for row in self._rows(query)]
        # Each by itself in the order of the index; together they are no more than a few pages.
        found = [row for party in wanted.parties for row in self._rows(query.where(read_row.c.party == party))]
        return sorted(map(_row, found), key=lambda row: -row.turn)[: wanted.limit]

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        with self._store.reading() as reads:
            return list(reads.rows(query))


def _row(row: Any) -> ReadRow:
    values = {field: getattr(row, field) for field in ReadRow.__struct_fields__}
    blobs = {field: bytes(values[field]) for field in ("party", "object", "payload")}
    return ReadRow(**{**values, **blobs, "delayed": bool(values["delayed"])})


def _columns(row: ReadRow) -> dict[str, object]:
    return {**{field: getattr(row, field) for field in row.__struct_fields__}, "delayed": int(row.delayed)}
