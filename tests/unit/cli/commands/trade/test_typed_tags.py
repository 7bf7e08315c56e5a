"""Tags, typed: a member with the key makes them of the file and of identities that are compared with the enrolments."""

import json
from pathlib import Path

import pytest

from hanse_client.home.identity import Identity
from tests.world.typed.desk import Desk

pytestmark = pytest.mark.slow


def enrolled(desk: Desk, name: str, role: str, number: str) -> str:
    """Enrol a party with a number of its legal identity; give its id."""
    Identity.generate(name).save(desk.folder / f"{name}.pem", None)
    words = ("--member", "market", "--role", role, "--term", f"name={name}", "--term", number, "-o", f"{name}.request")
    desk.run("party", "request", *words, who=name)
    party = desk.run("party", "enrol", f"{name}.request", "--yes", who="market").out
    desk.run("party", "show", party, "--opening", f"{name}.identity", who=name)
    return party


def test_the_node_makes_the_tag_and_the_bank_makes_it_again(desk: Desk) -> None:
    """The seller's node makes it where it has the key; the bank names the papers, and signs nothing of another file."""
    enrolled(desk, "oven", "seller", "eori=CN1234567890")
    buyer = enrolled(desk, "dock", "buyer", "eori=BE9876543210")
    issue = ("invoice", "issue", "invoice.xml", "--buyer", buyer, "--buyer-identity", "dock.identity", "--again")
    untagged = desk.run(*issue, who="oven")
    assert "members' key of an epoch" in untagged.err
    assert desk.run("invoice", "show", untagged.out, "--json").json["aspects"]["links"]["tags"] == []

    desk.run("tag", "new-key", "1", "-o", "node.key")
    desk.run("tag", "keep", "node.key", "--dir", "node")
    assert (desk.folder / "node" / "tags" / "1.key").stat().st_mode & 0o077 == 0
    assert "is there already" in desk.run("tag", "keep", "node.key", "--dir", "node", code=2).err
    invoice = desk.run(*issue, who="oven").out
    assert len(desk.run("invoice", "show", invoice, "--json").json["aspects"]["links"]["tags"]) == 1
    twin = desk.run(*issue, "--refusal", "twin.refusal", "--json", who="oven", code=15).json["error"]
    assert (twin["reason"], twin["seen"]) == ("tag-taken", invoice)
    assert "tag-taken" in desk.run("verify", "twin.refusal", "--offline").out
    assert "not the buyer's" in desk.run(*issue[:-2], "oven.identity", "--again", who="oven", code=2).err

    papers = ("--seller", "oven.identity", "--buyer", "dock.identity")
    asked = desk.run("tag", "make", "invoice.xml", *papers, who="oven").out
    assert asked == desk.run("tag", "make", "invoice.xml", *papers, "--key", "node.key").out
    assert "not-tagged-here" in desk.run("tag", "make", "invoice.xml", *papers, who="bank-a", code=15).err
    desk.run("invoice", "accept", invoice, "--yes", who="dock")

    text = (desk.folder / "invoice.xml").read_text()
    Path(desk.folder / "other.xml").write_text(text.replace("QW-2026-0917", "QW-2026-0918"))
    request = ("pledge", "request", invoice, "-o", "oven.json", *papers, "--key", "node.key", "--papers")
    assert "Lend nothing" in desk.run(*request, "other.xml", who="bank-a", code=2).err
    assert "A pledge names tags" in desk.run(*request[:5], who="bank-a", code=2).err
    assert "together" in desk.run(*request[:5], "--papers", "invoice.xml", who="bank-a", code=2).err
    desk.run("pledge", "request", invoice, "--tag", asked, "--bank", "bank-a", "-o", "by-oven.json", who="oven")
    create = ("pledge", "create", "by-oven.json", "--yes", *papers, "--key", "node.key", "--papers")
    assert "Lend nothing" in desk.run(*create, "other.xml", who="bank-a", code=2).err
    pledge = desk.run(*create, "invoice.xml", who="bank-a").out
    assert desk.run("invoice", "show", invoice, "--json").json["aspects"]["pledge"] == {"pledged_by": pledge}


