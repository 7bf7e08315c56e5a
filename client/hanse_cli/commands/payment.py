"""`hanse payment`: instruct, confirm, correct, return; what takes an id and a reason at most is a row of `acts.py`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from hanse_cli.base.files import write_file
from hanse_cli.base.money import MONEY, asked_amount, money_of
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ConsignmentOption, ObjectArgument, scaled_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.lists import NODES_WORD, answer_list
from hanse_cli.output.confirmations import Ways, confirm_files
from hanse_cli.output.results import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_client.base.wording import ID_LETTERS
from hanse_ledger.kinds.payment.bodies import Debit, PaymentCharge

if TYPE_CHECKING:
    from hanse_client.client import Client

CHARGE = "AMOUNT[,BEARER[,BIC]]"
BY_NAME = "The {}'s bank, by its name; by its BIC where it is no member."

app = typer.Typer(name="payment", help="Payments of invoices.", no_args_is_help=True)


RailOption = Annotated[
    str | None,
    typer.Option("--rail", help="By what it travels: swift, sepa, cbdc, token, …; by default the bank chooses."),
]
DebitOption = Annotated[
    str | None,
    typer.Option(
        "--debit",
        metavar=MONEY,
        help="What the payer is debited in another currency, such as 5600.00,USD; both banks sign it.",
    ),
]
ReleasedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--if-released",
        metavar="ID",
        help="A declaration that must be released before the payment is confirmed; repeatable.",
    ),
]
InForceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--if-in-force",
        metavar="ID",
        help="A certificate that must be in force when the payment is confirmed; repeatable.",
    ),
]


@app.command()
@in_session
def instruct(  # noqa: PLR0913 (a command's options)
    file: Annotated[
        Path | None, typer.Argument(help="A pain.001 or pacs.008, from which currency and UETR are taken; or nothing.")
    ] = None,
    *,
    invoice: Annotated[
        list[str],
        typer.Option(
            "--invoice", metavar="ID[=AMOUNT]", help="What is paid; without an amount all that is outstanding."
        ),
    ],
    payer_bank: Annotated[str, typer.Option("--payer-bank", metavar="BANK", help=BY_NAME.format("payer"))],
    payee_bank: Annotated[str, typer.Option("--payee-bank", metavar="BANK", help=BY_NAME.format("payee"))],
    uetr: Annotated[
        str | None, typer.Option("--uetr", help="By default the message's; without a message a new one.")
    ] = None,
    rail: RailOption = None,
    debit: DebitOption = None,
    if_released: ReleasedOption = None,
    if_in_force: InForceOption = None,
    consignment: ConsignmentOption = None,
    session: CommandSession,
) -> None:
    """Instruct a payment; the payer signs. Prints the payment's id."""
    with session.client() as client:
        shares: dict[bytes | str, int | None] = {}
        for text in invoice:
            name, _, amount = text.partition("=")
            shares[name] = _share(client, name, amount)
        receipt = client.payments.instruct(
            file,
            payer_bank=payer_bank,
            payee_bank=payee_bank,
            allocations=shares,
            uetr=uetr,
            rail=rail,
            debit=None if debit is None else debit_of(debit),
            released=if_released or (),
            in_force=if_in_force or (),
            consignment=consignment,
        )
        answer_receipt(session, receipt)


TransactionOption = Annotated[
    str | None,
    typer.Option(
        "--transaction",
        metavar="ID",
        help="Which transaction of the message is meant, where several may be: its end-to-end id, UETR, reference "
        "or invoice number, or #1 for the first.",
    ),
]
ChargeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--charge",
        metavar=CHARGE,
        help="What a bank took on the way, where the message does not tell it, such as 15.00,SHAR; repeatable.",
    ),
]


InstructingOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--instructing",
        metavar="FILE",
        help="Of many: a pain.001 or pacs.008 that instructed some, whose end-to-end ids and references find them too; "
        "repeatable.",
    ),
]


@app.command()
@in_session
def confirm(
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="[ID] FILE…",
            help="The payment's id and the camt.053, camt.054 or pacs.008 message that shows the credit; or messages "
            "alone, of which each transaction is confirmed that is a payment under way.",
        ),
    ],
    *,
    transaction: TransactionOption = None,
    charge: ChargeOption = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="A part of what is under way has arrived; the rest stays under way.")
    ] = False,
    instructing: InstructingOption = None,
    by_amount: Annotated[
        bool,
        typer.Option(
            "--by-amount", help="Of many: the amount alone may tell, where one payment and one transaction have it."
        ),
    ] = False,
    session: CommandSession,
) -> None:
    """Confirm that the payee has been credited; the payee's bank signs.

    What was credited and what banks charged on the way must together be all that is under way, which is settled; with
    --partial they may be a part of it.

    Without an id each transaction is matched by its UETR, its end-to-end id or what it names. What
    is not matched says why and hinders no other. Whoever was interrupted runs the same again: what stands exists.
    Ends with 13 where none is a payment under way here, and 15 where the rules have refused one.
    """
    payment = given[0] if len(given[0]) == ID_LETTERS and not Path(given[0]).exists() else None
    if payment is None:
        if transaction or charge:
            raise InvalidInput(
                "--transaction and --charge are of one payment.", "Name it: hanse payment confirm ID FILE."
            )
        how = Ways(instructing or (), partial=partial, by_amount=by_amount)
        confirm_files(session, [Path(name) for name in given], how)
        return
    if len(given) != 2:
        raise InvalidInput(f"A payment is confirmed by one file; {len(given) - 1} are given.", "Give the payment's.")
    with session.client() as client:
        charges = _charges(client, payment, charge) if charge else ()
        receipt = client.payments.confirm(
            payment, Path(given[1]), transaction=transaction, charges=charges, partial=partial
        )
        answer_receipt(session, receipt)


