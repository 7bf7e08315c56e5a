"""A desk for the tests of the commands: they are typed against a real node, all in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.typed.desk import Desk, open_desk_here


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    with open_desk_here(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def stand(tmp_path: Path) -> Desk:
    """Give a folder with the documents and a list of members, and no node yet."""
    return Desk(tmp_path)
