"""What is read from a node: proofs, objects, records, events. All of it is verified before anybody gets it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import anyio
from msgspec.structs import replace

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import BadAnswer, HanseError, InvalidInput, NotFound
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import ObjectView, OfficeView, View, kind_of, view_of
from hanse_client.base.threads import run_beside
from hanse_client.base.views import Head, RecordView
from hanse_client.base.wording import with_article
from hanse_client.exchange.answers import PAGE_RECORDS, HistoryPage, StoredRecord, read_answer
from hanse_client.exchange.session import Session
from hanse_client.exchange.transport import Query
from hanse_client.verify.offline import verify_file, verify_path
from hanse_client.verify.report import Report
from hanse_ledger import kinds
from hanse_ledger.kinds.history import NO_HISTORY, History
from hanse_ledger.proofs.disclosing import open_in_step
from hanse_ledger.proofs.prooffile import ProofFile, TermPart, read_proof, write_proof
from hanse_ledger.proofs.subjects import read_aspects
from hanse_ledger.records.entry import RecordEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded, verify_envelope
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed, ProofInvalid, Rejected
from hanse_ledger.values.hashing import hash_leaf
from hanse_ledger.values.types import Moment, ObjectId, RecordId
from hanse_ledger.values.verdict import Verdict
from hanse_ledger.wire.part import Body

SOUND = (Verdict.VALID, Verdict.VALID_WITH_WARNINGS, Verdict.EXPIRED_OR_SUPERSEDED, Verdict.REVOKED)
"""The verdicts of files in which everything is proven, whatever it says of the object."""

RECORD_BYTES = 8 * limits.ENTRY_BYTES
PAGE_BYTES = 4 * 1024 * 1024
TOGETHER = 8
"""How many records of a page are fetched at a time."""


async def fetch_proof(
    session: Session,
    ids: Sequence[Id],
    disclose: Mapping[Id, Sequence[str]] | Sequence[str],
    *,
    from_mark: bool = False,
    status: bool = False,
) -> bytes:
    """Fetch, complete and verify a proof file. See `AsyncClient.proof`."""
    names = [parse_id(name) for name in ids]
    if not names or len(set(names)) != len(names):
        raise InvalidInput("A proof is about at least one object, each named once.", "Name the objects.")
    wanted = _wanted(names, disclose)
    if status and wanted:
        raise InvalidInput("A proof of status shows no terms: they stand in records.", "Leave one of both out.")
    proof, _ = await _checked_proof(session, names, "status" if status else "full", from_mark=from_mark)
    if not wanted:
        return write_proof(proof)
    known = _bodies(proof)
    terms = [term for name, shown in wanted.items() for term in _disclosed(session, name, shown, known)]
    missing = [term.record for term in terms if term.record not in known]
    if missing:
        raise InvalidInput(
            f"The record {missing[0].hex()} that commits to the terms is not in the proof.",
            "Name the object to which the document belongs.",
        )
    data = write_proof(replace(proof, terms=_in_order(terms, known)))
    report = verify_file(data, await session.trust(), now_ms())
    if report.verdict not in SOUND:
        # The node's part has verified already, so that only the opening can be wrong.
        raise _opens_nothing(report.detail)
    return data


async def verify_source(
    session: Session, source: Path | str | bytes, at_ms: Moment | None, max_age_ms: int | None = None
) -> Report:
    """Check a proof file. See `AsyncClient.verify`."""
    trust, moment = await session.trust(), now_ms() if at_ms is None else at_ms
    if isinstance(source, bytes):
        return verify_file(source, trust, moment, max_age_ms=max_age_ms)
    check = partial(verify_path, Path(source), trust, moment, max_age_ms=max_age_ms)
    return await run_beside(check)


async def show(session: Session, name: Id, wanted: type[View]) -> View:
    """Show an object from a verified proof of its status, and insist on its kind; on none with `ObjectView`."""
    proof, report = await _checked_proof(session, [parse_id(name, kind_of(wanted))], "status")
    return _view(proof, report, wanted)


async def show_all(session: Session, names: Sequence[ObjectId], wanted: type[View]) -> list[View]:
    """Show several objects, as `show` does one, from one proof; up to as many as a record may name."""
    if not names:
        return []
    proof, report = await _checked_proof(session, names, "status")
    return [_view(proof, report, wanted, place) for place in range(len(names))]


async def show_listed(session: Session, listed: Sequence[tuple[ObjectId, int]], wanted: type[View]) -> list[View]:
    """Show what a node lists, from one proof: that it is of this kind, and has the number that the node tells.

    Raises:
        BadAnswer: it is otherwise, or the node does not prove what it lists.
        NotFound: of several nodes one does not have it.
    """
    if not listed:
        return []
    if len({name for name, _ in listed}) < len(listed):
        raise BadAnswer("The node lists an object in two places.")
    try:
        proof, report = await _checked_proof(session, [name for name, _ in listed], "status")
    except NotFound as error:
        if session.transport.nodes > 1:
            raise  # the list is one node's, and another that is behind may have been asked for the proof
        raise BadAnswer("The node lists what it does not prove.") from error
    views = []
    for place, (name, number) in enumerate(listed):
        if proof.objects[place].number != number:
            raise BadAnswer(f"The node lists {name.hex()} in another place than that in which its proof shows it.")
        view = _view(proof, report, ObjectView, place)
        if not isinstance(view, wanted):
            raise BadAnswer(f"The node lists {name.hex()} as {with_article(kind_of(wanted))}; it is {view.kind}.")
        views.append(view)
    return views


def _view(proof: ProofFile, report: Report, wanted: type[View], place: int = 0) -> View:
    shown = read_aspects(proof.objects[place].aspects)
    assert report.as_of is not None
    assert report.size is not None
    view = view_of(
        shown.kind,
        shown.aspects,
        id=proof.objects[place].id,
        state=report.subjects[place].state,
        as_of_ms=report.as_of,
        size=report.size,
        vouchers=report.vouchers,
    )
    if not isinstance(view, wanted):
        kind = kind_of(wanted)
        raise InvalidInput(
            f"{view.id.hex()} is no {kind}, but {with_article(view.kind)}.",
            f"Name {with_article(kind)}. What this one is: hanse {view.kind} show {view.id.hex()}",
        )
    return view


async def _checked_proof(
    session: Session, object_ids: Sequence[ObjectId], view: str, *, from_mark: bool = False
) -> tuple[ProofFile, Report]:
    begin = (("from", "mark"),) if from_mark else ()
    query: Query = (*(("object", object_id.hex()) for object_id in object_ids), ("view", view), *begin)
    before = await session.heads()
    if not before:
        # At the first contact nothing would tell an old proof from a new one, but the head that the node shows itself.
        await session.head()
        before = await session.heads()
    try:
        data = await session.transport.get("/v1/proof", most=limits.PROOF_FILE_BYTES, query=query)
    except NotFound:
        await session.need_ledger()
        raise
    proof, report = await _check(session, data, object_ids)
    if view == "full" and not all(evidence.history or evidence.mark for evidence in proof.objects):
        raise BadAnswer("The node's proof leaves out the records that were asked for.")
    await session.accept_head(proof.checkpoint.encode(), before)
    return proof, report


async def _check(session: Session, data: bytes, object_ids: Sequence[ObjectId]) -> tuple[ProofFile, Report]:
    """Verify a node's proof file, and that it is about what was asked. Raises BadAnswer."""
    report = verify_file(data, await session.trust(), now_ms())
    if report.verdict is Verdict.UNKNOWN_ISSUER:
        await session.need_ledger()
    if report.verdict not in SOUND:
        raise BadAnswer(f"The node's proof does not verify ({report.verdict.value}): {report.detail}.")
    proof = read_proof(data)
    if [evidence.id for evidence in proof.objects] != list(object_ids):
        raise BadAnswer("The node's proof is about other objects.")
    return proof, report


