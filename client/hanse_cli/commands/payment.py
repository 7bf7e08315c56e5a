"""`hanse payment`: instruct, confirm, return, reject, withdraw, show."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ObjectArgument, scaled_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.output.answers import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_ledger.kinds.payment.bodies import PaymentCharge

if TYPE_CHECKING:
    from hanse_client.client import Client

CHARGE = "AMOUNT[,BEARER[,BIC]]"

app = typer.Typer(name="payment", help="Payments of invoices.", no_args_is_help=True)


@app.command()
@in_session
def instruct(
    file: Annotated[
        Path | None, typer.Argument(help="A pacs.008 message, from which currency and UETR are taken; or nothing.")
    ] = None,
    *,
    invoice: Annotated[
        list[str],
        typer.Option(
            "--invoice", metavar="ID[=AMOUNT]", help="What is paid; without an amount all that is outstanding."
        ),
    ],
    payer_bank: Annotated[str, typer.Option("--payer-bank", metavar="NAME", help="The payer's bank, by its name.")],
    payee_bank: Annotated[str, typer.Option("--payee-bank", metavar="NAME", help="The payee's bank, by its name.")],
    uetr: Annotated[
        str | None, typer.Option("--uetr", help="By default the message's; without a message a new one.")
    ] = None,
    session: CommandSession,
) -> None:
    """Instruct a payment; the payer signs. Prints the payment's id."""
    with session.client() as client:
        shares: dict[bytes | str, int | None] = {}
        for text in invoice:
            name, _, amount = text.partition("=")
            shares[name] = _share(client, name, amount)
        receipt = client.payments.instruct(
            file, payer_bank=payer_bank, payee_bank=payee_bank, allocations=shares, uetr=uetr
        )
        answer_receipt(session, receipt)


@app.command()
@in_session
def confirm(
    payment: ObjectArgument,
    file: Annotated[Path, typer.Argument(help="The camt.054 or pacs.008 message that shows the credit.")],
    *,
    transaction: Annotated[
        str | None,
        typer.Option(
            "--transaction",
            metavar="ID",
            help="Which transaction of the message is meant, where several may be: its end-to-end id, UETR, reference "
            "or invoice number, or #1 for the first.",
        ),
    ] = None,
    charge: Annotated[
        list[str] | None,
        typer.Option(
            "--charge",
            metavar=CHARGE,
            help="What a bank took on the way, where the message does not tell it, such as 15.00,SHAR; repeatable.",
        ),
    ] = None,
    session: CommandSession,
) -> None:
    """Confirm that the payee has been credited; the payee's bank signs.

    What was credited and what banks charged on the way must together be what was instructed, which is settled.
    """
    with session.client() as client:
        charges = _charges(client, payment, charge) if charge else ()
        answer_receipt(session, client.payments.confirm(payment, file, transaction=transaction, charges=charges))


add_acts(app, "payment")


def _charges(client: "Client", payment: str, texts: list[str]) -> tuple[PaymentCharge, ...]:
    """Read charges; the currency's places are the payment's."""
    amounts = client.payments.show(payment).amounts
    return tuple(charge_of(text, amounts.minor_digits, amounts.currency) for text in texts)


def charge_of(text: str, places: int, currency: str) -> PaymentCharge:
    """Read one charge: its amount, who bears it, and the BIC of the bank that took it."""
    parts = [part.strip() for part in text.split(",")]
    amount, bearer, agent = (*parts, "", "")[:3]
    made = {
        "agent": agent or None,
        "amount_minor": scaled_of(amount, places, f"amount of {currency}"),
        "bearer": bearer or None,
    }
    try:
        charge = msgspec.convert(made, PaymentCharge)
    except msgspec.ValidationError:
        charge = None
    if charge is None or len(parts) > 3:
        raise InvalidInput(
            f"{text[:80]!r} is no charge.", f"Write it as {CHARGE}, the bearer as CRED, DEBT, SHAR or SLEV."
        )
    return charge


def _share(client: "Client", invoice: str, amount: str) -> int | None:
    """Give an invoice's share in minor units, nil for all that is outstanding; the currency's places are its own."""
    if not amount:
        return None
    amounts = client.invoices.show(invoice).amounts
    return scaled_of(amount, amounts.minor_digits, f"amount of {amounts.currency}")
