"""Consignments: one folder of a movement of goods, and who may put something into it."""

from msgspec.structs import replace

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.common import Context, Signers, find, find_active_member, meant, require, require_alone
from hanse_ledger.kinds.consignment.bodies import AddToConsignment, OpenConsignment
from hanse_ledger.kinds.consignment.items import PARTS
from hanse_ledger.kinds.consignment.refusals import (
    CONSIGNMENT_FULL,
    CONSIGNMENT_UNKNOWN,
    ITEM_OF_OTHERS,
    ITEM_UNKNOWN,
    NOT_A_TRADER,
    NOT_OPENER,
    NOT_WRITER,
    NOTHING_ADDED,
    TOO_MANY_WRITERS,
    UCR_TAKEN,
    WRITER_NAMED_TWICE,
    WRITER_UNCLEAR,
    WRITERS_NOT_SORTED,
)
from hanse_ledger.kinds.consignment.state import (
    Consignment,
    ConsignmentItems,
    ConsignmentLinks,
    ConsignmentWriters,
)
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.rules import find_active_party
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.types import MemberId, ObjectId

TRADERS = (PartyRole.BUYER, PartyRole.SELLER)

NO_WRITERS = ConsignmentWriters(members=(), parties=())


def open_consignment(state: StateView, body: OpenConsignment, signers: Signers, context: Context) -> Delta:
    """U-1. A seller or a buyer opens the folder of one movement of goods under its UCR, and says who writes into it."""
    opener = find_active_party(state, body.opener, None, context.at, "/body/opener")
    require(
        any(role in opener.status.roles for role in TRADERS),
        NOT_A_TRADER,
        "/body/opener",
        seen=", ".join(opener.status.roles),
        wanted=", ".join(TRADERS),
    )
    require_alone(signers, body.opener, NOT_OPENER)
    claim = claim_key(ClaimKind.UCR, body.opener, body.ucr.encode())
    standing = state.claim(claim)
    require(standing is None, UCR_TAKEN, "/body/ucr", seen=standing or b"")
    links = ConsignmentLinks(opener=body.opener, ucr=body.ucr)
    writers = _with_writers(state, links, NO_WRITERS, (body.members, body.parties), context, "")

    # From here the opening must succeed.
    consignment = Consignment(
        id=context.creates,
        seed=context.seed,
        contents=ConsignmentItems(items=0),
        history=NO_HISTORY,
        links=links,
        writers=writers,
    )
    return Delta(objects=(consignment,), claims={claim: consignment.id})


def add_to_consignment(state: StateView, body: AddToConsignment, signers: Signers, context: Context) -> Delta:
    """U-2. A writer puts what stands already into a consignment; its opener may name further writers."""
    consignment = find(state, body.consignment, Consignment, CONSIGNMENT_UNKNOWN, "/body/consignment")
    links, writers = consignment.links, consignment.writers
    require((body.writer_member is None) != (body.writer_party is None), WRITER_UNCLEAR, "/body/writer_party")
    field = "/body/writer_party" if body.writer_member is None else "/body/writer_member"
    writer = body.writer_party if body.writer_member is None else body.writer_member
    assert writer is not None, "one of the two is named"
    require(writes(links, writers, writer), NOT_WRITER, field, seen=writer)
    require_alone(signers, writer, NOT_WRITER)
    more = len(body.new_members) + len(body.new_parties) > 0
    require(body.item is not None or more, NOTHING_ADDED, "/body/item")
    items = consignment.contents.items
    if body.item is not None:
        _require_own(state, body.item, writer)
        require(items < limits.ITEMS, CONSIGNMENT_FULL, "/body/consignment", seen=items, wanted=limits.ITEMS)
        items += 1
    if more:
        require(writer == links.opener, NOT_OPENER, field, seen=writer, wanted=links.opener)
        writers = _with_writers(state, links, writers, (body.new_members, body.new_parties), context, "new_")

    # From here the addition must succeed.
    return Delta(objects=(replace(consignment, contents=ConsignmentItems(items=items), writers=writers),))


def writes(links: ConsignmentLinks, writers: ConsignmentWriters, name: MemberId | ObjectId) -> bool:
    """Tell whether somebody writes into a consignment."""
    return name == links.opener or name in writers.parties or name in writers.members


def _require_own(state: StateView, item: ObjectId, writer: MemberId | ObjectId) -> None:
    """Refuse what no consignment holds, and what the writer has no part in: it stands in none of its lists."""
    value = state.object(item)
    parts = None if value is None else PARTS.get(type(value))
    require(
        parts is not None,
        ITEM_UNKNOWN,
        "/body/item",
        seen=item,
        wanted=lambda: meant(state, item, "what a consignment holds"),
    )
    assert parts is not None
    require(writer in parts(value), ITEM_OF_OTHERS, "/body/item", seen=item)


def _with_writers(
    state: StateView,
    links: ConsignmentLinks,
    present: ConsignmentWriters,
    named: tuple[tuple[MemberId, ...], tuple[ObjectId, ...]],
    context: Context,
    prefix: str,
) -> ConsignmentWriters:
    """Add writers, each of whom is there, and none of whom is one already; or refuse."""
    members, parties = named
    require(list(members) == sorted(set(members)), WRITERS_NOT_SORTED, f"/body/{prefix}members")
    require(list(parties) == sorted(set(parties)), WRITERS_NOT_SORTED, f"/body/{prefix}parties")
    count = present.count + len(members) + len(parties)
    last = f"/body/{prefix}parties" if parties else f"/body/{prefix}members"
    require(count <= limits.WRITERS, TOO_MANY_WRITERS, last, seen=count, wanted=f"at most {limits.WRITERS}")
    for place, member in enumerate(members):
        find_active_member(state, member, None, context.at, f"/body/{prefix}members/{place}")
    for place, party in enumerate(parties):
        find_active_party(state, party, None, context.at, f"/body/{prefix}parties/{place}")
    for place, member in enumerate(members):
        require(not writes(links, present, member), WRITER_NAMED_TWICE, f"/body/{prefix}members/{place}", seen=member)
    for place, party in enumerate(parties):
        require(not writes(links, present, party), WRITER_NAMED_TWICE, f"/body/{prefix}parties/{place}", seen=party)
    return ConsignmentWriters(
        members=tuple(sorted((*present.members, *members))), parties=tuple(sorted((*present.parties, *parties)))
    )
