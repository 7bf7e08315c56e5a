"""Whom a command trusts: the node's verified head, first contacts, ledgers of others."""

import pytest

from tests.world.typed.desk import Desk, foreign_trust

pytestmark = pytest.mark.slow


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
    foreign_trust(desk.folder)
    assert desk.run("node", "status", "--trust", "foreign.json", code=12).out == ""


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
    foreign = foreign_trust(desk.folder)
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
        ended = desk.run(*words, "--trust", "foreign.json", who="" if words[0] == "log" else "seller", code=12)
        assert desk.ids["ledger"] in ended.err, words
        assert foreign in ended.err, words
        for wrong in ("wrong.hanse", "members.toml", "no-such-file"):
            desk.run(*words, "--trust", wrong, who="" if words[0] == "log" else "seller", code=2)
    for online in (True, False):
        words = ("verify", "wrong.hanse", "--trust", "foreign.json", *(() if online else ("--offline",)))
        assert foreign[:16] in desk.run(*words, code=12).out


def test_the_verifier_page_is_written_with_the_trust_file_that_is_named(stand: Desk) -> None:
    """Never over a file unless by force; without a trust file it says what to choose; what is none bakes nothing in."""
    ledger = foreign_trust(stand.folder)
    assert "trust.json" in stand.run("page", "-o", "verify.html").err
    bare = (stand.folder / "verify.html").read_bytes()
    assert "verify.html" in stand.run("page", "-o", "verify.html", code=2).err
    baked = stand.run("page", "-o", "verify.html", "--force", "--trust", "foreign.json", "--json")
    assert (baked.json["ledger"], baked.json["page"]) == (ledger, "verify.html")
    assert "checks proofs of another corridor" in baked.err
    assert len((stand.folder / "verify.html").read_bytes()) == baked.json["bytes"] > len(bare)
    stand.run("page", "-o", "other.html", "--trust", "members.toml", code=2)
    assert not (stand.folder / "other.html").exists()
