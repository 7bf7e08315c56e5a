"""Values of papers of carriage: read where they are well written, else a finding, for nothing hangs on one of them."""

from collections.abc import Sequence

from hanse_documents.model.documents import Money
from hanse_documents.model.errors import DocumentError, Examiner
from hanse_documents.semantics import values
from hanse_documents.semantics.codes import verify_country
from hanse_documents.semantics.country_names import country_named
from hanse_documents.semantics.masses import KILOGRAMS
from hanse_documents.syntax.certificates.quantities import unit_of_word

_WANTED = "a value that is read; it is left out"


class ReadValues:
    """Reads single values of one paper; what cannot be read is a finding, and left out."""

    def __init__(self, examiner: Examiner) -> None:
        """Note findings with an examiner."""
        self._examiner = examiner

    def day(self, text: str | None, where: str) -> str | None:
        """Read a calendar date, with or without a time."""
        if text is None:
            return None
        compact = f"{text[:4]}-{text[4:6]}-{text[6:8]}" if len(text) >= 8 and text[:8].isdigit() else text
        try:
            return values.day_of_moment(compact, where)
        except DocumentError as error:
            self._left_out(error)
            return None

    def country(self, text: str | None, where: str) -> str | None:
        """Read a country by its code or its English name."""
        if text is None:
            return None
        try:
            code = values.country_of(country_named(text) or text, where)
            verify_country(code, where)
        except DocumentError as error:
            self._left_out(error)
            return None
        return code

    def hs_code(self, parts: Sequence[str | None], where: str) -> str | None:
        """Read a Harmonized System code; of several the longest."""
        known = [text for text in parts if text]
        codes = [code for text in known if (code := values.hs_digits(text)) is not None]
        if known and not codes:
            self._examiner.find(where, seen=known[0], wanted="a Harmonized System code of 4 to 12 digits")
        return max(codes, key=len, default=None)

    def count(self, text: str | None, where: str) -> int | None:
        """Read a count of packages."""
        quantity = self.quantity(text, where)
        if quantity is None or quantity % 1_000_000:
            return None
        return quantity // 1_000_000

    def quantity(self, text: str | None, where: str) -> int | None:
        """Read a quantity in millionths."""
        if text is None:
            return None
        try:
            return values.micro_of(text, where)
        except DocumentError as error:
            self._left_out(error)
            return None

    def mass(self, text: str | None, unit: str | None, where: str) -> int | None:
        """Read a mass in millionths of a kilogram, rounded to them; None in a unit that is no mass."""
        code = unit_of_word(unit) or "KGM"
        if text is None:
            return None
        if code not in KILOGRAMS:
            self._examiner.find(where, seen=code, wanted=f"a unit of mass: {', '.join(sorted(KILOGRAMS))}")
            return None
        try:
            number = values.decimal_of(text, where)
        except DocumentError as error:
            self._left_out(error)
            return None
        return int((values.EXACT.multiply(number, KILOGRAMS[code]) * 1_000_000).to_integral_value())

    def money(self, text: str | None, currency: str | None, where: str) -> Money | None:
        """Read an amount; None where its currency is not said."""
        if text is None or currency is None:
            return None
        try:
            exponent = values.exponent_of(currency, where)
            return Money(amount_minor=values.minor_of(text, exponent, where), currency=currency, exponent=exponent)
        except DocumentError as error:
            self._left_out(error)
            return None

    def _left_out(self, error: DocumentError) -> None:
        self._examiner.find(error.field, seen=error.seen, wanted=f"{error.wanted}: {_WANTED}")
