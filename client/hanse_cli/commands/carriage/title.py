"""`hanse title`: issue, transfer, surrender, amend, convert, countersign; reject and show are rows of `acts.py`."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.consent import YesOption
from hanse_cli.base.console import say
from hanse_cli.base.files import read_text, write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ConsignmentOption, ObjectArgument
from hanse_cli.commands.acts import add_acts
from hanse_cli.commands.party import about_draft, terms_of
from hanse_cli.commands.party import countersign as countersign_draft
from hanse_cli.output.results import answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_client.home.drafts import DRAFT_BYTES, Draft
from hanse_ledger.kinds.title.bodies import AmendTitle, ConvertTitle, Medium, SurrenderTitle
from hanse_ledger.values.moments import moment_words

app = typer.Typer(name="title", help="Documents of title, each with one holder.", no_args_is_help=True)

FileOption = Annotated[Path, typer.Option("--file", help="The document, in whatever format. It stays here.")]
TermOption = Annotated[
    list[str],
    typer.Option("--term", metavar="NAME=VALUE", help="What the document says: number=…, statement=…; repeatable."),
]
OutOption = Annotated[Path | None, typer.Option("--out", "-o", help="Where to write what the other one signs too.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file.")]


@app.command()
@in_session
def issue(
    shipment: ObjectArgument,
    *,
    file: FileOption,
    holder: Annotated[str, typer.Option("--holder", metavar="ID", help="The party to whose order it is issued.")],
    term: TermOption,
    consignment: ConsignmentOption = None,
    session: CommandSession,
) -> None:
    """Issue the title on a shipment; the carrier signs. Prints the title's id.

    One shipment has one live title: another one is refused while this one has not been surrendered.
    """
    with session.client() as client:
        issued = client.titles.issue(shipment, file, holder=holder, terms=terms_of(term), consignment=consignment)
        answer_receipt(session, issued)


@app.command()
@in_session
def transfer(
    title: ObjectArgument,
    *,
    to: Annotated[str, typer.Option("--to", metavar="ID", help="The party that holds it from then on, alone.")],
    session: CommandSession,
) -> None:
    """Pass a title on; its holder signs. Whoever is made holder may give it back within seven days."""
    with session.client() as client:
        answer_receipt(session, client.titles.transfer(title, to))


@app.command()
@in_session
def surrender(
    title: ObjectArgument,
    *,
    out: OutOption = None,
    force: ForceOption = False,
    session: CommandSession,
) -> None:
    """Surrender a title to its carrier, against delivery; both sign.

    What one has signed is written to a file for the other. Of a title on paper the carrier signs alone.
    """
    with session.client() as client:
        _hand_on(session, client.titles.prepare_surrender(title), out, force=force)


@app.command()
@in_session
def amend(
    title: ObjectArgument,
    *,
    file: FileOption,
    term: TermOption,
    out: OutOption = None,
    force: ForceOption = False,
    session: CommandSession,
) -> None:
    """Put an amended document in the place of a title's; carrier and holder sign, one of them later."""
    with session.client() as client:
        _hand_on(session, client.titles.prepare_amendment(title, file, terms=terms_of(term)), out, force=force)


@app.command()
@in_session
def convert(
    title: ObjectArgument,
    *,
    medium: Annotated[Medium, typer.Option("--to", help="The new form.")],
    file: FileOption,
    term: TermOption,
    holder: Annotated[
        str | None, typer.Option("--holder", metavar="ID", help="From paper: the party that has given the paper up.")
    ] = None,
    out: OutOption = None,
    force: ForceOption = False,
    session: CommandSession,
) -> None:
    """Change the medium of a title; carrier and holder sign, one of them later. The old form ends with that record."""
    with session.client() as client:
        draft = client.titles.prepare_conversion(title, medium, file, terms=terms_of(term), holder=holder)
        _hand_on(session, draft, out, force=force)


@app.command()
@in_session
def countersign(
    file: Annotated[Path, typer.Argument(metavar="DRAFT", help="What surrender, amend or convert has written.")],
    *,
    yes: YesOption = False,
    session: CommandSession,
) -> None:
    """Look at what the other one has signed, sign it too, and send it."""
    draft = Draft.from_json(read_text(file, DRAFT_BYTES, "draft"))
    if not isinstance(draft.record.body, SurrenderTitle | AmendTitle | ConvertTitle):
        raise InvalidInput(f"{file} is of no title, but {draft.record.kind}.", "Nothing was signed.")
    what = f"Sign {draft.record.kind} of the title {draft.object_id.hex()}"
    countersign_draft(session, draft, what, about_draft(draft, "title"), yes=yes)


add_acts(app, "title")


def _hand_on(session: CommandSession, draft: Draft, out: Path | None, *, force: bool) -> None:
    """Send what all have signed; else write it for who has not."""
    if draft.complete:
        with session.client() as client:
            answer_receipt(session, client.submit_draft(draft))
        return
    if out is None:
        raise InvalidInput("The other one must sign too.", "Say where to write what it shall sign: -o FILE.")
    write_file(out, draft.to_json(), force=force)
    expires = moment_words(draft.record.expires)
    document = {"title": draft.object_id, "draft": str(out), "kind": draft.record.kind, "expires": expires}
    session.answer(document, draft.object_id.hex())
    say(f"Hand {out} to the other one; until {expires} it runs: hanse title countersign {out}")
