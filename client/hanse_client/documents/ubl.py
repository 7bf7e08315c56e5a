"""Reading invoices in UBL 2.1 (OASIS; ISO/IEC 19845) as EN 16931 binds them."""

import binascii
from hashlib import sha256

from lxml import etree

from hanse_client.documents.en16931 import Branch, invoice_of
from hanse_client.documents.errors import DocumentError, UnsupportedFormat
from hanse_client.documents.ubl_terms import GROUPS, HEADER, NAMESPACES, Group, Term, compiled
from hanse_client.documents.xml import name_of, open_xml
from hanse_ledger.documents import InvoiceDocument

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"

ATTACHMENT = "BT-125"
"""An embedded document: too large for a term, so that its SHA-256 stands for it."""

Variables = dict[str, str]


def read_ubl(data: bytes, name: str = "") -> InvoiceDocument:
    """Read a UBL invoice.

    Raises:
        DocumentError: not well-formed, or not an invoice as EN 16931 asks for.
        UnsupportedFormat: a UBL document of another type, such as a credit note, or no UBL at all.
    """
    return read_ubl_root(open_xml(data, name), name)


def read_ubl_root(root: etree._Element, name: str = "") -> InvoiceDocument:
    """Read a UBL invoice that is open already. Raises as `read_ubl` does."""
    namespace, kind = name_of(root)
    if (namespace, kind) == (CREDIT_NOTE, "CreditNote"):
        raise UnsupportedFormat(
            f"{name or 'file'} is a UBL credit note",
            action="This release registers invoices alone; keep the credit note with the invoice that it corrects.",
        )
    if (namespace, kind) != (INVOICE, "Invoice"):
        what = f"a UBL {kind}" if namespace.startswith(UBL) else f"{kind} in {namespace or 'no namespace'}"
        raise UnsupportedFormat(f"{name or 'file'} is {what}", action="Give a UBL 2.1 Invoice.")
    invoice = branch_of(root)
    _verify_currencies(root, invoice)
    return invoice_of(invoice)


def branch_of(root: etree._Element) -> Branch:
    """Collect the terms of an invoice, or of a part of one, without judging them.

    Raises:
        DocumentError: a term stands twice with different texts, or is no simple text.
    """
    codes = {term.name: _text(term, root, "", {}) for term in HEADER if term.name in {"BT-5", "BT-6"}}
    variables = {"currency": codes["BT-5"] or "", "tax_currency": codes["BT-6"] or ""}
    return _branch("", root, HEADER, GROUPS, variables)


def _branch(
    prefix: str, element: etree._Element, terms: tuple[Term, ...], groups: tuple[Group, ...], variables: Variables
) -> Branch:
    texts = {term.name: text for term in terms if (text := _text(term, element, prefix, variables))}
    branches = {
        group.name: tuple(
            _branch(f"{prefix}{group.name}/{place}/", child, group.terms, group.groups, variables)
            for place, child in enumerate(_found(group.path, element, variables), 1)
            if isinstance(child, etree._Element)
        )
        for group in groups
    }
    return Branch(prefix, texts, branches)


def _found(path: str, element: etree._Element, variables: Variables) -> list[etree._Element | str]:
    found = compiled(path)(element, **variables)
    assert isinstance(found, list), "the paths of the table select nodes"
    return [node for node in found if isinstance(node, etree._Element | str)]


def _text(term: Term, element: etree._Element, prefix: str, variables: Variables) -> str | None:
    """Give a term's text without the space around it; None where it is absent or empty."""
    name = prefix + term.name
    texts = [_simple(found, name) for found in _found(term.path, element, variables)]
    texts = [text for text in texts if text]
    if term.name == ATTACHMENT:
        texts = [_attachment(text, name) for text in texts]
    if not texts:
        return None
    if term.joined:
        return "\n".join(texts)
    if len(set(texts)) > 1:
        raise DocumentError(name, seen=" and ".join(texts), wanted="one value")
    return texts[0]


def _simple(found: etree._Element | str, name: str) -> str:
    if isinstance(found, str):
        return found.strip()
    if len(found):
        raise DocumentError(name, seen="elements inside it", wanted="a simple text")
    return (found.text or "").strip()


def _attachment(text: str, name: str) -> str:
    try:
        content = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError as error:
        raise DocumentError(name, seen=text, wanted="base64") from error
    return f"sha-256:{sha256(content).hexdigest()}"


def _verify_currencies(root: etree._Element, invoice: Branch) -> None:
    """Refuse amounts in any currency but the invoice's; totals of VAT may also stand in the accounting currency.

    A reader that ignores the attribute would take 100 yen for 100 euros.
    """
    currency = invoice.need("BT-5", "BR-05")
    also_for_vat = {currency, invoice.get("BT-6") or currency}
    cac, cbc = NAMESPACES["cac"], NAMESPACES["cbc"]
    of_vat = set(root.iterfind(f"{{{cac}}}TaxTotal//{{{cbc}}}TaxAmount"))
    of_vat.update(root.iterfind(f"{{{cac}}}TaxTotal//{{{cbc}}}TaxableAmount"))
    for amount in root.iter(f"{{{cbc}}}*"):
        _, kind = name_of(amount)
        if not kind.endswith("Amount"):
            continue
        seen = amount.get("currencyID") or "no currency"
        if seen not in (also_for_vat if amount in of_vat else {currency}):
            raise DocumentError(f"{kind}/@currencyID", seen=seen, wanted=f"{currency}, the currency of BT-5")
