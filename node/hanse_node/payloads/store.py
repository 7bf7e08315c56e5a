"""Sealed documents on disk: taken piece by piece, checked by their hash, kept for as long as a record names them.

Bytes come before the record that names them. An upload says when that record expires, and is kept until an hour after
it; what a record names by then is kept until its document is erased. What each sender may have waiting is bounded, and
so is all together: an upload counts with all its bytes from the moment at which it is begun.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from msgspec import Struct
from msgspec.structs import replace

from hanse_io.durable import SECRET_MODE, force, make_private
from hanse_ledger.values import limits
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, Moment
from hanse_node.base.bounds import PAYLOAD_BYTES, PAYLOAD_GRACE_MS, PAYLOAD_IDLE_SECONDS, PAYLOAD_UPLOADS
from hanse_node.base.config import SealedDocuments
from hanse_node.base.errors import Busy, NodeError, QuotaExceeded, StoreFailed
from hanse_node.payloads.disk import disk
from hanse_node.payloads.kept import KeptPayloads
from hanse_node.payloads.names import FOLDER, WAITING, Key, WaitingName, read_waiting, sender_mark

log = logging.getLogger(__name__)

RETRY_SECONDS = 60
NOBODY = "no record"
"""Whose share that counts to which was kept and which no record names any more."""

MEBIBYTE = 1024 * 1024


class PayloadDiffers(NodeError):
    """All bytes of an upload have come, and their hash is another one. They are gone: it begins anew."""


class PayloadRefused(NodeError):
    """An upload that this node takes from nobody: of no size, or for a record that expires too late or has."""


class WrongOffset(NodeError):
    """A piece that does not begin where the bytes that have come end. `offset` says where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"{offset} bytes of it have come: the next piece begins there, and none goes beyond its size")
        self.offset = offset


class Progress(Struct, frozen=True):
    """How far an upload has come: how many bytes, and whether that is all of it, checked and on disk."""

    offset: int
    whole: bool


class PayloadsHeld(Struct, frozen=True, kw_only=True):
    """How much a node holds: documents that records name, and uploads, with their bytes."""

    kept: int
    kept_bytes: int
    waiting: int
    waiting_bytes: int


class _Upload:
    """An upload: its file's name, how much of it has come, when it last came further, and whether somebody is at it."""

    def __init__(self, name: WaitingName, received: int, touched: float) -> None:
        self.name, self.received, self.touched = name, received, touched
        self.busy = False


