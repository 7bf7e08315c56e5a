"""Invoices that are registered and shared in one call: sealed, sent before the record, fetched and judged."""

import json
import os
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from hanse_client import Client, Identity, Receipt
from hanse_client.base.errors import BadAnswer, InvalidInput, NodeUnreachable, NotFound, Refused
from hanse_ledger.kinds.declaration.bodies import DeclarationLine
from hanse_ledger.kinds.document.state import ReceiptStage
from tests.tables.tampering import Proxy, nothing, proxy
from tests.world.sdk_node import NodeCorridor
from tests.world.sdk_world import INVOICE, World
from tests.world.typed.desk import make_node_here, node_here


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one node for the tests of this file, where customs and a bank have opened their offices."""
    folder = tmp_path_factory.mktemp("world")
    corridor = NodeCorridor()
    with node_here(make_node_here(folder / "node", corridor)) as url:
        world = World(url, corridor, folder / "home")
        for member in ("customs", "bank-a"):
            with world.client(member) as client:
                client.offices.open()
        yield world


@pytest.fixture
def line(world: World) -> Iterator[Proxy]:
    """Give a line to the node that can break."""
    with proxy(world.url) as server:
        yield server


def share(world: World, *readers: str, url: str = "", home: Path | None = None) -> bytes:
    """Have the seller register the invoice and share it; give its id."""
    with world.client("seller", url, home) as seller:
        receipt = seller.invoices.issue(
            INVOICE, buyer=world.buyer_id, seller=world.seller_id, share=[*readers, world.buyer_id.hex()], again=True
        )
    assert receipt.object_id is not None
    return receipt.object_id


def test_named_readers_open_it_and_nobody_else_does(world: World) -> None:
    """Customs and the buyer get the very file, and every comparison is valid; a bank that is not named gets none."""
    invoice = share(world, "customs")
    for reader in ("customs", "buyer", "seller"):
        with world.client(reader) as client:
            found = client.documents.get(invoice)
            assert found.content.file == INVOICE.read_bytes()
            assert {each.verdict.value for each in found.report.findings} == {"valid"}, found.report
            (view,) = client.documents.of(invoice)
            assert client.documents.get(view.id).content == found.content
            (file,) = client.documents.deliveries(view.id)
            assert (file.hash, file.since_ms, file.state) == (view.seal.hash, None, "here")
    with world.client("bank-a") as bank, pytest.raises(InvalidInput, match="sealed to other keys"):
        bank.documents.get(invoice)
    assert os.listdir(world.home / "sealed") == []
    assert os.listdir(world.home / "fetched") == []


def test_a_reader_who_is_nobody_is_named(world: World) -> None:
    """It is no use to hear that something is not here: which of three names was mistyped is said."""
    with pytest.raises(NotFound) as refused:
        share(world, "costums")
    assert (refused.value.seen, refused.value.wanted) == ("costums", "a member whose office is open")
    assert "costums" in str(refused.value)


def test_what_is_not_shared_is_not_there(world: World) -> None:
    """An invoice without readers has no document; what is no object is not found."""
    with world.client("customs") as customs:
        with pytest.raises(InvalidInput, match="belong 0 documents"):
            customs.documents.get(world.issue().id)
        with pytest.raises(NotFound):
            customs.documents.get(bytes(31) + b"x")


def test_who_was_interrupted_sends_the_same_document(world: World, line: Proxy, tmp_path: Path) -> None:
    """The line breaks after the document and before the record: again, it is the same record and the same document."""
    line.change = lambda path, body: (
        (_ for _ in ()).throw(ConnectionResetError()) if path.startswith("/v1/records") else body
    )
    with pytest.raises(NodeUnreachable):
        share(world, "customs", url=line.url, home=tmp_path)
    kept, readers = sorted((tmp_path / "sealed").iterdir())
    assert (kept.stem, kept.suffix, readers.suffix) == (readers.stem, ".age", ".readers")
    assert {each.stat().st_mode & 0o777 for each in (kept, readers)} == {0o600}
    digest = kept.name.removesuffix(".age")
    line.change = nothing
    with world.client("seller", line.url, tmp_path) as seller:
        receipt = seller.invoices.issue(
            INVOICE, buyer=world.buyer_id, seller=world.seller_id, share=["customs", world.buyer_id.hex()]
        )
        assert receipt.object_id is not None
        (view,) = seller.documents.of(receipt.object_id)
        assert view.seal.hash.hex() == digest
    assert os.listdir(tmp_path / "sealed") == []
    with world.client("customs") as customs:
        assert customs.documents.get(receipt.object_id).report.verdict.value == "valid"


def test_erased_is_gone(world: World) -> None:
    """After the owner's record nobody gets it, and the node has it no more."""
    invoice = share(world, "customs")
    with world.client("seller") as seller:
        (view,) = seller.documents.of(invoice)
        seller.documents.erase(view.id)
    with world.client("customs") as customs, pytest.raises(Refused) as caught:
        customs.documents.get(invoice)
    assert caught.value.code == "payload-erased"
    files = [path for path in (world.home.parent / "node" / "payloads").rglob("*") if path.is_file()]
    assert view.seal.hash.hex() not in {path.name[:64] for path in files}
    with world.client("seller") as seller:
        assert [each.state for each in seller.documents.deliveries(view.id)] == ["erased"]
    assert sha256(INVOICE.read_bytes()).hexdigest() not in {path.name for path in files}


