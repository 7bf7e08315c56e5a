"""Parties and their keys typed against a real node: requests, enrolments, moves, rotations."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from hanse_client.base.clock import now_ms
from hanse_client.home.drafts import draft
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.certificate.bodies import CertificateRevocation, RevokeCertificate
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


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
    error = desk.run("invoice", "accept", invoice, "--yes", "--json", who="agent", code=15).json["error"]
    assert error["reason"] == "signer-key-superseded"
    key = desk.run("key", "show", "agent-2.pem", "--json").json["public_key"]
    desk.run("invoice", "refuse", invoice, "--reason", "PRICE", "--identity", "agent-2.pem", who="agent")
    desk.run("key", "revoke", key, "--reason", "key-compromise", "--of", party, who="market")
    assert desk.run("party", "show", party, "--json").json["state"] == "key revoked"
    second = desk.run(*issued, who="seller").out
    error = desk.run(
        "invoice", "accept", second, "--yes", "--identity", "agent-2.pem", "--json", who="agent", code=15
    ).json["error"]
    assert error["reason"] == "signer-key-revoked"


def test_a_lost_key_is_repaired_and_the_old_one_contests(desk: Desk) -> None:
    """Two members sign, by a file that is handed on; the new key waits a week; the old one signs and may end it."""
    Identity.generate("loser").save(desk.folder / "loser.pem", None)
    words = ("party", "request", "--member", "market", "--repair", "chamber", "--role", "buyer", "--term", "name=Loser")
    party = desk.run(*words, "-o", "loser.request", who="loser").out
    shown = desk.run("party", "enrol", "loser.request", "--yes", who="market")
    assert "chamber" in shown.err
    desk.run("key", "new", "found.pem")
    key = desk.run("key", "show", "found.pem", "--json").json["public_key"]
    never = desk.enrol("never", "buyer")
    refused = desk.run("key", "request-repair", never, "--key", key, "-o", "never.request", who="market", code=2)
    assert "has agreed to no repair" in refused.err
    desk.run("key", "request-repair", party, "--key", key, "-o", "repair.request", who="market")
    assert "Nothing was signed." in desk.run("key", "repair", "loser.request", "--yes", who="chamber", code=2).err
    repaired = desk.run("key", "repair", "repair.request", "--yes", who="chamber")
    assert repaired.out == party
    assert key in repaired.err
    shown = desk.run("party", "show", party)
    assert "key said to be lost" in shown.out
    assert key in shown.out
    early = desk.run("key", "take", party, "--identity", "found.pem", "--json", who="loser", code=15).json["error"]
    assert early["reason"] == "repair-too-early"
    assert desk.run("key", "contest", who="loser").out == party
    assert desk.run("party", "show", party, "--json").json["state"] == "enrolled"
    assert "no-repair-open" in desk.run("key", "contest", who="loser", code=15).err


def test_a_member_signs_enrolments_alone_as_enrolments(desk: Desk) -> None:
    """`party enrol` shows what it signs, is harmless twice, and refuses a request that is another kind of record."""
    again = desk.run("party", "enrol", "seller.request", "--yes", who="market")
    assert again.out == desk.ids["seller"]
    assert "roles.1" in again.err
    assert "vouches for this identity" in again.err
    assert "seller" in again.err
    unasked = desk.run("party", "enrol", "seller.request", who="market", code=2)
    assert "no terminal to ask" in unasked.err
    assert "stood already" in again.err
    assert "party.enrol" in desk.run("inspect", "seller.request").out

    market = Identity.load(desk.folder / "node" / "keys" / "members" / "market.pem", None)
    trick = RevokeCertificate(certificate=bytes(32), reason=CertificateRevocation.ERROR)
    prepared = draft(trick, bytes.fromhex(desk.ids["ledger"]), (market.public_key,), now_ms())
    (desk.folder / "trick.request").write_bytes(prepared.to_json())
    assert "Nothing was signed." in desk.run("party", "enrol", "trick.request", who="market", code=2).err
    (desk.folder / "empty.request").write_bytes(b"{}")
    desk.run("party", "enrol", "empty.request", who="market", code=2)


def test_a_second_request_leaves_the_first_alone(desk: Desk) -> None:
    """Until one is granted both wait, each a week; whichever is granted, its key signs as that party; then no third."""
    Identity.generate("twice").save(desk.folder / "twice.pem", None)
    words = ("party", "request", "--member", "market", "--role", "seller", "--role", "buyer", "--term", "name=Twice")
    first = desk.run(*words, "-o", "first.request", "--json", who="twice").json
    left = datetime.fromisoformat(first["expires"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left < timedelta(days=7)
    kept = (desk.folder / "first.request").read_bytes()
    desk.run(*words, "-o", "first.request", who="twice", code=2)
    second = desk.run(*words, "-o", "second.request", who="twice").out
    assert second != first["party"]
    assert (desk.folder / "first.request").read_bytes() == kept
    issue = ("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again")
    assert "None of the 2 requests" in desk.run(*issue, who="twice", code=2).err
    assert desk.run("party", "enrol", "second.request", "--yes", who="market").out == second
    invoice = desk.run(*issue, who="twice").out
    assert desk.run("invoice", "show", invoice, "--json").json["aspects"]["links"]["seller"] == second
    # The first would be refused: the key is the second's.
    desk.run("party", "enrol", "first.request", "--yes", who="market", code=15)
    assert "is that of party" in desk.run(*words, "-o", "third.request", who="twice", code=2).err
    assert not (desk.folder / "third.request").exists()


def test_a_party_is_suspended_and_reinstated(desk: Desk) -> None:
    """Its member suspends it, with reasons; nothing can be issued to it until the member ends that."""
    party = desk.enrol("held", "buyer")
    desk.run("party", "suspend", party, who="market", code=2)
    assert desk.run("party", "suspend", party, "--reason", "FRAUD-CHECK", who="market").out == party
    assert desk.run("party", "show", party, "--json").json["aspects"]["status"]["suspended"] is True
    assert "suspended" in desk.run("party", "show", party).out
    issue = ("invoice", "issue", "invoice.xml", "--buyer", party, "--again")
    assert "party-suspended" in desk.run(*issue, who="seller", code=15).err
    assert "not-member-of-party" in desk.run("party", "reinstate", party, who="seller", code=15).err
    assert desk.run("party", "reinstate", party, who="market").out == party
    assert desk.run("party", "show", party, "--json").json["aspects"]["status"]["suspended"] is False


def test_a_member_attests_that_somebody_looked(desk: Desk) -> None:
    """It sees for whom it vouches, and agrees; what was seen is shown term by term; another member attests nothing."""
    party = desk.enrol("seen", "buyer")
    assert "Nobody has attested who party" in desk.run("party", "attestations", party).err
    words = ("party", "attest", party, "--examiner", "Desk 4", "--term", "name", "--day", "2026-09-14")
    (desk.folder / "extract.pdf").write_bytes(b"%PDF extract")
    register = ("--register", "HRB 4711", "--register-name", "Hamburg", "--register-dated", "2026-09-13")
    shown = ("--shown", "seen.request")
    looked = ("--document", "articles", *register, "--register-extract", "extract.pdf")
    assert "is not known in this home folder" in desk.run(*words, *looked, who="market", code=2).err
    unasked = desk.run(*words, *looked, *shown, who="market", code=2).err
    assert "no terminal to ask" in unasked
    assert all(text in unasked for text in ("name", "seen", "Desk 4", "2026-09-14", "HRB 4711", "articles")), unasked
    assert desk.run("party", "attestations", party, "--json").json == {"attestations": []}
    given = desk.run(*words, *looked, *shown, "--yes", who="market")
    assert given.out == party
    assert "not-member-of-party" in desk.run(*words, *looked, *shown, "--yes", who="chamber", code=15).err
    assert "is no day" in desk.run(*words[:-1], "last week", *looked, "--yes", who="market", code=2).err
    assert "why nothing was" in desk.run(*words, "--yes", who="market", code=2).err
    assert "mistyped" in desk.run(*words, "--lei", "000000QINGWANKILN188", "--yes", who="market", code=2).err
    (listed,) = desk.run("party", "attestations", party, "--json", who="market").json["attestations"]
    assert listed["terms"]["register"] == "HRB 4711"
    assert "register number HRB 4711" in desk.run("party", "attestations", party, who="market").out
    assert "what was looked at is not known here" in desk.run("party", "attestations", party).out
    typed = given.err.split("hanse ")[-1].split()
    desk.run(*typed, "-o", "attested.hanse", who="market")
    told = desk.run("verify", "attested.hanse").out
    digest = hashlib.sha256(b"%PDF extract").hexdigest()
    assert all(text in told for text in ("said to be", "Desk 4", "2026-09-14", "articles", "HRB 4711", digest)), told
    german = desk.run("--lang", "de", "verify", "attested.hanse").out
    assert "gezeigt ist davon, wer was geprüft hat" in german
    desk.run("proof", party, "--disclose", f"{listed['record_id']}:examined", "-o", "day.hanse", who="market")
    said = desk.run("verify", "day.hanse", "--json").json["established"]
    assert any("somebody whom the proof does not name" in text for text in said)
    assert not any("Desk 4" in text or "HRB" in text for text in said)


def test_a_party_moves_by_a_file_that_is_handed_on(desk: Desk) -> None:
    """The party asks, its new member signs, its present one signs and sends; another kind of record is not signed."""
    party = desk.enrol("mover", "seller")
    asked = desk.run("party", "request-move", "--member", "bank-a", "-o", "move.request", who="mover")
    assert asked.out == party
    assert "Hand move.request to bank-a, then to its present member" in asked.err
    desk.run("party", "move", "move.request", who="chamber", code=2)
    waiting = desk.run("party", "move", "move.request", "--yes", "--json", who="bank-a")
    assert len(waiting.json["missing"]) == 1
    assert desk.run("party", "move", "move.request", "--yes", who="market").out == party
    assert desk.run("party", "show", party, "--json").json["aspects"]["links"]["member"] == "bank-a"
    assert "Nothing was signed." in desk.run("party", "move", "mover.request", who="market", code=2).err
