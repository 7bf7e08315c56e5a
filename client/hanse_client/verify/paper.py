"""A report on paper: PDF/A-3 with the proof attached, in any of the languages, with a code where one is given."""

from collections.abc import Iterator, Mapping, Sequence

from hanse_client.base.errors import DocumentError
from hanse_client.base.squarecodes import code_svg
from hanse_client.base.wording import aspect_rows
from hanse_client.verify.inpdf import NAME, need_reader, pdf_date, written_ms
from hanse_client.verify.report import act_words, as_of_said, quoted, term_words, verdict_words
from hanse_documents.model.errors import DocumentError as Unshown
from hanse_documents.paper.insidefiles import Addition
from hanse_documents.paper.sheets import Sheet, SheetRow, SheetSection, Tone, typeset
from hanse_ledger.proofs.prooffile import MEDIA_TYPE
from hanse_ledger.proofs.report import Report, ShownTerm, Subject
from hanse_ledger.values.messages import Said, in_language, said
from hanse_ledger.values.verdict import Verdict
from hanse_words import ENGLISH, catalogue_of
from hanse_words.terms import term_id

_TONES: Mapping[Verdict, Tone] = {
    Verdict.VALID: "good",
    Verdict.VALID_WITH_WARNINGS: "warned",
    Verdict.CANNOT_CHECK: "unknown",
    Verdict.UNSUPPORTED_FORMAT: "unknown",
    Verdict.NOT_FOUND: "unknown",
}

TITLES = {
    "certificate": said("paper.certificate", "Certificate of origin"),
    "invoice": said("paper.invoice", "Invoice receipt"),
    "declaration": said("paper.declaration", "Customs decision"),
    "payment": said("paper.payment", "Payment receipt"),
}
"""What a paper is called, by the kind of the first object in its proof."""

RECEIPT = said("paper.receipt", "Verification receipt")
PROOF = said("paper.proof", "Proof")

MOST_COLUMNS = 7
"""A table with more has its values one below another."""

ADDRESS_MM, STATUS_MM = 28, 60
"""How wide a code is that holds an address, or a status whole."""

LINE_STEPS = 3
"""A term of a line is named by its group, its number and its own name."""


def report_pdf(
    report: Report,
    proof: bytes,
    *,
    language: str = ENGLISH,
    receipt: bool = False,
    code: str = "",
    published: bool = False,
) -> bytes:
    """Write what a check of a proof has found as PDF/A-3a, the proof attached. The same input gives the same bytes.

    Args:
        report: what the check found.
        proof: the proof file that was checked.
        language: one of `hanse_words.LANGUAGES`.
        receipt: it is the receipt of a check, whatever the proof is about; else named after its first object.
        code: the text of a QR code: an address, or a status; nothing for none.
        published: the code is the address of a published proof, and no status.

    Raises:
        DocumentError: it is no proof, or a character stands in no font that is here: it is named.
        InvalidInput: no code holds so much.
        SetupError: what writes PDFs is not installed.
    """
    need_reader()
    written = written_ms(proof)
    paper = _Paper(report, language)
    title = RECEIPT if receipt or not report.subjects else TITLES.get(report.subjects[0].kind, PROOF)
    sheet = Sheet(
        language=language,
        title=paper.tell(title),
        tone=_TONES.get(report.verdict, "bad"),
        verdict=verdict_words(report.verdict, paper.catalogue),
        meaning=paper.meaning(),
        sections=tuple(paper.sections()),
        code=code_svg(code).decode() if code else "",
        code_words=paper.code_words(code, published=published) if code else "",
        code_mm=ADDRESS_MM if published else STATUS_MM,
        foot=(
            paper.tell(
                said(
                    "paper.attached",
                    "The proof is attached to this file as {name}. What is printed here proves nothing by itself: "
                    "{command} checks the proof, and the trust file comes from a member of the ledger.",
                    NAME,
                    "hanse verify FILE.pdf --trust trust.json",
                )
            ),
        ),
        made_at_s=written // 1_000,
    )
    attached = Addition(name=NAME, media_type=MEDIA_TYPE, description="Hanse proof", date=pdf_date(written), data=proof)
    try:
        return typeset(sheet, attached)
    except Unshown as error:
        raise DocumentError(f"The PDF cannot be made: {error.faults[0]}.", error.action) from error


