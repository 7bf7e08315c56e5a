"""From a document's terms to the clear header of its record: one function, for who makes a record and who checks it.

The clear header is what the rules need of a document: amounts, dates, quantities. Whoever issues a document makes those
fields with `header_of` from its terms; whoever is shown a term makes its field again and compares it with the record's.
So no term can be shown that says something else than what was signed. Most terms have no such field, and are the
document's word alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from hanse_ledger.values.dates import day_of, end_of, start_of
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.messages import Said, quoted, said
from hanse_ledger.values.types import MinorDigits, Moment
from hanse_ledger.wire.catalogue import CommittedKind

_DECIMAL = re.compile(r"([+-]?)([0-9]{0,24})(?:\.([0-9]{0,24}))?", re.ASCII)
_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_LINE = re.compile(r"lines/([1-9][0-9]{0,3})(?:/([a-z_]+))?", re.ASCII)


class _Field(Struct, frozen=True):
    """A field of a header: its path in the body, and how it is made of the term's text and the minor unit's places.

    What is `optional` a document need not state, and then it stands in the record by its maker's word; nor need the
    record have it.
    """

    path: tuple[str | int, ...]
    made: Callable[[str, MinorDigits], Any]
    optional: bool = False


def header_of(kind: CommittedKind, terms: Mapping[str, str | None], minor_digits: MinorDigits) -> dict[str, Any]:
    """Make the fields of a clear header of a document's terms.

    Args:
        kind: what the terms are of.
        terms: their texts by name, all of them or some; nil is what the document is known not to state.
        minor_digits: decimal places of the currency's minor unit. The ledger holds no table of currencies: who issues
            looks it up, who checks reads it in the record.

    Returns:
        The fields by their JSON pointer in the record's body (`/payable_minor`, `/lines/0/hs_code`), as far as the
        terms say. A field that is nil is nil in the record; a pointer to a line that is nil says that it has none.

    Raises:
        Malformed: a text is no amount, date or number of its kind, or finer than the minor unit.
    """
    return {
        pointer_of(field.path): None if text is None else _made(name, field, text, minor_digits)
        for name, text in terms.items()
        for field in _field(kind, name)
        if text is not None or not field.optional
    }


def agreeing(kind: CommittedKind, header: Struct, shown: Mapping[str, str | None]) -> dict[str, str]:
    """Compare shown terms with the header that was made of the document.

    Args:
        kind: what the terms are of.
        header: what bears the header: the body of the record with the commitment, or of a payment its `Confirmed`.
        shown: texts by name; nil is what the document was shown not to state.

    Returns:
        By name of each compared term the pointer of its field.

    Raises:
        ProofInvalid: a term says something else than the record.
    """
    compared = {}
    for name, text in shown.items():
        try:
            computed = header_of(kind, {name: text}, getattr(header, "minor_digits", 0))
        except Malformed as error:
            raise ProofInvalid(
                said(
                    "proof.term-impossible",
                    "the disclosed term {name} cannot be what the record was made of: {why}",
                    name,
                    error.said,
                )
            ) from error
        for field in _field(kind, name):
            pointer, seen = pointer_of(field.path), _found(header, field.path)
            if pointer not in computed or (field.optional and seen is None):
                continue
            if computed[pointer] != seen:
                raise ProofInvalid(
                    said(
                        "proof.term-contradicts",
                        "the disclosed term {name} says {seen}, and the record's {pointer} {recorded}",
                        name,
                        _shown(text),
                        pointer,
                        _shown(seen),
                    )
                )
            compared[name] = pointer
    return compared


def pointer_of(path: tuple[str | int, ...]) -> str:
    """Write a path in a body as a JSON pointer."""
    return "".join(f"/{step}" for step in path)


def _field(kind: CommittedKind, name: str) -> Iterator[_Field]:
    """Find the field that is made of a term, if there is one."""
    line = _LINE.fullmatch(name) if kind is CommittedKind.CERTIFICATE else None
    if line and line[2] is None:
        yield _Field(("lines", int(line[1]) - 1), _text)
    elif line and line[2] in _LINE_FIELDS:
        yield _Field(("lines", int(line[1]) - 1, line[2]), _LINE_FIELDS[line[2]])
    elif name in _FIELDS[kind]:
        yield _FIELDS[kind][name]


def _found(body: Struct, path: tuple[str | int, ...]) -> object:
    """Read a field of a body; a line that it does not have is nil, and so is what would stand in it."""
    value: Any = body
    for step in path:
        if isinstance(step, int) and step >= len(value):
            return None
        value = value[step] if isinstance(step, int) else getattr(value, step)
    return value


def _shown(value: object) -> Said | str:
    """Write a value of a header."""
    if value is None:
        return said("term.nothing", "nothing")
    if isinstance(value, str):
        return quoted(value)[:80]
    return str(value) if isinstance(value, int) else said("term.line", "a line")


def _made(name: str, field: _Field, text: str, minor_digits: MinorDigits) -> Any:
    try:
        return field.made(text, minor_digits)
    except Malformed as error:
        raise Malformed(said("term.reads", "{name} is {text}, {why}", name, quoted(text[:64]), error.said)) from error


def _text(text: str, _: MinorDigits) -> str:
    return text


def _minor(text: str, minor_digits: MinorDigits) -> int:
    """Read a decimal amount in minor units, exactly: `1000.00`, `1000.0` and `1000` are one amount of two places."""
    matched = _DECIMAL.fullmatch(text)
    if matched is None or not (matched[2] or matched[3]):
        raise Malformed(said("term.no-decimal", "which is no decimal number"))
    parts = (matched[3] or "").rstrip("0")
    if len(parts) > minor_digits:
        raise Malformed(
            said("term.too-fine", "which has more than the {places} decimal places of its currency", minor_digits)
        )
    amount = int((matched[2] or "0") + parts.ljust(minor_digits, "0"))
    return -amount if matched[1] == "-" else amount


def _integer(text: str, _: MinorDigits) -> int:
    if not _INTEGER.fullmatch(text):
        raise Malformed(said("term.no-number", "which is no whole number"))
    return int(text)


def _day(text: str, _: MinorDigits) -> str:
    return day_of(text)


def _start(text: str, _: MinorDigits) -> Moment:
    return start_of(text)


def _end(text: str, _: MinorDigits) -> Moment:
    return end_of(text)


_LINE_FIELDS: Mapping[str, Callable[[str, MinorDigits], Any]] = {
    "hs_code": _text,
    "origin": _text,
    "quantity_micro": _integer,
    "unit": _text,
}

_FIELDS: Mapping[CommittedKind, Mapping[str, _Field]] = {
    CommittedKind.ATTESTATION: {},
    CommittedKind.CERTIFICATE: {
        "valid_from": _Field(("valid_from",), _start, optional=True),
        "valid_until": _Field(("valid_until",), _end, optional=True),
    },
    CommittedKind.CREDIT_NOTE: {
        "BT-5": _Field(("currency",), _text),
        "BT-115": _Field(("amount_minor",), _minor),
    },
    CommittedKind.IDENTITY: {},
    CommittedKind.INVOICE: {
        "BT-2": _Field(("issued",), _day),
        "BT-3": _Field(("type_code",), _text),
        "BT-5": _Field(("currency",), _text),
        "BT-9": _Field(("due",), _day),
        "BT-115": _Field(("payable_minor",), _minor),
    },
    CommittedKind.ORDER: {
        "amount_minor": _Field(("amount_minor",), _integer),
        "currency": _Field(("currency",), _text),
        "exponent": _Field(("minor_digits",), _integer),
    },
    CommittedKind.PAYMENT: {
        "amount_minor": _Field(("credited_minor",), _integer),
        "currency": _Field(("currency",), _text),
        "exponent": _Field(("minor_digits",), _integer),
        "uetr": _Field(("uetr",), _text, optional=True),
    },
    CommittedKind.TRANSPORT: {},
}
"""Which term makes which field. Of a payment the header is that of its instruction, and what was credited of it."""
