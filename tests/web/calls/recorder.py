"""What notes every call of the checker that tests make, so that the translation can be asked the same.

With HANSE_RECORDED naming a folder, `tests/conftest.py` loads it in every process that runs tests, before any test is
loaded, so that whatever imports `check_proof`, `check_form`, `read_trust` or `transition` by name gets the one that
notes. Each process writes a file of its own, each different call once; of files with a changed byte, about which the
checker says the same again and again, one of ten. One line in the end counts what was passed over, and why: calls while
a test had changed a limit, too, which the translation cannot know.
"""

import functools
import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hanse_ledger import signers
from hanse_ledger import transition as rules
from hanse_ledger.kinds.declaration import lodging
from hanse_ledger.proofs import formcheck, proof, trustfile
from hanse_ledger.proofs.report import Report
from hanse_ledger.values import limits
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.verdict import Verdict
from tests.web.asked import Asked, Watched, flat, report_asked, text, transition_answer, trust_answer
from tests.web.calls.recorded import Kept

TESTS = (
    "tests/unit/ledger/",
    "tests/unit/client/verify/",
    "tests/unit/node/api/test_api_objects.py",
    "tests/unit/node/api/test_api_proofs.py",
    "tests/property/test_invariants.py::test_every_reachable_state_satisfies_the_invariants",
    "tests/property/test_status_codes.py",
    "tests/property/test_waymarks.py",
)
"""The fast tests that check proofs, read trust files or apply records, slow ones among them: theirs are noted."""
MOST_BYTES = 400_000_000
"""Of a recording; beyond it calls are counted alone."""
LARGEST = 2_000_000
"""Of a file that is checked; larger ones have tests of their own."""
ALIKE, MANY = 50, "one of many alike"
"""So many reports on changed files with the same words at the same step are all noted; a soak notes every one."""
LIMITS = {name: value for name, value in vars(limits).items() if name.isupper()}

RULES = [
    (module, name, value) for module in (signers, lodging) for name, value in vars(module).items() if callable(value)
]
"""In these modules tests let those who replay take what no rule takes."""


def as_ever() -> bool:
    """Tell whether every limit, and every rule, is as it is where no test has changed it."""
    changed = any(vars(module)[name] is not value for module, name, value in RULES)
    return not changed and {name: value for name, value in vars(limits).items() if name.isupper()} == LIMITS


class Recording:
    """The file, and what stands in it already."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("x", encoding="utf-8")
        self._kept = Kept()
        self._seen: set[bytes] = set()
        self._written = 0
        self._heads: list[Any] = []
        self._alike: Counter[tuple[int, str]] = Counter()
        self._every = os.environ.get("HANSE_EVERY_CALL") == "1"
        self._number = int.from_bytes(hashlib.sha256(path.name.encode()).digest()[:4]) << 16
        self.on = True
        self.passed_over: Counter[str] = Counter()

    def wanted(self, ask: str, *facts: Any) -> bool:
        """Tell whether a call is to be noted, and count it if not: its facts, bytes and numbers, tell it apart."""
        if not self.on:
            return False
        name = hashlib.sha256(ask.encode())
        for fact in facts:
            data = fact if isinstance(fact, bytes) else repr(fact).encode()
            name.update(len(data).to_bytes(8) + data)
        if not as_ever():
            self.passed_over["while a limit or a rule was another"] += 1
        elif self._written > MOST_BYTES:
            self.passed_over["beyond the bound"] += 1
        elif name.digest() in self._seen:
            self.passed_over["noted already"] += 1
        else:
            self._seen.add(name.digest())
            return True
        return False

    def one_of_many(self, report: Report) -> bool:
        """Tell whether a report on a changed file says what many have said before it: then one of ten is noted."""
        if self._every or report.verdict is not Verdict.TAMPERED:
            return False
        alike = len(report.steps), report.said.detail.id
        self._alike[alike] += 1
        return self._alike[alike] > ALIKE and self._alike[alike] % 10 != 0

    def note(self, asked: Asked, answer: Any) -> None:
        """Note a call."""
        line = json.dumps({"asked": self._kept.shortened(asked), "answer": answer})
        self._written += len(line)
        self._file.write(line + "\n")

    def heads(self, known: Any) -> int | None:
        """Number the heads that several calls have in common; no other process gives the number."""
        if known is None:
            return None
        if not any(known is each for each in self._heads):
            self._heads.append(known)
        return self._number + next(number for number, each in enumerate(self._heads) if each is known)

    def close(self) -> None:
        """End it with what was passed over."""
        self._file.write(json.dumps({"passed_over": self.passed_over}) + "\n")
        self._file.close()


def _watch_checks(recording: Recording) -> None:
    check_proof, check_form, read_trust = proof.check_proof, formcheck.check_form, trustfile.read_trust

    @functools.wraps(check_proof)
    def checked(data: bytes, trust: Any, at: int, known: Any = None, *, max_age_ms: int | None = None) -> Any:
        report = check_proof(data, trust, at, known, max_age_ms=max_age_ms)
        if len(data) > LARGEST:
            recording.passed_over["larger than is noted"] += recording.on
            return report
        heads, trusted = recording.heads(known), trust.to_bytes()
        if recording.wanted("report", data, trusted, at, heads, max_age_ms):
            if recording.one_of_many(report):
                recording.passed_over[MANY] += 1
            else:
                recording.note(report_asked(data, trusted, at, heads, max_age_ms), flat(report))
        return report

    @functools.wraps(check_form)
    def formed(data: bytes) -> Any:
        report = check_form(data)
        if recording.wanted("form", data):
            recording.note(report_asked(data, None, 0), flat(report))
        return report

    @functools.wraps(read_trust)
    def read(data: bytes) -> Any:
        if len(data) <= LARGEST and recording.wanted("trust", data):
            recording.note({"ask": "trust", "data": text(data)}, trust_answer(lambda: read_trust(data)))
        return read_trust(data)

    proof.check_proof, formcheck.check_form, trustfile.read_trust = checked, formed, read


def _watch_rules(recording: Recording) -> None:
    # The checker was loaded before, and keeps the rules as they are: what it applies shows in its reports.
    assert "hanse_ledger.blocks.block" not in sys.modules, "it would keep them too"
    transition: Callable[..., Any] = rules.transition

    @functools.wraps(transition)
    def applied(state: Any, signed: Any, ledger: bytes, at: int, supposing: Any = None) -> Any:
        if not recording.on:
            return transition(state, signed, ledger, at, supposing)
        watched = Watched(state)
        answer = trial(lambda: transition_answer(lambda: transition(watched, signed, ledger, at)))
        if answer is None:
            recording.passed_over["a rule that asked for what is not known"] += 1
        else:
            asked = watched.asked(signed, ledger, at)
            if recording.wanted("transition", json.dumps(asked)):
                recording.note(asked, answer)
        return transition(state, signed, ledger, at, supposing)

    rules.transition = applied


def trial(call: Callable[[], Any]) -> Any:
    """Make a call; nil where it ends in an error that is no refusal of the rules."""
    try:
        return call()
    except (LedgerError, AssertionError):
        return None


class Recorder:
    """The plugin. What tests have in common is made while they are loaded, or by the first that wants it: noted too."""

    def __init__(self, folder: Path, worker: str) -> None:
        self._recording = Recording(folder / f"{worker}.jsonl")
        _watch_checks(self._recording)
        _watch_rules(self._recording)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note what is asked within the tests that are chosen."""
        self._recording.on = item.nodeid.startswith(TESTS)
        return (yield)

    def pytest_sessionfinish(self) -> None:
        """End the recording."""
        self._recording.close()
