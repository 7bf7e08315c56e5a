"""`hanse consignment`: open, add, show, history."""

from typing import Annotated

import typer

from hanse_cli.base.console import as_fields
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.commands.lists import add_list
from hanse_cli.output.results import answer_object, answer_receipt, answer_records
from hanse_client.base.objects import PutIn
from hanse_ledger.values.moments import moment_words

app = typer.Typer(name="consignment", help="The folders of movements of goods, by their UCR.", no_args_is_help=True)

ConsignmentArgument = Annotated[str, typer.Argument(metavar="UCR|ID", help="The consignment's UCR, or its id.")]
WritersOption = Annotated[
    list[str] | None,
    typer.Option("--writer", metavar="ID|NAME", help="A party or a member that writes into it; may be repeated."),
]
ID_LETTERS = 64


@app.command("open")
@in_session
def open_folder(
    ucr: Annotated[str, typer.Argument(metavar="UCR", help="The unique consignment reference, in capitals.")],
    *,
    writer: WritersOption = None,
    session: CommandSession,
) -> None:
    """Open the folder of one movement of goods; the seller or the buyer signs. Prints the consignment's id.

    Members see the UCR and who writes. What is put in, and by whom, its history says, and leaves nothing out.
    """
    with session.client() as client:
        answer_receipt(session, client.consignments.open(ucr, parties=_parties(writer), members=_members(writer)))


@app.command()
@in_session
def add(
    consignment: ConsignmentArgument,
    item: Annotated[str | None, typer.Argument(metavar="[ITEM]", help="Id of what is put in; the writer is in it.")] = (
        None
    ),
    *,
    writer: WritersOption = None,
    session: CommandSession,
) -> None:
    """Put what stands already into a consignment; a writer signs. Its opener names further writers."""
    with session.client() as client:
        answer_receipt(
            session, client.consignments.add(consignment, item, parties=_parties(writer), members=_members(writer))
        )


@app.command()
@in_session
def show(
    consignment: ConsignmentArgument,
    *,
    kind: Annotated[str | None, typer.Option("--kind", help="Only what is of this kind, such as declaration.")] = None,
    session: CommandSession,
) -> None:
    """Show a consignment, and who put what into it when, newest first: each is proven, and none is left out."""
    with session.client(signs=False) as client:
        view = client.consignments.show(consignment)
        put_in = list(client.consignments.contents(view.id, kind=kind))
        rows = [(moment_words(each.time_ms), _words_of(each)) for each in put_in]
        answer_object(session, client, view, {"items": [as_fields(_fields_of(each)) for each in put_in]}, rows)


@app.command()
@in_session
def history(
    consignment: ConsignmentArgument,
    *,
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, help="How many at most.")] = 50,
    session: CommandSession,
) -> None:
    """List a consignment's records, newest first; each is proven, and none between them is left out."""
    with session.client(signs=False) as client:
        view = client.consignments.show(consignment)
        answer_records(session, client.consignments.records(view.id), most)


add_list(app, "consignment")


def _parties(writers: list[str] | None) -> list[str]:
    """Choose the parties among those who are named: an id is longer than any member's name."""
    return [name for name in writers or () if len(name) >= ID_LETTERS]


def _members(writers: list[str] | None) -> list[str]:
    return [name for name in writers or () if len(name) < ID_LETTERS]


def _words_of(put_in: PutIn) -> str:
    item = put_in.item
    return f"{item.kind} {item.id.hex()}  {item.state}  by {put_in.writer}"


def _fields_of(put_in: PutIn) -> dict[str, object]:
    return {
        "kind": put_in.item.kind,
        "id": put_in.item.id,
        "state": put_in.item.state,
        "writer": put_in.writer,
        "record": put_in.record_id,
        "time_ms": put_in.time_ms,
    }
