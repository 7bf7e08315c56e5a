"""The command line against a real node: a whole trade typed word by word, and what goes wrong on the way."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse_node.store.databases.sqlite import driver
from tests.system.stage.desk import BANKS, Desk, open_desk

pytestmark = [pytest.mark.system, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def test_a_whole_trade_can_be_typed(desk: Desk) -> None:
    """Certificate, acceptance, both declarations, payment, proof: every step by its own command, ids on stdout."""
    invoice = desk.run("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", who="seller").out
    desk.run("invoice", "accept", invoice, who="buyer")
    certificate = desk.run(
        "certificate", "issue", "certificate.json", "--exporter", desk.ids["seller"], who="chamber"
    ).out
    for regime, who in (("export", "seller"), ("import", "buyer")):
        words = ("--customs", "customs", "--regime", regime, "--invoice", invoice, "--certificate", certificate)
        declaration = desk.run("declaration", "lodge", *words, who=who).out
        desk.run("declaration", "release", declaration, who="customs")
        assert desk.run("declaration", "show", declaration, "--json").json["state"] == "released"
    drawn = desk.run("certificate", "show", certificate, "--json").json["declarations"]
    assert {(each["regime"], each["state"]) for each in drawn} == {("export", "released"), ("import", "released")}
    assert declaration in {each["declaration"] for each in drawn}
    assert f"declaration {declaration}" in desk.run("certificate", "show", certificate).out
    words = ("--customs", "customs", "--regime", "import", "--invoice", invoice, "--certificate", certificate)
    used_up = desk.run("declaration", "lodge", *words, who="buyer", code=2).err
    assert f"hanse certificate show {certificate}" in used_up
    payment = desk.run("payment", "instruct", "pacs008.xml", "--invoice", invoice, *BANKS, who="buyer").out
    desk.run("payment", "confirm", payment, "camt054.xml", who="bank-a")
    assert desk.run("invoice", "show", invoice, "--json").json["aspects"]["amounts"]["settled_minor"] == 515_000

    shown = ("-o", "trade.hanse", "--disclose", f"{invoice}:BT-1,BT-113,BT-115")
    made = desk.run("proof", certificate, invoice, payment, *shown, who="seller")
    assert made.out == "trade.hanse"
    assert "Shown as not stated: BT-113" in made.err
    desk.run("proof", certificate, "-o", "trade.hanse", who="seller", code=2)
    report = desk.run("verify", "trade.hanse", "--offline", "--json").json
    assert report["verdict"] == "valid"
    assert {(term["name"], term["value"]) for term in report["terms"]} == {
        ("BT-1", "QW-2026-0917"),
        ("BT-113", None),
        ("BT-115", "5150.00"),
    }
    assert "It still held" in desk.run("verify", "trade.hanse").err

    # The file stays sound; whoever asks the node learns that the certificate has been taken back since.
    desk.run("certificate", "revoke", certificate, "--reason", "issued-in-error", who="chamber")
    desk.run("payment", "return", payment, "--reason", "AC04", who="bank-a")
    assert desk.run("verify", "trade.hanse", "--offline").code == 0
    late = desk.run("verify", "trade.hanse", "--json", code=11).json
    assert late["verdict"] == "revoked"
    assert late["detail"].startswith("since the file was made")


def test_a_refusal_is_15_and_says_who_can_act(desk: Desk) -> None:
    """The rules' refusal names the rule, the field and what to do, on stderr and as one JSON document."""
    words = ("invoice", "accept", desk.ids["invoice"])
    assert "The invoice's buyer has not signed." in desk.run(*words, who="seller", code=15).err
    error = desk.run(*words, "--json", who="seller", code=15).json["error"]
    assert (error["code"], error["rule"], error["reason"], error["exit_code"]) == ("refused", "I-2", "not-buyer", 15)
    assert error["pointer"] == "/signers"


def test_what_is_not_there_is_13(desk: Desk) -> None:
    """An id that the ledger does not have is not found; one of another kind is a mistake of the asker's."""
    assert desk.run("invoice", "show", "00" * 32, "--json", code=13).json["error"]["code"] == "not-found"
    desk.run("invoice", "show", desk.ids["seller"], code=2)
    desk.run("invoice", "show", "abc", code=2)


def test_parties_are_shown_with_their_records(desk: Desk) -> None:
    """A party's state comes from a proof, its list of records is complete, and another home can adopt it."""
    shown = desk.run("party", "show", desk.ids["seller"], "--json").json
    assert (shown["kind"], shown["state"]) == ("party", "enrolled")
    assert shown["vouchers"] == "one operator vouches for this: market"
    records = desk.run("party", "records", desk.ids["seller"], "--json").json["records"]
    assert {"party.enrol", "invoice.issue"} <= {record["kind"] for record in records}
    assert len(desk.run("party", "records", desk.ids["seller"], "--most", "1").out.splitlines()) == 1
    adopted = desk.run("party", "adopt", desk.ids["seller"], "--identity", "seller.pem", "--home", "elsewhere").out
    assert desk.ids["seller"] in adopted
    desk.run("party", "adopt", desk.ids["buyer"], "--identity", "seller.pem", "--home", "elsewhere", code=2)


