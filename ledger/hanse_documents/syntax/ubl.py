"""Reading invoices in UBL 2.1 (OASIS; ISO/IEC 19845) as EN 16931 binds them."""

import binascii
from hashlib import sha256

from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.model.errors import SHOWN, DocumentError, Examiner, Fault, UnsupportedFormat
from hanse_documents.semantics.en16931 import Branch
from hanse_documents.semantics.typed_invoice import invoice_of
from hanse_documents.syntax.ubl_terms import GROUPS, HEADER, NAMESPACES, Term, TermGroup, compiled
from hanse_documents.syntax.xml import Element, name_of, open_xml

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"

_ENVELOPE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"

ATTACHMENT = "BT-125"
"""An embedded document: too large for a term, so that its SHA-256 stands for it."""

OF_VAT = frozenset(
    {("BT-110", "TaxAmount"), ("BT-111", "TaxAmount"), ("BT-116", "TaxableAmount"), ("BT-117", "TaxAmount")}
)
"""Terms that may also stand in the currency of VAT accounting, and their elements."""


def read_ubl(data: bytes, name: str = "") -> InvoiceDocument:
    """Read a UBL invoice.

    Raises:
        DocumentError: not well-formed, or not an invoice as EN 16931 asks for; with every fault.
        UnsupportedFormat: a UBL document of another type, such as a credit note, or no UBL at all.
    """
    return read_ubl_root(open_xml(data, name), name)[0]


def read_ubl_root(root: Element, name: str = "") -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    """Read a UBL invoice that is open already, and what was found in it. Raises as `read_ubl` does."""
    root = unwrapped(root)
    namespace, kind = name_of(root)
    if (namespace, kind) == (CREDIT_NOTE, "CreditNote"):
        raise UnsupportedFormat(
            f"{name or 'file'} is a UBL credit note",
            action="This release registers invoices alone; keep the credit note with the invoice that it corrects.",
        )
    if (namespace, kind) != (INVOICE, "Invoice"):
        what = f"a UBL {kind}" if namespace.startswith(UBL) else f"{kind} in {namespace or 'no namespace'}"
        raise UnsupportedFormat(f"{name or 'file'} is {what}", action="Give a UBL 2.1 Invoice.")
    examiner = Examiner()
    terms = _Terms(root, examiner)
    invoice = invoice_of(terms.branch(), examiner)
    terms.verify_currencies()
    return invoice, examiner.finish()


def unwrapped(root: Element) -> Element:
    """Give the one document inside of a Standard Business Document, in which Peppol sends it; else the root itself.

    Source: UN/CEFACT, Standard Business Document Header 1.3; OpenPeppol, Business Message Envelope 2.0.
    """
    if name_of(root) != (_ENVELOPE, "StandardBusinessDocument"):
        return root
    inside = [child for child in root if name_of(child)[0] != _ENVELOPE]
    return inside[0] if len(inside) == 1 else root


def branch_of(root: Element) -> Branch:
    """Collect the terms of an invoice, or of a part of one, without judging them.

    Raises:
        DocumentError: a term stands twice with different texts, or is no simple text.
    """
    examiner = Examiner()
    branch = _Terms(root, examiner).branch()
    examiner.finish()
    return branch


class _Terms:
    """The terms of one invoice, found by the table of places."""

    def __init__(self, root: Element, examiner: Examiner) -> None:
        self._root, self._examiner = root, examiner
        self._amounts: dict[Element, str] = {}
        self._currency, self._tax_currency = "", ""

    def branch(self) -> Branch:
        """Collect all terms."""
        codes = {term.name: self._text(term, self._root, "") or "" for term in HEADER if term.name in {"BT-5", "BT-6"}}
        self._currency, self._tax_currency = codes["BT-5"], codes["BT-6"]
        return self._branch("", self._root, HEADER, GROUPS)

    def verify_currencies(self) -> None:
        """Refuse amounts in any currency but the invoice's; totals of VAT may also stand in the accounting currency.

        A reader that ignores the attribute would take 100 yen for 100 euros. Amounts that are no term of EN 16931, such
        as those in extensions and in `PayableAlternativeAmount`, may be in any: nobody reads them.
        """
        if not self._currency:
            return  # BR-05 is told already
        for amount, name in self._amounts.items():
            self._verify_currency(amount, name, {self._currency})
        also_for_vat = {self._currency, self._tax_currency or self._currency}
        for kind in ("TaxAmount", "TaxableAmount"):
            for amount in self._root.iterfind(f"{{{NAMESPACES['cac']}}}TaxTotal//{{{NAMESPACES['cbc']}}}{kind}"):
                self._verify_currency(amount, kind, also_for_vat)

    def _verify_currency(self, amount: Element, name: str, allowed: set[str]) -> None:
        seen = amount.get("currencyID") or "no currency"
        if seen not in allowed:
            self._examiner.refuse(f"{name}/@currencyID", seen=seen, wanted=f"{self._currency}, the currency of BT-5")

    def _branch(self, prefix: str, element: Element, terms: tuple[Term, ...], groups: tuple[TermGroup, ...]) -> Branch:
        texts = {term.name: text for term in terms if (text := self._text(term, element, prefix))}
        branches = {
            group.name: tuple(
                self._branch(f"{prefix}{group.name}/{place}/", child, group.terms, group.groups)
                for place, child in enumerate(self._found(group.path, element), 1)
                if isinstance(child, Element)
            )
            for group in groups
        }
        return Branch(prefix, texts, branches)

    def _found(self, path: str, element: Element) -> list[Element | str]:
        found = compiled(path)(element, currency=self._currency, tax_currency=self._tax_currency)
        assert isinstance(found, list), "the paths of the table select nodes"
        return [node for node in found if isinstance(node, Element | str)]

    def _text(self, term: Term, element: Element, prefix: str) -> str | None:
        """Give a term's text without the space around it; None where it is absent or empty."""
        name = prefix + term.name
        found = self._found(term.path, element)
        for node in found:
            kind = name_of(node)[1] if isinstance(node, Element) else ""
            if isinstance(node, Element) and kind.endswith("Amount") and (term.name, kind) not in OF_VAT:
                self._amounts[node] = name
        texts = [text for node in found if (text := self._examiner.attempt("", _simple, node, name))]
        if term.name == ATTACHMENT:
            texts = [self._examiner.attempt("", _attachment, text, name) for text in texts]
        if not texts:
            return None
        if term.joined:
            return "\n".join(texts)
        if len(set(texts)) > 1:
            self._examiner.refuse(name, seen=" and ".join(texts), wanted="one value")
        return texts[0]


def _simple(found: Element | str, name: str) -> str:
    if isinstance(found, str):
        return found.strip()
    if len(found):
        raise DocumentError(name, seen="elements inside it", wanted="a simple text")
    return (found.text or "").strip()


def _attachment(text: str, name: str) -> str:
    try:
        content = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError as error:
        raise DocumentError(name, seen=text[:SHOWN], wanted="base64") from error
    return f"sha-256:{sha256(content).hexdigest()}"
