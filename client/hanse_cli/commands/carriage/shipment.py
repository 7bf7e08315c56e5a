"""`hanse shipment`: dispatch, arrive; show is a row of `acts.py`."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ConsignmentOption, ObjectArgument, object_id_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.party import terms_of
from hanse_cli.output.results import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_ledger.kinds.shipment.bodies import Packages

app = typer.Typer(name="shipment", help="Goods that a carrier has taken over.", no_args_is_help=True)

PACKAGES = "COUNT,KIND,INVOICE"


@app.command()
@in_session
def dispatch(
    file: Annotated[Path, typer.Argument(help="The transport document, in whatever format. It stays here.")],
    *,
    consignor: Annotated[str, typer.Option("--consignor", metavar="ID", help="The party from which the goods are.")],
    consignee: Annotated[str, typer.Option("--consignee", metavar="ID", help="The party to which they go.")],
    packages: Annotated[
        list[str],
        typer.Option("--packages", metavar=PACKAGES, help="Packages, such as 40,CT and an invoice's id; repeatable."),
    ],
    term: Annotated[
        list[str],
        typer.Option("--term", metavar="NAME=VALUE", help="What the document says: number=…, vessel=…; repeatable."),
    ],
    consignment: ConsignmentOption = None,
    session: CommandSession,
) -> None:
    """Record that goods have been taken over; the carrier signs. Prints the shipment's id.

    Members see who carries what to whom; what the document says is shown to whom the carrier shows it.
    """
    with session.client() as client:
        receipt = client.shipments.dispatch(
            file,
            consignor=consignor,
            consignee=consignee,
            packages=[packages_of(text) for text in packages],
            terms=terms_of(term),
            consignment=consignment,
        )
        answer_receipt(session, receipt)


@app.command()
@in_session
def arrive(
    shipment: ObjectArgument,
    *,
    missing: Annotated[
        list[str] | None,
        typer.Option("--missing", metavar=PACKAGES, help="Packages that have not arrived; repeatable."),
    ] = None,
    session: CommandSession,
) -> None:
    """Record that the goods have arrived, and what has not; the carrier signs."""
    with session.client() as client:
        answer_receipt(
            session, client.shipments.arrive(shipment, missing=[packages_of(text) for text in missing or ()])
        )


add_acts(app, "shipment")


def packages_of(text: str) -> Packages:
    """Read packages; their bounds are those of the record."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != len(PACKAGES.split(",")) or not (parts[0].isascii() and parts[0].isdecimal()) or len(parts[0]) > 9:
        raise InvalidInput(f"{text[:80]!r} are no packages.", f"Write them as {PACKAGES}, such as 40,CT and an id.")
    return Packages(count=int(parts[0]), invoice=object_id_of(parts[2], "invoice"), unit=parts[1])
