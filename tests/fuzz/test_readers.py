"""Whatever bytes come, a reader gives a value or a refusal: no other error, no hang, and one form alone for each value.

HANSE_FUZZ_SECONDS says how long each reader is fed (`make fuzz` feeds them longer), HANSE_SEED from which number the
inputs follow; a failure prints its input.
"""

import os
from time import monotonic

import pytest

from tests.fuzz.mutations import Mutator
from tests.fuzz.target import Target
from tests.fuzz.targets import targets

SECONDS = float(os.environ.get("HANSE_FUZZ_SECONDS", "1"))
SEED = int(os.environ.get("HANSE_SEED", "20261125"))
SLOW_SECONDS = 5.0
LEAST_INPUTS = 100

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60 + 2 * SECONDS)]


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_no_input_surprises_a_reader(target: Target) -> None:
    """Inputs made from good ones, for a while, and some at least, however slow the machine is."""
    mutator, count = Mutator(target.seeds, SEED), 0
    until = monotonic() + SECONDS
    while monotonic() < until or count < LEAST_INPUTS:
        data = mutator.next()
        begun = monotonic()
        try:
            target.read(data)
        except target.refusals:
            pass  # a refusal is an answer
        except Exception as error:
            raise AssertionError(f"seed {SEED}, input {count}: {data.hex()}") from error
        assert monotonic() - begun < SLOW_SECONDS, f"seed {SEED}, input {count} took too long: {data.hex()}"
        count += 1
