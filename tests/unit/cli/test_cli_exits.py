"""Exit codes: every verdict and every error has one, and "invalid" is never "could not check"."""

import json
from pathlib import Path

import pytest
import typer
from typer.exceptions import TyperException

from hanse_cli.base.errors import AuditFailed, CannotAudit, Ended, MissingExtra, UnderWay, WouldOverwrite
from hanse_cli.output.exits import OF_ERROR, OF_VERDICT, ExitCode, error_document, lines_of, meaning_of
from hanse_cli.output.failing import fail
from hanse_client.base import errors
from hanse_client.base.views import Refusal, Unsettled
from hanse_documents import DocumentError, UnsupportedFormat
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.verdict import Verdict

REFUSAL = Refusal(code="not-seller", rule="I-4", pointer="/signers", seen="a", wanted="b", suggested_action="Ask.")


def test_every_verdict_has_its_exit_code() -> None:
    """The numbers are those of the design, and each verdict has one."""
    assert {verdict.value: int(code) for verdict, code in OF_VERDICT.items()} == {
        "valid": 0,
        "valid with warnings": 0,
        "expired or superseded": 11,
        "revoked": 11,
        "tampered": 10,
        "unknown issuer": 12,
        "not found": 13,
        "cannot check": 20,
        "unsupported format": 14,
    }
    assert set(OF_VERDICT) == set(Verdict)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInput("x"), 2),
        (errors.SetupError("x"), 2),
        (errors.IdentityError("x"), 2),
        (errors.DocumentError("x"), 2),
        (WouldOverwrite("x"), 2),
        (MissingExtra("node", "the node"), 2),
        (Malformed("x"), 2),
        (DocumentError("BT-1", seen="x", wanted="y"), 2),
        (TyperException("x"), 2),
        (errors.BadAnswer("x"), 10),
        (errors.RollbackDetected("x", remembered=b"", seen=b""), 10),
        (errors.ForkDetected("x", remembered=b"", seen=b""), 10),
        (ProofInvalid("x"), 10),
        (AuditFailed("x"), 10),
        (errors.LedgerChanged("x", "y"), 12),
        (errors.NotFound(REFUSAL), 13),
        (UnsupportedFormat("x", action="y"), 14),
        (errors.Refused(REFUSAL), 15),
        (errors.StaleHead("x"), 20),
        (CannotAudit("x"), 20),
        (errors.NodeUnreachable("x"), 30),
        (errors.NodeBusy("x"), 30),
        (errors.NodeFailed("x"), 30),
        (errors.Unauthorized(REFUSAL), 30),
        (RuntimeError("x"), 70),
        (AssertionError("x"), 70),
        (KeyError("x"), 70),
        (KeyboardInterrupt(), 130),
        (typer.Abort(), 130),
    ],
)
def test_every_error_has_its_exit_code(error: BaseException, code: int) -> None:
    """Who can act decides the number; what nobody foresaw is a bug of ours."""
    assert meaning_of(error).exit_code == code


def test_a_later_line_of_the_table_never_hides() -> None:
    """No line stands behind one that catches all of its errors, or it would count for nothing."""
    kinds = [kind for kind, _ in OF_ERROR]
    hidden = [
        later.__name__
        for place, later in enumerate(kinds)
        if any(issubclass(later, earlier) for earlier in kinds[:place])
    ]
    assert hidden == []


def test_a_refusal_says_all_of_it_in_json() -> None:
    """The error document names the rule, the field, what was seen and wanted, and who should do what."""
    document = error_document(errors.Refused(REFUSAL))["error"]
    assert isinstance(document, dict)
    assert document["code"] == "refused"
    assert document["exit_code"] == ExitCode.REFUSED
    assert document["action"] == "Ask."
    assert [document[name] for name in ("reason", "rule", "pointer", "seen", "wanted")] == [
        "not-seller",
        "I-4",
        "/signers",
        "a",
        "b",
    ]


