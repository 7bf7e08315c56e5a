"""Finding the elements of an ISO 20022 message, and reading them as values.

Elements are found by their local names, because the versions differ in namespace and, here and there, in depth. What
identifiers are worth is for `checkedids` to say: here they are read as they stand.
"""

from functools import lru_cache

from lxml import etree

from hanse_documents.model.documents import Charge, Direction, Money
from hanse_documents.model.errors import Examiner
from hanse_documents.semantics import values
from hanse_documents.semantics.typedvalues import BEARERS
from hanse_documents.syntax.iso.messagetable import Paths
from hanse_ledger.values.types import Moment

_NOT_PROVIDED = "NOTPROVIDED"

NOTHING = Money(amount_minor=0, currency="XXX", exponent=0)
"""Stands for an amount that was refused, until the document is."""


class Spot:
    """An element, or the lack of it; where it stands; and who notes what is wrong there."""

    def __init__(self, element: etree._Element | None, where: str, examiner: Examiner) -> None:
        self.element, self.where, self.examiner = element, where, examiner
        self._kept: dict[str, list[etree._Element]] | None = None

    def keeping(self) -> "Spot":
        """Give the same element as one that keeps what was found in it: what holds many payments is searched once."""
        spot = Spot(self.element, self.where, self.examiner)
        spot._kept = {}
        return spot

    @property
    def there(self) -> bool:
        """Tell whether the element is in the message."""
        return self.element is not None

    def called(self, where: str) -> "Spot":
        """Give the same element, under a shorter name for messages."""
        return Spot(self.element, where, self.examiner)

    def field(self, path: str) -> str:
        """Name what stands below this element."""
        return f"{self.where}/{path}".strip("/")

    def refuse(self, path: str, *, seen: str, wanted: str) -> None:
        """Note a fault below this element."""
        self.examiner.refuse(self.field(path), seen=seen, wanted=wanted)

    def all(self, path: str) -> "list[Spot]":
        """Find elements by local names, whatever their namespace; none in what is not there."""
        elements = self._found(path)
        one = len(elements) == 1
        return [
            Spot(element, self.field(path if one else f"{path}[{place}]"), self.examiner)
            for place, element in enumerate(elements, 1)
        ]

    def counted(self, path: str) -> "list[Spot]":
        """Find elements that may repeat; each is named with its number."""
        return [
            Spot(element, self.field(f"{path}[{place}]"), self.examiner)
            for place, element in enumerate(self._found(path), 1)
        ]

    def one(self, path: str) -> "Spot":
        """Find an element that stands at most once."""
        spots = self.all(path)
        if len(spots) > 1:
            self.refuse(path, seen=f"{len(spots)} of them", wanted="one")
        return spots[0] if spots else Spot(None, self.field(path), self.examiner)

    def need(self, path: str) -> "Spot":
        """Find an element that stands once."""
        spot = self.one(path)
        if not spot.there:
            self.refuse(path, seen="nothing", wanted="this element")
        return spot

    def texts(self, *paths: str) -> tuple[str, ...]:
        """Give the texts of all such elements, in the order of the paths, without empty ones."""
        return tuple(text for path in paths for element in self._found(path) if (text := _own_text(element)))

    def _found(self, path: str) -> list[etree._Element]:
        if self._kept is None:
            return _found(self.element, path)
        if path not in self._kept:
            self._kept[path] = _found(self.element, path)
        return self._kept[path]

    def text(self, path: str) -> str | None:
        """Give an element's text, None where it is absent or empty; two different ones are a fault."""
        texts = dict.fromkeys(self.texts(path))
        if len(texts) > 1:
            self.refuse(path, seen=" and ".join(texts), wanted="one value")
        return next(iter(texts), None)

    def need_text(self, path: str) -> str:
        """Give the text of an element that must have one."""
        text = self.text(path)
        if text is None:
            self.refuse(path, seen="nothing", wanted="this element")
        return text or ""

    def money(self) -> Money:
        """Read this element as an amount that is not below zero."""
        assert self.element is not None, "whoever asks for the amount has found the element"
        currency, text = self.element.get("Ccy") or "", _own_text(self.element)
        exponent = self.examiner.attempt(0, values.exponent_of, currency, f"{self.where}/@Ccy")
        if currency not in values.EXPONENTS:
            return NOTHING
        minor = self.examiner.attempt(0, values.minor_of, text, exponent, self.where)
        if minor < 0:
            self.examiner.refuse(self.where, seen=text, wanted="an amount that is not below zero")
        return Money(amount_minor=minor, currency=currency, exponent=exponent)

    def amount(self, *paths: str) -> Money | None:
        """Read the first amount that stands at one of these paths."""
        for path in paths:
            spot = self.one(path)
            if spot.there:
                return spot.money()
        return None

    def direction(self) -> Direction | None:
        """Read whether the account was credited or debited."""
        text = self.text("CdtDbtInd")
        if text is not None and text not in set(Direction):
            self.refuse("CdtDbtInd", seen=text, wanted="CRDT or DBIT")
            return None
        return Direction(text) if text else None

    def name(self) -> str | None:
        """Read a party's name, at its newer or its older place; a bank may stand where a party does."""
        return self.first_text("Pty/Nm", "Nm", "Agt/FinInstnId/Nm")

    def agent(self) -> str | None:
        """Read an agent: its BIC, under its newer or its older names; else its clearing system and its number there."""
        bank = self.one("FinInstnId")
        bic = bank.first_text("BICFI", "BIC", "CmbndId/BIC")
        if bic is not None:
            return bic
        system = bank.first_text("ClrSysMmbId/ClrSysId/Cd", "ClrSysMmbId/ClrSysId/Prtry", "ClrSysMmbId/ClrSysId")
        member = bank.first_text("ClrSysMmbId/MmbId", "ClrSysMmbId/Id")
        return f"{system}:{member}" if system and member else member

    def iban(self) -> str | None:
        """Read an account's IBAN."""
        text = self.text("Id/IBAN")
        return None if text is None else values.account_of(text)

    def other_account(self) -> str | None:
        """Read an account that has no IBAN, as its bank writes it; the oldest versions have three sorts of them."""
        return self.first_text("Id/Othr/Id", "Id/BBAN", "Id/UPIC", "Id/PrtryAcct/Id")

    def first_text(self, *paths: str) -> str | None:
        """Give the text at the first of these paths that has one."""
        return next((text for path in paths if (text := self.text(path)) is not None), None)

    def uetr(self) -> str | None:
        """Read a UETR; some write `NOTPROVIDED` where there is none."""
        text = self.provided()
        return text and text.lower()

    def provided(self) -> str | None:
        """Read an id; `NOTPROVIDED` is what ISO 20022 writes where there is none."""
        text = self.own_text()
        return None if text.upper() in {"", _NOT_PROVIDED} else text

    def own_text(self) -> str:
        """Give what stands in this element itself, nothing where it is not there."""
        return "" if self.element is None else _own_text(self.element)

    def day(self, path: str) -> str | None:
        """Read a date, with or without a time, as the message states it."""
        text = self.text(path)
        return text and self.examiner.attempt(text, values.day_of_moment, text, self.field(path))

    def moment(self, path: str) -> Moment | None:
        """Read when it was, where the message gives a time with a zone."""
        text = self.text(path)
        return None if text is None else values.moment_of(text)


