"""Terms that are shown to one reader: an excerpt sealed to him alone, checked against the record, and proven on."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio
import pytest
from msgspec.structs import replace

from hanse_client import AsyncClient
from hanse_client.base.errors import InvalidInput, SetupError
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.sealed.carrying import fetch_sealed
from hanse_client.exchange.sealed.outbox import keep_sealed
from hanse_client.home.openings import Opening, Openings
from hanse_client.resources.sharing.recipients import recipients_named
from hanse_client.resources.sharing.sealed import OpenedDocument, OpenedTerms, open_sealed, seal_terms
from hanse_client.sealing.agreement import Committed
from hanse_ledger.kinds.document.bodies import GrantDocument
from hanse_ledger.values import limits
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.catalogue import CommittedKind
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import CERTIFICATE, INVOICE, World
from tests.world.typed.desk import make_node_here, node_here

TERMS = {"customs": ["BT-1", "BT-115", "BT-14"], "bank-a": ["BT-9", "BT-44"]}


class Shown:
    """An invoice that its seller has shared with the buyer, and of which customs and a bank are shown other terms."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.invoice = self.share()
        with world.client("seller") as seller:
            for reader, terms in TERMS.items():
                seller.documents.grant(self.invoice, [reader], disclose=terms)

    def share(self) -> bytes:
        """Register the invoice, sealed to the buyer."""
        world = self.world
        with world.client("seller") as seller:
            share = [world.buyer_id.hex()]
            receipt = seller.invoices.issue(
                INVOICE, buyer=world.buyer_id, seller=world.seller_id, share=share, again=True
            )
            return bytes(receipt.id)

    def home(self, who: str) -> Path:
        """The home folder of a reader, which nobody shares."""
        return self.folder / who

    def opened(self, who: str, name: bytes | None = None) -> OpenedDocument | OpenedTerms:
        """Have a reader open it."""
        with self.world.client(who, home=self.home(who)) as client:
            return client.documents.open(name or self.invoice)

    def grant_falsely(self, invoice: bytes, reader: str, opening: Opening, terms: Sequence[str]) -> None:
        """Have the seller grant an excerpt of what is not the invoice's opening, as a changed client would."""
        world = self.world

        async def do() -> None:
            async with AsyncClient(
                world.url, identity=world.seller, trust=world.corridor.trust, home=world.home
            ) as client:
                session = client._session
                view = await client.documents.show(invoice)
                made = await seal_terms(session, opening, terms, await recipients_named(session, [reader]))
                keep_sealed(session, made.sealed, made.readers)
                await submit_body(session, GrantDocument(document=view.id, payload=made.payload))

        anyio.run(do)


def _opening(home: Path, invoice: bytes) -> Opening:
    return Openings(home).find(invoice).opening


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Run one node for the tests of this file, where customs and a bank have opened their offices."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        world = World(url, corridor, folder / "home")
        for member in ("customs", "bank-a", "chamber"):
            with world.client(member) as client:
                client.offices.open()
        yield Shown(world, folder)


def test_each_reader_is_shown_its_own_terms(shown: Shown) -> None:
    """Customs and the bank open what was chosen for each, and that alone; it is what the record commits to."""
    for who, names in TERMS.items():
        found = shown.opened(who)
        assert isinstance(found, OpenedTerms)
        assert found.report.verdict is Verdict.VALID, found.report
        assert [each.what for each in found.report.findings] == ["terms", "header"]
        assert list(found.terms) == sorted(names)
        assert (found.belongs_to, found.name) == (shown.invoice, shown.invoice)
        with shown.world.client(who, home=shown.home(who)) as client, pytest.raises(InvalidInput, match="terms of it"):
            client.documents.get(shown.invoice)
    assert shown.opened("customs").terms["BT-14"] is None  # type: ignore[union-attr]  # it is terms, as above
    whole = shown.opened("buyer")
    assert isinstance(whole, OpenedDocument)
    assert whole.content.file == INVOICE.read_bytes()


