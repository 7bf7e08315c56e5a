"""Evidence against members: kept in the node's folder, told to the other members, shown by `hanse doctor`."""

import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from hanse_io.durable import replace_durably
from hanse_ledger.misbehaviour.accusing import accusation
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.tlog.checkpoint import Checkpoint
from hanse_ledger.trees.merkle import root_from_nodes
from hanse_ledger.values.errors import LedgerError, Malformed, ProofInvalid, Unknown, Untrusted
from hanse_ledger.values.types import MemberId
from hanse_node.store.paths import LogHashes
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

FOLDER = "evidence"
MOST_AGAINST = 20
"""So many are kept against each member; more of them prove nothing more, and must not hide what another has done."""

MOST_ALONE = 1024 * 1024
"""Evidence about a head without a quorum has at most so many bytes: a sixteenth of a second's work."""


class Evidences:
    """The folder of evidence. Any thread may use it."""

    def __init__(
        self,
        folder: Path,
        trust: Callable[[], TrustFile],
        tell: Callable[[bytes], None] = lambda _: None,
        own: Callable[[Checkpoint], bool] = lambda _: False,
    ) -> None:
        """Take up a node's evidence.

        Args:
            folder: the node's folder.
            trust: gives the ledger's members as they are known now.
            tell: told of each new piece, so that others learn of it.
            own: tells whether this node's own log is that under a head (see `accusing.accusation`).
        """
        self._folder, self._lock = folder / FOLDER, Lock()
        self._trust, self._own = trust, own
        self._against: Counter[MemberId] | None = None
        self.tell = tell

    def keep(self, data: bytes) -> None:
        """Check evidence, and keep it if it is new; durable on return.

        Raises:
            Malformed: it proves nothing.
            OSError: it cannot be written.
        """
        try:
            against = accusation(data, self._trust(), self._own, MOST_ALONE)
        except (ProofInvalid, Untrusted, Unknown) as error:
            raise Malformed(f"the evidence proves nothing: {error}") from error
        path = self._folder / f"{against.name.hex()[:32]}.json"
        with self._lock:
            if path.exists() or all(self._counted()[member] >= MOST_AGAINST for member in against.members):
                return
            self._folder.mkdir(mode=0o700, exist_ok=True)
            replace_durably(path, data)
            self._counted().update(against.members)
        log.critical("there is evidence against a member", extra={"members": against.members, "evidence": path.name})
        self.tell(data)

    def _counted(self) -> Counter[MemberId]:
        """Count the files against each member; read once, for what is added is added here. Raises OSError."""
        if self._against is None:
            self._against = Counter()
            for path in self.files():
                try:
                    self._against.update(accusation(path.read_bytes(), self._trust()).members)
                except LedgerError as error:
                    log.warning("a file of evidence proves nothing now", extra={"evidence": path.name}, exc_info=error)
        return self._against

    def count(self) -> int:
        """Count what is kept."""
        return len(self.files())

    def files(self) -> list[Path]:
        """List what is kept."""
        return sorted(self._folder.glob("*.json"))


def own_log(store: SqlLedgerStore) -> Callable[[Checkpoint], bool]:
    """Give what tells whether a store's log had a head's root at its size."""

    def ask(head: Checkpoint) -> bool:
        with store.reading() as reads:
            standing = reads.head()
            if standing is None or not 0 < head.size <= standing.size:
                return False
            return root_from_nodes(LogHashes(reads, store.nodes), head.size) == head.root

    return ask


def members_of(store: SqlLedgerStore) -> Callable[[], TrustFile]:
    """Give what tells the members as of a store's newest committed state, signed or not."""

    def ask() -> TrustFile:
        with store.reading() as reads:
            return store.members.as_of(reads)

    return ask
