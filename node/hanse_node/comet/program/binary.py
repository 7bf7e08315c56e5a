"""Which binary of CometBFT a node runs: the one that it ran before, at the version that Hanse was tested with.

It orders the records and holds the node's voting key, so it is looked at before each start: nobody but this user or
root may be able to write it, and its SHA-256 must be the one that is noted in the node's folder, at the first start, or
by `hanse engine pin`. What `hanse engine install` places it also notes beside it: that is the operator's own word too.
"""

import logging
import mmap
import os
import stat
from hashlib import file_digest
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from hanse_io.durable import replace_durably
from hanse_ledger.values import patterns
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import Digest
from hanse_node.base.errors import CannotStart

log = logging.getLogger(__name__)

VERSION = "v0.38.25"
MODULE = "github.com/cometbft/cometbft"

PIN = "program.json"
"""In the engine's folder, and beside a binary that was installed."""

PIN_BYTES = 4_096

_MAGIC = b"\xff Go buildinf:"
_INLINE = 2
_HEAD = 32
_SENTINEL = 16
_TEXT_BYTES = 1024 * 1024


class Program(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A binary: its hash, and the version from which it was built."""

    format: Literal["hanse.program/1"] = msgspec.field(name="@type", default="hanse.program/1")
    sha256: Digest
    version: Annotated[str, Meta(pattern=patterns.VERSION)]


_decoder = msgspec.json.Decoder(Program)


def check_program(program: Path, home: Path) -> Program:
    """Insist that a binary is the one that a node runs. At the first start it becomes that.

    Args:
        program: the binary.
        home: the engine's folder.

    Raises:
        CannotStart: others can write it, it was changed, it is another version, or it cannot be read.
    """
    check_rights(program)
    found, pinned = look_at(program), read_pin(home)
    if pinned is not None and pinned.sha256 == found.sha256:
        return found
    if pinned is not None and _installed(program) != found:
        raise CannotStart(
            f"{program} is not the binary that this node ran before: its SHA-256 is {found.sha256.hex()}, not "
            f"{pinned.sha256.hex()}",
            "If you have replaced it yourself, say so: hanse engine pin --dir NODE. If not, find out who did, and run: "
            "hanse engine install",
        )
    pin(found, home)
    log.warning("the engine's binary is noted", extra={"program": str(program), "sha256": found.sha256.hex()})
    return found


def pin(looked: Program, home: Path) -> None:
    """Note which binary a node runs. Raises CannotStart: it is another version, or the note cannot be written."""
    if looked.version != VERSION:
        raise CannotStart(f"it is CometBFT {looked.version}, not {VERSION}", "Run: hanse engine install")
    try:
        replace_durably(home / PIN, encode_json(looked))
    except OSError as error:
        raise CannotStart(f"{home / PIN} cannot be written: {error.strerror}", "Look at the folder's rights") from error


def look_at(program: Path) -> Program:
    """Hash a binary, and read what Go wrote into it. Raises CannotStart: it cannot be read, or is no CometBFT."""
    try:
        with program.open("rb") as file:
            digest = file_digest(file, "sha256").digest()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                version = _version(data)
    except (OSError, ValueError) as error:
        raise CannotStart(
            f"{program} is no program that Go has built", "Build it anew: hanse engine install"
        ) from error
    if version is None:
        raise CannotStart(f"{program} is no CometBFT", "Build it anew: hanse engine install")
    return Program(sha256=digest, version=version)


def check_rights(program: Path) -> None:
    """Insist that nobody else can put another binary in its place. Raises CannotStart."""
    try:
        real = program.resolve(strict=True)
        for path in (real, real.parent):
            found = path.stat()
            sticky = stat.S_ISDIR(found.st_mode) and bool(found.st_mode & stat.S_ISVTX)
            if found.st_mode & 0o022 and not sticky:
                raise CannotStart(
                    f"{path} can be written by other users (mode {stat.S_IMODE(found.st_mode):04o})",
                    f"Run: chmod go-w {path}; then make sure that it is still what you installed",
                )
            if found.st_uid not in (0, os.getuid()):
                raise CannotStart(f"{path} belongs to another user", "Run: hanse engine install")
    except OSError as error:
        raise CannotStart(f"{program} cannot be looked at: {error.strerror}", "Run: hanse engine install") from error


def _installed(program: Path) -> Program | None:
    """Read what `hanse engine install` has noted beside a binary."""
    return read_pin(program.resolve().parent)


def read_pin(folder: Path) -> Program | None:
    """Read the note in a folder. Raises CannotStart if there is one that cannot be read."""
    path = folder / PIN
    try:
        with path.open("rb") as file:
            return decode_json(file.read(PIN_BYTES + 1), _decoder, what=path.name, most=PIN_BYTES)
    except FileNotFoundError:
        return None
    except (OSError, Malformed) as error:
        raise CannotStart(f"{path} cannot be read: {error}", "Look at the binary, then: hanse engine pin") from error


def _version(data: mmap.mmap) -> str | None:
    """Read the version of CometBFT's own module. Raises ValueError where Go wrote nothing, or nothing that is known.

    Source: Go 1.18 and later, debug/buildinfo: 14 bytes of magic, the size of pointers, flags, and from byte 32 on two
    texts, each behind its length as a uvarint; the second is between two marks of 16 bytes.
    """
    at = data.find(_MAGIC)
    flags = data[at + len(_MAGIC) + 1 : at + len(_MAGIC) + 2]
    if at < 0 or not flags or not flags[0] & _INLINE:
        raise ValueError("no build information")
    _, at = _text(data, at + _HEAD)
    words, _ = _text(data, at)
    for line in words[_SENTINEL:-_SENTINEL].decode("utf-8", "replace").splitlines():
        fields = line.split("\t")
        if fields[:2] == ["mod", MODULE] and len(fields) > 2:
            return fields[2]
    return None


def _text(data: mmap.mmap, at: int) -> tuple[bytes, int]:
    length = shift = 0
    while True:
        byte = data[at : at + 1]
        if not byte or shift > 28:
            raise ValueError("a length without an end")
        at, length, shift = at + 1, length | (byte[0] & 0x7F) << shift, shift + 7
        if byte[0] < 0x80:
            break
    if length > _TEXT_BYTES or at + length > len(data):
        raise ValueError("a text without an end")
    return data[at : at + length], at + length
