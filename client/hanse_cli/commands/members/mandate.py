"""`hanse mandate`: grant; revoke and show are rows of `acts.py`."""

from typing import Annotated

import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import moment_of, scaled_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.output.results import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_documents.semantics.currencies import EXPONENTS

app = typer.Typer(
    name="mandate",
    help="Mandates, by which another party or a member signs in a party's place: --under.",
    no_args_is_help=True,
)


@app.command()
@in_session
def grant(
    *,
    kind: Annotated[
        list[str],
        typer.Option("--kind", metavar="KIND", help="A kind of record that it covers, such as declaration.lodge."),
    ],
    party: Annotated[str | None, typer.Option("--to-party", metavar="ID", help="The party that signs.")] = None,
    member: Annotated[
        str | None, typer.Option("--to-member", metavar="NAME", help="The member that signs, or its officers.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="CODE", help="ISO 4217; without it no money may be named.")
    ] = None,
    each: Annotated[
        str | None, typer.Option("--each", metavar="AMOUNT", help="For how much it signs at once, such as 4200.00.")
    ] = None,
    total: Annotated[
        str | None, typer.Option("--total", metavar="AMOUNT", help="For how much in sum; by default as at once.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="End of the mandate; by default in a year.")
    ] = None,
    session: CommandSession,
) -> None:
    """Let another party, or a member, sign in one's own party's place; the party signs. Prints the mandate's id.

    What it has signed for is counted, and never given back. Who signs under it names it: --under.
    """
    with session.client() as client:
        receipt = client.mandates.grant(
            kind,
            party=party,
            member=member,
            currency=currency,
            each_minor=_minor(each, currency),
            total_minor=_minor(total, currency),
            valid_until_ms=moment_of(until) if until else None,
        )
        answer_receipt(session, receipt)


def _minor(amount: str | None, currency: str | None) -> int | None:
    """Read an amount in a currency. Raises InvalidInput."""
    if amount is None:
        return None
    if currency is None or currency not in EXPONENTS:
        raise InvalidInput(
            f"{(currency or '')[:80]!r} is no currency of ISO 4217.",
            "Name one: --currency, three capitals, such as EUR.",
        )
    return scaled_of(amount, EXPONENTS[currency], f"amount of {currency}")


add_acts(app, "mandate")
