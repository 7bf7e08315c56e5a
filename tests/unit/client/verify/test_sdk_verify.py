"""Offline verification by the SDK: verdicts, reports, and no socket."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

import hanse_client
from hanse_client.verify.offline import verify_file
from hanse_client.verify.report import report_json, report_text
from hanse_ledger.proofs.prooffile import read_proof, write_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import TrustFile, read_trust, write_trust
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.world.corridor import Corridor, story
from tests.world.corridor_genesis import GENESIS, T0, YEAR

NOW = T0 + 60_000


@cache
def told() -> Corridor:
    """The whole story; nobody changes it."""
    return story()


@cache
def proof_bytes() -> bytes:
    """A proof of an invoice and a certificate."""
    return write_proof(ProofMaker(told()).proof(told().id["invoice"], told().id["certificate"]))


def trust() -> TrustFile:
    """Whom the verifier trusts."""
    return read_trust(write_trust(GENESIS))


def test_a_good_proof_is_valid() -> None:
    """A whole proof of objects in good standing is valid at the present, and expired years later."""
    assert verify_file(proof_bytes(), trust(), NOW).verdict is Verdict.VALID
    assert verify_file(proof_bytes(), trust(), T0 + 10 * YEAR).verdict is Verdict.EXPIRED_OR_SUPERSEDED


def test_without_trust_nothing_can_be_checked() -> None:
    """A sound proof without a trust file cannot be checked: that is neither valid nor tampered."""
    report = verify_file(proof_bytes(), None, NOW)
    assert report.verdict is Verdict.CANNOT_CHECK
    assert [step.passed for step in report.steps] == [True, False]
    assert trust().ledger.hex() in report.detail


def test_another_ledgers_trust_is_an_unknown_issuer() -> None:
    """Under the trust file of another ledger, the maker of the proof is unknown."""
    other = read_trust(write_trust(replace(GENESIS, name="another corridor")))
    assert verify_file(proof_bytes(), other, NOW).verdict is Verdict.UNKNOWN_ISSUER


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (write_trust(GENESIS), Verdict.UNSUPPORTED_FORMAT),
        (b"%PDF-1.7\n", Verdict.UNSUPPORTED_FORMAT),
        (b'{"iD":"a certificate"}', Verdict.UNSUPPORTED_FORMAT),
        (b"<Invoice/>", Verdict.UNSUPPORTED_FORMAT),
        (b"", Verdict.UNSUPPORTED_FORMAT),
        (b'{"@type":"hanse.proof/3"}', Verdict.UNSUPPORTED_FORMAT),
        (b'{"@type":"hanse.proof/1"}', Verdict.UNSUPPORTED_FORMAT),
        (b'{"@type":"hanse.proof/2"}', Verdict.TAMPERED),
        (b'{"@type":"hanse.proof/2",', Verdict.UNSUPPORTED_FORMAT),
    ],
)
def test_other_files_have_their_own_answer(data: bytes, verdict: Verdict, trusted: bool) -> None:
    """What is no proof file is unsupported; what claims to be one and is not canonical is tampered."""
    report = verify_file(data, trust() if trusted else None, NOW)
    assert report.verdict is verdict
    assert report.detail
    assert not report.steps[-1].passed


def test_a_changed_proof_is_tampered_with() -> None:
    """A proof that names another object's number is seen through, with a trust file."""
    proof = read_proof(proof_bytes())
    first = replace(proof.objects[0], number=proof.objects[0].number + 1)
    data = write_proof(replace(proof, objects=(first, *proof.objects[1:])))
    assert verify_file(data, trust(), NOW).verdict is Verdict.TAMPERED


def reports() -> list[Report]:
    """One report of each kind that the story gives."""
    return [
        verify_file(proof_bytes(), trust(), NOW),
        verify_file(proof_bytes(), None, NOW),
        verify_file(proof_bytes(), trust(), T0 + 10 * YEAR),
        verify_file(b"%PDF", trust(), NOW),
        verify_file(write_proof(ProofMaker(told()).status(told().id["seller"])), trust(), NOW),
    ]


def test_a_report_in_words_tells_the_verdict_first() -> None:
    """The text begins with the verdict in capitals, and shows every step and subject."""
    for report in reports():
        text = report_text(report)
        assert text.startswith(report.verdict.value.upper() + ": ")
        assert all(step.title in text for step in report.steps)
        assert all(subject.id.hex() in text for subject in report.subjects)
    good = report_text(reports()[0])
    assert "invoice.accept by party" in good
    assert "One operator vouches for this" in good
    assert "As of 2026-09" in good


def test_a_report_as_json_is_plain() -> None:
    """The JSON holds the same as the report, bytes in hexadecimal, and no other types than JSON has."""
    for report in reports():
        told_json = json.loads(report_json(report))
        assert told_json["verdict"] == report.verdict.value
        assert told_json["size"] == report.size
        assert [step["number"] for step in told_json["steps"]] == [step.number for step in report.steps]
        assert [one["id"] for one in told_json["subjects"]] == [one.id.hex() for one in report.subjects]


OFFLINE = """
import socket, sys
def refuse(*arguments, **options):
    raise AssertionError("a socket was opened")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
from pathlib import Path
from hanse_client import verify_file
from hanse_client.verify.report import report_json, report_text
from hanse_ledger.proofs.trustfile import read_trust
trust = read_trust(Path(sys.argv[2]).read_bytes())
report = verify_file(Path(sys.argv[1]).read_bytes(), trust, int(sys.argv[3]))
report_json(report), report_text(report)
print(report.verdict.value, sorted(name for name in sys.argv[4:] if name in sys.modules))
"""

HEAVY = ("httpx2", "anyio", "fastapi", "sqlalchemy", "lxml", "cryptography", "starlette", "typer", "rich", "asyncio")


def run_python(program: str, *arguments: str) -> str:
    """Run a program in a fresh interpreter that finds what this one finds."""
    code = f"import sys; sys.path[:0] = {[str(path) for path in sys.path if path]!r}\n{program}"
    done = subprocess.run([sys.executable, "-I", "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_verification_opens_no_socket(tmp_path: Path) -> None:
    """A proof is verified in a process that cannot open a socket, and in which nothing that speaks HTTP was loaded."""
    proof, trusted = tmp_path / "proof.hanse", tmp_path / "trust.json"
    proof.write_bytes(proof_bytes())
    trusted.write_bytes(write_trust(GENESIS))
    assert run_python(OFFLINE, str(proof), str(trusted), str(NOW), *HEAVY) == "valid []\n"


def test_importing_loads_nothing() -> None:
    """`import hanse_client` loads no module but itself and the standard library's importer; names load on use."""
    program = "import hanse_client; print(sorted(name for name in sys.modules if name.startswith(('hanse', 'msg'))))"
    assert ast.literal_eval(run_python(program)) == ["hanse_client"]


def test_the_client_needs_no_extra() -> None:
    """The client itself loads no web framework, no SQL and no XML."""
    program = "import hanse_client\nhanse_client.Client\nprint(sorted(set(sys.argv[1:]) & set(sys.modules)))"
    assert run_python(program, "fastapi", "starlette", "sqlalchemy", "lxml", "typer", "hanse_node") == "[]\n"


def test_every_exported_name_exists() -> None:
    """Each name that the package promises can be loaded, and others are refused as Python does."""
    assert all(getattr(hanse_client, name) is not None for name in hanse_client.__all__)
    assert set(hanse_client.__all__) <= set(dir(hanse_client))
    with pytest.raises(AttributeError, match="no attribute 'Wallet'"):
        hanse_client.Wallet  # noqa: B018 (asking is the test)
