"""Which objects a party sees because a document of theirs is sealed to it, as far as this node knows who reads what.

It is kept in memory, so that asking costs no statement: whoever asks in vain does not learn from the time why.
"""

from collections import Counter
from collections.abc import Iterable
from threading import Lock

from hanse_ledger.values.types import Digest, ObjectId
from hanse_node.payloads.knownreaders import KnownReaders, OpenedReader
from hanse_node.payloads.naming import Naming


class PartyReaders:
    """Of each party the documents that are sealed to it, and what they belong to. Any thread may call."""

    def __init__(self, openings: KnownReaders, naming: Naming) -> None:
        """Take up who reads what is here; it is looked through when somebody asks first."""
        self._openings, self._naming, self._lock = openings, naming, Lock()
        self._of: dict[Digest, list[tuple[ObjectId, ObjectId]]] | None = None
        self._seen: dict[ObjectId, Counter[ObjectId]] = {}

    def sees(self, party: ObjectId, object_id: ObjectId) -> bool:
        """Tell whether an object is a document that is sealed to a party, or what such a one belongs to.

        Raises:
            StoreFailed: who reads cannot be read.
        """
        with self._lock:
            if self._of is None:
                self._of = {}
                for digest in self._openings.held_of():
                    self._add(self._of, digest, self._openings.of(digest))
            return object_id in self._seen.get(party, ())

    def add(self, digest: Digest, readers: Iterable[OpenedReader]) -> None:
        """Take up readers of sealed bytes, which hold against the record. Raises StoreFailed."""
        with self._lock:
            if self._of is not None:
                self._add(self._of, digest, readers)

    def forget(self, digest: Digest) -> None:
        """Forget who reads sealed bytes."""
        with self._lock:
            for party, name in (self._of or {}).pop(digest, ()):
                self._seen[party] -= Counter([name])
                if not self._seen[party]:
                    del self._seen[party]

    def _add(
        self, found: dict[Digest, list[tuple[ObjectId, ObjectId]]], digest: Digest, readers: Iterable[OpenedReader]
    ) -> None:
        document = self._naming.document(digest)
        if document is None:
            return
        known = found.setdefault(digest, [])
        for party in self._naming.parties(readers):
            for name in (document.id, document.links.belongs_to):
                if (party, name) not in known:
                    known.append((party, name))
                    self._seen.setdefault(party, Counter())[name] += 1
