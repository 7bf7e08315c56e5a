"""The newest heads that were seen, on disk: what makes a rollback and a fork visible.

Two files a ledger, in `<home>/heads` (see `headfiles`), under a lock, so that several programs of one user remember
together. They hold the newest head of each log (each node publishes its own). A head is kept only after it was proven
to extend what is kept already.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import msgspec
from anyio import Lock
from msgspec import Struct

from hanse_client.base.errors import BadAnswer, ForkDetected, RollbackDetected, SetupError
from hanse_client.base.releases import require_release
from hanse_client.base.threads import run_beside
from hanse_client.base.views import Head
from hanse_client.home.headfiles import HeadFiles, Held
from hanse_client.verify.heads import read_head
from hanse_io.locks import Taken
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.trees.merkle import verify_consistency
from hanse_ledger.values import limits
from hanse_ledger.values.errors import UNREADABLE, ProofInvalid
from hanse_ledger.values.types import Digest

MEMORY_FORMAT = "hanse.heads/1"
LOCK_SECONDS = 10
ROUNDS = 32
"""How often another program may get ahead between proving and writing."""

FLUSH_SECONDS = 1.0
"""So far apart are the heads that a program flushes to the disk."""

Prove = Callable[[Head, Head], Awaitable[Sequence[Digest]]]
"""Gets the hashes that should prove that the log under the second head extends that under the first."""


class NotKept(SetupError):
    """A head was checked and cannot be written. Until the program ends it is remembered all the same."""


class _Locked(NotKept):
    """Another program writes, or has written what is not verified yet."""


class SignersUnknown(SetupError):
    """A remembered head is not one of the members that are known: they may have changed, or the file was."""


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str = msgspec.field(name="@type")
    notes: tuple[str, ...]


_decoder = msgspec.json.Decoder(_File)

Heads = dict[str, Head]
"""The newest head of each log, by its origin."""


class _Seen(NamedTuple):
    """What the files held, and the heads that were verified in it."""

    held: Held
    heads: Heads


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
        self._files = HeadFiles(home / "heads" / f"{trust.ledger.hex()}.json")
        self._turn = Lock()
        self._flush_at = 0.0
        # Assigned whole, once everything in it is verified: what is read beside it, in a thread, is never half of it.
        self._seen: _Seen | None = None
        self._unwritten: Heads = {}

    def follow(self, trust: TrustFile) -> None:
        """Judge heads by newer members from now on."""
        self._trust = trust

    async def heads(self) -> Heads:
        """Read the remembered heads. Take them before a request, and give them to `remember` with its answer."""
        seen = self._unchanged()
        return self._newest((seen if seen is not None else await run_beside(self._read)).heads)

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
        raise NotKept(f"{self._files.path} is being written by too many programs at once.", "Try again.")

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
        """Write the head as `_locked_write` does: here where nothing is to be waited for, nor to be verified."""
        if monotonic() < self._flush_at:
            with suppress(_Locked):
                return self._locked_write(head, checked, wait_seconds=0, flush=False)
        stored = await run_beside(partial(self._locked_write, head, checked, wait_seconds=LOCK_SECONDS, flush=True))
        self._flush_at = monotonic() + FLUSH_SECONDS
        return stored

    def _locked_write(self, head: Head, checked: Heads, *, wait_seconds: float, flush: bool) -> Heads | None:
        """Write the head unless something else than what was checked is remembered by now; give that instead."""
        with self._lock(wait_seconds):
            seen = self._read() if flush else self._unchanged()
            if seen is None:
                raise _Locked(f"{self._files.path} was written by another program.", "Try again.")
            present = self._newest(seen.heads)
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
                    self._files.flush(data)
                    held = seen.held._replace(flushed=data)
                else:
                    self._files.write_sooner(data)
                    held = seen.held._replace(sooner=data)
            except OSError as error:
                raise self._not_kept(error) from error
            self._seen = _Seen(held, heads)
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
            f"{self._files.path} cannot be written: {error.strerror}; what the node has shown is remembered by this "
            "program alone, until it ends.",
            "Check the home folder.",
        )

    def _unchanged(self) -> _Seen | None:
        """Give what was read before, if the files still hold the same."""
        seen = self._seen
        try:
            return seen if seen is not None and seen.held == self._files.read() else None
        except OSError:
            return None  # `_read` says what is wrong with them

    def _read(self) -> _Seen:
        """Read the files, whose signatures are verified once a version, and remember what they hold.

        Raises:
            SetupError: what was flushed is damaged, or cannot be read. Starting anew would be a way to make a client
                forget.
            SignersUnknown: it holds a head of others than the members that are known.
        """
        seen = self._unchanged()
        if seen is None:
            try:
                held = self._files.read()
            except OSError as error:
                raise SetupError(
                    f"{self._files.path} cannot be read: {error.strerror}.", "Check the home folder."
                ) from error
            seen = self._seen = _Seen(held, self._parse(held))
        return seen

    def _parse(self, held: Held) -> Heads:
        if held.flushed is None:
            return {}  # nothing was remembered yet, or somebody has removed it knowingly
        heads = self._judge(self._files.path, held.flushed)
        sooner = {} if held.sooner is None else self._judge(self._files.sooner_path, held.sooner)
        for origin, head in sooner.items():
            if origin not in heads or heads[origin].size < head.size:
                heads[origin] = head
        return heads

    def _judge(self, path: Path, data: bytes) -> Heads:
        try:
            file = _decoder.decode(data)
        except UNREADABLE as error:
            require_release(path, data, MEMORY_FORMAT)
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
            held = self._files.acquire(wait_seconds)
        except Taken as error:
            raise _Locked(f"{self._files.path} stays locked by another program.", "Stop that program.") from error
        except OSError as error:
            raise self._not_kept(error) from error
        try:
            yield
        finally:
            held.release()
