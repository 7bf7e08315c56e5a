"""The statements of the hot path, written once for the database at hand.

They are made from the tables by SQLAlchemy and run as text on the driver's connection, many rows
at a time: the ORM, or compiling a statement a call, would cost more than the database does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    ClauseElement,
    Column,
    ColumnElement,
    Dialect,
    LargeBinary,
    Select,
    Table,
    and_,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    values,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from hanse_node.store.tables import block, checkpoint, claim, entry, head, history, mark, object_, record, tile

T = TypeVar("T")

_INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
"""How each database writes an insert that may replace."""

HEAD_ID = 1
"""The key of the row that says where the ledger stands."""

MEMBERS_ID = 2
"""The key of the row beside it that says who the members are."""

IN_WIDTHS = (8, 64, 512)
"""Lists are padded to one of these lengths, so that the database knows the statement again."""


def chunks(values: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """Cut a list into padded pieces for an IN: the last value is repeated until the piece has a known length."""
    widest = IN_WIDTHS[-1]
    for at in range(0, len(values), widest):
        part = tuple(values[at : at + widest])
        width = next(width for width in IN_WIDTHS if width >= len(part))
        yield part + part[-1:] * (width - len(part))


class contains(ColumnElement[bool]):  # noqa: N801 (it reads as SQLAlchemy's own functions do)
    """Whether bytes stand somewhere in a column's bytes."""

    inherit_cache = True

    def __init__(self, inside: ColumnElement[bytes], wanted: bytes) -> None:
        self.inside, self.wanted = inside, literal(wanted, LargeBinary)


@compiles(contains, "sqlite")
def _contains_sqlite(element: contains, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.inside, **kw)}, {compiler.process(element.wanted, **kw)}) > 0"


@compiles(contains, "postgresql")
def _contains_postgresql(element: contains, compiler: SQLCompiler, **kw: Any) -> str:
    return f"position({compiler.process(element.wanted, **kw)} in {compiler.process(element.inside, **kw)}) > 0"


class Statements:
    """Each attribute is the text of one statement, its parameters positional.

    `insert_…` and `put_…` take the table's columns in order; a put replaces what stands under the
    key. `…_in` is a dictionary by the length of the list (see `chunks`).
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._columns = dialect.name == "postgresql"
        self.insert_entry = self._insert(entry)
        self.insert_record = self._insert(record)
        self.insert_history = self._insert(history)
        self.insert_mark = self._insert(mark)
        self.put_object = self._put(object_, "data", "leaf")
        self.put_claim = self._put(claim, "value")
        self.put_tile = self._put(tile, "hashes", "checksum")
        self.put_head = self._put(head, "data")
        self.put_checkpoint = self._put_one(checkpoint, "note")
        self.put_block = self._put_one(block, "height")
        self.select_block = self._text(select(block.c.height).where(block.c.id == bindparam("key")))
        self.delete_claim = (
            "DELETE FROM claim WHERE place = ANY(%b::bytea[])"
            if self._columns
            else self._text(delete(claim).where(claim.c.place == bindparam("key")))
        )
        self.record_in = self._in(select(record.c.key, record.c.position), record.c.key)
        created = record.outerjoin(object_, object_.c.number == record.c.object)
        columns = (record.c.key, record.c.object, object_.c.data, object_.c.leaf)
        found = select(*columns).select_from(created).where(record.c.object.is_not(None))
        self.object_in = self._in(found, record.c.key)
        self.claim_in = self._in(select(claim.c.place, claim.c.value), claim.c.place)
        self.select_head = self._text(select(head.c.id, head.c.data).order_by(head.c.id))
        self.select_bucket = self._text(
            select(claim.c.place, claim.c.value)
            .where(claim.c.place >= bindparam("a"), claim.c.place <= bindparam("b"))
            .order_by(claim.c.place)
        )
        self.bucket_in = {width: self._buckets(width) for width in IN_WIDTHS}
        self.select_tile = self._text(
            select(tile.c.hashes, tile.c.checksum).where(tile.c.level == bindparam("a"), tile.c.index == bindparam("b"))
        )
        self.select_entries = self._text(
            select(entry.c.data, entry.c.leaf, entry.c.position)
            .where(entry.c.position >= bindparam("a"), entry.c.position < bindparam("b"))
            .order_by(entry.c.position)
        )
        self.select_history = self._text(
            select(history.c.sequence, history.c.position)
            .where(
                history.c.object == bindparam("a"),
                history.c.sequence >= bindparam("b"),
                history.c.sequence < bindparam("c"),
            )
            .order_by(history.c.sequence.desc())
        )
        last = select(func.max(mark.c.count)).where(mark.c.object == bindparam("b"), mark.c.position < bindparam("c"))
        self.select_mark = self._text(
            select(mark.c.count, mark.c.position, mark.c.data, mark.c.path).where(
                mark.c.object == bindparam("a"), mark.c.count == last.scalar_subquery()
            )
        )
        self.select_checkpoint = self._text(select(checkpoint.c.note).where(checkpoint.c.size == bindparam("key")))
        newest = select(func.max(checkpoint.c.size)).scalar_subquery()
        self.select_latest = self._text(select(checkpoint.c.size, checkpoint.c.note).where(checkpoint.c.size == newest))

    def run_many(self, driver: Any, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for many rows: one of `insert_…`, `delete_…`, and of `put_…` those of a group's tables."""
        if self._columns:
            # A row at a time would be a message each; these take a column each.
            driver.execute(text, [list(column) for column in zip(*rows, strict=True)])
        else:
            driver.executemany(text, rows)

    def _insert(self, table: Table) -> str:
        return self._from_columns(table) if self._columns else self._text(insert(table))

    def _from_columns(self, table: Table) -> str:
        quote = self._dialect.identifier_preparer.quote
        names = ", ".join(quote(each.name) for each in table.columns)
        arrays = ", ".join(f"%b::{each.type.compile(self._dialect)}[]" for each in table.columns)
        return f"INSERT INTO {quote(table.name)} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608 (our own names)

    def _text(self, statement: ClauseElement) -> str:
        compiled = statement.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True})
        assert isinstance(compiled, SQLCompiler)
        return str(compiled)

    def _put(self, table: Table, *changing: str) -> str:
        if not self._columns:
            return self._put_one(table, *changing)
        quote = self._dialect.identifier_preparer.quote
        key = ", ".join(quote(each.name) for each in table.primary_key)
        changes = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changing)
        return f"{self._from_columns(table)} ON CONFLICT ({key}) DO UPDATE SET {changes}"

    def _put_one(self, table: Table, *changing: str) -> str:
        statement = _INSERTS[self._dialect.name](table)
        changes = {name: statement.excluded[name] for name in changing}
        return self._text(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes))

    def _buckets(self, width: int) -> str:
        """Write the reading of many buckets at once: for each its first place, and a claim in it."""
        bounds = values(column("first", LargeBinary), column("last", LargeBinary), name="bounds")
        rows = bounds.data([(b"", b"")] * width).cte("wanted")
        # The bounds come first, so that the database looks for each of them instead of walking over all claims.
        inside = and_(claim.c.place >= rows.c.first, claim.c.place <= rows.c.last)
        query = select(rows.c.first, claim.c.place, claim.c.value).select_from(rows.join(claim, inside))
        return self._text(query)

    def _in(self, query: Select[Any], key: Column[Any]) -> dict[int, str]:
        return {width: self._text(query.where(key.in_([b""] * width))) for width in IN_WIDTHS}
