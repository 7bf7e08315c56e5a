"""What stands in the state of a document."""

from enum import StrEnum

from hanse_ledger.kinds.history import History, Value
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Digest, MemberId, ObjectId


class DocumentState(StrEnum):
    """Whether the sealed file is kept, by order of an office at that, or erased."""

    ERASED = "erased"
    HELD = "held"
    SEALED = "sealed"


class ReceiptStage(StrEnum):
    """What a reader says of a document: that the sealed file has come, that it has opened it, that it accepts it."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    RETRIEVED = "retrieved"


class DocumentHold(Value, frozen=True, kw_only=True):
    """That an office has ordered the document to be kept: how often until now, and whether that still stands."""

    office: MemberId
    standing: bool
    times: int


class DocumentLinks(Value, frozen=True, kw_only=True):
    """What the document belongs to, and whose it is: a party's or a member's, the other one nil."""

    belongs_to: ObjectId
    owner_member: MemberId | None
    owner_party: ObjectId | None


class DocumentReceipt(Value, frozen=True, kw_only=True):
    """How far a reader says that it has come, by the commitment to it."""

    reader: Digest
    stage: ReceiptStage


class DocumentSeal(Value, frozen=True, kw_only=True):
    """A sealed file: SHA-256 of its bytes, commitments to who can open it, and how many bytes they are."""

    hash: Digest
    readers: tuple[Digest, ...]
    size: int


class DocumentStatus(Value, frozen=True, kw_only=True):
    """The document's state."""

    state: DocumentState


class Document(Object, frozen=True, kw_only=True, gc=False, tag="document"):
    """A file that travels off the ledger. `grants` are copies sealed to further readers, in the order of their records.

    `holds` and `receipts` stand in order of their offices, and of the commitments to their readers.
    """

    grants: tuple[DocumentSeal, ...]
    history: History
    holds: tuple[DocumentHold, ...]
    links: DocumentLinks
    receipts: tuple[DocumentReceipt, ...]
    seal: DocumentSeal
    status: DocumentStatus
