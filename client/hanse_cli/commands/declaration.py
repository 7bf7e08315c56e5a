"""`hanse declaration`: lodge, assess, query, answer, release, correct; the others are rows of `acts.py`."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from hanse_cli.base.money import MONEY, money_of
from hanse_cli.base.session import CommandSession, in_session, open_identity
from hanse_cli.base.values import LARGEST_QUANTITY, ConsignmentOption, ObjectArgument, object_id_of, scaled_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.papers.getting import readers_of
from hanse_cli.output.results import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_ledger.kinds.declaration.bodies import CustomsLane, DeclarationLine, LowValueGoods, Regime
from hanse_ledger.values import limits
from hanse_ledger.values.patterns import in_words
from hanse_ledger.values.types import QUANTITY_PLACES

app = typer.Typer(name="declaration", help="Customs declarations.", no_args_is_help=True)

LINE = "HS,ORIGIN,QUANTITY,UNIT[,CERTIFICATE:LINE[,SOURCE:LINE]]"

ValueOption = Annotated[
    str | None,
    typer.Option("--value", metavar=MONEY, help="What all the goods of a low-value import are worth."),
]
DeclaredShareOption = Annotated[
    str | None,
    typer.Option(
        "--share",
        metavar="READER,…",
        help="Who shall be able to open the invoices' documents, where they are the declarant's own: members by "
        "their names, for their offices; parties by their ids.",
    ),
]


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
        typer.Option(
            "--line",
            metavar=LINE,
            help="Goods, such as 691110,CN,120,C62; repeatable.",
        ),
    ] = None,
    value: ValueOption = None,
    product: Annotated[
        list[str] | None,
        typer.Option("--product", metavar="ID", help="The product of each of its lines, in order; repeatable."),
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
    consignment: ConsignmentOption = None,
    share: DeclaredShareOption = None,
    session: CommandSession,
) -> None:
    """Declare goods to a customs authority; the declarant signs. Prints the declaration's id.

    A low-value import states what it is worth, at most what the authority's office has set, and names its products; it
    draws on no certificate.

    With --share the invoices' documents are granted first to readers who cannot open them yet; only their owner can.
    """
    if (principal is None) != (principal_identity is None):
        raise InvalidInput("An agent acts for a principal who signs.", "Give --principal and --principal-identity.")
    passphrase = principal_passphrase_file or session.passphrase_file
    countersign = () if principal_identity is None else (open_identity(principal_identity, passphrase),)
    with session.client() as client:
        receipt = client.declarations.lodge(
            customs=customs,
            regime=regime,
            invoices=invoice,
            lines=tuple(line_of(text) for text in line or ()),
            certificate=certificate,
            low_value=low_value_of(value, product or []),
            principal=principal,
            consignment=consignment,
            countersign=countersign,
            share=readers_of(share),
        )
        answer_receipt(session, receipt)


@app.command()
@in_session
def assess(
    declaration: ObjectArgument,
    *,
    lane: Annotated[CustomsLane, typer.Option("--lane", help="Let through, looked at later, papers, or goods.")],
    reason: Annotated[
        list[str] | None, typer.Option("--reason", metavar="CODE", help="Why, such as ORIGIN; may be repeated.")
    ] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", help="The risk profile's file; its hash is recorded, and it stays here.")
    ] = None,
    session: CommandSession,
) -> None:
    """Say how closely a declaration is looked at; the customs authority addressed signs.

    Green lets it through, blue looks at it afterwards, yellow at its papers, red at the goods. All but green need a
    reason.
    """
    with session.client() as client:
        answer_receipt(session, client.declarations.assess(declaration, lane, reason or (), profile=profile))


@app.command()
@in_session
def query(
    declaration: ObjectArgument,
    *,
    reason: Annotated[list[str], typer.Option("--reason", metavar="CODE", help="What is asked; may be repeated.")],
    file: Annotated[
        Path | None, typer.Option("--file", help="A letter that says more; its hash is recorded, and it stays here.")
    ] = None,
    session: CommandSession,
) -> None:
    """Ask the declarant something; the customs authority addressed signs."""
    with session.client() as client:
        answer_receipt(session, client.declarations.query(declaration, reason, file=file))


@app.command()
@in_session
def answer(
    declaration: ObjectArgument,
    *,
    file: Annotated[
        Path | None, typer.Option("--file", help="What answers; its hash is recorded, and it stays here.")
    ] = None,
    session: CommandSession,
) -> None:
    """Answer what customs has asked; the declarant or its principal signs."""
    with session.client() as client:
        answer_receipt(session, client.declarations.answer(declaration, file=file))


PART = "LINE=QUANTITY"


@app.command()
@in_session
def release(
    declaration: ObjectArgument,
    *,
    line: Annotated[
        list[str] | None,
        typer.Option("--line", metavar=PART, help="How much of which line, such as 1=120; all by default; repeatable."),
    ] = None,
    session: CommandSession,
) -> None:
    """Release declared goods; the customs authority addressed signs.

    What is left out stays lodged, and reserved on its certificates, until it is released, refused, withdrawn or lapses.
    """
    with session.client() as client:
        answer_receipt(session, client.declarations.release(declaration, parts_of(line) if line else None))


@app.command()
@in_session
def correct(
    declaration: ObjectArgument,
    *,
    line: Annotated[
        list[str], typer.Option("--line", metavar=PART, help="How much less of which line, such as 1=20; repeatable.")
    ],
    session: CommandSession,
) -> None:
    """Lower what was released by mistake; the customs authority addressed signs.

    What was written off too much is left on the certificates again.
    """
    with session.client() as client:
        answer_receipt(session, client.declarations.correct(declaration, parts_of(line)))


add_acts(app, "declaration")


def parts_of(texts: list[str]) -> dict[int, int]:
    """Read quantities of lines, in millionths, each line once."""
    parts: dict[int, int] = {}
    for text in texts:
        number, mark, quantity = text.partition("=")
        if not mark or not (number.isascii() and number.isdecimal() and len(number) <= len(str(limits.LINES))):
            raise InvalidInput(f"{text[:80]!r} names no quantity of a line.", "Write it as 1=120.")
        if int(number) in parts:
            raise InvalidInput(f"The line {number} is given twice.", "Give each line once.")
        parts[int(number)] = scaled_of(quantity, QUANTITY_PLACES, "quantity", most=LARGEST_QUANTITY)
    return parts


def low_value_of(value: str | None, products: list[str]) -> LowValueGoods | None:
    """Read what a low-value import says of its goods; nothing of any other declaration."""
    if value is None and not products:
        return None
    if value is None or not products:
        raise InvalidInput("A low-value import states what it is worth, and its products.", "Give both.")
    minor, currency, places = money_of(value, "value")
    fields = {"amount_minor": minor, "currency": currency, "minor_digits": places, "products": products}
    try:
        return msgspec.convert(fields, LowValueGoods)
    except msgspec.ValidationError as error:
        raise InvalidInput(
            f"{', '.join(products)[:80]!r} are no ids of products: {in_words(str(error))}.",
            "Give one a line, such as 4006381333931.",
        ) from error


def _line_named(text: str, what: str) -> dict[str, object]:
    name, _, number = text.partition(":")
    if not (number.isascii() and number.isdecimal() and len(number) <= len(str(limits.LINES))):
        raise InvalidInput(f"{text[:80]!r} names no line of a {what}.", "Write it as ID:1.")
    return {what: object_id_of(name, what), "line": int(number)}


def line_of(text: str) -> DeclarationLine:
    """Read one line of goods; its bounds are those of the record."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (4, 5, 6):
        raise InvalidInput(f"{text[:80]!r} is no line of goods.", f"Write it as {LINE}.")
    use = _line_named(parts[4], "certificate") if len(parts) > 4 and parts[4] else None
    source = _line_named(parts[5], "declaration") if len(parts) > 5 else None
    fields = {
        "certificate": use,
        "hs_code": parts[0],
        "origin": parts[1],
        "quantity_micro": scaled_of(parts[2], QUANTITY_PLACES, "quantity", most=LARGEST_QUANTITY),
        "source": source,
        "unit": parts[3],
    }
    try:
        return msgspec.convert(fields, DeclarationLine)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{text[:80]!r} is no line of goods: {error}.", f"Write it as {LINE}.") from error
