"""`/v1/objects` and `/v1/parties`: how objects stand, and their histories."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from hanse_ledger.values import limits
from hanse_node.api.deps import Asking, KindName, Ledger, ObjectName, answers
from hanse_node.api.schemas import HistoryPage, ObjectView, history_page, object_view, write_json
from hanse_node.base.bounds import PAGE_RECORDS

JSON = "application/json"

Before = Annotated[
    int | None,
    Query(
        ge=0, le=limits.LOG_SIZE, description="List records of a smaller sequence: `earlier.count` of the page before"
    ),
]
Limit = Annotated[int, Query(ge=1, le=PAGE_RECORDS, description="At most so many")]

_OFFICE = answers(ObjectView, "How the office stands", refused=("not-found",))
_OFFICE[200]["content"] = {JSON: {"schema": {"$ref": "#/components/schemas/OfficeView"}}}

router = APIRouter(tags=["objects"])


@router.get(
    "/v1/objects/{kind}/{object_id}",
    response_class=Response,
    responses=answers(ObjectView, "How the object stands", refused=("not-found",)),
)
def get_object(kind: KindName, object_id: ObjectName, ledger: Ledger, caller: Asking) -> Response:
    """Show an object. For convenience: nothing proves it but `/v1/proof`."""
    return Response(write_json(object_view(*ledger.objects.find(caller, kind, object_id))), media_type=JSON)


@router.get(
    "/v1/objects/{kind}/{object_id}/records",
    response_class=Response,
    responses=answers(HistoryPage, "Records, newest first", refused=("not-found", "too-large")),
)
def list_object_records(
    kind: KindName, object_id: ObjectName, ledger: Ledger, caller: Asking, before: Before = None, limit: Limit = 50
) -> Response:
    """List an object's records, provably complete: they replay to the head that the proof shows."""
    return Response(
        write_json(history_page(ledger.objects.page(caller, kind, object_id, before, limit))), media_type=JSON
    )


@router.get(
    "/v1/offices/{object_id}/inbox",
    response_class=Response,
    responses=answers(HistoryPage, "Records, newest first", refused=("not-found", "too-large")),
)
def list_office_inbox(
    object_id: ObjectName, ledger: Ledger, caller: Asking, before: Before = None, limit: Limit = 50
) -> Response:
    """List what was addressed to an office, provably complete: it replays to the inbox that the proof shows."""
    return Response(write_json(history_page(ledger.objects.inbox(caller, object_id, before, limit))), media_type=JSON)


@router.get("/v1/members/{member}/office", response_class=Response, responses=_OFFICE)
def get_member_office(
    member: Annotated[str, Path(description="The member's name")], ledger: Ledger, caller: Asking
) -> Response:
    """Show a member's office. For convenience: nothing proves it but `/v1/proof`."""
    return Response(write_json(object_view(*ledger.objects.office(caller, member))), media_type=JSON)


@router.get(
    "/v1/parties/{object_id}/records",
    response_class=Response,
    responses=answers(HistoryPage, "Records, newest first", refused=("not-found", "too-large")),
)
def list_party_records(
    object_id: ObjectName, ledger: Ledger, caller: Asking, before: Before = None, limit: Limit = 50
) -> Response:
    """List a party's records, provably complete.

    It is the same as `/v1/objects/party/{object_id}/records`.
    """
    return Response(
        write_json(history_page(ledger.objects.page(caller, "party", object_id, before, limit))), media_type=JSON
    )
