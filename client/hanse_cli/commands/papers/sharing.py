"""`hanse document grant`, `receive`, `hold`, `unhold`, `erase`: the records of sealed documents."""

from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.base.values import ObjectArgument, salt_of, split_names
from hanse_cli.commands.papers.getting import readers_of
from hanse_cli.output.results import answer_object, answer_receipt
from hanse_client.base.errors import InvalidInput
from hanse_ledger.kinds.document.state import ReceiptStage
from hanse_ledger.values.moments import moment_words

if TYPE_CHECKING:
    from hanse_client.exchange.sealed.carrying import SealedFileDelivery

SaltOption = Annotated[
    str | None,
    typer.Option(
        "--salt",
        metavar="SALT",
        help="Opens the commitment to the reader; by default as it came with the sealed file.",
    ),
]
OfficeOption = Annotated[
    str | None, typer.Option("--office", metavar="NAME", help="The member for which is signed; by default one's own.")
]


@in_session
def grant(
    object_id: ObjectArgument,
    *,
    share: Annotated[
        str,
        typer.Option(
            "--share",
            metavar="READER,…",
            help="Who shall be able to open it: members by their names, for their offices; parties by their ids.",
        ),
    ],
    disclose: Annotated[
        list[str] | None,
        typer.Option(
            "--disclose",
            metavar="TERMS",
            help="Show them these terms alone, such as BT-1,BT-2, and not the document. Repeatable.",
        ),
    ] = None,
    session: CommandSession,
) -> None:
    """Let further readers open a document, by a copy that is sealed to them; its owner signs.

    The document is fetched and opened for that. The record has the copy's hash and its size, and commits to the
    readers: nobody else sees who they are. ID may be that of what it belongs to, such as an invoice.

    With --disclose they get these terms and no others, nor the file: each is compared with the record by `hanse
    document get`, and can be proven on by `hanse proof --disclose`. Who shall see other terms gets a grant of his own.
    """
    terms = [name for text in disclose or [] for name in split_names(text)]
    if disclose and not terms:
        raise InvalidInput("--disclose names no term.", "Name terms such as BT-1,BT-2, or leave it out.")
    with session.client() as client:
        answer_receipt(session, client.documents.grant(object_id, readers_of(share), disclose=terms))


@in_session
def receive(
    object_id: ObjectArgument,
    *,
    salt: SaltOption = None,
    stage: Annotated[
        ReceiptStage, typer.Option("--stage", help="How far you have come with it, further than before.")
    ] = ReceiptStage.RETRIEVED,
    reader: Annotated[
        str | None,
        typer.Option("--reader", metavar="ID|NAME", help="For whom is signed; by default one's own."),
    ] = None,
    session: CommandSession,
) -> None:
    """Sign that a document has come, that you have opened it, or that you accept it; a reader signs.

    It is opened, and compared with its record, before that is said of it. ID may be that of what it belongs to.
    """
    with session.client() as client:
        given = None if salt is None else salt_of(salt)
        answer_receipt(session, client.documents.receive(object_id, stage, salt=given, reader=reader))


@in_session
def hold(
    object_id: ObjectArgument, *, salt: SaltOption = None, office: OfficeOption = None, session: CommandSession
) -> None:
    """Order that a document be kept; a customs authority or a bank signs that can open it.

    ID may be that of what it belongs to, such as an invoice.
    """
    with session.client() as client:
        given = None if salt is None else salt_of(salt)
        answer_receipt(session, client.documents.hold(object_id, salt=given, office=office))


@in_session
def unhold(object_id: ObjectArgument, *, office: OfficeOption = None, session: CommandSession) -> None:
    """Let go of a document that was to be kept; the office signs that has ordered it."""
    with session.client() as client:
        answer_receipt(session, client.documents.unhold(object_id, office=office))


@in_session
def show(object_id: ObjectArgument, *, session: CommandSession) -> None:
    """Show a document as it stands, from a proof that has been checked, and whether the node has its sealed files.

    Of each file the node says `here`, `waiting` for its record, `missing` or `given-up` since when, `erased`, or
    `unknown`: it was told of no reader of its own.
    """
    with session.client(signs=False) as client:
        view = client.documents.show(object_id)
        files = client.documents.deliveries(view)
        fields = [{"hash": each.hash, "since_ms": each.since_ms, "state": each.state} for each in files]
        rows = [(f"sealed file {place}", _delivery(each)) for place, each in enumerate(files, 1)]
        answer_object(session, client, view, {"sealed_files": fields}, rows)


def _delivery(file: "SealedFileDelivery") -> str:
    """Say whether a sealed file is at the node."""
    since = "" if file.since_ms is None else f" since {moment_words(file.since_ms)}"
    return f"{file.state}{since}, says the node"
