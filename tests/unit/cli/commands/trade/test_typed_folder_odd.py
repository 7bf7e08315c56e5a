"""What may lie in a watched folder, or happen to it: no file ends the watching, hides another, or takes its place."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hanse_cli.commands.papers import watching
from tests.unit.cli.commands.trade.test_typed_folder import names, report, watch
from tests.world.typed.desk import Desk
from tests.world.typed.orders import row, sheet_of
from tests.world.typed.papers import invoice_paper

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of these tests has settled at once."""
    monkeypatch.setattr(watching, "SETTLED_SECONDS", 0.01)


@pytest.fixture
def arriving(tmp_path: Path) -> Path:
    """Give the folder into which files are put."""
    room = tmp_path / "in"
    room.mkdir()
    return room


def test_files_of_odd_names_are_taken(desk: Desk, tmp_path: Path, arriving: Path) -> None:
    """A line end, bytes that are no UTF-8, as long as a name may be, that of a report: each has a file and a report."""
    odd = (b"a\nb.xml", b"\xff\xfe.xml", b"n" * 251 + b".xml", "ü".encode() * 125 + b".xml", b"c.report.json", b"d")
    for number, name in enumerate(odd):
        (arriving / os.fsdecode(name)).write_text(invoice_paper(f"ODD-{number}", issued="2026-04-01"))
    (arriving / f"{'s' * 250}.csv").write_text(sheet_of([row("ODD-9")]))
    ended = watch(desk, tmp_path)
    assert names(arriving) == names(tmp_path / ".taken") == names(tmp_path / "failed") == []
    (made,) = (tmp_path / "out").glob("*-invoices")
    assert names(made) == ["ODD-9.xml"]
    out = [name for name in names(tmp_path / "out") if name != made.name]
    files = [name for name in out if not name.endswith(".report.json")]
    assert len(files) == len(odd) + 1  # the sheet
    assert sorted(out) == sorted([*files, *(f"{name}.report.json" for name in files)])
    for file in files:
        assert report(tmp_path / "out" / f"{file}.report.json")["created"] == 1
    assert ended.err.count("report.json") == len(odd) + 1
    assert not [line for line in ended.err.splitlines() if line.startswith("b.xml")]
    # The same again is no second invoice, and has the same name.
    (arriving / os.fsdecode(odd[1])).write_text(invoice_paper("ODD-1", issued="2026-04-01"))
    watch(desk, tmp_path)
    assert [name for name in names(tmp_path / "out") if name != made.name] == out


