"""What the node refuses, in the command line's errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from hanse_client.base.errors import NodeFailed
from hanse_node.base.errors import CannotStart, NodeError


class Explained(Protocol):
    """A refusal of the node's that says what to do."""

    reason: str
    next_step: str


def sentences(error: Explained) -> tuple[str, str]:
    """Write a reason and a next step as sentences. They may begin with a path, so that no letter is changed."""
    return f"{error.reason}.", f"{error.next_step}."


@contextmanager
def node_errors() -> Iterator[None]:
    """Turn what the node refuses into the SDK's error. Raises NodeFailed."""
    try:
        yield
    except CannotStart as error:
        raise NodeFailed(*sentences(error)) from error
    except NodeError as error:
        raise NodeFailed(f"{error}.", "Look into its log.") from error
