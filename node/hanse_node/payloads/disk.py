"""What the disk refuses of sealed documents, as an error of the node's."""

from collections.abc import Iterator
from contextlib import contextmanager

from hanse_node.base.errors import StoreFailed


@contextmanager
def disk(what: str) -> Iterator[None]:
    """Turn an error of the disk into one of the node's. Raises StoreFailed."""
    try:
        yield
    except OSError as error:
        raise StoreFailed(f"sealed documents {what}: {error}") from error
