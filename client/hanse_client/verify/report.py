"""A verification's report in words and as JSON."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from unicodedata import combining

import msgspec
from msgspec.structs import asdict, replace

from hanse_client.base.printing import expression, html_table
from hanse_client.base.wording import aspect_rows
from hanse_ledger.proofs import report as checked
from hanse_ledger.proofs.report import Act, ShownTerm, Subject
from hanse_ledger.proofs.samedocument import DocumentAnswer
from hanse_ledger.proofs.statement import meaning
from hanse_ledger.values.messages import Said, in_language, said
from hanse_ledger.values.moments import span_said
from hanse_ledger.values.verdict import Verdict
from hanse_words import ENGLISH, catalogue_of
from hanse_words.terms import term_id

_ENGLISH: Mapping[str, str] = {}
_MARKS = {True: "ok", False: "--"}
_MARKS_ON_A_LETTER = 3
_BLANKS = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters by their class, and nothing to see."""


class Report(checked.Report, frozen=True, kw_only=True):
    """The result of checking a proof, as the ledger's `check_proof` gives it.

    `as_of` is when a quorum of the cosigners last said that this was the state, in milliseconds, `age_ms` how long
    before the verifier's present that was (less than nothing: it lies in the verifier's future), `size` the log's size,
    in entries. All are nil, and the lists short, where checking ended early. `vouchers` says whose signatures stand
    behind it; `established`, `not_established` and `keys` are sentences. `reason` is a word for programs where the
    file's form is at fault, not what it says: `form-changed` (something was added on the way), `ends-early`,
    `not-a-proof`, `other-version` or `too-large`.

    It is neither true nor false: compare its `verdict`.
    """

    def __repr__(self) -> str:
        return expression(self)

    def _repr_html_(self) -> str:
        return html_table("Report", _rows(self))


def reported(report: checked.Report) -> Report:
    """Give a check's result to people: as it is, but that it prints."""
    return Report(**asdict(report))


def warned(report: Report, *warnings: Said) -> Report:
    """Add warnings to a report."""
    words = replace(report.said, warnings=(*report.said.warnings, *warnings))
    return replace(report, warnings=(*report.warnings, *map(str, warnings)), said=words)


def judged_anew(report: Report, verdict: Verdict, detail: Said) -> Report:
    """Give a report with the verdict to which something else has led."""
    words = replace(report.said, detail=detail, meaning=meaning(verdict, report.as_of))
    return replace(report, verdict=verdict, detail=detail.words, said=words)


def report_text(report: checked.Report, language: str = ENGLISH, document: DocumentAnswer | None = None) -> str:
    """Write a report in words: the verdict, what is proven, then each step; and whether a document is the very one.

    Args:
        report: what a check found.
        language: one of `hanse_words.LANGUAGES`. Names of others, ids, times and codes are the same in all.
        document: what was found of a document beside it.
    """
    catalogue = {} if language == ENGLISH else catalogue_of(language)
    lines = [*_lines(report, catalogue)]
    if document is not None:
        title = in_language(said("report.document", "Document"), catalogue)
        lines += ["", title, f"  {in_language(document.said, catalogue)}"]
    return "\n".join(map(_one_line, lines)) + "\n"


def report_json(report: checked.Report, document: DocumentAnswer | None = None) -> str:
    """Write a report as JSON: one object, bytes in lower-case hexadecimal, moments in milliseconds."""
    whole = {name: _plain(getattr(report, name)) for name in report.__struct_fields__}
    if document is not None:
        whole["document"] = _plain(document)
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def _lines(report: checked.Report, catalogue: Mapping[str, str]) -> Iterator[str]:
    def tell(message: Said) -> str:
        return in_language(message, catalogue)

    told = report.said
    yield f"{verdict_words(report.verdict, catalogue).upper()}: {tell(told.meaning)}"
    yield f"  {tell(told.detail)}"
    if report.as_of is not None and report.ledger is not None:
        yield ""
        yield tell(as_of_said(report.as_of, report.size or 0, report.ledger))
        vouchers = "" if told.vouchers is None else tell(told.vouchers)
        yield vouchers[:1].upper() + vouchers[1:]
        if report.age_ms is not None and report.age_ms >= 0:
            yield tell(said("report.age", "Age: {span}", span_said(report.age_ms)))
    for title, sentences in (
        (said("report.established", "Established"), told.established),
        (said("report.not-established", "Not established"), told.not_established),
        (said("report.keys", "By these keys"), told.keys),
    ):
        if sentences:
            yield ""
            yield tell(title)
            yield from (f"  {tell(sentence)}" for sentence in sentences)
    for subject in report.subjects:
        yield ""
        yield from _subject(subject, catalogue)
    if report.terms:
        yield ""
        yield tell(said("report.terms", "Disclosed terms"))
        yield from (f"  {term_words(term, catalogue)}" for term in report.terms)
    if report.acts:
        yield ""
        yield tell(said("report.records", "Records"))
        yield from (f"  {act_words(act, catalogue)}" for act in report.acts)
    if report.warnings:
        yield ""
        yield tell(said("report.warnings", "Warnings"))
        yield from (f"  {tell(warning)}" for warning in told.warnings)
    yield ""
    yield tell(said("report.steps", "Steps"))
    for step in report.steps:
        yield f"  {_MARKS[step.passed]} {step.number:2} {tell(step.said.title)}: {tell(step.said.detail)}"


