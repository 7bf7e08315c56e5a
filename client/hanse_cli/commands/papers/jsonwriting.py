"""`hanse document read`: what is read of documents, as JSON."""

import json as json_text
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import emit_json, emit_json_text, say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import is_there, write_file
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.commands.papers.reporting import checked, exit_code, told
from hanse_client.base.errors import InvalidInput
from hanse_client.base.streams import is_stream
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_documents.model.reports import DocumentReport


def read(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Documents of any kind that is read.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="OUT", help="Where to write it; by default on stdout.")
    ] = None,
    out_dir: Annotated[
        Path | None,
        typer.Option(
            "--out-dir", metavar="DIR", help="The folder for several: that of invoice.xml is invoice.xml.json."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files.")] = False,
    json: JsonOption = False,
) -> None:
    """Write what is read of documents as JSON, which Hanse takes as it takes the document. Nothing is sent.

    Whatever can be read is written, and all that was found in it is said. Ends as `hanse document check` does: with 0
    where all are valid, 2 where one is invalid, 20 where one cannot be checked, 14 where one is not read.
    """
    targets = _targets(files, out, out_dir)
    for target in targets:
        if target is not None and not force and not is_stream(target) and is_there(target):
            raise WouldOverwrite(target)
    results, verdicts = [], []
    for file, target in zip(files, targets, strict=True):
        report = checked(file)
        verdicts.append(report.verdict)
        results.append(_written(report, target, force=force, as_json=json))
    if json:
        emit_json(results[0] if len(results) == 1 else results)
    raise typer.Exit(exit_code(verdicts))


def _targets(files: Sequence[Path], out: Path | None, out_dir: Path | None) -> Sequence[Path | None]:
    """Say where that of each file goes; None is stdout. Raises InvalidInput."""
    if out_dir is None:
        if len(files) > 1:
            raise InvalidInput("Several documents do not go into one file.", "Name a folder: --out-dir DIR.")
        return (out,)
    if out is not None:
        raise InvalidInput("--out and --out-dir exclude each other.", "Give one of them.")
    if not out_dir.is_dir():
        raise InvalidInput(f"{out_dir} is no folder.", "Make it, or name another.")
    found: dict[Path, Path] = {}
    for file in files:
        if is_stream(file):
            raise InvalidInput(f"{file} has no name for a file in a folder.", "Give it alone, with --out.")
        target = out_dir / f"{file.name}.json"
        if target in found:
            raise InvalidInput(f"{found[target]} and {file} would both be {target}.", "Give them one after the other.")
        found[target] = file
    return tuple(found)


def _written(report: "DocumentReport", target: Path | None, *, force: bool, as_json: bool) -> Mapping[str, object]:
    """Write what was read of one file, and say what was found in it."""
    from hanse_documents.syntax.openjson import JSON_BYTES
    from hanse_documents.syntax.typedpaper import write_typed

    fields = {name: value for name, value in report.as_fields().items() if name != "terms"}
    data = None if report.document is None else write_typed(report.document)
    if data is not None and target is not None:
        write_file(target, data, force=force)
    if not as_json:
        if report.document is None or report.findings:
            say(told(report))
        if data is not None and target is None:
            emit_json_text(data.decode().rstrip("\n"))
        elif data is not None and target is not None and not is_stream(target):
            answer({}, one_line(str(target)), as_json=False)
    if data is not None and len(data) > JSON_BYTES:
        say(one_line(f"{report.file}: its JSON has {len(data):,} bytes, and Hanse reads at most {JSON_BYTES:,} again."))
    return {
        **fields,
        "written": None if data is None or target is None else str(target),
        "document": None if data is None or target is not None else json_text.loads(data),
    }
