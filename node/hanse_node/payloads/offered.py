"""Which members' nodes are still to be told of a sealed document that they should have, because they serve a reader.

payloads/offered/HASH.SINCE.MEMBER    an empty file: it goes when that node has the document, or will never take it
"""

import logging
import os
import re
from pathlib import Path
from threading import Lock

from msgspec import Struct

from hanse_io.durable import SECRET_MODE, force, make_private
from hanse_ledger.values.types import Digest, MemberId, Moment
from hanse_node.base.bounds import PAYLOAD_OFFERS
from hanse_node.payloads.disk import disk

log = logging.getLogger(__name__)

FOLDER = "offered"

_NAME = re.compile(r"([0-9a-f]{64})\.([0-9]{1,15})\.([a-z0-9-]{1,32})")


class StandingOffer(Struct, frozen=True):
    """That a member's node is to be told of a document, since when."""

    digest: Digest
    member: MemberId
    since: Moment


class Offered:
    """The folder. Any thread may call; each method raises StoreFailed where the disk refuses."""

    def __init__(self, folder: Path) -> None:
        """Read the names of what lies in the folder of sealed documents."""
        self._folder, self._lock = folder / FOLDER, Lock()
        self._open: dict[tuple[Digest, MemberId], StandingOffer] = {}
        with disk("that are offered cannot be read"):
            make_private(self._folder)
            for entry in os.scandir(self._folder):
                name = _NAME.fullmatch(entry.name)
                if name is None:
                    log.warning("a file among offers is none, and is left alone", extra={"file": entry.name})
                    continue
                offer = StandingOffer(bytes.fromhex(name[1]), name[3], int(name[2]))
                self._open[(offer.digest, offer.member)] = offer

    def __len__(self) -> int:
        return len(self._open)

    def open(self) -> list[StandingOffer]:
        """List them, the oldest first as far as they were made since the start."""
        with self._lock:
            return list(self._open.values())

    def has(self, offer: StandingOffer) -> bool:
        """Tell whether an offer still stands."""
        return (offer.digest, offer.member) in self._open

    def add(self, digest: Digest, members: set[MemberId], now: Moment) -> bool:
        """Have members' nodes told; durable on return. Tell whether there was room for all of them."""
        with self._lock, disk("cannot be offered"):
            new = [name for name in sorted(members) if (digest, name) not in self._open]
            fit = new[: max(0, PAYLOAD_OFFERS - len(self._open))]
            for name in fit:
                offer = StandingOffer(digest, name, now)
                os.close(os.open(self._path(offer), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, SECRET_MODE))
                self._open[(digest, name)] = offer
            if fit:
                force(self._folder)
            return len(fit) == len(new)

    def end(self, offer: StandingOffer) -> None:
        """Have a member's node told no more."""
        with self._lock, disk("cannot be offered"):
            if self._open.pop((offer.digest, offer.member), None) is not None:
                self._path(offer).unlink(missing_ok=True)

    def end_all(self, digest: Digest) -> None:
        """Have nobody told of a document any more."""
        for offer in self.open():
            if offer.digest == digest:
                self.end(offer)

    def _path(self, offer: StandingOffer) -> Path:
        return self._folder / f"{offer.digest.hex()}.{offer.since}.{offer.member}"
