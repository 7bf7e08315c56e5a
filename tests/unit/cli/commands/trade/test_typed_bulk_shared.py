"""Many invoices that travel, typed against a real node: each sealed to the readers of all, and to its own buyer."""

import json
import os
from collections.abc import Sequence
from typing import Any

import pytest

from hanse_client.base.errors import NodeUnreachable
from hanse_client.base.views import Receipt, Refusal
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import submit_together
from hanse_client.resources.issuing import manyrecords
from hanse_client.sealing import content
from hanse_documents.samples import sample
from hanse_ledger.records.envelope import Signed
from tests.world.typed.desk import Desk
from tests.world.typed.orders import row, sheet_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared(desk: Desk) -> Desk:
    """A desk at which customs has an office, and a second buyer trades."""
    desk.run("office", "open", who="customs")
    desk.ids["other"] = desk.enrol("other", "buyer")
    return desk


def issue(desk: Desk, *more: str, code: int = 0) -> Any:
    """Have the seller issue many; give the report."""
    return desk.run("invoice", "issue", "--bulk", *more, "--json", who="seller", code=code).json


def kept(desk: Desk) -> list[str]:
    """What of sealed documents lies in the seller's home folder."""
    folder = desk.folder / "homes" / "seller" / "sealed"
    return sorted(os.listdir(folder)) if folder.exists() else []


def test_each_invoice_goes_to_its_own_buyer(shared: Desk) -> None:
    """Customs opens both, each buyer its own and no other; a second run sends nothing again."""
    buyers = [shared.ids["buyer"], shared.ids["other"]]
    sheet = sheet_of(row(f"S-{place}", Buyer_party=buyer) for place, buyer in enumerate(buyers))
    (shared.folder / "many.csv").write_text(sheet)
    report = issue(shared, "many.csv", "--share", "customs", "--share-buyer")
    first, second = (each["invoice"] for each in report["invoices"])
    for who, invoice in (("customs", first), ("customs", second), ("buyer", first), ("other", second)):
        out = f"{who}-{invoice[:8]}.xml"
        shared.run("document", "get", invoice, "-o", out, who=who)
        made = shared.folder / "many-invoices" / f"S-{0 if invoice == first else 1}.xml"
        assert (shared.folder / out).read_bytes() == made.read_bytes()
    for who, invoice in (("buyer", second), ("other", first)):
        assert "sealed to other keys" in shared.run("document", "get", invoice, who=who, code=2).err
    assert kept(shared) == []
    again = issue(shared, "many.csv", "--share", "customs", "--share-buyer")
    assert [(each["outcome"], each["invoice"]) for each in again["invoices"]] == [("exists", first), ("exists", second)]


def test_who_was_interrupted_sends_the_same_documents(shared: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sealed lies in the home folder until its record is settled, and goes with that very record."""
    (shared.folder / "cut.csv").write_text(sheet_of(row(f"X-{number}") for number in range(3)))

    async def cable(session: Session, records: Sequence[Signed]) -> list[Receipt | Refusal]:
        raise NodeUnreachable("The cable is cut.", "Plug it in.")

    monkeypatch.setattr(manyrecords, "submit_together", cable)
    words = ("cut.csv", "--buyer", shared.ids["buyer"], "--share", "customs")
    shared.run("invoice", "issue", "--bulk", *words, who="seller", code=30)
    sealed = kept(shared)
    assert len(sealed) == 6
    monkeypatch.setattr(manyrecords, "submit_together", submit_together)
    report = issue(shared, *words)
    assert [each["outcome"] for each in report["invoices"]] == ["created"] * 3
    named = set()
    for each in report["invoices"]:
        told = shared.run("document", "show", each["invoice"], "--json").json
        assert [file["state"] for file in told["sealed_files"]] == ["here"]
        named.add(told["sealed_files"][0]["hash"])
    assert named == {name.split(".")[0] for name in sealed}
    assert kept(shared) == []


def test_with_other_readers_it_is_another_document(shared: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sealed to one reader and not settled is not sent where another one is named."""
    (shared.folder / "changed.csv").write_text(sheet_of([row("Y-1")]))

    async def cable(session: Session, records: Sequence[Signed]) -> list[Receipt | Refusal]:
        raise NodeUnreachable("The cable is cut.", "Plug it in.")

    words = ("changed.csv", "--buyer", shared.ids["buyer"], "--share")
    monkeypatch.setattr(manyrecords, "submit_together", cable)
    shared.run("invoice", "issue", "--bulk", *words, "customs", who="seller", code=30)
    monkeypatch.setattr(manyrecords, "submit_together", submit_together)
    (invoice,) = (each["invoice"] for each in issue(shared, *words, shared.ids["other"])["invoices"])
    shared.run("document", "get", invoice, who="other")
    shared.run("document", "get", invoice, who="customs", code=2)


def test_one_that_cannot_be_sealed_hinders_no_other(shared: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large a file is told by its name; the other stands. An unknown reader stops all, before anything is sent."""
    folder = shared.folder / "sizes"
    folder.mkdir()
    small = sample("invoice.xml").replace(b"QW-2026-0917", b"Z-1")
    (folder / "large.xml").write_bytes(small.replace(b"Z-1", b"Z-2") + b"<!--" + b"x" * 60_000 + b"-->")
    (folder / "small.xml").write_bytes(small)
    words = ("sizes", "--buyer", shared.ids["buyer"], "--again", "--share")
    assert "nobody" in shared.run("invoice", "issue", "--bulk", *words, "nobody", who="seller", code=13).err
    monkeypatch.setattr(content, "SEALED_BYTES", 50_000)
    report = issue(shared, *words, "customs", code=2)
    assert [each["outcome"] for each in report["invoices"]] == ["faulty", "created"]
    assert "cannot be sealed" in report["invoices"][0]["details"][0]
    monkeypatch.undo()
    assert [each["outcome"] for each in issue(shared, *words, "customs")["invoices"]] == ["created", "exists"]


def test_a_watched_folder_shares(shared: Desk) -> None:
    """What is put into it travels to the readers, and to its buyer."""
    arriving = shared.folder / "watched" / "in"
    arriving.mkdir(parents=True)
    (arriving / "W-9.xml").write_bytes(sample("invoice.xml").replace(b"QW-2026-0917", b"W-9"))
    words = ("folder", "watch", "watched", "--once", "--buyer", shared.ids["buyer"])
    shared.run(*words, "--share", "customs", "--share-buyer", who="seller")
    report = json.loads((shared.folder / "watched" / "out" / "W-9.xml.report.json").read_bytes())
    (invoice,) = (each["invoice"] for each in report["invoices"])
    for who in ("customs", "buyer"):
        assert "The document is valid." in shared.run("document", "get", invoice, who=who).out
