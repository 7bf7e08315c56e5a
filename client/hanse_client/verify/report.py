"""A verification's report in words and as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from unicodedata import combining

import msgspec
from msgspec.structs import asdict

from hanse_client.base.printing import expression, html_table
from hanse_client.base.wording import aspect_rows
from hanse_ledger.proofs import report as checked
from hanse_ledger.proofs.report import Act, ShownTerm, Subject
from hanse_ledger.proofs.statement import meaning
from hanse_ledger.values.moments import span_words

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


def report_text(report: checked.Report) -> str:
    """Write a report in words: the verdict, what is proven, then each step."""
    return "\n".join(map(_one_line, _lines(report))) + "\n"


def report_json(report: checked.Report) -> str:
    """Write a report as JSON: one object, bytes in lower-case hexadecimal, moments in milliseconds."""
    return msgspec.json.format(msgspec.json.encode(_plain(report)), indent=2).decode()


def _lines(report: checked.Report) -> Iterator[str]:
    yield f"{report.verdict.value.upper()}: {meaning(report.verdict, report.as_of)}"
    yield f"  {report.detail}"
    if report.as_of is not None and report.ledger is not None:
        yield ""
        yield f"As of {_moment(report.as_of)}, {report.size} entries of ledger {report.ledger.hex()}"
        yield report.vouchers[:1].upper() + report.vouchers[1:]
        if report.age_ms is not None and report.age_ms >= 0:
            yield f"Age: {span_words(report.age_ms)}"
    for title, sentences in (
        ("Established", report.established),
        ("Not established", report.not_established),
        ("By these keys", report.keys),
    ):
        if sentences:
            yield ""
            yield title
            yield from (f"  {sentence}" for sentence in sentences)
    for subject in report.subjects:
        yield ""
        yield from _subject(subject)
    if report.terms:
        yield ""
        yield "Disclosed terms"
        yield from (f"  {term_words(term)}" for term in report.terms)
    if report.acts:
        yield ""
        yield "Records"
        yield from (_act(act) for act in report.acts)
    if report.warnings:
        yield ""
        yield "Warnings"
        yield from (f"  {warning}" for warning in report.warnings)
    yield ""
    yield "Steps"
    yield from (f"  {_MARKS[step.passed]} {step.number:2} {step.title}: {step.detail}" for step in report.steps)


def _rows(report: Report) -> Iterator[tuple[str, str]]:
    """Write a report as names and values: the verdict first, and of the steps those that did not pass."""
    yield "verdict", f"{report.verdict.value.upper()}: {meaning(report.verdict, report.as_of)}"
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


def term_words(term: ShownTerm) -> str:
    """Write a term with what stands behind it. The value is quoted, so that none can look like these words."""
    said = "not stated" if term.value is None else quoted(term.value)
    behind = "the document's word alone" if term.field is None else f"agrees with the record's {term.field}"
    return f"{term.name}: {said} ({behind})"


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


def _subject(subject: Subject) -> Iterator[str]:
    yield f"{subject.kind.capitalize()} {subject.id.hex()}: {subject.state}"
    yield from (f"  {name}: {value}" for name, value in aspect_rows(subject.facts))
    if subject.note:
        yield f"  {subject.note}"


def _act(act: Act) -> str:
    return f"  {_moment(act.time)} {act.kind} by {', '.join(act.signers)} (position {act.position})"


def _moment(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03}Z"


def _plain(value: object) -> object:
    """Turn bytes into hexadecimal text; the types of a report bound the depth."""
    match value:
        case bytes():
            return value.hex()
        case msgspec.Struct():
            return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value
