"""An object's aspects in words: money and quantities in their units, moments as dates, ids as hexadecimal text.

Names stand in the words of a catalogue where one is given (see `hanse_words`), and in English where not.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import cast

from msgspec import Struct

from hanse_ledger.kinds.certificate.state import CertificateStatus, Move
from hanse_ledger.kinds.declaration.state import DeclarationStatus, DeclaredValue
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.mandate.state import MandateScope
from hanse_ledger.kinds.office.bodies import LowValue
from hanse_ledger.kinds.party.state import OpenRepair, PartyKey, PartyStatus, Replaced
from hanse_ledger.kinds.payment.bodies import Debit
from hanse_ledger.kinds.payment.state import PaymentStatus
from hanse_ledger.values.figures import InRecord, money_text, quantity_text
from hanse_ledger.values.messages import COMMA, COMMA_ID, in_language, said
from hanse_ledger.values.moments import moment_words

NOTHING = "-"
ID_LETTERS = 64

_SAID_OTHERWISE = {"state", "currency", "minor digits"}
"""The state stands apart; the others stand in the amounts."""

_DATED = (MandateScope, PartyStatus, CertificateStatus, DeclarationStatus, PaymentStatus)


_ENGLISH: Mapping[str, str] = {}


def aspect_rows(aspects: Mapping[str, object], catalogue: Mapping[str, str] = _ENGLISH) -> Iterator[tuple[str, str]]:
    """Write an object's aspects as names and values, in their order. The state itself is left out: it stands apart."""
    for name, value in aspects.items():
        match value:
            case History():
                records = said("aspect.records", "{count} records, head {head}", value.count, value.head.hex())
                yield _named(name, catalogue), in_language(records, catalogue)
            case PartyKey(key=None):
                yield _named("key", catalogue), in_language(said("aspect.no-key", "revoked"), catalogue)
                yield _named("encryption key", catalogue), value.encryption_key.hex()
            case DeclaredValue():
                yield _named(name, catalogue), _money(value.amount_minor, value)
            case Struct():
                yield from (
                    (_named(label, catalogue), text)
                    for label, text in field_rows(value)
                    if label not in _SAID_OTHERWISE
                )
            case tuple():
                for place, part in enumerate(value, 1):
                    yield f"{_named(name.removesuffix('s'), catalogue)} {place}", _in_one_line(part, catalogue)
            case _:
                yield _named(name, catalogue), _text(value)


def _named(label: str, catalogue: Mapping[str, str]) -> str:
    # A share of a payment is named after its invoice, whose id is the same in every language.
    name, mark, last = label.rpartition(" ")
    if mark and len(last) == ID_LETTERS:
        return f"{_named(name, catalogue)} {last}"
    return catalogue.get(f"aspect.{label.replace(' ', '-')}", label)


def with_article(noun: str) -> str:
    """Write a noun with its article: an invoice, a payment."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def field_rows(value: Struct, *, without: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Write a value's fields as names and values, but for some.

    What they count follows from their names, its unit from a field beside them.
    """
    for name in value.__struct_fields__:
        if name in without:
            continue
        found = getattr(value, name)
        label = name.removesuffix("_minor").removesuffix("_micro").replace("_", " ")
        if name.endswith("_minor"):
            yield label, _money(found, value)
        elif name.endswith("_micro"):
            yield label, quantity_text(found, getattr(value, "unit", ""))
        elif name.endswith("_ms") and isinstance(found, int):
            yield label.removesuffix(" ms"), moment_words(found)
        elif isinstance(value, _DATED) and isinstance(found, int) and not isinstance(found, bool):
            yield label, moment_words(found)
        elif name == "allocations":
            for share in found:
                yield f"allocated to {share.invoice.hex()}", _money(share.amount_minor, value)
        elif name == "moved":
            yield from _move_rows(found, value)
        elif isinstance(found, OpenRepair | Replaced | Debit):
            yield from _part_rows(label, found)
        elif isinstance(found, Struct):
            yield from (
                (inner if inner.startswith(label) else f"{label} {inner}", text) for inner, text in field_rows(found)
            )
        else:
            yield label, _text(found)


def _part_rows(label: str, found: OpenRepair | Replaced | Debit) -> Iterator[tuple[str, str]]:
    """Write a part in its own words: a debit; of a lost key which one may follow it, or who had it replaced."""
    if isinstance(found, Debit):
        yield label, _money(found.amount_minor, found)
    elif isinstance(found, OpenRepair):
        yield label, found.new_key.hex()
        yield "repair opened", moment_words(found.opened)
    else:
        yield label, moment_words(found.at)
        yield "replaced by", f"{found.member}, {found.repair}"


def _move_rows(move: Move | None, balance: Struct) -> Iterator[tuple[str, str]]:
    """Write the last move of a balance, in the unit that stands beside it; nothing where it has never moved."""
    if move is not None:
        unit = getattr(balance, "unit", "")
        yield "last moved", moment_words(move.at)
        yield "at office", move.office
        yield "by record", move.record.hex()
        yield "reserved before", quantity_text(move.reserved_before_micro, unit)
        yield "written off before", quantity_text(move.written_off_before_micro, unit)


def _money(amount_minor: int, beside: Struct) -> str:
    """Write an amount in the currency that stands beside it; without one as the number that it is."""
    return money_text(amount_minor, cast("InRecord", beside)) if hasattr(beside, "minor_digits") else str(amount_minor)


def _in_one_line(value: object, catalogue: Mapping[str, str] = _ENGLISH) -> str:
    if not isinstance(value, Struct):
        return _text(value)
    rows = ((label, text) for label, text in field_rows(value) if label != "unit")
    comma = catalogue.get(COMMA_ID, COMMA)
    return comma.join(f"{_named(label, catalogue)} {text}" for label, text in rows)


_PLAIN = {None: NOTHING, True: "yes", False: "no"}


def _text(value: object) -> str:
    match value:
        case None | True | False:
            return _PLAIN[value]
        case bytes():
            return value.hex()
        case LowValue():
            return _money(value.at_most_minor, value)
        case Struct():
            return _in_one_line(value)
        case tuple():
            return ", ".join(map(_text, value)) or NOTHING
        case _:
            return str(value)
