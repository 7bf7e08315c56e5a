"""What goes into a key ring: the identities, opened, and what a home folder keeps that cannot be made again.

Other programs may write the home folder meanwhile: each of its files is whole whenever it is read, and one that goes
away between was settled.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.home.identity import Identity
from hanse_client.ring.marker import need_whole
from hanse_client.ring.ringfile import (
    COUNTERPARTIES,
    FORMAT,
    KEPT_FOLDERS,
    NAME,
    RING_BYTES,
    TRUST,
    Ring,
    RingFile,
    RingIdentity,
    RingManifest,
)
from hanse_io.durable import read_bounded
from hanse_ledger.proofs.trustfile import TrustFile, write_trust

Count = Callable[[int], None]


class NamedIdentity(Struct, frozen=True, kw_only=True):
    """An identity that goes into a ring, and how its file shall be called there, without `.pem`."""

    name: str
    identity: Identity


def gather(
    home: Path,
    identities: Sequence[NamedIdentity],
    trust: TrustFile | None,
    counted: Count = lambda done: None,
) -> Ring:
    """Take up everything that a ring holds.

    Args:
        home: the home folder; it may be missing.
        identities: whose keys go in; at least one, each once.
        trust: whom to trust, where a file is named. What the home folder has trusted goes in anyway.
        counted: is told how many files were read.

    Raises:
        InvalidInput: there is no identity, or too much.
        SetupError: a file cannot be read, or the home folder is half recovered.
    """
    if not identities:
        raise InvalidInput(
            "There is no identity to keep.", "Name its file, or put it into the ring: hanse key add seller.pem"
        )
    need_whole(home)
    made, files, listed = now_ms(), dict[str, RingFile](), list[RingIdentity]()
    for each in identities:
        file = _free(f"keys/{each.name}", files)
        files[file] = RingFile(data=each.identity.to_bytes(None), changed_ns=made * 1_000_000)
        listed.append(
            RingIdentity(
                encryption_key=each.identity.encryption_key,
                file=file,
                name=each.identity.name,
                public_key=each.identity.public_key,
            )
        )
    if trust is not None:
        files[TRUST] = RingFile(data=write_trust(trust.genesis, trust.changes), changed_ns=made * 1_000_000)
    total = 0
    for path in kept_files(home):
        try:
            stat = path.stat()
            data = read_bounded(path, RING_BYTES)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
        total += len(data)
        if total > RING_BYTES:
            break  # `write_ring` says so
        files[path.relative_to(home).as_posix()] = RingFile(data=data, changed_ns=stat.st_mtime_ns)
        counted(len(files))
    manifest = RingManifest(format=FORMAT, files=len(files), identities=tuple(listed), made=made)
    return Ring(manifest=manifest, files=files)


def kept_files(home: Path) -> Iterator[Path]:
    """List the files of a home folder that a ring holds, but for the identities. Raises SetupError."""
    for folder in (home / name for name in KEPT_FOLDERS):
        try:
            found = sorted(folder.iterdir()) if folder.is_dir() else []
        except OSError as error:
            raise SetupError(f"{folder} cannot be read: {error.strerror}.", "Check the home folder.") from error
        for path in found:
            if NAME.fullmatch(path.name) and path.suffix != ".lock" and path.is_file() and not path.is_symlink():
                yield path
    if (home / COUNTERPARTIES).is_file():
        yield home / COUNTERPARTIES


def _free(path: str, taken: dict[str, RingFile]) -> str:
    """Give a path's name, or one with a number behind it where that is taken."""
    names = (f"{path}.pem", *(f"{path}-{number}.pem" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
