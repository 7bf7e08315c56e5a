"""A watched folder against a real node: what lies whole in it is registered once, and put where it belongs."""

import json
from pathlib import Path
from typing import Any

import pytest

from hanse_cli.commands.papers import watching
from hanse_cli.commands.papers.bulk import sent
from hanse_io.locks import Lock
from tests.world.typed.desk import Desk, Ended
from tests.world.typed.orders import row, sheet_of
from tests.world.typed.papers import invoice_paper

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of these tests has settled at once."""
    monkeypatch.setattr(watching, "SETTLED_SECONDS", 0.01)


def watch(desk: Desk, folder: Path, *more: str, code: int = 0) -> Ended:
    """Have the seller watch a folder."""
    words = ("folder", "watch", str(folder), "--buyer", desk.ids["buyer"])
    return desk.run(*words, *(more or ("--once",)), who="seller", code=code)


def names(room: Path) -> list[str]:
    """List what lies in a room."""
    return sorted(path.name for path in room.iterdir())


def report(path: Path) -> Any:
    """Read a report."""
    return json.loads(path.read_text())


def test_what_is_put_in_comes_out_or_fails_with_its_report(desk: Desk, tmp_path: Path) -> None:
    """An invoice and a sheet stand; a wrong file fails; what is unfinished stays; the same again is no second one."""
    arriving = tmp_path / "in"
    arriving.mkdir()
    (arriving / "a.xml").write_text(invoice_paper("W-1", issued="2026-03-01"))
    (arriving / "orders.csv").write_text(sheet_of([row("W-2"), row("W-3")]))
    (arriving / "bad.csv").write_text("Colour\nred\n")
    (arriving / "half.xml").write_text(invoice_paper("W-4")[:500])
    (arriving / "b.xml.part").write_text("<Inv")
    (arriving / ".hidden").write_text("x")
    (arriving / "folder").mkdir()
    (arriving / "link.xml").symlink_to(tmp_path / "elsewhere.xml")
    ended = watch(desk, tmp_path, code=2)
    assert "a.xml: see " in ended.err
    assert names(arriving) == [".hidden", "b.xml.part", "folder", "link.xml"]
    assert names(tmp_path / "out") == [
        "a.xml",
        "a.xml.report.json",
        "orders-invoices",
        "orders.csv",
        "orders.csv.report.json",
    ]
    assert names(tmp_path / "failed") == ["bad.csv", "bad.csv.report.json", "half.xml", "half.xml.report.json"]
    (first,) = report(tmp_path / "out" / "a.xml.report.json")["invoices"]
    assert (first["outcome"], first["file"]) == ("created", str(tmp_path / "out" / "a.xml"))
    assert "row 1, column 1: Colour" in report(tmp_path / "failed" / "bad.csv.report.json")["error"]["message"]
    assert names(tmp_path / "out" / "orders-invoices") == ["W-2.xml", "W-3.xml"]
    # The same file again, and another one under its name.
    (arriving / "a.xml").write_text(invoice_paper("W-1", issued="2026-03-01"))
    watch(desk, tmp_path)
    assert report(tmp_path / "out" / "a.xml.report.json")["exists"] == 1
    (arriving / "a.xml").write_text(invoice_paper("W-5", issued="2026-03-01"))
    watch(desk, tmp_path)
    assert len([name for name in names(tmp_path / "out") if name.startswith("a")]) == 4


def test_what_a_crash_left_is_taken_again(desk: Desk, tmp_path: Path) -> None:
    """It lies in .taken/, and is put back first."""
    (tmp_path / ".taken").mkdir()
    (tmp_path / ".taken" / "c.xml").write_text(invoice_paper("W-6", issued="2026-03-02"))
    watch(desk, tmp_path)
    assert "c.xml" in names(tmp_path / "out")


def test_files_stay_while_no_node_answers(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches on says so and tries again; --once ends with the exit code of an unreachable node."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "d.xml").write_text(invoice_paper("W-7", issued="2026-03-03"))
    watch(desk, tmp_path, "--once", "--node", "http://127.0.0.1:9", code=30)
    assert names(tmp_path / "in") == ["d.xml"]
    rounds = []

    def pause(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(watching, "_pause", pause)
    ended = watch(desk, tmp_path, "--every", "2", "--node", "http://127.0.0.1:9")
    assert ended.err.count("The files stay in") == 2
    assert "Stopped. Nothing is half done." in ended.err
    assert (rounds, names(tmp_path / "in")) == ([2.0, 2.0, 2.0], ["d.xml"])


def test_what_is_still_written_is_left(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grew between two looks is not read; one that grows while it is read is taken once more."""
    (tmp_path / "in").mkdir()
    growing = tmp_path / "in" / "e.xml"
    growing.write_text("<Invoice")

    def grow(_: float) -> None:
        with growing.open("a") as stream:
            stream.write(" ")

    with monkeypatch.context() as patch:
        patch.setattr(watching, "_pause", grow)
        assert "still being written" in watch(desk, tmp_path).err

    def written_to(*words: Any) -> Any:
        with (tmp_path / ".taken" / "e.xml").open("a") as stream:
            stream.write(" ")
        return sent(*words)

    monkeypatch.setattr(watching, "sent", written_to)
    assert "taken once more" in watch(desk, tmp_path).err
    assert names(tmp_path / "in") == ["e.xml"]


def test_one_program_watches_a_folder(desk: Desk, tmp_path: Path) -> None:
    """A second one is refused, and so is who drafts for others."""
    with Lock(tmp_path / ".lock").held():
        assert "Another program watches" in watch(desk, tmp_path, code=2).err
    drafts = ("--once", "--draft", "d.json", "--with", "01" + "ab" * 32)
    assert "drafts nothing" in watch(desk, tmp_path, *drafts, code=2).err