def _bodies(proof: ProofFile) -> dict[RecordId, list[Body]]:
    """Give what the records of a checked proof do, step by step."""
    known = dict[RecordId, list[Body]]()
    for evidence in proof.records:
        entry = decode_entry(evidence.entry)
        assert isinstance(entry, RecordEntry), "a checked proof holds records"
        signed = open_decoded(entry.payload)
        known[signed.id] = [step.body for step in kinds.steps_of(signed.record.body, signed.id)]
    return known


def _in_order(terms: Sequence[TermPart], known: Mapping[RecordId, Sequence[Body]]) -> tuple[TermPart, ...]:
    """Put disclosed terms into the order of a proof file: of records, their steps, names. Raises InvalidInput."""
    places = dict[tuple[RecordId, int, str], TermPart]()
    for term in terms:
        try:
            place, opened = open_in_step(term, known[term.record])
        except ProofInvalid as error:
            raise _opens_nothing(error) from error
        places[term.record, place, opened.name] = term
    return tuple(places[place] for place in sorted(places))


def _opens_nothing(why: object) -> InvalidInput:
    return InvalidInput(f"The opening does not open the commitment: {why}.", "Restore it from a copy.")


def _wanted(
    object_ids: Sequence[ObjectId], disclose: Mapping[Id, Sequence[str]] | Sequence[str]
) -> dict[ObjectId, Sequence[str]]:
    """Give the terms to disclose by what they are of: an object, a record, or a step's record in a bundle."""
    if isinstance(disclose, str):
        raise InvalidInput("Terms to disclose are a list of names.", f"Write [{disclose!r}].")
    if isinstance(disclose, Mapping):
        return {parse_id(name): terms for name, terms in disclose.items() if terms}
    if disclose and len(object_ids) > 1:
        # Showing a term of the wrong document cannot be taken back.
        raise InvalidInput("It is not said whose terms are to be disclosed.", "Give the names for each object.")
    return {object_ids[0]: disclose} if disclose else {}