def test_the_bank_makes_the_tag_again(desk: Desk) -> None:
    """The marketplace makes it for the seller; the bank makes the same; who shows another identity is told."""
    enrolled(desk, "kiln", "seller", "lei=529900T8BM49AURSDO55")
    buyer = enrolled(desk, "port", "buyer", "vat=BE0403019261")
    desk.run("tag", "new-key", "1", "-o", "tag.key")
    assert (desk.folder / "tag.key").stat().st_mode & 0o077 == 0
    words = ("tag", "make", "invoice.xml", "--key", "tag.key", "--seller", "kiln.identity", "--buyer", "port.identity")
    tag = desk.run(*words).out
    assert tag.startswith("1:")
    assert desk.run(*words, "--json").json == {"tags": [tag]}
    invoice = desk.run("invoice", "issue", "invoice.xml", "--buyer", buyer, who="kiln").out
    desk.run("invoice", "retag", invoice, "--tag", tag, who="kiln")
    desk.run("invoice", "accept", invoice, "--yes", who="port")
    pledge = desk.run("pledge", "request", invoice, "--tag", desk.run(*words).out, "-o", "lent.json", who="bank-a").out
    assert desk.run("pledge", "create", "lent.json", "--yes", who="kiln").out == pledge

    shown = json.loads((desk.folder / "port.identity").read_text())
    shown["terms"]["vat"] = "BE0000000097"
    (desk.folder / "forged.identity").write_text(json.dumps(shown))
    assert "its identity is another" in desk.run(*words[:-1], "forged.identity", code=2).err
    (desk.folder / "tag.key").chmod(0o644)
    assert "chmod 600" in desk.run(*words, code=2).err


def voted(desk: Desk, proposal: str) -> None:
    """Have three more members vote for what the first has proposed."""
    for who in ("chamber", "customs", "bank-b"):
        desk.run("member", "vote", proposal, "--approve", who=who)


PAPERS = ("--seller", "loom.identity", "--buyer", "quay.identity")


def lent_on(desk: Desk) -> tuple[str, str, tuple[str, ...]]:
    """Pledge an invoice under the first key; give it, its pledge, and the words that issue it once more."""
    enrolled(desk, "loom", "seller", "eori=CN2234567890")
    quay = enrolled(desk, "quay", "buyer", "eori=BE8876543210")
    if not (desk.folder / "node" / "tags" / "1.key").exists():
        desk.run("tag", "new-key", "1", "-o", "first.key")
        desk.run("tag", "keep", "first.key", "--dir", "node")
    issue = ("invoice", "issue", "invoice.xml", "--buyer", quay, "--buyer-identity", "quay.identity", "--again")
    invoice = desk.run(*issue, who="loom").out
    desk.run("invoice", "accept", invoice, "--yes", who="quay")
    tag = desk.run("tag", "make", "invoice.xml", *PAPERS, who="loom").out
    desk.run("pledge", "request", invoice, "--tag", tag, "-o", "loom.json", who="bank-b")
    return invoice, desk.run("pledge", "create", "loom.json", "--yes", who="loom").out, issue


def carry_over(desk: Desk, invoice: str, pledge: str, made: list[str]) -> None:
    """Give what is pledged the tags of both epochs: not by the seller alone, but with the bank."""
    both = ("--tag", made[0], "--tag", made[1])
    alone = desk.run("invoice", "retag", invoice, *both, "--json", who="loom", code=15).json["error"]
    assert (alone["reason"], alone["seen"]) == ("invoice-pledged", pledge)
    keys = ("--papers", "invoice.xml", *PAPERS, "--key", "node/tags/1.key", "--key", "bank.key")
    desk.run("pledge", "request-retag", pledge, *keys, "-o", "carry.json", who="bank-b")
    assert desk.run("pledge", "retag", "carry.json", "--yes", who="loom").out == invoice
    assert len(desk.run("invoice", "show", invoice, "--json").json["aspects"]["links"]["tags"]) == 2


