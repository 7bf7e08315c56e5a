"""What the schema of a message asks for, taken from the classes that pyiso20022 has made of it.

Classes are read lazily, one when an element of its type is met: a message uses few of the hundreds that its schema has.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

from msgspec import Struct

Judge = Callable[[str], str | None]
"""Says what a text should be, or nothing where it is that."""

UNBOUNDED = 1_000_000

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE = re.compile(rf"({_DAY}){_ZONE}", re.ASCII)
_MOMENT = re.compile(rf"({_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})(?:\.[0-9]+)?{_ZONE}", re.ASCII)
_TIME = re.compile(rf"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?{_ZONE}", re.ASCII)
_PERIOD = re.compile(rf"[0-9]{{4}}(?:-[0-9]{{2}})?{_ZONE}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*(?:=\s*){0,2}", re.ASCII)
_TYPE = re.compile(r"(?:None \| )?(?:list\[)?([\w.]+)\]?", re.ASCII)
_CHOICE = re.compile(r"\w*Choice[0-9]*|CashAccountType2|CashBalanceAvailabilityDate1", re.ASCII)


class SchemaPart(Struct, frozen=True, kw_only=True):
    """One element that may stand in another: how often, its place in the order, and what it is."""

    judge: Judge | None
    least: int
    most: int
    place: int
    type: type | None


class Shape(Struct, frozen=True, kw_only=True):
    """What an element of one type holds: other elements, or a text; its attributes.

    Of a `choice` exactly one sort of its parts stands there; `anything` holds elements that no schema here knows.
    """

    anything: bool = False
    attributes: Mapping[str, tuple[Judge, bool]]
    choice: bool = False
    parts: Mapping[str, SchemaPart]
    text: Judge | None = None


def document_type(definition: str, version: str) -> type | None:
    """Find the class of a message's `Document`, such as `pacs.008` and `001.08`; None where there is none."""
    family, number = definition.split(".")
    name = f"{family}_{number}_{version.replace('.', '_')}"
    try:
        module = import_module(f"pyiso20022.{family}.{name}.{name}")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"pyiso20022", "xsdata"}:
            raise
        return None
    found: type = module.Document
    return found


@lru_cache(maxsize=4_096)
def shape_of(kind: type) -> Shape:
    """Read what a class asks for."""
    module = import_module(kind.__module__)
    attributes: dict[str, tuple[Judge, bool]] = {}
    parts: dict[str, SchemaPart] = {}
    text: Judge | None = None
    anything = False
    for place, field in enumerate(fields(kind)):
        facts, inner = field.metadata, _inner(field.type, module)
        judge = None if is_dataclass(inner) else _judge_of(inner, facts)
        required = bool(facts.get("required"))
        match facts.get("type"):
            case "Attribute":
                assert judge is not None, "an attribute is a text"
                attributes[facts["name"]] = judge, required
            case "Element":
                several = field.default_factory is not MISSING
                parts[facts["name"]] = SchemaPart(
                    judge=judge,
                    least=facts.get("min_occurs", 0) if several else int(required),
                    most=facts.get("max_occurs", UNBOUNDED) if several else 1,
                    place=place,
                    type=inner if isinstance(inner, type) and is_dataclass(inner) else None,
                )
            case "Wildcard":
                anything = True
            case _:
                text = judge
    choice = _CHOICE.fullmatch(kind.__name__) is not None
    return Shape(anything=anything, attributes=attributes, choice=choice, parts=parts, text=text)


def _inner(written: Any, module: ModuleType) -> Any:
    """Find the type that a field's annotation names."""
    named = _TYPE.fullmatch(written)
    assert named is not None, f"pyiso20022 writes types in another way: {written}"
    return getattr(module, named[1], None) or named[1]


def _judge_of(kind: Any, facts: Mapping[str, Any]) -> Judge:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _one_of(frozenset(str(member.value) for member in kind))
    name = kind if isinstance(kind, str) else kind.__name__
    if name in {"Decimal", "int"}:
        return _decimal(facts)
    return _text(facts) if name == "str" else _JUDGES[name]


def _one_of(codes: frozenset[str]) -> Judge:
    wanted = f"one of {', '.join(sorted(codes))}"
    return lambda text: None if text in codes else wanted


def _text(facts: Mapping[str, Any]) -> Judge:
    least, most = facts.get("min_length", 0), facts.get("max_length", UNBOUNDED)
    pattern = None if "pattern" not in facts else _compiled(facts["pattern"])

    def judge(text: str) -> str | None:
        if not least <= len(text) <= most:
            return f"{least} to {most} characters" if most < UNBOUNDED else f"at least {least} characters"
        if pattern is not None and not pattern.fullmatch(text):
            return f"a text of the form {pattern.pattern}"
        return None

    return judge


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _decimal(facts: Mapping[str, Any]) -> Judge:
    digits, places = facts.get("total_digits", UNBOUNDED), facts.get("fraction_digits", UNBOUNDED)
    least = facts.get("min_inclusive")

    def judge(text: str) -> str | None:
        number = text.strip()
        if not _DECIMAL.fullmatch(number):
            return "a decimal number, such as 1250.00"
        whole, _, fraction = number.lstrip("+-").partition(".")
        whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
        if len(whole) + len(fraction) > digits or len(fraction) > places:
            return f"at most {digits} digits, {places} of them behind the point"
        if least is not None and number.startswith("-") and (whole or fraction):
            return f"at least {least}"
        if least is not None and least > 0 and not whole:
            return f"at least {least}"
        return None

    return judge


def _matching(pattern: re.Pattern[str], wanted: str) -> Judge:
    return lambda text: None if pattern.fullmatch(text.strip()) else wanted


def _day(text: str) -> str | None:
    return _real(_DATE.fullmatch(text.strip()), date.fromisoformat, "a date, such as 2026-10-12")


def _moment(text: str) -> str | None:
    # XML Schema has midnight at the end of a day, which Python has not.
    found = _MOMENT.fullmatch(text.strip().replace("T24:00:00", "T00:00:00"))
    return _real(found, datetime.fromisoformat, "a date with a time, such as 2026-10-12T09:15:41")


def _real(found: re.Match[str] | None, read: Callable[[str], object], wanted: str) -> str | None:
    if found is None:
        return wanted
    try:
        read(found[1])
    except ValueError:
        return wanted
    return None


_JUDGES: Mapping[str, Judge] = {
    "XmlDate": _day,
    "XmlDateTime": _moment,
    "XmlPeriod": _matching(_PERIOD, "a year or a month, such as 2026 or 2026-09"),
    "XmlTime": _matching(_TIME, "a time, such as 09:30:00"),
    "bool": _matching(re.compile("true|false|0|1", re.ASCII), "true or false"),
    "bytes": _matching(_BASE64, "base64"),
}
