"""The moves of random histories that are about the carriage of goods."""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from hanse_ledger.kinds.consignment.bodies import AddToConsignment, OpenConsignment
from hanse_ledger.kinds.consignment.items import PARTS
from hanse_ledger.kinds.consignment.putting import MAKERS
from hanse_ledger.kinds.consignment.state import Consignment
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.shipment.bodies import ArriveShipment, DispatchShipment, Packages
from hanse_ledger.kinds.shipment.state import Shipment
from hanse_ledger.kinds.title.bodies import (
    AmendTitle,
    ConvertTitle,
    IssueTitle,
    Medium,
    RejectTitle,
    SurrenderTitle,
    TransferTitle,
)
from hanse_ledger.kinds.title.state import Title
from hanse_ledger.values.types import MemberId, ObjectId, PublicKey
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import MEMBERS, seed_of

Kind = TypeVar("Kind", bound=Object)
Made = tuple[Body, tuple[str, ...]]

CARRIAGE: tuple[type[Body], ...] = (
    *(DispatchShipment, ArriveShipment, IssueTitle, TransferTitle),
    *(RejectTitle, SurrenderTitle, AmendTitle, ConvertTitle),
    *(OpenConsignment, AddToConsignment),
)
"""The bodies of these moves."""

CARRIED = (
    *("shipment.dispatch", "shipment.dispatch", "shipment.arrive"),
    *("title.issue", "title.convert", "title.amend", "title.surrender"),
    *("title.transfer", "title.reject") * 3,
    *("consignment.open", "consignment.add", "consignment.add"),
)
"""What is tried oftener than once."""

NOBODY = bytes(32)


class Carriers:
    """Makes the bodies of moves on the present state, and says who should sign them."""

    def __init__(self, corridor: Corridor, picks: tuple[int, int, int, int], owners: Mapping[PublicKey, str]) -> None:
        self.corridor, self.picks, self._owners = corridor, picks, owners

    def dispatch(self) -> Made:
        """Dispatch the goods of an invoice; mostly its seller is the consignor."""
        first, second, third, fourth = self.picks
        invoice, carrier = self.pick(Invoice, first), self.carrier(second)
        consignor = invoice.links.seller if invoice and third else id_of(self.pick(Party, third))
        named = sorted({id_of(invoice), id_of(self.pick(Invoice, fourth))})[: 1 + fourth % 2]
        body = replace(
            self.corridor.make.sample(DispatchShipment),
            carrier=id_of(carrier),
            consignee=invoice.links.buyer if invoice else NOBODY,
            consignor=consignor,
            packages=tuple(Packages(count=1 + third, invoice=name, unit="CT") for name in named),
        )
        return body, (self.key(carrier),)

    def arrive(self) -> Made:
        """Have a shipment arrive, now and then without some of its packages."""
        first, second, third, _ = self.picks
        shipment = self.pick(Shipment, first)
        lines = shipment.packages if shipment and second % 2 else ()
        missing = tuple(Packages(count=1 + third % 4, invoice=line.invoice, unit=line.unit) for line in lines)
        return ArriveShipment(missing=missing, shipment=id_of(shipment)), (self.key(self.carrier_of(shipment)),)

    def issue(self) -> Made:
        """Issue a title on a shipment, mostly to its consignor."""
        first, second, third, _ = self.picks
        shipment = self.pick(Shipment, first)
        holder = shipment.links.consignor if shipment and second else id_of(self.pick(Party, third))
        body = replace(self.corridor.make.sample(IssueTitle), holder=holder, shipment=id_of(shipment))
        return body, (self.key(self.carrier_of(shipment)),)

    def of_title(self, kind: type[Body]) -> Made:
        """Do something with a title: mostly by its holder, and by its carrier where both sign."""
        first, second, third, fourth = self.picks
        title, other = self.pick(Title, first), self.pick(Party, second)
        holder = self.party(title.holding.holder if title and title.holding.holder else NOBODY)
        carrier, name = self.party(title.links.carrier if title else NOBODY), id_of(title)
        held = title is None or title.holding.holder is not None
        both = (self.key(holder), self.key(carrier)) if held else (self.key(carrier),)
        make = self.corridor.make
        if kind is TransferTitle:
            return TransferTitle(new_holder=id_of(other), title=name), both[:1]
        if kind is RejectTitle:
            return RejectTitle(reasons=("A", "B")[: 1 + fourth % 2], title=name), both[:1]
        if kind is SurrenderTitle:
            return SurrenderTitle(title=name), both
        file = seed_of(f"document {third}")
        document = replace(make.sample(AmendTitle).document, file=file)
        if kind is AmendTitle:
            return AmendTitle(document=document, payload=None, title=name), both
        bearer = holder if held else other
        medium = Medium.PAPER if held is (fourth < 14) else Medium.ELECTRONIC
        body = ConvertTitle(document=document, holder=id_of(bearer), medium=medium, payload=None, title=name)
        return body, (self.key(bearer), self.key(carrier))

    def open_folder(self) -> Made:
        """Open a consignment: mostly of somebody who trades, now and then under a UCR that is taken."""
        first, second, third, fourth = self.picks
        opener, other = self.pick(Party, first), self.pick(Party, second)
        members = tuple(sorted(MEMBERS))[third % 4 :][: 1 + third % 3]
        parties = (id_of(other),) if second % 3 == 0 else ()
        body = OpenConsignment(members=members, opener=id_of(opener), parties=parties, ucr=f"6CN-{fourth}")
        return body, (self.key(opener),)

    def put_in(self) -> Made:
        """Put something into a consignment, mostly by a writer who has a part in it; now and then name another one."""
        first, second, third, fourth = self.picks
        folder, other = self.pick(Consignment, first), self.pick(Party, second)
        writers: list[ObjectId | MemberId] = ["market"]
        if folder is not None:
            writers = [folder.links.opener, *folder.writers.parties, *folder.writers.members]
        writer = writers[third % len(writers)]
        every = [value for value in self.corridor.ledger.objects.values() if type(value) in PARTS]
        own = [value for value in every if writer in PARTS[type(value)](value)]
        chosen = every if fourth == 0 else own
        item = chosen[fourth % len(chosen)].id if chosen and fourth < 13 else None
        named = folder is not None and writer == folder.links.opener and second % 2 == 0
        body = AddToConsignment(
            consignment=id_of(folder),
            item=item,
            new_members=(sorted(MEMBERS)[second % len(MEMBERS)],) if named and fourth % 2 else (),
            new_parties=(id_of(other),) if named or fourth == 14 else (),
            writer_member=writer if isinstance(writer, str) else None,
            writer_party=None if isinstance(writer, str) else writer,
        )
        return body, (writer if isinstance(writer, str) else self.key(self.party(writer)),)

    def carrier(self, pick: int) -> Party | None:
        """Choose a party that carries goods; now and then another one."""
        every = [value for value in self.corridor.ledger.objects.values() if isinstance(value, Party)]
        able = [value for value in every if PartyRole.CARRIER in value.status.roles or pick > 13]
        return able[pick % len(able)] if able else None

    def carrier_of(self, shipment: Shipment | None) -> Party | None:
        """Find the party that carries a shipment."""
        return self.party(shipment.links.carrier if shipment else NOBODY)

    def party(self, name: ObjectId) -> Party | None:
        """Find a party."""
        found = self.corridor.ledger.object(name)
        return found if isinstance(found, Party) else None

    def pick(self, kind: type[Kind], pick: int) -> Kind | None:
        """Choose an object of a kind, the newest ones first; now and then none."""
        every = [value for value in reversed(self.corridor.ledger.objects.values()) if isinstance(value, kind)]
        return every[pick % len(every)] if every and pick < 15 else None

    def key(self, party: Party | None) -> str:
        """Name the key with which a party signs now; somebody else's if it has none."""
        return self._owners.get(party.key.key, "key 7") if party and party.key.key else "key 7"


