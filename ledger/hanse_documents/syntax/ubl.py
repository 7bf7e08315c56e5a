"""Reading invoices in UBL 2.1 (OASIS; ISO/IEC 19845) as EN 16931 binds them."""

import binascii
from collections.abc import Mapping
from hashlib import sha256

from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.model.errors import SHOWN, DocumentError, Examiner, Fault, UnsupportedFormat
from hanse_documents.model.reports import strict
from hanse_documents.semantics.en16931 import CREDIT_RULES, RULES, Branch, Rule
from hanse_documents.semantics.typed_invoice import invoice_of
from hanse_documents.syntax.ubl_terms import (
    CREDIT_GROUPS,
    CREDIT_HEADER,
    GROUPS,
    HEADER,
    NAMESPACES,
    Term,
    TermGroup,
    compiled,
)
from hanse_documents.syntax.xml import Element, name_of, open_xml

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"

_ENVELOPE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"

ATTACHMENT = "BT-125"
"""An embedded document: too large for a term, so that its SHA-256 stands for it."""

ONE = frozenset(
    {
        "BT-1",
        "BT-2",
        "BT-3",
        "BT-5",
        "BT-6",
        "BT-24",
        "BT-27",
        "BT-44",
        "BT-106",
        "BT-109",
        "BT-110",
        "BT-112",
        "BT-115",
    }
    | {"BT-116", "BT-117", "BT-118", "BT-126", "BT-129", "BT-130", "BT-131", "BT-146", "BT-149", "BT-153"}
)
"""Terms that a document which gives two different ones is not read without."""

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
    return strict(read_ubl_root(open_xml(data, name), name))[0]


def read_ubl_root(root: Element, name: str = "") -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    """Read a UBL invoice that is open already, and what was found in it. Raises as `read_ubl` does."""
    root = unwrapped(root)
    namespace, kind = name_of(root)
    if (namespace, kind) == (CREDIT_NOTE, "CreditNote"):
        raise UnsupportedFormat(
            f"{name or 'file'} is a UBL credit note",
            action="A credit note lowers the invoice that it corrects: hanse invoice credit ID FILE.",
        )
    if (namespace, kind) != (INVOICE, "Invoice"):
        what = f"a UBL {kind}" if namespace.startswith(UBL) else f"{kind} in {namespace or 'no namespace'}"
        raise UnsupportedFormat(f"{name or 'file'} is {what}", action="Give a UBL 2.1 Invoice.")
    return _read(root, HEADER, GROUPS, RULES)


def read_credit_note_root(root: Element, name: str = "") -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    """Read a UBL credit note, or an invoice whose type code makes it one; amounts above zero are credited.

    Raises:
        DocumentError: it is not as EN 16931 asks for, or an invoice that credits nothing; with every fault.
        UnsupportedFormat: neither of the two.
    """
    root = unwrapped(root)
    namespace, kind = name_of(root)
    if (namespace, kind) not in ((CREDIT_NOTE, "CreditNote"), (INVOICE, "Invoice")):
        what = f"a UBL {kind}" if namespace.startswith(UBL) else f"{kind} in {namespace or 'no namespace'}"
        raise UnsupportedFormat(f"{name or 'file'} is {what}", action="Give a UBL 2.1 CreditNote.")
    if kind == "CreditNote":
        return _read(root, CREDIT_HEADER, CREDIT_GROUPS, CREDIT_RULES)
    return _read(root, HEADER, GROUPS, CREDIT_RULES)


def _read(
    root: Element, header: tuple[Term, ...], groups: tuple[TermGroup, ...], rules: Mapping[str, Rule]
) -> tuple[InvoiceDocument, tuple[Fault, ...]]:
    examiner = Examiner()
    terms = InvoiceTerms(root, examiner, header, groups)
    invoice = invoice_of(terms.branch(), examiner, rules)
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


class InvoiceTerms:
    """The terms of one invoice, found by a table of places; of UBL, if none of its ways is another one's."""

    def __init__(
        self, root: Element, examiner: Examiner, header: tuple[Term, ...], groups: tuple[TermGroup, ...]
    ) -> None:
        self.root, self.examiner = root, examiner
        self._header, self._groups = header, groups
        self.amounts: dict[Element, str] = {}
        self.currency, self.tax_currency = "", ""

    def branch(self) -> Branch:
        """Collect all terms."""
        codes = {
            term.name: self._text(term, self.root, "") or "" for term in self._header if term.name in {"BT-5", "BT-6"}
        }
        self.currency, self.tax_currency = codes["BT-5"], codes["BT-6"]
        return self._branch("", self.root, self._header, self._groups)

    def verify_currencies(self) -> None:
        """Refuse amounts in any currency but the invoice's; totals of VAT may also stand in the accounting currency.

        A reader that ignores the attribute would take 100 yen for 100 euros. Amounts that are no term of EN 16931, such
        as those in extensions and in `PayableAlternativeAmount`, may be in any: nobody reads them.
        """
        if not self.currency:
            return  # BR-05 is told already
        for amount, name in self.amounts.items():
            self.verify_currency(amount, name, {self.currency})
        also_for_vat = {self.currency, self.tax_currency or self.currency}
        for kind in ("TaxAmount", "TaxableAmount"):
            for amount in self.root.iterfind(f"{{{NAMESPACES['cac']}}}TaxTotal//{{{NAMESPACES['cbc']}}}{kind}"):
                self.verify_currency(amount, kind, also_for_vat)

    def verify_currency(self, amount: Element, name: str, allowed: set[str]) -> None:
        """Refuse an amount in a currency that is not allowed for it."""
        seen = amount.get("currencyID") or "no currency"
        if seen not in allowed:
            self.examiner.refuse(f"{name}/@currencyID", seen=seen, wanted=f"{self.currency}, the currency of BT-5")

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
        found = compiled(path)(element, currency=self.currency, tax_currency=self.tax_currency)
        assert isinstance(found, list), "the paths of the table select nodes"
        return [node for node in found if isinstance(node, Element | str)]

    def _text(self, term: Term, element: Element, prefix: str) -> str | None:
        """Give a term's text without the space around it; None where it is absent or empty."""
        name = prefix + term.name
        values = self._found(term.path, element)
        for node in values:
            kind = name_of(node)[1] if isinstance(node, Element) else ""
            if isinstance(node, Element) and kind.endswith("Amount") and (term.name, kind) not in OF_VAT:
                self.amounts[node] = name
        texts = [text for node in values if (text := self.examiner.attempt("", self._simple, node, name))]
        if term.name == ATTACHMENT:
            texts = [self.examiner.attempt("", _attachment, text, name) for text in texts]
        if not texts:
            return None
        if term.joined:
            return "\n".join(texts)
        if len(set(texts)) == 1:
            return texts[0]
        # What no invoice is made without has one value; of other terms that stand twice none is believed.
        if term.name in ONE:
            self.examiner.refuse(name, seen=" and ".join(texts), wanted="one value")
            return texts[0]
        self.examiner.find(name, seen=" and ".join(texts), wanted="one value: none of these is taken")
        return None

    def _simple(self, value: Element | str, name: str) -> str:
        if isinstance(value, str):
            return value.strip()
        if len(value):
            raise DocumentError(name, seen="elements inside it", wanted="a simple text")
        return (value.text or "").strip()


def _attachment(text: str, name: str) -> str:
    try:
        content = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError as error:
        raise DocumentError(name, seen=text[:SHOWN], wanted="base64") from error
    return digest_text(content)


def digest_text(content: bytes) -> str:
    """Say which attachment it is: what stands for it as a term."""
    return f"sha-256:{sha256(content).hexdigest()}"
