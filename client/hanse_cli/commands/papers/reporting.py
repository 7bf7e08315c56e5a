"""Reading a file for whoever checks, compares or writes it anew, and saying what came of it."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanse_cli.base.console import table
from hanse_cli.output.exits import ExitCode
from hanse_client.base.errors import DocumentError
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_documents.model.reports import DocumentReport

EXITS = {
    "invalid": ExitCode.USAGE,
    "cannot check": ExitCode.CANNOT_CHECK,
    "unsupported": ExitCode.UNSUPPORTED_FORMAT,
    "valid": ExitCode.SUCCESS,
}
"""The exit code of each verdict; of several files the first of these that one of them has."""


def exit_code(verdicts: Iterable[str]) -> ExitCode:
    """Give the exit code of what came of some files."""
    seen = set(verdicts)
    return next(code for verdict, code in EXITS.items() if verdict in seen)


def checked(path: Path, rules: Sequence[Path] = ()) -> "DocumentReport":
    """Check a file; one that is too large is invalid, and one that cannot be read at all cannot be checked."""
    from hanse_client.base.files import read_source
    from hanse_documents import check_document
    from hanse_documents.model.errors import Fault, FaultWeight
    from hanse_documents.model.reports import DocumentReport, DocumentVerdict

    try:
        data, name = read_source(path)
    except DocumentError as error:
        if not error.seen:  # it could not be read at all: that says nothing of what it holds
            why = Fault(field=str(path), seen="", wanted=error.message, id="unread", weight=FaultWeight.WARNING)
            return DocumentReport(file=path.name, kind="", verdict=DocumentVerdict.CANNOT_CHECK, findings=(why,))
        large = Fault(field=str(path), seen=error.seen, wanted=error.wanted, id="size")
        return DocumentReport(file=path.name, kind="", verdict=DocumentVerdict.INVALID, findings=(large,))
    return check_document(data, name, rules=rules)


def told(report: "DocumentReport") -> str:
    """Say a report on lines: the verdict, what was looked at, and every finding."""
    what = ", ".join(part for part in (report.kind, report.inside, *_looked_at(report)) if part)
    lines = [one_line(f"{report.file}: {report.verdict.value}{f' ({what})' if what else ''}")]
    rows = [(f"  {each.weight.value}", one_line(f"{each.id} {each}".strip())) for each in report.findings]
    return "\n".join((*lines, *([table(rows)] if rows else [])))


def _looked_at(report: "DocumentReport") -> tuple[str, ...]:
    structure = {None: "structure not checked", True: "structure valid", False: "structure invalid"}
    ran = [each.id for each in (report.rule_set, *report.further_rule_sets) if each is not None]
    return (structure[report.structure_valid], *(f"rules {name}" for name in ran)) if report.kind else ()
