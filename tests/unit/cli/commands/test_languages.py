"""`--lang` and HANSE_LANG: verdicts and refusals in other languages, and what programs read in none but its own."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanse_cli.base.language import VARIABLE, choose
from hanse_cli.main import run
from hanse_cli.output.exits import ExitCode, error_document, lines_of
from hanse_client.base.errors import NodeUnreachable, Refused
from hanse_client.base.views import Refusal
from hanse_ledger.kinds.invoice.refusals import TAG_TAKEN
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.messages import said
from hanse_words import ENGLISH, LANGUAGES, catalogue_of
from tests.conftest import ROOT

TRUST = str(ROOT / "tests/vectors/trust.json")
SAMPLES = json.loads((ROOT / "tests/vectors/proofs.json").read_bytes())["proofs"]
AT = "2026-09-22T00:00:00Z"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Speak English again afterwards."""
    yield
    choose(ENGLISH)


@pytest.fixture
def proof(tmp_path: Path) -> str:
    """Give a proof that is valid with warnings."""
    path = tmp_path / "trade.hanse"
    path.write_text(SAMPLES[0]["proof"])
    return str(path)


def verified(proof: str, capsys: pytest.CaptureFixture[str], *options: str, before: tuple[str, ...] = ()) -> str:
    """Verify the proof, and give what stands on stdout."""
    code = run([*before, "verify", proof, "--trust", TRUST, "--at", AT, "--offline", *options])
    assert code == ExitCode.SUCCESS
    return capsys.readouterr().out


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_verdict_is_told_in_each_language(code: str, proof: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict stands first in its words, and each step and warning is said, with the same ids in it."""
    told = verified(proof, capsys, before=("--lang", code))
    words = catalogue_of(code)
    assert told.startswith(f"{words['verdict.valid-with-warnings'].upper()}: ")
    assert told.count("\n  ok ") == 13
    assert words["step.rules"] in told
    assert words["report.not-established"] in told
    assert "{" not in told
    english = verified(proof, capsys)
    assert set(re.findall("[0-9a-f]{64}", told)) == set(re.findall("[0-9a-f]{64}", english)) != set()
    assert (told == english) == (code == ENGLISH)
    assert told.count("\n") == english.count("\n")


def test_the_environment_chooses_too(
    proof: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """HANSE_LANG chooses, and an option counts before it; the locale is nobody's wish."""
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert verified(proof, capsys).startswith("VALID WITH WARNINGS")
    monkeypatch.setenv(VARIABLE, "de")
    assert verified(proof, capsys).startswith("GÜLTIG MIT WARNUNGEN")
    assert verified(proof, capsys, before=("--lang", "en")).startswith("VALID WITH WARNINGS")


def test_what_programs_read_is_the_same(proof: str, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON has the English words and the ids, whichever language was chosen."""
    plain = verified(proof, capsys, "--json")
    assert verified(proof, capsys, "--json", before=("--lang", "ar")) == plain
    report = json.loads(plain)
    assert report["said"]["meaning"]["id"] == "meaning.valid-with-warnings"
    moment = report["said"]["meaning"]["values"]["moment"]
    assert (moment["id"], moment["values"]) == ("verdict.moment", {"moment": "2026-09-21T14:13:35Z"})
    assert [step["said"]["title"]["words"] for step in report["steps"]] == [step["title"] for step in report["steps"]]


def test_a_language_that_is_none_is_refused(proof: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The languages that there are are named."""
    assert run(["--lang", "tlh", "verify", proof]) == ExitCode.USAGE
    assert "en, zh, de, fr, es, ar" in capsys.readouterr().err


def refusal(code: str) -> Refused:
    """Refuse as a node does."""
    return Refused(
        Refusal(
            code=code,
            rule="I-1",
            pointer="/body/tags/0",
            seen="ab{x}",
            user_message="A node's own words.",
            suggested_action="A node's own advice.",
            said_by="node.example",
            others=("a", "b"),
        )
    )


def test_a_refusal_is_told_by_its_code() -> None:
    """The words are the language's, the place and what was seen stand beside them; JSON keeps the node's own."""
    choose("de")
    words = catalogue_of("de")
    reason, action = words[f"reason.{TAG_TAKEN.value}"], words[f"reason.{TAG_TAKEN.value}.action"]
    assert lines_of(refusal("tag-taken")) == [
        f"{reason} (tag-taken, Regel I-1, bei /body/tags/0, vorgefunden: ab{{x}}) "
        f"So sagt es node.example; auch dort ist es nicht: a, b. {action}"
    ]
    assert "A node's own words." in str(error_document(refusal("tag-taken")))


def test_a_code_of_another_release_keeps_the_nodes_words() -> None:
    """What no catalogue knows is told as the node told it."""
    choose("zh")
    assert lines_of(refusal("never-heard-of"))[0].startswith("A node's own words.")


def test_errors_of_the_ledger_are_told_too() -> None:
    """What the ledger says has its words; what the command line says itself is English still."""
    choose("fr")
    error = ProofInvalid(said("claim.hash", "claim: a hash has 32 bytes"))
    assert lines_of(error) == ["revendication : une empreinte a 32 octets"]
    assert lines_of(NodeUnreachable("No answer came.", "Ask again.")) == ["No answer came. Ask again."]
