"""Ed25519 at its edges: libraries disagree about 914 published cases, and nodes must not.

Every signature that admission looks at goes through `values.keys.verify_signature`, which asks PyNaCl alone;
threads and the verifying process of a node come to the same verdicts.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hanse_ledger.values.errors import ProofInvalid, Rejected
from hanse_ledger.values.keys import ed25519_key, verify_signature
from tests.conftest import ROOT
from tests.tables.ed25519_oracle import accepts_with_checks

CASES, ACCEPTED, WYCHEPROOF = 914, 43, 151

Case = tuple[bytes, bytes, bytes]

ASK = """
import json, sys
from hanse_ledger.values.errors import ProofInvalid, Rejected
from hanse_ledger.values.keys import ed25519_key, verify_signature
for line in sys.stdin:
    key, message, signature = (bytes.fromhex(each) for each in json.loads(line))
    try:
        verify_signature(ed25519_key(key), message, signature)
        print(1)
    except (ProofInvalid, Rejected):
        print(0)
"""


def cases(shared: Path) -> list[Case]:
    """Read the published cases: key, message, signature."""
    found = json.loads((shared / "vectors" / "ed25519" / "cctv-ed25519vectors.json").read_text("utf-8"))
    return [(bytes.fromhex(each["key"]), each["msg"].encode(), bytes.fromhex(each["sig"])) for each in found]


def accepted(case: Case) -> bool:
    """Give this process's verdict."""
    key, message, signature = case
    try:
        verify_signature(ed25519_key(key), message, signature)
    except (ProofInvalid, Rejected):
        return False
    return True


def wycheproof(shared: Path) -> list[tuple[Case, bool]]:
    """Read Wycheproof's cases, and what each should come to."""
    found = json.loads((shared / "vectors" / "ed25519" / "wycheproof-ed25519_test.json").read_text("utf-8"))
    return [
        (
            (bytes.fromhex(group["publicKey"]["pk"]), bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])),
            test["result"] == "valid",
        )
        for group in found["testGroups"]
        for test in group["tests"]
    ]


def test_a_second_library_with_the_three_checks_agrees(shared: Path) -> None:
    """`cryptography`, which accepts 208 of the published cases, comes to PyNaCl's 43 once it checks S, A and R."""
    assert [accepts_with_checks(*case) for case in cases(shared)] == [accepted(case) for case in cases(shared)]


def test_wycheproof_is_decided_as_it_should_be(shared: Path) -> None:
    """All 151 cases, by PyNaCl and by the second library."""
    found = wycheproof(shared)
    assert len(found) == WYCHEPROOF
    assert [accepted(case) for case, _ in found] == [valid for _, valid in found]
    assert [accepts_with_checks(*case) for case, _ in found] == [valid for _, valid in found]


def test_every_node_comes_to_one_verdict(shared: Path) -> None:
    """Here, on threads, and in two processes of their own: the same cases are accepted, as many as were published."""
    found = cases(shared)
    verdicts = [accepted(case) for case in found]
    assert (len(verdicts), sum(verdicts)) == (CASES, ACCEPTED)
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(accepted, found)) == verdicts
    asked = "".join(json.dumps([part.hex() for part in case]) + "\n" for case in found)
    for _ in range(2):
        other = subprocess.run(
            [sys.executable, "-c", ASK], input=asked, capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert [line == "1" for line in other.stdout.split()] == verdicts
