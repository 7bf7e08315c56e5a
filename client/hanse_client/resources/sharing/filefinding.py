"""Which records a file at hand is the document of: by the openings in the home folder, and as the node lists them."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from anyio import to_thread

from hanse_client.base.errors import BadAnswer, NodeUnreachable, NotFound, Refused
from hanse_client.base.files import read_source
from hanse_client.base.found import FileMatch, FileSearch, FoundRecord, TermDifference
from hanse_client.base.objects import ObjectView
from hanse_client.base.views import RecordView
from hanse_client.exchange.answers import FileRecords, read_answer
from hanse_client.exchange.reading import PAGE_BYTES, fetch_record, show
from hanse_client.exchange.session import Session
from hanse_client.home.openings import KeptOpening
from hanse_documents import check_document
from hanse_documents.checks.folding import bare_text
from hanse_documents.model.documents import CertificateDocument, InvoiceDocument, terms
from hanse_documents.semantics.en16931 import CREDIT_CODES
from hanse_ledger.kinds import document_of, kind_of, objects_of_step, steps_of
from hanse_ledger.kinds.bundle.steps import TakenStep
from hanse_ledger.proofs.clearheader import agreeing, header_of
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import Digest
from hanse_ledger.wire.catalogue import CATALOGUES, CommittedKind
from hanse_ledger.wire.commitments import commit_file
from hanse_ledger.wire.part import Body

_NUMBERED = {
    CommittedKind.CERTIFICATE: ("number",),
    CommittedKind.CREDIT_NOTE: ("BT-1", "BT-27"),
    CommittedKind.INVOICE: ("BT-1", "BT-27"),
}
"""The terms by which two files of a kind name one document: its number, and of an invoice its seller."""


class _HashedFile(msgspec.Struct, frozen=True):
    """What was read of a file: its hash, and, where a document could be made of it, its kind and its terms."""

    digest: Digest
    kind: CommittedKind | None
    terms: Mapping[str, str]


class FileFinding:
    """Looks for the records of a file. See `AsyncDocuments.find`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def find(self, file: Path | str | bytes) -> FileSearch:
        """Find them, and compare what they say with the file. Raises as `AsyncDocuments.find`."""
        data, name = read_source(file)
        paper = await to_thread.run_sync(partial(_read, data, name))
        found: dict[bytes, FoundRecord] = {}
        notes, unasked = list[str](), ""
        try:
            async for each in self._opened(paper, notes):
                found[each.record_id] = each
            async for each in self._shown(paper):
                found.setdefault(each.record_id, each)
        except (NodeUnreachable, Refused) as error:
            unasked = str(error)
        if found:
            return _searched(FileMatch.SAME, paper, found.values(), notes, unasked)
        others = list[FoundRecord]()
        if not unasked:
            try:
                others = [each async for each in self._same_number(paper)]
            except (NodeUnreachable, Refused) as error:
                unasked = str(error)
        if unasked:
            notes += [_sent(kept) for kept in self._session.openings.of_file(paper.digest)]
            return _searched(FileMatch.NOT_ASKED, paper, (), notes, unasked)
        match = FileMatch.OTHER_FILE if others else FileMatch.NOT_FOUND
        return _searched(match, paper, others, notes, "")

    async def _opened(self, paper: _HashedFile, notes: list[str]) -> AsyncIterator[FoundRecord]:
        """Give the records that openings in the home folder open with the file."""
        for kept in self._session.openings.of_file(paper.digest):
            try:
                record = await fetch_record(self._session, kept.record)
            except NotFound:
                notes.append(f"Record {kept.record.hex()} was made of this file here, and does not stand.")
                continue
            file = commit_file(paper.digest, kept.opening.seed)
            step = _step_of(record, file)
            if step is None:
                notes.append(f"An opening here names this file, and record {kept.record.hex()} commits to another.")
                continue
            yield await self._found(record, step, paper, "opening", kept)

    async def _shown(self, paper: _HashedFile) -> AsyncIterator[FoundRecord]:
        """Give the records that show the file's hash, as the node lists them. Raises BadAnswer."""
        path = f"/v1/documents/{paper.digest.hex()}"
        page = read_answer(await self._session.transport.get(path, most=PAGE_BYTES), FileRecords)
        for listed in page.records:
            record = await fetch_record(self._session, listed.id)
            step = _step_of(record, paper.digest)
            if step is None:
                raise BadAnswer(f"The node finds record {listed.id} by a file that it does not show.")
            yield await self._found(record, step, paper, "discoverable", None)

    async def _same_number(self, paper: _HashedFile) -> AsyncIterator[FoundRecord]:
        """Give the records sent from this home folder that name the same document, and commit to another file."""
        names = () if paper.kind is None else _NUMBERED.get(paper.kind, ())
        if not names or paper.kind is None or names[0] not in paper.terms:
            return
        wanted = [bare_text(paper.terms.get(name, "")) for name in names]
        for kept in self._session.openings.of_kind(paper.kind):
            if [bare_text(kept.opening.terms.get(name, "")) for name in names] != wanted:
                continue
            try:
                record = await fetch_record(self._session, kept.record)
            except NotFound:
                continue
            file = kept.opening.commitment().file
            step = _step_of(record, file)
            if step is not None:
                yield await self._found(record, step, paper, "number", kept)

    async def _found(
        self, record: RecordView, step: TakenStep, paper: _HashedFile, by: str, kept: KeptOpening | None
    ) -> FoundRecord:
        name = objects_of_step(step)[0]
        view = await show(self._session, name, ObjectView)
        compared, differences = _compared(step.body, paper, kept)
        return FoundRecord(
            by=by,
            compared=compared,
            differences=differences,
            kind=record.kind,
            number="" if kept is None else kept.opening.terms.get(_NUMBERED.get(kept.opening.kind, ("number",))[0], ""),
            object_id=name,
            object_kind=view.kind,
            position=record.position,
            record_id=record.id,
            state=view.state,
            time_ms=record.time_ms,
        )


