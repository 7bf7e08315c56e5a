"""The reference of the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from hanse_cli.front import app
from tests.cli_page import PAGE, commands, write_page

UNTIL_STOPPED = {"hanse network up", "hanse node run"}
"""Commands that run until they are stopped, and have no result."""


def test_the_page_of_the_command_line_is_what_the_code_says() -> None:
    """docs/cli.md names every command, argument and option as they are; `python -m tests.cli_page` rewrites it."""
    assert PAGE.read_text() == write_page()


def test_every_command_with_a_result_takes_json() -> None:
    """A script reads what a person reads, of every command that ends by itself."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    without = {
        name
        for name, command in commands(root, "hanse")
        if not any("--json" in parameter.opts for parameter in command.params)
    }
    assert without == UNTIL_STOPPED


@pytest.mark.parametrize(
    ("shell", "file"),
    [
        ("bash", ".bash_completions/hanse.sh"),
        ("zsh", ".zfunc/_hanse"),
        ("fish", ".config/fish/completions/hanse.fish"),
    ],
)
def test_completion_is_shown_and_installed(shell: str, file: str, tmp_path: Path) -> None:
    """For each shell: what is shown is what is installed, in the user's own folder, and calls the program back."""
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(place for place in sys.path if place),
        # Named by its argument: which shell has started the tests is not asked.
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    program = "import sys; sys.argv[0] = 'hanse'; from hanse_cli.main import main; main()"
    said = {
        option: subprocess.run(
            [sys.executable, "-c", program, option, shell],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            cwd=tmp_path,
        ).stdout
        for option in ("--show-completion", "--install-completion")
    }
    assert "_HANSE_COMPLETE=complete_" in said["--show-completion"]
    assert f"{shell} completion installed" in said["--install-completion"]
    assert (tmp_path / file).read_text().strip() == said["--show-completion"].strip()
