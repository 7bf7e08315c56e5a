"""What a command says and to whom: data on stdout, messages on stderr, progress on a terminal alone."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Timer
from typing import TextIO

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from hanse_cli.base.errors import OutputFailed
from hanse_ledger.values.patterns import escaped, one_line, plain

OUTPUT_FAILED = 74
"""EX_IOERR of sysexits.h: the answer could not be written."""

PATIENCE_SECONDS = 1.0
"""So long nobody wonders."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_encoder = msgspec.json.Encoder(enc_hook=str)


class _Said:
    """How often something was said so far."""

    count = 0


_said = _Said()


def emit(text: str) -> None:
    """Write data to stdout. Raises OutputFailed."""
    _write(sys.stdout, plain(text))


def say(text: str) -> None:
    """Write a message to stderr. Raises OutputFailed."""
    _write(sys.stderr, plain(text))


def finish_output(code: int) -> int:
    """Force out what libraries have written, and give the exit code: of an answer that could not be written, that."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            mute(stream)
            if not isinstance(error, BrokenPipeError):
                return OUTPUT_FAILED
    return code


def mute(stream: TextIO) -> None:
    """Let what is still written to a stream go nowhere, so that nothing fails again when the program ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)


def _write(stream: TextIO, text: str) -> None:
    """Write a line at once. Whoever closed the pipe has read enough: the command goes on, and its exit code counts."""
    _said.count += 1
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except BrokenPipeError:
        mute(stream)
    except OSError as error:
        mute(stream)
        raise OutputFailed(error.strerror or str(error)) from error


def emit_json(document: object) -> None:
    """Write one JSON document to stdout; bytes become hexadecimal text."""
    emit_json_text(format_json(document))


def emit_json_text(text: str) -> None:
    """Write a JSON document that is text already; what acts on a terminal is escaped, so that nothing is lost."""
    _write(sys.stdout, "\n".join(escaped(line) for line in text.split("\n")))


def format_json(document: object) -> str:
    """Write a value as indented JSON; bytes become hexadecimal text, as they do in REST answers."""
    return msgspec.json.format(_encoder.encode(_readable(document)), indent=2).decode()


def as_fields(document: object) -> dict[str, object]:
    """Give a document's own fields, readable as JSON, so that others can stand beside them."""
    fields = _readable(document)
    assert isinstance(fields, dict), "what a command answers is an object"
    return fields


def table(rows: Iterable[tuple[str, str]]) -> str:
    """Write names and values in two columns, each value on one line."""
    kept = [(one_line(name), one_line(value)) for name, value in rows]
    width = max((cell_len(name) for name, _ in kept), default=0)
    return "\n".join(f"{name}{' ' * (width - cell_len(name))}  {value}".rstrip() for name, value in kept)


def flatten(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Walk over a value as names and texts, the names joined with dots, lists counted from 1."""
    return _walk(_readable(value), name)


def _walk(value: object, name: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _walk(inner, f"{name}.{key}" if name else str(key))
        case list():
            for place, inner in enumerate(value, 1):
                yield from _walk(inner, f"{name}.{place}")
        case None:
            yield name, "-"
        case other:
            yield name, str(other)


def _readable(value: object) -> object:
    """Turn Structs and bytes into what JSON can say."""
    match value:
        case bytes():
            return value.hex()
        case msgspec.Struct():
            return {name: _readable(getattr(value, name)) for name in value.__struct_fields__}
        case Mapping():
            return {
                (key.hex() if isinstance(key, bytes) else _sayable(str(key))): _readable(inner)
                for key, inner in value.items()
            }
        case bool() | int() | float() | None:
            return value
        case Sequence() if not isinstance(value, str):
            return [_readable(inner) for inner in value]
        case other:
            return _sayable(str(other))


def _sayable(text: str) -> str:
    """Give a text as UTF-8 can have it: a file's name may hold bytes of another encoding."""
    return text if text.isascii() else _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


@contextmanager
def patience(what: str) -> Iterator[None]:
    """Say on a terminal what is waited for, once, if a second passes in which nothing else is said."""
    if not sys.stderr.isatty():
        yield
        return
    before = _said.count

    def tell() -> None:
        if _said.count == before:
            with suppress(OutputFailed):
                say(f"{what} …")

    timer = Timer(PATIENCE_SECONDS, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Ticker:
    """Tells how far a long work has come; says nothing unless stderr is a terminal."""

    def __init__(self, progress: Progress | None, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total) if progress else None

    def at(self, done: int, words: str, total: int | None = None) -> None:
        """Show how much is done, in words what, and of how much if that is known by now."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, description=words, total=total)

    def count(self, words: str, done: int, total: int) -> None:
        """Show how much is done of how much, and of what."""
        self.at(done, f"{done} of {total} {words}", total)


@contextmanager
def progress(total: int | None = None, stream: TextIO | None = None) -> Iterator[Ticker]:
    """Show progress on a terminal while a work is under way, and leave nothing behind."""
    console = Console(file=stream or sys.stderr)
    if not console.is_terminal:
        yield Ticker(None, total)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        yield Ticker(shown, total)
