"""In which language a command speaks: that of `--lang`, or of HANSE_LANG, else English."""

from collections.abc import Mapping
from contextvars import ContextVar

import typer

from hanse_cli.base.console import say
from hanse_ledger.values.messages import Said, in_language
from hanse_words import ENGLISH, LANGUAGES, catalogue_of

VARIABLE = "HANSE_LANG"

_chosen: ContextVar[str] = ContextVar("language", default=ENGLISH)


def choose(code: str) -> None:
    """Speak a language from now on. Raises BadParameter where there is no such one."""
    if code not in LANGUAGES:
        raise typer.BadParameter(f"{code[:80]!r} is none of {', '.join(LANGUAGES)}", param_hint="--lang")
    _chosen.set(code)


def chosen() -> str:
    """Name the language that was chosen."""
    return _chosen.get()


def catalogue() -> Mapping[str, str]:
    """Give the words of the language that was chosen; none for English, whose words stand where they are said."""
    return {} if chosen() == ENGLISH else catalogue_of(chosen())


def words(message: Said) -> str:
    """Write what is said in the language that was chosen."""
    return in_language(message, catalogue())


def tell(message: Said) -> None:
    """Say something to whoever runs the command, in the language that was chosen."""
    say(words(message))
