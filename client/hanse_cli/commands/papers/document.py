"""`hanse document`: what is wrong with a file, said in words; of which record it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import table
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.commands.papers.comparing import compare
from hanse_cli.commands.papers.finder import find
from hanse_cli.commands.papers.reporting import checked
from hanse_cli.output.exits import ExitCode
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_documents.model.reports import DocumentReport

app = typer.Typer(
    name="document",
    help="Documents as they are: what is wrong with them, and of which records they are.",
    no_args_is_help=True,
)

app.command()(compare)
app.command()(find)

EXITS = {
    "invalid": ExitCode.USAGE,
    "cannot check": ExitCode.CANNOT_CHECK,
    "unsupported": ExitCode.UNSUPPORTED_FORMAT,
    "valid": ExitCode.SUCCESS,
}
"""The exit code of each verdict; of several files the first of these that one of them has."""


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Documents of any kind that is read.")],
    *,
    rules: Annotated[
        list[Path] | None,
        typer.Option("--rules", metavar="PATH", help="A further rule set for invoices: XSLT of Schematron."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Say what is wrong with documents: their structure, their terms, the rules of their kind. Nothing is sent.

    Ends with 0 where all are valid, 2 where one is invalid, 20 where one cannot be checked, 14 where one is not read.
    """
    reports = [checked(path, rules or []) for path in files]
    fields = [report.as_fields() for report in reports]
    answer(fields[0] if len(fields) == 1 else fields, "\n".join(map(_told, reports)), as_json=json)
    verdicts = {report.verdict.value for report in reports}
    raise typer.Exit(next(code for verdict, code in EXITS.items() if verdict in verdicts))


def _told(report: "DocumentReport") -> str:
    """Say a report on lines: the verdict, what was looked at, and every finding."""
    what = ", ".join(part for part in (report.kind, report.inside, *_looked_at(report)) if part)
    lines = [one_line(f"{report.file}: {report.verdict.value}{f' ({what})' if what else ''}")]
    rows = [(f"  {each.weight.value}", one_line(f"{each.id} {each}".strip())) for each in report.findings]
    return "\n".join((*lines, *([table(rows)] if rows else [])))


def _looked_at(report: "DocumentReport") -> tuple[str, ...]:
    structure = {None: "structure not checked", True: "structure valid", False: "structure invalid"}
    ran = [each.id for each in (report.rule_set, *report.further_rule_sets) if each is not None]
    return (structure[report.structure_valid], *(f"rules {name}" for name in ran)) if report.kind else ()
