"""`hanse verify` judges a proof, `hanse inspect` shows what a file says."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import emit, emit_json_text, say
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.files import is_there, read_file, write_file
from hanse_cli.base.language import chosen, tell
from hanse_cli.base.session import PANEL, CaOption, CommandSession, JsonOption, TrustOption, answer
from hanse_cli.base.values import moment_of, span_of
from hanse_cli.output.exits import OF_VERDICT, ExitCode
from hanse_cli.output.showing import A_PROOF, A_REFUSAL, describe, describe_text
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_client.base.streams import is_stream
from hanse_client.verify.inpdf import begins_as_pdf
from hanse_client.verify.offline import verify_file, verify_path
from hanse_client.verify.report import Report, judged_anew, report_json, report_text, warned
from hanse_client.verify.samefile import compare_path
from hanse_ledger.proofs.samedocument import DocumentAnswer, DocumentMatch
from hanse_ledger.proofs.statuscode import is_code
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.values import limits
from hanse_ledger.values.messages import said, unsaid
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.verdict import Verdict

OF_MATCH: dict[DocumentMatch, ExitCode] = {
    DocumentMatch.SAME: ExitCode.SUCCESS,
    DocumentMatch.OTHER: ExitCode.NOT_FOUND,
    DocumentMatch.HIDDEN: ExitCode.CANNOT_CHECK,
    DocumentMatch.NONE: ExitCode.CANNOT_CHECK,
}
"""The exit code of each answer to whether a file is the very document of a proof."""

FileArgument = Annotated[Path, typer.Argument(help="The file.")]

NO_TRUST = said(
    "verify.no-trust", "No trust file was given. Get the ledger's trust.json from a member, and name it with --trust."
)
IN_PDF = said(
    "verify.in-pdf",
    "The proof that is attached to the PDF was checked, not what its pages show: compare them with what follows.",
)
FILE_NAME = 255
"""No file has a longer name."""

DocumentOption = Annotated[
    Path | None,
    typer.Option(
        "--document",
        metavar="FILE",
        help="Also tell whether this is the very document to which a proven record commits.",
    ),
]
OpeningOption = Annotated[
    Path | None,
    typer.Option(
        "--opening",
        metavar="FILE",
        help="The document's opening, from its issuer: needed where the record hides which file it is.",
    ),
]

AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="Judge validities and age at this time, ISO 8601; by default now."),
]
MaxAgeOption = Annotated[
    str | None,
    typer.Option(
        "--max-age",
        metavar="SPAN",
        help="Take no proof that is older, such as 7d, 36h or 90m: it cannot be checked then.",
    ),
]
AlsoOption = Annotated[
    str | None,
    typer.Option(
        "--node",
        envvar="HANSE_NODE",
        help="Also ask this node whether it still holds; without it nobody is asked.",
        rich_help_panel=PANEL,
    ),
]

RELIABLE = {Verdict.VALID, Verdict.VALID_WITH_WARNINGS}


def verify(  # noqa: PLR0913 (one argument an option)
    file: FileArgument,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Open no socket, even where HANSE_NODE names a node.")
    ] = False,
    trust: TrustOption = None,
    at: AtOption = None,
    max_age: MaxAgeOption = None,
    node: AlsoOption = None,
    home: Annotated[
        Path | None, typer.Option("--home", envvar="HANSE_HOME", help="Folder for checkpoints.", rich_help_panel=PANEL)
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", envvar="HANSE_TOKEN_FILE", help="The node's bearer token.", rich_help_panel=PANEL),
    ] = None,
    document: DocumentOption = None,
    opening: OpeningOption = None,
    pdf: Annotated[
        Path | None,
        typer.Option(
            "--pdf", metavar="FILE", help="Also write the verdict on paper, as PDF/A-3 with the proof attached."
        ),
    ] = None,
    ca_file: CaOption = None,
    json: JsonOption = False,
) -> None:
    """Check a proof, a refusal, or what a status code says, against the trust file; the exit code is the verdict's.

    Of a PDF the proof that is attached to it is checked; what its pages show is not.

    0 valid, 10 tampered, 11 revoked, expired or superseded, 12 issuer not trusted, 13 not found,
    14 unsupported format, 20 cannot check, 30 node or network. With --document, of a proof that is valid:
    13 it is another document, 20 that cannot be told.
    """
    _need_file_beside(file, document, opening)
    if pdf is not None and is_there(pdf):
        raise WouldOverwrite(pdf)
    moment = moment_of(at) if at else now_ms()
    session = CommandSession(node=node or "", trust=trust, home=home, token_file=token_file, ca_file=ca_file)
    trusted = session.trusted()
    report = _report_of(file, trusted, moment, max_age_ms=span_of(max_age) if max_age else None)
    if trusted is None:
        tell(NO_TRUST)
    if report.verdict in RELIABLE and _in_file(file) and not is_stream(file) and begins_as_pdf(file):
        tell(IN_PDF)
    if node and not offline and trusted is not None and report.verdict in RELIABLE and report.subjects:
        report = _as_it_stands(report, session, moment)
    elif report.as_of is not None:
        as_of = moment_words(report.as_of)
        tell(said("verify.as-of", "This is as of {moment}; nobody was asked what has happened since.", as_of))
    if pdf is not None:
        _write_receipt(pdf, file, report)
    answered = None if document is None else compare_path(file, report, document, opening)
    if json:
        emit_json_text(report_json(report, answered))
    else:
        emit(report_text(report, chosen(), answered).rstrip())
    raise typer.Exit(_exit_of(report.verdict, answered))


def _write_receipt(pdf: Path, file: Path, report: Report) -> None:
    """Write the receipt of a check. Raises InvalidInput where there is no file of a proof to attach."""
    from hanse_client.verify.inpdf import PDF_BYTES, is_pdf, proof_of
    from hanse_client.verify.paper import report_pdf

    if not _in_file(file) or is_stream(file):
        raise InvalidInput("A receipt has its proof attached, and there is no file of it.", "Save the proof first.")
    data = read_file(file, PDF_BYTES, "proof")
    inside = proof_of(data) if is_pdf(data) else data
    if isinstance(inside, Report):
        raise InvalidInput(f"A receipt has its proof attached: {inside.detail}.", "Verify it without --pdf.")
    write_file(pdf, report_pdf(report, inside, language=chosen(), receipt=True))


def _need_file_beside(file: Path, document: Path | None, opening: Path | None) -> None:
    """Insist on a document for an opening, and on a proof in a file beside a document. Raises InvalidInput."""
    if opening is not None and document is None:
        raise InvalidInput("--opening opens a document, and none is named.", "Name it with --document.")
    if document is not None and is_stream(file):
        raise InvalidInput("A document is compared with a proof in a file, not in a stream.", "Save the proof first.")


def _exit_of(verdict: Verdict, answered: DocumentAnswer | None) -> ExitCode:
    """Give the verdict's exit code; of a reliable proof that of the document, where one was compared."""
    if answered is None or verdict not in RELIABLE:
        return OF_VERDICT[verdict]
    return OF_MATCH[answered.match]


