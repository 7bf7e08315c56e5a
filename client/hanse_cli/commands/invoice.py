"""`hanse invoice`: issue, accept, refuse, cancel, show."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.commands.acts import add_acts
from hanse_cli.output.answers import AgainOption, answer_registration

app = typer.Typer(name="invoice", help="Invoices between a seller and a buyer.", no_args_is_help=True)


@app.command()
@in_session
def issue(
    file: Annotated[Path, typer.Argument(help="The invoice, UBL 2.1. It stays here.")],
    *,
    buyer: Annotated[str, typer.Option("--buyer", metavar="ID", help="The buyer's party.")],
    discoverable: Annotated[
        bool, typer.Option("--discoverable", help="Let whoever holds this very file look it up.")
    ] = False,
    again: AgainOption = False,
    session: CommandSession,
) -> None:
    """Register an invoice; the seller signs. Prints the invoice's id.

    A file that this home folder has registered already is not registered twice: the id and the place of what stands are
    told, and on a terminal you are asked.
    """
    with session.client() as client:
        register = partial(client.invoices.issue, file, buyer=buyer, discoverable=discoverable)
        answer_registration(session, lambda once_more: register(again=once_more), again=again)


add_acts(app, "invoice")
