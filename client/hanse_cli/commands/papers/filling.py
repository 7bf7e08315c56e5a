"""`hanse invoice template` and `write`: the sheet that is filled in, and the invoices that come of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import say
from hanse_cli.base.errors import MissingExtra, WouldOverwrite
from hanse_cli.base.extras import need_documents
from hanse_cli.base.files import is_there, read_file, write_file
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.commands.papers.bulk import read_invoices
from hanse_client.base.errors import DocumentError, InvalidInput
from hanse_documents.model.errors import DocumentError as Fault

ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file.")]


def template(
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the sheet: orders.xlsx or orders.csv.")],
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Write the sheet for `hanse invoice issue --bulk`: a row for each line of an invoice.

    Its headings are the names of EN 16931. A second page of the workbook explains each, and so does
    docs/formats/sheets.md.
    """
    from hanse_documents.model.errors import ReaderMissing
    from hanse_documents.syntax.sheets.template import template_csv, template_xlsx

    writers = {".csv": template_csv, ".xlsx": template_xlsx}
    if out.suffix.lower() not in writers:
        raise InvalidInput(f"{out} ends in neither .xlsx nor .csv.", "Name the file so, such as orders.xlsx.")
    try:
        data = writers[out.suffix.lower()]()
    except ReaderMissing as error:
        raise MissingExtra("paper", "a writer of workbooks (XlsxWriter)") from error
    write_file(out, data, force=force)
    answer({"sheet": str(out), "bytes": len(data)}, str(out), as_json=json)
    say(f"Fill it in, and try it: hanse invoice issue --bulk {out} --dry-run")


def write(
    source: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A sheet with one invoice, or a form: JSON of terms by name."),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the invoice, such as invoice.xml.")],
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Write an invoice or a credit note as UBL 2.1, of a sheet or of its terms. Nothing is sent.

    Which of the two it is its type says (BT-3): 381 is a credit note, which `hanse invoice credit` takes.

    A form says every term of EN 16931, totals too, by the names under which `hanse document check --json` tells them,
    such as BG-25/1/BT-153; what `hanse document read` writes of an invoice is one. `hanse document check` says whether
    the rules accept what was written.
    """
    need_documents()
    if is_there(out) and not force:
        raise WouldOverwrite(out)
    data = _written(_form_in(source) if source.suffix.lower() == ".json" else _terms_in(source))
    write_file(out, data, force=force)
    answer({"invoice": str(out), "bytes": len(data)}, str(out), as_json=json)


def _form_in(source: Path) -> dict[str, str]:
    """Read a form. Raises DocumentError."""
    from hanse_documents.syntax.openjson import JSON_BYTES, open_json

    try:
        value = open_json(read_file(source, JSON_BYTES, "form"), source.name)
    except Fault as error:
        raise _refused(error) from error
    # Terms alone, what `document check --json` says of an invoice, or what `document read` writes of it.
    terms = value.get("terms", value.get("invoice", value)) if isinstance(value, dict) else None
    if not isinstance(terms, dict) or not all(isinstance(text, str) for text in terms.values()):
        raise DocumentError(f"{source} is no form.", 'Write it as JSON of texts by their terms: {"BT-1": "INV-7", …}.')
    return dict(terms)


def _terms_in(source: Path) -> dict[str, str]:
    """Read a sheet with one invoice. Raises DocumentError, InvalidInput."""
    invoices = read_invoices(source)
    first = invoices[0]
    if len(invoices) > 1:
        raise InvalidInput(
            f"{source} holds {len(invoices)} invoices.", "hanse invoice issue --bulk writes and registers them all."
        )
    if first.faults:
        raise DocumentError(f"{source} has faults:", "Correct the sheet.", faults=first.faults)
    if first.file:
        raise InvalidInput(f"{source} names a file, {first.file}: that is the invoice.", "There is nothing to write.")
    return first.terms


def _written(terms: Mapping[str, str]) -> bytes:
    from hanse_documents.syntax.ubl_writing import write_ubl

    try:
        return write_ubl(terms)
    except Fault as error:
        raise _refused(error) from error


def _refused(error: Fault) -> DocumentError:
    one = len(error.faults) == 1
    return DocumentError(f"{error.faults[0]}." if one else "It has faults:", "Correct it.", faults=error.faults)
