"""`hanse document compare`: what the documents of one trade say of each other."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hanse_cli.base.console import table
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.commands.papers.reporting import checked
from hanse_cli.output.exits import ExitCode
from hanse_ledger.values.patterns import one_line

if TYPE_CHECKING:
    from hanse_documents.checks import Finding
    from hanse_documents.model.reports import DocumentReport

SHOWN = 60
"""How many characters of a compared value are shown."""


def compare(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Invoices, certificates, papers of carriage, declarations, payments."),
    ],
    *,
    everything: Annotated[bool, typer.Option("--all", help="Show what agrees, too.")] = False,
    json: JsonOption = False,
) -> None:
    """Say whether the documents of a trade agree: who, what, how much, from where, for how much. Nothing is sent.

    Ends with 0 where nothing differs that blocks, 2 where something does or a file is invalid, 20 where one cannot be
    read here, 14 where this release does not read it.
    """
    from hanse_documents.checks import compare_set, set_of

    reports = [checked(path) for path in files]
    findings = compare_set(set_of(report.document for report in reports if report.document is not None))
    fields = {"files": [_file_fields(report) for report in reports], **_counted(findings)}
    answer(
        {**fields, "findings": [_fields(each) for each in findings]}, _told(reports, findings, everything), as_json=json
    )
    raise typer.Exit(_exit_code(reports, findings))


def _exit_code(reports: "Sequence[DocumentReport]", findings: "Sequence[Finding]") -> ExitCode:
    from hanse_documents.checks import disagrees

    if disagrees(findings) or any(report.verdict.value == "invalid" for report in reports):
        return ExitCode.USAGE
    verdicts = {report.verdict.value for report in reports if report.document is None}
    if "cannot check" in verdicts:
        return ExitCode.CANNOT_CHECK
    return ExitCode.UNSUPPORTED_FORMAT if "unsupported" in verdicts else ExitCode.SUCCESS


def _file_fields(report: "DocumentReport") -> dict[str, object]:
    return {
        "file": report.file,
        "kind": report.kind,
        "verdict": report.verdict.value,
        "compared": _compared(report),
    }


def _compared(report: "DocumentReport") -> bool:
    """Tell whether there is something to compare: a message that says how payments fare tells of none itself."""
    from hanse_documents.model.reports import payments_in

    document = report.document
    return document is not None and (not isinstance(document, tuple) or bool(payments_in(document)))


def _fields(finding: "Finding") -> Mapping[str, str]:
    return {name: str(getattr(finding, name)) for name in finding.__struct_fields__} | {"title": _title(finding.check)}


def _title(number: str) -> str:
    from hanse_documents.checks import CHECKS

    return next(check.title for check in CHECKS if check.number == number)


def _counted(findings: "Sequence[Finding]") -> Mapping[str, object]:
    from hanse_documents.checks import Agreement, Weight

    differing = [finding for finding in findings if finding.outcome is Agreement.DIFFERS]
    return {
        "blocks": sum(finding.weight is Weight.BLOCK for finding in differing),
        "differ": len(differing),
        "cannot_compare": sum(finding.outcome is Agreement.CANNOT_COMPARE for finding in findings),
        "agree": sum(finding.outcome is Agreement.AGREES for finding in findings),
    }


def _told(reports: "Sequence[DocumentReport]", findings: "Sequence[Finding]", everything: bool) -> str:
    """Say it on lines: the files, what differs and what to do, what could not be compared and why, and the counts."""
    from hanse_documents.checks import Agreement

    rows = [
        (
            f"  {each.file}",
            f"{each.kind or 'unknown'}: {each.verdict.value}{'' if _compared(each) else ', not compared'}",
        )
        for each in reports
    ]
    lines = [table(rows)]
    for finding in findings:
        if finding.outcome is Agreement.DIFFERS:
            lines += [f"{finding.check} {_title(finding.check)}: DIFFERS ({finding.weight.value})", *_sides(finding)]
            lines.append(f"  {finding.action}{f' Tolerated: {finding.tolerance}.' if finding.tolerance else ''}")
    for finding in findings:
        if finding.outcome is Agreement.CANNOT_COMPARE:
            lines.append(one_line(f"{finding.check} {_title(finding.check)}: cannot be compared: {finding.why}"))
    if everything:
        for finding in findings:
            if finding.outcome is Agreement.AGREES:
                lines.append(one_line(f"{finding.check} {_title(finding.check)}: agrees: {_short(finding.left_value)}"))
    counts = _counted(findings)
    lines.append(
        f"{counts['agree']} agree, {counts['differ']} differ ({counts['blocks']} of them block), "
        f"{counts['cannot_compare']} cannot be compared"
    )
    return "\n".join(lines)


def _sides(finding: "Finding") -> list[str]:
    sides = (
        (finding.left_document, finding.left_field, finding.left_value),
        (finding.right_document, finding.right_field, finding.right_value),
    )
    return [
        one_line(f"  {document} {field}: {_short(value) or 'nothing'}") for document, field, value in sides if field
    ]


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
