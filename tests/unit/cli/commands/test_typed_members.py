"""Members change themselves at the command line."""

import json

import pytest

from hanse_client.home.identity import Identity
from hanse_ledger.proofs.trustfile import read_trust
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


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


def test_a_change_is_shown_before_it_is_proposed(desk: Desk) -> None:
    """Roles, keys, the quorum and tag epochs in one change, read back from the record; then taken back."""
    keys = ",".join(Identity.generate(name).public_key.hex() for name in ("first", "second"))
    words = ("--roles", "chamber=origin-issuer,auditor", "--key", f"customs={keys}", "--tag-epoch", "1")
    proposed = desk.run("member", "propose", *words, "--tag-epoch", "2", "--set-quorum", "1", who="chamber")
    assert "auditor, origin-issuer" in proposed.err
    assert keys.partition(",")[0] in proposed.err
    assert "quorum 1, tag epochs 1, 2" in proposed.err
    shown = desk.run("member", "show").out
    assert f"{proposed.out} of chamber" in shown
    assert "tag epochs 1, 2" in shown
    document = desk.run("member", "show", "-o", "newest.json", "--json").json
    assert [each["proposer"] for each in document["proposals"]] == ["chamber"]
    assert read_trust((desk.folder / "newest.json").read_bytes()).ledger.hex() == desk.ids["ledger"]
    desk.run("member", "show", "-o", "newest.json", code=2)
    assert "The proposal is not open" in desk.run("member", "withdraw", proposed.out, who="chamber").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Nothing is proposed"),
        (("--remove", "bank-a", "--suspend", "nobody"), "There is no member nobody"),
        (("--roles", "bank-a"), "names no member and value"),
        (("--roles", "bank-a=king"), "is no role"),
        (("--key", "bank-a=01" + "ab" * 32), "every member has two"),
        (("--admit", "invoice.xml"), "is no part"),
        (("--suspend", "bank-a", "--closes", "soon"), "soon"),
    ],
)
def test_a_change_that_cannot_be_is_not_proposed(desk: Desk, words: tuple[str, ...], said: str) -> None:
    """Nothing, nobody, no role, one key, no part, no moment: refused with the form, before anything is signed."""
    assert said in desk.run("member", "propose", *words, who="bank-b", code=2).err
    assert "of bank-b" not in desk.run("member", "show").out


def test_evidence_must_prove_what_it_says(desk: Desk) -> None:
    """A file that is no evidence is not put on the record; a vote on nothing is refused by the ledger."""
    desk.run("member", "report", "invoice.xml", who="market", code=2)
    assert "hanse_" not in desk.run("member", "vote", "00" * 32, "--approve", who="market", code=15).err
    assert "no member" in desk.run("member", "vote", "00" * 32, "--approve", who="seller", code=2).err