def test_a_reader_proves_on_what_it_was_shown(shown: Shown, tmp_path: Path) -> None:
    """From its own home folder, without the issuer; what was not shown to it it cannot show, nor another's terms."""
    for who, names in TERMS.items():
        shown.opened(who)
        with shown.world.client(who, home=shown.home(who)) as client:
            report = client.verify(client.proof(shown.invoice, disclose=names))
            assert report.verdict in (Verdict.VALID, Verdict.VALID_WITH_WARNINGS)
            assert {term.name for term in report.terms} == set(names)
            (other,) = (other for other in TERMS if other != who)
            with pytest.raises(InvalidInput, match="was not shown to you"):
                client.proof(shown.invoice, disclose=TERMS[other][:1])
    with (
        shown.world.client("customs", home=tmp_path) as client,
        pytest.raises(InvalidInput, match="hanse document get"),
    ):
        client.proof(shown.invoice, disclose=["BT-1"])


def test_who_opens_the_whole_document_proves_it_on(shown: Shown) -> None:
    """The buyer, who has the file, shows any term of it, from its own home folder."""
    shown.opened("buyer")
    with shown.world.client("buyer", home=shown.home("buyer")) as buyer:
        report = buyer.verify(buyer.proof(shown.invoice, disclose=["BT-27", "BG-25/1/BT-153"]))
        assert {term.name for term in report.terms} == {"BT-27", "BG-25/1/BT-153"}
        assert buyer.documents.find(INVOICE).match.value == "same"


def test_one_readers_copy_does_not_open_for_another(shown: Shown) -> None:
    """The bank, given the very bytes that are sealed to customs, opens nothing; the buyer of the document neither."""
    with shown.world.client("seller") as seller:
        (view,) = seller.documents.of(shown.invoice)
    ours, theirs = view.grants

    commitment = _opening(shown.world.home, shown.invoice).commitment()
    committed = Committed(commitment=commitment, kind=CommittedKind.INVOICE, header=None)

    async def do(who: str) -> None:
        world, home = shown.world, shown.home(who)
        identity = {**world.corridor.members, "buyer": world.buyer}[who]
        async with AsyncClient(world.url, identity=identity, trust=world.corridor.trust, home=home) as client:
            sealed = await fetch_sealed(client._session, ours.hash, ours.size)
            await open_sealed(client._session, sealed, committed)

    for other in ("bank-a", "buyer"):
        with pytest.raises(InvalidInput, match="sealed to other keys"):
            anyio.run(do, other)
    anyio.run(do, "customs")
    assert len({ours.hash, theirs.hash}) == 2


def test_further_terms_come_to_those_before(shown: Shown) -> None:
    """A second grant adds to what a reader can show, and its receipt is of what it was shown."""
    invoice = shown.share()
    with shown.world.client("seller") as seller:
        seller.documents.grant(invoice, ["customs"], disclose=["BT-1"])
        assert list(_terms(shown.opened("customs", invoice))) == ["BT-1"]
        seller.documents.grant(invoice, ["customs"], disclose=["BG-25/1/BT-153", "BT-2"])
    assert list(_terms(shown.opened("customs", invoice))) == ["BG-25/1/BT-153", "BT-1", "BT-2"]
    with shown.world.client("customs", home=shown.home("customs")) as customs:
        assert customs.proof(invoice, disclose=["BG-25/1/BT-153", "BT-1"])
        customs.documents.receive(invoice)
        assert len(customs.documents.show(invoice).receipts) == 1
    with shown.world.client("seller") as seller:
        seller.documents.grant(invoice, ["customs"])
    assert isinstance(shown.opened("customs", invoice), OpenedDocument)


