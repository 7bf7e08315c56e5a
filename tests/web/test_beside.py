"""A proof of 4,000 records is checked beside the page: it tells how far it is, and stays alive meanwhile."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hanse_page.carried import carried_page
from tests.web.conftest import PROGRAMS, Find, running
from tests.web.engines import Chromium, Engine, Firefox
from tests.web.large import large_proof

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

RECORDS = 4_000
SECONDS = 600
STILL_MS = 2_000
"""How long the page may stand still at most, while it checks and while it writes the report: other programs take the
processor too. A check in it takes longer."""

WATCH = """(() => {
  const bar = document.getElementById("progress");
  const seen = { gap: 0, written: 0, values: [], beats: 0, last: performance.now() };
  globalThis.seen = seen;
  setInterval(() => {
    const now = performance.now();
    const still = bar.hidden ? "written" : "gap";
    seen[still] = Math.max(seen[still], now - seen.last);
    seen.last = now;
    seen.beats++;
    if (!bar.hidden && seen.values.at(-1) !== bar.value) seen.values.push(bar.value);
  }, 20);
})()"""
LOOK = """JSON.stringify({
  verdict: document.getElementById("verdict")?.textContent ?? "",
  text: document.getElementById("report").textContent,
  listed: document.querySelectorAll("#report > ol:not(.steps) > li").length,
  ...seen,
})"""


@pytest.fixture(params=sorted({*PROGRAMS} - {"node"}))
def opened(request: pytest.FixtureRequest, require_tool: Find, tmp_path: Path) -> Iterator[Engine]:
    """Give each browser in turn with the page, which has the trust file baked in."""
    _, trust, _ = large_proof(RECORDS)
    file = tmp_path / "verify.html"
    file.write_bytes(carried_page(trust))
    with running(request.param, require_tool, "", file) as engine:
        yield engine


def test_four_thousand_records_are_checked_beside_the_page(opened: Engine, tmp_path: Path) -> None:
    """The verdict comes, the bar moves on many times before it, and the page answers all the while and after."""
    proof, _, _ = large_proof(RECORDS)
    file = tmp_path / "proof.json"
    file.write_bytes(proof)
    assert isinstance(opened, Chromium | Firefox)
    opened.evaluate(WATCH)
    opened.choose("#choose-proof", file)
    until = time.monotonic() + SECONDS
    while (seen := look(opened))["listed"] < RECORDS:
        assert time.monotonic() < until, seen["values"]
        time.sleep(0.5)
    took = f"{seen['gap']:.0f} ms still while checking, {seen['written']:.0f} while writing"
    print(f"{len(seen['values'])} values of the bar; {took}")  # noqa: T201 (measured: `-s` shows it)
    assert "fault of this page" not in seen["text"]
    assert "4000 records" in seen["text"]
    assert seen["verdict"] in ("Valid", "Valid with warnings"), seen["verdict"]
    assert len(seen["values"]) > 20
    assert seen["values"] == sorted(seen["values"])
    assert max(seen["gap"], seen["written"]) < STILL_MS


def look(engine: Chromium | Firefox) -> dict[str, Any]:
    """Look at the page."""
    found: dict[str, Any] = json.loads(engine.evaluate(LOOK))
    return found