def carriage_move(
    corridor: Corridor, kind: type[Body], picks: tuple[int, int, int, int], owners: Mapping[PublicKey, str]
) -> Made:
    """Make the body of a move about the carriage of goods, and say who should sign it."""
    carriers = Carriers(corridor, picks, owners)
    if kind is DispatchShipment:
        return carriers.dispatch()
    if kind is OpenConsignment:
        return carriers.open_folder()
    if kind is AddToConsignment:
        return carriers.put_in()
    if kind is ArriveShipment:
        return carriers.arrive()
    return carriers.issue() if kind is IssueTitle else carriers.of_title(kind)


def put_in_at_once(corridor: Corridor, body: Body, picks: tuple[int, int, int, int]) -> Body:
    """Have every second record that may name a consignment do so: mostly one into which somebody it names writes."""
    every = [value for value in corridor.ledger.objects.values() if isinstance(value, Consignment)]
    if type(body) not in MAKERS or not every or picks[1] % 2:
        return body
    names = {getattr(body, name) for name in body.__struct_fields__ if isinstance(getattr(body, name), bytes | str)}
    known = [each for each in every if names & {each.links.opener, *each.writers.parties, *each.writers.members}]
    chosen = known if known and picks[2] else every
    folder = chosen[picks[0] % len(chosen)].id if picks[2] != 1 else NOBODY
    changed: Body = replace(body, consignment=folder)
    return changed


def id_of(value: Any) -> ObjectId:
    """Name an object; nobody's name if there is none."""
    return value.id if value else NOBODY


def with_title(corridor: Corridor, key: str) -> None:
    """Have the second party carry goods of the first, and issue a title to it: little is reached without one."""
    corridor.id["carrier"] = corridor.id["second"]
    corridor.submit(corridor.make.sample(DispatchShipment), key, name="shipment")
    corridor.submit(corridor.make.sample(IssueTitle), key, name="title")
