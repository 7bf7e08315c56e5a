"""Writing a document in the syntax in which published rules judge it."""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from hanse_documents.model.errors import ReaderMissing, UnsupportedFormat
from hanse_documents.pipeline.opened import INSTALL, OpenedFile
from hanse_documents.semantics.en16931 import CREDIT_CODES
from hanse_documents.semantics.invoiceprofiles import BASIC, EN16931, profile_of
from hanse_documents.syntax.typedpaper import typed_terms

EMBEDDED = "BT-125"
"""A document inside of an invoice: its terms have the digest, and the rules ask for nothing of it."""


LINE, GROSS, DISCOUNT = "BG-25", "BT-148", "BT-147"
VAT, VAT_SUM = "BT-117", "BT-110"
DUE, REMITTANCE, MEANS, NOT_DEFINED = "BT-9", "BT-83", "BT-81", "1"
_INSTRUCTIONS = ("BT-82", "BG-17", "BG-18", "BG-19")

TAX_POINT = "BT-8"
TAX_POINTS = {"5": "3", "29": "35", "72": "432"}
"""From the codes of a cross industry invoice (UNTDID 2475) to those of UBL (UNTDID 2005): CEN/TS 16931-3-2 and -3-3."""


def invoice_as_ubl(opened: OpenedFile) -> OpenedFile:
    """Write an invoice that is given as its terms as UBL 2.1, without what is embedded in it, for those who judge it.

    Raises:
        DocumentError: no invoice has such terms.
        UnsupportedFormat: its profile is one of a cross industry invoice, with rules of its own.
        ReaderMissing: what writes XML is not installed.
    """
    terms = typed_terms(opened.data, opened.file)
    if (profile := profile_of(terms.get("BT-24", ""))) not in (EN16931, BASIC):
        raise UnsupportedFormat(
            f"the rules of the profile {profile} judge a cross industry invoice alone",
            action="Check the file that this was read from.",
        )
    try:
        from hanse_documents.syntax import ubl_writing, xml  # noqa: PLC0415 (lxml is an extra: not all install it)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "lxml":
            raise
        raise ReaderMissing("lxml, which writes XML, is not installed", action=INSTALL) from error
    kept = {name: text for name, text in terms.items() if not name.rpartition("/")[2].startswith(EMBEDDED)}
    written = ubl_writing.write_ubl(kept | _what_ubl_needs(kept))
    return OpenedFile(file=opened.file, data=written, root=xml.open_xml(written, opened.file))


def _what_ubl_needs(terms: Mapping[str, str]) -> dict[str, str]:
    """Give what UBL's structure asks for where EN 16931 does not, and what says nothing new.

    A gross price has a discount beside it, of nothing; what VAT comes to is the sum of its categories; a day on which a
    credit note is due, and what a payer is to name, stand with a means of payment, which is not defined. The codes of
    the day of the tax are others.
    """
    needed = {}
    for name in terms:
        line, _, term = name.rpartition("/")
        if term == GROSS and line.startswith(f"{LINE}/") and f"{line}/{DISCOUNT}" not in terms:
            needed[f"{line}/{DISCOUNT}"] = "0"
    categories = [text for name, text in terms.items() if name.rpartition("/")[2] == VAT]
    if categories and VAT_SUM not in terms:
        # Where one of them is no number, the reader has said so.
        with suppress(InvalidOperation):
            needed[VAT_SUM] = f"{sum(map(Decimal, categories)):f}"
    instructed = any(name.startswith(_INSTRUCTIONS) for name in terms)
    beside = REMITTANCE in terms or (terms.get("BT-3") in CREDIT_CODES and DUE in terms)
    if beside and MEANS not in terms and not instructed:
        needed[MEANS] = NOT_DEFINED
    if terms.get(TAX_POINT) in TAX_POINTS:
        needed[TAX_POINT] = TAX_POINTS[terms[TAX_POINT]]
    return needed
