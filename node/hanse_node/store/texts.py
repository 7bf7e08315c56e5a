"""Writing statements for the database at hand, once, and running them on its driver many rows at a time.

They are made from the tables by SQLAlchemy and run as text on the driver's connection: the ORM, or compiling a
statement a call, would cost more than the database does.
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
    bindparam,
    delete,
    insert,
    literal,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

T = TypeVar("T")

Run = Callable[[str, Sequence[object]], list[Any]]
"""Runs a statement with its parameters, and gives its rows."""

_INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
"""How each database writes an insert that may replace."""

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


class Texts:
    """Writes statements, their parameters positional."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._columns = dialect.name == "postgresql"

    def run_many(self, driver: Any, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run what `insert`, `put` or `delete` has written, for many rows."""
        if self._columns:
            # A row at a time would be a message each; these take a column each.
            driver.execute(text, [list(column) for column in zip(*rows, strict=True)])
        else:
            driver.executemany(text, rows)

    def text(self, statement: ClauseElement) -> str:
        """Write any statement."""
        compiled = statement.compile(dialect=self._dialect, compile_kwargs={"render_postcompile": True})
        assert isinstance(compiled, SQLCompiler)
        return str(compiled)

    def among(self, query: Select[Any], key: Column[Any]) -> dict[int, str]:
        """Write a query for the rows whose key is among some, by how many those are (see `chunks`)."""
        return {width: self.text(query.where(key.in_([b""] * width))) for width in IN_WIDTHS}

    def insert(self, table: Table) -> str:
        """Write the insert of rows, a table's columns in order."""
        return self._from_columns(table) if self._columns else self.text(insert(table))

    def put(self, table: Table, changing: Sequence[str]) -> str:
        """Write the insert of rows that may stand already under their keys: then these columns are replaced."""
        if not self._columns:
            return self.put_one(table, changing)
        quote = self._dialect.identifier_preparer.quote
        key = ", ".join(quote(column.name) for column in table.primary_key)
        changes = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changing)
        return f"{self._from_columns(table)} ON CONFLICT ({key}) DO UPDATE SET {changes}"

    def put_one(self, table: Table, changing: Sequence[str]) -> str:
        """Write such an insert of one row."""
        statement = _INSERTS[self._dialect.name](table)
        changes = {name: statement.excluded[name] for name in changing}
        return self.text(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes))

    def delete(self, table: Table) -> str:
        """Write the removal of rows by their keys, the key's columns in order."""
        key = list(table.primary_key)
        if not self._columns:
            return self.text(delete(table).where(*(column == bindparam(f"key_{column.name}") for column in key)))
        quote = self._dialect.identifier_preparer.quote
        names = ", ".join(quote(column.name) for column in key)
        arrays = ", ".join(f"%b::{column.type.compile(self._dialect)}[]" for column in key)
        return f"DELETE FROM {quote(table.name)} WHERE ({names}) IN (SELECT * FROM unnest({arrays}))"  # noqa: S608 (our own names)

    def _from_columns(self, table: Table) -> str:
        quote = self._dialect.identifier_preparer.quote
        names = ", ".join(quote(column.name) for column in table.columns)
        arrays = ", ".join(f"%b::{column.type.compile(self._dialect)}[]" for column in table.columns)
        return f"INSERT INTO {quote(table.name)} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608 (our own names)
