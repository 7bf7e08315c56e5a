"""Many invoices at once: of a sheet or a folder, judged before anything is sent, and resumed where it was."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from hanse_cli.base.console import format_json, progress, say
from hanse_cli.base.errors import MissingExtra
from hanse_cli.base.files import is_there, read_file, write_file
from hanse_cli.base.session import CommandSession
from hanse_cli.output.exits import ExitCode
from hanse_client.base.errors import DocumentError, HanseError, InvalidInput
from hanse_client.base.views import Receipt, Refusal
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_client.client import Client
    from hanse_documents.syntax.sheets.sheetinvoices import SheetInvoice

BulkOption = Annotated[
    Path | None,
    typer.Option("--bulk", metavar="FILE|FOLDER", help="A sheet of invoices (CSV, XLSX), or a folder of their files."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FOLDER", help="Where the invoices of a sheet are written, as UBL."),
]
ReportOption = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Where to write what has become of each invoice, as JSON."),
]

PART = 100
"""So many go in one request: after each, what has become of them is told and written."""

MOST = 10_000
UNTAGGED = "untagged"
CREATED, EXISTS, REFUSED, FAULTY, NOT_SENT, SOUND = "created", "exists", "refused", "faulty", "not sent", "sound"


class BulkInvoice(NamedTuple):
    """One invoice of many: where it stands in what was given, its number, its buyer, its file, and what is wrong."""

    place: str
    number: str
    buyer: str
    file: Path
    made: bytes | None = None
    faults: tuple[str, ...] = ()


class BulkOutcome(NamedTuple):
    """What has become of one of them."""

    listed: BulkInvoice
    outcome: str
    answer: Receipt | None = None
    details: tuple[str, ...] = ()


class Bulk(NamedTuple):
    """How many invoices are issued: by which buyer where they name none, whether despite findings, and so on."""

    buyer: str | None = None
    discoverable: bool = False
    despite_findings: bool = False
    again: bool = False
    report: Path | None = None
    identities: tuple[bytes, ...] = ()
    share: tuple[str, ...] = ()
    share_buyer: bool = False


def issue_bulk(session: CommandSession, source: Path, out: Path | None, bulk: Bulk, *, dry_run: bool) -> None:
    """Register all invoices of a sheet or a folder, or judge them alone; give the report. Raises Exit."""
    listed = listed_in(source, out, bulk.buyer)
    if dry_run:
        become = judged(listed, bulk)
    else:
        ready = sum(not each.faults for each in listed)
        say(f"{ready} of {len(listed)} invoices go on to their rules, and then to the ledger.")
        with session.client() as client:
            become = sent(client, listed, bulk)
    fields = as_document(become)
    if bulk.report is not None:
        _write(bulk.report, become)
    session.answer(fields, "\n".join(line for each in become for line in _told(each)))
    say(_counted(become, dry_run=dry_run))
    outcomes = {each.outcome for each in become}
    if FAULTY in outcomes:
        raise typer.Exit(ExitCode.USAGE)
    if REFUSED in outcomes:
        raise typer.Exit(ExitCode.REFUSED)


def listed_in(source: Path, out: Path | None, buyer: str | None) -> list[BulkInvoice]:
    """List the invoices of a sheet, or of a folder. Raises InvalidInput, DocumentError.

    Args:
        source: the sheet, or the folder.
        out: where the invoices of a sheet are written; by default a folder beside it.
        buyer: the buyer of those that name none.
    """
    if source.is_dir():
        files = sorted(path for path in source.iterdir() if path.is_file() and not path.name.startswith("."))
        if not files:
            raise InvalidInput(f"{source} holds no files.", "Put the invoices into it.")
        if len(files) > MOST:
            raise InvalidInput(f"{source} holds {len(files):,} files; at most {MOST:,} go into one run.", "Split it.")
        return [with_buyer(of_file(path), buyer) for path in files]
    folder = out or source.with_name(f"{source.stem}-invoices")
    return [with_buyer(_of_sheet(each, source, folder), buyer) for each in read_invoices(source)]


def of_file(path: Path) -> BulkInvoice:
    """List an invoice that is a file; its name is its place."""
    from hanse_client.base.files import text_of

    return BulkInvoice(text_of(path.name), "", "", path)


def read_invoices(source: Path) -> "list[SheetInvoice]":
    """Read a sheet of invoices. Raises DocumentError, InvalidInput, MissingExtra."""
    from hanse_documents.model.errors import DocumentError as SheetFault
    from hanse_documents.model.errors import ReaderMissing, UnsupportedFormat
    from hanse_documents.syntax.sheets.cells import SHEET_BYTES, read_rows
    from hanse_documents.syntax.sheets.sheetinvoices import invoices_of

    data = read_file(source, SHEET_BYTES, "sheet")
    try:
        return invoices_of(read_rows(data, source.name), source.name)
    except ReaderMissing as error:
        raise MissingExtra("paper", "a reader of workbooks (python-calamine)") from error
    except UnsupportedFormat as error:
        raise InvalidInput(f"{error.seen}.", error.action) from error
    except SheetFault as error:
        told = f"{error.faults[0]}."
        raise DocumentError(told, error.action, field=error.field, seen=error.seen, wanted=error.wanted) from error


def _of_sheet(each: "SheetInvoice", source: Path, folder: Path) -> BulkInvoice:
    """Write an invoice of a sheet as UBL, in memory; one that is a file of its own lies beside the sheet."""
    from hanse_documents.model.errors import DocumentError as SheetFault
    from hanse_documents.syntax.ubl_writing import write_ubl

    rows = [str(each.rows[0]), str(each.rows[-1])]
    place = f"row {rows[0]}" if len(each.rows) == 1 else f"rows {'-'.join(rows)}"
    file = source.parent / each.file if each.file else folder / f"{_name_of(each.number)}.xml"
    made, faults = None, [str(fault) for fault in each.faults]
    if not each.file and not faults:
        try:
            made = write_ubl(each.terms)
        except SheetFault as error:
            faults = [f"{place}: {fault}" for fault in error.faults]
    return BulkInvoice(place, each.number, each.buyer, file, made, tuple(map(one_line, faults)))


def _name_of(number: str) -> str:
    """Name the file of an invoice: by its number, where that can be a file's name."""
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_") else "_" for letter in number)
    return plain if plain == number and len(plain) <= 64 else f"{plain[:48]}-{hash_bytes(number.encode())[:6].hex()}"


