"""Proof files that were changed by chance: the page says of each what Python says of it, word for word."""

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanse_ledger.proofs.formcheck import check_form
from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.verdict import Verdict
from tests.web.asked import flat, report_asked
from tests.web.calls.recorded import Call
from tests.web.comparing import differences
from tests.web.engines import Engine, Node
from tests.web.mutants import moment, mutants, trust

MUTANTS = 10_000
EVERY = int(os.environ.get("HANSE_EVERY_CALL", "4"))
"""Node is asked about each of them, a browser about one in so many; both about each in a soak."""
SEED = 20_261_129


def calls(count: int, number: int, seen: Counter[str] | None = None, every: int = 1) -> Iterator[Call]:
    """Check one mutant in so many in Python, a tenth without anybody to trust, and count the verdicts."""
    trusted, chance = trust(), Random(number)  # noqa: S311 (it guards nothing)
    read = read_trust(trusted)
    for data in islice(mutants(count, number), 0, None, every):
        at = moment(chance)
        if chance.randrange(10):
            call = Call(report_asked(data, trusted, at), flat(check_proof(data, read, at)))
        else:
            call = Call(report_asked(data, None, at), flat(check_form(data)))
        if seen is not None:
            seen[call.answer["verdict"]] += 1
        yield call


@pytest.mark.system
@pytest.mark.timeout(3600)
def test_page_says_of_ten_thousand_mutants_what_python_says(engine: Engine) -> None:
    """Verdict, steps, words and all else of the report are equal for each; and they end in many ways."""
    seen: Counter[str] = Counter()
    every = 1 if isinstance(engine, Node) else EVERY
    assert differences(engine, calls(MUTANTS, SEED, seen, every)) == (MUTANTS // every, [])
    assert seen.total() == MUTANTS // every
    assert {*seen} >= {*map(str, Verdict)} - {"not found", "revoked"}
    assert seen["tampered"] < MUTANTS // every * 9 // 10


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 2**32))
def test_node_says_of_mutants_what_python_says(node_engine: Engine, number: int) -> None:
    """Whatever the chance, a handful of mutants has the same reports."""
    assert differences(node_engine, calls(4, number)) == (4, [])
