"""`hanse document find`: the very file of a record, another of its number, none that is known here, or not asked."""

import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from hanse_client.client import Client
from hanse_client.home.identity import Identity
from hanse_client.home.openings import new_opening
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.wire.catalogue import CommittedKind
from tests.world.typed.desk import Desk
from tests.world.typed.papers import invoice_paper

pytestmark = pytest.mark.slow


def find(desk: Desk, name: str, text: str, *more: str, who: str = "seller", code: int = 0) -> Any:
    """Look for a paper, as a program does."""
    (desk.folder / name).write_text(text)
    return desk.run("document", "find", name, "--json", *more, who=who, code=code).json


def issued(desk: Desk, name: str, text: str, *more: str) -> str:
    """Have the seller issue a paper."""
    (desk.folder / name).write_text(text)
    return desk.run("invoice", "issue", name, "--buyer", desk.ids["buyer"], "--again", *more, who="seller").out


def test_each_answer_is_one_of_four(desk: Desk) -> None:
    """The seller's opening tells of the very file; a file of its number is another; neither is so of a third."""
    text = invoice_paper("F-1", issued="2025-03-01")
    invoice = issued(desk, "f-1.xml", text)
    answer = find(desk, "f-1.xml", text)
    (record,) = answer["records"]
    assert (answer["match"], record["by"], record["agrees"], record["object_id"]) == ("same", "opening", True, invoice)
    told = desk.run("document", "find", "f-1.xml", who="seller").out
    assert f"f-1.xml: is the very file of invoice F-1 {invoice}" in told
    assert told.endswith("agrees")
    other = text.replace("5150.00", "9150.00")
    answer = find(desk, "f-1-other.xml", other, code=13)
    assert answer["match"] == "other file"
    assert {"term": "BT-115", "pointer": "/payable_minor", "seen": "9150.00", "recorded": "515000"} in (
        answer["records"][0]["differences"]
    )
    told = desk.run("document", "find", "f-1-other.xml", who="seller", code=13).out
    assert "names the same invoice number as invoice F-1" in told
    assert "but is another file" in told
    assert find(desk, "f-2.xml", invoice_paper("F-2", issued="2025-03-01"), code=13)["match"] == "not found"
    # The record hides its file: who has no opening is told nothing else than of a file that nobody registered.
    assert find(desk, "f-1.xml", text, who="buyer", code=13)["match"] == "not found"


def test_what_is_discoverable_is_found_by_whoever_holds_the_file(desk: Desk) -> None:
    """The node lists the record by the hash; proven, and compared, without any opening; a byte more is no match."""
    text = invoice_paper("F-3", issued="2025-04-01")
    invoice = issued(desk, "f-3.xml", text, "--discoverable")
    answer = find(desk, "f-3.xml", text, who="buyer")
    (record,) = answer["records"]
    assert (record["by"], record["agrees"], record["object_id"]) == ("discoverable", True, invoice)
    assert find(desk, "f-3.xml", text + "\n", who="buyer", code=13)["match"] == "not found"


def test_a_node_that_cannot_be_asked_is_no_answer(desk: Desk) -> None:
    """Nothing is said of the file then, but what was sent from here of it."""
    text = invoice_paper("F-4", issued="2025-05-01")
    issued(desk, "f-4.xml", text)
    nowhere = ("--node", "http://127.0.0.1:9")
    answer = find(desk, "f-4.xml", text, *nowhere, code=30)
    assert (answer["match"], answer["records"]) == ("not asked", [])
    assert answer["unasked"]
    assert "whether it stands is not known" in answer["notes"][0]
    assert find(desk, "f-5.xml", invoice_paper("F-5", issued="2025-05-01"), *nowhere, code=30)["match"] == "not asked"
    told = desk.run("document", "find", "f-5.xml", *nowhere, who="seller", code=30).out
    assert "could not ask the node" in told


def test_a_record_that_says_something_else_than_its_file_differs(desk: Desk) -> None:
    """Its maker signed another amount and day than the paper has: both sides are told, and an honest one agrees."""
    text = invoice_paper("F-6", issued="2025-06-01")
    honest = issued(desk, "f-6.xml", text, "--discoverable")
    around = desk.environment("seller")
    identity = Identity.load(around["HANSE_IDENTITY"], None)
    with Client(desk.url, identity=identity, trust=around["HANSE_TRUST"], home=around["HANSE_HOME"]) as client:
        (record,) = [each.record_id for each in client.documents.find(desk.folder / "f-6.xml").records]
        body = client.record(record).record.body
        assert isinstance(body, IssueInvoice)
        lie = client.submit(replace(body, payable_minor=100, due=None)).object_id.hex()
    answer = find(desk, "f-6.xml", text, who="buyer", code=2)
    told = {each["object_id"]: each for each in answer["records"]}
    assert (answer["match"], told[honest]["agrees"], told[lie]["agrees"]) == ("same", True, False)
    assert told[lie]["differences"] == [
        {"term": "BT-9", "pointer": "/due", "seen": "2026-10-17", "recorded": ""},
        {"term": "BT-115", "pointer": "/payable_minor", "seen": "5150.00", "recorded": "100"},
    ]
    said = desk.run("document", "find", "f-6.xml", who="buyer", code=2).out
    assert "DIFFERS" in said
    assert "BT-115: the file says 5150.00, the record 100 (/payable_minor)" in said


def test_what_nothing_reads_is_found_and_not_compared(desk: Desk) -> None:
    """A credit note of which the sum was named by hand: it is the very file, and nobody can say whether it agrees."""
    invoice = issued(desk, "f-7.xml", invoice_paper("F-7", issued="2025-06-20"))
    (desk.folder / "f-7-note.pdf").write_bytes(b"no document that is read")
    desk.run("invoice", "credit", invoice, "f-7-note.pdf", "--amount", "50.00", who="seller")
    answer = desk.run("document", "find", "f-7-note.pdf", "--json", who="seller").json
    assert [(each["kind"], each["agrees"]) for each in answer["records"]] == [("invoice.credit", None)]


def test_an_opening_that_lies_opens_nothing(desk: Desk) -> None:
    """It names this file, and its record commits to another: that is told, and the file is not found."""
    invoice = issued(desk, "f-8.xml", invoice_paper("F-8", issued="2025-07-01"))
    home = desk.environment("seller")["HANSE_HOME"]
    path = desk.folder / home / "openings" / f"{invoice}.json"
    kept = json.loads(path.read_text())
    lie = new_opening(CommittedKind.INVOICE, b"another paper", {"BT-1": "F-9"}, name="lie.xml", discoverable=False)
    kept["opening"] = msgspec.to_builtins(lie)
    path.write_text(json.dumps(kept))
    path.chmod(0o600)
    answer = find(desk, "lie.xml", "another paper", code=13)
    assert answer["match"] == "not found"
    assert "commits to another" in answer["notes"][0]
