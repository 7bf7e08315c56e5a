"""Kinds of lies that a node can tell, each in eight variants, and by which words a client names it.

A lie changes an honest node's answer. It is told while somebody asks for one thing: to have an acceptance `taken`, to
be `shown` an invoice, for its `proof`, its `record` or its `history`, for proof that another is `unpledged`, for the
record of a `bundle` or the proof of what it has `bundled`, for an office's `inbox`, or to have invoices `listed`, or
those that are `accepted`. Those about parcels are in `falseparcels`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from hanse_ledger.kinds.bundle.bodies import BundleStep
from tests.tables.falseparcels import PARCELS
from tests.tables.falsesteps import more_credited, step_left_out, step_repeated, steps_exchanged, with_steps
from tests.tables.lying import (
    HISTORY,
    INBOX,
    LISTS,
    NO_PROOF,
    PROVEN,
    RECORD,
    TAKEN,
    VARIANTS,
    Answer,
    Lie,
    changed,
    cut,
    each,
    flipped,
    other_text,
    put,
    texts,
    values,
)
from tests.tables.tampering import Change


def _result(answer: Answer) -> Any:
    return answer["results"][0]


def _range(answer: Answer) -> Any:
    return answer["ranges"][0]


def _object(answer: Answer) -> Any:
    return answer["objects"][0]


def _itself(answer: Answer) -> Any:
    return answer


def _note_line(line: int) -> tuple[Change, ...]:
    """Change a line of the head that comes with a receipt, counted from nought, at eight places."""

    def at(part: int) -> Change:
        def change(answer: Any) -> None:
            lines = answer["checkpoint"].split("\n")
            begin, _, last = lines[line].rpartition(" ")
            lines[line] = f"{begin} {other_text(last, part)}".strip()
            answer["checkpoint"] = "\n".join(lines)

        return changed(TAKEN, change)

    return each(at)


def _refused(answer: Any, position: int) -> None:
    _result(answer).update(outcome="refused", position=position)


def _repeated(answer: Any, times: int) -> None:
    answer["results"] *= times


def _sizes(answer: Any, size: Any) -> None:
    lines = answer["checkpoint"].split("\n")
    lines[1] = str(int(lines[1]) + size)
    answer.update(checkpoint="\n".join(lines), size=int(lines[1]))


def _paths(answer: Any, change: Callable[[list[str]], Any]) -> None:
    proven = _range(answer)
    proven["path"] = change(proven["path"])


PATHS: tuple[Callable[[list[str]], Any], ...] = (
    lambda path: [],
    lambda path: path[1:],
    lambda path: path[:-1],
    lambda path: [*path, path[0]],
    lambda path: path[::-1],
    lambda path: ["00" * 32] * len(path),
    lambda path: [other_text(path[0], 5), *path[1:]],
    lambda path: ["00" * 32] * 100,
)


def _in_chain(path: str, change: Callable[[list[Any], int], object]) -> tuple[Change, ...]:
    """Change the records of a chain at eight places."""

    def at(place: int) -> Change:
        return changed(path, lambda answer: change(answer["records"], place) and None)

    return each(at)


def _left_out(records: list[Any], place: int) -> None:
    del records[place - 1]


def _exchanged(records: list[Any], place: int) -> None:
    first, second = records[place - 1 : place + 1]
    first["id"], second["id"] = second["id"], first["id"]


def _twice(records: list[Any], place: int) -> None:
    records.insert(place, records[place - 1])


def _strange(records: list[Any], place: int) -> None:
    """Put another's record in the place of one that is there."""
    records[place - 1]["id"] = other_text(records[place - 1]["id"], place)


def _ended_early(path: str) -> tuple[Change, ...]:
    def at(place: int) -> Change:
        def change(answer: Any) -> None:
            del answer["records"][place:]
            answer["earlier"] = {"count": 0, "head": "00" * 32}

        return changed(path, change)

    return each(at)


def _in_list(change: Callable[[list[Any], int], object]) -> tuple[Change, ...]:
    """Change the objects of a list at eight places."""

    def at(place: int) -> Change:
        return changed(LISTS, lambda answer: change(answer["objects"], place) and None)

    return each(at)


def _turned(objects: list[Any], place: int) -> None:
    objects[place - 1 : place + 1] = objects[place : place - 2 if place > 1 else None : -1]


def _renumbered(objects: list[Any], place: int) -> None:
    objects[0]["number"] += place


def _in_bundle(path: str, change: Callable[[list[BundleStep], int], object]) -> tuple[Change, ...]:
    """Change the steps of a bundle at eight places: in its record, or wherever it stands in a proof."""

    def at(place: int) -> Change:
        def change_steps(answer: Any) -> None:
            for part in answer.get("records", [answer]):
                part["entry"] = with_steps(part["entry"], lambda steps: change(steps, place), in_hex=path == RECORD)

        return changed(path, change_steps)

    return each(at)


