"""The newest heads that were seen, on disk: what makes a rollback and a fork visible.

One file a ledger, `<home>/heads/<ledger>.json`, under a lock, so that several programs of one user remember together.
It holds the newest head of each log (each node publishes its own). A head is kept only after it was proven to extend
what is kept already.

The file is flushed to the disk, which takes as long as the rest of a call; so it is written once a second at most, and
what comes sooner stands in a second file, `<ledger>.newer`, which is written in place and which nobody flushes: the
SHA-256 of what follows, in hexadecimal, a newline, and the same form. A loss of power may damage it: then it counts for
nothing, and the heads of a second before are what is remembered.
"""

import os
import weakref
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic

import msgspec
from anyio import Lock
from filelock import FileLock, Timeout
from msgspec import Struct

from hanse_client.durable import SECRET_MODE, make_private, read_bounded, write_whole
from hanse_client.errors import BadAnswer, ForkDetected, RollbackDetected, SetupError
from hanse_client.heads import read_head
from hanse_client.releases import require_release
from hanse_client.threads import run_beside
from hanse_client.views import Head
from hanse_ledger import limits
from hanse_ledger.errors import UNREADABLE, ProofInvalid
from hanse_ledger.hashing import hash_bytes
from hanse_ledger.merkle import verify_consistency
from hanse_ledger.trustfile import TrustFile
from hanse_ledger.types import Digest

MEMORY_FORMAT = "hanse.heads/1"
MEMORY_BYTES = 64 * 1024 * 1024
LOCK_SECONDS = 10
LOCK_POLL_SECONDS = 0.005
ROUNDS = 32
"""How often another program may get ahead between proving and writing."""

FLUSH_SECONDS = 1.0
"""So far apart are the heads that a program flushes to the disk."""

Prove = Callable[[Head, Head], Awaitable[Sequence[Digest]]]
"""Gets the hashes that should prove that the log under the second head extends that under the first."""


class NotKept(SetupError):
    """A head was checked and cannot be written. Until the program ends it is remembered all the same."""


class _Locked(NotKept):
    """Another program writes."""


class SignersUnknown(SetupError):
    """A remembered head is not one of the members that are known: they may have changed, or the file was."""


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str = msgspec.field(name="@type")
    notes: tuple[str, ...]


_decoder = msgspec.json.Decoder(_File)

Heads = dict[str, Head]
"""The newest head of each log, by its origin."""

_Identity = tuple[int, int, int, int]


