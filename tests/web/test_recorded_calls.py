"""Every call of the checker that the tests of ledger and SDK make, made again in node and in both browsers.

What is compared: reports whole (verdict, steps, words, ids of words and their values, facts of objects), trust files or
their refusals, and what the rules change or why they refuse, object by object in canonical leaves. What is not: calls
while a test has changed a limit, files beyond two million bytes (they have a test of their own), and what a
`StateView` that is known in part cannot answer; the recording counts them.
"""

import itertools
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from hanse_ledger.kinds import KIND_NAMED
from hanse_page.translate.modules import FIRSTS
from tests.conftest import ROOT
from tests.web.calls.played import differing
from tests.web.calls.recorded import calls_in, passed_over
from tests.web.calls.recorder import MANY, TESTS
from tests.web.comparing import differences
from tests.web.conftest import ALSO, Find
from tests.web.covered import bodies, run_in_node, run_in_python
from tests.web.engines import Engine, node

pytestmark = [pytest.mark.system, pytest.mark.timeout(7200)]

EVERY = int(os.environ.get("HANSE_EVERY_CALL", "3"))

LEAST, APART = 0.86, 0.01
"""Measured: 87.7 % of the statements in Python, 87.2 % of the letters in node."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the fast tests have noted, if they ran just before; else run those that matter here."""
    noted = os.environ.get("HANSE_RECORDED")
    if noted:
        return ROOT / noted
    folder = tmp_path_factory.mktemp("recording")
    words = ("-p", "no:cacheprovider", "-n", "0", "-m", "not system", "--timeout", "900")
    around = {**os.environ, "HANSE_RECORD": str(folder)}
    around.pop("HANSE_SKIPPED", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", *words, *TESTS],
        cwd=ROOT,
        env=around,
        capture_output=True,
        text=True,
        check=False,
        timeout=3600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return folder


def test_recording_has_what_the_tests_ask(recording: Path) -> None:
    """Thousands of reports, trust files, and every kind of record accepted and refused, and little was passed over."""
    asked: Counter[str] = Counter()
    kinds: Counter[tuple[str, bool]] = Counter()
    for call in calls_in(recording):
        asked[call.asked["ask"]] += 1
        if call.asked["ask"] == "transition":
            kinds[call.asked["kind"], "refused" in call.answer] += 1
    assert asked["report"] > 3_000
    assert asked["trust"] > 50
    assert {(kind, refused) for kind in KIND_NAMED for refused in (False, True)} <= {*kinds}
    left = passed_over(recording)
    assert left.pop(MANY, 0) + asked["report"] > 10_000
    left.pop("noted already")
    assert sum(left.values()) < sum(asked.values()) // 100, left


def test_browsers_answer_alike(wider_browser: Engine, recording: Path) -> None:
    """Each call has the same answer: every third here, all in node by the next test, and all in `make soak`."""
    count, found = differences(wider_browser, itertools.islice(calls_in(recording), None, None, EVERY))
    assert found == []
    assert count > 4_000 // EVERY


def test_translation_runs_no_less_than_the_python(
    recording: Path, require_tool: Find, wider_script: str, tmp_path: Path
) -> None:
    """The same calls enter each function in node that they enter in Python, and run as large a part of them all.

    Node counts letters and Python statements, so that the two shares are alike, not the same.
    """
    with node(require_tool("node"), wider_script, tmp_path) as engine:
        assert differences(engine, calls_in(recording))[1] == []
    assert differing(calls_in(recording), tmp_path / "python") == []
    found = bodies(*FIRSTS, *ALSO)
    entered, share = run_in_python(tmp_path / "python", found)
    entered_there, share_there = run_in_node(tmp_path, wider_script, found)
    print(f"{len(entered)} functions; {share:.1%} of their statements, {share_there:.1%} of their letters")  # noqa: T201 (measured: `-s` shows it)
    assert entered - entered_there == set()
    assert share_there >= share - APART
    assert share > LEAST
