"""`hanse folder watch`: for systems that can only write files, a folder from which invoices are registered.

What lies whole in `in/` is taken into `.taken/`, and goes from there to `out/` or `failed/`, its report beside it.
A crash leaves it in `.taken/`: the next run puts it back, and registers nothing twice.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hanse_cli.base.console import format_json, say
from hanse_cli.base.errors import Ended
from hanse_cli.base.files import write_file
from hanse_cli.base.session import CommandSession, in_session
from hanse_cli.commands.papers.bulk import (
    CREATED,
    EXISTS,
    Bulk,
    BulkInvoice,
    BulkOutcome,
    as_document,
    listed_in,
    of_file,
    sent,
    with_buyer,
)
from hanse_cli.commands.papers.buyeridentities import IdentitiesOption, identities_in
from hanse_cli.commands.papers.getting import ShareBuyerOption, ShareOption, readers_of
from hanse_cli.output.exits import ExitCode, error_document
from hanse_client.base.errors import DocumentError, HanseError, InvalidInput, NodeUnreachable
from hanse_io.locks import Lock, Taken
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_client.client import Client

app = typer.Typer(name="folder", help="Folders for systems that can only write files.", no_args_is_help=True)

SETTLED_SECONDS = 1.0
"""A file whose size and date stand for so long is whole."""

A_ROUND = 1_000
"""So many files are taken at once."""

REPORT = ".report.json"
NAME_BYTES = 200
"""A longer name is cut, so that there is room for what is put behind it; file systems take 255 bytes."""

UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", "~")
"""How programs call what they are still writing."""


class _Rooms(NamedTuple):
    """The folder's parts."""

    arriving: Path
    taken: Path
    done: Path
    failed: Path


Look = tuple[int, int, int]
"""Size, date and place of a file: another look is another file, or one that is being written."""


@app.command()
@in_session
def watch(  # noqa: PLR0913 (each is an option of its own)
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where in/, out/ and failed/ are, or are made.")],
    *,
    buyer: Annotated[
        str | None, typer.Option("--buyer", metavar="ID", help="The buyer's party, of what names none.")
    ] = None,
    every: Annotated[float, typer.Option("--every", min=1.0, help="Seconds from one look to the next.")] = 5.0,
    once: Annotated[bool, typer.Option("--once", help="Take what lies there, and end.")] = False,
    discoverable: Annotated[
        bool, typer.Option("--discoverable", help="Let whoever holds a very file look it up.")
    ] = False,
    buyer_identities: IdentitiesOption = None,
    share: ShareOption = None,
    share_buyer: ShareBuyerOption = False,
    session: CommandSession,
) -> None:
    """Register every invoice that is put into FOLDER/in: a file of one, or a sheet of many; the seller signs.

    A file is taken when its size stands, and goes to out/ when its invoices stand, else to failed/; what became of it
    lies beside it, NAME.report.json. The same file again is no second invoice. What ends in .part or .tmp, or begins
    with a dot, is left alone. While the node does not answer, files stay in in/. With --share or --share-buyer each
    invoice travels, sealed to those readers.

    Ctrl-C ends it. With --once it ends by itself: with 2 where a file failed, 30 where no node answered.
    """
    if session.countersigners:
        raise InvalidInput("A watched folder drafts nothing for others to sign.", "Leave out --with and --draft.")
    bulk = Bulk(
        buyer=buyer,
        discoverable=discoverable,
        identities=identities_in(buyer_identities),
        share=tuple(readers_of(share)),
        share_buyer=share_buyer,
    )
    try:
        rooms = _rooms_in(folder)
        with Lock(folder / ".lock").held(), session.client() as client:
            for left in sorted(rooms.taken.iterdir()):
                _move(left, rooms.arriving)
            failed = _watch(client, rooms, bulk, None if once else every)
    except Taken as error:
        raise InvalidInput(f"Another program watches {folder}.", "Stop it, or name another folder.") from error
    except OSError as error:
        # What was taken lies in .taken/, and is put back by the next run.
        raise InvalidInput(
            f"{error.filename or folder} cannot be used: {error.strerror or error}.",
            "Check its rights and the space on its disk; the same command goes on where this one ended.",
        ) from error
    if failed and once:
        raise typer.Exit(ExitCode.USAGE)


def _rooms_in(folder: Path) -> _Rooms:
    """Make the folder's parts where they are missing. Raises OSError, InvalidInput."""
    rooms = _Rooms(*(folder / name for name in ("in", ".taken", "out", "failed")))
    for room in rooms:
        room.mkdir(parents=True, exist_ok=True)
    if len({room.stat().st_dev for room in rooms}) > 1:
        raise InvalidInput(
            f"The parts of {folder} lie on several file systems, between which no file is moved at once.",
            "Keep in/, out/ and failed/ on one, and fetch files into in/ from elsewhere.",
        )
    return rooms


def _watch(client: "Client", rooms: _Rooms, bulk: Bulk, every: float | None) -> int:
    """Look again and again, or once; give how many files have failed."""
    seen, failed = dict(_looks(rooms.arriving)), 0
    say(f"Watching {rooms.arriving}.")
    while True:
        try:
            _pause(SETTLED_SECONDS if every is None else every)
        except (KeyboardInterrupt, Ended):
            say("Stopped. Nothing is half done.")
            return failed
        now = dict(_looks(rooms.arriving))
        whole = [path for path, look in now.items() if seen.get(path) == look]
        try:
            failed += _register(client, _take(whole, seen, rooms), rooms, bulk)
        except NodeUnreachable as error:
            for path in sorted(rooms.taken.iterdir()):
                _move(path, rooms.arriving)
            if every is None:
                raise
            say(f"{error} The files stay in {rooms.arriving}.")
        if every is None:
            for path in sorted(set(now) - set(whole)):
                say(f"{path} is still being written, and was left.")
            return failed
        seen = dict(_looks(rooms.arriving))


