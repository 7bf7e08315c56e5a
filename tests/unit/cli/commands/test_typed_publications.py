"""Publishing as it is typed: what is told is shown first, what was published is listed and taken back."""

import pytest
from pypdf import PdfReader

from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def issued(desk: Desk) -> str:
    """Issue an invoice, and give its id."""
    return desk.run(
        "invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", who="seller"
    ).out.strip()


def test_what_is_published_is_shown_listed_and_taken_back(desk: Desk) -> None:
    """With terms it is told what everybody will read, and nothing happens without a yes; a code is drawn or written."""
    invoice = issued(desk)
    words = ("proof", "publish", invoice, "--disclose", "BT-1")
    told = desk.run(*words, who="seller", code=2).err
    assert "everybody reads who has the address" in told
    assert "BT-1: " in told
    assert desk.run("proof", "published", who="seller").err.count("There is nothing.") == 1
    drawn = desk.run(*words, "--yes", "--code", "paper.svg", who="seller")
    address = drawn.out.strip()
    assert "█" in drawn.err
    assert (desk.folder / "paper.svg").read_bytes().startswith(b"<?xml")
    assert desk.run(*words, "--yes", "--code", "paper.svg", who="seller", code=2).out == ""
    (listed,) = desk.run("proof", "published", "--json", who="seller").json
    assert (listed["address"], listed["terms"], listed["objects"]) == (address, ["BT-1"], [invoice])
    assert address in desk.run("proof", "published", who="seller").out
    assert desk.run("proof", "code", listed["name"], who="seller").out.strip() == address
    desk.run("proof", "code", "A" * 26, who="seller", code=2)
    gone = desk.run("proof", "unpublish", address.lower(), "--json", who="seller").json
    assert (gone["name"], gone["withdrawn"]) == (listed["name"], True)
    desk.run("proof", "unpublish", listed["name"], who="seller", code=2)


def test_a_status_stands_in_a_code_whole(desk: Desk) -> None:
    """Its digits stand behind the address of a page, or alone; a file of another sort is refused before anything."""
    invoice = issued(desk)
    status = desk.run("proof", "code", invoice, "--json", who="seller").json
    assert status["address"] == f"{desk.url}/verify#{status['status']}"
    alone = desk.run("proof", "code", invoice, "--address", "-", who="seller")
    assert alone.out.strip().isdigit()
    assert "█" in alone.err
    desk.run("proof", "code", invoice, "-o", "status.png", who="seller")
    assert (desk.folder / "status.png").read_bytes().startswith(b"\x89PNG")
    assert ".svg" in desk.run("proof", "code", invoice, "-o", "status.gif", who="seller", code=2).err
    digits = alone.out.strip()
    assert desk.run("verify", digits, "--offline", "--json").json["verdict"] == "valid with warnings"
    assert "no file of it" in desk.run("verify", digits, "--offline", "--pdf", "receipt.pdf", code=2).err


def test_a_proof_stands_on_paper_with_its_code(desk: Desk) -> None:
    """With `--pdf` alone or beside the proof; the code is the status, and the address once it is published."""
    invoice = issued(desk)
    assert "Nothing says where" in desk.run("proof", invoice, who="seller", code=2).err
    made = desk.run("proof", invoice, "-o", "it.hanse", "--pdf", "it.pdf", "--disclose", "BT-1", "--json", who="seller")
    assert (made.json["pdf"], made.json["proof"]) == ("it.pdf", "it.hanse")
    found = [desk.run("verify", file, "--offline", "--json").json for file in ("it.pdf", "it.hanse")]
    assert found[0]["acts"] == found[1]["acts"]
    assert "The status itself" in PdfReader(desk.folder / "it.pdf").pages[0].extract_text()
    desk.run("proof", invoice, "--pdf", "it.pdf", who="seller", code=2)
    address = desk.run("proof", "publish", invoice, "--yes", who="seller").out
    assert desk.run("proof", invoice, "--pdf", "it.pdf", "--force", who="seller").out == "it.pdf"
    shown = PdfReader(desk.folder / "it.pdf").pages[0].extract_text()
    assert address in shown.replace("\n", "").replace("\u200b", "")
    assert "Invoice receipt" in shown
