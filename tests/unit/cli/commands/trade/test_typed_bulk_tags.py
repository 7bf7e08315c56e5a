"""Many invoices with tags: made where the buyer's identity is there, told by row where not, asked for once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from hanse_client.resources.issuing import manytags
from tests.unit.cli.commands.trade.test_typed_tags import enrolled
from tests.world.typed.desk import Desk
from tests.world.typed.orders import row, sheet_of

pytestmark = pytest.mark.slow


def issue(desk: Desk, sheet: str, *more: str, who: str = "mill", code: int = 0) -> Any:
    """Issue a sheet with the identities of a folder; give the report's invoices."""
    words = ("invoice", "issue", "--bulk", sheet, "--buyer-identities", "shown", "--json", *more)
    return desk.run(*words, who=who, code=code).json["invoices"]


def tags_of(desk: Desk, invoice: str) -> list[Any]:
    """List the tags that an invoice bears."""
    tags: list[Any] = desk.run("invoice", "show", invoice, "--json").json["aspects"]["links"]["tags"]
    return tags


def test_each_row_is_tagged_or_says_that_it_is_not(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, then a key; a buyer who has shown nothing; a rerun asks for nothing; who lost the home folder is told."""
    mill = enrolled(desk, "mill", "seller", "eori=CN3234567890")
    quay = enrolled(desk, "berth", "buyer", "eori=BE7876543210")
    shy = enrolled(desk, "shy", "buyer", "eori=BE6876543210")
    shown = desk.folder / "shown"
    shown.mkdir()
    shutil.copy(desk.folder / "berth.identity", shown)
    key = desk.folder / "node" / "tags" / "1.key"
    if not key.exists():
        (desk.folder / "none.csv").write_text(sheet_of([row("T-0", Buyer_party=quay), row("T-00", Buyer_party=quay)]))
        bare = issue(desk, "none.csv")
        assert [each["outcome"] for each in bare] == ["created", "created"]
        for each in bare:
            assert tags_of(desk, each["invoice"]) == []
            assert each["details"][0].startswith("untagged: ")
            assert "members' key of an epoch" in each["details"][0]
        desk.run("tag", "new-key", "1", "-o", "many.key")
        desk.run("tag", "keep", "many.key", "--dir", "node")

    rows = [row("T-1", Buyer_party=quay), row("T-2", Buyer_party=shy), row("T-3", Buyer_party=quay)]
    (desk.folder / "tagged.csv").write_text(sheet_of(rows))
    first = issue(desk, "tagged.csv")
    assert [len(tags_of(desk, each["invoice"])) for each in first] == [1, 0, 1]
    assert [each["details"] for each in first] == [
        [],
        [
            f"untagged: It bears no tags: no identity of its buyer, {shy}, is given. "
            "Get it from the buyer: hanse party show ID --opening FILE."
        ],
        [],
    ]

    async def asked(*_: object) -> None:
        raise AssertionError("a rerun asks for nothing")

    with monkeypatch.context() as patch:
        patch.setattr(manytags, "ask_tags", asked)
        again = issue(desk, "tagged.csv")
    assert [each["outcome"] for each in again] == ["exists"] * 3
    assert [each["invoice"] for each in again] == [each["invoice"] for each in first]

    # Another home folder knows of nothing: the tags do, where there are any.
    home = desk.folder / "homes" / "mill"
    kept = {path: path.read_bytes() for path in (home / "registered").rglob("*") if path.is_file()}
    assert kept
    shutil.rmtree(home / "registered")
    lost = issue(desk, "tagged.csv", "--again", code=15)
    assert [each["outcome"] for each in lost] == ["refused", "created", "refused"]
    assert "tag" in lost[0]["details"][0]
    _issues_for_its_principal(desk, mill, quay)


def _issues_for_its_principal(desk: Desk, mill: str, quay: str) -> None:
    """The marketplace signs under a mandate: the seller's identity lies among the buyers', or the row is told."""
    grant = ("mandate", "grant", "--kind", "invoice.issue", "--to-member", "market", "--currency", "EUR")
    mandate = desk.run(*grant, "--each", "100.00", "--total", "9000.00", who="mill").out
    (desk.folder / "for.csv").write_text(sheet_of([row("T-7", Buyer_party=quay)]))
    (without,) = issue(desk, "for.csv", "--under", mandate, who="market", code=2)
    assert without["outcome"] == "faulty"
    shutil.copy(desk.folder / "mill.identity", desk.folder / "shown")
    (made,) = issue(desk, "for.csv", "--under", mandate, who="market")
    assert (made["outcome"], made["details"]) == ("created", [])
    assert len(tags_of(desk, made["invoice"])) == 1
    assert desk.run("invoice", "show", made["invoice"], "--json").json["aspects"]["links"]["seller"] == mill


def test_wrong_identities_are_told_before_anything_is_sent(desk: Desk, tmp_path: Path) -> None:
    """A file that shows none, an empty folder, two of one party, and where one invoice is issued."""
    enrolled(desk, "pier", "buyer", "eori=BE5876543210")
    (desk.folder / "w.csv").write_text(sheet_of([row("T-9")]))
    words = ("invoice", "issue", "--bulk", "w.csv", "--buyer", desk.ids["buyer"], "--buyer-identities")
    assert "holds 0 identities" in desk.run(*words, str(tmp_path), who="seller", code=2).err
    (tmp_path / "a").write_text("{}")
    assert f"{tmp_path / 'a'}: The file shows no identity" in desk.run(*words, str(tmp_path), who="seller", code=2).err
    good = json.loads((desk.folder / "pier.identity").read_text())
    (tmp_path / "a").write_text(json.dumps(good))
    good["terms"]["name"] = "Somebody else"
    (tmp_path / "b").write_text(json.dumps(good))
    assert "Two identities are given" in desk.run(*words, str(tmp_path), who="seller", code=2).err
    one = ("invoice", "issue", "invoice.xml", "--buyer", desk.ids["buyer"], "--buyer-identities", str(tmp_path))
    assert "is for --bulk" in desk.run(*one, who="seller", code=2).err
