"""`hanse order`: attest; show is a row of `acts.py`."""

from typing import Annotated

import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ConsignmentOption, scaled_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.output.results import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_documents.semantics.currencies import EXPONENTS

app = typer.Typer(name="order", help="Orders that marketplaces attest.", no_args_is_help=True)


@app.command()
@in_session
def attest(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The order's number. It is committed to, not told.")],
    *,
    seller: Annotated[str, typer.Option("--seller", metavar="ID", help="The seller's party.")],
    buyer: Annotated[str, typer.Option("--buyer", metavar="ID", help="The buyer's party.")],
    amount: Annotated[str, typer.Option("--amount", help="What was ordered for, such as 4200.00.")],
    currency: Annotated[str, typer.Option("--currency", metavar="CODE", help="ISO 4217, such as EUR.")],
    placed: Annotated[
        str | None, typer.Option("--placed", metavar="DATE", help="The day when it was placed; it is committed to.")
    ] = None,
    consignment: ConsignmentOption = None,
    session: CommandSession,
) -> None:
    """Attest an order that was placed at one's own marketplace, which signs. Prints the order's id.

    Members see who ordered of whom, and for how much; number and day are shown to whom the marketplace shows them.
    """
    if currency not in EXPONENTS:
        raise InvalidInput(f"{currency[:80]!r} is no currency of ISO 4217.", "Write it as three capitals, such as EUR.")
    minor = scaled_of(amount, EXPONENTS[currency], f"amount of {currency}")
    with session.client() as client:
        receipt = client.orders.attest(
            number,
            seller=seller,
            buyer=buyer,
            amount_minor=minor,
            currency=currency,
            placed=placed,
            consignment=consignment,
        )
        answer_receipt(session, receipt)


add_acts(app, "order")
