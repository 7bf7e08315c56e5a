"""Whose engines may connect to this node's, and so read every block: the members' in force, and whom it was named.

CometBFT asks about each engine that connects, by the id that it has proven (`filter_peers`). Ids are this node's own
settings, `[engines]` in `node.toml`: from the members' parts, taken up without a restart. What the ledger decides is
whether an engine that is known there still counts. Source: CometBFT v0.38, spec/abci, "Peer Filtering".
"""

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from time import monotonic

from msgspec import Struct

from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values.types import MemberId
from hanse_ledger.wire.membership import Membership
from hanse_node.base.config import KnownEngine
from hanse_node.base.errors import CannotStart
from hanse_node.base.folder import CONFIG, read_folder
from hanse_node.comet.abci.hanse_abci_pb2 import Request, Response

log = logging.getLogger(__name__)

REFUSED = 1
TELL_SECONDS = 10.0

_BY_ADDRESS = re.compile(r"/p2p/filter/addr/.+")
_BY_ID = re.compile(r"/p2p/filter/id/([0-9a-f]{40})")


class MembersSoFar(Struct, frozen=True):
    """The members as of the newest committed block, and all that are known to have been."""

    present: Membership
    trust: TrustFile


class Admission:
    """Judges engines. Any thread may ask."""

    def __init__(self, known: Callable[[], Mapping[str, KnownEngine]], members: Callable[[], MembersSoFar]) -> None:
        """Prepare to judge.

        Args:
            known: gives the engines that this node knows, by their ids.
            members: gives the members.
        """
        self._known, self._members = known, members
        self._lock, self._turned_away, self._told_at = Lock(), 0, float("-inf")

    def query(self, request: Request) -> Response:
        """Answer what CometBFT asks by ABCI Query; 0 is yes. Whatever else is asked, the node answers, not its engine.

        An address says nothing, so the id decides, which is asked once the connection has proven it.
        """
        path = request.query.path
        matched = _BY_ID.fullmatch(path)
        if matched is None:
            return Response(query={"code": 0 if _BY_ADDRESS.fullmatch(path) else REFUSED})
        if self.admits(matched[1]):
            return Response(query={})
        self._tell(matched[1])
        return Response(query={"code": REFUSED, "log": "this node knows no such engine, or it counts no more"})

    def _tell(self, node: str) -> None:
        """Say that an engine was turned away: now and then, for it may come back as fast as it can."""
        now = monotonic()
        with self._lock:
            self._turned_away += 1
            if now - self._told_at < TELL_SECONDS:
                return
            count, self._turned_away, self._told_at = self._turned_away, 0, now
        log.warning("an engine that may not connect is turned away", extra={"engine": node, "times": count})

    def admits(self, node: str) -> bool:
        """Tell whether an engine may be connected.

        One whose key counts now may, and one whose key has never counted, for somebody has named it: a newcomer, or an
        observer. One whose key counted once, of a member that was removed or has another node since, may only if it was
        named again as an observer.
        """
        engine = self._known().get(node)
        if engine is None:
            return False
        if engine.observer:
            return True
        members, key = self._members(), bytes.fromhex(engine.validator_key)
        cosigner = members.present.cosigner(engine.member)
        in_force = cosigner is not None and cosigner.validator_key == key
        return in_force or all(key != other for _, other in members.trust.validators())

    def state(self) -> object:
        """Give what the answers depend on: while it is the same, so are they."""
        return self._members().present.epoch, dict(self._known())


class EngineBook:
    """The engines that a node's settings name now, read again when the file has changed. Any thread may ask."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, Lock()
        self._seen: tuple[int, ...] | None = None
        self._known: Mapping[str, KnownEngine] = {}

    def observers(self) -> frozenset[MemberId]:
        """Give those whose nodes may follow, read and watch without being members."""
        return frozenset(known.member for known in self().values() if known.observer)

    def __call__(self) -> Mapping[str, KnownEngine]:
        """Give them by their ids. Settings that cannot be read are logged, and those before them stay."""
        with self._lock:
            try:
                stat = (self._folder / CONFIG).stat()
                seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if seen != self._seen:
                    self._known, self._seen = read_folder(self._folder)[0].engines, seen
            except (OSError, CannotStart) as error:
                log.exception("the engines that may connect cannot be read; those known before stay", exc_info=error)
            return self._known
