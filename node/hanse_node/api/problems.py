"""Errors as answers: RFC 9457 problems that name the rule, the field, and what to do."""

import logging
from collections.abc import Mapping
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from hanse_ledger.kinds.reasons import rule_of
from hanse_ledger.kinds.refusals import EXPIRED
from hanse_ledger.values.errors import LedgerError, Malformed, Rejected
from hanse_node.api.schemas import Fault, Problem, write_json
from hanse_node.base.errors import Busy, NodeError, QuotaExceeded, Stopped, StoreFailed
from hanse_node.base.logs import REQUEST, describe
from hanse_node.payloads.custody import PayloadErased, PayloadUnknown
from hanse_node.payloads.store import PayloadDiffers, PayloadRefused, WrongOffset
from hanse_node.peers.cosigning import Behind, Contradicted
from hanse_node.publications.publishing import SecretWrong, Unpublishable, Withdrawn
from hanse_node.queries.gathering import NotFound, TooLarge
from hanse_node.queries.tagging import IdentityDiffers, NotForThem
from hanse_node.signing.tagbook import KeyDiffers, KeyMissing
from hanse_node.store.publications import NameTaken, NoRoom

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = "x-request-id"
RETRY_SECONDS = 1
DETAIL_LETTERS = 4_096


class Face(NamedTuple):
    """How a kind of problem looks: its HTTP status, and what it says to whoever reads it."""

    status: int
    title: str
    message: str
    action: str


