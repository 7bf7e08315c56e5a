"""What the ledger says of sealed bytes: whether a record names them, who may read them, and what became of them."""

from collections.abc import Iterable
from enum import StrEnum

from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.kinds.document.state import Document, DocumentSeal, DocumentState
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.values.hashing import ZERO
from hanse_ledger.values.types import Digest, MemberId, ObjectId
from hanse_node.payloads.knownreaders import OpenedReader
from hanse_node.store.sql import SqlLedgerStore


class Standing(StrEnum):
    """What the ledger says of the bytes with a hash: no record names them, one does, or they were erased."""

    UNNAMED = "unnamed"
    NAMED = "named"
    ERASED = "erased"


class Naming:
    """Asks a store's committed state. Any thread may ask."""

    def __init__(self, store: SqlLedgerStore) -> None:
        self._store = store

    def document(self, digest: Digest) -> Document | None:
        """Find the document of sealed bytes, by the claim of their hash; nil where no record names them."""
        with self._store.reading() as reads:
            # An object is looked for in any case: so long it takes whether or not a record names the bytes.
            found = reads.object(reads.claim(payload_claim(digest)) or ZERO)
        return found[1] if found is not None and isinstance(found[1], Document) else None

    def standing(self, digest: Digest) -> Standing:
        """Say how sealed bytes stand."""
        document = self.document(digest)
        if document is None:
            return Standing.UNNAMED
        return Standing.ERASED if document.status.state is DocumentState.ERASED else Standing.NAMED

    def seal(self, digest: Digest) -> DocumentSeal | None:
        """Give what a record says of sealed bytes that stand; nil where none names them, or they were erased."""
        document = self.document(digest)
        if document is None or document.status.state is DocumentState.ERASED:
            return None
        return next(seal for seal in (document.seal, *document.grants) if seal.hash == digest)

    def seals(self, document: ObjectId) -> tuple[DocumentSeal, ...]:
        """Give all sealed files of a document; none where it is no document."""
        with self._store.reading() as reads:
            found = reads.object(document)
        value = None if found is None else found[1]
        return (value.seal, *value.grants) if isinstance(value, Document) else ()

    def member(self, reader: ObjectId) -> MemberId | None:
        """Say whose node serves a reader: that of the office's member, or of the member with which the party is."""
        with self._store.reading() as reads:
            found = reads.object(reader)
        value = None if found is None else found[1]
        return value.links.member if isinstance(value, Office | Party) else None

    def has_member(self, name: MemberId) -> bool:
        """Tell whether somebody is a member in force."""
        return self._store.head.membership.member(name) is not None

    def others(self, own: MemberId) -> tuple[MemberId, ...]:
        """Name the members whose nodes are the ledger's beside one's own."""
        return tuple(each.id for each in self._store.head.membership.cosigners if each.id != own)

    def parties(self, readers: Iterable[OpenedReader]) -> set[ObjectId]:
        """Say which of some readers are parties."""
        with self._store.reading() as reads:
            found = reads.objects([each.reader for each in readers])
        return {name for name, (_, value) in found.items() if isinstance(value, Party)}

    def members(self, readers: Iterable[OpenedReader]) -> set[MemberId]:
        """Say whose nodes serve readers."""
        found = {self.member(each.reader) for each in readers}
        return {name for name in found if name is not None}
