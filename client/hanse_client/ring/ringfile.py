"""The file of a key ring: an age file of a compressed tar, so that `age -d ring.age | tar xz` reads it without Hanse.

First in it stands `ring.json`, format `hanse.keyring/1`; then what lies in a home folder, under the same names, and
identities as `keys/NAME.pem`, without their passphrases: whoever has lost the machine has lost where those were noted,
and what seals the ring is enough. What is not of this form is refused, whoever has sealed it.
"""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.errors import InvalidInput
from hanse_client.base.releases import wrong_release
from hanse_ledger.values.errors import UNREADABLE, OtherRelease
from hanse_ledger.values.jsonform import need_release
from hanse_ledger.values.types import Moment, PublicKey

FORMAT = "hanse.keyring/1"
RING_BYTES = 256 * 1024 * 1024
"""So many bytes a ring holds, all in memory while it is sealed or opened: some 50,000 documents."""

RING_FILES = 200_000
HEADER_BYTES = 2_048
"""So much a file takes in a tar at most besides its own bytes."""

MANIFEST_BYTES = 1024 * 1024
IDENTITIES = 1_024
MANIFEST = "ring.json"
TRUST = "trust.json"
COUNTERPARTIES = "keys/counterparties.json"

KEPT_FOLDERS = (
    "alike",
    "evidence",
    "heads",
    "members",
    "openings",
    "parties",
    "publications",
    "received",
    "registered",
    "sealed",
    "trust",
    "unsettled",
)
"""What of a home folder a ring holds: all but what was fetched in part, and can be fetched again."""

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_TAR_ERRORS = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError)


class RingIdentity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An identity in a ring. `file` is its name in the tar; both keys are the public ones."""

    encryption_key: bytes
    file: str
    name: str
    public_key: PublicKey


class RingManifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a ring holds, and when it was made."""

    format: str = msgspec.field(name="@type")
    files: int
    identities: Annotated[tuple[RingIdentity, ...], Meta(max_length=IDENTITIES)]
    made: Moment


class RingFile(Struct, frozen=True, kw_only=True):
    """One file of a ring. `changed_ns` is when it was written, in nanoseconds since 1970."""

    data: bytes
    changed_ns: int


class Ring(Struct, frozen=True, kw_only=True):
    """A ring as it was read: its manifest, and its files by their names."""

    manifest: RingManifest
    files: dict[str, RingFile]

    def __repr__(self) -> str:
        """Leave the secrets out."""
        return f"Ring({len(self.files)} files)"


_decoder = msgspec.json.Decoder(RingManifest)


def write_ring(ring: Ring) -> bytes:
    """Write a ring, not yet sealed.

    Raises:
        InvalidInput: it is larger than a ring may be.
    """
    if sum(len(each.data) for each in ring.files.values()) > RING_BYTES or len(ring.files) > RING_FILES:
        raise InvalidInput(
            f"A key ring has at most {RING_BYTES:,} bytes in {RING_FILES:,} files, and this home folder holds more.",
            "Copy the home folder itself, encrypted, and back up the identities with --home of an empty folder.",
        )
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        manifest = RingFile(data=msgspec.json.encode(ring.manifest), changed_ns=ring.manifest.made * 1_000_000)
        for name, file in ((MANIFEST, manifest), *sorted(ring.files.items())):
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(file.data), 0o600, file.changed_ns // 1_000_000_000
            tar.addfile(info, io.BytesIO(file.data))
    return out.getvalue()


def read_ring(data: bytes) -> Ring:
    """Read a ring that was opened.

    Raises:
        WrongRelease: it is of another release.
        InvalidInput: it is none, or holds what no ring does.
    """
    try:
        files = _unpack(data)
        manifest = files.pop(MANIFEST)
        need_release(manifest.data, FORMAT, what="key ring")
        read = _decoder.decode(manifest.data)
    except OtherRelease as error:
        raise wrong_release("The key ring", error) from error
    except KeyError as error:
        raise _no_ring("it does not begin as one") from error
    except (*_TAR_ERRORS, *UNREADABLE) as error:
        raise _no_ring(str(error)) from error
    if read.format != FORMAT or read.files != len(files):
        raise _no_ring(f"it holds {len(files)} files, and says {read.files}")
    if missing := [each.file for each in read.identities if each.file not in files]:
        raise _no_ring(f"{missing[0]} is missing")
    return Ring(manifest=read, files=files)


def _unpack(data: bytes) -> dict[str, RingFile]:
    found: dict[str, RingFile] = {}
    left = RING_BYTES + MANIFEST_BYTES
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)  # of gzip
    unpacked = unpacker.decompress(data, RING_BYTES + RING_FILES * HEADER_BYTES)
    if not unpacker.eof:
        raise _no_ring("it is cut off" if not unpacker.unconsumed_tail else "it is larger than a ring may be")
    with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as tar:
        for info in tar:
            left -= info.size
            if not info.isreg() or not _is_kept(info.name) or info.name in found:
                raise _no_ring(f"it holds {info.name[:80]!r}")
            if left < 0 or len(found) > RING_FILES:
                raise _no_ring("it is larger than a ring may be")  # before a file of holes is filled up
            taken = tar.extractfile(info)
            assert taken is not None, "a regular file"
            found[info.name] = RingFile(data=taken.read(), changed_ns=int(info.mtime) * 1_000_000_000)
    return found


def _is_kept(path: str) -> bool:
    """Tell whether a ring holds a file of that name: nothing else is ever written into a home folder."""
    if path in (MANIFEST, TRUST, COUNTERPARTIES):
        return True
    folder, _, name = path.partition("/")
    if NAME.fullmatch(name) is None:
        return False
    return folder in KEPT_FOLDERS or (folder == "keys" and name.endswith(".pem"))


def _no_ring(why: str) -> InvalidInput:
    return InvalidInput(f"This is no key ring: {why}.", "Give the file that `hanse key backup` has written.")


def identities_in(ring: Ring) -> Mapping[str, RingIdentity]:
    """Give the identities of a ring by the names of their files."""
    return {each.file: each for each in ring.manifest.identities}