def test_an_alarm_keeps_both_notes() -> None:
    """Whoever reads the error document gets the evidence."""
    document = error_document(errors.ForkDetected("x", remembered=b"one", seen=b"two"))["error"]
    assert isinstance(document, dict)
    assert (document["remembered"], document["seen"]) == ("one", "two")


def test_only_a_bug_shows_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """A bug of ours asks to be reported, with the lines that help; an error of the user's gets words alone."""
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError("the impossible")
    assert fail(raised.value, as_json=False) == 70
    said = capsys.readouterr()
    assert "Traceback" in said.err
    assert "the impossible" in said.err
    assert "report it" in said.err
    assert said.out == ""
    assert fail(errors.InvalidInput("No such thing.", "Try another."), as_json=False) == 2
    assert capsys.readouterr().err == "No such thing. Try another.\n"


def test_a_failure_is_one_document_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout holds the error document and nothing else."""
    assert fail(WouldOverwrite(Path("seller.pem")), as_json=True) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["message"] == "seller.pem is there already."
    assert "--force" in document["error"]["action"]


@pytest.mark.parametrize(
    ("kind", "again", "position", "words"),
    [
        ("payment.instruct", True, None, "Run the same command again: it sends the same record"),
        (
            "payment.instruct",
            False,
            None,
            f"before you have looked: hanse payment show {'22' * 32}",
        ),
        ("payment.instruct", True, 7, "stands at position 7: do not run the command again. Look at it: hanse payment"),
        ("member.vote", False, None, "have looked: hanse member show"),
        ("key.rotate", False, None, f"have looked: hanse party show {'22' * 32}"),
    ],
)
def test_what_ends_under_way_says_what_may_stand(
    kind: str, again: bool, position: int | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is that of what ended it; the words and the document name the record, and what to do."""
    sent = Unsettled(
        record_id=b"\x11" * 32,
        object_id=b"\x22" * 32,
        kind=kind,
        expires_ms=1_795_911_005_016,
        repeatable=again,
        position=position,
    )
    for why, code in ((KeyboardInterrupt(), 130), (Ended(15), 143), (errors.NodeUnreachable("No answer."), 30)):
        assert fail(UnderWay(why, (sent,)), as_json=True) == code
        said = capsys.readouterr()
        error = json.loads(said.out)["error"]
        assert error["exit_code"] == code
        assert error["unsettled"][0]["record_id"] == "11" * 32
        for text in (said.err, error["message"]):
            assert f"{kind} {'11' * 32}" in text
            assert words in text
        assert ("2026-11-29T00:10:05Z" in said.err) == (position is None)


def test_an_id_of_another_kind_says_what_to_run() -> None:
    """The rules say what the id is; the command line how to look at it."""
    wanted = "the id of a declaration; this is that of an invoice"
    error = errors.Refused(
        Refusal(code="declaration-unknown", seen="ab" * 32, wanted=wanted, suggested_action="Check.")
    )
    assert lines_of(error)[0].endswith(f"{wanted}) Check. What this one is: hanse invoice show {'ab' * 32}")
    assert f"hanse invoice show {'ab' * 32}" in str(error_document(error)["error"])


@pytest.mark.parametrize(
    "seen", ["", "x; rm -rf ~", "$(id)", "ab" * 31, "ab" * 33, "AB" * 32, f"{'ab' * 32} --force", f"{'ab' * 32}\n"]
)
def test_a_node_s_words_are_no_part_of_a_command(seen: str) -> None:
    """What is no id is not put into a command that somebody will paste."""
    wanted = "the id of a declaration; this is that of an invoice"
    error = errors.Refused(Refusal(code="declaration-unknown", seen=seen, wanted=wanted, suggested_action="Check."))
    assert lines_of(error)[0].endswith("Check.")
    assert "hanse invoice show" not in str(error_document(error)["error"])
