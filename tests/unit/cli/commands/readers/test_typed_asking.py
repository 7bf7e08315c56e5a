"""A node that asks who reads, typed: whoever has an identity reads what concerns him with it, and nothing else."""

from time import sleep

import pytest

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def asking(desk: Desk) -> Desk:
    """An invoice that is shared with its buyer and with customs, on a node that asks who reads from then on."""
    desk.ids["outsider"] = desk.enrol("outsider", "buyer")
    for member in ("customs", "bank-a"):
        desk.run("office", "open", who=member)
    readers = f"customs,{desk.ids['buyer']}"
    issue = ("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--share", readers, "--again")
    desk.ids["shared"] = desk.run(*issue, who="seller").out
    desk.run("document", "grant", desk.ids["shared"], "--share", desk.ids["outsider"], who="seller")
    desk.run("token", "create", "auditor", "--dir", "node", "--scope", "read", "--out", "auditor.token")
    sleep(2.5)  # a running node takes tokens up within a second
    return desk


@pytest.mark.parametrize("who", ["seller", "buyer", "customs"])
@pytest.mark.parametrize("words", [("invoice", "show"), ("document", "show")])
def test_an_identity_reads(asking: Desk, words: tuple[str, ...], who: str) -> None:
    """Commands that sign no record sign what they ask."""
    assert asking.run(*words, asking.ids["shared"], "--json", who=who).json["state"]


def test_a_party_is_shown(asking: Desk) -> None:
    """How another party stands everybody reads who is somebody, and nobody else."""
    asking.run("party", "show", asking.ids["seller"], who="buyer")
    told = asking.run("party", "show", asking.ids["seller"], code=30)
    assert "asks who reads" in told.err


@pytest.mark.parametrize("who", ["buyer", "customs", "outsider"])
def test_a_reader_gets_the_document(asking: Desk, who: str) -> None:
    """Whoever it is sealed to finds it and opens it, a party that only the grant names among them."""
    asking.run("document", "get", asking.ids["shared"], "-o", f"{who}-asked.xml", who=who)
    assert (asking.folder / f"{who}-asked.xml").read_bytes() == (asking.folder / "invoice.xml").read_bytes()


def test_a_reader_signs_for_it(asking: Desk) -> None:
    """The buyer says that he has it, by the invoice's id."""
    asking.run("document", "receive", asking.ids["shared"], who="buyer")


def test_a_reader_sees_what_his_document_belongs_to(asking: Desk) -> None:
    """How it stands, so that he can compare, and prove it on; what others did with it is not told (`test_rights`)."""
    asking.run("invoice", "show", asking.ids["shared"], who="outsider")
    asking.run("proof", asking.ids["shared"], "-o", "outsider.hanse", who="outsider")


def test_whom_it_does_not_concern_finds_nothing(asking: Desk) -> None:
    """An invoice of others is not there, nor are its documents; another one of the same seller's neither."""
    assert asking.enrol("stranger", "buyer")
    for words in (
        ("invoice", "show"),
        ("document", "show"),
        ("document", "get", "-o", "stolen.xml"),
        ("proof", "-o", "p"),
    ):
        asking.run(*words, asking.ids["shared"], who="stranger", code=13)
    issue = ("invoice", "issue", "invoice.xml", "--buyer", asking.ids["buyer"], "--again")
    other = asking.run(*issue, who="seller").out
    asking.run("invoice", "show", other, who="outsider", code=13)