FACES: Mapping[str, Face] = {
    "malformed": Face(
        400,
        "The request is malformed",
        "The node cannot read what was sent.",
        "Correct the place that the error names; make records with a current SDK.",
    ),
    "unauthorized": Face(
        401,
        "A token is needed",
        "This node asks its readers for a token.",
        "Send `Authorization: Bearer` with a token that the node's operator gave you.",
    ),
    "forbidden": Face(
        403,
        "Not for this node",
        "Only the nodes of members in force, and of observers that this node's operator has named, may ask this.",
        "Ask the members to admit you, or this node's operator to name you an observer.",
    ),
    "out-of-scope": Face(
        403,
        "Not what this token is for",
        "The token counts, and does not open this.",
        "Ask the node's operator for a token with the scope that is named.",
    ),
    "not-found": Face(404, "Not found", "Nothing with this name is here.", "Check the id and its kind."),
    "method-not-allowed": Face(405, "Method not allowed", "This path has no such method.", "See /openapi.json."),
    "behind": Face(
        409,
        "This node is behind",
        "This node has not come as far as the head that it should cosign.",
        "Ask again after a moment.",
    ),
    "contradicted": Face(
        422,
        "The head contradicts this node's log",
        "This node's own log has another root at that size.",
        "Keep both heads as evidence, and tell the other members.",
    ),
    "timeout": Face(408, "The body did not arrive", "Sending took too long.", "Send again: it is harmless."),
    "name-taken": Face(
        409,
        "The name is taken",
        "Another proof is published under this name.",
        "Publish under another name, which nobody can guess.",
    ),
    "no-room": Face(
        409,
        "No room for more published proofs",
        "As many proofs are published as may be.",
        "Withdraw some that nobody needs any more; or ask the node's operator for room (`[publishing]` in node.toml).",
    ),
    "withdrawn": Face(
        410,
        "Withdrawn",
        "Whoever published this proof has withdrawn it.",
        "Ask whoever gave you the code for a proof that stands, and rely on nothing until then.",
    ),
    "unpublishable": Face(
        422,
        "Not a proof that can be published",
        "This node publishes nothing on which its own verifier would not rely.",
        "See the detail: which step the proof does not pass, or what has happened since it was made.",
    ),
    "wrong-secret": Face(
        403,
        "Not the secret of this proof",
        "Only the secret that was given when it was published withdraws a proof.",
        "Withdraw it with the home folder from which it was published; or ask the node's operator.",
    ),
    "payload-unknown": Face(
        404,
        "No such document here",
        "No sealed document with this hash is here.",
        "Ask again later, or ask another node: whoever seals a document sends it before its record.",
    ),
    "payload-erased": Face(
        410,
        "Erased",
        "This document was erased by a record of its owner's, and no honest node has it any more.",
        "Rely on the copy that you have fetched before; proofs stay valid.",
    ),
    "payload-refused": Face(
        422,
        "Not taken",
        "This node takes sealed documents of 1 byte to 8 MiB, for records that expire within seven days.",
        "See the detail.",
    ),
    "payload-differs": Face(
        422,
        "Another document",
        "The bytes that have come have another hash than the address says. They were deleted.",
        "Send it anew, from its first byte.",
    ),
    "wrong-offset": Face(
        409,
        "The piece begins elsewhere",
        "A piece of a sealed document begins where those before it end.",
        "Ask how far it has come, and go on there.",
    ),
    "too-large": Face(
        413,
        "Too large",
        "The request, or its answer, exceeds a bound.",
        "Send fewer records at once; ask for a proof with view=status, which leaves the records out.",
    ),
    "unsupported-media-type": Face(
        415, "Unsupported media type", "The node does not read this kind of body.", "See /openapi.json for the kinds."
    ),
    "head-too-large": Face(
        431,
        "The head is too large",
        "A request's head has more bytes, or more header fields, than the node reads.",
        "Send a shorter address, and fewer or shorter header fields.",
    ),
    "misdirected": Face(
        421, "Misdirected request", "This node does not answer under that name.", "Use the node's own address."
    ),
    "quota-exceeded": Face(
        429,
        "Too many requests",
        "More was sent in a short time than one sender may send.",
        "Send the same again after as many seconds as Retry-After says: it is harmless.",
    ),
    "not-tagged-here": Face(
        422,
        "No tags for whoever asks",
        "A node makes tags for the sellers that its member has enrolled, and for its member itself.",
        "Sign as the invoice's seller, and ask the node of the member with which it is; a bank asks its own.",
    ),
    "identity-differs": Face(
        422,
        "A party is not enrolled as is said",
        "An identity in the request is not the one to which the party's enrolment commits, or has no number.",
        "Get it from the party again: hanse party show ID --opening FILE.",
    ),
    "tag-key-missing": Face(
        409,
        "A key of tags is missing",
        "This node has not the members' key of an epoch in use.",
        "Have it sealed to this node (hanse tag share), or put there (hanse tag keep); until then issue without tags.",
    ),
    "tag-key-differs": Face(
        409,
        "A key of tags is not the members'",
        "What this node has as the key of an epoch is not the one for which the members have voted: its tags would "
        "match nobody's.",
        "Have its operator take that file out of tags/ in its folder: it then takes the key that is sealed to it.",
    ),
    "refused": Face(422, "The rules refuse the record", "", ""),
    "internal": Face(
        500,
        "A bug of ours",
        "Something went wrong inside the node.",
        "Tell the node's operator the request id; the node's log says more under it.",
    ),
    "busy": Face(503, "The node is busy", "The node has too much to do.", "Send again after a moment: it is harmless."),
    "unavailable": Face(
        503,
        "The node takes no records",
        "The node is stopping, or has failed.",
        "Send again later, which is harmless; the node's operator finds the reason in its log.",
    ),
}
"""Every code but the reasons of refusals, which `hanse_ledger.values.reasons` explains."""

_CODES: Mapping[type[NodeError], str] = {
    NotFound: "not-found",
    TooLarge: "too-large",
    Busy: "busy",
    QuotaExceeded: "quota-exceeded",
    Behind: "behind",
    Contradicted: "contradicted",
    PayloadUnknown: "payload-unknown",
    PayloadErased: "payload-erased",
    PayloadRefused: "payload-refused",
    PayloadDiffers: "payload-differs",
    WrongOffset: "wrong-offset",
    NameTaken: "name-taken",
    NoRoom: "no-room",
    Withdrawn: "withdrawn",
    Unpublishable: "unpublishable",
    SecretWrong: "wrong-secret",
    NotForThem: "not-tagged-here",
    IdentityDiffers: "identity-differs",
    KeyMissing: "tag-key-missing",
    KeyDiffers: "tag-key-differs",
}
_OF_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}