def test_links_hide_no_file(desk: Desk, tmp_path: Path, arriving: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than are taken at once, and folders, stand before the one file in the alphabet."""
    monkeypatch.setattr(watching, "A_ROUND", 3)
    for number in range(4):
        (arriving / f"a{number}").symlink_to(tmp_path / "nowhere")
        (arriving / f"b{number}").mkdir()
    (arriving / "z.xml").write_text(invoice_paper("LINK-1", issued="2026-04-02"))
    watch(desk, tmp_path)
    assert "z.xml" in names(tmp_path / "out")
    assert len(names(arriving)) == 8


def _withdrawn(path: Path) -> None:
    path.unlink()


def _another(path: Path) -> None:
    path.with_suffix(".new").write_text("<Inv")
    path.with_suffix(".new").replace(path)


def _a_link(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere.xml")
    path.symlink_to(path.parent.parent / "elsewhere.xml")


@pytest.mark.parametrize(
    ("change", "left"), [(_withdrawn, []), (_another, ["f.xml"]), (_a_link, ["f.xml"])], ids=["gone", "other", "link"]
)
def test_what_changes_between_look_and_grasp_is_not_taken(
    desk: Desk,
    tmp_path: Path,
    arriving: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
    left: list[str],
) -> None:
    """Taken away, replaced by one that is being written, or by a link: nothing is read, and other files are taken."""
    (arriving / "f.xml").write_text(invoice_paper("SWAP-1", issued="2026-04-03"))
    (arriving / "g.xml").write_text(invoice_paper(f"SWAP-{change.__name__}", issued="2026-04-03"))
    looked: list[Any] = []

    def looks(room: Path) -> Any:
        found = dict(looks_at(room))
        looked.append(found)
        if len(looked) == 2:
            change(arriving / "f.xml")
        return found.items()

    looks_at = watching._looks
    monkeypatch.setattr(watching, "_looks", looks)
    watch(desk, tmp_path)
    assert names(arriving) == left
    assert names(tmp_path / "out") == ["g.xml", "g.xml.report.json"]
    assert names(tmp_path / "failed") == names(tmp_path / ".taken") == []


def test_what_lies_there_is_kept(desk: Desk, tmp_path: Path, arriving: Path) -> None:
    """A folder, a link and somebody's own report of the name that a file would get: it gets another one."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "h.xml").mkdir()
    (tmp_path / "out" / "i.xml").symlink_to(tmp_path / "nowhere")
    (arriving / "h.xml").write_text(invoice_paper("KEPT-1", issued="2026-04-04"))
    (arriving / "i.xml").write_text(invoice_paper("KEPT-2", issued="2026-04-04"))
    (arriving / "j.xml.report.json").write_text("mine")
    (arriving / "j.xml").write_text("<Inv")
    watch(desk, tmp_path, code=2)
    assert names(arriving) == names(tmp_path / ".taken") == []
    assert (tmp_path / "out" / "h.xml").is_dir()
    assert (tmp_path / "out" / "i.xml").is_symlink()
    assert len(names(tmp_path / "out")) == 6
    failed = {path.name: path.read_text() for path in (tmp_path / "failed").iterdir()}
    assert sorted(failed.values()).count("mine") == 1
    assert json.loads(failed["j.xml.report.json"])["invoices"][0]["file"] == str(tmp_path / "failed" / "j.xml")
    assert len(failed) == 4


def test_a_sheet_names_no_file_that_is_taken_with_it(desk: Desk, tmp_path: Path, arriving: Path) -> None:
    """Which files are taken together is chance: the row is told, the file stands by itself, with its own buyer."""
    rows = [{"Invoice file": "k.xml", "Buyer party": desk.ids["buyer"]}, row("SHEET-1")]
    (arriving / "orders.csv").write_text(sheet_of(rows))
    (arriving / "k.xml").write_text(invoice_paper("SHEET-2", issued="2026-04-05"))
    watch(desk, tmp_path, code=2)
    told = report(tmp_path / "failed" / "orders.csv.report.json")["invoices"]
    assert [each["outcome"] for each in told] == ["faulty", "created"]
    assert told[0]["details"] == ["row 2: k.xml is a file: put it into in/ by itself"]
    assert report(tmp_path / "out" / "k.xml.report.json")["created"] == 1


@pytest.mark.parametrize("room", ["in", "out", "failed", ".taken"])
def test_a_folder_that_cannot_be_is_told(desk: Desk, tmp_path: Path, room: str) -> None:
    """Something else bears its name."""
    (tmp_path / room).write_text("x")
    ended = watch(desk, tmp_path, code=2)
    assert f"{tmp_path / room} cannot be used: File exists." in ended.err


def test_a_full_disk_loses_nothing(desk: Desk, tmp_path: Path, arriving: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands is told when there is space again, and nothing stands twice; so where the file cannot be moved."""
    (arriving / "l.xml").write_text(invoice_paper("FULL-1", issued="2026-04-06"))

    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    with monkeypatch.context() as patch:
        patch.setattr("hanse_cli.base.files.write_durably", full)
        assert "No space left" in watch(desk, tmp_path, code=2).err
    assert names(tmp_path / ".taken") == ["l.xml"]
    with monkeypatch.context() as patch:
        replace = Path.replace
        patch.setattr(Path, "replace", lambda self, to: full(to) if "out" in str(to) else replace(self, to))
        assert "No space left" in watch(desk, tmp_path, code=2).err
    watch(desk, tmp_path)
    assert names(tmp_path / "out") == ["l.xml", "l.xml.report.json"]
    assert report(tmp_path / "out" / "l.xml.report.json")["exists"] == 1


def test_parts_on_several_file_systems_are_refused(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is taken: a file that is moved between them is not moved at once."""
    stat = Path.stat

    def elsewhere(path: Path, **how: Any) -> os.stat_result:
        found = stat(path, **how)
        return os.stat_result((*found[:2], 77, *found[3:])) if path.name == "out" else found

    monkeypatch.setattr(Path, "stat", elsewhere)
    assert "on several file systems" in watch(desk, tmp_path, code=2).err
