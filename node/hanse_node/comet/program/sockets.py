"""The Unix sockets between a node and its engine: one on which the engine asks, one on which its RPC answers.

Nothing of it listens on TCP. Both lie in the node's folder, where that has a short and plain path; else in a folder of
this user's alone that the system names anew at each start (a socket's path has at most 107 bytes).
"""

import os
import re
import stat
import tempfile
from pathlib import Path

from msgspec import Struct

from hanse_node.base.errors import CannotStart

PATH_BYTES = 107
"""What `sun_path` holds, less the byte that ends it (unix(7))."""

APPLICATION, RPC, WITNESS = "abci.sock", "rpc.sock", "w"
WITNESSES = 8
"""So many other members' engines are shown to this one while it takes a snapshot, each on a socket of its own."""

ELSEWHERE = "sockets"
"""A file in the node's folder that names the folder of its sockets, where they are not in it."""

PREFIX = "hanse-"

_PLAIN = re.compile(r"/[A-Za-z0-9._/-]*")
"""The engine cuts its settings at commas and spaces, and reads a URL's escapes: such a path is not given to it."""


class EngineSockets(Struct, frozen=True):
    """The folder of a node's sockets."""

    folder: Path

    @property
    def application(self) -> Path:
        """Where the engine asks this node."""
        return self.folder / APPLICATION

    @property
    def rpc(self) -> Path:
        """Where the engine answers this node."""
        return self.folder / RPC

    def witness(self, number: int) -> Path:
        """Where another member's engine answers this node's own."""
        return self.folder / f"{WITNESS}{number}.sock"

    def clear(self) -> None:
        """Remove what a crash has left: a socket that nobody serves keeps the next one from being made."""
        for path in (self.application, self.rpc, *(self.witness(number) for number in range(WITNESSES))):
            path.unlink(missing_ok=True)


def open_sockets(folder: Path) -> EngineSockets:
    """Choose where a node's sockets are; its lock is held. Raises CannotStart."""
    leave_sockets(folder)
    own = EngineSockets(folder.absolute())
    try:
        if fits(own):
            own.clear()
            return own
        sockets = EngineSockets(Path(tempfile.mkdtemp(prefix=PREFIX)))
        if not fits(sockets):
            sockets.folder.rmdir()
            raise CannotStart(
                f"{sockets.folder} is too long a path for a socket, and so is {folder}",
                "Set TMPDIR to a folder with a short path",
            )
        (folder / ELSEWHERE).write_text(f"{sockets.folder}\n")
    except OSError as error:
        raise CannotStart(
            f"the engine's sockets cannot be made: {error}", "Look at the folder's rights, and at TMPDIR"
        ) from error
    return sockets


def find_sockets(folder: Path) -> EngineSockets:
    """Find the sockets of a node that runs, or would be in its folder."""
    try:
        named = Path((folder / ELSEWHERE).read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return EngineSockets(folder.absolute())
    return EngineSockets(named)


def leave_sockets(folder: Path) -> None:
    """Remove a node's sockets, those that a crash has left too, and their folder if it is not the node's own."""
    sockets = find_sockets(folder)
    try:
        if sockets.folder != folder.absolute():
            if _is_ours(sockets.folder):
                sockets.clear()
                sockets.folder.rmdir()
            (folder / ELSEWHERE).unlink(missing_ok=True)
        else:
            sockets.clear()
    except OSError as error:
        raise CannotStart(f"the engine's old sockets cannot be removed: {error}", "Remove them") from error


def fits(sockets: EngineSockets) -> bool:
    """Tell whether the sockets of a folder have paths that the system and the engine take."""
    longest = max((sockets.application, sockets.rpc, sockets.witness(WITNESSES - 1)), key=lambda path: len(str(path)))
    return len(os.fsencode(longest)) <= PATH_BYTES and _PLAIN.fullmatch(str(longest)) is not None


def _is_ours(folder: Path) -> bool:
    """Tell whether a folder is one that this module makes: of this user alone, and no link to another."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    private = stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077
    return folder.name.startswith(PREFIX) and private and found.st_uid == os.getuid()