class _Elsewhere:
    """Remembers what an honest node lists, and lists it where one asks for what is accepted."""

    def __init__(self, part: int) -> None:
        self._part, self._honest = part, b""

    def __call__(self, asked: str, body: bytes) -> bytes:
        """Change what is accepted to some of what is not."""
        if not asked.startswith(LISTS):
            return body
        if "state=accepted" not in asked:
            self._honest = body
            return body
        answer, honest = msgspec.json.decode(body), msgspec.json.decode(self._honest)
        return msgspec.json.encode({**answer, "objects": honest["objects"][: self._part]})


def _state(answer: Answer) -> Any:
    return answer["state"]


def _aspect(answer: Answer) -> Any:
    return _object(answer)["aspects"][0]


def _not_ended(answer: Answer) -> Any:
    return answer["revocations"][0]


def _in_pledges(change: Callable[[list[Any]], list[Any]]) -> Change:
    """Change which claims a proof settles, of an invoice with one tag that is pledged to nobody: two."""
    return changed(PROVEN, lambda answer: answer.update(pledges=change(answer["pledges"])))


def _absence(answer: Answer) -> Any:
    return answer["pledges"][1]


def _named(part: Any, place: int) -> Any:
    """Settle something else."""
    return {**part, "name": other_text(part["name"], place)}


LEFT_OUT: tuple[Callable[[list[Any]], list[Any]], ...] = (
    lambda parts: [],
    lambda parts: parts[:1],
    lambda parts: parts[1:],
    lambda parts: parts[::-1],
    lambda parts: [parts[0], parts[0]],
    lambda parts: [*parts, parts[1]],
    lambda parts: [parts[0], _named(parts[1], 3)],
    lambda parts: [_named(parts[0], 7), parts[1]],
)

DO_NOT_VERIFY = "receipts do not verify|that nobody asked for"
NOT_ASKED = "not what was asked for"
NOT_WHOLE = "not complete|not in order"