def with_buyer(each: BulkInvoice, buyer: str | None) -> BulkInvoice:
    """Complete the buyer; where there is none, or none of that form, that is a fault."""
    from hanse_client.base.identifiers import parse_id

    named, fault = (
        each.buyer or buyer,
        "no buyer's party is named: fill in the column Buyer party, or give --buyer",
    )
    if named:
        try:
            return each._replace(buyer=parse_id(named, "buyer").hex())
        except InvalidInput as error:
            fault = str(error)
    return each._replace(faults=(*each.faults, one_line(f"{each.place}: {fault}")))


def judged(listed: Sequence[BulkInvoice], bulk: Bulk) -> list[BulkOutcome]:
    """Judge invoices by their rules, and send nothing: no node is asked."""
    become = []
    numbers: dict[str, tuple[str, bytes]] = {}
    with progress(len(listed)) as ticker:
        for done, each in enumerate(listed, 1):
            become.append(_judged(each, bulk, numbers))
            ticker.count("judged", done, len(listed))
    return become


def _judged(each: BulkInvoice, bulk: Bulk, numbers: dict[str, tuple[str, bytes]]) -> BulkOutcome:
    """Judge one; `numbers` has those before it, with the place and the hash of the first of each number."""
    from hanse_client.base.files import read_judged, read_source, text_of
    from hanse_client.resources.issuing.many import verify_kind
    from hanse_documents.checks.folding import bare_text

    if each.faults:
        return BulkOutcome(each, FAULTY, details=each.faults)
    try:
        data, _ = read_source(each.file if each.made is None else each.made)
        document, findings = read_judged(data, text_of(each.file.name), despite_findings=bulk.despite_findings)
        verify_kind(document)
    except HanseError as error:
        return BulkOutcome(each, FAULTY, details=_faults_of(each, error))
    digest = hash_bytes(data)
    place, first = numbers.setdefault(bare_text(document.number), (each.place, digest))
    if first != digest and not bulk.again:
        wanted = f"each number once: {place} has it too; if both are meant, --again"
        said = one_line(f"{each.place}: BT-1: {document.number}; wanted: {wanted}")
        return BulkOutcome(each._replace(number=document.number), FAULTY, details=(said,))
    return BulkOutcome(
        each._replace(number=document.number), SOUND, details=tuple(one_line(str(one)) for one in findings)
    )


def sent(client: "Client", listed: Sequence[BulkInvoice], bulk: Bulk) -> list[BulkOutcome]:
    """Send what has no fault so far, some at a time; what has become of them is written after each part.

    A report that cannot be written is told before anything is sent; one of an earlier run stands until there is more.
    """
    become = [BulkOutcome(each, FAULTY if each.faults else NOT_SENT, details=each.faults) for each in listed]
    if bulk.report is not None and not is_there(bulk.report):
        _write(bulk.report, become)
    ready = [place for place, each in enumerate(listed) if not each.faults]
    with progress(len(ready)) as ticker:
        for start in range(0, len(ready), PART):
            part = ready[start : start + PART]
            try:
                _send(client, part, become, bulk)
            finally:
                if bulk.report is not None:
                    _write(bulk.report, become)
            ticker.count("answered", min(start + PART, len(ready)), len(ready))
    return become


