"""How a failed command ends: words on stderr, a document where one was asked for, an exit code."""

import errno
import sys
import traceback

from typer.exceptions import TyperException

from hanse_cli.base.console import emit_json, mute, say
from hanse_cli.base.errors import OutputFailed, UnderWay
from hanse_cli.base.extras import missing_extra
from hanse_cli.output.exits import ExitCode, error_document, lines_of, meaning_of
from hanse_ledger.values.patterns import one_line


def fail(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong, and give the exit code. Only a bug of ours shows a traceback."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # of help, which a library prints
        mute(sys.stdout)
        error = OutputFailed(error.strerror or str(error))
    error = missing_extra(error) or error
    meaning = meaning_of(error)
    if meaning.exit_code is ExitCode.BUG:
        say("".join(traceback.format_exception(error)))
    cause = error.why if isinstance(error, UnderWay) else error
    if isinstance(cause, BrokenPipeError):
        # Help and progress are written by a library; whoever closed the pipe has read enough of them.
        mute(sys.stdout)
        return int(ExitCode.SUCCESS)
    if as_json and not isinstance(cause, OutputFailed):
        emit_json(error_document(error))
    context = getattr(error, "ctx", None) if isinstance(error, TyperException) else None
    if context is not None:
        say(context.get_usage())
    for line in lines_of(error):
        if line:
            # The words may be a node's, or a document's.
            say(one_line(line))
    return int(meaning.exit_code)