LIES: Sequence[Lie] = (
    Lie(
        "the position of a receipt",
        "taken",
        DO_NOT_VERIFY,
        values(TAKEN, put(_result, "position"), (0, 1, 2, 3, 10**3, 10**6, 2**31, 2**40)),
    ),
    Lie(
        "the form of a receipt",
        "taken",
        NOT_ASKED,
        values(TAKEN, put(_result, "position"), ("one", -1, 1.5, [], {}, True, 2**64, "0")),
    ),
    Lie(
        "the height of a receipt",
        "taken",
        DO_NOT_VERIFY,
        values(TAKEN, put(_result, "height"), (0, 1, 2, 3, 10**3, 10**6, 2**31, 2**40)),
    ),
    Lie(
        "the time of a receipt",
        "taken",
        DO_NOT_VERIFY,
        values(TAKEN, put(_result, "time"), (0, 1, 10**9, 10**12, 1_700_000_000_000, 1_800_000_000_000, 2**41, 2**45)),
    ),
    Lie("the entry before it", "taken", DO_NOT_VERIFY, texts(TAKEN, _result, "previous")),
    Lie("a receipt's path", "taken", DO_NOT_VERIFY, values(TAKEN, _paths, PATHS)),
    Lie(
        "where the proof of receipts begins",
        "taken",
        DO_NOT_VERIFY,
        values(TAKEN, put(_range, "start"), (0, 1, 2, 3, 4, 10**3, 10**6, 2**40)),
    ),
    Lie("whose receipt it is", "taken", "receipt of another record", texts(TAKEN, _result, "id")),
    Lie(
        "what became of a record",
        "taken",
        "answered a record with",
        values(
            TAKEN, put(_result, "outcome"), ("accepted", "", "CREATED", "created ", "pending", "existed", "ok", "done")
        ),
    ),
    Lie(
        "a refusal without a reason",
        "taken",
        "does not say why",
        values(TAKEN, _refused, range(VARIANTS)),
    ),
    Lie(
        "how large the log is",
        "taken",
        "names the size",
        values(TAKEN, put(_itself, "size"), (0, 1, 2, 3, 10**3, 10**6, 2**31, 2**40)),
    ),
    Lie(
        "how many records were answered",
        "taken",
        "answers for",
        values(TAKEN, _repeated, (0, 2, 3, 4, 5, 6, 7, 8)),
    ),
    Lie("the size in a head", "taken", "head", values(TAKEN, _sizes, (1, 2, 3, -1, -2, 10, 1_000, 2**40))),
    Lie("the root in a head", "taken", "head", _note_line(2)),
    Lie("the signature of a head", "taken", "head", _note_line(4)),
    Lie("the cosignature of a head", "taken", "head", _note_line(5)),
    Lie("a value of an invoice", "shown", NO_PROOF, texts(PROVEN, _aspect, "leaf")),
    Lie("the path of a value", "shown", NO_PROOF, texts(PROVEN, lambda answer: _aspect(answer)["path"], 0)),
    Lie("the path of an invoice", "shown", NO_PROOF, texts(PROVEN, lambda answer: _object(answer)["path"], 0)),
    Lie(
        "the number of an invoice",
        "shown",
        NO_PROOF,
        values(PROVEN, put(_object, "number"), (0, 1, 10, 11, 10**3, 10**6, 2**31, 2**40)),
    ),
    Lie("which invoice it is", "shown", NO_PROOF, texts(PROVEN, _object, "id")),
    Lie("the state under a head", "shown", NO_PROOF, texts(PROVEN, _state, "entry")),
    Lie("the path of that state", "shown", NO_PROOF, texts(PROVEN, lambda answer: _state(answer)["path"], 0)),
    Lie("which ledger it is", "shown", NO_PROOF, texts(PROVEN, _itself, "ledger")),
    Lie("a proof that ends early", "shown", NO_PROOF, each(lambda part: cut(PROVEN, part))),
    Lie("a key that was not ended", "proof", NO_PROOF, texts(PROVEN, _not_ended, "leaf")),
    Lie("a record in a proof", "proof", NO_PROOF, texts(PROVEN, lambda answer: answer["records"][1], "entry")),
    Lie(
        "that the same invoice is pledged nowhere else, left out",
        "unpledged",
        f"{NO_PROOF}.*does not settle of exactly the accepted invoices",
        tuple(map(_in_pledges, LEFT_OUT)),
    ),
    Lie("that no pledge stands on a tag", "unpledged", f"{NO_PROOF}.*claim:", texts(PROVEN, _absence, "leaf")),
    Lie(
        "the way to where no pledge stands",
        "unpledged",
        f"{NO_PROOF}.*claim:",
        texts(PROVEN, lambda answer: _absence(answer)["siblings"], 0),
    ),
    Lie(
        "a pledge that nobody has made",
        "unpledged",
        f"{NO_PROOF}.*claim:",
        values(PROVEN, put(_absence, "value"), (f"{letter}" * 42 + "A=" for letter in "ABCDEFGH")),
    ),
    Lie("a record", "record", "record", texts(RECORD, _itself, "entry")),
    Lie("a step left out of a bundle", "bundle", "record", _in_bundle(RECORD, step_left_out)),
    Lie("two steps of a bundle exchanged", "bundle", "record", _in_bundle(RECORD, steps_exchanged)),
    Lie("a step of a bundle told twice", "bundle", "record", _in_bundle(RECORD, step_repeated)),
    Lie("an amount in a step of a bundle", "bundle", "record", _in_bundle(RECORD, more_credited)),
    Lie("a step left out of a bundle in a proof", "bundled", NO_PROOF, _in_bundle(PROVEN, step_left_out)),
    Lie("an amount in a step of a bundle in a proof", "bundled", NO_PROOF, _in_bundle(PROVEN, more_credited)),
    Lie("the tiles of the log", "record", "tiles do not lead", each(lambda part: flipped("/log/tile", part))),
    Lie("a record left out", "history", NOT_WHOLE, _in_chain(HISTORY, _left_out)),
    Lie("two records exchanged", "history", "not complete", _in_chain(HISTORY, _exchanged)),
    Lie("a record told twice", "history", "not in order", _in_chain(HISTORY, _twice)),
    Lie("a history that ends early", "history", NOT_WHOLE, _ended_early(HISTORY)),
    Lie("a record left out of an inbox", "inbox", NOT_WHOLE, _in_chain(INBOX, _left_out)),
    Lie("two records of an inbox exchanged", "inbox", "not complete", _in_chain(INBOX, _exchanged)),
    Lie("a record told twice in an inbox", "inbox", "not in order", _in_chain(INBOX, _twice)),
    Lie("another's record in an inbox", "inbox", "not complete", _in_chain(INBOX, _strange)),
    Lie("an inbox that ends early", "inbox", NOT_WHOLE, _ended_early(INBOX)),
    Lie("the order of a list", "listed", "not in order", _in_list(_turned)),
    Lie("an object listed twice", "listed", "not in order", _in_list(_twice)),
    Lie("two objects of a list exchanged", "listed", "another place", _in_list(_exchanged)),
    Lie("the number of a listed object", "listed", "another place", _in_list(_renumbered)),
    Lie("what nobody has created, in a list", "listed", "does not prove", _in_list(_strange)),
    Lie(
        "where a list goes on",
        "listed",
        "go on where it ends",
        values(LISTS, put(_itself, "following"), (0, 10**3, 10**6, 2**20, 2**31, 2**40, 2**50, 2**62)),
    ),
    Lie("a list that is cut", "listed", NOT_ASKED, each(lambda part: cut(LISTS, part))),
    Lie("what is not so, in a list", "accepted", "shows to be otherwise", each(_Elsewhere)),
    *PARCELS,
)
"""That a list leaves nothing out is the node's word, and is told as that: no client can name it as a lie."""
