"""Papers of the sample's seller and buyer that are no samples: made of the shipped invoice."""

from hanse_documents.samples import sample

_RENAMED = (
    ("ubl:schema:xsd:Invoice-2", "ubl:schema:xsd:CreditNote-2"),
    ("<Invoice ", "<CreditNote "),
    ("</Invoice>", "</CreditNote>"),
    ("  <cbc:DueDate>2026-10-17</cbc:DueDate>\n", ""),
    ("<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>", "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>"),
    ("InvoicedQuantity", "CreditedQuantity"),
    ("cac:InvoiceLine", "cac:CreditNoteLine"),
)

NUMBER, PAYABLE = "QW-2026-0917", '<cbc:PayableAmount currencyID="EUR">5150.00'


def invoice_paper(number: str = NUMBER, *, issued: str = "2026-09-17", prepaid: str = "", payable: str = "") -> str:
    """Write the sample invoice with another number, or day; of a part of it, where the rest is prepaid."""
    xml = sample("invoice.xml").decode().replace(NUMBER, number).replace("2026-09-17", issued)
    if prepaid:
        paid = f'<cbc:PrepaidAmount currencyID="EUR">{prepaid}</cbc:PrepaidAmount>'
        xml = xml.replace(PAYABLE, f'{paid}<cbc:PayableAmount currencyID="EUR">{payable}')
    return xml


def credit_note_paper(
    number: str, payable: str, prepaid: str, *, of: str | None = NUMBER, currency: str = "EUR", code: str = "381"
) -> str:
    """Write a credit note for the goods of the sample: `payable` and `prepaid` are 5150.00 together.

    Args:
        number: its own (BT-1).
        payable: what it credits (BT-115).
        prepaid: what it has credited before (BT-113).
        of: the number of the invoice that it corrects (BT-25), or nothing.
        currency: of all its amounts.
        code: its type (BT-3).
    """
    xml = invoice_paper(number, prepaid=prepaid, payable=payable)
    for old, new in _RENAMED:
        assert old in xml
        xml = xml.replace(old, new)
    if of is not None:
        reference = f"<cac:InvoiceDocumentReference><cbc:ID>{of}</cbc:ID></cac:InvoiceDocumentReference>"
        after = "  </cac:OrderReference>\n"
        assert after in xml
        xml = xml.replace(after, f"{after}  <cac:BillingReference>{reference}</cac:BillingReference>\n", 1)
    xml = xml.replace(">381<", f">{code}<")
    return xml if currency == "EUR" else xml.replace(">EUR<", f">{currency}<").replace('"EUR"', f'"{currency}"')