class EdgeRefusal(NodeError):
    """A request that is refused at the edge, before anybody looks at its content. `code` is one of `FACES`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def problem_of(error: LedgerError, kind: str = "", ahead: str = "") -> Problem:
    """Put an error into words.

    Args:
        error: what went wrong.
        kind: the kind of the record that was refused, where the rules refused one.
        ahead: what is to be said where the rules judged it by a time that lies ahead of the present.
    """
    match error:
        case Rejected():
            return _refusal(error, kind, ahead)
        case Malformed():
            return make_problem("malformed", error.detail, [Fault(pointer=error.pointer)] if error.pointer else [])
        case EdgeRefusal():
            return make_problem(error.code, str(error))
        case NodeError() if type(error) in _CODES:
            return make_problem(_CODES[type(error)], str(error))
        case Stopped() | StoreFailed():
            # Their own words may repeat another error's, which are for the log.
            return make_problem("unavailable", str(error).partition(":")[0])
        case _:
            return make_problem("internal", "")


def make_problem(code: str, detail: str, errors: list[Fault] | None = None) -> Problem:
    """Make the problem of a code of `FACES`."""
    face = FACES[code]
    return Problem(
        type=f"urn:hanse:problem:{code}",
        title=face.title,
        status=face.status,
        detail=detail[:DETAIL_LETTERS],
        code=code,
        rule="",
        request_id=REQUEST.get(),
        user_message=face.message,
        suggested_action=face.action,
        errors=errors or [],
    )


def respond(problem: Problem, retry_after: int = RETRY_SECONDS) -> Response:
    """Answer with a problem; `retry_after` are the seconds to wait, where waiting helps."""
    headers = {}
    if problem.status in (429, 503):
        headers["retry-after"] = str(retry_after)
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(write_json(problem), problem.status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have every error of an app answered as a problem."""
    app.add_exception_handler(LedgerError, _ledger_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _bug)


def _refusal(error: Rejected, kind: str, ahead: str) -> Problem:
    code, face, words = error.reason.value, FACES["refused"], error.reason
    rule = rule_of(kind, error.reason, error.pointer)
    # A record that the ledger's own time has overtaken is in order, and so is the clock of whoever signed it.
    action = words.action if not ahead else ahead if error.reason is EXPIRED else f"{words.action} {ahead}"
    return Problem(
        type=f"urn:hanse:problem:{code}",
        title=face.title,
        status=face.status,
        detail=f"rule {rule} refuses the {kind}: {words.message}",
        code=code,
        rule=rule,
        request_id=REQUEST.get(),
        user_message=words.message,
        suggested_action=action,
        errors=[Fault(pointer=error.pointer, seen=error.seen, wanted=error.wanted)],
    )


def answer_error(error: LedgerError) -> Response:
    """Answer with an error. Who may not ask at all is not talked to any longer."""
    answer = respond(problem_of(error), error.retry_after if isinstance(error, QuotaExceeded) else RETRY_SECONDS)
    if answer.status_code == 403:
        answer.headers["connection"] = "close"
    return answer


def answer_failure(error: LedgerError) -> Response:
    """Answer with an error that a request met, and log one that is the node's."""
    answer = answer_error(error)
    if answer.status_code >= 500:
        log.error("a request failed", extra=describe(error))
    return answer


def answer_gone() -> Response:
    """Answer somebody who has gone."""
    return respond(make_problem("timeout", "the sender has gone"))


async def _ledger_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)
    return answer_failure(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(pointer="/" + "/".join(map(str, each["loc"])), wanted=str(each["msg"])) for each in error.errors()[:16]
    ]
    return respond(make_problem("malformed", "a parameter is missing or out of its bounds", faults))


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _OF_STATUS.get(error.status_code, "malformed" if error.status_code < 500 else "internal")
    answer = respond(make_problem(code, str(error.detail)))
    answer.headers.update(error.headers or {})  # which methods a path has (RFC 9110, 15.5.6)
    return answer


async def _gone(_: Request, __: Exception) -> Response:
    return answer_gone()


async def _bug(request: Request, error: Exception) -> Response:
    # This runs outside the gateway, which has closed its books on the request: its id is taken from the request.
    name = request.scope.get("state", {}).get("request_id", "")
    context = REQUEST.set(name)
    try:
        log.error("a request met a bug", extra=describe(error))
        answer = respond(make_problem("internal", ""))
    finally:
        REQUEST.reset(context)
    answer.headers[REQUEST_ID] = name
    return answer