def _disclosed(
    session: Session, name: ObjectId, terms: Sequence[str], known: Mapping[RecordId, Sequence[Body]]
) -> list[TermPart]:
    """Show terms of what is named: by its opening, or, of others' documents, those that were shown here.

    An object's opening is its newest document's, of the records in the proof. Raises InvalidInput: none is here.
    """
    kept = session.openings.newest(name, reversed([*known.items()]))
    if kept is None and session.received.are_here(name) and not session.openings.are_here(name):
        return session.received.find(name).disclose(terms)
    return (kept or session.openings.find(name)).disclose(terms)


async def fetch_record(session: Session, name: Id) -> RecordView:
    """Fetch and verify a record. See `AsyncClient.record`."""
    return await _proven_record(session, parse_id(name, "record"), await session.head())


async def _proven_record(session: Session, name: RecordId, head: Head) -> RecordView:
    return (await prove_record(session, name, head))[0]


async def prove_record(
    session: Session, name: RecordId, head: Head, *, old: bool = False
) -> tuple[RecordView, RecordEntry]:
    """Fetch a record and prove it under a head; under the newest one where it came later. See `AsyncClient.record`.

    Args:
        session: who asks.
        name: the record.
        head: a verified head.
        old: whether the newest head may be old: that a record stands does not pass.
    """
    try:
        data = await session.transport.get(f"/v1/records/{name.hex()}", most=RECORD_BYTES)
    except NotFound:
        await session.need_ledger()
        raise
    raw = bytes.fromhex(read_answer(data, StoredRecord).entry)
    entry, signed = _open_record(raw, name)
    if entry.position >= head.size:
        head = await session.head(old=old)
    if entry.position >= head.size:
        raise BadAnswer(f"The node places the record at {entry.position}, behind the end of its log.")
    path = await session.tiles.inclusion(entry.position, head)
    try:
        verify_inclusion(hash_leaf(raw), entry.position, head.size, path, head.root)
    except ProofInvalid as error:
        raise BadAnswer(f"The node's record does not stand where it says: {error}.") from error
    record = signed.record
    steps = kinds.steps_of(record.body, name)
    created = tuple(made for step in steps for made in kinds.created_by(step))
    view = RecordView(
        id=name,
        kind=record.kind,
        position=entry.position,
        height=entry.height,
        time_ms=entry.time,
        record=record,
        signers=record.signers,
        objects=created + record.refs + record.mandates,
        size=head.size,
    )
    return view, entry