def verdict_words(verdict: Verdict, catalogue: Mapping[str, str] = _ENGLISH) -> str:
    """Name a verdict."""
    return catalogue.get(f"verdict.{verdict.value.replace(' ', '-')}", verdict.value)


def as_of_said(as_of: int, size: int, ledger: bytes) -> Said:
    """Say as of when, and of which ledger, a report is."""
    return said(
        "report.as-of",
        "As of {moment}, {size} entries of ledger {ledger}",
        _moment(as_of),
        size,
        ledger.hex(),
    )


def _rows(report: Report) -> Iterator[tuple[str, str]]:
    """Write a report as names and values: the verdict first, and of the steps those that did not pass."""
    yield "verdict", f"{report.verdict.value.upper()}: {report.said.meaning}"
    yield "detail", report.detail
    if report.as_of is not None and report.ledger is not None:
        yield "as of", f"{_moment(report.as_of)}, {report.size} entries of ledger {report.ledger.hex()}"
        yield "word of", report.vouchers
    for name, sentences in (
        ("established", report.established),
        ("not established", report.not_established),
        ("by these keys", report.keys),
        ("disclosed", map(term_words, report.terms)),
        ("WARNING", report.warnings),
        ("did not pass", (f"{step.number} {step.title}: {step.detail}" for step in report.steps if not step.passed)),
    ):
        yield from ((name, sentence) for sentence in sentences)


def term_words(term: ShownTerm, catalogue: Mapping[str, str] = _ENGLISH) -> str:
    """Write a term with what stands behind it. The value is quoted, so that none can look like these words."""
    name = catalogue.get(term_id(term.name), "")
    value = said("report.not-stated", "not stated") if term.value is None else quoted(term.value)
    if term.field is None:
        behind = said("report.word-alone", "the document's word alone")
    else:
        behind = said("report.agrees", "agrees with the record's {field}", term.field)
    message = said("report.term", "{name}: {value} ({behind})", f"{term.name} {name}".rstrip(), value, behind)
    return in_language(message, catalogue)


def quoted(text: str) -> str:
    """Write text of others between quotation marks, so that it can neither hide, nor move, nor look like ours.

    What does not print, prints nothing, or follows another space is written as an escape, and so are quotation marks,
    and marks that stand on a letter with more than three others.
    """
    letters, marks, before = [], 0, ""
    for letter in text:
        marks = marks + 1 if combining(letter) else 0
        blank = letter in _BLANKS or (letter == " " and before in {" ", ""})
        if letter in {'"', "\\"}:
            letters.append(f"\\{letter}")
        elif blank or marks > _MARKS_ON_A_LETTER or not letter.isprintable():
            letters.append(_escape(letter))
        else:
            letters.append(letter)
        before = letter
    return f'"{"".join(letters)}"'


def _escape(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _one_line(text: str) -> str:
    """Write what does not print as an escape: a term must not draw lines of its own into the report."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _subject(subject: Subject, catalogue: Mapping[str, str]) -> Iterator[str]:
    kind, state = in_language(subject.said.kind, catalogue), in_language(subject.said.told, catalogue)
    yield f"{kind[:1].upper()}{kind[1:]} {subject.id.hex()}: {state}"
    yield from (f"  {name}: {value}" for name, value in aspect_rows(subject.facts, catalogue))
    if subject.said.note is not None:
        yield f"  {in_language(subject.said.note, catalogue)}"


def act_words(act: Act, catalogue: Mapping[str, str] = _ENGLISH) -> str:
    """Say who did what, when."""
    kind = catalogue.get(f"kind.{act.kind}", act.kind)
    message = said(
        "report.act",
        "{moment} {kind} by {signers} (position {position})",
        _moment(act.time),
        kind,
        act.said,
        act.position,
    )
    return in_language(message, catalogue)


def _moment(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03}Z"


def _plain(value: object) -> object:
    """Turn bytes into hexadecimal text; the types of a report bound the depth."""
    match value:
        case bytes():
            return value.hex()
        case Said():
            values = {name: _plain(inner) for name, inner in value.values}
            return {"id": value.id, "values": values, "words": value.words}
        case msgspec.Struct():
            return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value