class PayloadStore:
    """The folder of sealed documents. Any thread may call."""

    def __init__(
        self, folder: Path, settings: SealedDocuments, clock: Callable[[], Moment], seconds: Callable[[], float]
    ) -> None:
        """Take up what lies in a node's folder.

        Args:
            folder: the node's.
            settings: how much there may be.
            clock: the present in milliseconds since 1970.
            seconds: a clock that never runs backwards.

        Raises:
            StoreFailed: the folder cannot be read.
        """
        self._folder, self._settings, self._clock, self._seconds = folder / FOLDER, settings, clock, seconds
        self._lock = Lock()
        self._uploads: dict[Key, _Upload] = {}
        self._whole: dict[Digest, _Upload] = {}
        with disk("cannot be read"):
            make_private(self._folder / WAITING)
            self._kept = KeptPayloads(self._folder)
            self._take_up()

    @property
    def folder(self) -> Path:
        """Where all of it lies."""
        return self._folder

    # What senders and readers ask

    def progress(self, holder: str, digest: Digest) -> Progress | None:
        """Say how far somebody's upload has come, or that the document is here whole. Nil where nothing has come."""
        with self._lock:
            size = self._size(digest)
            if size is not None:
                return Progress(size, whole=True)
            upload = self._uploads.get((digest, sender_mark(holder)))
            return None if upload is None else Progress(upload.received, whole=False)

    def put(self, holder: str, digest: Digest, piece: bytes, *, start: int, size: int, expires: Moment) -> Progress:
        """Take a piece of a document. The last one is answered when all of it is on disk, and has the hash.

        Args:
            holder: whose share it counts to.
            digest: SHA-256 of the whole.
            piece: some of its bytes, not none.
            start: where they begin.
            size: how many bytes the whole has.
            expires: when the record that will name it expires.

        Raises:
            PayloadRefused, QuotaExceeded: nothing of it is taken.
            WrongOffset: the piece begins elsewhere than what has come ends, or goes beyond `size`.
            Busy: another piece of it is being taken.
            PayloadDiffers: it is another document.
            StoreFailed: the disk refuses.
        """
        now = self._clock()
        if not 0 < size <= PAYLOAD_BYTES:
            raise PayloadRefused(f"a sealed document has 1 to {PAYLOAD_BYTES} bytes, and this one would have {size}")
        if not now < expires <= now + limits.EXPIRY_MS + limits.CLOCK_SKEW_MS:
            raise PayloadRefused("the record that names it must expire later than now, and within seven days")
        sender = sender_mark(holder)
        with self._lock, disk("cannot be written"):
            known = self._size(digest)
            if known is not None:
                self._prolong(digest, sender, expires)
                return Progress(known, whole=True)
            upload = self._begin(digest, sender, size, expires)
            if start != upload.received or start + len(piece) > size or not piece:
                raise WrongOffset(upload.received)
            upload.busy = True
        try:
            with disk("cannot be written"):
                return self._append(upload, piece)
        finally:
            upload.busy = False

    def read(self, digest: Digest, start: int = 0, most: int = PAYLOAD_BYTES) -> tuple[bytes, int] | None:
        """Give some bytes of a document that is here whole, and how many it has; nil where it is not here."""
        with self._lock:
            if self._kept.size(digest) is not None:
                path = self._kept.path(digest)
            elif digest in self._whole:
                path = self._at(self._whole[digest].name)
            else:
                return None
            try:
                with path.open("rb") as file:
                    file.seek(start)
                    return file.read(most), os.fstat(file.fileno()).st_size
            except OSError as error:
                raise StoreFailed(f"a sealed document cannot be read: {error}") from error

    def has(self, digest: Digest) -> bool:
        """Tell whether a document is here whole."""
        with self._lock:
            return self._size(digest) is not None

    # What the node does with them

    def keep(self, digest: Digest) -> bool:
        """Keep a document that a record names, for as long as one does; tell whether it is here. Raises StoreFailed."""
        with self._lock, disk("cannot be kept"):
            upload = self._whole.get(digest)
            if self._kept.size(digest) is not None or upload is None:
                return self._kept.size(digest) is not None
            self._kept.move_in(self._at(upload.name), digest, upload.name.size)
            self._forget(upload)
            self._drop_all(digest)
            return True

    def add(self, digest: Digest, data: bytes) -> None:
        """Keep a document that a record names, as another node or a backup has it; durable on return.

        Raises:
            PayloadDiffers: it is another one.
            QuotaExceeded: there is no room for it.
            StoreFailed: the disk refuses.
        """
        if len(data) > PAYLOAD_BYTES or hash_bytes(data) != digest:
            raise PayloadDiffers("the bytes are those of another document")
        with self._lock, disk("cannot be written"):
            if self._kept.size(digest) is None:
                self._need_room(len(data))
                self._kept.write(digest, data)
                self._drop_all(digest)

    def let_wait(self, digest: Digest, expires: Moment) -> bool:
        """Have a document that is kept wait for a record, until it expires; tell if it is here. Raises StoreFailed."""
        with self._lock, disk("cannot be let go of"):
            size = self._kept.size(digest)
            if size is None:
                return False
            name = WaitingName(digest=digest, sender=sender_mark(NOBODY), size=size, expires=expires, whole=True)
            self._kept.move_out(digest, self._at(name))
            upload = _Upload(name, size, self._seconds())
            self._uploads[name.key] = self._whole[digest] = upload
            return True

    def erase(self, digest: Digest) -> bool:
        """Delete a document for good, and what has come of it; tell whether something had. Raises StoreFailed."""
        with self._lock, disk("cannot be deleted"):
            kept = self._kept.erase(digest)
            return self._drop_all(digest) or kept

    def begin_anew(self, holder: str, digest: Digest) -> None:
        """Delete what has come of a document by one sender, if it is not whole. Raises StoreFailed."""
        with self._lock, disk("cannot be deleted"):
            upload = self._uploads.get((digest, sender_mark(holder)))
            if upload is not None and not upload.name.whole and not upload.busy:
                self._drop(upload)

    def waiting(self) -> list[Digest]:
        """List what is here whole and waits for its record."""
        with self._lock:
            return list(self._whole)

    def kept(self) -> list[Digest]:
        """List what records name, in the order in which it came as far as that is known."""
        with self._lock:
            return self._kept.digests()

    def sweep(self) -> int:
        """Delete uploads whose record has not come in time, and those that come no further; tell how many."""
        now, present, ended = self._clock(), self._seconds(), 0
        with self._lock, disk("cannot be deleted"):
            for upload in list(self._uploads.values()):
                idle = not upload.name.whole and present - upload.touched > PAYLOAD_IDLE_SECONDS
                if (idle or now > upload.name.expires + PAYLOAD_GRACE_MS) and not upload.busy:
                    self._drop(upload)
                    ended += 1
        return ended

    def held(self) -> PayloadsHeld:
        """Count what there is."""
        with self._lock:
            return PayloadsHeld(
                kept=len(self._kept),
                kept_bytes=self._kept.bytes,
                waiting=len(self._uploads),
                waiting_bytes=self._waiting_bytes(),
            )

    # How it is done, with the lock held

    def _begin(self, digest: Digest, sender: str, size: int, expires: Moment) -> _Upload:
        """Find an upload, or begin it where there is room. One of another size begins anew.

        Raises Busy, QuotaExceeded.
        """
        upload = self._uploads.get((digest, sender))
        if upload is not None and upload.busy:
            raise Busy("another piece of this document is being taken")
        if upload is not None and upload.name.size == size:
            self._rename(upload, replace(upload.name, expires=max(expires, upload.name.expires)))
            return upload
        if upload is not None:
            self._drop(upload)
        self._need_share(sender, size)
        self._need_room(size)
        if len(self._uploads) >= PAYLOAD_UPLOADS:
            raise QuotaExceeded("as many sealed documents wait for their records as may", RETRY_SECONDS)
        name = WaitingName(digest=digest, sender=sender, size=size, expires=expires, whole=False)
        upload = self._uploads[name.key] = _Upload(name, 0, self._seconds())
        return upload

    def _prolong(self, digest: Digest, sender: str, expires: Moment) -> None:
        """Have a document that is here wait for a later record, as its sender's. Raises QuotaExceeded."""
        upload = self._whole.get(digest)
        if upload is None or expires <= upload.name.expires:
            return
        if sender != upload.name.sender:
            own = self._uploads.get((digest, sender))
            if own is not None and own.busy:
                raise Busy("another piece of this document is being taken")
            if own is not None:
                self._drop(own)
            self._need_share(sender, upload.name.size)
        self._rename(upload, replace(upload.name, sender=sender, expires=expires))

    def _need_share(self, sender: str, size: int) -> None:
        own = [upload.name.size for upload in self._uploads.values() if upload.name.sender == sender]
        if len(own) >= self._settings.each or sum(own) + size > self._settings.each_mebibytes * MEBIBYTE:
            raise QuotaExceeded("as many sealed documents of this sender wait for their records as may", RETRY_SECONDS)

    def _need_room(self, size: int) -> None:
        if self._kept.bytes + self._waiting_bytes() + size > self._settings.mebibytes * MEBIBYTE:
            log.warning("there is no room for more sealed documents", extra={"bytes": self._kept.bytes})
            raise QuotaExceeded("this node has no room for more sealed documents", RETRY_SECONDS)

    def _waiting_bytes(self) -> int:
        return sum(upload.name.size for upload in self._uploads.values())

    def _size(self, digest: Digest) -> int | None:
        kept, upload = self._kept.size(digest), self._whole.get(digest)
        return upload.name.size if kept is None and upload is not None else kept

    def _rename(self, upload: _Upload, name: WaitingName) -> None:
        if name == upload.name:
            return
        path = self._at(upload.name)
        if path.exists():
            os.replace(path, self._at(name))
            force(path.parent)
        self._uploads.pop(upload.name.key, None)
        upload.name = name
        self._uploads[name.key] = upload

    def _drop_all(self, digest: Digest) -> bool:
        """Delete whatever waits or has come of a document; tell whether something had."""
        found = [each for each in self._uploads.values() if each.name.digest == digest and not each.busy]
        for upload in found:
            self._drop(upload)
        return bool(found)

    def _drop(self, upload: _Upload) -> None:
        self._at(upload.name).unlink(missing_ok=True)
        self._forget(upload)

    def _forget(self, upload: _Upload) -> None:
        self._uploads.pop(upload.name.key, None)
        if self._whole.get(upload.name.digest) is upload:
            del self._whole[upload.name.digest]

    def _at(self, name: WaitingName) -> Path:
        return self._folder / WAITING / name.write()

    def _take_up(self) -> None:
        """Read the names of what waits here. What a crash has left between two steps is deleted, and nothing else."""
        now, found = self._seconds(), list[tuple[WaitingName, int]]()
        for entry in os.scandir(self._folder / WAITING):
            name = read_waiting(entry.name)
            if name is None:
                log.warning("a file among uploads is none, and is left alone", extra={"file": entry.name})
                continue
            found.append((name, entry.stat(follow_symlinks=False).st_size))
        for name, size in sorted(found, key=lambda each: (each[0].whole, each[0].expires), reverse=True):
            # All bytes of a part: a crash came before they were looked at.
            sound = size == name.size if name.whole else size < name.size
            if not sound or name.key in self._uploads or self._size(name.digest) is not None:
                self._at(name).unlink()
                continue
            upload = self._uploads[name.key] = _Upload(name, size, now)
            if name.whole:
                self._whole[name.digest] = upload

    # Without the lock: one at a time is at an upload

    def _append(self, upload: _Upload, piece: bytes) -> Progress:
        """Write a piece; after the last one, look whether it is the document, and make it durable."""
        path, end = self._at(upload.name), upload.received + len(piece)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, SECRET_MODE)
        with os.fdopen(handle, "wb") as file:
            file.truncate(upload.received)  # what a failed write has left behind is written over
            file.seek(upload.received)
            file.write(piece)
            if end == upload.name.size:
                file.flush()
                os.fsync(file.fileno())
        if end < upload.name.size:
            # Pieces are not forced to disk one by one: what a crash takes of them the hash of the whole finds out.
            upload.received, upload.touched = end, self._seconds()
            return Progress(end, whole=False)
        same = hash_bytes(path.read_bytes()) == upload.name.digest
        with self._lock:
            if not same:
                self._drop(upload)
                raise PayloadDiffers("the bytes that have come are those of another document; it begins anew")
            # The point of no return: from here the document waits for its record, also after a crash. One before leaves
            # a part with all its bytes, which the next start deletes: it was not acknowledged.
            self._rename(upload, replace(upload.name, whole=True))
            upload.received = end
            # Who sends the same at once comes as far: the first one counts.
            self._whole.setdefault(upload.name.digest, upload)
        return Progress(end, whole=True)
