"""The usual stories of an invoice: which objects a proof names, and which terms it shows, and none besides.

What stands in the header of a record is shown with it: the invoice's total and due date, and the pseudonyms of who
traded. Names, prices, accounts and whatever else a document says stay hidden, but for what a story shows.
"""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from hanse_client.base.errors import InvalidInput
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import CertificateView, DeclarationView, InvoiceView, PaymentView, View
from hanse_client.exchange.reading import fetch_proof, show, show_all, walk_records
from hanse_client.exchange.session import Session
from hanse_client.home.openings import KeptOpening
from hanse_client.resources.sharing.invoicesteps import created_naming
from hanse_ledger.kinds.declaration.bodies import LodgeDeclaration
from hanse_ledger.kinds.invoice.state import InvoicePledge, InvoiceState, InvoiceStatus
from hanse_ledger.kinds.payment.bodies import InstructPayment
from hanse_ledger.kinds.payment.state import PaymentState
from hanse_ledger.proofs.prooffile import read_proof
from hanse_ledger.proofs.subjects import read_aspects
from hanse_ledger.values import limits
from hanse_ledger.values.types import ObjectId
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.part import Body


class Story(StrEnum):
    """What is told of an invoice."""

    ORIGIN = "origin"
    """Its goods have this origin, under this certificate, released by these customs; and whether it is paid."""

    SETTLEMENT = "settlement"
    """How much of it is paid, by which payments."""

    UNPLEDGED = "unpledged"
    """It is pledged to nobody, and accepted by its buyer."""


NUMBER = ("BT-1", "BT-2")
"""The invoice's number, and the day when it was issued."""

SHOWN = {
    Story.ORIGIN: NUMBER,
    Story.SETTLEMENT: (*NUMBER, "BT-9"),
    Story.UNPLEDGED: (*NUMBER, "BT-9"),
}
"""The terms that each story shows of the invoice, where it states them."""

LINE = ("BT-126", "BT-129", "BT-130", "BT-153", "BT-159", "BT-158/1/BT-158", "BT-158/1/BT-158-1")
"""And of each line in the story of its origin: number, quantity and unit, name, country of origin, HS code."""

CERTIFICATE = ("agreement", "export_country", "import_country", "issued", "number")
CERTIFIED = ("criterion", "description", "hs_code", "invoice", "origin", "quantity_micro", "unit")
"""What it shows of a certificate, and of each of its lines, where the opening lies in the home folder."""

PAID = (
    PaymentState.CONFIRMED,
    PaymentState.CUT_SHORT,
    PaymentState.PARTLY_CONFIRMED,
    PaymentState.PARTLY_RETURNED,
    PaymentState.RETURNED,
)
"""The states of payments of which something has arrived, whether it went back or not."""


class StoryProof(Struct, frozen=True, kw_only=True):
    """What the proof of a story is made of: its objects, the invoice first, and the terms that it shows of each."""

    objects: tuple[ObjectId, ...]
    terms: dict[Id, tuple[str, ...]]


def story_named(name: str) -> Story:
    """Find a story by its name. Raises InvalidInput."""
    try:
        return Story(name)
    except ValueError as error:
        known = ", ".join(Story)
        raise InvalidInput(f"There is no story {name[:32]!r}.", f"Name one of these: {known}.") from error


async def tell(session: Session, invoice: Id, story: Story, lines: Sequence[int] = ()) -> bytes:
    """Make a proof file that tells a story of an invoice, and verify it.

    Args:
        session: who asks; the invoice's opening lies in its home folder.
        invoice: the invoice.
        story: which one.
        lines: of which lines the story of the origin shows the terms, counted from 1; none for all.

    Raises:
        InvalidInput: the story is not so: no customs has released goods of it, nothing is paid, it is pledged; or the
            opening is not here, or the invoice has no such line.
        NotFound, BadAnswer: as `client.proof`.
    """
    name = parse_id(invoice, "invoice")
    if lines and story is not Story.ORIGIN:
        raise InvalidInput(f"The story {story} shows no lines.", "Leave the lines out.")
    opening = session.openings.find(name)
    shown = (*_stated(opening, SHOWN[story]), *(_lines_of(opening, lines) if story is Story.ORIGIN else ()))
    if story is Story.UNPLEDGED:
        data = await fetch_proof(session, [name], {name: shown})
        require_unpledged(data)
        return data
    view = await show(session, name, InvoiceView)
    told = await (_origin(session, view, shown) if story is Story.ORIGIN else _settlement(session, view, shown))
    return await fetch_proof(session, told.objects, told.terms)


