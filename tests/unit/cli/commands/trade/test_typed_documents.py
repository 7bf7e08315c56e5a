"""Documents that travel, typed against a real node: shared by the seller, fetched by customs, bank and buyer."""

import os
import stat

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared(desk: Desk) -> Desk:
    """The seller's invoice, sealed to customs, a bank and the buyer."""
    for member in ("customs", "bank-a", "bank-b"):
        desk.run("office", "open", who=member)
    readers = f"customs, bank-a,{desk.ids['buyer']}"
    ended = desk.run(
        *("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--share", readers, "--again"), who="seller"
    )
    desk.ids["shared"] = ended.out
    return desk


@pytest.mark.parametrize("who", ["customs", "bank-a", "buyer"])
def test_a_reader_gets_the_document(shared: Desk, who: str) -> None:
    """The very file is written, for the reader alone, and each comparison is said."""
    ended = shared.run("document", "get", shared.ids["shared"], "-o", f"{who}.xml", who=who)
    out = shared.folder / f"{who}.xml"
    assert out.read_bytes() == (shared.folder / "invoice.xml").read_bytes()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    for what in ("file", "terms", "header", "paper"):
        assert f"{what}: valid: " in ended.out
    report = shared.run("document", "get", shared.ids["shared"], "-o", f"{who}-2.xml", "--json", who=who).json
    assert (report["verdict"], report["name"], len(report["findings"])) == ("valid", "invoice.xml", 4)
    assert (
        "is there already"
        in shared.run("document", "get", shared.ids["shared"], "-o", f"{who}.xml", who=who, code=2).err
    )


def test_who_was_not_named_gets_nothing(shared: Desk) -> None:
    """Another bank is told so; nothing is written."""
    told = shared.run("document", "get", shared.ids["shared"], "-o", "stolen.xml", who="bank-b", code=2).err
    assert "sealed to other keys" in told
    assert not os.path.lexists(shared.folder / "stolen.xml")


def test_readers_are_parted_by_commas(shared: Desk) -> None:
    """An empty reader is said, and so is one that is neither a member's name nor an id; nothing is sent."""
    issue = ("invoice", "issue", "invoice.xml", "--buyer", shared.ids["buyer"], "--again", "--share")
    assert "is empty" in shared.run(*issue, "customs,,bank-a", who="seller", code=2).err
    shared.run(*issue, "nobody", who="seller", code=13)
    sheet = ("invoice", "issue", "--bulk", "papers", "--share", "customs,", "--buyer", shared.ids["buyer"])
    assert "is empty" in shared.run(*sheet, who="seller", code=2).err


def test_who_can_open_it_is_said_before_it_is_signed(shared: Desk) -> None:
    """Among what is registered stand the readers, as they were typed."""
    issue = ("invoice", "issue", "invoice.xml", "--buyer", shared.ids["buyer"], "--again", "--share", "customs, bank-a")
    assert "can be opened by" in shared.run(*issue, who="seller").err
    assert "customs, bank-a" in shared.run(*issue, who="seller").err


def test_a_reader_signs_with_what_came_with_the_file(shared: Desk) -> None:
    """No salt is typed: whoever can open it signs for it, by the invoice's id; who cannot signs nothing."""
    invoice = shared.ids["shared"]
    shared.run("document", "receive", invoice, who="buyer")
    shared.run("document", "receive", invoice, "--stage", "accepted", who="bank-a")
    shared.run("document", "hold", invoice, who="customs")
    told = shared.run("document", "show", invoice, "--json").json
    assert told["state"] == "held"
    assert sorted(each["stage"] for each in told["aspects"]["receipts"]) == ["accepted", "retrieved"]
    assert "sealed to other keys" in shared.run("document", "receive", invoice, who="bank-b", code=2).err
    shared.run("document", "unhold", invoice, who="customs")


def test_the_owner_is_no_reader(shared: Desk) -> None:
    """Who sends a document can open it, and signs no receipt for it."""
    told = shared.run("document", "receive", shared.ids["shared"], who="seller", code=2).err
    assert "does not name" in told


def test_a_further_reader_gets_a_copy(shared: Desk) -> None:
    """Its owner grants it, by the invoice's id; who was let in opens it, signs for it, and nobody else can grant."""
    invoice = shared.ids["shared"]
    shared.run("document", "get", invoice, "-o", "early.xml", who="bank-b", code=2)
    shared.run("document", "grant", invoice, "--share", "bank-b", who="seller")
    shared.run("document", "get", invoice, "-o", "granted.xml", who="bank-b")
    assert (shared.folder / "granted.xml").read_bytes() == (shared.folder / "invoice.xml").read_bytes()
    shared.run("document", "receive", invoice, who="bank-b")
    assert "A-1" in shared.run("document", "grant", invoice, "--share", "bank-b", who="customs", code=15).err
    assert "is empty" in shared.run("document", "grant", invoice, "--share", "bank-b,", who="seller", code=2).err
    assert not list((shared.folder / "homes" / "seller" / "sealed").glob("*"))


