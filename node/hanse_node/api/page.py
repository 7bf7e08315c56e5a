"""`/verify`: the verifier page, which then asks this node for nothing."""

import gzip
from functools import cache

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from hanse_node.api.deps import answers
from hanse_page.carried import carried_page

HTML = "text/html; charset=utf-8"
HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "frame-ancestors 'none'",  # all else stands in the page: it opens from disk too
    "referrer-policy": "no-referrer",
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
}

router = APIRouter(tags=["page"])


@router.get("/verify", response_class=Response, responses=answers("text/html", "One file, to be saved and kept"))
async def get_verifier_page(request: Request) -> Response:
    """Give the verifier page. It knows no trust file: one from whoever gives a proof would be worth nothing."""
    page, packed = await anyio.to_thread.run_sync(_page)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=HTML, headers={**HEADERS, "content-encoding": "gzip"})
    return Response(page, media_type=HTML, headers=HEADERS)


@cache
def _page() -> tuple[bytes, bytes]:
    page = carried_page()
    return page, gzip.compress(page, mtime=0)
