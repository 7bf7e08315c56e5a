"""Records of sealed documents, typed against a real node: who is let in, who signs, who holds, what is erased."""

import os

import pytest
from msgspec.structs import replace

from hanse_client import Client, Identity
from hanse_ledger.kinds.document.bodies import GrantDocument
from hanse_ledger.kinds.document.payload import Payload, commit_reader
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.object import document_id
from hanse_ledger.values.hashing import hash_bytes
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow

SALT = "5a" * 16


@pytest.fixture(scope="module")
def sealed(desk: Desk) -> Desk:
    """The seller's invoice travels, sealed to the buyer and to the customs authority's office."""
    ids = desk.ids
    ids["office"] = desk.run("office", "open", who="customs").out
    with client_of(desk, "seller") as client:
        record = next(iter(client.records(ids["invoice"])))
        body = record.record.body
        assert isinstance(body, IssueInvoice)
        readers = sorted(commit_reader(bytes.fromhex(ids[name]), bytes.fromhex(SALT)) for name in ("buyer", "office"))
        payload = Payload(hash=hash_bytes(b"sealed"), readers=tuple(readers), size=6)
        receipt = client.submit(replace(body, payload=payload, tags=()))
    ids["document"] = document_id(receipt.record_id).hex()
    ids["sealed"] = receipt.object_id.hex() if receipt.object_id else ""
    return desk


def client_of(desk: Desk, who: str) -> Client:
    """Give a client that signs with somebody's key."""
    home = desk.folder / "homes" / who
    return Client(
        desk.url, identity=Identity.load(desk.folder / f"{who}.pem", None), trust=desk.folder / "trust.json", home=home
    )


def shown(desk: Desk, *words: str) -> dict[str, object]:
    """Show the document, as JSON."""
    document: dict[str, object] = desk.run("document", "show", desk.ids["document"], *words, "--json").json
    return document


def test_a_document_goes_its_way(sealed: Desk) -> None:
    """Granted, received, held, let go of, erased; each step is in its history, and its proof holds."""
    ids, name = sealed.ids, sealed.ids["document"]
    assert shown(sealed)["state"] == "sealed"
    assert "sealed file 1  unknown, says the node" in sealed.run("document", "show", name).out
    carrier = sealed.enrol("carrier", "carrier")
    with client_of(sealed, "seller") as client:
        reader = commit_reader(bytes.fromhex(carrier), bytes.fromhex(SALT))
        copy = Payload(hash=hash_bytes(os.urandom(64)), readers=(reader,), size=64)
        client.submit(GrantDocument(document=bytes.fromhex(name), payload=copy))
    for who, stage in (
        ("buyer", "delivered"),
        ("buyer", "accepted"),
        ("customs", "retrieved"),
        ("carrier", "retrieved"),
    ):
        sealed.run("document", "receive", name, "--salt", SALT, "--stage", stage, who=who)
    refused = sealed.run("document", "receive", name, "--salt", SALT, "--stage", "retrieved", who="buyer", code=15)
    assert "A-2" in refused.err
    sealed.run("document", "hold", name, "--salt", SALT, who="customs")
    assert shown(sealed)["state"] == "held"
    assert "document.unhold" in sealed.run("document", "erase", name, who="seller", code=15).err
    sealed.run("document", "unhold", name, who="customs")

    lodge = ("--customs", "customs", "--regime", "export", "--invoice", ids["sealed"])
    certify = ("certificate", "issue", "certificate.json", "--exporter", ids["seller"])
    certificate = sealed.run(*certify, who="chamber").out
    declaration = sealed.run("declaration", "lodge", *lodge, "--certificate", certificate, who="seller").out
    assert "not decided" in sealed.run("document", "erase", name, who="seller", code=15).err
    sealed.run("declaration", "release", declaration, who="customs")
    sealed.run("document", "erase", name, who="seller")
    assert shown(sealed)["state"] == "erased"

    sealed.run("proof", name, "-o", "document.hanse", "--force")
    report = sealed.run("verify", "document.hanse", "--offline", "--json").json
    assert report["verdict"] == "valid with warnings"
    assert report["subjects"][0]["kind"] == "document"


def test_documents_are_listed(sealed: Desk) -> None:
    """The owner's own; and those that belong to an invoice."""
    listed = sealed.run("document", "list", "--json", who="seller").json
    assert sealed.ids["document"] in str(listed)
    with client_of(sealed, "seller") as client:
        (view,) = client.documents.of(sealed.ids["sealed"])
        assert view.id.hex() == sealed.ids["document"]
        assert [record.kind for record in client.documents.records(view.id)][-1] == "invoice.issue"


@pytest.mark.parametrize("salt", ["5a", "x" * 32])
def test_a_salt_is_sixteen_bytes(sealed: Desk, salt: str) -> None:
    """Anything else is said, and nothing is sent."""
    name = sealed.ids["document"]
    told = sealed.run("document", "hold", name, "--salt", salt, who="customs", code=2).err
    assert "is no salt" in told