def test_keys_are_rotated_and_revoked(desk: Desk) -> None:
    """After a rotation the new key signs and the old one is refused; a revoked key signs nothing."""
    party = desk.enrol("agent", "buyer")
    desk.run("key", "new", "agent-2.pem")
    desk.run("key", "rotate", "agent-2.pem", who="agent")
    issued = ("invoice", "issue", "invoice.xml", "--buyer", party, "--again")
    invoice = desk.run(*issued, who="seller").out
    error = desk.run("invoice", "accept", invoice, "--json", who="agent", code=15).json["error"]
    assert error["reason"] == "signer-key-superseded"
    key = desk.run("key", "show", "agent-2.pem", "--json").json["public_key"]
    desk.run("invoice", "refuse", invoice, "--reason", "PRICE", "--identity", "agent-2.pem", who="agent")
    desk.run("key", "revoke", key, "--reason", "key-compromise", "--of", party, who="market")
    assert desk.run("party", "show", party, "--json").json["state"] == "key revoked"
    second = desk.run(*issued, who="seller").out
    error = desk.run("invoice", "accept", second, "--identity", "agent-2.pem", "--json", who="agent", code=15).json[
        "error"
    ]
    assert error["reason"] == "signer-key-revoked"


def test_goods_can_be_declared_line_by_line_and_refused(desk: Desk) -> None:
    """A declaration without a certificate names its lines; customs refuses it with codes."""
    words = ("--customs", "customs", "--regime", "import", "--invoice", desk.ids["invoice"])
    declaration = desk.run("declaration", "lodge", *words, "--line", "691110,CN,12.5,C62", who="buyer").out
    desk.run("declaration", "refuse", declaration, "--reason", "PAPERS", who="customs")
    refused = desk.run("declaration", "show", declaration, "--json").json
    assert refused["state"] == "refused"
    assert (refused["ending"]["reasons"], refused["ending"]["by"]) == (["PAPERS"], ["customs"])
    assert "PAPERS; declaration.refuse by customs" in desk.run("declaration", "show", declaration).out
    desk.run("declaration", "lodge", *words, who="buyer", code=2)
    desk.run("declaration", "lodge", *words, "--line", "69,CN,1,C62", who="buyer", code=2)
    second = desk.run("declaration", "lodge", *words, "--line", "691110,CN,12.5,C62", who="buyer").out
    desk.run("declaration", "withdraw", second, who="seller", code=15)
    desk.run("declaration", "withdraw", second, who="buyer")
    assert desk.run("declaration", "show", second, "--json").json["ending"]["reasons"] == []
    shown = desk.run("declaration", "show", second).out
    assert "no reason given; declaration.withdraw by the party with the key" in shown
    assert "quantity 12.5 C62" in shown
    assert "Struct" not in shown
    assert "(" not in shown


def test_a_part_of_an_invoice_can_be_paid(desk: Desk) -> None:
    """An amount in the invoice's currency is allocated, never more than is outstanding; then nobody can cancel."""
    invoice = desk.run("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", who="seller").out
    desk.run("payment", "instruct", "--invoice", f"{invoice}=0.001", *BANKS, who="buyer", code=2)
    refused = desk.run("payment", "instruct", "--invoice", f"{invoice}=5150.01", *BANKS, "--json", who="buyer", code=15)
    assert refused.json["error"]["reason"] == "overpaid"
    payment = desk.run("payment", "instruct", "--invoice", f"{invoice}=150.00", *BANKS, who="buyer").out
    assert desk.run("payment", "show", payment, "--json").json["aspects"]["amounts"]["amount_minor"] == 15_000
    desk.run("invoice", "cancel", invoice, who="seller", code=15)
    # A bank that does not carry it out says so, and the invoice is free again.
    desk.run("payment", "reject", payment, "--reason", "am4", who="bank-b", code=2)
    desk.run("payment", "reject", payment, "--reason", "AM04", who="bank-a", code=15)
    desk.run("payment", "reject", payment, "--reason", "AM04", who="bank-b")
    shown = desk.run("payment", "show", payment).out
    assert "150.00 EUR" in shown
    assert "rejected" in shown
    desk.run("invoice", "cancel", invoice, who="seller")


def test_the_node_tells_its_verified_head(desk: Desk) -> None:
    """Size, readiness and whose signatures were verified; a node of another ledger than the trusted is 12 or 10."""
    status = desk.run("node", "status", "--json").json
    assert (status["ledger"], status["verified_against"], status["ready"]) == (desk.ids["ledger"], "trust-file", True)
    assert status["vouchers"] == ["market"]
    assert status["size"] > 0
    both = desk.run("node", "status", "--node", f"http://127.0.0.1:9,{desk.url}", "--json").json
    assert (both["size"], both["ready"], both["reason"]) == (status["size"], True, "")
    assert [each["ready"] for each in both["nodes"]] == [False, True]
    assert "does not answer" in both["nodes"][0]["reason"]
    desk.run("node", "init", "--dir", "other", "--members", "members.toml")
    assert desk.run("node", "status", "--trust", "other/trust.json", code=12).out == ""


