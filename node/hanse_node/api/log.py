"""`/log/`: the log as C2SP tlog-tiles, for tools that nobody here wrote."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import PlainTextResponse, Response

from hanse_node.api.deps import Asking, Ledger, answers
from hanse_node.queries.gathering import NotFound

FOR_EVER = "public, max-age=31536000, immutable"
AGAIN = "no-cache"
TEXT, BYTES = "text/plain", "application/octet-stream"

TilePath = Annotated[str, Path(description="`0/000`, `0/001.p/47`, `entries/000`: the rest of the address")]

router = APIRouter(prefix="/log", tags=["log"])


@router.get("/checkpoint", response_class=PlainTextResponse, responses=answers(TEXT, "A signed note"))
async def get_log_checkpoint(ledger: Ledger, caller: Asking) -> Response:
    """Give the newest signed head (C2SP tlog-checkpoint)."""
    return PlainTextResponse(ledger.log.checkpoint(caller), headers={"cache-control": AGAIN})


@router.get(
    "/tile/{path:path}", response_class=Response, responses=answers(BYTES, "Hashes, or entries", refused=("not-found",))
)
def get_log_tile(path: TilePath, ledger: Ledger, caller: Asking) -> Response:
    """Give a tile `<L>/<N>[.p/<W>]` or an entry bundle `entries/<N>[.p/<W>]` (C2SP tlog-tiles)."""
    tile = ledger.log.tile(caller, f"tile/{path}")
    if tile is None:
        raise NotFound("no signed head has such a tile")
    return Response(tile.data, media_type=BYTES, headers={"cache-control": FOR_EVER if tile.full else AGAIN})


@router.get("/vkey", response_class=PlainTextResponse, responses=answers(TEXT, "A verifier key"))
def get_log_key(ledger: Ledger, caller: Asking) -> Response:
    """Give the verifier key of this node's log (C2SP signed-note)."""
    return PlainTextResponse(f"{ledger.log.key(caller)}\n")


@router.get("/policy", response_class=PlainTextResponse, responses=answers(TEXT, "A policy"))
def get_log_policy(ledger: Ledger, caller: Asking) -> Response:
    """Give the policy under which this log may be trusted (C2SP tlog-policy)."""
    return PlainTextResponse(ledger.log.policy(caller))
