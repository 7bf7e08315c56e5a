"""What a node publishes, for its operator: listed, and taken down. The node may run meanwhile."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hanse_cli.with_node.nodeerrors import node_errors
from hanse_client.base.errors import InvalidInput
from hanse_ledger.values.types import Moment
from hanse_node.base.folder import database_url, read_folder
from hanse_node.publications.publicnames import read_name
from hanse_node.store.beside.besidenode import BesideNode
from hanse_node.store.beside.publications import ListedPublication, Publications
from hanse_node.store.tables import publication


def list_publications(folder: Path) -> list[ListedPublication]:
    """List what a node publishes, and what was withdrawn within 30 days. Raises NodeFailed."""
    with _publications(folder) as publications:
        return publications.every()


def withdraw_publication(folder: Path, text: str, now: Moment) -> None:
    """Take a published proof down, as its operator may without its secret. Twice is once.

    Args:
        folder: the node's.
        text: its name, in capitals or small letters.
        now: the present in milliseconds since 1970.

    Raises:
        InvalidInput: nothing is published under this name.
        NodeFailed: the folder or the database cannot be read or written.
    """
    name = read_name(text)
    with _publications(folder) as publications:
        if name is None or publications.find(name) is None:
            step = "Name one that `hanse node publications` lists."
            raise InvalidInput(f"Nothing is published under {text[:80]!r}.", step)
        publications.end(name, now)


@contextmanager
def _publications(folder: Path) -> Iterator[Publications]:
    with node_errors():
        config, _ = read_folder(folder)
        with closing(BesideNode(database_url(folder, config), publication, "published proofs")) as database:
            yield Publications(database)
