"""What can be written of documents."""

from typing import Annotated

from msgspec import Meta

from hanse_ledger.kinds.document.payload import Payload
from hanse_ledger.kinds.document.state import ReceiptStage
from hanse_ledger.values import limits
from hanse_ledger.values.types import MemberId, ObjectId, Salt
from hanse_ledger.wire.part import Body


class GrantDocument(Body, frozen=True, kw_only=True):
    """Let further readers open a document: a copy of its file, sealed to them. Signed by the owner. Rule A-1."""

    document: ObjectId
    payload: Payload


class ReceiveDocument(Body, frozen=True, kw_only=True):
    """Say that a document has come, that it is opened, or that it is accepted. Signed by the reader. Rule A-2.

    The reader is the party `reader_party` or the member `reader_member`, for its office: one of the two. `salt` opens
    the commitment to it.
    """

    document: ObjectId
    reader_member: MemberId | None
    reader_party: ObjectId | None
    salt: Salt
    stage: ReceiptStage


class HoldDocument(Body, frozen=True, kw_only=True):
    """Order that a document be kept. Signed by an office that can open it, a customs authority or a bank. Rule A-3.

    `salt` opens the commitment to the office.
    """

    document: ObjectId
    office: MemberId
    salt: Salt


class UnholdDocument(Body, frozen=True, kw_only=True):
    """Let go of a document that an office has ordered to be kept. Signed by that office. Rule A-4."""

    document: ObjectId
    office: MemberId


class EraseDocument(Body, frozen=True, kw_only=True):
    """Have a document's sealed files deleted wherever honest nodes keep them. Signed by the owner itself. Rule A-5.

    `declarations` are all that count on the invoice to which the document belongs, in order: each is decided.
    """

    declarations: Annotated[tuple[ObjectId, ...], Meta(max_length=limits.DECLARATIONS)]
    document: ObjectId
