"""The edge cases of Ed25519 that each node judges before it starts, and what becomes of a library that differs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nacl.exceptions import BadSignatureError

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import SetupError
from hanse_client.verify.offline import need_ledger_signatures, verify_file
from hanse_ledger.values import keys, signature_cases
from hanse_ledger.values.verdict import Verdict
from hanse_node.base.errors import CannotStart
from hanse_node.main import run_node
from hanse_node.operate.doctor import examine
from tests.tables.ed25519_oracle import accepts_with_checks, accepts_without_checks
from tests.vectors.edwards import BASE, L, add, challenge, judge, read, times
from tests.vectors.signature_cases import table
from tests.world.corridor_genesis import T0
from tests.world.node_ledger import make_folder

CASES = signature_cases.signature_cases()

Judge = Callable[[bytes, bytes, bytes], bool]


def test_the_table_is_what_the_generator_makes() -> None:
    """Each case and its verdict follows from RFC 8032 in plain integers; nobody has put one in by hand."""
    assert signature_cases._TABLE.rstrip("\n") == table()
    assert len(CASES) >= 20
    assert {case.valid for case in CASES} == {True, False}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_judge_agrees(case: signature_cases.Case) -> None:
    """PyNaCl, and `cryptography` with the three checks, decide as the rule does."""
    assert signature_cases._holds(case) is case.valid
    assert accepts_with_checks(case.key[1:], case.message, case.signature) is case.valid


def cofactored(key: bytes, message: bytes, signature: bytes) -> bool:
    """Judge as libsodium's main branch does: eight times the equation."""
    a, r, s = read(key), read(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or times(8, a) == (0, 1) or times(8, r) == (0, 1):
        return False
    k = challenge(signature[:32], key, message) % L
    return times(8 * s, BASE) == times(8, add(r, times(k, a)))


OTHERS: dict[str, Judge] = {
    "cofactored": cofactored,
    "without the checks": accepts_without_checks,
    "accepts nothing": lambda *_: False,
    "accepts S from L on": lambda key, message, signature: judge(
        key, message, signature[:32] + (int.from_bytes(signature[32:], "little") % L).to_bytes(32, "little")
    ),
}


@pytest.fixture(params=OTHERS, ids=str)
def other(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have another library in PyNaCl's place."""
    library = OTHERS[request.param]

    def open_(signed: bytes, key: bytes) -> bytes:
        if not library(key, signed[64:], signed[:64]):
            raise BadSignatureError
        return signed[64:]

    monkeypatch.setattr(keys, "crypto_sign_open", open_)
    signature_cases.misjudged_case.cache_clear()
    yield
    signature_cases.misjudged_case.cache_clear()


@pytest.mark.usefixtures("other")
def test_a_library_that_differs_is_found_out(tmp_path: Path) -> None:
    """The node does not start, doctor names it, and the SDK says that it cannot check: no "invalid"."""
    folder = make_folder(tmp_path / "node")
    with pytest.raises(CannotStart, match="decides a signature otherwise than the ledger") as refused:
        run_node(folder, port=0)
    assert "PyNaCl" in refused.value.next_step
    (finding,) = (found for found in examine(folder, {}, T0) if found.name == "signatures")
    assert (finding.level.value, finding.seen) == ("failure", refused.value.reason)
    report = verify_file(b"{}", None, now_ms())
    assert (report.verdict, report.steps[0].passed) == (Verdict.CANNOT_CHECK, False)
    with pytest.raises(SetupError, match="Nothing can be verified here"):
        need_ledger_signatures()
