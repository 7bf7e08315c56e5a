"""`hanse document`: what is wrong with a file, said in words; of which record it is."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.session import JsonOption, answer
from hanse_cli.commands.papers.comparing import compare
from hanse_cli.commands.papers.finder import find
from hanse_cli.commands.papers.jsonwriting import read
from hanse_cli.commands.papers.reporting import checked, exit_code, told

app = typer.Typer(
    name="document",
    help="Documents as they are: what is wrong with them, and of which records they are.",
    no_args_is_help=True,
)

app.command()(compare)
app.command()(find)
app.command()(read)


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
    answer(fields[0] if len(fields) == 1 else fields, "\n".join(map(told, reports)), as_json=json)
    raise typer.Exit(exit_code(report.verdict for report in reports))