def test_a_copy_is_found_where_the_first_file_is_for_others(world: World, line: Proxy) -> None:
    """A node that gives each reader what is for him says of the first file that there is none: the copy comes."""
    invoice = share(world, "customs")
    with world.client("seller") as seller:
        (view,) = seller.documents.of(invoice)
        seller.documents.grant(invoice, ["bank-a"])
        (granted,) = seller.documents.show(view.id).grants

    line.statuses = {f"/v1/payloads/{view.seal.hash.hex()}": 404}
    with world.client("bank-a", line.url) as bank:
        assert bank.documents.get(invoice).content.file == INVOICE.read_bytes()
        assert [each.state for each in bank.documents.deliveries(view.id)] == ["here", "here"]
        line.statuses[f"/v1/payloads/{granted.hash.hex()}"] = 404
        with pytest.raises(NotFound):
            bank.documents.get(invoice)


def test_a_long_history_is_not_walked(world: World, line: Proxy) -> None:
    """To get a document costs as many requests after seven further records as before: only its first one is asked."""
    invoice = share(world, "customs")

    def asked(work: Callable[[Client], object]) -> int:
        with world.client("customs", line.url) as customs:
            customs.head()
            before = len(line.asked)
            work(customs)
            return len(line.asked) - before

    first = asked(lambda customs: customs.documents.get(invoice))
    with world.client("buyer") as buyer, world.client("customs") as customs:
        for stage in (ReceiptStage.DELIVERED, ReceiptStage.RETRIEVED, ReceiptStage.ACCEPTED):
            buyer.documents.receive(invoice, stage)
        for _ in range(2):
            customs.documents.hold(invoice)
            customs.documents.unhold(invoice)
        (view,) = customs.documents.of(invoice)
        assert view.history.count == 8
    assert asked(lambda customs: customs.documents.get(invoice)) == first
    shown = asked(lambda customs: customs.documents.show(view.id))
    assert asked(lambda customs: customs.documents.deliveries(customs.documents.show(view.id))) == shown + 1


def test_another_first_record_is_seen_through(world: World, line: Proxy) -> None:
    """A node that names another record as a document's first is found out, by the id that follows from it."""
    first, second = share(world, "customs"), share(world, "customs")
    with world.client("customs") as customs:
        named = [next(iter(customs.documents.of(each))).id for each in (first, second)]
        other = list(customs.documents.records(named[1]))[-1].id

    def change(path: str, body: bytes) -> bytes:
        if f"/{named[0].hex()}/records" not in path:
            return body
        page = json.loads(body)
        page["records"] = [{**page["records"][0], "id": other.hex()}]
        return json.dumps(page).encode()

    line.change = change
    with world.client("customs", line.url) as customs, pytest.raises(BadAnswer, match="does not name"):
        customs.documents.get(named[0])


def test_a_declaration_lets_customs_read_its_invoices(world: World) -> None:
    """The seller, whose documents they are, lodges and shares: customs opens both, and is let in once."""
    invoices = [share(world), share(world, "customs")]
    line = DeclarationLine(
        certificate=None, hs_code="691110", origin="CN", quantity_micro=1_000_000, source=None, unit="C62"
    )

    def lodge(client: Client, share_with: list[str]) -> Receipt:
        return client.declarations.lodge(
            customs="customs", regime="export", invoices=invoices, lines=[line], share=share_with
        )

    def party(identity: Identity, name: bytes) -> Client:
        return Client(world.url, identity=identity, trust=world.corridor.trust, home=world.home, party=name)

    with party(world.seller, world.seller_id) as seller:
        with pytest.raises(NotFound):
            lodge(seller, ["nobody"])
        for _ in range(2):
            lodge(seller, ["customs"])
        assert [len(seller.documents.show(each).grants) for each in invoices] == [1, 0]
    with world.client("customs") as customs:
        for each in invoices:
            assert customs.documents.get(each).report.verdict.value == "valid"
    with party(world.buyer, world.buyer_id) as buyer, pytest.raises(InvalidInput, match="only its owner can grant it"):
        lodge(buyer, ["bank-a"])
