"""How a failed command ends: words on stderr, a document where one was asked for, an exit code."""

import traceback

from typer.exceptions import TyperException

from hanse_client.cli.console import emit_json, say
from hanse_client.cli.exits import ExitCode, error_document, meaning_of, words_of


def fail(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong, and give the exit code. Only a bug of ours shows a traceback."""
    meaning, (message, action) = meaning_of(error), words_of(error)
    if meaning.exit_code is ExitCode.BUG:
        say("".join(traceback.format_exception(error)))
    if as_json:
        emit_json(error_document(error))
    context = getattr(error, "ctx", None) if isinstance(error, TyperException) else None
    if context is not None:
        say(context.get_usage())
    if message:
        say(f"{message} {action}".strip())
    return int(meaning.exit_code)