def require_unpledged(data: bytes) -> None:
    """Insist that a proof about an invoice shows it accepted, and pledged to nobody.

    Raises:
        InvalidInput: it is of another kind, pledged under this record or another, or not accepted by its buyer.
    """
    proof = read_proof(data)
    evidence = proof.objects[0]
    shown, name = read_aspects(evidence.aspects), evidence.id.hex()
    if shown.kind != "invoice":
        raise InvalidInput(f"{name} is the id of another kind: {shown.kind}.", "Name an invoice.")
    pledge: InvoicePledge = shown.aspects["pledge"]
    if pledge.pledged_by is not None:
        by = pledge.pledged_by.hex()
        raise InvalidInput(f"Invoice {name} is pledged by {by}.", f"Look at it: hanse pledge show {by}")
    status: InvoiceStatus = shown.aspects["status"]
    if status.state is not InvoiceState.ACCEPTED:
        raise InvalidInput(
            f"Invoice {name} is pledged to nobody, and not accepted by its buyer: {status.state}.",
            "Have the buyer accept it first: hanse invoice accept.",
        )
    twin = next((part.value.hex() for part in proof.pledges if part.value is not None), None)
    if twin is not None:
        raise InvalidInput(
            f"The same invoice as {name} is pledged under another record, by {twin}.",
            f"Do not lend on it. Look at that pledge: hanse pledge show {twin}",
        )


async def _origin(session: Session, invoice: InvoiceView, shown: Sequence[str]) -> StoryProof:
    """Name what customs have released of an invoice's goods, and under which certificates."""
    declarations = await _named(session, invoice.id, LodgeDeclaration, DeclarationView)
    released = [each for each in declarations if any(line.released_micro for line in each.lines)]
    if not released:
        raise InvalidInput(
            f"No customs have released goods of invoice {invoice.id.hex()}.",
            f"Wait for the release, or prove what stands: hanse proof {invoice.id.hex()} --disclose …",
        )
    lines = [line for each in released for line in each.lines if line.released_micro and line.certificate is not None]
    certificates = dict.fromkeys(line.certificate.certificate for line in lines if line.certificate is not None)
    terms: dict[Id, tuple[str, ...]] = {invoice.id: tuple(shown)}
    for certificate in certificates:
        opening = await _opening_of(session, certificate)
        if opening is not None:
            terms[certificate] = _of_certificate(opening)
    return _bounded((invoice.id, *certificates, *(each.id for each in released)), terms)


async def _opening_of(session: Session, certificate: ObjectId) -> KeptOpening | None:
    """Give what opens a certificate here, of one that was granted its grant; nil where it is not here."""
    if session.openings.are_here(certificate):
        return session.openings.find(certificate)
    if not any(kept.object == certificate for kept in session.openings.of_kind(CommittedKind.CERTIFICATE)):
        return None
    records = [(record.id, record.bodies) async for record in walk_records(session, certificate, CertificateView)]
    return session.openings.newest(certificate, records)


async def _settlement(session: Session, invoice: InvoiceView, shown: Sequence[str]) -> StoryProof:
    """Name the payments of which something has arrived."""
    payments = await _named(session, invoice.id, InstructPayment, PaymentView)
    paid = [each for each in payments if each.status.state in PAID]
    if not paid:
        raise InvalidInput(
            f"Nothing of invoice {invoice.id.hex()} is paid.",
            "Wait until the payee's bank has confirmed a payment: hanse payment list --open",
        )
    return _bounded((invoice.id, *(each.id for each in paid)), {invoice.id: tuple(shown)})


def _bounded(objects: tuple[ObjectId, ...], terms: dict[Id, tuple[str, ...]]) -> StoryProof:
    if len(objects) > limits.REFS:
        raise InvalidInput(
            f"The story names {len(objects)} objects; a proof is about at most {limits.REFS}.",
            "Make several proofs: hanse proof ID…",
        )
    return StoryProof(objects=objects, terms=terms)


async def _named(session: Session, invoice: ObjectId, body: type[Body], kind: type[View]) -> list[View]:
    """Show what records of a kind have created that name an invoice, the oldest first: proven, none left out."""
    names = [name async for name in created_naming(session, invoice, body)][::-1]
    parts = [names[at : at + limits.REFS] for at in range(0, len(names), limits.REFS)]
    return [each for part in parts for each in await show_all(session, part, kind)]


def _stated(opening: KeptOpening, names: Sequence[str]) -> list[str]:
    """Leave out what a document does not state: its absence is no part of the story."""
    return [name for name in names if name in opening.opening.terms]


def _lines_of(opening: KeptOpening, lines: Sequence[int]) -> list[str]:
    """Name the terms of lines, counted from 1."""
    count = 0
    while any(name.startswith(f"BG-25/{count + 1}/") for name in opening.opening.terms):
        count += 1
    missing = next((line for line in lines if not 1 <= line <= count), None)
    if missing is not None:
        raise InvalidInput(f"The invoice has no line {missing}.", f"It has {count}, counted from 1.")
    return [
        name
        for line in lines or range(1, count + 1)
        for name in _stated(opening, [f"BG-25/{line}/{term}" for term in LINE])
    ]


def _of_certificate(opening: KeptOpening) -> tuple[str, ...]:
    """Name what the story shows of a certificate."""
    lines = [name for name in opening.opening.terms if name.startswith("lines/") and name.split("/")[-1] in CERTIFIED]
    return (*_stated(opening, CERTIFICATE), *lines)
