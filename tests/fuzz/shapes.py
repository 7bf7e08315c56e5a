"""Changing what a file says, and not its bytes alone: values, parts and places of JSON, MessagePack and XML.

Changed bytes are mostly no JSON or XML any more; changed so, an input stays what it was, and gets as far as the
reader of its document.
"""

import json
import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

import msgpack  # type: ignore[import-untyped] # the package has no stubs
from lxml import etree

MOST_CHANGES = 4
MOST_PLACES = 5_000
"""What has more places is not changed further: a list of sixty lists of sixty is one change away from memory's end."""

WORDS = (
    "",
    " ",
    "0",
    "-0",
    "-1",
    "1",
    "0.1",
    "1.005",
    "1e3",
    "1e999",
    "1_000",
    "NaN",
    "Infinity",
    "9223372036854775808",
    "99999999999999999.999999",
    "\u0663",
    "\u00b2",
    "\uff11",
    "\u00a0",
    "\u200b",
    "\U0001f600",
    "a\u0301",
    "A" * 36,
    "A" * 5_000,
    "true",
    "null",
    "EUR",
    "XXX",
    "JPY",
    "DE",
    "ZZ",
    "380",
    "381",
    "2026-09-19",
    "2026-02-30",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "20260919",
    "2026-09-19T24:00:00Z",
    "2026-09-19T10:00:00+14:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.9999999-14:00",
    "GB82WEST12345698765432",
    "../../x",
    "a,b;c\"d'e<f>&g",
)
"""Texts at which readers of numbers, days, codes and names change their minds."""

VALUES: Sequence[object] = (None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**64, 10**30, 0.5, 1e308, [], {}, [[]], "")

_FOREIGN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold."""


def shaped(data: bytes, others: Sequence[bytes], chance: Random) -> bytes | None:
    """Change an input as what it is; None where it is neither JSON, nor MessagePack, nor XML.

    Args:
        data: the input.
        others: inputs of the same reader, from which parts are taken.
        chance: what chooses.
    """
    other = chance.choice(others)
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    try:
        if start == b"<":
            return _xml(data, other, chance)
        if start in {b"{", b"["}:
            return _tree(data, other, chance, json.loads, lambda value: json.dumps(value).encode())
        return _tree(data, other, chance, _unpacked, _packed)
    except (ValueError, RecursionError, OverflowError, TypeError, etree.LxmlError):
        return None


def _unpacked(data: bytes) -> Any:
    value = msgpack.unpackb(data, strict_map_key=False)
    if not isinstance(value, dict | list):
        raise ValueError("a value alone has no parts")  # noqa: TRY004 (as of whatever is no MessagePack)
    return value


def _packed(value: Any) -> bytes:
    written: bytes = msgpack.packb(value)
    return written


def _tree(
    data: bytes,
    other: bytes,
    chance: Random,
    read: Callable[[bytes], Any],
    write: Callable[[Any], bytes],
) -> bytes:
    value = [read(data)]  # so that the whole has a place too
    try:
        given = _places([read(other)])
    except ValueError:
        given = _places(value)
    for _ in range(chance.randint(1, MOST_CHANGES)):
        places = _places(value)
        if len(places) > MOST_PLACES:
            break
        holder, key = chance.choice(places)
        _change_part(holder, key, given, chance)
        if not value:
            break
    return write(_in_order(value[0] if value else {}))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """List every place in a value: what holds it, and by which key."""
    found, left = list[tuple[Any, Any]](), [value]
    while left:
        holder = left.pop()
        for key in holder if isinstance(holder, dict) else range(len(holder)):
            found.append((holder, key))
            if isinstance(holder[key], dict | list):
                left.append(holder[key])
    return found or [([None], 0)]


def _change_part(holder: Any, key: Any, given: list[tuple[Any, Any]], chance: Random) -> None:
    from_holder, from_key = chance.choice(given)
    match chance.randrange(8):
        case 0:
            del holder[key]
        case 1:
            holder[key] = deepcopy(chance.choice(VALUES))  # else what is put into it stays in VALUES
        case 2:
            holder[key] = chance.choice(WORDS)
        case 3:
            holder[key] = deepcopy(from_holder[from_key])
        case 4 if isinstance(holder, list):
            holder.insert(key, deepcopy(holder[key]))
        case 4:
            holder[str(from_key)] = deepcopy(from_holder[from_key])
        case 5:
            holder[key] = [deepcopy(holder[key])] * chance.choice((1, 2, 60))
        case 6:
            holder[key] = {str(from_key): deepcopy(holder[key])}
        case _:
            holder[key] = _nudged(holder[key], chance)


def _nudged(value: Any, chance: Random) -> Any:
    """Change a value a little."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + chance.choice((-1, 1, 0.5))
        case str():
            return _nudged_text(value, chance)
        case bytes() if value:
            at = chance.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
        case list() if value:
            return chance.sample(value, len(value))
        case _:
            return value


def _nudged_text(text: str, chance: Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + chance.choice(WORDS)[:40] + text[at + chance.randint(0, 3) :]


def _in_order(value: Any) -> Any:
    """Put keys in order, as canonical forms have them."""
    if isinstance(value, dict):
        return {key: _in_order(value[key]) for key in sorted(value, key=str)}
    return [_in_order(each) for each in value] if isinstance(value, list) else value


def _xml(data: bytes, other: bytes, chance: Random) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(data, parser)
    try:
        given = list(etree.fromstring(other, parser).iter())
    except etree.LxmlError:
        given = list(root.iter())
    for _ in range(chance.randint(1, MOST_CHANGES)):
        _change_element(chance.choice(list(root.iter())), chance.choice(given), chance)
    return etree.tostring(root)


def _change_element(element: etree._Element, given: etree._Element, chance: Random) -> None:
    parent = element.getparent()
    match chance.randrange(9):
        case 0 if parent is not None:
            parent.remove(element)
        case 1 if parent is not None:
            parent.insert(parent.index(element), deepcopy(element))
        case 2:
            element.insert(chance.randint(0, len(element)), deepcopy(given))
        case 3 if parent is not None:
            parent.replace(element, deepcopy(given))
        case 4:
            element.tag = given.tag
        case 5:
            name = chance.choice([*given.attrib, *element.attrib, "currencyID"])
            element.set(name, _letters(chance.choice((*WORDS, *map(str, given.attrib.values())))))
        case 6 if element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        case 7:
            element.text = _letters(chance.choice(WORDS))
        case _:
            element.text = _letters(_nudged_text(element.text or "", chance))


def _letters(text: str) -> str:
    return _FOREIGN.sub("", text)
