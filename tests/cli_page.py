"""The page of the command line, written from the commands: `python -m tests.cli_page` rewrites docs/cli.md."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from hanse_cli.base.session import CommandSession
from hanse_cli.main import app
from hanse_cli.output.exits import ExitCode
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "cli.md"

OPENING = """# The command line

Written from the code by `python -m tests.cli_page`; a test compares. Data goes to stdout, messages to stderr, progress
to a terminal only. Where a command takes `--json`, stdout holds exactly one JSON document with it, also if something
went wrong. A command that is interrupted, or whose reader closes the pipe, ends without a traceback. Secrets come from
files of mode 0600 or the terminal, never from flags. `hanse --install-completion` sets up your shell's completion.

| Exit code | Meaning |
| --- | --- |
"""

COMMON = "Common options"


MEANINGS = {
    ExitCode.SUCCESS: "done; for `verify`: valid, with or without warnings",
    ExitCode.UNHEALTHY: "`doctor` has found a failure",
    ExitCode.USAGE: "the command or its input is wrong",
    ExitCode.TAMPERED: "tampered: a proof, or what a node says, does not hold",
    ExitCode.NOT_IN_FORCE: "revoked, expired or superseded",
    ExitCode.UNKNOWN_ISSUER: "its issuer is not trusted",
    ExitCode.NOT_FOUND: "not found",
    ExitCode.UNSUPPORTED_FORMAT: "a format that is not read",
    ExitCode.REFUSED: "refused: by the ledger's rules, or lest a node contradict itself; nothing has changed",
    ExitCode.CANNOT_CHECK: "it could not be checked, which is not the same as invalid",
    ExitCode.UNREACHABLE: "server or network",
    ExitCode.BUG: "a bug of ours",
    ExitCode.OUTPUT_FAILED: "the answer could not be written; what the command has done stands",
    ExitCode.HUNG_UP: "its terminal went away; where a record was under way, it says what to do",
    ExitCode.INTERRUPTED: "interrupted; likewise",
    ExitCode.TERMINATED: "ended by SIGTERM; likewise",
}


def exit_codes() -> Iterator[str]:
    """Write a row for each exit code."""
    for code in ExitCode:
        yield f"| {code.value} | {MEANINGS[code]} |"


def commands(group: TyperGroup, path: str) -> Iterator[tuple[str, TyperCommand]]:
    """Walk over all commands that do something, with their full names."""
    for name, command in sorted(group.commands.items()):
        full = f"{path} {name}"
        if isinstance(command, TyperGroup):
            yield from commands(command, full)
        else:
            assert isinstance(command, TyperCommand)
            yield full, command


def metavar_of(parameter: TyperArgument | TyperOption) -> str:
    """Name what a parameter takes."""
    return parameter.metavar or (parameter.name or "").upper()


def describe(name: str, command: TyperCommand) -> Iterator[str]:
    """Write a command's section."""
    usage = [name]
    rows = []
    shared: list[str] = []
    for parameter in command.params:
        if isinstance(parameter, TyperArgument):
            metavar = metavar_of(parameter)
            usage.append(metavar)
            rows.append(f"| `{metavar}` | {getattr(parameter, 'help', '') or ''} |")
        elif isinstance(parameter, TyperOption) and not parameter.hidden and parameter.name != "help":
            if getattr(parameter, "rich_help_panel", None) == COMMON:
                shared.append(parameter.opts[0])
                continue
            kind = "" if parameter.is_flag else f" {metavar_of(parameter)}"
            wanted = " **needed**" if parameter.required else ""
            rows.append(f"| `{', '.join(parameter.opts)}{kind}` | {parameter.help or ''}{wanted} |")
    yield f"## `{' '.join(usage)}`\n"
    yield f"{(command.help or '').strip()}\n"
    if rows:
        yield "| | |\n| --- | --- |"
        yield from rows
        yield ""
    if len(shared) == len(dataclasses.fields(CommandSession)):
        yield "It also takes the common options.\n"
    elif shared:
        yield f"Of the common options it takes {', '.join(f'`{name}`' for name in shared)}.\n"


def common_options(root: TyperGroup) -> Iterator[str]:
    """Write the options that most commands share."""
    command = dict(commands(root, "hanse"))["hanse invoice issue"]
    yield "\n## Common options\n\n| | |\n| --- | --- |"
    for parameter in command.params:
        if isinstance(parameter, TyperOption) and getattr(parameter, "rich_help_panel", None) == COMMON:
            variable = f" (`{parameter.envvar}`)" if parameter.envvar else ""
            yield f"| `{', '.join(parameter.opts)}`{variable} | {parameter.help} |"
    yield ""


def first_options(root: TyperGroup) -> Iterator[str]:
    """Write the options that stand before the command."""
    yield "\n## Before the command\n\n| | |\n| --- | --- |"
    for parameter in root.params:
        if isinstance(parameter, TyperOption) and parameter.name in {"version", "lang"}:
            kind = "" if parameter.is_flag else f" {metavar_of(parameter)}"
            variable = f" (`{parameter.envvar}`)" if parameter.envvar else ""
            yield f"| `{', '.join(parameter.opts)}{kind}`{variable} | {parameter.help} |"


def write_page() -> str:
    """Write the whole page."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    lines = [*exit_codes(), *first_options(root), *common_options(root)]
    for name, command in commands(root, "hanse"):
        lines.extend(describe(name, command))
    return OPENING + "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    Path(PAGE).write_text(write_page())
