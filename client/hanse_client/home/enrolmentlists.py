"""Many parties that a member enrols at once: a folder of their requests, or a table of whom they are.

A table is CSV with a line of names: `key` (under which name the party's identity file and request lie), `role` (one or
several, with blanks between them), `until` (end of the enrolment) and `repair` (the second member) where wanted, and
terms of the legal identity by their names (`name`, `lei`, `vat`, `eori`…). A line that cannot be read hinders no other.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from hanse_client.base.errors import HanseError, InvalidInput
from hanse_client.home.enrolments import REQUEST_BYTES, EnrolmentRequest
from hanse_io.durable import read_bounded
from hanse_ledger.values.patterns import one_line

TABLE_BYTES = 16 * 1024 * 1024
MOST_LINES = 10_000
"""So many parties go into one run: who is shown so many identities looks at none."""

SUFFIX = ".request"
_OWN = ("key", "role", "until", "repair")


class EnrolmentLine(Struct, frozen=True, kw_only=True):
    """One line of a table: whom it is about, and where their files lie. `line` counts from 1, the names are line 1."""

    line: int
    key: str
    roles: tuple[str, ...]
    until: str
    repair: str
    terms: dict[str, str]


class ListedParty(Struct, frozen=True, kw_only=True):
    """One party of many: where it stands in what was given, its request, or why there is none."""

    place: str
    request: EnrolmentRequest | None
    fault: str = ""


def read_folder(folder: Path) -> list[ListedParty]:
    """Read all requests in a folder, in the order of their files' names. Raises InvalidInput: there are none."""
    files = sorted(path for path in folder.iterdir() if path.name.endswith(SUFFIX) and path.is_file())
    if not files:
        raise InvalidInput(f"{folder} holds no file that ends in {SUFFIX}.", "Put the parties' requests into it.")
    _need_few(len(files))
    return [listed(path.name, partial(read_request_file, path)) for path in files]


def read_request_file(path: Path) -> EnrolmentRequest:
    """Read a request. Raises InvalidInput, or WrongRelease."""
    try:
        data = read_bounded(path, REQUEST_BYTES)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", "Check the file's rights.") from error
    return EnrolmentRequest.from_json(data)


def listed(place: str, read: Callable[[], EnrolmentRequest]) -> ListedParty:
    """Read one of many requests; what is wrong with it is told beside it."""
    try:
        return ListedParty(place=place, request=read())
    except HanseError as error:
        return ListedParty(place=place, request=None, fault=one_line(str(error)))


def once(parties: Sequence[ListedParty]) -> list[ListedParty]:
    """Take each party once: of requests with one key the first; the others say so."""
    seen: dict[bytes, str] = {}
    taken = []
    for each in parties:
        key = each.request.body.key if each.request else b""
        if each.request and key in seen:
            fault = f"It has the key of {seen[key]}: a key is one party's."
            taken.append(ListedParty(place=each.place, request=None, fault=fault))
            continue
        seen[key] = each.place
        taken.append(each)
    return taken


def read_table(path: Path) -> list[EnrolmentLine | ListedParty]:
    """Read a table. A line with a fault is `ListedParty` with it.

    Raises:
        InvalidInput: the file is no such table, or has more lines than go into one run.
    """
    try:
        text = read_bounded(path, TABLE_BYTES).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read as text: {error}.", "Write it as CSV in UTF-8.") from error
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except csv.Error as error:
        raise InvalidInput(f"{path} is no CSV: {error}.", "Write it as CSV, with commas and quotes.") from error
    if len(rows) < 2:
        raise InvalidInput(f"{path} names nobody.", "Give a line of names, and a line for each party.")
    _need_few(len(rows) - 1)
    names = [name.strip() for name in rows[0]]
    if {"key", "role"} - set(names) or len(set(names)) != len(names):
        raise InvalidInput(
            f"The first line of {path} does not name key and role, or names something twice.",
            "Begin with a line such as: key,role,name,vat",
        )
    lines = [_line(number, names, row) for number, row in enumerate(rows[1:], 2)]
    keys = Counter(each.key for each in lines if isinstance(each, EnrolmentLine))
    return [
        _fault(each.line, f"The key {each.key} stands in several lines.")
        if isinstance(each, EnrolmentLine) and keys[each.key] > 1
        else each
        for each in lines
    ]


def _line(number: int, names: Sequence[str], row: Sequence[str]) -> EnrolmentLine | ListedParty:
    if len(row) > len(names):
        return _fault(number, f"The line has {len(row)} values for {len(names)} names.")
    given = {name: value.strip() for name, value in zip(names, row, strict=False) if value.strip()}
    key = given.get("key", "")
    if not key or key != Path(key).name or key.startswith(".") or len(key) > 64 or one_line(key) != key:
        return _fault(number, "key is no name for a file, such as qingwan-kiln.")
    terms = {name: value for name, value in given.items() if name not in _OWN}
    if not terms:
        return _fault(number, "The line says nothing of whom it is about.")
    return EnrolmentLine(
        line=number,
        key=key,
        roles=tuple(sorted(set(given.get("role", "").split()))),
        until=given.get("until", ""),
        repair=given.get("repair", ""),
        terms=terms,
    )


def _fault(number: int, fault: str) -> ListedParty:
    return ListedParty(place=f"line {number}", request=None, fault=one_line(fault))


def _need_few(count: int) -> None:
    if count > MOST_LINES:
        raise InvalidInput(f"These are {count} parties; at most {MOST_LINES} go into one run.", "Split it.")