def _take(whole: Sequence[Path], seen: Mapping[Path, Look], rooms: _Rooms) -> list[Path]:
    """Take files that are whole, and give their places. What has become another one since it was seen goes back."""
    taken = []
    for path in whole:
        try:
            file = _move(path, rooms.taken)
        except FileNotFoundError:
            continue  # whoever put it here has taken it away, or given it another name
        found = file.lstat()
        if stat.S_ISREG(found.st_mode) and _look(found) == seen[path]:
            taken.append(file)
        else:
            _move(file, rooms.arriving)
    return taken


def _pause(seconds: float) -> None:
    time.sleep(seconds)


def _looks(room: Path) -> Iterator[tuple[Path, Look]]:
    """Look at the files in a room that may be whole. Links, folders and what is called unfinished are none."""
    names = sorted(path for path in room.iterdir() if not path.name.startswith("."))
    yield from islice(_regular(each for each in names if not each.name.endswith(UNFINISHED)), A_ROUND)


def _regular(paths: Iterable[Path]) -> Iterator[tuple[Path, Look]]:
    """Leave out what is no file, so that a thousand links hide none."""
    for path in paths:
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue  # whoever put it here has taken it away
        if stat.S_ISREG(found.st_mode):
            yield path, _look(found)


def _look(found: os.stat_result) -> Look:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _register(client: "Client", files: Sequence[Path], rooms: _Rooms, bulk: Bulk) -> int:
    """Register what the files hold, and put each where it belongs; give how many have failed."""
    from hanse_documents.syntax.sheets.cells import is_sheet

    failed, looks = 0, {file: _look(file.lstat()) for file in files}
    single: list[tuple[Path, BulkInvoice]] = []
    for file in files:
        if not is_sheet(file.name):
            single.append((file, with_buyer(of_file(file), bulk.buyer)))
            continue
        try:
            listed = listed_in(file, rooms.done / f"{Path(_named(file.name)).stem}-invoices", bulk.buyer)
        except (DocumentError, InvalidInput) as error:
            failed += _finish(file, looks[file], error, rooms)
            continue
        failed += _finish(file, looks[file], sent(client, list(map(_without_files, listed)), bulk), rooms)
    for (file, _), outcome in zip(single, sent(client, [each for _, each in single], bulk), strict=True):
        failed += _finish(file, looks[file], [outcome], rooms)
    return failed


def _without_files(each: BulkInvoice) -> BulkInvoice:
    """Let no row of a sheet name a file: which files lie beside it in this moment is chance."""
    if each.made is not None or each.faults:
        return each
    return each._replace(faults=(one_line(f"{each.place}: {each.number} is a file: put it into in/ by itself"),))


def _finish(file: Path, look: Look, became: Sequence[BulkOutcome] | HanseError, rooms: _Rooms) -> bool:
    """Put a file where it belongs, its report first; tell whether it has failed."""
    if _look(file.lstat()) != look:
        say(f"{file.name} was written to while it was read: it is taken once more.")
        _move(file, rooms.arriving)
        return False
    wrong = isinstance(became, HanseError) or any(each.outcome not in (CREATED, EXISTS) for each in became)
    room = rooms.failed if wrong else rooms.done
    name = _free(file, room, _named(file.name))
    if isinstance(became, HanseError):
        report = error_document(became)
    else:
        report = as_document([_moved(each, name) if each.listed.file == file else each for each in became])
    beside = name.with_name(f"{name.name}{REPORT}")
    write_file(beside, f"{format_json(report)}\n".encode(), force=True)
    # From here what became of it is known. A crash before the file is moved has it registered again, as what stands.
    file.replace(name)
    say(one_line(f"{name.name}: {'failed, ' if wrong else ''}see {beside}"))
    return wrong


def _moved(each: BulkOutcome, name: Path) -> BulkOutcome:
    return each._replace(listed=each.listed._replace(file=name))


def _move(file: Path, room: Path) -> Path:
    """Put a file into a room, and give its place there; what lies there is not replaced."""
    return file.replace(_free(file, room, file.name))


def _named(name: str) -> str:
    """Name a file so that its report can be named after it, is none of another file, and can be written as JSON."""
    plain = os.fsencode(name).decode(errors="replace")
    if plain == name and len(os.fsencode(name)) <= NAME_BYTES and not name.endswith(REPORT):
        return name
    start, dot, end = plain.removesuffix(REPORT).rpartition(".")
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
    return f"{(start or end)[:48]}-{digest}{f'{dot}{end}'[:8] if start else ''}"


def _free(file: Path, room: Path, name: str) -> Path:
    """Give a file its name in a room; where another one has it, one that follows from what it holds."""
    wanted = room / name
    if not os.path.lexists(wanted):
        return wanted
    digest = _digest(file)
    if wanted.is_file() and not wanted.is_symlink() and _digest(wanted) == digest:
        return wanted
    return room / f"{wanted.stem}-{digest[:6].hex()}{wanted.suffix}"


def _digest(file: Path) -> bytes:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