@app.command()
@in_session
def correct(
    payment: ObjectArgument,
    file: Annotated[Path, typer.Argument(help="The camt.053, camt.054 or pacs.008 that shows what was credited.")],
    *,
    transaction: TransactionOption = None,
    charge: ChargeOption = None,
    session: CommandSession,
) -> None:
    """Correct the last confirmation of a payment; the payee's bank signs.

    What the message shows stands in the place of what that confirmation said; what is then missing is under way again.
    """
    with session.client() as client:
        charges = _charges(client, payment, charge) if charge else ()
        answer_receipt(session, client.payments.correct(payment, file, transaction=transaction, charges=charges))


@app.command("return")
@in_session
def return_(
    payment: ObjectArgument,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="CODE", help="ISO 20022 return reason, such as AC04.")],
    amount: Annotated[
        str | None,
        typer.Option(
            "--amount",
            metavar="AMOUNT",
            help="What is outstanding again: what went back, with the charges that had been taken out of it. "
            "By default all that is settled.",
        ),
    ] = None,
    session: CommandSession,
) -> None:
    """Record that a confirmed payment went back, or a part of it; the payee's bank signs."""
    with session.client() as client:
        minor = asked_amount(amount, lambda: client.payments.show(payment).amounts)
        answer_receipt(session, client.payments.return_(payment, reason, minor))


@app.command()
@in_session
def message(
    payment: ObjectArgument,
    *,
    kind: Annotated[
        str,
        typer.Option("--as", metavar="KIND", help="pacs.002, how it fares; camt.054, what was credited last."),
    ] = "pacs.002",
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="IBAN", help="Of a camt.054: the account credited, if it is not kept here."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the message, such as status.xml.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    session: CommandSession,
) -> None:
    """Write an ISO 20022 message from what the ledger proves of a payment; nobody signs.

    What the message said that it was confirmed by is in it where this home has confirmed it.
    """
    with session.client(signs=False) as client:
        data = client.payments.message(payment, kind, account=account)
    write_file(out, data, force=force)
    session.answer({"file": str(out), "kind": kind, "payment": payment}, str(out))


@app.command("of-uetr")
@in_session
def of_uetr(uetr: Annotated[str, typer.Argument(metavar="UETR")], *, session: CommandSession) -> None:
    """List the payments that bear a UETR, as they stand; of one sending bank there is one at most."""
    with session.client(signs=False) as client:
        answer_list(session, client.payments.of_uetr(uetr), 50, NODES_WORD)


add_acts(app, "payment")


def _charges(client: "Client", payment: str, texts: list[str]) -> tuple[PaymentCharge, ...]:
    """Read charges; the currency's places are the payment's."""
    amounts = client.payments.show(payment).amounts
    return tuple(charge_of(text, amounts.minor_digits, amounts.currency) for text in texts)


def charge_of(text: str, places: int, currency: str) -> PaymentCharge:
    """Read one charge: its amount, who bears it, and the BIC of the bank that took it."""
    parts = [part.strip() for part in text.split(",")]
    amount, bearer, agent = (*parts, "", "")[:3]
    fields = {
        "agent": agent or None,
        "amount_minor": scaled_of(amount, places, f"amount of {currency}"),
        "bearer": bearer or None,
    }
    try:
        charge = msgspec.convert(fields, PaymentCharge)
    except msgspec.ValidationError:
        charge = None
    if charge is None or len(parts) > 3:
        raise InvalidInput(
            f"{text[:80]!r} is no charge.", f"Write it as {CHARGE}, the bearer as CRED, DEBT, SHAR or SLEV."
        )
    return charge


def debit_of(text: str) -> Debit:
    """Read what the payer is debited: an amount, and its currency."""
    minor, currency, places = money_of(text, "debit")
    return Debit(amount_minor=minor, currency=currency, minor_digits=places)


def _share(client: "Client", invoice: str, amount: str) -> int | None:
    """Give an invoice's share in minor units, nil for all that is outstanding; the currency's places are its own."""
    return asked_amount(amount or None, lambda: client.invoices.show(invoice).amounts)
