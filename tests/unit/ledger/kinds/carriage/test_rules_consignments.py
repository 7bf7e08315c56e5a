"""Rules U-1 and U-2: the folder of one movement of goods, and who puts something into it."""

import pytest
from msgspec.structs import replace

from hanse_ledger.kinds import OBJECTS, type_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.common import meant
from hanse_ledger.kinds.consignment import refusals as why
from hanse_ledger.kinds.consignment.bodies import AddToConsignment, OpenConsignment
from hanse_ledger.kinds.consignment.items import PARTS
from hanse_ledger.kinds.consignment.state import (
    Consignment,
    ConsignmentItems,
    ConsignmentLinks,
    ConsignmentWriters,
)
from hanse_ledger.kinds.document.state import Document
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.kinds.member.refusals import MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.object import step_seed
from hanse_ledger.kinds.office.bodies import OpenOffice
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.order.bodies import AttestOrder
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.refusals import PARTY_INACTIVE, PARTY_SUSPENDED, PARTY_UNKNOWN
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.values import limits
from tests.tables.refusals import Refused, names_of, try_row
from tests.world.corridor import Altered, Corridor, story, traders
from tests.world.corridor_genesis import DAY, T0, seed_of
from tests.world.departures import KEYS_END, after, hold, let_keys_end, suspend
from tests.world.trade.pledging import pledge


def ready() -> Corridor:
    """An invoice stands, an export is lodged with customs-cn, and a party is enrolled for a day."""
    corridor = traders()
    brief = replace(corridor.make.enrolment("brief", PartyRole.SELLER), valid_until=T0 + DAY)
    corridor.submit(brief, "market", "brief", name="brief")
    corridor.issue_invoice()
    corridor.issue_certificate()
    corridor.lodge_export()
    return corridor


def opened() -> Corridor:
    """The seller has opened a consignment into which both customs authorities write."""
    corridor = ready()
    corridor.open_consignment()
    return corridor


READY, OPENED = ready(), opened()
HELD = after(ready(), (hold, "seller"))
NO_CUSTOMS = after(ready(), (suspend, "customs-be"))
KEYLESS = after(ready(), (let_keys_end, "customs-be"))
HELD_BUYER = after(opened(), (hold, "buyer"))
NO_BANK, KEYLESS_BANK = after(opened(), (suspend, "bank-be")), after(opened(), (let_keys_end, "bank-be"))
NOBODY = bytes(32)
OPEN = READY.make.sample(OpenConsignment)
ADD = OPENED.make.sample(AddToConsignment)
ID = OPENED.id
STRANGERS = tuple(sorted(seed_of(f"stranger {number}") for number in range(limits.WRITERS)))
BAD = replace(OPEN, members=("nobody", "nobody"))
NAMED = replace(ADD, item=None, new_parties=())
BY_CUSTOMS = replace(ADD, item=ID["export"], new_parties=(), writer_member="customs-cn", writer_party=None)
FULL = Altered(
    OPENED.ledger,
    replace(OPENED.ledger.objects[ID["consignment"]], contents=ConsignmentItems(items=limits.ITEMS)),
)
OVERFULL = Altered(
    OPENED.ledger,
    replace(OPENED.ledger.objects[ID["consignment"]], contents=ConsignmentItems(items=limits.ITEMS + 1)),
)
TWICE = ("customs-be", "customs-be", "customs-cn")
"""Compared with what it should be, as a whole, it is the lesser one."""