class MessagePlace:
    """Where one transaction stands in its message, and what is where in it: see `messagetable`."""

    def __init__(self, paths: Paths, transaction: Spot, group: Spot, message: Spot) -> None:
        self._paths, self.transaction, self.group, self.message = paths, transaction, group, message

    def paths(self, field: str) -> "list[tuple[Spot, str]]":
        """List where a field may be: from what one looks, and along which path."""
        return [self._from(path) for path in self._paths.get(field, ())]

    def _from(self, path: str) -> tuple[Spot, str]:
        if path.startswith("/"):
            return self.message, path[1:]
        return (self.group, path[3:]) if path.startswith("../") else (self.transaction, path)

    def first(self, field: str) -> Spot:
        """Find the first element that is there for a field."""
        nowhere = Spot(None, "", self.transaction.examiner)
        return next((spot for start, path in self.paths(field) if (spot := start.one(path)).there), nowhere)

    def need(self, field: str) -> Spot:
        """Find an element that must be there."""
        spot = self.first(field)
        if not spot.there:
            start, path = self.paths(field)[0]
            start.refuse(path, seen="nothing", wanted="this element")
        return spot

    def text(self, field: str) -> str | None:
        """Give the text of the first element that has one."""
        return next((text for start, path in self.paths(field) if (text := start.text(path)) is not None), None)

    def texts(self, field: str) -> tuple[str, ...]:
        """Give the texts of all elements at the first path that has some."""
        return next((texts for start, path in self.paths(field) if (texts := start.texts(path))), ())

    def money(self, field: str) -> Money | None:
        """Read an amount, where one is stated."""
        spot = self.first(field)
        return spot.money() if spot.there else None

    def day(self, field: str) -> str | None:
        """Read a date, with or without a time, as the message states it."""
        return next((day for start, path in self.paths(field) if (day := start.day(path)) is not None), None)

    def charges(self, bearer: str | None = None) -> tuple[Charge, ...]:
        """Read what banks took of this transaction."""
        return tuple(charge for start, path in self.paths("charges") for charge in charges_of(start, path, bearer))

    def documents(self) -> tuple[str, ...]:
        """Read the numbers of the documents that are paid."""
        return self._remitted("Strd/RfrdDocInf/Nb", "Strd/RfrdDocInf/RfrdDocNb")

    def references(self) -> tuple[str, ...]:
        """Read the creditor references."""
        return self._remitted("Strd/CdtrRefInf/Ref", "Strd/CdtrRefInf/CdtrRef")

    def unstructured(self) -> tuple[str, ...]:
        """Read what is said of the payment in words."""
        return self._remitted("Ustrd", "Strd/AddtlRmtInf")

    def _remitted(self, *paths: str) -> tuple[str, ...]:
        return self.first("remittance").texts(*paths)


