"""Who trusts whom at the command line: requests and enrolments, first contacts, ledgers of others."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from hanse_client.base.clock import now_ms
from hanse_client.home.drafts import draft
from hanse_client.home.identity import Identity
from hanse_ledger.kinds.certificate.bodies import CertificateRevocation, RevokeCertificate
from tests.system.stage.desk import Desk, open_desk

pytestmark = [pytest.mark.system, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


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

    market = Identity.load(desk.folder / "node" / "keys" / "members" / "market.pem", b"correct horse")
    trick = RevokeCertificate(certificate=bytes(32), reason=CertificateRevocation.ERROR)
    prepared = draft(trick, bytes.fromhex(desk.ids["ledger"]), (market.public_key,), now_ms())
    (desk.folder / "trick.request").write_bytes(prepared.to_json())
    assert "Nothing was signed." in desk.run("party", "enrol", "trick.request", who="market", code=2).err
    (desk.folder / "empty.request").write_bytes(b"{}")
    desk.run("party", "enrol", "empty.request", who="market", code=2)


def test_a_second_request_leaves_the_first_alone(desk: Desk) -> None:
    """Until one is granted both wait, each a week; whichever is granted, its key signs as that party; then no third."""
    desk.run("key", "new", "twice.pem")
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


def test_the_first_contact_says_what_it_pins(desk: Desk) -> None:
    """Without a trust file the ledger's fingerprint is printed once, and stands in JSON; then it is known."""
    ledger = desk.ids["ledger"]
    groups = " ".join(ledger[at : at + 4] for at in range(0, 64, 4))
    words = ("node", "status", "--home", "new", "--json")
    first = desk.run(*words, trusting=False)
    assert first.json["first_contact"] == {"ledger": ledger, "fingerprint": groups}
    assert groups in first.err
    again = desk.run(*words, trusting=False)
    assert "first_contact" not in again.json
    assert groups not in again.err


def test_a_wrong_trust_file_has_one_exit_code(desk: Desk) -> None:
    """Whatever is asked of a node of another ledger: 12, and both ledgers are named. A file that is none is 2."""
    desk.run("node", "init", "--dir", "foreign", "--members", "members.toml")
    other = json.loads((desk.folder / "foreign" / "trust.json").read_bytes())["ledger"]
    foreign = base64.b64decode(other).hex()
    invoice = desk.run("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--again", who="seller").out
    desk.run("proof", invoice, "-o", "wrong.hanse", who="seller")
    asked: tuple[tuple[str, ...], ...] = (
        ("node", "status"),
        ("invoice", "show", invoice),
        ("invoice", "show", "ab" * 32),
        ("party", "records", desk.ids["seller"]),
        ("proof", invoice, "-o", "other.hanse"),
        ("member", "show"),
        ("invoice", "cancel", invoice),
        ("log", "verify", "--dir", "node"),
    )
    for words in asked:
        ended = desk.run(*words, "--trust", "foreign/trust.json", who="" if words[0] == "log" else "seller", code=12)
        assert desk.ids["ledger"] in ended.err, words
        assert foreign in ended.err, words
        for wrong in ("wrong.hanse", "members.toml", "no-such-file"):
            desk.run(*words, "--trust", wrong, who="" if words[0] == "log" else "seller", code=2)
    for online in (True, False):
        words = ("verify", "wrong.hanse", "--trust", "foreign/trust.json", *(() if online else ("--offline",)))
        assert foreign[:16] in desk.run(*words, code=12).out


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
