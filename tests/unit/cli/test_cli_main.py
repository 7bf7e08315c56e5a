"""The command line without a node: usage, keys, verdicts, what a file says of itself."""

import json
import os
import re
import stat
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.folders.corridor import Plan, PlannedMember, make_corridor, read_plan
from hanse_cli.main import run
from hanse_client.home.identity import Identity
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.trustfile import write_trust
from hanse_ledger.wire.genesis import ledger_id
from tests.tables.proofs import ProofMaker
from tests.world.corridor import story
from tests.world.corridor_genesis import GENESIS, T0, YEAR

Said = pytest.CaptureFixture[str]

AT = ["--at", "2026-09-21T14:20:00Z"]


@cache
def proof_bytes() -> bytes:
    """A proof of an invoice and a certificate."""
    told = story()
    return write_proof(ProofMaker(told).proof(told.id["invoice"], told.id["certificate"]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a proof, its trust file and a passphrase."""
    (tmp_path / "proof.hanse").write_bytes(proof_bytes())
    (tmp_path / "trust.json").write_bytes(write_trust(GENESIS))
    (tmp_path / "passphrase").write_text("correct horse\n")
    (tmp_path / "passphrase").chmod(0o600)
    return tmp_path


def judged(folder: Path, *words: str) -> list[str]:
    """Write the words of an offline verification in that folder."""
    return ["verify", str(folder / "proof.hanse"), "--trust", str(folder / "trust.json"), "--offline", *words]


def test_the_version_is_printed(capsys: Said) -> None:
    """`--version` leaves with 0."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("hanse")


@pytest.mark.parametrize(
    "words", [[], ["burn"], ["key"], ["key", "burn"], ["verify"], ["verify", "--burn"], ["invoice", "show"]]
)
def test_wrong_usage_is_2_and_says_how(words: list[str], capsys: Said) -> None:
    """What the command line does not understand ends with 2 and the usage, on stderr."""
    assert run(words) == 2
    assert "Usage: hanse" in capsys.readouterr().err


def test_wrong_usage_with_json_is_one_document(capsys: Said) -> None:
    """Programs get their error as JSON too."""
    assert run(["invoice", "show", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"


def test_a_sound_proof_is_0(folder: Path, capsys: Said) -> None:
    """The verdict, who vouches and the steps are told; nobody is asked, and that is said."""
    assert run(judged(folder, *AT)) == 0
    said = capsys.readouterr()
    assert said.out.startswith("VALID")
    assert "one operator vouches for this" in said.out.lower()
    assert "nobody was asked" in said.err


def test_json_is_one_document_with_the_verdict(folder: Path, capsys: Said) -> None:
    """With --json stdout holds the report and nothing else."""
    assert run(judged(folder, *AT, "--json")) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "valid"
    assert [step["passed"] for step in report["steps"]] == [True] * len(report["steps"])


def test_what_is_older_than_asked_for_is_20(folder: Path, capsys: Said) -> None:
    """A proof that is older than --max-age cannot be checked; a younger one is valid; a span is written in one form."""
    assert run(judged(folder, *AT, "--max-age", "1d")) == 0
    assert run(judged(folder, *AT, "--max-age", "30s")) == 20
    assert "nothing older than 30 seconds is taken" in capsys.readouterr().out
    for wrong in ("7", "0d", "-1d", "1w", "1.5h"):
        assert run(judged(folder, *AT, f"--max-age={wrong}")) == 2


def test_nothing_is_in_good_standing_but_as_of_a_moment(folder: Path, capsys: Said) -> None:
    """Wherever the words are said, the moment as of which it was so stands beside them."""
    assert run(judged(folder, *AT)) == 0
    said = capsys.readouterr().out
    assert "Not established" in said
    lines = [line for line in said.splitlines() if "good standing" in line]
    assert lines
    assert all("as of 20" in line for line in lines)


def test_a_changed_byte_is_10(folder: Path, capsys: Said) -> None:
    """A proof in which one byte differs is tampered with."""
    data = bytearray(proof_bytes())
    place = data.index(b'"entry":"') + 40
    data[place] = ord("A") if data[place] != ord("A") else ord("B")
    (folder / "proof.hanse").write_bytes(data)
    assert run(judged(folder, *AT)) == 10
    assert capsys.readouterr().out.startswith("TAMPERED")


def test_what_is_no_longer_in_force_is_11(folder: Path) -> None:
    """Years later the certificate has expired: sound, but not in force."""
    later = f"{1970 + (T0 + 10 * YEAR) // YEAR}-06-01"
    assert run(judged(folder, "--at", later)) == 11


def test_an_unknown_issuer_is_12(folder: Path) -> None:
    """The trust file of another ledger knows nobody who vouches."""
    (folder / "trust.json").write_bytes(write_trust(replace(GENESIS, name="another")))
    assert run(judged(folder, *AT)) == 12


def test_what_is_no_proof_is_14(folder: Path) -> None:
    """A trust file, a picture and an empty file are not proofs: nothing is said about their worth."""
    for data in (write_trust(GENESIS), b"%PDF-1.7", b""):
        (folder / "proof.hanse").write_bytes(data)
        assert run(judged(folder, *AT)) == 14


def test_without_a_trust_file_nothing_can_be_checked(folder: Path, capsys: Said) -> None:
    """20, neither valid nor tampered; the message says where to get the file."""
    assert run(["verify", str(folder / "proof.hanse"), "--offline"]) == 20
    assert "--trust" in capsys.readouterr().err


def test_a_missing_or_wrong_local_file_is_2(folder: Path, capsys: Said) -> None:
    """That is for whoever typed the name, not a verdict."""
    (folder / "wrong.json").write_bytes(b"{}")
    assert run(["verify", str(folder / "none.hanse"), "--offline"]) == 2
    assert run([*judged(folder), "--trust", str(folder / "wrong.json")]) == 2
    assert run([*judged(folder), "--at", "tomorrow"]) == 2
    assert capsys.readouterr().out == ""


OFFLINE = """
import sys
def forbid(event, arguments):
    if event.startswith("socket."):
        raise AssertionError(event)
sys.addaudithook(forbid)
from hanse_cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def test_offline_opens_no_socket(folder: Path) -> None:
    """Even where HANSE_NODE names a node, `--offline` touches no socket; without it the node would be asked."""
    path = {"PYTHONPATH": ":".join(place for place in sys.path if place), "HANSE_NODE": "http://127.0.0.1:9"}
    words = [sys.executable, "-c", OFFLINE, *judged(folder, *AT)]
    assert subprocess.run(words, env=path, capture_output=True, check=False).returncode == 0
    words.remove("--offline")
    assert subprocess.run(words, env=path, capture_output=True, check=False).returncode == 70


def test_inspect_judges_nothing(folder: Path, capsys: Said) -> None:
    """What a file says is shown, and no word of it sounds like a verdict."""
    for name in ("proof.hanse", "trust.json"):
        assert run(["inspect", str(folder / name)]) == 0
        said = capsys.readouterr()
        assert "nothing was checked" in said.out
        assert "Nothing was checked" in said.err
        words = (said.out + said.err).replace("hanse verify", "").lower()
        assert not re.search(r"\b(in)?valid(?!ator)|verif", words)


def test_inspect_shows_what_stands_in_a_proof(folder: Path, capsys: Said) -> None:
    """Objects with their aspects, and records with their bodies, as JSON too; tampered files are shown as well."""
    assert run(["inspect", str(folder / "proof.hanse"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["checked"] == "nothing was checked"
    assert [entry["aspects"].keys() >= {"invoice/status"} for entry in shown["objects"]] == [True, False]
    assert "invoice.issue" in {record["kind"] for record in shown["records"]}
    assert shown["ledger"] == ledger_id(GENESIS).hex()


def test_inspect_of_something_else_is_14(folder: Path) -> None:
    """A file of no known form is not described."""
    assert run(["inspect", str(folder / "passphrase")]) == 14


def test_a_key_is_made_shown_and_never_lost(folder: Path, capsys: Said) -> None:
    """A new identity is encrypted, mode 0600, and replaced only by force."""
    path, phrase = str(folder / "seller.pem"), ["--passphrase-file", str(folder / "passphrase")]
    assert run(["key", "new", path, *phrase, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert stat.S_IMODE((folder / "seller.pem").stat().st_mode) == 0o600
    assert Identity.load(path, b"correct horse").public_key.hex() == made["public_key"]
    assert run(["key", "new", path, *phrase]) == 2
    assert "is there already" in capsys.readouterr().err
    assert run(["key", "show", path, *phrase, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == made
    assert run(["key", "new", path, *phrase, "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["public_key"] != made["public_key"]
    assert sorted(entry.name for entry in folder.glob("*seller*")) == ["seller.pem"]


def test_a_passphrase_comes_from_a_file_or_a_terminal(folder: Path, capsys: Said) -> None:
    """Without either the command says so; a wrong one is told apart from a damaged file by nobody, and refused."""
    path = folder / "seller.pem"
    Identity.generate("seller").save(path, b"another")
    assert run(["key", "show", str(path)]) == 2
    assert "--passphrase-file" in capsys.readouterr().err
    assert run(["key", "show", str(path), "--passphrase-file", str(folder / "passphrase")]) == 2
    assert "passphrase is wrong" in capsys.readouterr().err


def test_an_identity_without_a_passphrase_needs_none(tmp_path: Path, capsys: Said) -> None:
    """A key file that is not encrypted opens as it is."""
    identity = Identity.generate("seller")
    identity.save(tmp_path / "seller.pem", None)
    assert run(["key", "show", str(tmp_path / "seller.pem")]) == 0
    assert identity.public_key.hex() in capsys.readouterr().out


def test_no_option_takes_a_passphrase_itself() -> None:
    """A flag would stand in the process list and in the shell's history."""
    shown = subprocess.run(
        [sys.executable, "-c", "from hanse_cli.main import run; run(['key', 'new', '--help'])"],
        env={"PYTHONPATH": ":".join(place for place in sys.path if place), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--passphrase-file" in shown
    assert re.findall(r"--passphrase(?!-file)", shown) == []


def test_a_signing_command_without_an_identity_says_so(capsys: Said) -> None:
    """Nothing is asked of any node before it is known who signs."""
    assert run(["invoice", "accept", "00" * 32]) == 2
    assert "--identity" in capsys.readouterr().err


def test_an_unreachable_node_is_30(tmp_path: Path, folder: Path) -> None:
    """No answer is neither valid nor invalid."""
    words = ["--node", "http://127.0.0.1:9", "--home", str(tmp_path / "home"), "--trust", str(folder / "trust.json")]
    assert run(["invoice", "show", "00" * 32, *words]) == 30


@pytest.mark.parametrize(
    ("absent", "words", "extra"),
    [
        ("hanse_node", ["node", "run", "--dir", "x"], "hanse[node]"),
        ("sqlalchemy", ["log", "verify", "--dir", "x"], "hanse[node]"),
        ("lxml", ["demo"], "hanse[documents]"),
    ],
)
def test_a_missing_extra_is_named(absent: str, words: list[str], extra: str, tmp_path: Path) -> None:
    """Without the node or the XML readers the commands that need them say what to install."""
    code = f"import sys; sys.modules[{absent!r}] = None\n" + OFFLINE.rsplit("sys.addaudithook", 1)[1].split("\n", 1)[1]
    ended = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={"PYTHONPATH": ":".join(place for place in sys.path if place)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert extra in ended.stderr


def test_common_options_reach_a_command_as_one_session() -> None:
    """A command sees its own parameters and the session; the command line sees all of them."""
    seen: list[tuple[str, CommandSession]] = []

    @in_session
    def command(name: str, *, session: CommandSession) -> None:
        seen.append((name, session))

    options = [name for name, field in CommandSession.__dataclass_fields__.items() if field.init]
    command(**{"name": "x", **dict.fromkeys(options)})
    assert [name for name, _ in seen] == ["x"]
    assert isinstance(seen[0][1], CommandSession)
    assert "session" not in command.__annotations__
    assert "trust" in command.__annotations__


def start(words: list[str], **streams: Any) -> "subprocess.Popen[str]":
    """Start the command line as a program."""
    code = "from hanse_cli.main import main; main()"
    path = {"PYTHONPATH": ":".join(place for place in sys.path if place), "NO_COLOR": "1"}
    return subprocess.Popen([sys.executable, "-c", code, *words], env=path, text=True, **streams)


@pytest.mark.parametrize(("name", "expected"), [("proof.hanse", 0), ("trust.json", 14)])
def test_a_closed_pipe_costs_nothing_but_the_words(folder: Path, name: str, expected: int) -> None:
    """Whoever closes the pipe gets the verdict's exit code all the same, and no traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    words = ["verify", str(folder / name), "--trust", str(folder / "trust.json"), "--offline", *AT]
    with start(words, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, "Error" in said) == (expected, False)


def test_help_into_a_closed_pipe_is_no_error() -> None:
    """`hanse --help | head -1` ends well."""
    reading, writing = os.pipe()
    os.close(reading)
    with start(["--help"], stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_answer_that_cannot_be_written_is_74(folder: Path, more: list[str]) -> None:
    """A full disk is neither a verdict nor a bug of ours."""
    with (
        Path("/dev/full").open("w") as full,
        start(judged(folder, *AT, *more), stdout=full, stderr=subprocess.PIPE) as process,
    ):
        _, said = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in said, "bug" in said) == (74, False, False)
    assert "cannot be written" in said


@pytest.mark.parametrize("words", [["verify"], ["inspect"]])
def test_what_is_no_file_is_not_waited_for(
    folder: Path, words: list[str], capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device and a folder are refused at once, a pipe after a while: reading them might never end."""
    monkeypatch.setattr("hanse_client.base.streams.WRITER_SECONDS", 0.2)
    os.mkfifo(folder / "pipe")
    for name, said in ((folder / "pipe", "nobody writes"), (folder, "not a file"), (Path("/dev/zero"), "not a file")):
        assert run([*words, str(name)]) == 2
        assert said in capsys.readouterr().err


def test_an_oversized_file_is_14_and_not_read(folder: Path, capsys: Said) -> None:
    """A file of a terabyte gets its verdict from its size."""
    with (folder / "proof.hanse").open("ab") as file:
        file.truncate(1 << 40)
    assert run(judged(folder, *AT)) == 14
    assert str(1 << 40) in capsys.readouterr().out


def test_the_shell_completes_commands(tmp_path: Path) -> None:
    """What `--install-completion` sets up asks the program, which answers with what fits."""
    path = {"PYTHONPATH": ":".join(place for place in sys.path if place)}
    asked = {"_HANSE_COMPLETE": "complete_bash", "COMP_WORDS": "hanse inv", "COMP_CWORD": "1"}
    words = [sys.executable, "-c", "from hanse_cli.main import main; main()"]
    answered = subprocess.run(words, env=path | asked, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert answered.stdout.split() == ["invoice"]


def test_the_list_of_members_in_the_reference_is_read(root: Path) -> None:
    """The example of docs/formats/members.md makes a corridor, and the page names every field."""
    page = (root / "docs" / "formats" / "members.md").read_text()
    plan = read_plan(page.split("```toml\n")[1].split("```")[0].encode())
    assert [member.id for member in make_corridor(plan, T0).genesis.membership.members] == sorted(
        member.id for member in plan.members
    )
    for field in (*Plan.__struct_fields__, *PlannedMember.__struct_fields__):
        assert f"| `{field}` |" in page
