"""A disk that fills up under many invoices: it is told, nothing is lost, and the same command completes it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system.stage.desk import open_desk
from tests.system.stage.smalldisk import fill, small_disk
from tests.world.typed.desk import Desk
from tests.world.typed.orders import row, sheet_of
from tests.world.typed.papers import invoice_paper

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(400)]

DISK = "1m"
INVOICES = 3


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def disk(tmp_path: Path, require_tool: Callable[[str], Path]) -> Iterator[Path]:
    """Mount a disk of one mebibyte."""
    with small_disk(tmp_path / "disk", DISK, require_tool) as place:
        yield place


def listed(desk: Desk) -> set[str]:
    """List the seller's invoices."""
    found = desk.run("invoice", "list", "--limit", "1000", "--json", who="seller").json
    return {each["id"] for each in found["objects"]}


def test_no_room_for_a_report_is_told_before_anything_is_sent(desk: Desk, disk: Path) -> None:
    """And where the room ends after that, what was registered stands, and the next run says so."""
    (desk.folder / "d.csv").write_text(sheet_of(row(f"D-{number}") for number in range(INVOICES)))
    report, before = disk / "report.json", listed(desk)
    words = ("invoice", "issue", "--bulk", "d.csv", "--buyer", desk.ids["buyer"], "--report", str(report), "--json")
    ballast = fill(disk)
    ended = desk.run(*words, who="seller", code=2)
    assert "report.json cannot be written: No space left on device" in ended.json["error"]["message"]
    assert "space" in ended.json["error"]["action"]
    assert listed(desk) == before
    assert sorted(path.name for path in disk.iterdir()) == [ballast.name]
    # One of an earlier run stands: there is no room for the next.
    ballast.unlink()
    report.write_text("of before\n")
    ballast = fill(disk)
    ended = desk.run(*words, who="seller", code=2)
    assert "No space left on device" in ended.json["error"]["message"]
    assert report.read_text() == "of before\n"
    stood = listed(desk) - before
    assert len(stood) == INVOICES
    ballast.unlink()
    again = desk.run(*words, who="seller").json
    assert json.loads(report.read_text()) == again
    assert again["exists"] == INVOICES
    assert {each["invoice"] for each in again["invoices"]} == stood


def test_no_room_for_the_invoices_of_a_sheet(desk: Desk, disk: Path) -> None:
    """Those that could be written are not sent before all of their part are; the rest follows."""
    (disk / "e.csv").write_text(sheet_of(row(f"E-{number}") for number in range(INVOICES)))
    before = listed(desk)
    words = ("invoice", "issue", "--bulk", str(disk / "e.csv"), "--buyer", desk.ids["buyer"], "--json")
    (disk / "e-invoices").mkdir()
    ballast = fill(disk, left=8_192)
    ended = desk.run(*words, who="seller", code=2)
    assert "cannot be written: No space left on device" in ended.json["error"]["message"]
    assert listed(desk) == before
    ballast.unlink()
    assert desk.run(*words, who="seller").json["created"] == INVOICES
    assert len(listed(desk) - before) == INVOICES


@pytest.mark.parametrize("left", [0, 4_096, 8_192, 16_384])
def test_no_room_in_a_watched_folder(desk: Desk, disk: Path, left: int) -> None:
    """It ends with words; each file is still there, none is half written, and the same command goes on."""
    words = ("folder", "watch", str(disk), "--buyer", desk.ids["buyer"], "--once")
    desk.run(*words, who="seller")
    before = listed(desk)
    (disk / "in" / "a.xml").write_text(invoice_paper(f"WA-{left}", issued="2026-03-01"))
    (disk / "in" / "orders.csv").write_text(sheet_of(row(f"WO-{left}-{number}") for number in range(INVOICES)))
    given = {path.name: path.read_bytes() for path in (disk / "in").iterdir()}
    ballast = fill(disk, left=left)
    ended = desk.run(*words, who="seller", code=2)
    assert "No space left on device" in ended.err
    found = [path for room in ("in", ".taken", "out") for path in (disk / room).glob("*") if path.name in given]
    assert {path.name: path.read_bytes() for path in found} == given
    assert len(found) == len(given)
    assert not list((disk / "failed").iterdir())
    for path in (disk / "out").rglob("*.report.json"):
        json.loads(path.read_text())
    ballast.unlink()
    desk.run(*words, who="seller")
    assert not [*(disk / "in").iterdir(), *(disk / ".taken").iterdir(), *(disk / "failed").iterdir()]
    assert {name: (disk / "out" / name).read_bytes() for name in given} == given
    reports = [json.loads((disk / "out" / f"{name}.report.json").read_text()) for name in given]
    stood = {each["invoice"] for report in reports for each in report["invoices"]}
    assert stood == listed(desk) - before
    assert len(stood) == INVOICES + 1
