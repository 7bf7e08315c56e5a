"""An object's aspects in words: money and quantities in their units, moments as dates, ids as hexadecimal text."""

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from hanse_ledger.kinds.certificate.state import CertificateStatus
from hanse_ledger.kinds.declaration.state import DeclarationStatus
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.party.state import PartyKey, PartyStatus
from hanse_ledger.kinds.payment.state import PaymentStatus
from hanse_ledger.values.figures import money_text, quantity_text
from hanse_ledger.values.moments import moment_words

NOTHING = "-"

_SAID_OTHERWISE = {"state", "currency", "minor digits"}
"""The state stands apart; the others stand in the amounts."""

_DATED = (PartyStatus, CertificateStatus, DeclarationStatus, PaymentStatus)


def aspect_rows(aspects: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Write an object's aspects as names and values, in their order. The state itself is left out: it stands apart."""
    for name, value in aspects.items():
        match value:
            case History():
                yield "history", f"{value.count} records, head {value.head.hex()}"
            case PartyKey(key=None):
                yield "key", "revoked"
                yield "encryption key", value.encryption_key.hex()
            case Struct():
                yield from ((label, text) for label, text in field_rows(value) if label not in _SAID_OTHERWISE)
            case tuple():
                for place, part in enumerate(value, 1):
                    yield f"{name.removesuffix('s')} {place}", _in_one_line(part)
            case _:
                yield name, _text(value)


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
        elif isinstance(value, _DATED) and isinstance(found, int):
            yield label, moment_words(found)
        elif name == "allocations":
            for share in found:
                yield f"allocated to {share.invoice.hex()}", _money(share.amount_minor, value)
        elif isinstance(found, Struct):
            yield from (
                (inner if inner.startswith(label) else f"{label} {inner}", text) for inner, text in field_rows(found)
            )
        else:
            yield label, _text(found)


def _money(amount_minor: int, beside: Struct) -> str:
    """Write an amount in the currency that stands beside it; without one as the number that it is."""
    if not hasattr(beside, "currency"):
        return str(amount_minor)
    return money_text(amount_minor, getattr(beside, "minor_digits", 0), getattr(beside, "currency", ""))


def _in_one_line(value: object) -> str:
    if not isinstance(value, Struct):
        return _text(value)
    return ", ".join(f"{label} {text}" for label, text in field_rows(value) if label != "unit")


def _text(value: object) -> str:
    match value:
        case None:
            return NOTHING
        case bytes():
            return value.hex()
        case Struct():
            return _in_one_line(value)
        case tuple():
            return ", ".join(map(_text, value)) or NOTHING
        case _:
            return str(value)
