"""The moves of random histories that are about documents, and what travels sealed with records of other kinds."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from hanse_ledger.kinds.declaration.state import COUNTED, UNDECIDED, Declaration
from hanse_ledger.kinds.document.bodies import (
    EraseDocument,
    GrantDocument,
    HoldDocument,
    ReceiveDocument,
    UnholdDocument,
)
from hanse_ledger.kinds.document.enclosing import OWNERS
from hanse_ledger.kinds.document.payload import Payload, commit_reader
from hanse_ledger.kinds.document.rules import STAGES
from hanse_ledger.kinds.document.state import Document, DocumentState
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.standins import salt_for
from hanse_ledger.values.types import MemberId, ObjectId, PublicKey, Salt
from hanse_ledger.wire.part import Body
from tests.world.corridor import Corridor
from tests.world.corridor_genesis import seed_of

Made = tuple[Body, tuple[str, ...]]

DOCUMENTED = (
    *("document.grant", "document.receive", "document.receive", "document.hold"),
    *("document.unhold", "document.unhold", "document.erase"),
)
"""What is tried oftener than once."""

FILES = 64
"""So many sealed files there are: now and then one is the payload of a record already."""


def sealed(corridor: Corridor, body: Body, picks: tuple[int, int, int, int]) -> Body:
    """Have every second record that may name a payload do so, and of invoices, which are declared, nearly all."""
    if type(body) not in OWNERS or picks[0] % (8 if isinstance(body, IssueInvoice) else 2) == 1:
        return body
    changed: Body = replace(body, payload=payload_of(corridor, picks))
    return changed


def payload_of(corridor: Corridor, picks: tuple[int, int, int, int]) -> Payload:
    """Seal a file to every office and to one of the parties; now and then the commitments stand out of order."""
    number = (picks[1] * 4 + picks[2] + 16 * len(corridor.blocks)) % FILES
    parties = [value for value in corridor.ledger.objects.values() if isinstance(value, Party)]
    offices = [value for value in corridor.ledger.objects.values() if isinstance(value, Office)]
    readers = [value.id for value in (*offices, parties[picks[2] % len(parties)])]
    named = sorted(commit_reader(name, _salt(name)) for name in readers)
    return Payload(hash=seed_of(f"sealed {number}"), readers=tuple(named[:: -1 if picks[3] == 13 else 1]), size=1_024)


def _salt(reader: ObjectId) -> Salt:
    """The same one for each reader: what it guards against is not tried here."""
    return salt_for("a file", reader.hex())


class _Reader(NamedTuple):
    """Somebody who can open a document: by its id, as a member where it is an office, and by whose key it signs."""

    name: ObjectId
    member: MemberId | None
    signer: str


class Documents:
    """Makes the bodies of moves on the present state, and says who should sign them."""

    def __init__(self, corridor: Corridor, picks: tuple[int, int, int, int], owners: Mapping[PublicKey, str]) -> None:
        self._corridor, self._picks, self._owners = corridor, picks, owners
        every = [value for value in reversed(corridor.ledger.objects.values()) if isinstance(value, Document)]
        self._document = every[picks[0] % len(every)] if every and picks[0] < 15 else None
        self._name = self._document.id if self._document else bytes(32)

    def grant(self) -> Made:
        """Let somebody in."""
        body = GrantDocument(document=self._name, payload=payload_of(self._corridor, self._picks))
        return body, (self._owner(),)

    def receive(self) -> Made:
        """Have a reader say how far it has come; now and then somebody who is none."""
        readers = list(self._readers()) if self._picks[2] < 14 else []
        reader = readers[self._picks[1] % len(readers)] if readers else _Reader(bytes(32), None, "key 7")
        body = ReceiveDocument(
            document=self._name,
            reader_member=reader.member,
            reader_party=None if reader.member else reader.name,
            salt=_salt(reader.name),
            stage=STAGES[self._picks[3] % len(STAGES)],
        )
        return body, (reader.signer,)

    def hold(self) -> Made:
        """Have an office hold it, mostly one that may."""
        office = self._office()
        salt = _salt(office.id) if office and self._picks[3] else bytes(16)
        member = office.links.member if office else "customs-cn"
        return HoldDocument(document=self._name, office=member, salt=salt), (member,)

    def unhold(self) -> Made:
        """Have an office let go of it, mostly one that holds it."""
        holds = [hold.office for hold in self._document.holds if hold.standing] if self._document else []
        member = holds[self._picks[1] % len(holds)] if holds and self._picks[2] else "customs-be"
        return UnholdDocument(document=self._name, office=member), (member,)

    def erase(self) -> Made:
        """Erase it, mostly naming all declarations that count on its invoice: mostly one that has some."""
        objects = self._corridor.ledger.objects
        declarations = [value for value in objects.values() if isinstance(value, Declaration)]
        if self._picks[1] % 4:
            invoices = {name for value in declarations for name in value.links.invoices}
            declared = [
                value
                for value in objects.values()
                if isinstance(value, Document)
                and value.links.belongs_to in invoices
                and value.status.state is not DocumentState.ERASED
            ]
            self._document = declared[self._picks[0] % len(declared)] if declared else self._document
        states = (*COUNTED,) if self._picks[2] % 4 else UNDECIDED
        invoice = self._document.links.belongs_to if self._document else b""
        counted = [value for value in declarations if value.status.state in states]
        named = sorted(value.id for value in counted if invoice in value.links.invoices)
        others = [value.id for value in declarations if invoice not in value.links.invoices]
        last = self._picks[3]
        if last in {13, 14}:
            named = sorted({*named, *others[:1]}, reverse=True)
        elif last == 11:
            named = sorted({*named, *others[:1]})
        named = named[last in {10, 12} :]
        name = self._document.id if self._document else self._name
        return EraseDocument(declarations=tuple(named), document=name), (self._owner(),)

    def _owner(self) -> str:
        if self._document is None:
            return "key 7"
        links = self._document.links
        return links.owner_member or self._key(links.owner_party or bytes(32))

    def _key(self, party: ObjectId) -> str:
        value = self._corridor.ledger.objects.get(party)
        return self._owners.get(value.key.key, "key 7") if isinstance(value, Party) and value.key.key else "key 7"

    def _office(self) -> Office | None:
        every = [value for value in self._corridor.ledger.objects.values() if isinstance(value, Office)]
        return every[self._picks[1] % len(every)] if every and self._picks[1] < 15 else None

    def _readers(self) -> Iterator[_Reader]:
        """List who can open the document."""
        seals = () if self._document is None else (self._document.seal, *self._document.grants)
        commitments = {reader for seal in seals for reader in seal.readers}
        for value in self._corridor.ledger.objects.values():
            if isinstance(value, Party | Office) and commit_reader(value.id, _salt(value.id)) in commitments:
                member = value.links.member if isinstance(value, Office) else None
                yield _Reader(value.id, member, member or self._key(value.id))


def document_move(
    corridor: Corridor, kind: type[Body], picks: tuple[int, int, int, int], owners: Mapping[PublicKey, str]
) -> Made:
    """Make the body of a move about a document, and say who should sign it."""
    documents = Documents(corridor, picks, owners)
    if kind is GrantDocument:
        return documents.grant()
    if kind is ReceiveDocument:
        return documents.receive()
    if kind is HoldDocument:
        return documents.hold()
    return documents.unhold() if kind is UnholdDocument else documents.erase()
