"""The front page of the command line: how words become a command, and an error an exit code."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hanse_cli.front import app

__all__ = ["app", "main", "run"]

UMASK = 0o077
COMPLETION = "_HANSE_COMPLETE"
"""Set by a shell that asks what could follow."""


def __getattr__(name: str) -> object:
    """Load the commands when they are first asked for, so that an interrupt while they load is caught too."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hanse_cli.front import app as commands  # noqa: PLC0415 (see above)

    return commands


def run(arguments: Sequence[str]) -> int:
    """Run a command line, without the program's name, and give its exit code."""
    try:
        return _run(list(arguments))
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 (the outermost boundary: here every error gets its code)
        from hanse_cli.output.failing import fail  # noqa: PLC0415 (likewise)

        return fail(error, as_json="--json" in arguments)


def _run(arguments: list[str]) -> int:
    # Loaded here, so that an interrupt meanwhile is caught, and not by way of the library's own `main`, which would
    # turn an interrupt and a closed pipe into codes of its own, without a word.
    import typer  # noqa: PLC0415 (see above)

    from hanse_cli.front import app as commands  # noqa: PLC0415 (see above)

    command = typer.main.get_command(commands)
    if COMPLETION in os.environ:
        command.main(arguments, prog_name="hanse")
    try:
        with command.make_context("hanse", arguments) as context:
            return int(command.invoke(context) or 0)
    except typer.Exit as leaving:
        return int(leaving.exit_code)
    except SystemExit:
        # Only the library that prints help leaves so: somebody closed the pipe, and has read enough of it.
        return 0


def _open_streams() -> None:
    """Give each closed stream the null device, so that no file that is opened later takes its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        # A locale that cannot show a character must not cost the answer.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # each is a text stream by now


def main() -> None:
    """Run `hanse` with the words that it was started with."""
    # What a command makes, and what it starts makes, is its user's alone; what is meant for others is opened by name.
    os.umask(UMASK)
    _open_streams()
    code = run(sys.argv[1:])
    from hanse_cli.base.console import finish_output  # noqa: PLC0415 (see `_run`)

    sys.exit(finish_output(code))


if __name__ == "__main__":
    main()
