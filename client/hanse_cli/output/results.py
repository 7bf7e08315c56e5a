"""How the results of commands look: receipts, objects, records."""

import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import as_fields, emit, emit_json, say, table
from hanse_cli.base.errors import OutputFailed
from hanse_cli.base.session import CommandSession
from hanse_cli.output.gone import gone_from, hangs_on_members
from hanse_cli.output.whyended import ending_of
from hanse_client.base.errors import NearDuplicate
from hanse_client.base.objects import ObjectView, aspects_of, object_rows
from hanse_client.base.views import Outcome, Receipt, RecordView
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_client.client import Client

REGISTERED = "registered-already"
"""The warning of a receipt for which nothing was sent."""


AgainOption = Annotated[
    bool,
    typer.Option("--again", help="Register the file though it stands already, or one like it; unasked."),
]


def answer_receipt(session: CommandSession, receipt: Receipt) -> None:
    """Give a receipt: the object's id as data, where its record stands as a message."""
    try:
        session.answer(receipt, receipt.object_id.hex())
    except OutputFailed as error:
        # The record stands, whatever becomes of the answer: its id is told where it still can be.
        say(f"{receipt.object_id.hex()}\n{words_of_receipt(receipt)}")
        raise OutputFailed(error.reason, "Do not run the command again: it would send another record.") from error
    for finding in receipt.findings:
        say(one_line(f"Found in the document: {finding}."))
    say(words_of_receipt(receipt))


def answer_registration(session: CommandSession, register: Callable[[bool], Receipt], *, again: bool) -> None:
    """Give the receipt of a document; where it stands already, ask whether it shall be registered once more.

    Args:
        session: the options of the command.
        register: registers the document; with True even if it stands already.
        again: nobody is to be asked.
    """
    receipt = register(again)
    if any(warning.code == REGISTERED for warning in receipt.warnings) and sys.stdin is not None and sys.stdin.isatty():
        say("Register it once more? Type yes, or nothing:")
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            receipt = register(True)
    answer_receipt(session, receipt)


def ask_all_the_same(found: NearDuplicate) -> None:
    """Show what an invoice looks like, and ask whether it is another one. Raises it where nobody agrees."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise found
    say("This invoice looks like what stands already:")
    say(table((", ".join(each.why), each.text()) for each in found.alike))
    say("Register it all the same? Type yes, or nothing:")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise found


def words_of_receipt(receipt: Receipt) -> str:
    """Say in one line where a record stands; the SDK has verified it."""
    stands = "stands" if receipt.outcome is Outcome.CREATED else "stood already"
    return (
        f"{receipt.kind} {stands} at position {receipt.position}, written {moment_words(receipt.time_ms)}; "
        f"proven under the signed head of {receipt.size} entries{_vouchers(receipt)}."
    )


def _vouchers(receipt: Receipt) -> str:
    """Say who vouches, where it is more than one; and who does not yet, where more were asked for."""
    if len(receipt.vouchers) < 2 and not receipt.missing:
        return ""
    missing = f"; not yet by {', '.join(receipt.missing)}" if receipt.missing else ""
    return f", vouched for by {', '.join(receipt.vouchers)}{missing}"


def answer_object(
    session: CommandSession,
    client: "Client",
    view: ObjectView,
    more: Mapping[str, object] | None = None,
    more_rows: Iterable[tuple[str, str]] = (),
) -> None:
    """Give an object as it stands; of one that came to nothing also why, and who said so; and who of it is gone.

    Args:
        session: the options of the command.
        client: who has asked.
        view: the object.
        more: what the document says besides.
        more_rows: the same for people.
    """
    ending = ending_of(client, view)
    warnings = gone_from(client.members.present().membership, view) if hangs_on_members(view) else ()
    document = {**as_fields(fields_of(view)), **(more or {}), "ending": ending, "warnings": warnings}
    rows = [*object_rows(view), *more_rows, *((("because", ending.words),) if ending is not None else ())]
    rows += [("WARNING", warning.text()) for warning in warnings]
    session.answer(document, table(rows))


def fields_of(view: ObjectView) -> dict[str, object]:
    """Give an object's fields for programs, its aspects among them as a document of their own."""
    return {
        "kind": view.kind,
        "id": view.id,
        "state": view.state,
        "aspects": aspects_of(view),
        "as_of_ms": view.as_of_ms,
        "size": view.size,
        "vouchers": view.vouchers,
    }


def answer_records(session: CommandSession, records: Iterable[RecordView], most: int) -> None:
    """Give records as they are proven, one by one for people; for programs all of them at once."""
    shown = []
    for record in islice(records, most):
        shown.append(record)
        if not session.json:
            emit(words_of_record(record))
    if session.json:
        emit_json({"records": shown})


def words_of_record(view: RecordView) -> str:
    """Say in one line which record stands where."""
    return f"{view.position:>10}  {moment_words(view.time_ms)}  {view.kind:<20}  {view.id.hex()}"
