"""A key ring that is put back into a home folder: whole or not at all, and never over what is there.

What is there already and equal is left. An identity whose name another one has gets another name. An opening that
differs from the ring's is another record's: nothing is recovered then. Of what changes with every call, such as heads
and records under way, what is there is newer, and stays.

While files are put in place `<home>/recovering` stands, and no client opens the home folder: after a kill the same ring
is recovered once more, which puts in place what is missing.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from hanse_client.base.errors import IdentityError, InvalidInput, SetupError
from hanse_client.home.identity import Identity
from hanse_client.ring.marker import MARKER
from hanse_client.ring.ringfile import Ring, RingFile, identities_in
from hanse_io.durable import force, make_private, read_bounded, write_durably, write_whole
from hanse_io.locks import Lock, Taken
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import PublicKey

LOCK = ".recovering.lock"
MARKER_BYTES = 128
NEVER_TWO = ("openings", "publications")
"""Folders whose files are named after what they open: two of one name cannot both be right."""

SHOWN = 5
Count = Callable[[int], None]


class Placed(Struct, frozen=True, kw_only=True):
    """What came of recovering a ring.

    Attributes:
        identities: where each identity lies now, by its public key.
        placed: how many files were written.
        equal: how many were there already, and the same.
        stayed: what was there already, is another one, and stays.
    """

    identities: dict[PublicKey, Path]
    placed: int
    equal: int
    stayed: tuple[str, ...]


def recover(
    ring: Ring,
    home: Path,
    passphrase: bytes | None,
    known: Mapping[PublicKey, Path],
    counted: Count = lambda done: None,
) -> Placed:
    """Put a ring into a home folder; durable on return.

    Args:
        ring: as it was opened.
        home: the folder; it may be missing, or hold something.
        passphrase: encrypts the identities that are written; nil leaves them readable to whoever gets the files.
        known: the identities that are there already, with their files.
        counted: is told how many files were looked at, and then how many were written.

    Raises:
        InvalidInput: something is there that contradicts the ring, or another ring was begun. Nothing has changed.
        IdentityError: an identity in the ring is none.
        SetupError: the folder cannot be written. What was written is taken away again.
    """
    try:
        make_private(home)
        with Lock(home / LOCK).held():
            return _recover(ring, home, passphrase, known, counted)
    except Taken as error:
        raise SetupError(f"Another program recovers into {home}.", "Wait for it to end.") from error
    except (OSError, NotImplementedError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SetupError(f"{home} cannot be written: {why}.", "Check the folder and the space on its disk.") from error


def _recover(
    ring: Ring, home: Path, passphrase: bytes | None, known: Mapping[PublicKey, Path], counted: Count
) -> Placed:
    digest = _digest(ring)
    _need_same(home / MARKER, digest)
    files, places = _identities(ring, home, passphrase, known)
    equal, stayed, against = len(ring.manifest.identities) - len(files), list[str](), list[str]()
    for done, (name, file) in enumerate(sorted(ring.files.items()), 1):
        if name in identities_in(ring):
            continue
        present = _present(home / name, len(file.data))
        if present is None:
            files[name] = file
        elif present == file.data:
            equal += 1
        else:
            (against if name.split("/")[0] in NEVER_TWO else stayed).append(name)
        counted(done)
    if against:
        more = f" and {len(against) - SHOWN} more" if len(against) > SHOWN else ""
        raise InvalidInput(
            f"{home} has other files than the ring under the same names: {', '.join(against[:SHOWN])}{more}.",
            "Nothing was written. Recover into another folder: --home.",
        )
    if not files:
        with suppress(FileNotFoundError):
            (home / MARKER).unlink()
    else:
        _place(home, files, digest, counted)
    return Placed(identities=places, placed=len(files), equal=equal, stayed=tuple(stayed))


def _place(home: Path, files: Mapping[str, RingFile], digest: str, counted: Count) -> None:
    """Write files that are not there. A kill leaves the marker; an error takes everything away again.

    Where a killed attempt had begun, what it had written lies there still, and so does the marker.
    """
    begun = (home / MARKER).exists()
    write_durably(home / MARKER, digest.encode())
    placed = list[Path]()
    try:
        for name, file in files.items():
            write_whole(home / name, file.data, replace=False)
            placed.append(home / name)
            os.utime(home / name, ns=(file.changed_ns, file.changed_ns))
            counted(len(placed))
        for folder in {path.parent for path in placed}:
            force(folder)
    except BaseException:
        for path in placed:
            with suppress(OSError):
                path.unlink()
        if not begun:
            with suppress(OSError):
                (home / MARKER).unlink()
        raise
    # From here it is whole.
    (home / MARKER).unlink()
    force(home)


def _identities(
    ring: Ring, home: Path, passphrase: bytes | None, known: Mapping[PublicKey, Path]
) -> tuple[dict[str, RingFile], dict[PublicKey, Path]]:
    """Give what is to be written of the identities, and where each of them lies then."""
    files, places = dict[str, RingFile](), dict(known)
    for listed in ring.manifest.identities:
        identity = Identity.read(ring.files[listed.file].data)
        if identity.public_key != listed.public_key:
            raise IdentityError(f"{listed.file} in the ring is another identity.", "Take another copy of the ring.")
        if listed.public_key in known:
            continue
        path = home / listed.file
        if path.exists():
            path = path.with_name(f"{path.stem}-{hash_bytes(listed.public_key)[:4].hex()}.pem")
        name = path.relative_to(home).as_posix()
        files[name] = RingFile(data=identity.to_bytes(passphrase), changed_ns=ring.files[listed.file].changed_ns)
        places[listed.public_key] = path
    return files, {each.public_key: places[each.public_key] for each in ring.manifest.identities}


def _present(path: Path, size: int) -> bytes | None:
    """Read what is there, if anything is. What is larger than the ring's is another one."""
    try:
        return read_bounded(path, max(size, path.stat().st_size))
    except FileNotFoundError:
        return None


def _need_same(marker: Path, digest: str) -> None:
    try:
        begun = read_bounded(marker, MARKER_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return
    if begun != digest:
        raise InvalidInput(
            f"Another key ring was being recovered into {marker.parent}, and that was interrupted.",
            f"Recover that one first, or remove {marker} knowingly: some of its files are missing then.",
        )


def _digest(ring: Ring) -> str:
    parts = (part for name, file in sorted(ring.files.items()) for part in (name.encode(), file.data))
    return hash_bytes(b"".join(hash_bytes(part) for part in parts)).hex()