def test_a_certificate_travels(shared: Desk) -> None:
    """Its issuer shares it with customs and the exporter; both get the very file, and the record says what it says."""
    ids = shared.ids
    issue = ("certificate", "issue", "certificate.json", "--exporter", ids["seller"], "--again")
    certificate = shared.run(*issue, "--share", f"customs,{ids['seller']}", who="chamber").out
    for who in ("customs", "seller"):
        ended = shared.run("document", "get", certificate, "-o", f"certificate-{who}.json", who=who)
        got = (shared.folder / f"certificate-{who}.json").read_bytes()
        assert got == (shared.folder / "certificate.json").read_bytes()
        assert "paper: valid: " in ended.out
    shared.run("document", "get", certificate, "-o", "certificate-none.json", who="bank-a", code=2)


def test_one_reader_is_shown_chosen_terms(shared: Desk) -> None:
    """Its owner grants terms and not the file: they are shown with their verdict, and proven on by the reader alone."""
    ids = shared.ids
    issue = ("invoice", "issue", "invoice.xml", "--buyer", ids["buyer"], "--share", ids["buyer"], "--again")
    invoice = shared.run(*issue, who="seller").out
    grant = ("document", "grant", invoice, "--share")
    shared.run(*grant, "customs", "--disclose", "BT-1,BT-2", "--disclose", "BG-25/1/BT-153", who="seller")
    shared.run(*grant, "bank-a", "--disclose", "BT-9", who="seller")

    ended = shared.run("document", "get", invoice, "-o", "unwritten.xml", who="customs")
    assert ended.out.startswith("3 terms of the document are sealed to you, and are valid.")
    assert "terms: valid: the 3 terms shown are among those to which the record commits" in ended.out
    assert f"hanse proof {invoice} --disclose BG-25/1/BT-153,BT-1,BT-2 -o FILE" in ended.out
    assert "nothing is written to unwritten.xml" in ended.out
    assert not os.path.lexists(shared.folder / "unwritten.xml")
    told = shared.run("document", "get", invoice, "--json", who="customs").json
    assert (told["opened"], told["verdict"], sorted(told["terms"])) == (
        "terms",
        "valid",
        ["BG-25/1/BT-153", "BT-1", "BT-2"],
    )
    assert told["belongs_to"] == told["terms_of"] == invoice

    shared.run("proof", invoice, "--disclose", "BT-1", "-o", "on.hanse", who="customs")
    assert told["terms"]["BT-1"] in shared.run("verify", "on.hanse").out
    assert (
        "was not shown to you"
        in shared.run("proof", invoice, "--disclose", "BT-9", "-o", "no.hanse", who="customs", code=2).err
    )
    assert list(shared.run("document", "get", invoice, "--json", who="bank-a").json["terms"]) == ["BT-9"]
    assert "cannot be shown" in shared.run(*grant, "customs", "--disclose", "BT-999", who="seller", code=2).err
    assert "names no term" in shared.run(*grant, "customs", "--disclose", ",", who="seller", code=2).err


def test_without_a_file_a_document_is_compared_alone(shared: Desk) -> None:
    """It is opened, compared and kept for proofs, and written nowhere."""
    ended = shared.run("document", "get", shared.ids["shared"], who="customs")
    assert "It is not written: name a file with -o." in ended.out
    shared.run("proof", shared.ids["shared"], "--disclose", "BT-27", "-o", "seller-name.hanse", who="customs")


def test_a_declaration_is_lodged_with_its_documents(shared: Desk) -> None:
    """Customs, who was no reader, opens the invoice that the seller declares; a buyer cannot share what is not its."""
    ids = shared.ids
    issue = ("invoice", "issue", "invoice.xml", "--buyer", ids["buyer"], "--share-buyer", "--again")
    invoice = shared.run(*issue, who="seller").out
    shared.run("document", "get", invoice, who="customs", code=2)
    words = (
        "declaration",
        "lodge",
        "--customs",
        "customs",
        "--invoice",
        invoice,
        "--line",
        "691110,CN,1,C62",
        "--share",
    )
    shared.run(*words, "customs", "--regime", "export", who="seller")
    assert "The document is valid." in shared.run("document", "get", invoice, who="customs").out
    told = shared.run(*words, "bank-a", "--regime", "export", who="buyer", code=2).err
    assert "only its owner can grant it" in told
    shared.run(*words, "customs,", "--regime", "export", who="seller", code=2)
