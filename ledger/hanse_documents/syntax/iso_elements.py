"""Finding the elements of an ISO 20022 message, and reading them as values.

Elements are found by their local names, because the versions differ in namespace and, here and there, in depth.
"""

from functools import lru_cache

from lxml import etree

from hanse_documents.model.documents import Charge, Direction, Money
from hanse_documents.model.errors import Examiner
from hanse_documents.semantics import values
from hanse_documents.semantics.checkdigits import verify_bic, verify_iban, verify_reference
from hanse_ledger.values.types import Moment

_NOT_PROVIDED = "NOTPROVIDED"
_BEARERS = frozenset({"DEBT", "CRED", "SHAR", "SLEV"})

NOTHING = Money(amount_minor=0, currency="XXX", exponent=0)
"""Stands for an amount that was refused, until the document is."""


class Spot:
    """An element, or the lack of it; where it stands; and who notes what is wrong there."""

    def __init__(self, element: etree._Element | None, where: str, examiner: Examiner) -> None:
        self.element, self.where, self.examiner = element, where, examiner

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
        found = _found(self.element, path)
        one = len(found) == 1
        return [
            Spot(element, self.field(path if one else f"{path}[{place}]"), self.examiner)
            for place, element in enumerate(found, 1)
        ]

    def counted(self, path: str) -> "list[Spot]":
        """Find elements that may repeat; each is named with its number."""
        return [
            Spot(element, self.field(f"{path}[{place}]"), self.examiner)
            for place, element in enumerate(_found(self.element, path), 1)
        ]

    def one(self, path: str) -> "Spot":
        """Find an element that stands at most once."""
        found = self.all(path)
        if len(found) > 1:
            self.refuse(path, seen=f"{len(found)} of them", wanted="one")
        return found[0] if found else Spot(None, self.field(path), self.examiner)

    def need(self, path: str) -> "Spot":
        """Find an element that stands once."""
        found = self.one(path)
        if not found.there:
            self.refuse(path, seen="nothing", wanted="this element")
        return found

    def texts(self, *paths: str) -> tuple[str, ...]:
        """Give the texts of all such elements, in the order of the paths, without empty ones."""
        return tuple(text for path in paths for element in _found(self.element, path) if (text := _own_text(element)))

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
            found = self.one(path)
            if found.there:
                return found.money()
        return None

    def references(self) -> tuple[str, ...]:
        """Read the creditor references; one with wrong check digits is told, and read all the same."""
        path = "RmtInf/Strd/CdtrRefInf/Ref"
        found = self.texts(path)
        for text in found:
            self.examiner.check(verify_reference, text, self.field(path))
        return found

    def direction(self) -> Direction | None:
        """Read whether the account was credited or debited."""
        text = self.text("CdtDbtInd")
        if text is not None and text not in set(Direction):
            self.refuse("CdtDbtInd", seen=text, wanted="CRDT or DBIT")
            return None
        return Direction(text) if text else None

    def name(self, path: str) -> str | None:
        """Read a party's name, at its newer or its older place."""
        return self.text(f"{path}/Pty/Nm") or self.text(f"{path}/Nm")

    def bic(self, path: str) -> str | None:
        """Read an agent's BIC, under its newer or its older name; agents named by clearing codes have none."""
        place = f"{path}/FinInstnId/BICFI"
        text = self.text(place) or self.text(f"{path}/FinInstnId/BIC")
        if text is not None:
            self.examiner.check(verify_bic, text, self.field(place))
        return text

    def iban(self, path: str) -> str | None:
        """Read an IBAN; one with wrong check digits is told, and read all the same."""
        text = self.text(path)
        if text is None:
            return None
        account = values.account_of(text)
        self.examiner.check(verify_iban, account, self.field(path))
        return account

    def other_account(self, path: str) -> str | None:
        """Read an account that has no IBAN, as its bank writes it."""
        return self.text(f"{path}/Id/Othr/Id".lstrip("/"))

    def uetr(self, path: str) -> str | None:
        """Read a UETR; some write `NOTPROVIDED` where there is none."""
        text = self.text(path)
        if text is None or text.upper() == _NOT_PROVIDED:
            return None
        return self.examiner.attempt(text, values.uetr_of, text, self.field(path))

    def end_to_end(self, path: str) -> str | None:
        """Read the end-to-end id; `NOTPROVIDED` is what ISO 20022 writes where there is none."""
        text = self.text(path)
        return None if text is None or text.upper() == _NOT_PROVIDED else text

    def day(self, path: str) -> str | None:
        """Read a date, with or without a time, as the message states it."""
        text = self.text(path)
        return text and self.examiner.attempt(text, values.day_of_moment, text, self.field(path))

    def moment(self, path: str) -> Moment | None:
        """Read when it was, where the message gives a time with a zone."""
        text = self.text(path)
        return None if text is None else values.moment_of(text)


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
    if bearer is not None and bearer not in _BEARERS:
        record.examiner.find(record.field("Br"), seen=bearer, wanted=f"one of {', '.join(sorted(_BEARERS))}")
    included = record.text("ChrgInclInd")
    sign = -1 if record.direction() is Direction.CREDIT else 1
    return Charge(
        agent=record.bic("Agt") or record.bic("Pty") or record.text("Agt/FinInstnId/Nm"),
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
