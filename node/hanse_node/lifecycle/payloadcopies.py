"""Sealed documents in a backup: one tar file, each under its hash, so that whoever brings it back can compare them.

Behind them stands who reads them (`readers/HASH.N`), as somebody told it: it is judged by the ledger that is brought
back, and offered anew to the readers' members' nodes.
"""

import logging
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from itertools import groupby, islice
from pathlib import Path

from hanse_io.durable import SECRET_MODE
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest, Moment
from hanse_node.base.bounds import PAYLOAD_BYTES, PAYLOAD_TELLERS
from hanse_node.base.config import SealedDocuments
from hanse_node.payloads.knownreaders import FOLDER as READERS
from hanse_node.payloads.knownreaders import OPENINGS_BYTES, KnownReaders, read_openings
from hanse_node.payloads.names import FOLDER, HASH, KEPT, WAITING, kept_path, read_waiting, sender_mark
from hanse_node.payloads.store import PayloadDiffers, PayloadStore

log = logging.getLogger(__name__)

HOLDER = "a backup"
"""Whose share that counts to which no record names yet."""

_NAME_LETTERS = 80
_TOLD = re.compile(rf"([0-9a-f]{{64}})\.([0-{PAYLOAD_TELLERS - 1}])")


def pack_payloads(folder: Path, target: Path) -> int:
    """Copy the sealed documents of a node's folder into a tar file, durable on return; tell how many: for none no file.

    The node may run meanwhile: copy its database before, so that what that names is among them. What is not what its
    name says is left out, and told in the log: the ledger's copy must not fail over it.

    Raises:
        OSError: a file cannot be read or written.
    """
    source, count = folder / FOLDER, 0
    names = sorted(_listed(source))
    if not names:
        return 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET_MODE)
    with os.fdopen(handle, "wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as packed:
            for below, digest, path in names:
                data = _read(path, kept_path(source, digest))
                if data is None:
                    continue  # erased meanwhile, or given up
                if hash_bytes(data) != digest:
                    log.error("a sealed document is damaged, and left out", extra={"payload": digest.hex()})
                    continue
                entry = tarfile.TarInfo(f"{below}/{digest.hex()}")
                entry.size, entry.mode = len(data), SECRET_MODE
                packed.addfile(entry, BytesIO(data))
                count += 1
            for name, told in _readers(source, {digest for _, digest, _ in names}):
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(told), SECRET_MODE
                packed.addfile(entry, BytesIO(told))
        file.flush()
        os.fsync(file.fileno())
    if not count:
        target.unlink()
    return count


def unpack_payloads(packed: Path, folder: Path, now: Moment) -> int:
    """Bring sealed documents back into a node's folder; durable on return. What is there stays. Tell how many came.

    Raises:
        PayloadDiffers: the file holds something else, or a document is not what its name says.
        StoreFailed, OSError: something cannot be read or written.
    """
    # A backup's documents have been let in before: their number has no bound of a sender's.
    most = SealedDocuments(each=1_000_000, each_mebibytes=1_000_000, mebibytes=2**30)
    store, count = PayloadStore(folder, most, lambda: now, lambda: 0.0), 0
    readers = KnownReaders(store.folder)
    try:
        with tarfile.open(packed, mode="r:") as opened:
            for entry in opened:
                below, _, name = entry.name.partition("/")
                fits = entry.isreg() and len(entry.name) <= _NAME_LETTERS and 0 < entry.size <= PAYLOAD_BYTES
                if fits and below == READERS and (about := _TOLD.fullmatch(name)) is not None:
                    _tell(opened, entry, readers, bytes.fromhex(about[1]), about[2])
                    continue
                if not fits or below not in (KEPT, WAITING) or HASH.fullmatch(name) is None:
                    raise PayloadDiffers(f"{packed.name} holds what is no sealed document")
                file = opened.extractfile(entry)
                assert file is not None, "it is a file"
                digest, data = bytes.fromhex(name), file.read()
                if below == KEPT:
                    store.add(digest, data)
                elif not store.put(
                    HOLDER, digest, data, start=0, size=entry.size, expires=now + limits.EXPIRY_MS
                ).whole:
                    raise PayloadDiffers(f"{packed.name} ends early")
                count += 1
    except (tarfile.TarError, EOFError) as error:
        raise PayloadDiffers(f"{packed.name} is damaged: {error}") from error
    return count


def _listed(source: Path) -> Iterator[tuple[str, Digest, Path]]:
    """List what is whole in a folder of sealed documents, with what it is and where it lies."""
    for path in (source / WAITING).glob("*.whole"):
        name = read_waiting(path.name)
        if name is not None:
            yield WAITING, name.digest, path
    for path in (source / KEPT).glob("*/*"):
        if HASH.fullmatch(path.name):
            yield KEPT, bytes.fromhex(path.name), path


def _readers(source: Path, digests: set[Digest]) -> Iterator[tuple[str, bytes]]:
    """Give who reads some documents, under the names of a backup: what holds, or what each sender has told."""
    found = sorted((source / READERS).glob("*"))
    for name, files in groupby(found, key=lambda path: path.name.partition(".")[0]):
        if HASH.fullmatch(name) is None or bytes.fromhex(name) not in digests:
            continue
        for place, path in enumerate(islice(files, PAYLOAD_TELLERS)):
            with suppress(FileNotFoundError):  # a record has settled it meanwhile: its readers are told anew
                yield f"{READERS}/{name}.{place}", path.read_bytes()


def _tell(opened: tarfile.TarFile, entry: tarfile.TarInfo, readers: KnownReaders, digest: Digest, place: str) -> None:
    """Take up who reads a document. Raises PayloadDiffers."""
    file = opened.extractfile(entry)
    assert file is not None, "it is a file"
    try:
        told = read_openings(file.read(OPENINGS_BYTES + 1))
    except Malformed as error:
        raise PayloadDiffers(f"{entry.name} does not say who reads a document: {error}") from error
    readers.tell(digest, sender_mark(f"{HOLDER} {place}"), told)


def _read(path: Path, moved: Path) -> bytes | None:
    """Read a document that may be moved meanwhile, once; nil where it is gone."""
    for each in (path, moved):
        try:
            return each.read_bytes()
        except FileNotFoundError:
            continue
    return None