def refuses_a_key_of_its_own(desk: Desk, made: list[str]) -> None:
    """A node whose key is not the members' makes no tags, and takes the one that is sealed to it when that is gone."""
    key = desk.folder / "node" / "tags" / "2.key"
    key.unlink()
    desk.run("tag", "new-key", "2", "-o", "false.key")
    desk.run("tag", "keep", "false.key", "--dir", "node")
    refused = desk.run("tag", "make", "invoice.xml", *PAPERS, who="loom", code=15).err
    assert "not the one for which the members have voted" in refused
    key.unlink()
    assert desk.run("tag", "make", "invoice.xml", *PAPERS, who="loom").out.split() == made


def test_the_members_vote_for_the_keys(desk: Desk) -> None:
    """An epoch begins with its key sealed to each; what is pledged is carried over; who leaves knows no key that comes.

    Under either epoch a twin of what is pledged is refused.
    """
    invoice, pledge, issue = lent_on(desk)
    desk.run("office", "open", who="bank-a")
    begun = desk.run("tag", "begin", who="market")
    assert "sealed to bank-a, market; commitment" in begun.err
    assert "Each of these keys opens" in desk.run("tag", "check", begun.out, who="bank-a").err
    desk.run("tag", "check", begun.out, "--dir", "node", who="market")
    assert "not sealed to bank-b" in desk.run("tag", "check", begun.out, who="bank-b", code=2).err
    assert "sealed to another key" in desk.run("tag", "check", begun.out, who="market", code=2).err
    voted(desk, begun.out)
    assert "the members hand it on themselves" in desk.run("tag", "show").out
    desk.run("tag", "open", "2", "-o", "bank.key", who="bank-a")
    assert (desk.folder / "bank.key").stat().st_mode & 0o077 == 0

    voted(desk, desk.run("tag", "share", "1", "--dir", "node", who="market").out)
    assert [key["epoch"] for key in desk.run("tag", "show", "--json").json["tag_keys"]] == [1, 2]
    assert "is the key of epoch 2" in desk.run("tag", "share", "1", "--key", "bank.key", who="market", code=2).err
    desk.run("tag", "new-key", "1", "-o", "other.key")
    assert "not the one" in desk.run("tag", "share", "1", "--key", "other.key", who="market", code=2).err
    made = desk.run("tag", "make", "invoice.xml", *PAPERS, who="loom").out.split()
    assert [tag[:2] for tag in made] == ["1:", "2:"]
    assert desk.run("tag", "make", "invoice.xml", *PAPERS, "--key", "bank.key").out == made[1]
    twin = desk.run(*issue, "--json", who="loom", code=15).json["error"]
    assert (twin["reason"], twin["seen"]) == ("tag-taken", invoice)
    carry_over(desk, invoice, pledge, made)
    refuses_a_key_of_its_own(desk, made)

    gone = desk.run("member", "propose", "--remove", "bank-a", who="market")
    assert "tag epochs 2, 3" in gone.err
    voted(desk, gone.out)
    shown = desk.run("tag", "show", "--json").json
    assert shown["tag_epochs"] == [2, 3]
    assert [[box["member"] for box in key["sealed"]] for key in shown["tag_keys"]] == [["market"], ["market"]]
    # The first epoch went with the removal; under the second one the twin is refused still.
    assert desk.run(*issue, "--json", who="loom", code=15).json["error"]["reason"] == "tag-taken"
    assert "the only one" in desk.run("tag", "drop", "1", who="market", code=2).err
    assert "tag epochs 3" in desk.run("tag", "drop", "2", who="market").err
    assert (desk.folder / "node" / "tags" / "1.key").exists(), "what an epoch made can be made again"
