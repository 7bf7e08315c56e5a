"""`/p/{name}`: proofs that are published under unguessable names, for whoever has the name."""

from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Path, Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hanse_ledger.proofs.prooffile import MEDIA_TYPE, ProofFile
from hanse_ledger.values.errors import Malformed
from hanse_node.api.deps import PROBLEM, Asking, Bodies, Divided, Ledger, answers, body_of, content_of, refusals
from hanse_node.api.schemas import Publication, write_json
from hanse_node.base.bounds import PUBLICATION_BYTES
from hanse_node.publications.publicnames import is_published, read_name, write_name

JSON, HTML = "application/json", "text/html"

UNLISTED = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
"""What goes with every answer under a name: nobody lists it, keeps it, or tells others from where he came."""

SECRET_LETTERS = 256

_NAME = "^[A-Za-z2-7]{26}$"

PublishedName = Annotated[
    str,
    Path(description="16 random bytes in base32: 26 letters and digits", json_schema_extra={"pattern": _NAME}),
]
_READ = answers(
    ProofFile,
    "The proof file, or a page around it for whoever takes HTML",
    media_type=MEDIA_TYPE,
    refused=("not-found", "withdrawn"),
)
_READ[200]["content"] |= content_of(HTML)

router = APIRouter(tags=["publications"])


class Unlisted:
    """ASGI middleware: the headers of `UNLISTED` on whatever is answered under a name, refusals too.

    What a code says in capitals, `/P/`, is asked for as `/p/`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not is_published(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def unlisted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(UNLISTED)
            await send(message)

        small = f"/p/{scope['path'][len('/p/') :]}"
        await self._app({**scope, "path": small}, receive, unlisted)


@router.put(
    "/p/{name}",
    response_class=Response,
    status_code=201,
    responses=answers(
        Publication,
        "The proof is published",
        201,
        refused=("name-taken", "no-room", "withdrawn", "too-large", "unpublishable"),
    ),
    openapi_extra=body_of(content_of(ProofFile, MEDIA_TYPE), text="A proof file, as `getProof` gives it"),
)
async def publish_proof(
    name: PublishedName, request: Request, ledger: Ledger, caller: Asking, bodies: Bodies, shares: Divided
) -> Response:
    """Publish a proof under a name of 128 random bits, 26 letters of base32.

    What is shown there is this node's own proof of the same objects, with the same terms, made anew as of its newest
    head, and again in the course of time. The secret in the answer withdraws it; the node keeps only its hash.
    """
    known = read_name(name)
    if known is None:
        raise Malformed("a name is 16 bytes in base32: 26 letters and digits", pointer="/path/name")
    async with bodies.read(request, PUBLICATION_BYTES) as data, shares.proofs.turn(caller):
        made = await anyio.to_thread.run_sync(partial(ledger.publications.publish, caller, known, data))
    answer = Publication(name=made.name, address=made.address, secret=made.secret)
    return Response(write_json(answer), 201, media_type=JSON)


@router.get("/p/{name}", response_class=Response, responses=_READ)
def get_published_proof(
    name: PublishedName, ledger: Ledger, caller: Asking, accept: Annotated[str, Header(include_in_schema=False)] = ""
) -> Response:
    """Read what is published under a name, in capitals or small letters, without a token.

    Whoever takes HTML gets the verifier page around it.
    """
    known = read_name(name)
    proof = ledger.publications.read(caller, known)
    assert known is not None, "nothing is published under what is no name"
    if HTML in accept.lower():
        return Response(ledger.publications.page(caller, proof), media_type=HTML, headers={"vary": "accept"})
    file = f'attachment; filename="{write_name(known)}.hanse"'
    return Response(proof, media_type=MEDIA_TYPE, headers={"content-disposition": file, "vary": "accept"})


@router.delete(
    "/p/{name}",
    response_class=Response,
    status_code=204,
    responses={
        204: {"description": "The proof is withdrawn"},
        **refusals("wrong-secret", "not-found"),
        "default": PROBLEM,
    },
)
def withdraw_proof(
    name: PublishedName,
    ledger: Ledger,
    caller: Asking,
    secret: Annotated[
        str, Header(alias="hanse-secret", max_length=SECRET_LETTERS, description="What publishing it gave")
    ] = "",
) -> Response:
    """Withdraw a proof, with the secret that publishing it gave. No token is needed; twice is once."""
    ledger.publications.withdraw(caller, read_name(name), secret)
    return Response(status_code=204)
