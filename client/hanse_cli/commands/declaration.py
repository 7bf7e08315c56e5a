"""`hanse declaration`: lodge, release, refuse, withdraw, show."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hanse_cli.base.session import CommandSession, in_session, open_identity
from hanse_cli.base.values import LARGEST_QUANTITY, object_id_of, scaled_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.output.answers import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_ledger.kinds.declaration.bodies import DeclarationLine, Regime
from hanse_ledger.values import limits
from hanse_ledger.values.types import QUANTITY_PLACES

app = typer.Typer(name="declaration", help="Customs declarations.", no_args_is_help=True)

LINE = "HS,ORIGIN,QUANTITY,UNIT[,CERTIFICATE:LINE]"


@app.command()
@in_session
def lodge(  # noqa: PLR0913 (each is an option of its own, and typer makes them of parameters)
    *,
    customs: Annotated[str, typer.Option("--customs", metavar="NAME", help="The customs authority, by its name.")],
    regime: Annotated[Regime, typer.Option("--regime", help="The direction.")],
    invoice: Annotated[list[str], typer.Option("--invoice", metavar="ID", help="An invoice of the goods; repeatable.")],
    certificate: Annotated[
        str | None, typer.Option("--certificate", metavar="ID", help="Declare all that is left on this certificate.")
    ] = None,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar=LINE, help="Goods, such as 691110,CN,120,C62; repeatable."),
    ] = None,
    principal: Annotated[
        str | None, typer.Option("--principal", metavar="ID", help="For whom an agent declares.")
    ] = None,
    principal_identity: Annotated[
        Path | None, typer.Option("--principal-identity", help="The identity file of the principal, who signs too.")
    ] = None,
    principal_passphrase_file: Annotated[
        Path | None, typer.Option("--principal-passphrase-file", help="Its passphrase, where it is another one.")
    ] = None,
    session: CommandSession,
) -> None:
    """Declare goods to a customs authority; the declarant signs. Prints the declaration's id."""
    lines = tuple(line_of(text) for text in line or ())
    if (principal is None) != (principal_identity is None):
        raise InvalidInput("An agent acts for a principal who signs.", "Give --principal and --principal-identity.")
    passphrase = principal_passphrase_file or session.passphrase_file
    cosign = () if principal_identity is None else (open_identity(principal_identity, passphrase),)
    with session.client() as client:
        receipt = client.declarations.lodge(
            customs=customs,
            regime=regime,
            invoices=invoice,
            lines=lines,
            certificate=certificate,
            principal=principal,
            cosign=cosign,
        )
        answer_receipt(session, receipt)


add_acts(app, "declaration")


def line_of(text: str) -> DeclarationLine:
    """Read one line of goods; its bounds are those of the record."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (4, 5):
        raise InvalidInput(f"{text[:80]!r} is no line of goods.", f"Write it as {LINE}.")
    use: dict[str, object] | None = None
    if len(parts) == 5:
        name, _, number = parts[4].partition(":")
        if not (number.isascii() and number.isdecimal() and len(number) <= len(str(limits.LINES))):
            raise InvalidInput(f"{parts[4][:80]!r} names no line of a certificate.", "Write it as ID:1.")
        use = {"certificate": object_id_of(name, "certificate"), "line": int(number)}
    made = {
        "certificate": use,
        "hs_code": parts[0],
        "origin": parts[1],
        "quantity_micro": scaled_of(parts[2], QUANTITY_PLACES, "quantity", most=LARGEST_QUANTITY),
        "unit": parts[3],
    }
    try:
        return msgspec.convert(made, DeclarationLine)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{text[:80]!r} is no line of goods: {error}.", f"Write it as {LINE}.") from error
