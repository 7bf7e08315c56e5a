"""Rule A-5: a document is erased by its owner, where nothing depends on it that is not decided."""

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.kinds import COVERABLE
from hanse_ledger.kinds.certificate.refusals import CERTIFICATE_RESERVED
from hanse_ledger.kinds.declaration.bodies import Regime
from hanse_ledger.kinds.declaration.refusals import DECLARATION_UNKNOWN
from hanse_ledger.kinds.document import refusals as why
from hanse_ledger.kinds.document.bodies import EraseDocument, HoldDocument
from hanse_ledger.kinds.document.state import Document, DocumentState
from hanse_ledger.kinds.invoice.refusals import INVOICE_PAYMENT_UNDER_WAY, INVOICE_PLEDGED
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.object import document_id
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.kinds.standins import payload
from hanse_ledger.values.types import ObjectId
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Altered, Corridor, traders
from tests.world.entries import bodies_of


def declaring() -> Corridor:
    """Two declarations name the sealed invoice, an export that is released and an import; so does one, withdrawn."""
    corridor = traders()
    corridor.open_office()
    corridor.seal_invoice()
    corridor.id["invoice"] = corridor.id["document's invoice"]
    corridor.accept_invoice()
    signed = corridor.sign(replace(corridor.make.certificate(), payload=payload("certificate", "buyer")), "chamber")
    corridor.apply(signed)
    corridor.id["certificate"] = _created(corridor, "certificate")
    corridor.id["certificate's document"] = document_id(signed.id)
    corridor.lodge_export(name="withdrawn")
    corridor.submit(corridor.make.withdrawal("withdrawn"), "seller")
    corridor.lodge_export()
    corridor.release_export()
    corridor.lodge_import()
    return corridor


def _created(corridor: Corridor, kind: str) -> ObjectId:
    """Name the newest object of a kind."""
    return next(
        value.id for value in reversed(corridor.ledger.objects.values()) if type(value).__name__.lower() == kind
    )


def decided() -> Corridor:
    """The import is released too."""
    corridor = declaring()
    corridor.release_import()
    return corridor


def held() -> Corridor:
    """Customs holds the document besides."""
    corridor = declaring()
    corridor.submit(corridor.make.sample(HoldDocument), "customs-be")
    return corridor


OPEN, DECIDED, HELD = declaring(), decided(), held()
ID = DECIDED.id
OTHER = ID["certificate"]


def erasing(*declarations: ObjectId, document: str = "document") -> EraseDocument:
    """Erase a document, naming these declarations, in order."""
    return EraseDocument(declarations=tuple(sorted(declarations)), document=ID[document])


BOTH = (ID["export"], ID["import"])
ALL = erasing(*BOTH)
UNSORTED = replace(ALL, declarations=ALL.declarations[::-1])
INVOICE = DECIDED.ledger.objects[ID["invoice"]]
assert isinstance(INVOICE, Invoice)
PLEDGED = Altered(
    DECIDED.ledger,
    replace(
        INVOICE,
        amounts=replace(INVOICE.amounts, under_way_minor=1),
        pledge=replace(INVOICE.pledge, pledged_by=bytes(32)),
    ),
)
UNDER_WAY = Altered(DECIDED.ledger, replace(INVOICE, amounts=replace(INVOICE.amounts, under_way_minor=1)))
FIRST = tuple(sorted((ID["export"], ID["withdrawn"]))).index(ID["withdrawn"])

REFUSALS = [
    Refused(DECIDED, replace(ALL, document=bytes(32)), ("buyer",), why.DOCUMENT_UNKNOWN, "/body/document"),
    Refused(HELD, UNSORTED, ("buyer",), why.NOT_OWNER, "/signers"),
    Refused(HELD, UNSORTED, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(HELD, UNSORTED, ("seller",), why.DOCUMENT_HELD, "/body/document"),
    Refused(DECIDED, UNSORTED, ("seller",), INVOICE_PLEDGED, "/body/document", state=PLEDGED),
    Refused(DECIDED, UNSORTED, ("seller",), INVOICE_PAYMENT_UNDER_WAY, "/body/document", state=UNDER_WAY),
    Refused(
        OPEN,
        erasing(bytes(32), document="certificate's document"),
        ("chamber",),
        CERTIFICATE_RESERVED,
        "/body/document",
    ),
    Refused(DECIDED, UNSORTED, ("seller",), why.DECLARATIONS_NOT_SORTED, "/body/declarations"),
    Refused(
        DECIDED,
        replace(ALL, declarations=(ID["export"], ID["export"])),
        ("seller",),
        why.DECLARATIONS_NOT_SORTED,
        "/body/declarations",
    ),
    Refused(DECIDED, erasing(OTHER), ("seller",), DECLARATION_UNKNOWN, "/body/declarations/0"),
    Refused(DECIDED, erasing(ID["withdrawn"]), ("seller",), why.DECLARATION_DIFFERS, "/body/declarations/0"),
    Refused(
        DECIDED,
        erasing(*BOTH, document="certificate's document"),
        ("chamber",),
        why.DECLARATION_DIFFERS,
        "/body/declarations/0",
    ),
    Refused(OPEN, erasing(ID["import"]), ("seller",), why.DECLARATION_UNDECIDED, "/body/declarations/0"),
    *(
        Refused(DECIDED, erasing(*named), ("seller",), why.DECLARATIONS_MISSING, "/body/declarations")
        for named in ((), (ID["export"],), (ID["import"],))
    ),
]


def erased() -> Corridor:
    """The document is erased."""
    corridor = decided()
    corridor.submit(ALL, "seller")
    return corridor


ERASED = erased()
REFUSALS.insert(3, Refused(ERASED, UNSORTED, ("seller",), why.DOCUMENT_ERASED, "/body/document"))


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken requirement is named with its field, and the earliest one wins."""
    try_row(row)


def test_a_tombstone_stays() -> None:
    """All that is known of it stays, but that it is there."""
    before, after = DECIDED.ledger.objects[ID["document"]], ERASED.ledger.objects[ID["document"]]
    assert isinstance(before, Document)
    assert isinstance(after, Document)
    assert after.status.state is DocumentState.ERASED
    assert after == replace(before, history=after.history, status=after.status)
    assert breaches(ERASED.ledger, bodies_of(ERASED.entries)) == []


def test_a_document_of_a_certificate_waits_for_what_is_reserved_alone() -> None:
    """Once the import is decided the issuer may erase it, and names no declaration."""
    assert DECIDED.refusal(erasing(document="certificate's document"), "chamber") is None


def test_what_a_member_holds_that_has_left_is_held_no_more() -> None:
    """It could let go of nothing."""
    corridor = held()
    corridor.release_import()
    membership = corridor.ledger.membership

    class Without:
        """The same state without the member."""

        def __init__(self) -> None:
            self.membership = replace(
                membership, members=tuple(each for each in membership.members if each.id != "customs-be")
            )
            self.proposals = corridor.ledger.proposals
            self.object, self.claim = corridor.ledger.object, corridor.ledger.claim

    assert corridor.refusal(ALL, "seller") is not None
    assert corridor.refusal(ALL, "seller", state=Without()) is None


def test_no_mandate_covers_it() -> None:
    """What is erased is gone: that the owner signs itself."""
    assert "document.erase" not in COVERABLE
    assert {"document.grant", "document.receive"} <= COVERABLE
    assert Regime.EXPORT in Regime