def test_members_vote_on_several_changes(desk: Desk) -> None:
    """Each proposes its own, all are shown, one is withdrawn, one refused; who proposes twice is told to withdraw."""
    one = desk.run("member", "propose", "--remove", "bank-b", who="market").out
    two = desk.run("member", "propose", "--suspend", "bank-a", who="bank-b").out
    again = desk.run("member", "propose", "--remove", "bank-a", "--json", who="market", code=15).json["error"]
    assert "withdraw that one first" in json.dumps(again).lower()
    shown = desk.run("member", "show").out
    assert f"{one} of market" in shown
    assert f"{two} of bank-b" in shown
    assert "1 of 5 members have approved; 4 are needed" in shown
    assert "What the vote is about, proposed by market" in desk.run("member", "vote", one, "--refuse", who="bank-b").err
    assert "not-proposer" in desk.run("member", "withdraw", one, who="bank-b", code=15).err
    assert "is not open" in desk.run("member", "withdraw", one, who="market").err
    for who in ("market", "chamber"):
        left = desk.run("member", "vote", two, "--refuse", "--json", who=who).json
    assert (left["proposals"], left["epoch"]) == ([], 0)


def test_a_ledger_is_never_replaced(desk: Desk) -> None:
    """A second `node init` in the folder is refused, and so is a second process on it."""
    before = (desk.folder / "node" / "genesis.msgpack").read_bytes()
    desk.run("node", "init", "--dir", "node", "--members", "members.toml", code=2)
    assert (desk.folder / "node" / "genesis.msgpack").read_bytes() == before
    assert "Another process" in desk.run("node", "run", "--dir", "node", "--port", "0", code=30).err


def test_the_log_is_audited_from_its_first_byte(desk: Desk, tmp_path: Path) -> None:
    """Everything agrees while the node runs; one changed byte of an entry is 10; what cannot be read is 20."""
    audited = desk.run("log", "verify", "--dir", "node", "--json").json
    assert (audited["agrees"], audited["ledger"]) == (True, desk.ids["ledger"])
    assert audited["records"] >= 3

    copy = tmp_path / "copy"
    shutil.copytree(desk.folder / "node", copy, ignore=shutil.ignore_patterns("node.lock"))
    source = driver.connect(desk.folder / "node" / "ledger.db")
    for left in copy.glob("ledger.db*"):
        left.unlink()
    target = driver.connect(copy / "ledger.db")
    source.backup(target)
    source.close()
    data = bytearray(target.execute("SELECT data FROM entry WHERE position = 1").fetchone()[0])
    data[-1] ^= 1
    with target:
        target.execute("UPDATE entry SET data = ? WHERE position = 1", (bytes(data),))
    target.close()
    error = desk.run("log", "verify", "--dir", str(copy), "--json", code=10).json["error"]
    assert error["code"] == "audit-failed"
    assert "entry 1" in error["message"]
    (copy / "ledger.db").write_bytes(b"no database at all, and far too short a header" * 100)
    desk.run("log", "verify", "--dir", str(copy), code=10)
    for left in copy.glob("ledger.db*"):
        left.unlink()
    desk.run("log", "verify", "--dir", str(copy), code=20)
    desk.run("log", "verify", "--dir", str(tmp_path / "none"), code=2)
    # Under the trust file of another ledger the same folder proves nothing.
    desk.run("node", "init", "--dir", str(tmp_path / "another"), "--members", "members.toml")
    desk.run("log", "verify", "--dir", "node", "--trust", str(tmp_path / "another" / "trust.json"), code=12)


@pytest.mark.parametrize("work", ["append", "verify", "read"])
def test_the_benchmarks_print_their_figures(desk: Desk, work: str) -> None:
    """Each prints the machine, the settings, the rate, three latencies and PyNaCl's own rate."""
    objects = ("--objects", "60") if work == "append" else ()
    words = ("--records", "25", "--batch", "10", "--callers", "2", "--json", *objects)
    measured = desk.run("bench", work, *words).json
    expected: dict[str, object] = {
        "records": 25,
        "batch": 10,
        "callers": 2,
        "objects": 60 if objects else 0,
        "every": 0,
    }
    expected |= {"consortium": 1, "database": "sqlite:///ledger.db"}
    assert measured["settings"] == expected
    assert measured["machine"]["cores"] == os.cpu_count()
    assert 0 < measured["p50_ms"] <= measured["p95_ms"] <= measured["p99_ms"]
    assert measured["records_per_second"] > 0
    rate = measured["pynacl_verify_per_second"]
    assert measured["p50_verifications"] == pytest.approx(measured["p50_ms"] * rate / 1_000, abs=0.2)
    assert measured["machine"]["python_build"]
