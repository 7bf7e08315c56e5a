"""An empty database of each kind, and stores on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from hanse_node.store.sql import SqlLedgerStore, open_store
from tests.conftest import postgres_database
from tests.world.node_ledger import (
    GENESIS,
)
from tests.world.trade.whole import Trade, trade_running


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


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "cometbft"])
def trade(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    """Run a node that asks who reads, and holds a whole trade: tests read it, and change nothing.

    On each database, and as its application has it when CometBFT brings the blocks: heads are shown once others sign.
    """
    path = tmp_path_factory.mktemp("rights")
    if request.param != "postgresql":
        with trade_running(path, alone=request.param == "sqlite") as running:
            yield running
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as made:
        url = made.render_as_string(hide_password=False)
        with trade_running(path, url) as running:
            yield running