class _Paper:
    """What a report says, as sections of a sheet in one language."""

    def __init__(self, report: Report, language: str) -> None:
        self._report = report
        self.catalogue: Mapping[str, str] = {} if language == ENGLISH else catalogue_of(language)

    def tell(self, message: Said) -> str:
        """Say something in the language."""
        return in_language(message, self.catalogue)

    def meaning(self) -> str:
        """Say what the verdict means; and why, where it is not as one hopes."""
        said_of = self._report.said
        why = () if self._report.verdict is Verdict.VALID else (said_of.detail,)
        return "\n".join(map(self.tell, (said_of.meaning, *why)))

    def code_words(self, code: str, *, published: bool) -> str:
        """Say what a code holds."""
        if published:
            return self.tell(said("paper.code-published", "{address} shows how it stands now.", code))
        return self.tell(
            said("paper.code-status", "The status itself: a verifier page that was saved reads it without a network.")
        )

    def sections(self) -> Iterator[SheetSection]:
        """List what stands on the sheet."""
        report, words = self._report, self._report.said
        if report.as_of is not None and report.ledger is not None:
            lines = [as_of_said(report.as_of, report.size or 0, report.ledger)]
            lines += [words.vouchers] if words.vouchers is not None else []
            yield self._section(said("paper.as-of", "As of when, and by whom"), lines)
        yield from (self._subject(subject) for subject in report.subjects)
        yield from self._terms(report.terms)
        for title, sentences in (
            (said("report.established", "Established"), words.established),
            (said("report.not-established", "Not established"), words.not_established),
            (said("report.keys", "By these keys"), words.keys),
            (said("report.warnings", "Warnings"), words.warnings),
        ):
            if sentences:
                yield self._section(title, sentences)
        failed = self.tell(said("paper.failed", "did not pass"))
        if report.acts:
            acts = tuple(act_words(act, self.catalogue) for act in report.acts)
            yield SheetSection(title=self.tell(said("report.records", "Records")), lines=acts)
        steps = tuple(
            f"{step.number}. {self.tell(step.said.title)}: {self.tell(step.said.detail)}"
            f"{'' if step.passed else f' ({failed})'}"
            for step in report.steps
        )
        yield SheetSection(title=self.tell(said("report.steps", "Steps")), lines=steps)

    def _section(self, title: Said, sentences: Sequence[Said]) -> SheetSection:
        return SheetSection(title=self.tell(title), lines=tuple(map(self.tell, sentences)))

    def _subject(self, subject: Subject) -> SheetSection:
        kind = self.tell(subject.said.kind)
        lines = [self.tell(subject.said.told)]
        lines += [self.tell(subject.said.note)] if subject.said.note is not None else []
        rows = [(kind, subject.id.hex()), *aspect_rows(subject.facts, self.catalogue)]
        return SheetSection(
            title=f"{kind[:1].upper()}{kind[1:]}",
            lines=tuple(lines),
            rows=tuple(SheetRow(name=name, value=value) for name, value in rows),
        )

    def _terms(self, terms: Sequence[ShownTerm]) -> Iterator[SheetSection]:
        """Show disclosed terms: lines of goods as a table where all are the document's word alone."""
        groups: dict[str, list[ShownTerm]] = {}
        for term in terms:
            steps = term.name.split("/")
            apart = len(steps) == LINE_STEPS and steps[1].isdecimal() and term.field is None and term.value is not None
            groups.setdefault(steps[0] if apart else "", []).append(term)
        title = self.tell(said("report.terms", "Disclosed terms"))
        for name, found in groups.items():
            columns = list(dict.fromkeys(term.name.split("/")[-1] for term in found)) if name else []
            if not columns or len(columns) > MOST_COLUMNS:
                yield SheetSection(title=title, lines=tuple(term_words(term, self.catalogue) for term in found))
                continue
            alone = self.tell(said("report.word-alone", "the document's word alone"))
            yield SheetSection(title=f"{title} ({alone})", table=tuple(self._table(found, columns)))

    def _table(self, terms: Sequence[ShownTerm], columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
        named = {term.name.split("/")[-1]: self.catalogue.get(term_id(term.name), term.name) for term in terms}
        yield ("", *(named[column] for column in columns))
        cells = {(term.name.split("/")[1], term.name.split("/")[-1]): term.value or "" for term in terms}
        for number in sorted({number for number, _ in cells}, key=int):
            yield (number, *(quoted(cells.get((number, column), ""))[1:-1] for column in columns))