def _step_of(record: RecordView, file: Digest) -> TakenStep | None:
    """Find the step of a record that commits to a file, by its commitment or its hash; mostly a record has one step."""
    for step in steps_of(record.record.body, record.id):
        document = document_of(step.body)
        if document is not None and file in (document.file, document.discoverable):
            return step
    return None


def _searched(
    match: FileMatch, paper: _HashedFile, records: Iterable[FoundRecord], notes: Iterable[str], unasked: str
) -> FileSearch:
    return FileSearch(match=match, digest=paper.digest, records=tuple(records), notes=tuple(notes), unasked=unasked)


def _read(data: bytes, name: str) -> _HashedFile:
    """Read a file as what it is; of one that nothing here reads there is its hash."""
    document, digest = check_document(data, name).document, hash_bytes(data)
    match document:
        case InvoiceDocument():
            credit = document.type_code in CREDIT_CODES
            return _HashedFile(digest, CommittedKind.CREDIT_NOTE if credit else CommittedKind.INVOICE, terms(document))
        case CertificateDocument():
            return _HashedFile(digest, CommittedKind.CERTIFICATE, terms(document))
        case _:
            return _HashedFile(digest, None, {})


def _compared(body: Body, paper: _HashedFile, kept: KeptOpening | None) -> tuple[bool, tuple[TermDifference, ...]]:
    """Compare what a file says with the clear header of a record, and with the terms that its opening commits to."""
    commits = kind_of(body).commits
    if paper.kind is None or commits is None:
        return False, ()
    if commits.kind is not paper.kind:
        return True, (TermDifference(term="", pointer="", seen=paper.kind.value, recorded=commits.kind.value),)
    header = commits.header(body, lambda _: None)
    if header is None:
        return False, ()
    differences = list(_header_differences(paper, header))
    told = {each.term for each in differences}
    for name, text in ({} if kept is None else kept.opening.terms).items():
        if name not in told and paper.terms.get(name) != text:
            differences.append(TermDifference(term=name, pointer="", seen=paper.terms.get(name, ""), recorded=text))
    return True, tuple(differences)


def _header_differences(paper: _HashedFile, header: msgspec.Struct) -> Iterator[TermDifference]:
    assert paper.kind is not None, "what was read has a kind"
    said: dict[str, str | None] = {**dict.fromkeys(CATALOGUES[paper.kind].single), **paper.terms}
    if paper.kind is CommittedKind.CERTIFICATE:
        lines = {int(name.split("/")[1]) for name in paper.terms if name.startswith("lines/")}
        # A record that has a line more than the paper says something of it.
        said[f"lines/{max(lines, default=0) + 1}"] = None
    fields = msgspec.to_builtins(header)
    for name, text in said.items():
        try:
            agreeing(paper.kind, header, {name: text})
        except ProofInvalid:
            pointer, recorded = _recorded(paper.kind, fields, name, text)
            yield TermDifference(term=name, pointer=pointer, seen=text or "", recorded=recorded)


def _recorded(kind: CommittedKind, fields: Any, name: str, text: str | None) -> tuple[str, str]:
    """Give the field that a term contradicts, and what stands there."""
    try:
        pointer = next(iter(header_of(kind, {name: text}, fields.get("minor_digits", 0))), "")
    except Malformed:
        return "", ""
    value = fields
    for step in pointer.split("/")[1:]:
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return pointer, "" if value is None else str(value)


def _sent(kept: KeptOpening) -> str:
    return f"Record {kept.record.hex()} was made of this file here; whether it stands is not known."
