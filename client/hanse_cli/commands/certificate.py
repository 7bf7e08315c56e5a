"""`hanse certificate`: issue, revoke, show."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ObjectArgument
from hanse_cli.commands.acts import add_acts
from hanse_cli.output.answers import AgainOption, answer_object, answer_registration
from hanse_cli.output.drawn import drawings_on

app = typer.Typer(name="certificate", help="Certificates of origin.", no_args_is_help=True)


@app.command()
@in_session
def issue(
    file: Annotated[Path, typer.Argument(help="The certificate, edi3 JSON. It stays here.")],
    *,
    exporter: Annotated[str, typer.Option("--exporter", metavar="ID", help="The exporter's party.")],
    consignee: Annotated[
        str | None,
        typer.Option("--consignee", metavar="ID", help="The consignee's party; then nobody else may use it."),
    ] = None,
    again: AgainOption = False,
    session: CommandSession,
) -> None:
    """Certify the origin of an exporter's goods; the origin issuer signs. Prints the certificate's id.

    A file that this home folder has registered already is not registered twice: the id and the place of what stands are
    told, and on a terminal you are asked.
    """
    with session.client() as client:
        register = partial(client.certificates.issue, file, exporter=exporter, consignee=consignee)
        answer_registration(session, lambda once_more: register(again=once_more), again=again)


add_acts(app, "certificate")


@app.command()
@in_session
def show(certificate: ObjectArgument, *, session: CommandSession) -> None:
    """Show a certificate, what is left on its lines, and which declarations name them; all of it is proven."""
    with session.client(signs=False) as client:
        view = client.certificates.show(certificate)
        drawings = drawings_on(client, view)
        rows = [(f"declaration {each.declaration.hex()}", each.words) for each in drawings]
        answer_object(session, client, view, {"declarations": drawings}, rows)
