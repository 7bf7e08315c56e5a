"""`/verify`: the page is given to anybody, and says itself what it may do."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse_page.carried import carried_page
from tests.world.front import Front, front


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Run a node."""
    with front(tmp_path_factory.mktemp("page") / "node") as running:
        yield running


def test_the_page_is_given_whole(node: Front, tmp_path: Path) -> None:
    """It is the page that the release carries, with no trust file of the node's own."""
    answer = node.get("/verify", {"accept-encoding": "identity"})
    assert (answer.status_code, answer.content) == (200, carried_page())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_it_travels_packed_where_it_may(node: Front) -> None:
    """Whoever takes gzip gets it so."""
    answer = node.get("/verify", {"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    packed = answer.content if answer.content[:2] == b"\x1f\x8b" else gzip.compress(answer.content)
    assert gzip.decompress(packed) == carried_page()
