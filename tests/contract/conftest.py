"""An empty database of each kind, and stores on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from hanse_node.store.sql import SqlLedgerStore, open_store
from tests.world.node_ledger import (
    GENESIS,
)


def url_of(path: Path) -> URL:
    """Name the database of a test."""
    return URL.create("sqlite", database=str(path / "ledger.db"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Name an empty database of each kind."""
    if request.param == "sqlite":
        return url_of(tmp_path)
    made: URL = request.getfixturevalue("postgres")
    return made


@pytest.fixture
def store(url: URL) -> Iterator[SqlLedgerStore]:
    """Give an open store that holds the genesis."""
    opened = open_store(url, GENESIS)
    yield opened
    opened.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[SqlLedgerStore]:
    """Give an open store on an SQLite file."""
    opened = open_store(url_of(tmp_path), GENESIS)
    yield opened
    opened.close()
