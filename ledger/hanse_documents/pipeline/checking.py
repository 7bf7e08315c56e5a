"""Checking a file: one report with all that was found, whatever it is. Nothing is raised for what a file says."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.model.errors import DocumentError, Fault, FaultWeight, ReaderMissing, UnsupportedFormat
from hanse_documents.model.reports import NOT_RUN, Document, DocumentReport, DocumentVerdict, fatal_of
from hanse_documents.pipeline.detect import Reading, examine_credit_note, examine_document, unread
from hanse_documents.pipeline.documentkinds import DocumentKind, Structure, kind_of
from hanse_documents.pipeline.opened import OpenedFile, open_file
from hanse_documents.semantics.en16931 import CREDIT_CODES

if TYPE_CHECKING:
    from hanse_documents.pipeline.ruling import Ruled
    from hanse_documents.rules.ruleengine import RuleEngine

DESPITE = "Ask for a corrected one; to register it all the same: --despite-findings, despite_findings=True."


def check_document(
    data: bytes, name: str = "", *, rules: Sequence[Path] = (), engine: "RuleEngine | None" = None
) -> DocumentReport:
    """Check a file in all ways that are known here.

    Args:
        data: the file's bytes.
        name: how messages call the file.
        rules: further rule sets for invoices, Schematron compiled to XSLT, such as Peppol's or XRechnung's.
        engine: what runs rules; by default the one that this process shares.

    Returns:
        What it is, its verdict, everything that was found, and the typed document if one could be made.

    Raises:
        OSError: a further rule set cannot be read.
    """
    file = name or "file"
    try:
        opened = open_file(data, name, engine)
    except DocumentError as error:
        return DocumentReport(file=file, kind="", verdict=DocumentVerdict.INVALID, findings=error.faults)
    except UnsupportedFormat as error:
        return _unread(file, "", error)
    kind, row = kind_of(opened)
    if row is None:
        return _unread(file, "", unread(opened))
    return _checked(opened, kind, row, rules, engine)


def examine_judged(data: bytes, name: str = "", *, despite_findings: bool = False) -> Reading:
    """Read a document that is judged in all ways that are known here, for whoever wants to rely on it.

    Args:
        data: the file's bytes.
        name: how messages call the file.
        despite_findings: give it although something fatal was found in it, which is among the findings then.

    Returns:
        The document and what was found. Of published rules that is what is fatal, and that they did not run where they
        did not: their advice on style is for `check_document`.

    Raises:
        DocumentError: something fatal was found, or no document can be made.
        UnsupportedFormat: as `examine_document`.
    """
    report = check_document(data, name)
    document = report.document
    if document is None or (isinstance(document, InvoiceDocument) and document.type_code in CREDIT_CODES):
        return examine_document(data, name)  # which says why not, and what to do with a credit note
    return _judged_reading(report, despite_findings=despite_findings)


def examine_judged_credit_note(data: bytes, name: str = "", *, despite_findings: bool = False) -> Reading:
    """Read a credit note, judged as `examine_judged` judges an invoice. Errors are the same."""
    examine_credit_note(data, name)  # which says what is no credit note
    return _judged_reading(check_document(data, name), despite_findings=despite_findings)


def _judged_reading(report: DocumentReport, *, despite_findings: bool) -> Reading:
    """Give what was read of a document, unless something fatal was found. Raises DocumentError."""
    document = report.document
    assert document is not None, "its caller has seen to it"
    if not despite_findings and (fatal := report.fatal()):
        raise DocumentError.of(fatal, DESPITE)
    told = [each for each in report.findings if each.weight is FaultWeight.FATAL or not each.field.startswith("/")]
    not_run = [each for each in report.findings if each.id == NOT_RUN]
    return Reading(document=document, findings=(*told, *not_run))


def _checked(
    opened: OpenedFile, kind: str, row: DocumentKind, further: Sequence[Path], engine: "RuleEngine | None"
) -> DocumentReport:
    document: Document | None = None
    try:
        structure, official = _judged(opened, kind, row, further, engine)
        document, own = row.read(opened)
    except UnsupportedFormat as error:
        return _unread(opened.file, kind, error)
    except DocumentError as error:
        own = error.faults  # only the reader raises it
    if official is not None:
        from hanse_documents.pipeline.ruling import joined  # noqa: PLC0415 (loaded already, for those that have rules)

        own = joined(own, official, was_read=document is not None)
    findings = tuple(dict.fromkeys((*structure.findings, *own)))  # both may tell the same of one place
    fatal = structure.valid is False or document is None or bool(fatal_of(findings))
    # What could be judged and was not is not valid.
    judged = (row.structure is None or structure.valid is not None) and (official is None or official.complete)
    passed = DocumentVerdict.VALID if judged else DocumentVerdict.CANNOT_CHECK
    return DocumentReport(
        file=opened.file,
        kind=kind,
        verdict=DocumentVerdict.INVALID if fatal else passed,
        findings=findings,
        structure_valid=structure.valid,
        rule_set=official.rule_sets[0] if official is not None and official.rule_sets else None,
        further_rule_sets=official.rule_sets[1:] if official is not None else (),
        inside=opened.inside,
        document=document,
    )


def _judged(
    opened: OpenedFile, kind: str, row: DocumentKind, further: Sequence[Path], engine: "RuleEngine | None"
) -> tuple[Structure, "Ruled | None"]:
    """Judge structure and rules. Rules are run on a sound structure alone: on another one they say nothing."""
    if row.rewritten is not None:
        return _judged_rewritten(opened, row, further, engine)
    if row.specification is None:
        return Structure(valid=None) if row.structure is None else row.structure(opened), None
    from hanse_documents.pipeline.ruling import Ruled, chosen_for, ruled  # noqa: PLC0415 (for those that have rules)
    from hanse_documents.rules.ruleengine import shared_engine  # noqa: PLC0415 (likewise)

    engine = engine or shared_engine()
    chosen = chosen_for(opened, kind, row.specification(opened), further)
    for each in chosen:
        engine.prepare(each.file)
    structure = Structure(valid=None) if row.structure is None else row.structure(opened)
    if structure.valid is False:
        return structure, Ruled(complete=False)
    return structure, ruled(opened, chosen, len(further), engine)


def _judged_rewritten(
    opened: OpenedFile, row: DocumentKind, further: Sequence[Path], engine: "RuleEngine | None"
) -> tuple[Structure, "Ruled | None"]:
    """Judge a document as it is written in another syntax.

    One that says what no such document says has no sound structure. Where the writing itself is not what its schema
    asks for, that says nothing of the document: the rules have not run.
    """
    from hanse_documents.pipeline.ruling import Ruled, not_run  # noqa: PLC0415 (for those that have rules)

    assert row.rewritten is not None, "its caller has seen to it"
    try:
        other = row.rewritten(opened)
    except DocumentError as error:
        return Structure(valid=False, findings=error.faults), None
    except UnsupportedFormat as error:
        return Structure(valid=None), Ruled(complete=False, findings=(not_run(f"{error.seen}. {error.action}"),))
    kind, known = kind_of(other)
    assert known is not None, "what is written is of a kind that is read"
    structure, official = _judged(other, kind, known, further, engine)
    if structure.valid is False:
        why = f"written as {kind} it does not fit the schema, so that no rules judge it: {structure.findings[0]}"
        return Structure(valid=None), Ruled(complete=False, findings=(not_run(why),))
    return structure, official


def _unread(file: str, kind: str, error: UnsupportedFormat) -> DocumentReport:
    """Report what this release, or this installation, does not read."""
    missing = isinstance(error, ReaderMissing)
    return DocumentReport(
        file=file,
        kind=kind,
        verdict=DocumentVerdict.CANNOT_CHECK if missing else DocumentVerdict.UNSUPPORTED,
        findings=(Fault(field=file, seen="", wanted=f"{error.seen}. {error.action}", weight=FaultWeight.NOTE),),
    )
