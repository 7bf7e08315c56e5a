"""Consignments typed against a real node."""

import httpx2
import pytest

from hanse_ledger.proofs.prooffile import read_proof
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow

UCR = "6CN91330106MA2-TR(4471)/A"


@pytest.fixture(scope="module")
def filled(desk: Desk) -> Desk:
    """The seller opens a consignment for customs, and puts its invoice in; customs puts in the declaration."""
    ids = desk.ids
    ids["consignment"] = desk.run("consignment", "open", UCR, "--writer", "customs", who="seller").out
    assert desk.run("consignment", "add", UCR, ids["invoice"], who="seller").out == ids["consignment"]
    certified = ("certificate", "issue", "certificate.json", "--exporter", ids["seller"])
    ids["certificate"] = desk.run(*certified, who="chamber").out
    words = ("--customs", "customs", "--regime", "export", "--invoice", ids["invoice"])
    lodged = desk.run("declaration", "lodge", *words, "--certificate", ids["certificate"], who="seller")
    ids["declaration"] = lodged.out
    desk.run("consignment", "add", ids["consignment"], ids["declaration"], who="customs")
    return desk


def test_a_folder_says_who_put_in_what(filled: Desk) -> None:
    """Newest first, each as it stands, by its writer; for people and for programs, by UCR and by id."""
    ids = filled.ids
    document = filled.run("consignment", "show", UCR, "--json").json
    assert (document["kind"], document["state"], document["id"]) == ("consignment", "open", ids["consignment"])
    assert document["aspects"]["links"]["ucr"] == UCR
    assert [(item["kind"], item["id"], item["writer"]) for item in document["items"]] == [
        ("declaration", ids["declaration"], "customs"),
        ("invoice", ids["invoice"], ids["seller"]),
    ]
    of_kind = filled.run("consignment", "show", UCR, "--kind", "invoice", "--json").json["items"]
    assert [item["id"] for item in of_kind] == [ids["invoice"]]
    filled.run("consignment", "show", UCR, "--kind", "ship", code=2)
    shown = filled.run("consignment", "show", ids["consignment"]).out
    assert f"declaration {ids['declaration']}  lodged  by customs" in shown
    assert UCR in shown


def test_its_history_is_whole_and_its_proof_holds(filled: Desk) -> None:
    """Opened, and two put in; a file proves it, and an item of it, to whoever has the trust file alone."""
    records = filled.run("consignment", "history", UCR, "--json").json["records"]
    assert [record["kind"] for record in records] == ["consignment.add", "consignment.add", "consignment.open"]
    assert len(filled.run("consignment", "history", UCR, "--most", "1").out.splitlines()) == 1
    for name in ("consignment", "invoice", "declaration"):
        filled.run("proof", filled.ids[name], "-o", f"{name}.hanse", who="seller")
        report = filled.run("verify", f"{name}.hanse", "--offline", "--json").json
        assert report["verdict"] in {"valid", "valid with warnings"}, report
    # What only puts something in is about the consignment too.
    answer = httpx2.get(f"{filled.url}/v1/records/{records[0]['id']}/proof")
    assert read_proof(answer.content).objects[0].id.hex() == filled.ids["consignment"]


def test_others_are_refused_until_they_are_named(filled: Desk) -> None:
    """The buyer writes once the seller has named it; a UCR is used once by one opener, by another one again."""
    ids = filled.ids
    words = ("consignment", "add", ids["consignment"])
    error = filled.run(*words, ids["invoice"], "--json", who="buyer", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("not-writer", "U-2")
    filled.run(*words, "--writer", ids["buyer"], who="seller")
    filled.run(*words, ids["invoice"], who="buyer")
    error = filled.run(*words, ids["certificate"], "--json", who="buyer", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("item-of-others", "U-2")
    error = filled.run("consignment", "open", UCR, "--json", who="seller", code=15).json["error"]
    assert (error["reason"], error["rule"]) == ("ucr-taken", "U-1")
    assert "no consignment" in filled.run("consignment", "show", "NONE", code=2).err.lower()
    other = filled.run("consignment", "open", UCR, who="buyer").out
    assert other in filled.run("consignment", "show", UCR, code=2).err
    for who, expected in (("customs", [ids["consignment"]]), ("buyer", [other, ids["consignment"]])):
        listed = filled.run("consignment", "list", "--json", who=who).json
        assert [each["id"] for each in listed["objects"]] == expected
