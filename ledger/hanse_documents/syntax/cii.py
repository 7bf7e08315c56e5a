"""Reading the UN/CEFACT cross industry invoice (D16B to D22B), as Factur-X, ZUGFeRD 2 and XRechnung use it."""

import re

from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.model.errors import DocumentError, Examiner, Fault
from hanse_documents.semantics.en16931 import CREDIT_CODES, CREDIT_RULES, Rule
from hanse_documents.semantics.invoiceprofiles import RULES_OF_PROFILE, profile_of
from hanse_documents.semantics.typed_invoice import invoice_of
from hanse_documents.syntax.cii_terms import CII_GROUPS, CII_HEADER
from hanse_documents.syntax.ubl import InvoiceTerms
from hanse_documents.syntax.ubl_terms import NAMESPACES, Term
from hanse_documents.syntax.xml import Element, name_of

_NOTE = "BT-22"
_DATES = frozenset({"DateTimeString", "DateString"})
_CENTURY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_CALENDAR = "102"
"""The format CCYYMMDD of UNTDID 2379, the only one that EN 16931 allows."""


def read_cii_root(root: Element, name: str = "") -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    """Read a cross industry invoice; of which type it is, a credit note among them, BT-3 says.

    Raises:
        DocumentError: no typed invoice can be made of it; with every fault.
    """
    return _read(root)


def read_cii_credit_note_root(root: Element, name: str = "") -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    """Read one that must be a credit note. Raises as `read_cii_root` does."""
    return _read(root, {"BR-CL-01": CREDIT_RULES["BR-CL-01"]})


def _read(root: Element, other: dict[str, Rule] | None = None) -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    examiner = Examiner()
    terms = _CrossIndustryTerms(root, examiner, CII_HEADER, CII_GROUPS)
    branch = terms.branch()
    rules = RULES_OF_PROFILE[profile_of(branch.get("BT-24") or "")]
    invoice = invoice_of(branch, examiner, {**rules, **(other or {})})
    terms.verify_currencies()
    return invoice, examiner.finish()


def is_credit_note(document: InvoiceDocument) -> bool:
    """Tell whether an invoice's type makes it a credit note."""
    return document.type_code in CREDIT_CODES


class _CrossIndustryTerms(InvoiceTerms):
    """Terms as this syntax writes them: dates in figures alone, subject codes of notes beside them, few currencies."""

    def verify_currencies(self) -> None:
        """Refuse an amount in another currency than the invoice's; totals of VAT may be in that of accounting."""
        if not self.currency:
            return  # BR-05 is told already
        allowed = {None, self.currency}
        for amount, name in self.amounts.items():
            of_vat = name_of(amount)[1] == "TaxTotalAmount"
            if amount.get("currencyID") not in (allowed | {self.tax_currency} if of_vat else allowed):
                self.verify_currency(amount, name, {self.currency})

    def _text(self, term: Term, element: Element, prefix: str) -> str | None:
        text = super()._text(term, element, prefix)
        code = element.findtext("ram:SubjectCode", None, NAMESPACES) if term.name == _NOTE else None
        # As the binding to UBL writes it, where a note has no element for it.
        return f"#{code.strip()}#{text}" if code and code.strip() and text else text

    def _simple(self, value: Element | str, name: str) -> str:
        text = super()._simple(value, name)
        if isinstance(value, str) or name_of(value)[1] not in _DATES or not text:
            return text
        form = value.get("format") or _CALENDAR
        matched = _CENTURY.fullmatch(text)
        if form != _CALENDAR or matched is None:
            raise DocumentError(name, seen=f"{text} (format {form})", wanted="a calendar date, CCYYMMDD (format 102)")
        return "-".join(matched.groups())