REFUSALS = [
    Refused(READY, replace(BAD, opener=NOBODY), ("buyer",), PARTY_UNKNOWN, "/body/opener"),
    Refused(READY, replace(BAD, opener=READY.id["brief"]), ("buyer",), PARTY_INACTIVE, "/body/opener", T0 + DAY),
    Refused(HELD, BAD, ("buyer",), PARTY_SUSPENDED, "/body/opener"),
    Refused(READY, replace(BAD, opener=READY.id["agent"]), ("buyer",), why.NOT_A_TRADER, "/body/opener"),
    Refused(READY, BAD, ("buyer",), why.NOT_OPENER, "/signers"),
    Refused(READY, BAD, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPENED, BAD, ("seller",), why.UCR_TAKEN, "/body/ucr"),
    Refused(READY, BAD, ("seller",), why.WRITERS_NOT_SORTED, "/body/members"),
    Refused(READY, replace(OPEN, members=TWICE), ("seller",), why.WRITERS_NOT_SORTED, "/body/members"),
    Refused(
        READY,
        replace(OPEN, parties=(STRANGERS[0], *STRANGERS[:2])),
        ("seller",),
        why.WRITERS_NOT_SORTED,
        "/body/parties",
    ),
    Refused(
        READY,
        replace(OPEN, members=("nobody",), parties=STRANGERS[::-1]),
        ("seller",),
        why.WRITERS_NOT_SORTED,
        "/body/parties",
    ),
    Refused(
        READY,
        replace(OPEN, members=("nobody",), parties=STRANGERS),
        ("seller",),
        why.TOO_MANY_WRITERS,
        "/body/parties",
    ),
    Refused(READY, replace(OPEN, members=(), parties=STRANGERS), ("seller",), PARTY_UNKNOWN, "/body/parties/0"),
    Refused(
        READY,
        replace(OPEN, members=("nobody",), parties=(NOBODY,)),
        ("seller",),
        MEMBER_UNKNOWN,
        "/body/members/0",
    ),
    Refused(NO_CUSTOMS, replace(OPEN, parties=(NOBODY,)), ("seller",), MEMBER_SUSPENDED, "/body/members/0"),
    Refused(KEYLESS, replace(OPEN, parties=(NOBODY,)), ("seller",), MEMBER_WITHOUT_KEY, "/body/members/0", KEYS_END),
    Refused(READY, replace(OPEN, parties=(NOBODY, READY.id["seller"])), ("seller",), PARTY_UNKNOWN, "/body/parties/0"),
    Refused(
        READY, replace(OPEN, parties=(READY.id["seller"],)), ("seller",), why.WRITER_NAMED_TWICE, "/body/parties/0"
    ),
    Refused(
        OPENED,
        replace(ADD, consignment=ID["invoice"], writer_member="market"),
        ("agent",),
        why.CONSIGNMENT_UNKNOWN,
        "/body/consignment",
    ),
    Refused(OPENED, replace(ADD, writer_member="market"), ("agent",), why.WRITER_UNCLEAR, "/body/writer_party"),
    Refused(OPENED, replace(ADD, writer_party=None), ("agent",), why.WRITER_UNCLEAR, "/body/writer_party"),
    Refused(OPENED, replace(NAMED, writer_party=ID["buyer"]), ("agent",), why.NOT_WRITER, "/body/writer_party"),
    Refused(OPENED, replace(BY_CUSTOMS, writer_member="market"), ("market",), why.NOT_WRITER, "/body/writer_member"),
    Refused(OPENED, NAMED, ("agent",), why.NOT_WRITER, "/signers"),
    Refused(OPENED, BY_CUSTOMS, ("customs-be",), why.NOT_WRITER, "/signers"),
    Refused(OPENED, NAMED, ("seller", "buyer"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(OPENED, NAMED, ("seller",), why.NOTHING_ADDED, "/body/item"),
    Refused(OPENED, replace(ADD, item=NOBODY), ("seller",), why.ITEM_UNKNOWN, "/body/item"),
    Refused(OPENED, replace(ADD, item=ID["buyer"]), ("seller",), why.ITEM_UNKNOWN, "/body/item"),
    Refused(OPENED, replace(ADD, item=ID["consignment"]), ("seller",), why.ITEM_UNKNOWN, "/body/item"),
    Refused(
        OPENED,
        replace(BY_CUSTOMS, item=ID["invoice"]),
        ("customs-cn",),
        why.ITEM_OF_OTHERS,
        "/body/item",
        state=FULL,
    ),
    Refused(OPENED, replace(BY_CUSTOMS, item=ID["invoice"]), ("customs-cn",), why.ITEM_OF_OTHERS, "/body/item"),
    Refused(
        OPENED,
        replace(BY_CUSTOMS, new_parties=(NOBODY,)),
        ("customs-cn",),
        why.CONSIGNMENT_FULL,
        "/body/consignment",
        state=FULL,
    ),
    Refused(OPENED, BY_CUSTOMS, ("customs-cn",), why.CONSIGNMENT_FULL, "/body/consignment", state=OVERFULL),
    Refused(
        OPENED,
        replace(BY_CUSTOMS, new_parties=(NOBODY, NOBODY)),
        ("customs-cn",),
        why.NOT_OPENER,
        "/body/writer_member",
    ),
    Refused(
        OPENED,
        replace(ADD, new_members=("nobody",), new_parties=STRANGERS[::-1]),
        ("seller",),
        why.WRITERS_NOT_SORTED,
        "/body/new_parties",
    ),
    Refused(
        OPENED,
        replace(ADD, new_members=("nobody", "nobody"), new_parties=STRANGERS),
        ("seller",),
        why.WRITERS_NOT_SORTED,
        "/body/new_members",
    ),
    Refused(
        OPENED,
        replace(ADD, new_members=("nobody",), new_parties=STRANGERS[2:]),
        ("seller",),
        why.TOO_MANY_WRITERS,
        "/body/new_parties",
    ),
    Refused(
        OPENED,
        replace(ADD, new_members=("nobody",), new_parties=(NOBODY,)),
        ("seller",),
        MEMBER_UNKNOWN,
        "/body/new_members/0",
    ),
    Refused(
        NO_BANK,
        replace(ADD, new_members=("bank-be",), new_parties=(NOBODY,)),
        ("seller",),
        MEMBER_SUSPENDED,
        "/body/new_members/0",
    ),
    Refused(
        KEYLESS_BANK,
        replace(ADD, new_members=("bank-be",), new_parties=(NOBODY,)),
        ("seller",),
        MEMBER_WITHOUT_KEY,
        "/body/new_members/0",
        KEYS_END,
    ),
    Refused(
        OPENED,
        replace(ADD, new_members=("customs-be",), new_parties=(NOBODY,)),
        ("seller",),
        PARTY_UNKNOWN,
        "/body/new_parties/0",
    ),
    Refused(
        OPENED,
        replace(ADD, new_members=("customs-be",), new_parties=(ID["brief"],)),
        ("seller",),
        PARTY_INACTIVE,
        "/body/new_parties/0",
        T0 + DAY,
    ),
    Refused(HELD_BUYER, replace(ADD, new_members=("customs-be",)), ("seller",), PARTY_SUSPENDED, "/body/new_parties/0"),
    Refused(
        OPENED,
        replace(ADD, new_members=("customs-be",), new_parties=()),
        ("seller",),
        why.WRITER_NAMED_TWICE,
        "/body/new_members/0",
    ),
    Refused(
        OPENED, replace(ADD, new_parties=(ID["seller"],)), ("seller",), why.WRITER_NAMED_TWICE, "/body/new_parties/0"
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def folder(corridor: Corridor) -> Consignment:
    """Give the consignment as it stands."""
    value = corridor.ledger.objects[corridor.id["consignment"]]
    assert isinstance(value, Consignment)
    return value


def test_a_seller_opens_a_folder_under_its_ucr() -> None:
    """U-1 says who writes; the claim names it, and the authorities have it in their inboxes."""
    corridor = ready()
    office = corridor.submit(replace(corridor.make.sample(OpenOffice), member="customs-cn"), "customs-cn")
    name = corridor.open_consignment()
    signed = corridor.signed["consignment"]
    assert folder(corridor) == Consignment(
        id=name,
        seed=step_seed(signed.record.nonce),
        contents=ConsignmentItems(items=0),
        history=NO_HISTORY.after(signed.id),
        links=ConsignmentLinks(opener=corridor.id["seller"], ucr=OPEN.ucr),
        writers=ConsignmentWriters(members=("customs-be", "customs-cn"), parties=()),
    )
    assert corridor.ledger.claims[claim_key(ClaimKind.UCR, corridor.id["seller"], OPEN.ucr.encode())] == name
    inbox = corridor.ledger.objects[office]
    assert isinstance(inbox, Office)
    assert inbox.inbox == NO_HISTORY.after(signed.id)


def test_another_opener_may_use_the_same_ucr() -> None:
    """Who trades gives its own references: a UCR is one opener's."""
    corridor = opened()
    again = replace(OPEN, opener=corridor.id["buyer"])
    assert corridor.submit(again, "buyer") != corridor.id["consignment"]


def test_several_authorities_put_something_in() -> None:
    """U-2: an item more for each, in the histories of folder and item; the opener lets the buyer write too."""
    corridor = opened()
    before = {name: corridor.ledger.objects[corridor.id[name]].history.count for name in ("invoice", "export")}
    corridor.submit(corridor.make.sample(AddToConsignment), "seller")
    corridor.submit(replace(BY_CUSTOMS, consignment=corridor.id["consignment"]), "customs-cn")
    corridor.submit(
        replace(ADD, new_parties=(), writer_party=corridor.id["buyer"]), "buyer"
    )  # what is in it already, somebody else may put in too
    value = folder(corridor)
    assert (value.contents.items, value.history.count) == (3, 4)
    assert value.writers == ConsignmentWriters(members=("customs-be", "customs-cn"), parties=(corridor.id["buyer"],))
    for name, more in (("invoice", 2), ("export", 1)):
        assert corridor.ledger.objects[corridor.id[name]].history.count == before[name] + more


def test_an_officer_who_carries_puts_something_in() -> None:
    """Of a member's officers the power `carry` is asked."""
    corridor = opened()
    corridor.open_office()
    office = corridor.make.appointment("second officer", Power.CARRY)
    corridor.submit(office, "customs-be", "second officer")
    corridor.lodge_import()
    body = replace(BY_CUSTOMS, item=corridor.id["import"], writer_member="customs-be")
    assert corridor.refusal(body, "first officer") is not None
    corridor.submit(body, "second officer")
    assert folder(corridor).contents.items == 1


def test_what_is_no_item_is_called_what_it_is() -> None:
    """Whoever takes one id for another is told whose it is."""
    assert meant(OPENED.ledger, ID["buyer"], "what a consignment holds") == (
        "the id of what a consignment holds; this is that of a party"
    )


def test_who_has_a_part_is_in_whose_list_it_stands() -> None:
    """The rule's own table, which a verifier has, says what the rows' lists say; it has all but who is about nobody."""
    corridor = story()
    corridor.dispatch_shipment()
    corridor.issue_title()
    corridor.submit(corridor.make.sample(AttestOrder), "market")
    corridor.issue_invoice(2, name="second")
    corridor.accept_invoice("second")
    pledge(corridor, invoice="second", number=2)
    seen = set()
    for value in corridor.ledger.objects.values():
        if type(value) in PARTS:
            seen.add(type_of(value).name)
            assert set(PARTS[type(value)](value)) == set(type_of(value).listed.whose(value))
    assert seen == {*("certificate", "declaration", "invoice", "order", "payment", "pledge", "shipment", "title")}
    assert {row.state for row in OBJECTS} - PARTS.keys() == {Consignment, Document, Mandate, Office, Party}