def _report_of(file: Path, trusted: TrustFile | None, moment: int, *, max_age_ms: int | None) -> Report:
    """Check what was named: a file, or what a code says, written where a file's name would be."""
    text = str(file)
    if is_code(text) and not _in_file(file):
        return verify_file(text.encode(), trusted, moment, max_age_ms=max_age_ms)
    return verify_path(file, trusted, moment, max_age_ms=max_age_ms)


def _in_file(file: Path) -> bool:
    """Tell whether a file of this name is there; what a code says may be longer than a name can be."""
    text = str(file)
    return not (is_code(text) and len(text) > FILE_NAME) and is_there(file)


def _as_it_stands(report: Report, session: CommandSession, moment: int) -> Report:
    """Ask a node for a proof of the same objects as they stand now, and let the worse verdict count."""
    with session.client(signs=False) as client:
        newer = client.verify(client.proof(*(subject.id for subject in report.subjects)), moment)
        report = warned(report, *(unsaid(notice.message) for notice in client.warnings))
    if newer.verdict in RELIABLE:
        assert newer.as_of is not None
        tell(
            said(
                "verify.still",
                "It still held at {moment}, as {node} has proven.",
                moment_words(newer.as_of),
                session.node,
            )
        )
        return report
    later = said("warning.later", "the node at {node} has proven a later state", session.node)
    since = said("detail.since", "since the file was made: {what}", newer.said.detail)
    return judged_anew(warned(report, later), newer.verdict, since)


def inspect(file: FileArgument, *, json: JsonOption = False) -> None:
    """Show what a proof, a trust file, a request, a refusal or a record says. Nothing in it is checked."""
    description = describe(read_file(file, limits.PROOF_FILE_BYTES, "file"))
    answer(description, describe_text(description), as_json=json)
    say(f"Nothing was checked: this is what {file} says of itself.")
    if description["file"] in {A_PROOF, A_REFUSAL}:
        say(f"To check it: hanse verify {file} --trust trust.json")
