"""Many invoices whose process is killed: at every moment that counts, and by the clock; the next run is the rest."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.system.stage.desk import open_desk
from tests.world.typed.desk import Desk
from tests.world.typed.orders import row, sheet_of

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]

INVOICES = 5
MANY = "hanse_client.resources.issuing.manyrecords"
BULK = "hanse_cli.commands.papers.bulk"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a corridor whose node runs, with a seller, a buyer and an issued invoice."""
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def started(desk: Desk, *words: str) -> "subprocess.Popen[str]":
    """Start a program as the seller, in the desk's folder."""
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=desk.folder,
        env={**desk.environment("seller"), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def listed(desk: Desk) -> set[str]:
    """List the seller's invoices, as they are proven."""
    found = desk.run("invoice", "list", "--limit", "1000", "--json", who="seller").json
    return {each["id"] for each in found["objects"]}


def registered(desk: Desk, sheet: str, before: set[str]) -> Any:
    """Run it again, to its end: each invoice stands once, and the report names all of them; give the report."""
    words = ("invoice", "issue", "--bulk", sheet, "--buyer", desk.ids["buyer"], "--report", f"{sheet}.json")
    report = desk.run(*words, "--json", who="seller").json
    assert json.loads((desk.folder / f"{sheet}.json").read_text()) == report
    assert report["created"] + report["exists"] == len(report["invoices"]) == INVOICES
    numbers = [each["number"] for each in report["invoices"]]
    assert numbers == sorted(set(numbers))
    assert {each["invoice"] for each in report["invoices"]} == listed(desk) - before
    assert len({each["invoice"] for each in report["invoices"]}) == INVOICES
    return report


def orders(desk: Desk, name: str) -> tuple[str, Sequence[str]]:
    """Write a sheet; give its name, and the words that issue it."""
    (desk.folder / f"{name}.csv").write_text(sheet_of(row(f"{name}-{place}") for place in range(INVOICES)))
    words = ["invoice", "issue", "--bulk", f"{name}.csv", "--buyer", desk.ids["buyer"], "--report", f"{name}.csv.json"]
    return f"{name}.csv", words


@pytest.mark.parametrize(
    ("place", "when", "count", "created"),
    [
        (f"{BULK}:write_file", "after", 1, 5),  # one invoice is written, and nothing is known of it
        (f"{BULK}:write_file", "before", 2, 5),
        (f"{MANY}:sign_draft", "after", 2, 5),  # one record is kept, another one is signed and lost
        ("hanse_client.home.openings:Openings.keep", "after", 1, 5),  # an opening of what is never sent
        ("hanse_client.home.registered:Registered.keep", "before", 2, 5),
        ("hanse_client.home.registered:Registered.keep", "after", 2, 5),  # both are kept, and none was sent
        (f"{MANY}:submit_together", "before", 1, 5),
        ("hanse_client.exchange.transport:Transport.post", "before", 2, 3),
        # The node has committed, and nobody here has seen its answer: the point of no return lies behind.
        ("hanse_client.exchange.transport:Transport.post", "after", 1, 3),
        ("hanse_client.exchange.transport:Transport.post", "after", 3, 0),
        (f"{MANY}:submit_together", "after", 2, 1),
        (f"{BULK}:_write", "before", 2, 3),
        (f"{BULK}:_write", "after", 2, 3),
        (f"{BULK}:as_document", "after", 5, 0),  # all is done, and the last report is not written
    ],
)
def test_what_is_killed_is_registered_once(desk: Desk, place: str, when: str, count: int, created: int) -> None:
    """The next run registers what did not stand, under the ids that were meant, and no other."""
    before = listed(desk)
    sheet, words = orders(desk, f"K{len(before)}")
    process = started(desk, "tests.system.stage.killed", place, when, str(count), *words)
    _, said = process.communicate(timeout=100)
    assert process.returncode == -signal.SIGKILL, said
    stood = listed(desk) - before
    assert len(stood) == INVOICES - created
    report = registered(desk, sheet, before)
    assert report["created"] == created
    assert {each["invoice"] for each in report["invoices"] if each["outcome"] == "exists"} == stood


def test_whenever_it_is_killed_each_is_registered_once(desk: Desk) -> None:
    """By the clock, again and again in one sheet, until a run comes to its end."""
    sheet, words = orders(desk, "CLOCK")
    before = listed(desk)
    for hundredths in range(60, 240, 20):
        process = started(desk, "hanse_cli.main", *words)
        time.sleep(hundredths / 100)
        process.kill()
        process.communicate(timeout=100)
    registered(desk, sheet, before)
    assert registered(desk, sheet, before)["exists"] == INVOICES


def test_a_watched_folder_that_is_killed_loses_nothing(desk: Desk, tmp_path: Path) -> None:
    """Whatever was on its way out is put back by the next run: each file ends in out/, with its whole report."""
    for number, (place, when) in enumerate(
        (
            ("hanse_cli.commands.papers.watching:_register", "before"),
            ("hanse_client.exchange.transport:Transport.post", "after"),
            ("hanse_cli.commands.papers.watching:write_file", "before"),
            ("hanse_cli.commands.papers.watching:write_file", "after"),
        )
    ):
        room = tmp_path / str(number)
        (room / "in").mkdir(parents=True)
        (room / "in" / "orders.csv").write_text(sheet_of(row(f"F{number}-{each}") for each in range(INVOICES)))
        before = listed(desk)
        words = ["folder", "watch", str(room), "--buyer", desk.ids["buyer"], "--once"]
        process = started(desk, "tests.system.stage.killed", place, when, "1", *words)
        _, said = process.communicate(timeout=100)
        assert process.returncode == -signal.SIGKILL, said
        assert [path.name for path in (room / ".taken").iterdir()] == ["orders.csv"]
        desk.run(*words, who="seller")
        assert list((room / ".taken").iterdir()) == list((room / "in").iterdir()) == []
        report = json.loads((room / "out" / "orders.csv.report.json").read_text())
        assert report["created"] + report["exists"] == INVOICES
        assert {each["invoice"] for each in report["invoices"]} == listed(desk) - before
        assert (room / "out" / "orders.csv").exists()
