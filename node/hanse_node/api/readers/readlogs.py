"""`/v1/reads`: who has read what of whom at this node."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from hanse_node.api.deps import Asking, HexId, Ledger, answers
from hanse_node.api.readers.readforms import ReadLogPage, read_log_page
from hanse_node.api.schemas import write_json
from hanse_node.base.bounds import PAGE_RECORDS
from hanse_node.queries.readers.readlog import ReadsAsked

JSON = "application/json"
WORD = "a node's word"

_Since = Annotated[int | None, Query(ge=0, le=253_402_300_799_999, description="Not before; milliseconds since 1970")]
_Until = Annotated[int | None, Query(ge=0, le=253_402_300_799_999, description="Not after; milliseconds since 1970")]
_Place = Annotated[
    str | None, Query(pattern=r"^[0-9]{1,18}$|^[0-8][0-9]{18}$", description="`following` of the page before")
]

router = APIRouter(tags=["lists"])


@router.get("/v1/reads", response_class=Response, responses=answers(ReadLogPage, "What was read, newest first"))
def list_reads(
    ledger: Ledger,
    caller: Asking,
    party: Annotated[HexId | None, Query(description="Whom it concerns: one's own party where it is left out")] = None,
    object_id: Annotated[HexId | None, Query(alias="object", description="Only of this object or record")] = None,
    since: _Since = None,
    until: _Until = None,
    before: _Place = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_RECORDS, description="At most so many")] = 50,
) -> Response:
    """List who has read what of a party's at this node, in which hour, under which right: as far as the asker may know.

    A party asks of itself, a member of a party that is with it. Offices are told without their persons, and those that
    decide or settle after a delay. A token with the scope `reads` is told everything at once.
    """
    asked = ReadsAsked(
        party=party,
        object=object_id,
        since=since,
        until=until,
        before=None if before is None else int(before),
        limit=limit,
    )
    found = ledger.readlog.page(caller, asked)
    return Response(write_json(read_log_page(found, ledger.readlog.member, WORD)), media_type=JSON)
