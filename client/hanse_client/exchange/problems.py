"""RFC 9457 problems as nodes write them."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_client.base.views import Refusal
from hanse_ledger.misbehaviour.refusalfile import STATEMENT_BYTES
from hanse_ledger.values import patterns
from hanse_ledger.values.errors import UNREADABLE
from hanse_ledger.values.patterns import one_line
from hanse_ledger.values.types import RecordId

Words = Annotated[str, Meta(max_length=4_096)]


class ProblemPlace(Struct, frozen=True):
    """One entry of `errors`."""

    pointer: Words = ""
    seen: Words = ""
    wanted: Words = ""


class Problem(Struct, frozen=True):
    """A problem; members that are not known here are skipped."""

    code: Words = ""
    detail: Words = ""
    errors: Annotated[tuple[ProblemPlace, ...], Meta(max_length=64)] = ()
    request_id: Words = ""
    rule: Words | None = None
    signed: Annotated[str, Meta(pattern=patterns.HEX, max_length=2 * STATEMENT_BYTES)] = ""
    status: int = 0
    suggested_action: Words = ""
    title: Words = ""
    user_message: Words = ""


_decoder = msgspec.json.Decoder(Problem)


def read_problem(data: bytes, status: int) -> Refusal:
    """Read a problem; a body that is none gives a refusal that says only the status."""
    try:
        problem = _decoder.decode(data)
    except UNREADABLE:
        return Refusal(code=f"http-{status}", detail=f"The node answered with the status {status}.", status=status)
    return to_refusal(problem, status=status)


def to_refusal(problem: Problem, *, status: int = 0, record: RecordId | None = None) -> Refusal:
    """Turn a problem into the SDK's value; its first place is the one that is named.

    A node's words may be anything: what acts on a terminal, or ends a line, is not taken over.
    """
    place = problem.errors[0] if problem.errors else ProblemPlace()
    return Refusal(
        code=one_line(problem.code) or f"http-{status or problem.status}",
        detail=one_line(problem.detail or problem.title),
        rule=one_line(problem.rule or ""),
        pointer=one_line(place.pointer),
        seen=one_line(place.seen),
        wanted=one_line(place.wanted),
        user_message=one_line(problem.user_message),
        suggested_action=one_line(problem.suggested_action),
        request_id=one_line(problem.request_id),
        status=status or problem.status,
        record_id=record,
    )
