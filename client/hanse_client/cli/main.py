"""The front page of the command line: how words become a command, and an error an exit code."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hanse_client.cli.commands import app

__all__ = ["app", "main", "run"]


def __getattr__(name: str) -> object:
    """Load the commands when they are first asked for, so that an interrupt while they load is caught too."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from hanse_client.cli.commands import app as commands  # noqa: PLC0415 (see above)

    return commands


def run(arguments: Sequence[str]) -> int:
    """Run a command line, without the program's name, and give its exit code."""
    try:
        from hanse_client.cli.commands import app as commands  # noqa: PLC0415 (see `__getattr__`)

        # What a command returns by `typer.Exit` comes back as a number; nothing else does.
        return int(commands(list(arguments), prog_name="hanse", standalone_mode=False) or 0)
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 (the outermost boundary: here every error gets its code)
        from hanse_client.cli.failing import fail  # noqa: PLC0415 (likewise)

        return fail(error, as_json="--json" in arguments)


def main() -> None:
    """Run `hanse` with the words that it was started with."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
