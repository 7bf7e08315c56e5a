"""Sealed documents that this node should have and does not: since when, and which members' nodes may have them.

payloads/wanted/HASH    what is known of one, in canonical MessagePack; it goes when the document is here, or erased
"""

import logging
import os
from collections import Counter
from pathlib import Path
from threading import Lock
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from hanse_io.durable import force, make_private, replace_durably
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Digest, MemberId, Moment
from hanse_ledger.wire.codec import decode_canonical, encode
from hanse_node.base.bounds import PAYLOAD_FORGOTTEN_MS, PAYLOAD_GIVEN_UP_MS, PAYLOAD_HOLDERS, PAYLOADS_WANTED
from hanse_node.base.errors import QuotaExceeded
from hanse_node.payloads.disk import disk
from hanse_node.payloads.names import HASH

log = logging.getLogger(__name__)

FOLDER = "wanted"
RETRY_SECONDS = 3_600


class Want(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document that is to be fetched.

    Attributes:
        digest: SHA-256 of its sealed bytes.
        holders: whose nodes may have it; the first one offered it, and its share it counts to.
        since: when it was offered first.
        size: how many bytes it has.
    """

    digest: Digest
    holders: Annotated[tuple[MemberId, ...], Meta(min_length=1, max_length=PAYLOAD_HOLDERS)]
    since: Moment
    size: int

    def given_up(self, now: Moment) -> bool:
        """Tell whether it is asked for no more."""
        return now - self.since > PAYLOAD_GIVEN_UP_MS


_decoder = msgspec.msgpack.Decoder(Want)


class WantedPayloads:
    """The folder. Any thread may call; each method raises StoreFailed where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        """Read what lies in the folder of sealed documents; what an interrupted write left is deleted."""
        self._folder, self._lock = folder / FOLDER, Lock()
        self._wants: dict[Digest, Want] = {}
        self._each = Counter[MemberId]()
        with disk("that are wanted cannot be read"):
            make_private(self._folder)
            for entry in os.scandir(self._folder):
                path = Path(entry.path)
                if entry.name.endswith(".new"):
                    path.unlink()
                    continue
                try:
                    want = decode_canonical(path.read_bytes(), _decoder, "a want")
                except Malformed:
                    want = None
                if want is None or HASH.fullmatch(entry.name) is None or want.digest.hex() != entry.name:
                    log.warning("a file among what is wanted is none, and is left alone", extra={"file": entry.name})
                    continue
                self._count(want)

    def __len__(self) -> int:
        return len(self._wants)

    def all(self) -> list[Want]:
        """List them."""
        with self._lock:
            return list(self._wants.values())

    def of(self, digest: Digest) -> Want | None:
        """Say what is known of one; nil where it is not wanted."""
        return self._wants.get(digest)

    def add(self, digest: Digest, size: int, holders: tuple[MemberId, ...], now: Moment) -> None:
        """Want a document; durable on return. Who may have it besides is added to what is known.

        Args:
            digest: SHA-256 of its sealed bytes.
            size: how many they are.
            holders: who offers it, and others who may have it.
            now: the present.

        Raises:
            QuotaExceeded: as many as may are wanted of whoever offers it.
        """
        with self._lock, disk("cannot be noted as wanted"):
            known = self._wants.get(digest)
            if known is None or known.given_up(now):
                # Who offers anew what was given up may still have it.
                self._need_share(holders[0], now)
                want = Want(digest=digest, holders=holders[:PAYLOAD_HOLDERS], since=now, size=size)
            else:
                # Whoever offers it has it, and comes before those of whom that is only said.
                others = (*holders[:1], *known.holders[1:], *holders[1:])
                named = tuple(dict.fromkeys((known.holders[0], *others)))
                want = replace(known, holders=named[:PAYLOAD_HOLDERS])
            if want == known:
                return
            replace_durably(self._folder / digest.hex(), encode(want))
            self._forget(digest)
            self._count(want)

    def drop(self, digest: Digest) -> bool:
        """Want a document no more; tell whether it was wanted."""
        with self._lock, disk("cannot be noted as wanted no more"):
            return self._drop(digest)

    def sweep(self, now: Moment) -> None:
        """Forget what was given up long ago."""
        with self._lock, disk("cannot be noted as wanted no more"):
            for want in list(self._wants.values()):
                if now - want.since > PAYLOAD_FORGOTTEN_MS:
                    self._drop(want.digest)

    def _need_share(self, member: MemberId, now: Moment) -> None:
        """Make room for one more of a member's: what was given up first goes for it. Raises QuotaExceeded."""
        if self._each[member] < PAYLOADS_WANTED:
            return
        own = [want for want in self._wants.values() if want.holders[0] == member and want.given_up(now)]
        if not own:
            raise QuotaExceeded(
                "as many documents that this member offers are still to be fetched as may", RETRY_SECONDS
            )
        self._drop(min(own, key=lambda want: want.since).digest)

    def _drop(self, digest: Digest) -> bool:
        if digest not in self._wants:
            return False
        (self._folder / digest.hex()).unlink(missing_ok=True)
        force(self._folder)
        self._forget(digest)
        return True

    def _count(self, want: Want) -> None:
        self._wants[want.digest] = want
        self._each[want.holders[0]] += 1

    def _forget(self, digest: Digest) -> None:
        before = self._wants.pop(digest, None)
        if before is not None:
            self._each[before.holders[0]] -= 1
