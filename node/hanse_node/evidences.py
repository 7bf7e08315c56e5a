"""Evidence against members: kept in the node's folder, told to the other members, shown by `hanse doctor`."""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from hanse_ledger.contradiction import Accused, accused, read_contradiction
from hanse_ledger.errors import Malformed, ProofInvalid, Untrusted
from hanse_ledger.hashing import hash_bytes
from hanse_ledger.notes import parse_note
from hanse_ledger.trust import Genesis
from hanse_ledger.trustfile import TrustFile, read_trust, write_trust
from hanse_node.durable import create_durably

log = logging.getLogger(__name__)

FOLDER = "evidence"
MOST_FILES = 200
"""So many are kept; who produces more has proven its point."""


class Evidences:
    """The folder of evidence. Any thread may use it."""

    def __init__(self, folder: Path, genesis: Genesis, tell: Callable[[bytes], None] = lambda _: None) -> None:
        """Take up a node's evidence.

        Args:
            folder: the node's folder.
            genesis: the ledger's.
            tell: told of each new piece, so that others learn of it.
        """
        self._folder, self._lock = folder / FOLDER, Lock()
        self._trust: TrustFile = read_trust(write_trust(genesis))
        self.tell = tell

    def keep(self, data: bytes) -> None:
        """Check evidence, and keep it if it is new; durable on return.

        Raises:
            Malformed: it proves nothing.
            OSError: it cannot be written.
        """
        try:
            found = read_contradiction(data)
            against: Accused = accused(found, self._trust)
        except (ProofInvalid, Untrusted) as error:
            raise Malformed(f"the evidence proves nothing: {error}") from error
        # One for each head that contradicts: the same one, signed again, says nothing new.
        head = parse_note(found.first.encode()).text
        path = self._folder / f"{hash_bytes(head.encode()).hex()[:32]}.json"
        with self._lock:
            if path.exists() or self.count() >= MOST_FILES:
                return
            self._folder.mkdir(mode=0o700, exist_ok=True)
            create_durably(path, data)
        log.critical("a member has contradicted itself", extra={"members": against.members, "evidence": path.name})
        self.tell(data)

    def count(self) -> int:
        """Count what is kept."""
        return len(self.files())

    def files(self) -> list[Path]:
        """List what is kept."""
        return sorted(self._folder.glob("*.json"))
