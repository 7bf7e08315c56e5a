"""What a member's engine may be asked for others, and how: a closed form, from which each question is written anew.

The engine reads JSON more loosely than this does (keys in any case, the last of two alike), so no byte of somebody's
question reaches it. Source: CometBFT v0.38, rpc/openapi; JSON-RPC 2.0.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from hanse_ledger.values import patterns
from hanse_ledger.values.errors import UNREADABLE, Malformed

QUESTION_BYTES = 4_096
ANSWER_BYTES = 4 * 1024 * 1024

Height = Annotated[str, Meta(pattern=patterns.HEIGHT)]
Page = Annotated[str, Meta(pattern=patterns.PAGE)]


class _Closed(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Settings that all parts of a question share."""


class _Nothing(_Closed, frozen=True):
    """The parameters of `health` and `status`."""


class _AtHeight(_Closed, frozen=True):
    """The parameters of what is asked of a block; without a height it is the newest."""

    height: Height | UnsetType = UNSET


class _Page(_Closed, frozen=True):
    """The parameters of `validators`."""

    height: Height | UnsetType = UNSET
    page: Page | UnsetType = UNSET
    per_page: Page | UnsetType = UNSET


_PARAMETERS: dict[str, type[_Closed]] = {
    "block": _AtHeight,
    "commit": _AtHeight,
    "consensus_params": _AtHeight,
    "header": _AtHeight,
    "health": _Nothing,
    "status": _Nothing,
    "validators": _Page,
}
"""What a member's engine is asked for others: what every block's followers know anyway."""


class Question(Struct, frozen=True):
    """A question in its closed form, and the number under which its answer is awaited."""

    method: str
    parameters: _Closed
    number: int


class _Question(_Closed, frozen=True):
    """A question as it comes."""

    jsonrpc: Literal["2.0"]
    method: Annotated[str, Meta(max_length=32)]
    id: Annotated[int, Meta(ge=-(2**31), le=2**31)] = 1
    params: Raw = Raw(b"{}")


class _Answered(Struct, frozen=True, omit_defaults=True):
    """An answer, of which nothing is looked into but its number."""

    jsonrpc: Literal["2.0"]
    id: int
    result: Raw | UnsetType = UNSET
    error: Raw | UnsetType = UNSET


_asked, _answered = msgspec.json.Decoder(_Question), msgspec.json.Decoder(_Answered)


def read_question(data: bytes) -> Question:
    """Read a question that another member's node, or this node's own engine, asks. Raises Malformed."""
    if len(data) > QUESTION_BYTES:
        raise Malformed(f"a question has at most {QUESTION_BYTES} bytes")
    try:
        asked = _asked.decode(data)
        kind = _PARAMETERS.get(asked.method)
        if kind is None:
            raise Malformed(f"an engine is not asked for others: {asked.method!r}", pointer="/method")
        return Question(asked.method, msgspec.json.decode(asked.params, type=kind), asked.id)
    except UNREADABLE as error:
        raise Malformed(f"no question to an engine: {error}") from error


def ask(method: str, **parameters: str) -> Question:
    """Make a question of this node's own. Raises Malformed if it is none that a member's engine answers."""
    return read_question(msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}))


def write_question(question: Question) -> bytes:
    """Write a question anew, under a number of our own."""
    return msgspec.json.encode(
        {"jsonrpc": "2.0", "id": 1, "method": question.method, "params": msgspec.to_builtins(question.parameters)}
    )


def number_answer(answer: bytes, number: int) -> bytes:
    """Write an answer under the number of the question that waits for it. Raises Malformed."""
    try:
        decoded = _answered.decode(answer)
    except UNREADABLE as error:
        raise Malformed(f"no engine's answer: {error}") from error
    return msgspec.json.encode(msgspec.structs.replace(decoded, id=number))


def read_result(answer: bytes) -> Any:
    """Give the result in an answer, as plain values. Raises Malformed, also for an error's answer."""
    try:
        decoded = msgspec.json.decode(answer)
    except UNREADABLE as error:
        raise Malformed(f"no engine's answer: {error}") from error
    if not isinstance(decoded, dict) or not isinstance(decoded.get("result"), dict):
        raise Malformed("an engine has no answer to the question")
    return decoded["result"]