class Memory:
    """The remembered heads of one ledger."""

    def __init__(
        self, home: Path, trust: TrustFile, newer: Callable[[TrustFile], TrustFile] = lambda trust: trust
    ) -> None:
        """Take up what a home folder remembers.

        Args:
            home: the folder.
            trust: whom to trust.
            newer: follows the members as far as another program of this user has.
        """
        self._trust, self._newer = trust, newer
        self._path = home / "heads" / f"{trust.ledger.hex()}.json"
        self._newer_path = self._path.with_suffix(".newer")
        # One of its own, so that memories of one process exclude each other by it too; `_turn` gives it one user.
        self._file_lock = FileLock(self._path.with_suffix(".lock"), mode=SECRET_MODE, thread_local=False)
        self._turn = Lock()
        self._flush_at = 0.0
        self._known: Heads = {}
        self._unwritten: Heads = {}
        self._held: _Identity | None = None
        self._newer_held: bytes | None = None
        self._let_go: Callable[[], object] = lambda: None

    def follow(self, trust: TrustFile) -> None:
        """Judge heads by newer members from now on."""
        self._trust = trust

    async def heads(self) -> Heads:
        """Read the remembered heads. Take them before a request, and give them to `remember` with its answer."""
        known = self._unchanged()
        return self._newest(known if known is not None else await run_beside(self._read))

    async def remember(
        self, head: Head, before: Heads, prove: Prove, roots: Mapping[int, Digest] | None = None
    ) -> None:
        """Check a verified head against what is remembered, and remember it; written on return.

        Args:
            head: the head, its signatures verified.
            before: what was remembered when the node was asked. An answer that was overtaken by another is older
                than what is remembered by now, and yet no rollback.
            prove: gets consistency proofs from the node that served the head.
            roots: what the roots of smaller sizes are known to be under this head (see `merkle.root_before_range`).

        Raises:
            RollbackDetected: it is smaller than its log was before the node was asked.
            ForkDetected: it and a remembered head do not extend each other.
            NotKept: it was checked, and the memory cannot be written.
            SetupError: the memory cannot be read.
        """
        known = before
        proven = set((roots or {}).items())
        for _ in range(ROUNDS):
            await self.check(head, before, prove, proven, known)
            try:
                async with self._turn:
                    stored = await self._write(head, known)
            except NotKept:
                self._unwritten[head.origin] = head
                raise
            if stored is None:
                return
            known = stored
        raise NotKept(f"{self._path} is being written by too many programs at once.", "Try again.")

    async def check(
        self,
        head: Head,
        before: Heads,
        prove: Prove,
        proven: set[tuple[int, Digest]] | None = None,
        known: Heads | None = None,
    ) -> None:
        """Prove that a head and each remembered one extend each other, as far as this node can show it.

        Args:
            head: as of `remember`, and so are `before` and `prove`.
            before: see there.
            prove: see there.
            proven: sizes and roots of which it is known; those that are proven here join them.
            known: what is remembered by now, where that is something else.

        Raises RollbackDetected and ForkDetected as `remember` does.
        """
        earlier = before.get(head.origin)
        if earlier is not None and head.size < earlier.size:
            raise RollbackDetected(
                f"The node shows {head.size} entries; it has shown {earlier.size} before.",
                remembered=earlier.note,
                seen=head.note,
            )
        proven = set() if proven is None else proven
        for other in (before if known is None else known).values():
            if (other.size, other.root) in proven:
                continue
            if other.size > head.size and other.origin != head.origin:
                continue  # This node is behind another one; it is held to that one's head when it gets there.
            old, new = sorted((other, head), key=lambda one: one.size)
            path = [] if old.size in (0, new.size) else await prove(old, new)
            try:
                verify_consistency(old.size, new.size, old.root, new.root, path)
            except ProofInvalid as error:
                raise ForkDetected(
                    f"The heads of {old.size} and {new.size} entries do not extend each other: {error}.",
                    remembered=other.note,
                    seen=head.note,
                ) from error
            proven.add((other.size, other.root))

    async def _write(self, head: Head, checked: Heads) -> Heads | None:
        """Write the head as `_locked_write` does: here where that takes no longer than to reach a thread does."""
        if monotonic() < self._flush_at:
            with suppress(_Locked):
                return self._locked_write(head, checked, wait_seconds=0, flush=False)
        stored = await run_beside(partial(self._locked_write, head, checked, wait_seconds=LOCK_SECONDS, flush=True))
        self._flush_at = monotonic() + FLUSH_SECONDS
        return stored

    def _locked_write(self, head: Head, checked: Heads, *, wait_seconds: float, flush: bool) -> Heads | None:
        """Write the head unless something else than what was checked is remembered by now; give that instead."""
        with self._lock(wait_seconds):
            present = self._newest(self._read())
            if {name: (one.size, one.root) for name, one in present.items()} != {
                name: (one.size, one.root) for name, one in checked.items()
            }:
                return present
            own = present.get(head.origin)
            if own is not None and own.size >= head.size:
                return None
            heads = {**present, head.origin: head}
            notes = tuple(one.note.decode() for one in heads.values())
            data = msgspec.json.encode(_File(format=MEMORY_FORMAT, notes=notes))
            try:
                if flush:
                    # Whole or not at all. A loss of power may bring back the head before, never a damaged file.
                    write_whole(self._path, data)
                    self._hold(heads)
                else:
                    self._newer_held = _seal(data)
                    _write_in_place(self._newer_path, self._newer_held)
                    self._known = heads
            except OSError as error:
                raise self._not_kept(error) from error
            return None

    def _newest(self, stored: Heads) -> Heads:
        """Add what could not be written, as far as nothing newer is there."""
        if not self._unwritten:
            return stored
        newest = dict(stored)
        for origin, head in self._unwritten.items():
            if origin not in newest or newest[origin].size < head.size:
                newest[origin] = head
        return newest

    def _not_kept(self, error: OSError) -> NotKept:
        return NotKept(
            f"{self._path} cannot be written: {error.strerror}; what the node has shown is remembered by this program "
            "alone, until it ends.",
            "Check the home folder.",
        )

    def _unchanged(self) -> Heads | None:
        """Give what was read before, if the files are still the same."""
        found = _identity(self._path)
        if (found, _read_newer(self._newer_path)) != (self._held, self._newer_held):
            return None
        return self._known if found is not None or self._newer_held is not None else None

    def _read(self) -> Heads:
        """Read the files, whose signatures are verified once a version.

        They need no lock: one is only ever replaced, and the other has a sum.
        """
        known = self._unchanged()
        if known is None:
            self._hold(None)
            known = self._known = self._parse()
        return known

    def _hold(self, heads: Heads | None) -> None:
        """Keep the present file open, so that no later one can get its number; `heads` is what is known by it."""
        self._let_go()
        self._held, self._newer_held = None, _read_newer(self._newer_path)
        try:
            handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return  # `_parse` says what is wrong with it
        self._let_go = weakref.finalize(self, os.close, handle)
        self._held = _identity(handle)
        if heads is not None:
            self._known = heads

    def _parse(self) -> Heads:
        """Read what was flushed, and of what came after it that which is newer.

        Raises:
            SetupError: what was flushed is damaged, or cannot be read.
            SignersUnknown: it holds a head of others than the members that are known.
        """
        heads = self._parse_file(self._path)
        newer = _unseal(self._newer_held)
        for origin, head in ({} if newer is None else self._judge(self._newer_path, newer)).items():
            if origin not in heads or heads[origin].size < head.size:
                heads[origin] = head
        return heads

    def _parse_file(self, path: Path) -> Heads:
        try:
            data = read_bounded(path, MEMORY_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise SetupError(f"{path} cannot be read: {error.strerror}.", "Check the home folder.") from error
        return self._judge(path, data)

    def _judge(self, path: Path, data: bytes) -> Heads:
        try:
            file = _decoder.decode(data)
        except UNREADABLE as error:
            require_release(path, data, MEMORY_FORMAT)
            # Starting anew on damage would be a way to make a client forget.
            raise SetupError(
                f"{path} is damaged: {error}.", "Restore it from a copy, or remove it knowingly."
            ) from error
        require_release(path, data, MEMORY_FORMAT)
        if file.format != MEMORY_FORMAT or len(file.notes) > limits.COSIGNERS:
            raise SetupError(f"{path} is damaged.", "Restore it from a copy, or remove it knowingly.")
        try:
            try:
                heads = [read_head(note.encode(), self._trust) for note in file.notes]
            except BadAnswer:
                # Another program of this user may know newer members, and have remembered what they signed.
                self._trust = self._newer(self._trust)
                heads = [read_head(note.encode(), self._trust) for note in file.notes]
        except BadAnswer as error:
            raise SignersUnknown(f"{path} holds a head that does not verify.", "Restore it from a copy.") from error
        return {head.origin: head for head in heads}

    @contextmanager
    def _lock(self, wait_seconds: float) -> Iterator[None]:
        try:
            make_private(self._path.parent)
            held = self._file_lock.acquire(timeout=wait_seconds, poll_interval=LOCK_POLL_SECONDS)
        except Timeout as error:
            raise _Locked(f"{self._path} stays locked by another program.", "Stop that program.") from error
        except OSError as error:
            raise self._not_kept(error) from error
        with held:
            yield


def _seal(data: bytes) -> bytes:
    """Put the sum of a line of JSON in front of it."""
    return hash_bytes(data).hex().encode() + b"\n" + data


def _unseal(sealed: bytes | None) -> bytes | None:
    """Give what stands behind its sum; nothing where it is damaged, or was being written."""
    seal, _, data = (sealed or b"").partition(b"\n")
    return data if seal == hash_bytes(data).hex().encode() else None


def _read_newer(path: Path) -> bytes | None:
    try:
        return read_bounded(path, MEMORY_BYTES)
    except OSError:
        return None  # there is none, or a loss of power took it


def _write_in_place(path: Path, data: bytes) -> None:
    """Write a file over what it holds, without waiting for the disk. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, SECRET_MODE)
    try:
        written = os.write(handle, data)
        os.ftruncate(handle, written)
    finally:
        os.close(handle)
    if written != len(data):
        raise OSError(None, f"only {written} of {len(data)} bytes were written")


def _identity(file: Path | int) -> _Identity | None:
    """Tell a file from one that replaces it, and from one that somebody has changed in place; nil where none is."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
