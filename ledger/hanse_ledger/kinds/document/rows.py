"""The rows of documents."""

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.document import samples
from hanse_ledger.kinds.document.bodies import (
    EraseDocument,
    GrantDocument,
    HoldDocument,
    ReceiveDocument,
    UnholdDocument,
)
from hanse_ledger.kinds.document.payload import payload_claims
from hanse_ledger.kinds.document.refusals import DOCUMENT_UNKNOWN
from hanse_ledger.kinds.document.rules import (
    erase_document,
    grant_document,
    hold_document,
    receive_document,
    unhold_document,
)
from hanse_ledger.kinds.document.state import Document, DocumentState
from hanse_ledger.kinds.document.status import judged
from hanse_ledger.kinds.kind import (
    FoundBy,
    Kind,
    Listed,
    ObjectType,
    no_claims,
    no_key,
    no_worth,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import Digest, ObjectId

DOCUMENT = ObjectType(
    name="document",
    state=Document,
    unknown=DOCUMENT_UNKNOWN,
    beside=frozenset({"history", "holds", "links", "receipts", "seal", "status"}),
    sums={},
    judged=judged,
    behind=lambda document: frozenset({document.links.belongs_to}),
    acts=False,
    # By the hash of a sealed file, its own or a further reader's, the claim `payload` finds it.
    found_by=(FoundBy[Document](name="document_of_object", keys=lambda document: (document.links.belongs_to,)),),
    listed=Listed(
        state=lambda document: document.status.state,
        open=frozenset({DocumentState.HELD, DocumentState.SEALED}),
        ended=frozenset({DocumentState.ERASED}),
        whose=lambda document: (
            document.links.owner_party,
            document.links.owner_member,
            *(hold.office for hold in document.holds),
        ),
        waits={},
        worth=no_worth,
        worth_of=of_no_others,
    ),
)

OfDocument = GrantDocument | ReceiveDocument | HoldDocument | UnholdDocument | EraseDocument

POWERS = (Power.DECIDE, Power.SETTLE)
"""Either of them is enough."""


def _own(body: OfDocument) -> ObjectId:
    return body.document


def _named(body: GrantDocument | HoldDocument | UnholdDocument) -> tuple[ObjectId, ...]:
    return (body.document,)


def _received(body: ReceiveDocument) -> tuple[ObjectId | None, ...]:
    return (body.document, body.reader_party)


def _erased(body: EraseDocument) -> tuple[ObjectId, ...]:
    return (body.document, *body.declarations)


def _reader_claims(body: ReceiveDocument) -> tuple[Digest, ...]:
    return () if body.reader_member is None else (claim_key(ClaimKind.OFFICE, body.reader_member.encode()),)


def _office_claims(body: HoldDocument) -> tuple[Digest, ...]:
    return (claim_key(ClaimKind.OFFICE, body.office.encode()),)


GRANT = Kind(
    name="document.grant",
    number="A-1",
    body=GrantDocument,
    rule=grant_document,
    object=DOCUMENT,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=payload_claims,
    commits=None,
    frees=False,
    powers=POWERS,
    amount=no_amount,
    sample=samples.grant,
)

RECEIVE = Kind(
    name="document.receive",
    number="A-2",
    body=ReceiveDocument,
    rule=receive_document,
    object=DOCUMENT,
    creates=False,
    about=_own,
    references=_received,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_reader_claims,
    commits=None,
    frees=False,
    powers=POWERS,
    amount=no_amount,
    sample=samples.receive,
)

HOLD = Kind(
    name="document.hold",
    number="A-3",
    body=HoldDocument,
    rule=hold_document,
    object=DOCUMENT,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_office_claims,
    commits=None,
    frees=False,
    powers=POWERS,
    amount=no_amount,
    sample=samples.hold,
)

UNHOLD = Kind(
    name="document.unhold",
    number="A-4",
    body=UnholdDocument,
    rule=unhold_document,
    object=DOCUMENT,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=POWERS,
    amount=no_amount,
    sample=samples.unhold,
)

ERASE = Kind(
    name="document.erase",
    number="A-5",
    body=EraseDocument,
    rule=erase_document,
    object=DOCUMENT,
    creates=False,
    about=_own,
    references=_erased,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=POWERS,
    amount=no_amount,
    sample=samples.erase,
)

KINDS = (GRANT, RECEIVE, HOLD, UNHOLD, ERASE)
