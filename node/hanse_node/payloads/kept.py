"""Sealed documents that records name, in a node's folder: each under its hash, kept until it is erased."""

import os
from pathlib import Path

from hanse_io.durable import SECRET_MODE, force, make_private
from hanse_ledger.values.types import Digest
from hanse_node.payloads.names import HASH, KEPT, kept_path


class KeptPayloads:
    """The files. Not for several threads at once; the disk's errors are the caller's."""

    def __init__(self, folder: Path) -> None:
        """Read the names of what lies below a folder; what an interrupted write has left is deleted. Raises OSError."""
        self._folder = folder
        self._sizes: dict[Digest, int] = {}
        self.bytes = 0
        make_private(folder / KEPT)
        for below in os.scandir(folder / KEPT):
            for entry in os.scandir(below.path) if below.is_dir(follow_symlinks=False) else ():
                if entry.name.endswith(".new"):
                    Path(entry.path).unlink()
                elif HASH.fullmatch(entry.name):
                    self._count(bytes.fromhex(entry.name), entry.stat(follow_symlinks=False).st_size)

    def __len__(self) -> int:
        return len(self._sizes)

    def size(self, digest: Digest) -> int | None:
        """Say how many bytes a document has; nil where it is not here."""
        return self._sizes.get(digest)

    def path(self, digest: Digest) -> Path:
        """Say where a document lies, or would."""
        return kept_path(self._folder, digest)

    def digests(self) -> list[Digest]:
        """List what is kept."""
        return list(self._sizes)

    def move_in(self, file: Path, digest: Digest, size: int) -> None:
        """Take over a file that is whole, and on disk; durable on return. Raises OSError."""
        place = self._place(digest)
        os.replace(file, place)
        force(place.parent)
        force(file.parent)
        self._count(digest, size)

    def write(self, digest: Digest, data: bytes) -> None:
        """Write a document; durable on return. Raises OSError."""
        place = self._place(digest)
        beside = place.with_name(place.name + ".new")
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # The point of no return: a crash before it leaves a file beside, which the next start deletes.
        os.replace(beside, place)
        force(place.parent)
        self._count(digest, len(data))

    def move_out(self, digest: Digest, file: Path) -> None:
        """Give up a document that is here, as a file beside; durable on return. Raises OSError."""
        place = self.path(digest)
        os.replace(place, file)
        force(file.parent)
        force(place.parent)
        self.bytes -= self._sizes.pop(digest)

    def erase(self, digest: Digest) -> bool:
        """Delete a document for good; tell whether it was here. Raises OSError."""
        if digest not in self._sizes:
            return False
        place = self.path(digest)
        place.unlink(missing_ok=True)
        force(place.parent)
        self.bytes -= self._sizes.pop(digest)
        return True

    def _place(self, digest: Digest) -> Path:
        place = self.path(digest)
        if not place.parent.exists():
            make_private(place.parent)
            force(place.parent.parent)
        return place

    def _count(self, digest: Digest, size: int) -> None:
        self._sizes[digest] = size
        self.bytes += size
