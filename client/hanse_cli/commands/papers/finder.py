"""`hanse document find`: whether a file is the very document of a record, and whether they say the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import as_fields, say
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.output.exits import ExitCode
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_client.base.found import FileSearch, FoundRecord, TermDifference

NOTHING = "nothing"

NOT_FOUND = (
    "not found here: no opening in the home folder is of this file, and the node lists no record that shows its hash. "
    "It may be of a record that hides which file it is, whose opening lies elsewhere."
)


@in_session
def find(
    file: Annotated[Path, typer.Argument(help="The file: an invoice, a certificate, any other.")],
    *,
    session: CommandSession,
) -> None:
    """Say whether a file is the very document of a record, and whether the record says what the file says.

    The openings in the home folder and the node's list of shown hashes tell: the node learns the file's hash.

    Ends with 0 where it is and nothing differs, 2 where it is and something differs, 13 where it is another file of the
    same number, or not found, 30 where the node could not be asked.
    """
    with session.client(signs=False) as client:
        search = client.documents.find(file)
    records = [{**as_fields(each), "agrees": each.agrees} for each in search.records]
    session.answer({**as_fields(search), "records": records}, "\n".join(map(one_line, _told(file, search))))
    for note in search.notes:
        say(one_line(note))
    if search.unasked and search.records:
        say(one_line(f"The node could not be asked for more: {search.unasked}"))
    raise typer.Exit(_exit_code(search))


def _exit_code(search: "FileSearch") -> ExitCode:
    match search.match.value:
        case "same":
            return ExitCode.USAGE if any(each.differences for each in search.records) else ExitCode.SUCCESS
        case "not asked":
            return ExitCode.UNREACHABLE
        case _:
            return ExitCode.NOT_FOUND


def _told(file: Path, search: "FileSearch") -> Iterator[str]:
    match search.match.value:
        case "same":
            for each in search.records:
                agrees = {None: "not compared: nothing here reads the file", True: "agrees", False: "DIFFERS"}
                yield f"{file.name}: is the very file of {_named(each)}, {agrees[each.agrees]}"
                yield from (f"  {_sides(difference)}" for difference in each.differences)
        case "other file":
            for each in search.records:
                noun = each.object_kind
                yield f"{file.name}: names the same {noun} number as {_named(each)}, but is another file"
                yield from (f"  {_sides(difference)}" for difference in each.differences)
        case "not asked":
            yield f"{file.name}: could not ask the node: {search.unasked}"
        case _:
            yield f"{file.name}: {NOT_FOUND}"


def _named(found: "FoundRecord") -> str:
    number = f" {found.number}" if found.number else ""
    return (
        f"{found.object_kind}{number} {found.object_id.hex()} ({found.kind}, written {moment_words(found.time_ms)}; "
        f"{found.state})"
    )


def _sides(difference: "TermDifference") -> str:
    where = difference.pointer or ("what it commits to" if difference.term else "its kind")
    name = difference.term or "kind"
    return f"{name}: the file says {difference.seen or NOTHING}, the record {difference.recorded or NOTHING} ({where})"