def _send(client: "Client", places: Sequence[int], become: list[BulkOutcome], bulk: Bulk) -> None:
    from hanse_client.base.files import text_of
    from hanse_client.resources.issuing.many import InvoiceToIssue

    for place in places:
        each = become[place]
        if each.listed.made is not None:
            become[place] = each._replace(listed=each.listed._replace(file=_kept(each.listed.file, each.listed.made)))
    listed = [become[place].listed for place in places]
    files = [
        InvoiceToIssue(
            file=each.file,
            buyer=each.buyer,
            name=text_of(each.file.name),
            share=[each.buyer] if bulk.share_buyer else [],
        )
        for each in listed
    ]
    try:
        answers = client.invoices.issue_many(
            files,
            discoverable=bulk.discoverable,
            unlike=not bulk.again,
            despite_findings=bulk.despite_findings,
            identities=bulk.identities,
            share=bulk.share,
        )
    except HanseError as error:
        _note(places, become, error.answers)
        raise
    _note(places, become, answers)


def _kept(file: Path, made: bytes) -> Path:
    """Write an invoice that was made of a sheet, before it is sent, and name its file; what lies there is not replaced.

    What is registered is a file's very bytes. One that says the same stays the invoice, whatever release wrote it; an
    invoice that says something else gets a name of its own.
    """
    if not is_there(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, made)
        return file
    before = read_file(file, 2 * len(made) + 4_096, "invoice")
    if before == made or (_terms_of(before) or before) == _terms_of(made):
        return file
    other = file.with_name(f"{file.stem}-{hash_bytes(made)[:6].hex()}.xml")
    if not is_there(other):
        write_file(other, made)
    return other


def _terms_of(data: bytes) -> dict[str, str] | None:
    from hanse_documents import read_document
    from hanse_documents.model.documents import InvoiceDocument, terms
    from hanse_ledger.values.errors import LedgerError

    try:
        document = read_document(data)
    except LedgerError:
        return None
    return terms(document) if isinstance(document, InvoiceDocument) else None


def _note(
    places: Sequence[int], become: list[BulkOutcome], answers: Iterable[Receipt | Refusal | HanseError | None]
) -> None:
    for place, answer in zip(places, answers, strict=False):
        each = become[place].listed
        match answer:
            case Receipt():
                findings = tuple(one_line(str(finding)) for finding in answer.findings)
                untagged = tuple(
                    one_line(f"{told.code}: {told.text()}") for told in answer.warnings if told.code == UNTAGGED
                )
                become[place] = BulkOutcome(each, answer.outcome.value, answer, (*findings, *untagged))
            case Refusal():
                become[place] = BulkOutcome(each, REFUSED, details=(answer.text(),))
            case HanseError():
                become[place] = BulkOutcome(each, FAULTY, details=_faults_of(each, answer))
            case None:
                pass


def _faults_of(each: BulkInvoice, error: HanseError) -> tuple[str, ...]:
    """Say what is wrong with an invoice, a line a fault, and where it stands in what was given."""
    faults: Sequence[object] = error.faults if isinstance(error, DocumentError) and error.faults else (error,)
    return tuple(one_line(f"{each.place}: {fault}") for fault in faults)


def as_document(become: Sequence[BulkOutcome]) -> dict[str, object]:
    """Give the report: how many came to what, and each with its place, its file and its id."""
    counts = dict.fromkeys((CREATED, EXISTS, SOUND, REFUSED, FAULTY, NOT_SENT), 0)
    for each in become:
        counts[each.outcome] += 1
    return {**{name.replace(" ", "_"): count for name, count in counts.items()}, "invoices": list(map(_fields, become))}


def _fields(each: BulkOutcome) -> dict[str, object]:
    from hanse_client.base.files import text_of

    receipt = each.answer
    return {
        "place": each.listed.place,
        "number": each.listed.number,
        "file": text_of(each.listed.file),
        "buyer": each.listed.buyer,
        "outcome": each.outcome,
        "invoice": None if receipt is None else receipt.object_id,
        "record": None if receipt is None else receipt.record_id,
        "position": None if receipt is None else receipt.position,
        "details": each.details,
    }


def _write(report: Path, become: Sequence[BulkOutcome]) -> None:
    write_file(report, f"{format_json(as_document(become))}\n".encode(), force=True, private=True)


def _told(each: BulkOutcome) -> list[str]:
    name = each.answer.object_id.hex() if each.answer else "-"
    number = f"  {each.listed.number}" if each.listed.number else ""
    return [f"{name}  {each.outcome}  {each.listed.place}{number}", *(f"    {detail}" for detail in each.details)]


def _counted(become: Sequence[BulkOutcome], *, dry_run: bool) -> str:
    counts = as_document(become)
    if dry_run:
        return f"{counts[SOUND]} of {len(become)} invoices are sound, {counts[FAULTY]} are not. Nothing was sent."
    return (
        f"{len(become)} invoices: {counts[CREATED]} registered now, {counts[EXISTS]} stood already, "
        f"{counts[REFUSED]} refused, {counts[FAULTY]} faulty."
    )
