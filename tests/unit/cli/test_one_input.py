"""The standard input is read once: a command that would read two things from it says so, and does nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from hanse_cli.base.background import clean_environment
from tests.unit.cli.test_cli_main import folder as _folder
from tests.unit.cli.test_cli_main import proof_bytes as _proof_bytes

folder, proof_bytes = _folder, _proof_bytes


def ended(folder: Path, through: bytes, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run `hanse` with something on its standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "hanse_cli.main", *words],
        cwd=folder,
        env={**clean_environment(), "HANSE_HOME": str(folder / "home")},
        input=through,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("second", ["-", "/dev/stdin", "/dev/fd/0"])
def test_two_inputs_from_it_are_refused(folder: Path, second: str) -> None:
    """Whatever the second is called; nothing is judged."""
    trust = (folder / "trust.json").read_bytes()
    said = ended(folder, trust, "verify", second, "--trust", "-", "--offline")
    assert said.returncode == 2
    assert "The standard input was read already: only one input can come from it. Name a file." in said.stderr
    assert said.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ("key", "rotate", "new.pem", "--new-passphrase-file", "-", "--identity", "old.pem", "--passphrase-file", "-"),
        ("invoice", "issue", "-", "--buyer", "ab" * 32, "--identity", "old.pem", "--passphrase-file", "-"),
        ("invoice", "accept", "ab" * 32, "--identity", "old.pem", "--passphrase-file", "-", "--trust", "-"),
        ("invoice", "accept", "ab" * 32, "--identity", "old.pem", "--passphrase-file", "-", "--token-file", "-"),
        ("payment", "show", "ab" * 32, "--trust", "-", "--token-file", "-"),
    ],
    ids=" ".join,
)
def test_no_command_reads_it_twice(folder: Path, words: tuple[str, ...]) -> None:
    """The words are the same for every pair of inputs, and nobody is asked."""
    for name in ("old.pem", "new.pem"):
        (folder / "passphrase").write_text("secret\n")
        (folder / "passphrase").chmod(0o600)
        if not (folder / name).exists():
            assert ended(folder, b"", "key", "new", name, "--passphrase-file", "passphrase").returncode == 0
    said = ended(folder, b"secret\n", *words)
    assert said.returncode == 2
    assert "The standard input was read already" in said.stderr


def test_a_trust_file_from_it_serves_the_whole_command(folder: Path) -> None:
    """`verify` asks the node with the trust file that it has read: the node is not there, and that is what is said."""
    trust = (folder / "trust.json").read_bytes()
    words = ("verify", "proof.hanse", "--trust", "-", "--node", "http://127.0.0.1:9")
    said = ended(folder, trust, *words)
    assert said.returncode == 30
    assert "does not answer" in said.stderr
