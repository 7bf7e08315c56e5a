"""A document on its way from who issued it to who reads it: sealed, sent, fetched, opened, compared with its record."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import anyio
import pytest
from msgspec.structs import replace

from hanse_client import AsyncClient, Identity
from hanse_client.base.errors import DocumentError, InvalidInput
from hanse_client.exchange.reading import fetch_record
from hanse_client.exchange.sealed.carrying import fetch_sealed, send_sealed, write_readers
from hanse_client.exchange.session import Session
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.recipients import recipients_named
from hanse_client.resources.sharing.sealed import OpenedDocument, SealedDocument, open_sealed, seal_document
from hanse_client.sealing.agefile import SEALED_BYTES
from hanse_client.sealing.agreement import Committed
from hanse_client.sealing.content import IdentityOpening
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.wire.catalogue import CommittedKind
from tests.world.sdk_node import NodeCorridor, now_ms
from tests.world.sdk_world import INVOICE, World
from tests.world.typed.desk import make_node_here, node_here

T = TypeVar("T")


class Issued:
    """An invoice that the seller has registered."""

    def __init__(self, world: World) -> None:
        self.world = world
        receipt = world.issue()
        self.data = INVOICE.read_bytes()
        self.opening = self.done("seller", lambda session: _opening(session, receipt.object_id))
        body = self.done("seller", lambda session: fetch_record(session, receipt.record_id)).record.body
        assert isinstance(body, IssueInvoice)
        self.committed = Committed(commitment=body.document, kind=CommittedKind.INVOICE, header=body)

    def done(self, who: str | Identity, work: Callable[[Session], Awaitable[T]]) -> T:
        """Do something as somebody."""
        world = self.world
        named = {**world.corridor.members, "seller": world.seller, "buyer": world.buyer}
        identity = named[who] if isinstance(who, str) else who

        async def do() -> T:
            async with AsyncClient(world.url, identity=identity, trust=world.corridor.trust, home=world.home) as client:
                return await work(client._session)

        return anyio.run(do)

    def sealed(self, *readers: str | bytes, **changes: object) -> SealedDocument:
        """Have the seller seal it."""
        opening = replace(self.opening, **changes)
        return self.done("seller", lambda session: _sealed(session, self.data, opening, readers))

    def opened(self, who: str | Identity, sealed: bytes) -> OpenedDocument:
        """Have somebody open it."""
        found = self.done(who, lambda session: open_sealed(session, sealed, self.committed))
        assert isinstance(found, OpenedDocument)
        return found


async def _sealed(
    session: Session,
    data: bytes,
    opening: Opening,
    readers: Sequence[str | bytes],
    identities: tuple[IdentityOpening, ...] = (),
) -> SealedDocument:
    return await seal_document(session, data, opening, await recipients_named(session, readers), identities)


async def _opening(session: Session, name: bytes) -> Opening:
    return session.openings.find(name).opening


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issued]:
    """Run one node for the tests of this file, where customs has opened its office."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        world = World(url, corridor, folder / "home")
        with world.client("customs") as customs:
            customs.offices.open()
        yield Issued(world)


def test_a_document_reaches_its_readers(issued: Issued) -> None:
    """Sealed, sent, fetched, and opened by customs, buyer and seller: it is what its record commits to."""
    made = issued.sealed("customs", issued.world.buyer_id)
    expires = now_ms() + 600_000
    assert (
        issued.done("seller", lambda session: send_sealed(session, made.sealed, write_readers(made.readers), expires))
        == made.digest
    )
    for reader in ("customs", "buyer", "seller"):
        size = len(made.sealed)
        fetched = issued.done(reader, lambda session, size=size: fetch_sealed(session, made.digest, size))  # type: ignore[misc]  # bound at its making
        found = issued.opened(reader, fetched)
        assert (found.content.file, found.content.media) == (issued.data, "application/xml")
        assert found.content.name == "invoice.xml"
        assert [(each.what, each.verdict.value) for each in found.report.findings] == [
            ("file", "valid"),
            ("terms", "valid"),
            ("header", "valid"),
            ("paper", "valid"),
        ], found.report
        assert found.content.opening.readers == made.readers
    assert len({each.salt for each in made.readers}) == 2


def test_nobody_else_opens_it(issued: Issued) -> None:
    """A member that is no reader, and a stranger, open nothing."""
    made = issued.sealed("customs")
    for other in ("bank-a", Identity.generate("a stranger")):
        with pytest.raises(InvalidInput, match="sealed to other keys"):
            issued.opened(other, made.sealed)
    with pytest.raises(InvalidInput, match="changed since"):
        issued.opened("customs", made.sealed[:-1] + b"x")
    with pytest.raises(DocumentError, match="no age file"):
        issued.opened("customs", b"a letter")


def test_a_sender_that_lies_is_found_out(issued: Issued) -> None:
    """Other terms than were committed to, sealed by the sender himself, are `tampered`, and so is another file."""
    lower = issued.sealed("customs", terms={**issued.opening.terms, "BT-115": "1.00"})
    found = issued.opened("customs", lower.sealed).report
    assert found.verdict.value == "tampered"
    assert [each.verdict.value for each in found.findings] == ["valid", "tampered", "tampered", "tampered"]
    honest = issued.data
    try:
        issued.data = honest.replace(b"EUR", b"USD")
        found = issued.opened("customs", issued.sealed("customs").sealed).report
    finally:
        issued.data = honest
    assert [each.verdict.value for each in found.findings] == ["tampered", "valid", "valid", "tampered"]


def test_identities_travel_inside(issued: Issued) -> None:
    """Who gave them to the sender is known by them to the reader."""
    shown = IdentityOpening(party=issued.world.buyer_id, seed=bytes(32), terms={"name": "A buyer"})
    made = issued.done("seller", lambda session: _sealed(session, issued.data, issued.opening, ["customs"], (shown,)))
    (found,) = issued.opened("customs", made.sealed).content.opening.identities
    assert (found.party, found.terms) == (shown.party, shown.terms)


@pytest.mark.parametrize("name", ["", "/etc/passwd", "..\\x.xml", "a\nb.xml", "x" * 999])
def test_names_of_files_are_no_paths(issued: Issued, name: str) -> None:
    """Whatever the file was called where it lay, its reader sees a plain name."""
    found = issued.opened("customs", issued.sealed("customs", name=name).sealed).content.name
    assert found
    assert len(found) <= 255
    assert not set(found) & set("/\\\n")


def test_bounds_of_sharing(issued: Issued, tmp_path: Path) -> None:
    """No reader, one named twice, too large a file."""
    with pytest.raises(InvalidInput, match="1 to 32 readers"):
        issued.sealed()
    assert len(issued.sealed("customs", "customs").readers) == 1
    large = bytes(SEALED_BYTES)
    with pytest.raises(DocumentError, match="cannot be sealed"):
        issued.done("seller", lambda session: _sealed(session, large, issued.opening, ["customs"]))
