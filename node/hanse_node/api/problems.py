"""Errors as answers: RFC 9457 problems that name the rule, the field, and what to do."""

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from hanse_ledger.kinds.reasons import rule_of
from hanse_ledger.kinds.refusals import EXPIRED
from hanse_ledger.values.errors import LedgerError, Malformed, Rejected
from hanse_node.api.edge.faces import FACES
from hanse_node.api.schemas import Fault, Problem, write_json
from hanse_node.base.errors import Busy, NodeError, QuotaExceeded, Stopped, StoreFailed
from hanse_node.base.logs import REQUEST, describe
from hanse_node.payloads.custody import PayloadErased, PayloadUnknown, ReadersDiffer
from hanse_node.payloads.deliveries import NotYetNamed
from hanse_node.payloads.store import PayloadDiffers, PayloadRefused, WrongOffset
from hanse_node.peers.cosigning import Behind, Contradicted
from hanse_node.publications.publishing import SecretWrong, Unpublishable, Withdrawn
from hanse_node.queries.gathering import NotFound, TooLarge
from hanse_node.queries.tagging import IdentityDiffers, NotForThem
from hanse_node.signing.tagbook import KeyDiffers, KeyMissing
from hanse_node.store.beside.publications import NameTaken, NoRoom

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = "x-request-id"
RETRY_SECONDS = 1
DETAIL_LETTERS = 4_096


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
    NotYetNamed: "behind",
    ReadersDiffer: "readers-differ",
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
        user_message=face.message or f"{detail[:1].upper()}{detail[1:DETAIL_LETTERS]}.",
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
