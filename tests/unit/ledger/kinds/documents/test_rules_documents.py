"""Rules A-1 to A-4: who is let in, what readers sign, and who orders that a document be kept."""

from typing import Any

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.invariants import breaches
from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.kinds.document import refusals as why
from hanse_ledger.kinds.document.bodies import (
    EraseDocument,
    GrantDocument,
    HoldDocument,
    ReceiveDocument,
    UnholdDocument,
)
from hanse_ledger.kinds.document.payload import commit_reader
from hanse_ledger.kinds.document.state import (
    Document,
    DocumentHold,
    DocumentSeal,
    DocumentState,
    ReceiptStage,
)
from hanse_ledger.kinds.mandate.bodies import GrantMandate
from hanse_ledger.kinds.mandate.refusals import KIND_NOT_COVERED
from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE
from hanse_ledger.kinds.object import document_id
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.kinds.office.refusals import OFFICER_WITHOUT_POWER
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.kinds.standins import payload, salt_for
from hanse_ledger.values import limits
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Altered, Corridor, traders
from tests.world.entries import bodies_of

MEMBERS_OFFICES = ("bank-cn", "chamber")


def sealed() -> Corridor:
    """The seller's invoice is sealed to the buyer, to customs and, since, to a bank's office and a chamber's."""
    corridor = traders()
    corridor.open_office()
    corridor.seal_invoice()
    for member in MEMBERS_OFFICES:
        office = corridor.submit(replace(corridor.make.sample(OpenOffice), member=member), member)
        corridor.id[f"{member} office"] = office
        copy = payload(f"copy for {member}", "nobody")
        commitment = commit_reader(office, salt_for("invoice", member))
        copy = replace(copy, readers=tuple(sorted((*copy.readers, commitment))))
        corridor.submit(GrantDocument(document=corridor.id["document"], payload=copy), "seller")
    return corridor


def erased() -> Corridor:
    """The same, and the seller has it erased."""
    corridor = sealed()
    corridor.submit(corridor.make.sample(EraseDocument), "seller")
    return corridor


def held() -> Corridor:
    """The same as in the beginning, and customs holds it."""
    corridor = sealed()
    corridor.submit(corridor.make.sample(HoldDocument), "customs-be")
    return corridor


def full() -> Corridor:
    """The same as in the beginning, and as many can open it as may."""
    corridor = sealed()
    room = limits.DOCUMENT_READERS - sum(len(seal.readers) for seal in seals_of(corridor))
    for number in range(0, room, limits.PAYLOAD_READERS):
        names = (f"reader {place}" for place in range(number, min(room, number + limits.PAYLOAD_READERS)))
        copy = payload(f"copy {number}", *names)
        corridor.submit(GrantDocument(document=corridor.id["document"], payload=copy), "seller")
    return corridor


def held_often() -> Corridor:
    """The same as in the beginning, and customs has held it as often as it may, and let go of it."""
    corridor = sealed()
    for _ in range(limits.HOLDS):
        corridor.submit(corridor.make.sample(HoldDocument), "customs-be")
        corridor.submit(corridor.make.sample(UnholdDocument), "customs-be")
    return corridor


def retrieved() -> Corridor:
    """The same as in the beginning, and the buyer has opened it."""
    corridor = sealed()
    corridor.submit(corridor.make.sample(ReceiveDocument), "buyer")
    return corridor


def seals_of(corridor: Corridor) -> tuple[DocumentSeal, ...]:
    """Give the document's sealed file, and its copies."""
    document = document_in(corridor)
    return (document.seal, *document.grants)


def document_in(corridor: Corridor) -> Document:
    """Give the document as it stands."""
    value = corridor.ledger.objects[corridor.id["document"]]
    assert isinstance(value, Document)
    return value


CORRIDOR, ERASED, HELD = sealed(), erased(), held()
FULL, HELD_OFTEN, RETRIEVED = full(), held_often(), retrieved()
MAKE, ID = CORRIDOR.make, CORRIDOR.id
GRANT, RECEIVE = MAKE.sample(GrantDocument), MAKE.sample(ReceiveDocument)
HOLD, UNHOLD = MAKE.sample(HoldDocument), MAKE.sample(UnholdDocument)
NOBODY = bytes(32)
BY_CHAMBER = replace(HOLD, office="chamber", salt=salt_for("invoice", "chamber"))
BY_BANK = replace(HOLD, office="bank-cn", salt=salt_for("invoice", "bank-cn"))


def changed(**parts: Any) -> Altered:
    """The same state, but for parts of the document."""
    return Altered(CORRIDOR.ledger, replace(document_in(CORRIDOR), **parts))