def _open_record(raw: bytes, name: RecordId) -> tuple[RecordEntry, Signed]:
    """Decode the entry of a record and verify its signatures. Raises BadAnswer."""
    try:
        entry = decode_entry(raw)
        if isinstance(entry, RecordEntry):
            signed = open_decoded(entry.payload)
            verify_envelope(signed)
            if signed.id == name:
                return entry, signed
    except (Malformed, Rejected) as error:
        raise BadAnswer(f"The node's record does not verify: {error}.") from error
    raise BadAnswer("The node answered with another record.")


async def first_record(session: Session, view: ObjectView) -> RecordView:
    """Fetch the first record of an object's history, proven, and without the others, however many there are.

    That it is the first is the node's word: who asks tells by what follows from the record's id.

    Raises:
        BadAnswer: the node names none, or it does not verify.
    """
    path = f"/v1/objects/{view.kind}/{view.id.hex()}/records"
    data = await session.transport.get(path, most=PAGE_BYTES, query=(("before", "1"), ("limit", "1")))
    page = read_answer(data, HistoryPage)
    if len(page.records) != 1:
        raise BadAnswer("The node names no first record of a history that has one.")
    return await fetch_record(session, page.records[0].id)


async def walk_records(session: Session, name: Id, kind: type[ObjectView] = ObjectView) -> AsyncIterator[RecordView]:
    """Walk over an object's records, newest first, page by page. See `AsyncClient.records`.

    The first page must lead to the history that the object's proven state shows, each further one to where the page
    before began, the last one to the empty history: so nothing can be left out, added or moved.
    """
    view = await show(session, name, kind)
    async for record in _walk(session, f"/v1/objects/{view.kind}/{view.id.hex()}/records", view.history):
        yield record


async def walk_inbox(session: Session, office: Id) -> AsyncIterator[RecordView]:
    """Walk over what was addressed to an office, newest first, as `walk_records` does over an object's records."""
    view = await show(session, office, OfficeView)
    async for record in _walk(session, f"/v1/offices/{view.id.hex()}/inbox", view.inbox):
        yield record


async def _walk(session: Session, path: str, proven: History) -> AsyncIterator[RecordView]:
    """Walk over the pages of a chain, of which a proof shows how it stands."""
    expected, head = proven, await session.head()
    while expected != NO_HISTORY:
        query = (("before", str(expected.count)), ("limit", str(PAGE_RECORDS)))
        page = read_answer(await session.transport.get(path, most=PAGE_BYTES, query=query), HistoryPage)
        earlier = _replay(page, expected)
        for start in range(0, len(page.records), TOGETHER):
            listed = page.records[start : start + TOGETHER]
            views = await _fetch_together(session, [bytes.fromhex(one.id) for one in listed], head)
            for one, record in zip(listed, views, strict=True):
                yield replace(record, sequence=one.sequence)
        expected = earlier


def _replay(page: HistoryPage, expected: History) -> History:
    """Replay a page from where it begins, and insist that it leads to what is expected. Raises BadAnswer."""
    earlier = History(count=page.earlier.count, head=bytes.fromhex(page.earlier.head))
    replayed = earlier
    for listed in reversed(page.records):
        if listed.sequence != replayed.count:
            raise BadAnswer("The node's list of records is not in order.")
        replayed = replayed.after(bytes.fromhex(listed.id))
    begins = earlier == NO_HISTORY or earlier.count > 0
    if not page.records or replayed != expected or not begins:
        raise BadAnswer("The node's list of records is not complete.")
    return earlier


async def _fetch_together(session: Session, names: Sequence[RecordId], head: Head) -> list[RecordView]:
    views: dict[RecordId, RecordView] = {}
    failed: list[HanseError] = []

    async def fetch(name: RecordId) -> None:
        try:
            views[name] = await _proven_record(session, name, head)
        except HanseError as error:  # raised again below, without a group around it
            failed.append(error)

    async with anyio.create_task_group() as tasks:
        for name in names:
            tasks.start_soon(fetch, name)
    if failed:
        raise failed[0]
    return [views[name] for name in names]
