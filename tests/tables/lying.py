"""How lies are told: changes of what an honest node answers, by what is asked, in eight variants each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from tests.tables.tampering import Change

VARIANTS = 8

TAKEN, PROVEN, RECORD, HISTORY = "/v1/records?", "/v1/proof", "/v1/records/", "/v1/objects"
LISTS, INBOX = "/v1/lists", "/v1/offices"
"""How what is asked of a node begins."""

NO_PROOF = "proof does not verify"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Lie:
    """One kind of lie.

    Attributes:
        name: what is false.
        about: what the client asks for meanwhile.
        words: of what the client says, a pattern.
        variants: the changes of what the node answers.
    """

    name: str
    about: str
    words: str
    variants: tuple[Change, ...]


def changed(path: str, change: Callable[[Any], Any]) -> Change:
    """Change a JSON answer to what begins with a path; the change may give another answer."""

    def of(asked: str, body: bytes) -> bytes:
        if not asked.startswith(path):
            return body
        answer = msgspec.json.decode(body)
        given = change(answer)
        return msgspec.json.encode(answer if given is None else given)

    return of


def cut(path: str, part: int) -> Change:
    """Give so many ninths of an answer."""
    return lambda asked, body: body[: len(body) * part // 9] if asked.startswith(path) else body


def flipped(path: str, part: int) -> Change:
    """Flip a bit of the bytes of an answer, so many ninths behind its beginning."""

    def of(asked: str, body: bytes) -> bytes:
        return _other_bytes(body, part) if asked.startswith(path) else body

    return of


def _other_bytes(data: bytes, part: int) -> bytes:
    at = len(data) * part // 9
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def other_text(text: str, part: int) -> str:
    """Change one letter of a hash or of signed bytes, written in hexadecimal or base64, to another such letter.

    An empty one, the leaf of a slot in which nothing stands, is given bytes.
    """
    if not text:
        return "AAAA" * part
    at = (len(text) - 2) * part // 9
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


def each(make: Callable[[int], Change]) -> tuple[Change, ...]:
    """Make a change for each of eight places."""
    return tuple(make(part) for part in range(1, VARIANTS + 1))


def values(path: str, put_in: Callable[[Any, Any], object], several: Iterable[Any]) -> tuple[Change, ...]:
    """Put each value in its place."""

    def with_value(value: Any) -> Change:
        def change(answer: Any) -> None:
            put_in(answer, value)

        return changed(path, change)

    return tuple(with_value(value) for value in several)


def texts(path: str, holder: Callable[[Any], Any], name: str | int) -> tuple[Change, ...]:
    """Change a text at eight places."""

    def at(part: int) -> Change:
        def change(answer: Any) -> None:
            held = holder(answer)
            held[name] = other_text(held[name], part)

        return changed(path, change)

    return each(at)


def put(holder: Callable[[Any], Any], name: str) -> Callable[[Any, Any], object]:
    """Give what puts a value under a name, in a part of an answer."""

    def put_in(answer: Any, value: Any) -> None:
        holder(answer)[name] = value

    return put_in