def readers(count: int) -> tuple[DocumentSeal, ...]:
    """Copies that so many can open."""
    return tuple(
        DocumentSeal(hash=bytes([number]) * 32, readers=(bytes([number]) * 32,), size=1) for number in range(count)
    )


def disordered(*names: bytes) -> GrantDocument:
    """A copy whose commitments stand so."""
    return replace(GRANT, payload=replace(GRANT.payload, readers=names))


ROOM = limits.DOCUMENT_READERS - len(document_in(CORRIDOR).seal.readers)

REFUSALS = [
    Refused(CORRIDOR, replace(GRANT, document=NOBODY), ("buyer",), why.DOCUMENT_UNKNOWN, "/body/document"),
    Refused(CORRIDOR, replace(GRANT, document=ID["office"]), ("seller",), why.DOCUMENT_UNKNOWN, "/body/document"),
    Refused(ERASED, GRANT, ("buyer",), why.NOT_OWNER, "/signers"),
    Refused(CORRIDOR, GRANT, ("market",), why.NOT_OWNER, "/signers"),
    Refused(ERASED, GRANT, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ERASED, disordered(NOBODY, NOBODY), ("seller",), why.DOCUMENT_ERASED, "/body/document"),
    Refused(CORRIDOR, disordered(NOBODY, NOBODY), ("seller",), why.READERS_NOT_SORTED, "/body/payload/readers"),
    Refused(
        FULL,
        replace(GRANT, payload=replace(GRANT.payload, hash=payload("invoice").hash)),
        ("seller",),
        why.PAYLOAD_TAKEN,
        "/body/payload/hash",
    ),
    Refused(FULL, GRANT, ("seller",), why.TOO_MANY_READERS, "/body/payload/readers"),
    Refused(CORRIDOR, replace(RECEIVE, document=NOBODY), ("buyer",), why.DOCUMENT_UNKNOWN, "/body/document"),
    *(
        Refused(CORRIDOR, replace(RECEIVE, **names), ("seller",), why.READER_UNCLEAR, "/body/reader_party")
        for names in ({"reader_member": "market"}, {"reader_party": None})
    ),
    Refused(ERASED, replace(RECEIVE, salt=bytes(16)), ("seller",), why.NOT_READER, "/signers"),
    Refused(ERASED, replace(RECEIVE, salt=bytes(16)), ("buyer", "seller"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ERASED, replace(RECEIVE, salt=bytes(16)), ("buyer",), why.READER_UNKNOWN, "/body/salt"),
    Refused(CORRIDOR, replace(RECEIVE, reader_party=ID["agent"]), ("agent",), why.READER_UNKNOWN, "/body/salt"),
    *(
        Refused(
            CORRIDOR,
            replace(RECEIVE, reader_member=member, reader_party=None),
            (member,),
            why.READER_UNKNOWN,
            "/body/salt",
        )
        for member in ("market", "bank-cn")
    ),
    Refused(ERASED, RECEIVE, ("buyer",), why.DOCUMENT_ERASED, "/body/document"),
    *(
        Refused(
            RETRIEVED,
            replace(RECEIVE, stage=stage),
            ("buyer",),
            why.RECEIPT_NOT_LATER,
            "/body/stage",
        )
        for stage in (ReceiptStage.DELIVERED, ReceiptStage.RETRIEVED)
    ),
    Refused(CORRIDOR, replace(HOLD, document=NOBODY), ("seller",), why.DOCUMENT_UNKNOWN, "/body/document"),
    Refused(ERASED, BY_CHAMBER, ("customs-be",), why.NOT_READER, "/signers"),
    Refused(ERASED, BY_CHAMBER, ("chamber", "customs-be"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(ERASED, replace(BY_CHAMBER, salt=bytes(16)), ("chamber",), MEMBER_LACKS_ROLE, "/body/office"),
    Refused(ERASED, replace(HOLD, salt=bytes(16)), ("customs-be",), why.READER_UNKNOWN, "/body/salt"),
    Refused(CORRIDOR, replace(HOLD, office="customs-cn"), ("customs-cn",), why.READER_UNKNOWN, "/body/salt"),
    Refused(ERASED, HOLD, ("customs-be",), why.DOCUMENT_ERASED, "/body/document"),
    Refused(HELD, HOLD, ("customs-be",), why.HELD_ALREADY, "/body/office"),
    Refused(HELD_OFTEN, HOLD, ("customs-be",), why.HELD_TOO_OFTEN, "/body/office"),
    Refused(CORRIDOR, replace(UNHOLD, document=NOBODY), ("seller",), why.DOCUMENT_UNKNOWN, "/body/document"),
    Refused(CORRIDOR, UNHOLD, ("bank-cn",), why.NOT_READER, "/signers"),
    Refused(CORRIDOR, UNHOLD, ("customs-be", "bank-cn"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(HELD, replace(UNHOLD, office="bank-cn"), ("bank-cn",), why.NOT_HELD, "/body/office"),
    Refused(HELD_OFTEN, UNHOLD, ("customs-be",), why.NOT_HELD, "/body/office"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken requirement is named with its field, and the earliest one wins."""
    try_row(row)


def test_a_grant_adds_a_copy_and_no_more() -> None:
    """Its readers may sign from then on; the claim of the copy names the document."""
    corridor = sealed()
    before = document_in(corridor)
    corridor.submit(GRANT, "seller")
    after = document_in(corridor)
    copy = DocumentSeal(hash=GRANT.payload.hash, readers=GRANT.payload.readers, size=GRANT.payload.size)
    assert after == replace(before, grants=(*before.grants, copy), history=after.history)
    assert corridor.ledger.claim(payload_claim(GRANT.payload.hash)) == after.id


def test_the_last_reader_there_is_room_for() -> None:
    """One fewer, and the copy is granted."""
    assert CORRIDOR.refusal(GRANT, "seller", state=changed(grants=readers(ROOM - 1))) is None


def test_a_mandatary_grants_for_the_owner() -> None:
    """The seller lets the agent do so, and nothing else."""
    corridor = sealed()
    mandate = replace(
        corridor.make.sample(GrantMandate),
        kinds=("document.grant",),
        limit=None,
        principal=corridor.id["seller"],
    )
    corridor.submit(mandate, "seller", name="mandate")
    mandates = (corridor.id["mandate"],)
    corridor.submit(GRANT, "agent", mandates=mandates)
    error = corridor.refusal(corridor.make.sample(EraseDocument), "agent", mandates=mandates)
    assert error is not None
    assert error.reason is KIND_NOT_COVERED


def test_a_reader_goes_on_from_stage_to_stage() -> None:
    """Delivered, retrieved, accepted; each reader for itself, by its commitment."""
    corridor = sealed()
    for stage in (ReceiptStage.DELIVERED, ReceiptStage.RETRIEVED, ReceiptStage.ACCEPTED):
        corridor.submit(replace(RECEIVE, stage=stage), "buyer")
    office = replace(RECEIVE, reader_member="bank-cn", reader_party=None, salt=salt_for("invoice", "bank-cn"))
    corridor.submit(replace(office, stage=ReceiptStage.DELIVERED), "bank-cn")
    receipts = {receipt.reader: receipt.stage for receipt in document_in(corridor).receipts}
    assert receipts == {
        commit_reader(ID["buyer"], RECEIVE.salt): ReceiptStage.ACCEPTED,
        commit_reader(ID["bank-cn office"], office.salt): ReceiptStage.DELIVERED,
    }
    assert breaches(corridor.ledger, bodies_of(corridor.entries)) == []


def test_who_holds_and_lets_go() -> None:
    """It is held while one does; who has let go may hold again, and is counted."""
    corridor = held()
    assert document_in(corridor).status.state is DocumentState.HELD
    corridor.submit(BY_BANK, "bank-cn")
    corridor.submit(UNHOLD, "customs-be")
    assert document_in(corridor).status.state is DocumentState.HELD
    corridor.submit(replace(UNHOLD, office="bank-cn"), "bank-cn")
    assert document_in(corridor).status.state is DocumentState.SEALED
    corridor.submit(HOLD, "customs-be")
    assert document_in(corridor).holds == (
        DocumentHold(office="bank-cn", standing=False, times=1),
        DocumentHold(office="customs-be", standing=True, times=2),
    )
    assert breaches(corridor.ledger, bodies_of(corridor.entries)) == []


@pytest.mark.parametrize("power", [Power.DECIDE, Power.SETTLE])
def test_either_power_is_enough(power: Power) -> None:
    """An officer who decides holds it, and one who settles; one who does neither does not."""
    corridor = sealed()
    corridor.submit(corridor.make.appointment("second officer", power), "customs-be", "second officer")
    corridor.submit(HOLD, "second officer")
    assert document_in(corridor).status.state is DocumentState.HELD
    corridor.submit(corridor.make.appointment("third officer", Power.CERTIFY), "customs-be", "third officer")
    error = corridor.refusal(UNHOLD, "third officer")
    assert error is not None
    assert (error.reason, error.wanted) == (OFFICER_WITHOUT_POWER, "decide or settle")


def test_a_document_is_its_records_own() -> None:
    """Its history has the record that created it and its own, and nothing else."""
    corridor = held()
    signed = corridor.signed["document's invoice"]
    assert document_in(corridor).id == document_id(signed.id)
    assert document_in(corridor).history.count == 1 + len(MEMBERS_OFFICES) + 1
