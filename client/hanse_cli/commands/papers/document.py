"""`hanse document`: what is wrong with a file, in words; of which record it is; what is recorded of sealed ones."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.session import JsonOption, answer
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.papers.comparing import compare
from hanse_cli.commands.papers.finder import find
from hanse_cli.commands.papers.getting import get
from hanse_cli.commands.papers.jsonwriting import read
from hanse_cli.commands.papers.reporting import checked, exit_code, told
from hanse_cli.commands.papers.sharing import grant, hold, receive, show, unhold

app = typer.Typer(
    name="document",
    help="Documents: what is wrong with them, of which records they are, and who can open the sealed ones.",
    no_args_is_help=True,
)

app.command()(compare)
app.command()(find)
app.command()(read)
app.command()(get)
app.command()(grant)
app.command()(receive)
app.command()(hold)
app.command()(unhold)
app.command()(show)


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


add_acts(app, "document")
