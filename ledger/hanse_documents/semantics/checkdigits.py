"""Numbers that carry check digits, each by the rules of who gives it out (python-stdnum, the extra `documents`).

One policy for all: a wrong check digit is a finding, in an invoice as in a payment. Whoever reads the document decides.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType

from hanse_documents.model.errors import DocumentError, ReaderMissing
from hanse_documents.semantics.codes import COUNTRIES

# ISO/IEC 6523 and the code lists of EN 16931 name schemes by four digits: the number's module and name for people.
_SCHEMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "0002": ("fr.siren", "a SIREN"),
        "0007": ("se.orgnr", "a Swedish organisation number"),
        "0009": ("fr.siret", "a SIRET"),
        "0088": ("ean", "a GLN"),
        "0160": ("ean", "a GTIN"),
        "0184": ("dk.cvr", "a Danish CVR number"),
        "0192": ("no.orgnr", "a Norwegian organisation number"),
        "0199": ("lei", "a LEI"),
        "0208": ("be.vat", "a Belgian enterprise number"),
    }
)

# Prefixes of VAT numbers of the European Union, and the code that stands for Greece.
_VAT_COUNTRIES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR"}
    | {"HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
_IBAN = re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{11,30}", re.ASCII)
_EORI = re.compile(r"[A-Z]{2}[A-Z0-9]{1,15}", re.ASCII)
_REFERENCE = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}", re.ASCII)


def verify_iban(text: str, field: str) -> None:
    """Check an IBAN: its country, the length and structure that the country gives it, its check digits (ISO 13616).

    Raises:
        DocumentError: mistyped or made up.
        ReaderMissing: python-stdnum is not installed.
    """
    # Whether a country's own rules know the bank is no matter of check digits: banks come and go.
    if not _IBAN.fullmatch(text) or not _valid("iban", text, check_country=False):
        wanted = "an IBAN whose country, length, structure and check digits are right"
        raise DocumentError(field, seen=text, wanted=wanted)


def verify_account(text: str, field: str) -> None:
    """Check an account if it is shaped like an IBAN; others have no common check. Raises as `verify_iban`."""
    if _IBAN.fullmatch(text):
        verify_iban(text, field)


def verify_bic(text: str, field: str) -> None:
    """Check a BIC's shape (ISO 9362). Raises DocumentError, ReaderMissing."""
    if not _valid("bic", text):
        raise DocumentError(field, seen=text, wanted="a BIC of 8 or 11 characters, its country in the middle")


def verify_lei(text: str, field: str) -> None:
    """Check a legal entity identifier (ISO 17442). Raises DocumentError, UnsupportedFormat."""
    if not _valid("lei", text):
        raise DocumentError(field, seen=text, wanted="a LEI of 20 letters and digits, with right check digits")


def verify_reference(text: str, field: str) -> None:
    """Check a creditor reference (ISO 11649), if a text is shaped like one. Raises DocumentError, ReaderMissing."""
    compact = "".join(text.split()).upper()
    if _REFERENCE.fullmatch(compact) and not _valid("iso11649", compact):
        raise DocumentError(field, seen=text, wanted="a creditor reference whose check digits are right")


def verify_vat(text: str, field: str) -> None:
    """Check a VAT number of a country of the European Union; others have no common check.

    Raises DocumentError, ReaderMissing.
    """
    compact = "".join(sign for sign in text.upper() if sign.isalnum())
    if compact[:2] in _VAT_COUNTRIES and not _valid("eu.vat", compact):
        raise DocumentError(
            field, seen=text, wanted=f"a VAT number as {compact[:2]} gives them, with right check digits"
        )


def verify_eori(text: str, field: str) -> None:
    """Check the shape of an EORI number; no check digit is common to those who give them out.

    Source: Regulation (EU) 2016/341, annex A: a country, and up to 15 letters and digits. Raises DocumentError.
    """
    if not _EORI.fullmatch(text) or text[:2] not in COUNTRIES:
        raise DocumentError(field, seen=text, wanted="an EORI number: a country and up to 15 capitals and digits")


def verify_scheme(text: str, scheme: str | None, field: str) -> None:
    """Check a number that names its scheme (ISO/IEC 6523), if the scheme has a check that is known here.

    Raises DocumentError, ReaderMissing.
    """
    if (scheme or "").upper() == "EORI":
        verify_eori(text, field)
        return
    module, name = _SCHEMES.get(scheme or "", ("", ""))
    if module and not _valid(module, text):
        raise DocumentError(field, seen=text, wanted=f"{name} (scheme {scheme}) with right check digits")


@lru_cache(maxsize=1_024)  # a batch names its account at each transaction
def _valid(module: str, text: str, **options: bool) -> bool:
    try:
        is_valid: Callable[..., bool] = import_module(f"stdnum.{module}").is_valid
    except ModuleNotFoundError as error:
        raise ReaderMissing(
            "Check digits cannot be checked: python-stdnum is not installed",
            action="Install hanse with its extra `documents`.",
        ) from error
    return text.isascii() and is_valid(text, **options)
