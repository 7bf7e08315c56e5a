"""What a node keeps beside the ledger, in the same database: whoever works on it, in the node or next to it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import URL, Connection, Table, inspect

from hanse_node.base.errors import StoreFailed
from hanse_node.store.databases.database import open_database, store_errors, writing
from hanse_node.store.databases.revision import check_revision, revision_of
from hanse_node.store.reads import Reads
from hanse_node.store.statements import Statements


class Database(Protocol):
    """Where such rows stand: a store, or the database of one that may run meanwhile. Both raise StoreFailed."""

    def reading(self) -> AbstractContextManager[Reads]:
        """See the rows as they are committed."""
        ...

    def beside(self, pages: int) -> AbstractContextManager[Connection]:
        """Write in one transaction of about so many pages, durably."""
        ...


class BesideNode:
    """The database of a node, for its operator; the node may run meanwhile, and sees what is written."""

    def __init__(self, url: URL, table: Table, what: str) -> None:
        """Open it.

        Args:
            url: the database's.
            table: which must be there.
            what: stands in it, in words.
        """
        self._engine, self._table, self._what = open_database(url), table, what

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Reads]:
        """See the rows as they are committed. Raises CannotStart: it is of another release."""
        with store_errors(), self._engine.connect() as connection, connection.begin():
            check_revision(revision_of(connection))
            if self._table.name not in inspect(connection).get_table_names():
                raise StoreFailed(f"the database is of before {self._what}: start the node once, which makes room")
            yield Reads(connection, Statements(self._engine.dialect))

    @contextmanager
    def beside(self, pages: int) -> Iterator[Connection]:
        """Write in one transaction."""
        with store_errors(), writing(self._engine) as connection, connection.begin():
            yield connection
