"""That the other members' nodes are to be asked which sealed documents they have for readers here.

A node that was brought back from a backup, or that took a ledger over, lacks documents that others believe delivered.
The question stands in a file until every other member's node has answered it.

payloads/ask-anew    the moment from which on it is asked, in digits
"""

import logging
from pathlib import Path

from hanse_io.durable import force, make_private, replace_durably
from hanse_ledger.values.types import Moment
from hanse_node.base.bounds import PAYLOAD_GIVEN_UP_MS
from hanse_node.payloads.disk import disk
from hanse_node.payloads.names import FOLDER

log = logging.getLogger(__name__)

NAME = "ask-anew"


def ask_anew(node: Path, now: Moment) -> None:
    """Have a node ask at its next start; durable on return.

    Args:
        node: the node's folder.
        now: the present in milliseconds since 1970.

    Raises:
        OSError: the file cannot be written.
    """
    make_private(node / FOLDER)
    replace_durably(node / FOLDER / NAME, str(now).encode())


def ask_where_new(node: Path, now: Moment) -> None:
    """Have a node of a consortium ask that has no folder of sealed documents: it is new, or that was lost.

    Raises StoreFailed.
    """
    if not (node / FOLDER).exists():
        with disk("are to be asked for"):
            ask_anew(node, now)


class AskingAnew:
    """The file. Not for several threads at once."""

    def __init__(self, folder: Path) -> None:
        """Read it, in the folder of sealed documents. One that cannot be read counts as none."""
        self._path = folder / NAME
        self.since = _read(self._path)

    def due(self, now: Moment) -> bool:
        """Tell whether others are to be asked; after 30 days no more."""
        return self.since is not None and now - self.since <= PAYLOAD_GIVEN_UP_MS

    def end(self) -> None:
        """Ask no more. Raises StoreFailed."""
        with disk("are still to be asked for"):
            self._path.unlink(missing_ok=True)
            force(self._path.parent)
        self.since = None


def _read(path: Path) -> Moment | None:
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text.isdecimal():
        log.warning("a file that says since when sealed documents are asked for cannot be read")
        return None
    return int(text)
