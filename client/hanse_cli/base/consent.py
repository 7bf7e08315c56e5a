"""Asking before something of others' is taken: shown first, line by line, then agreed to or not."""

import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from hanse_cli.base.console import say, table
from hanse_client.base.errors import InvalidInput

YesOption = Annotated[
    bool, typer.Option("--yes", help="Take what is shown without being asked; needed where there is no terminal.")
]


def need_consent(what: str, rows: Iterable[tuple[str, str]], *, yes: bool) -> None:
    """Show what is about to be taken, and insist that somebody agrees.

    Args:
        what: what is about to happen, a sentence without its end.
        rows: what is taken: names and values, which may be others' words.
        yes: whether it was agreed to beforehand.

    Raises:
        InvalidInput: it was not agreed to, or there is nobody to ask. Nothing has changed.
    """
    say(f"{what}:")
    say(table(rows))
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidInput(
            "This needs a yes, and there is no terminal to ask.",
            "Look at what is shown, compare the fingerprints, then run the command again with --yes.",
        )
    say("Go on? Type yes:")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InvalidInput("Nothing was done.", "Run the command again when it is as it should be.")