@pytest.mark.parametrize("how", ["another value", "another document's"])
def test_an_opening_that_does_not_fit_is_refused(shown: Shown, how: str) -> None:
    """Terms that the record does not commit to are `tampered`: none is shown, kept, or signed for."""
    invoice, other = shown.share(), shown.share()
    right = _opening(shown.world.home, invoice)
    changed = replace(right, terms={**right.terms, "BT-115": "1.00"})
    wrong = changed if how == "another value" else _opening(shown.world.home, other)
    shown.grant_falsely(invoice, "customs", wrong, ["BT-115", "BT-1"])
    found = shown.opened("customs", invoice)
    assert isinstance(found, OpenedTerms)
    assert (found.report.verdict, found.terms) == (Verdict.TAMPERED, {})
    assert not (shown.home("customs") / "received" / f"{invoice.hex()}.json").exists()
    with shown.world.client("customs", home=shown.home("customs")) as customs:
        with pytest.raises(InvalidInput, match="contradicts its record"):
            customs.documents.receive(invoice)
        with pytest.raises(InvalidInput):
            customs.proof(invoice, disclose=["BT-1"])


def test_bounds_of_what_is_shown(shown: Shown) -> None:
    """No such term, too many, a reader of terms that would grant: said before anything is sent."""
    with shown.world.client("seller") as seller:
        before = seller.documents.show(shown.invoice).grants
        for wrong, why in (
            (["BT-999"], "cannot be shown"),
            (["BG-25/99/BT-153/9"], "cannot be shown"),
            ([f"BT-{n}" for n in range(limits.DISCLOSED_TERMS + 1)], "are shown"),
        ):
            with pytest.raises(InvalidInput, match=why):
                seller.documents.grant(shown.invoice, ["customs"], disclose=wrong)
        with pytest.raises(InvalidInput, match="list of names"):
            seller.documents.grant(shown.invoice, ["customs"], disclose="BT-1")
        assert seller.documents.show(shown.invoice).grants == before
    shown.opened("customs")
    with (
        shown.world.client("customs", home=shown.home("customs")) as customs,
        pytest.raises(InvalidInput, match="only terms"),
    ):
        customs.documents.grant(shown.invoice, ["bank-a"])


def test_what_lies_in_the_home_folder_is_not_believed(shown: Shown, tmp_path: Path) -> None:
    """A file that was changed, or is open to others, shows nothing; what it says falsely no proof says."""
    with shown.world.client("customs", home=tmp_path) as customs:
        customs.documents.open(shown.invoice)
        path = tmp_path / "received" / f"{shown.invoice.hex()}.json"
        assert path.stat().st_mode & 0o777 == 0o600
        kept = path.read_bytes()
        said = json.loads(kept)
        said["terms"].reverse()
        for wrong in (b"{}", kept[:-1], json.dumps(said).encode()):
            path.write_bytes(wrong)
            with pytest.raises(SetupError, match="is damaged"):
                customs.proof(shown.invoice, disclose=["BT-1"])
        said["terms"].reverse()
        said["record"] = json.loads(kept)["object"]
        path.write_bytes(json.dumps(said).encode())
        with pytest.raises(InvalidInput, match="is not in the proof"):
            customs.proof(shown.invoice, disclose=["BT-1"])
        path.write_bytes(kept)
        path.chmod(0o644)
        with pytest.raises(SetupError, match="open to other users"):
            customs.proof(shown.invoice, disclose=["BT-1"])


def test_terms_of_a_certificate(shown: Shown) -> None:
    """A chamber shows customs one line of a certificate, whose header says the same."""
    world = shown.world
    with world.client("chamber") as chamber:
        receipt = chamber.certificates.issue(
            CERTIFICATE, exporter=world.seller_id, share=[world.seller_id.hex()], again=True
        )
        names = ["number", "lines/1/origin", "lines/1/hs_code"]
        chamber.documents.grant(receipt.id, ["customs"], disclose=names)
    found = shown.opened("customs", bytes(receipt.id))
    assert sorted(_terms(found)) == sorted(names)
    assert found.report.verdict is Verdict.VALID, found.report


def _terms(found: OpenedDocument | OpenedTerms) -> dict[str, str | None]:
    assert isinstance(found, OpenedTerms)
    return found.terms
