"""A command that takes its time says on a terminal what it waits for: once, and nowhere else."""

import os
import pty
import subprocess
import sys

import pytest

PROGRAM = """
import sys, time
from hanse_cli.base.console import patience, say
with patience("Waiting for the node"):
    time.sleep(float(sys.argv[1]))
    if len(sys.argv) > 2:
        say("something")
        time.sleep(1.5)
"""


def on_a_terminal(*words: str) -> str:
    """Run the program with a terminal for its messages, and give what it says there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", PROGRAM, *words], stderr=theirs, stdin=subprocess.DEVNULL) as process:
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 1_024):
                said += piece
        except OSError:
            pass  # how a terminal ends whose other side has gone
        process.wait(30)
    os.close(ours)
    assert process.returncode == 0
    return said.decode()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2.5",), "Waiting for the node …\r\n"),
        (("0.1",), ""),
        (("0.1", "speaks"), "something\r\n"),
    ],
)
def test_after_a_second_it_is_said_what_is_waited_for(words: tuple[str, ...], said: str) -> None:
    """Not before, and not where something was said meanwhile."""
    assert on_a_terminal(*words) == said


def test_nothing_is_said_where_nobody_watches() -> None:
    """Into a file or a pipe go messages alone."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM, "1.5"], capture_output=True, check=True, timeout=60)
    assert ended.stderr == b""
