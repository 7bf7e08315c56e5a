"""`/v1/lists`: objects by kind, state, whose they are, time, what they are found by; `/v1/waiting`: whose turn it is.

All of it is this node's own word.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from hanse_ledger.kinds import OBJECTS
from hanse_ledger.values import limits
from hanse_node.api.deps import Asking, FileHash, KindName, Ledger, answers
from hanse_node.api.schemas import (
    FileRecord,
    FileRecords,
    ListedObject,
    ListPage,
    WaitingFor,
    WaitingObject,
    WaitingPage,
    Worth,
    write_json,
)
from hanse_node.base.bounds import PAGE_RECORDS
from hanse_node.queries.lists import Asked, ObjectList
from hanse_node.queries.whoseturn import ObjectWaiting, WaitingAsked

JSON = "application/json"
WORD = "a node's word"

_Whose = Annotated[
    str | None, Query(max_length=64, description="A party's id, or a member's name; everybody's where it is left out")
]
_Since = Annotated[int | None, Query(ge=0, le=253_402_300_799_999, description="Not before; milliseconds since 1970")]
_Until = Annotated[int | None, Query(ge=0, le=253_402_300_799_999, description="Not after; milliseconds since 1970")]
_Place = Annotated[int | None, Query(ge=0, le=limits.LOG_SIZE, description="`following` of the page before")]
_Kinds = Annotated[list[str] | None, Query(max_length=16, description="Only objects of these kinds")]
_Records = Annotated[list[str] | None, Query(max_length=16, description="Only what waits for one of these records")]
_States = Annotated[list[str] | None, Query(max_length=16, description="Only objects in one of these states")]
_Least = Annotated[int | None, Query(ge=0, le=limits.LOG_SIZE, description="No less, in minor units of `currency`")]
_Most = Annotated[int | None, Query(ge=0, le=limits.LOG_SIZE, description="No more, in minor units of `currency`")]
_FOUND_BY = [each.name for row in OBJECTS for each in row.found_by]
_After = Annotated[int | None, Query(ge=0, le=limits.LOG_SIZE - 1, description="`following` of the page before")]
_ID_LETTERS = 64

router = APIRouter(tags=["lists"])


@router.get(
    "/v1/lists/{kind}",
    response_class=Response,
    responses=answers(ListPage, "Objects, newest first", refused=("not-found",)),
)
def list_objects(  # noqa: PLR0913, PLR0917 (a query's parameters)
    kind: KindName,
    ledger: Ledger,
    caller: Asking,
    whose: _Whose = None,
    other: _Whose = None,
    state: _States = None,
    open: Annotated[bool | None, Query(description="Only what is open, or only what has ended")] = None,  # noqa: A002 (it reads as one asks)
    since: _Since = None,
    until: _Until = None,
    before: _Place = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_RECORDS, description="At most so many")] = 50,
) -> Response:
    """List objects of a kind. That none is left out is this node's word; how each stands `/v1/proof` proves."""
    asked = Asked(
        kind=kind,
        whose=_whose(whose),
        other=_whose(other),
        states=tuple(state or ()),
        open=open,
        since=since,
        until=until,
        before=before,
        limit=limit,
    )
    return Response(write_json(_page(ledger.lists.page(caller, asked))), media_type=JSON)


@router.get(
    "/v1/lists/{kind}/by/{name}/{key}",
    response_class=Response,
    responses=answers(ListPage, "Objects, oldest first", refused=("not-found",)),
)
def find_objects(
    kind: KindName,
    name: Annotated[str, Path(description="By what they are found", json_schema_extra={"enum": _FOUND_BY})],
    key: Annotated[str, Path(max_length=128, description="What it is: a UETR, an id, or a SHA-256")],
    ledger: Ledger,
    caller: Asking,
    after: _Place = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_RECORDS, description="At most so many")] = 50,
) -> Response:
    """List objects by what they are found by, such as a payment by its UETR (`payment_of_uetr`)."""
    found = ledger.lists.found(caller, kind, name, _whose(key) or b"", after or 0, limit)
    return Response(write_json(_page(found)), media_type=JSON)


@router.get("/v1/documents/{digest}", response_class=Response, responses=answers(FileRecords, "Records, oldest first"))
def find_file_records(
    digest: FileHash,
    ledger: Ledger,
    caller: Asking,
    after: _Place = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_RECORDS, description="At most so many")] = 50,
) -> Response:
    """List the records that show the SHA-256 of a document's file. Those that hide it are not among them."""
    found = ledger.lists.discoverable(caller, digest, after or 0, limit)
    records = [FileRecord(id=row.id.hex(), position=row.position, kind=row.kind) for row in found.rows]
    page = FileRecords(size=found.size, complete=WORD, records=records, following=found.following)
    return Response(write_json(page), media_type=JSON)


@router.get("/v1/waiting", response_class=Response, responses=answers(WaitingPage, "What waits, oldest first"))
def list_waiting(  # noqa: PLR0913, PLR0917 (a query's parameters)
    ledger: Ledger,
    caller: Asking,
    who: Annotated[str, Query(min_length=1, max_length=64, description="A party's id, or a member's name")],
    kind: _Kinds = None,
    record: _Records = None,
    state: _States = None,
    since: _Since = None,
    until: _Until = None,
    currency: Annotated[
        str | None, Query(pattern="^[A-Z]{3}$", description="Only what is about money in this currency (ISO 4217)")
    ] = None,
    least: _Least = None,
    most: _Most = None,
    after: _After = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_RECORDS, description="At most so many")] = 50,
) -> Response:
    """List what waits for somebody. That none is left out is this node's word; how each stands `/v1/proof` proves."""
    asked = WaitingAsked(
        who=_whose(who) or b"",
        kinds=tuple(kind or ()),
        records=tuple(record or ()),
        states=tuple(state or ()),
        since=since,
        until=until,
        currency=currency,
        least=least,
        most=most,
        after=after,
        limit=limit,
    )
    found = ledger.waiting.page(caller, asked)
    page = WaitingPage(
        size=found.size, complete=WORD, objects=[_shown(each) for each in found.rows], following=found.following
    )
    return Response(write_json(page), media_type=JSON)


def _whose(name: str | None) -> bytes | None:
    """Read an id, or a name that is none."""
    if name is None:
        return None
    if len(name) == _ID_LETTERS and all(letter in "0123456789abcdef" for letter in name):
        return bytes.fromhex(name)
    return name.encode()


def _page(found: ObjectList) -> ListPage:
    return ListPage(
        size=found.size,
        complete=WORD,
        objects=[ListedObject(id=row.object_id.hex(), number=row.number, state=row.state) for row in found.rows],
        following=found.following,
    )


def _shown(found: ObjectWaiting) -> WaitingObject:
    value, worth = found.row.value, found.worth
    return WaitingObject(
        id=value.id.hex(),
        kind=found.kind,
        number=found.row.number,
        state=found.state,
        created=found.created,
        worth=None
        if worth is None
        else Worth(minor=worth.minor, currency=worth.currency, minor_digits=worth.minor_digits),
        waits=[WaitingFor(record=record, since=each.since, until=each.until) for record, each in found.row.waits],
    )
