"""`hanse office`: open, appoint, dismiss, set, adopt, of, inbox, records; show is a row of `acts.py`."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.money import MONEY, money_of
from hanse_cli.base.session import CommandSession, in_session, open_identity
from hanse_cli.base.values import ObjectArgument, moment_of
from hanse_cli.commands.acts import add_acts
from hanse_cli.output.results import answer_object, answer_receipt, answer_records
from hanse_ledger.kinds.office.bodies import LowValue
from hanse_ledger.kinds.party.bodies import KeyRevocation
from hanse_ledger.kinds.power import Power

MostOption = Annotated[int, typer.Option("--most", min=1, max=100_000, help="How many at most.")]

app = typer.Typer(name="office", help="Offices: members' public faces on the ledger.", no_args_is_help=True)


@app.command("open")
@in_session
def open_office(
    *,
    profile: Annotated[
        Path | None,
        typer.Option("--profile", metavar="FILE", help="The office's risk profile. It stays here: its hash is told."),
    ] = None,
    session: CommandSession,
) -> None:
    """Open one's own member's office, once; the member signs. Prints the office's id.

    What the office reads is sealed to the encryption key of the identity that signs.
    """
    with session.client() as client:
        answer_receipt(session, client.offices.open(profile=profile))


@app.command()
@in_session
def appoint(
    office: ObjectArgument,
    officer: Annotated[Path, typer.Argument(metavar="OFFICER", help="The officer's identity file: it signs too.")],
    *,
    power: Annotated[list[Power], typer.Option("--power", help="What the officer may sign; may be repeated.")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="End of the appointment; by default in a year.")
    ] = None,
    officer_passphrase_file: Annotated[
        Path | None,
        typer.Option("--officer-passphrase-file", help="The officer's passphrase, where it is another one."),
    ] = None,
    session: CommandSession,
) -> None:
    """Let an officer's key sign for the member, with some powers and for a year at most; both sign."""
    valid_until = moment_of(until) if until else None
    identity = open_identity(officer, officer_passphrase_file or session.passphrase_file)
    with session.client() as client:
        answer_receipt(session, client.offices.appoint(office, identity, powers=power, valid_until_ms=valid_until))


@app.command()
@in_session
def dismiss(
    office: ObjectArgument,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The officer's public key, 66 hexadecimal digits.")],
    *,
    reason: Annotated[KeyRevocation, typer.Option("--reason", help="Why.")],
    since: Annotated[
        str | None, typer.Option("--compromised-since", metavar="TIME", help="Since when others may have had it.")
    ] = None,
    session: CommandSession,
) -> None:
    """End an officer's appointment from now on; the office's member signs."""
    compromised = moment_of(since) if since else None
    with session.client() as client:
        answer_receipt(session, client.offices.dismiss(office, key, reason, compromised_since_ms=compromised))


@app.command("set")
@in_session
def set_office(
    office: ObjectArgument,
    *,
    four_eyes: Annotated[
        list[str] | None,
        typer.Option(
            "--four-eyes", metavar="KIND", help="A kind of record that two officers sign together; may be repeated."
        ),
    ] = None,
    no_four_eyes: Annotated[bool, typer.Option("--no-four-eyes", help="Let one officer sign whatever it may.")] = False,
    low_value: Annotated[
        list[str] | None,
        typer.Option(
            "--low-value",
            metavar=MONEY,
            help="Up to which value goods are imported without a certificate, such as 150.00,EUR; one a currency.",
        ),
    ] = None,
    no_low_value: Annotated[bool, typer.Option("--no-low-value", help="Take no low-value imports.")] = False,
    profile: Annotated[
        Path | None,
        typer.Option("--profile", metavar="FILE", help="The office's risk profile. It stays here: its hash is told."),
    ] = None,
    session: CommandSession,
) -> None:
    """Give an office other settings; its member signs. What is not named stays as it is.

    The kinds that are named are all that are under four eyes then: two officers sign them, and never the member's key.
    So are the limits of low-value imports: what is not named is taken in none of its currencies any more.
    """
    kinds = [] if no_four_eyes else four_eyes
    limits = [] if no_low_value else [limit_of(text) for text in low_value] if low_value else None
    with session.client() as client:
        answer_receipt(session, client.offices.set(office, four_eyes=kinds, low_value=limits, profile=profile))


@app.command()
@in_session
def adopt(office: ObjectArgument, *, session: CommandSession) -> None:
    """Note in the home folder that the identity's key is an officer's of this office, after proving that it is."""
    with session.client() as client:
        answer_object(session, client, client.offices.adopt(office))


@app.command("of")
@in_session
def of_member(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's name.")], *, session: CommandSession
) -> None:
    """Show the office of a member as it stands, from a proof that has been checked. A member has one."""
    with session.client(signs=False) as client:
        answer_object(session, client, client.offices.of(member))


@app.command()
@in_session
def inbox(office: ObjectArgument, *, most: MostOption = 50, session: CommandSession) -> None:
    """List the records that were addressed to an office, newest first; each is proven, and none is left out."""
    with session.client(signs=False) as client:
        answer_records(session, client.offices.inbox(office), most)


@app.command()
@in_session
def records(office: ObjectArgument, *, most: MostOption = 50, session: CommandSession) -> None:
    """List an office's acts, newest first: who its officers were. Each is proven, and none is left out."""
    with session.client(signs=False) as client:
        answer_records(session, client.offices.records(office), most)


def limit_of(text: str) -> LowValue:
    """Read up to which value low-value imports are taken in one currency."""
    minor, currency, places = money_of(text, "limit")
    return LowValue(at_most_minor=minor, currency=currency, minor_digits=places)


add_acts(app, "office")
