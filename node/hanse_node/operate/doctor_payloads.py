"""Looking at a node's sealed documents: whether each is what its name says, what is missing, how much room is left.

Nothing is changed, also where a node runs meanwhile.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Moment
from hanse_node.base.bounds import PAYLOAD_BYTES
from hanse_node.base.config import SealedDocuments
from hanse_node.operate.diagnosis import Findings, bad, good, size_in_words, warn
from hanse_node.payloads.anew import NAME as ASKING
from hanse_node.payloads.commits import LOOKED
from hanse_node.payloads.knownreaders import FOLDER as READERS
from hanse_node.payloads.names import FOLDER, HASH, KEPT, WAITING, kept_path, read_waiting
from hanse_node.payloads.offered import FOLDER as OFFERED
from hanse_node.payloads.wanted import FOLDER as WANTED
from hanse_node.payloads.wanted import Want

NAME = "sealed documents"

HASHED_BYTES = 1024 * 1024 * 1024
"""So much of what is kept is hashed again at most: of more a part, another one each day."""

NAMED = 3
NEARLY_FULL = 0.9
MEBIBYTE = 1024 * 1024
DAY_MS = 86_400_000
FIRST_BYTES = 256

_READER = re.compile(r"[0-9a-f]{64}(\.[0-9a-f]{16})?")
_OFFER = re.compile(r"[0-9a-f]{64}\.[0-9]{1,15}\.[a-z0-9-]{1,32}")
_FETCH = (
    "Move them away, and start the node again: in a consortium it fetches them from who has them; else restore them"
)


def examine_payloads(folder: Path, settings: SealedDocuments, now: Moment, *, consortium: bool) -> Findings:
    """Look at the folder of sealed documents.

    Args:
        folder: the node's.
        settings: how much there may be.
        now: the present in milliseconds since 1970.
        consortium: whether there are other members' nodes to fetch from.

    Raises:
        OSError: it cannot be read.
    """
    top = folder / FOLDER
    if not top.is_dir():
        yield good(NAME, "none yet")
        return
    sizes = {path.name: path.stat().st_size for path in _files(top / KEPT, "*/*") if _is_kept(top, path)}
    waiting = [name for path in _files(top / WAITING) if (name := read_waiting(path.name)) is not None]
    strangers = sorted(str(path.relative_to(top)) for path in _strangers(top))
    if strangers:
        named = ", ".join(strangers[:NAMED])
        yield warn(
            NAME, f"{len(strangers)} files are none of the node's: {named}", "Look whose they are; move them away"
        )
    yield from _damaged(top, sizes, now)
    yield from _missing(top, {*sizes, *(name.digest.hex() for name in waiting if name.whole)}, now, consortium)
    used = sum(sizes.values()) + sum(name.size for name in waiting)
    seen = f"{len(sizes)} kept, {len(waiting)} waiting for their records; {size_in_words(used)}"
    if used >= NEARLY_FULL * settings.mebibytes * MEBIBYTE:
        fix = "Give them more room: mebibytes in [payloads] of node.toml; without it no further one is taken"
        yield warn(NAME, f"{seen} of at most {size_in_words(settings.mebibytes * MEBIBYTE)}", fix)
    else:
        yield good(NAME, seen)


def _damaged(top: Path, sizes: dict[str, int], now: Moment) -> Findings:
    """Hash what is kept again, in order of the names, from another place on each day."""
    first = now // DAY_MS % FIRST_BYTES
    looked, left, damaged = 0, HASHED_BYTES, list[str]()
    for name in sorted(sizes, key=lambda name: ((int(name[:2], 16) - first) % FIRST_BYTES, name)):
        left -= sizes[name]
        if left < 0:
            break
        looked += 1
        with suppress(FileNotFoundError):  # erased meanwhile
            whole = sizes[name] <= PAYLOAD_BYTES and hash_bytes(_path(top, name).read_bytes()).hex() == name
            if not whole:
                damaged.append(name)
    if damaged:
        named = ", ".join(damaged[:NAMED])
        yield bad(NAME, f"{len(damaged)} of {looked} that were hashed are not what their names say: {named}", _FETCH)
    elif looked < len(sizes):
        yield good(NAME, f"{looked} of {len(sizes)} were hashed, and are what their names say; other ones tomorrow")


def _missing(top: Path, here: set[str], now: Moment, consortium: bool) -> Findings:
    """Name what should be here and is not: its readers are known, and nothing fetches it; or nobody had it."""
    wants = list(_wants(top))
    wanted = {want.digest.hex() for want in wants}
    lost = sorted(
        path.name for path in _files(top / READERS) if HASH.fullmatch(path.name) and path.name not in here | wanted
    )
    if lost:
        fix = (
            "Start the node: what is for readers of its own member it fetches; the rest its senders send again"
            if consortium
            else "Bring them back with the newest backup: hanse restore; or have their senders send them again"
        )
        yield warn(NAME, f"{len(lost)} are known, and their bytes are not here: {', '.join(lost[:NAMED])}", fix)
    given_up = sorted(want.digest.hex() for want in wants if want.given_up(now))
    if given_up:
        named = ", ".join(given_up[:NAMED])
        fix = "Ask who sent them, or the operators of their nodes: " + ", ".join(
            sorted({name for want in wants if want.given_up(now) for name in want.holders})
        )
        yield warn(NAME, f"{len(given_up)} have not come in 30 days: {named}", fix)
    if len(wants) > len(given_up):
        yield good(NAME, f"{len(wants) - len(given_up)} are still to be fetched")
    if (top / ASKING).exists():
        yield good(NAME, "the other members' nodes are asked which they have for readers here")


def _wants(top: Path) -> Iterator[Want]:
    decoder = msgspec.msgpack.Decoder(Want)
    for path in _files(top / WANTED):
        with suppress(msgspec.DecodeError, FileNotFoundError):
            yield decoder.decode(path.read_bytes())


def _strangers(top: Path) -> Iterator[Path]:
    """Find what the node has not written; what it is about to write ends in `.new`, or `.part`."""
    for path in _files(top, "**/*"):
        below = path.relative_to(top).parts
        known = len(below) == 1 and below[0] in (ASKING, LOOKED)
        if len(below) == 3 and below[0] == KEPT:
            known = _is_kept(top, path)
        elif len(below) == 2:
            known = (
                (below[0] == WAITING and read_waiting(below[1]) is not None)
                or (below[0] == READERS and _READER.fullmatch(below[1]) is not None)
                or (below[0] == OFFERED and _OFFER.fullmatch(below[1]) is not None)
                or (below[0] == WANTED and HASH.fullmatch(below[1]) is not None)
            )
        if not known and path.suffix not in (".new", ".part"):
            yield path


def _is_kept(top: Path, path: Path) -> bool:
    return HASH.fullmatch(path.name) is not None and path == _path(top, path.name)


def _path(top: Path, name: str) -> Path:
    return kept_path(top, bytes.fromhex(name))


def _files(folder: Path, pattern: str = "*") -> Iterator[Path]:
    yield from (path for path in folder.glob(pattern) if path.is_file() or path.is_symlink())