def charges_of(spot: Spot, path: str, bearer: str | None = None) -> tuple[Charge, ...]:
    """Read what banks took: records of today's versions, and the older ones, which have none around them."""
    charges = []
    for group in spot.all(path):
        records = group.counted("Rcrd") or [group]
        charges += [charge for record in records if (charge := _charge(record, bearer)) is not None]
    return tuple(charges)


def _charge(record: Spot, whole_bearer: str | None) -> Charge | None:
    money = record.amount("Amt", "TtlChrgsAndTaxAmt")
    if money is None or money.amount_minor == 0:
        return None
    bearer = record.text("Br") or whole_bearer
    if bearer is not None and bearer not in BEARERS:
        record.examiner.find(record.field("Br"), seen=bearer, wanted=f"one of {', '.join(sorted(BEARERS))}")
    included = record.text("ChrgInclInd")
    sign = -1 if record.direction() is Direction.CREDIT else 1
    return Charge(
        agent=record.one("Agt").agent() or record.one("Pty").agent() or record.text("Agt/FinInstnId/Nm"),
        amount_minor=sign * money.amount_minor,
        bearer=bearer,
        currency=money.currency,
        exponent=money.exponent,
        included=None if included is None else included in {"true", "1"},
    )


def _found(element: etree._Element | None, path: str) -> list[etree._Element]:
    if element is None:
        return []
    return element.findall(_in_any_namespace(path))


@lru_cache(maxsize=256)
def _in_any_namespace(path: str) -> str:
    return "/".join("{*}" + step for step in path.split("/"))


def _own_text(element: etree._Element) -> str:
    return (element.text or "").strip()
