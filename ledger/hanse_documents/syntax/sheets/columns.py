"""The columns of a sheet of invoices: the names of EN 16931, and where each stands in an invoice."""

from enum import StrEnum
from typing import NamedTuple


class Cells(StrEnum):
    """What stands in a column's cells, and so how the template forms them."""

    AMOUNT = "decimal number"
    DAY = "date"
    TEXT = "text"


class Column(NamedTuple):
    """A column.

    Attributes:
        name: its heading. Capitals, blanks and marks are no difference; the term is taken in its place.
        term: of the invoice, or of each line (EN 16931-1, 6.3); empty for what is no term.
        place: under which name the invoice has it, after `BG-25/n/` where it is of a line.
        words: what stands in it.
        example: as the template shows it.
        of_line: it belongs to the row's line, and not to the invoice.
        needed: no invoice can be made without it.
        cells: see there.
    """

    name: str
    term: str
    words: str
    example: str
    place: str = ""
    of_line: bool = False
    needed: bool = False
    cells: Cells = Cells.TEXT

    @property
    def stands(self) -> str:
        """Where its text stands in the invoice, or in the line."""
        return self.place or self.term


BUYER, FILE, HS_CODE = "Buyer party", "Invoice file", "HS code"
NUMBER, NET, EXEMPT = "BT-1", "BT-131", ("BT-120", "BT-121")

_OWN = (
    Column(BUYER, "", "The buyer's party in the ledger; --buyer where it is empty", "64 hexadecimal digits"),
    Column(FILE, "", "A file beside the sheet that is the invoice: then no other column is filled", "INV-7.xml"),
)

_INVOICE = (
    Column("Invoice number", NUMBER, "Rows of one number are lines of one invoice", "INV-7", needed=True),
    Column("Invoice issue date", "BT-2", "The day of the invoice", "2026-11-30", needed=True, cells=Cells.DAY),
    Column("Invoice type code", "BT-3", "A code of UNTDID 1001; 380 where it is empty", "380"),
    Column("Invoice currency code", "BT-5", "A code of ISO 4217", "EUR", needed=True),
    Column("Payment due date", "BT-9", "The day on which it is due", "2026-12-30", cells=Cells.DAY),
    Column("Buyer reference", "BT-10", "What the buyer asked to be named", "Spring"),
    Column("Purchase order reference", "BT-13", "The number of the buyer's order", "PO-4471"),
    Column("Payment terms", "BT-20", "In words; needed where no due date is named", "30 days from the invoice's date"),
    Column("Invoice note", "BT-22", "A note to the buyer", "Fragile", place="BG-1/1/BT-22"),
    Column(
        "Preceding Invoice reference",
        "BT-25",
        "The number of the invoice that a credit note (381) corrects",
        "INV-6",
        place="BG-3/1/BT-25",
    ),
    Column("Seller name", "BT-27", "The seller's full name", "Kiln Studio Ltd", needed=True),
    Column("Seller identifier", "BT-29", "An identifier of the seller", "SUP-12", place="BT-29/1/BT-29"),
    Column("Seller legal registration identifier", "BT-30", "The seller's number in its register", "91330106MA0"),
    Column("Seller VAT identifier", "BT-31", "With its country's letters", "BE0999999922"),
    Column("Seller tax registration identifier", "BT-32", "Where it has no VAT identifier", "1234567"),
    Column("Seller address line 1", "BT-35", "The street", "12 Clay Lane"),
    Column("Seller city", "BT-37", "The city", "Antwerpen"),
    Column("Seller post code", "BT-38", "The post code", "2000"),
    Column("Seller country code", "BT-40", "A code of ISO 3166-1", "BE", needed=True),
    Column("Buyer name", "BT-44", "The buyer's full name", "Tafelrood BV", needed=True),
    Column("Buyer identifier", "BT-46", "An identifier of the buyer", "CUS-3"),
    Column("Buyer legal registration identifier", "BT-47", "The buyer's number in its register", "1999999943"),
    Column("Buyer VAT identifier", "BT-48", "With its country's letters", "BE1999999943"),
    Column("Buyer address line 1", "BT-50", "The street", "Vierde Proefstraat 8"),
    Column("Buyer city", "BT-52", "The city", "Antwerpen"),
    Column("Buyer post code", "BT-53", "The post code", "2000"),
    Column("Buyer country code", "BT-55", "A code of ISO 3166-1", "BE", needed=True),
    Column("Actual delivery date", "BT-72", "When the goods were delivered", "2026-11-29", cells=Cells.DAY),
    Column("Deliver to address line 1", "BT-75", "The street, where they go elsewhere", "Kaai 41"),
    Column("Deliver to city", "BT-77", "The city", "Antwerpen"),
    Column("Deliver to post code", "BT-78", "The post code", "2030"),
    Column("Deliver to country code", "BT-80", "A code of ISO 3166-1; needed for VAT category K", "BE"),
    Column("Terms of delivery", "UBL/DeliveryTerms/ID", "A rule of Incoterms", "FCA"),
    Column("Place of delivery", "UBL/DeliveryTerms/Location", "The place that it names", "Ningbo"),
    Column("Payment means type code", "BT-81", "A code of UNTDID 4461; 30 is a credit transfer", "30"),
    Column("Remittance information", "BT-83", "What the buyer names when it pays", "RF24QW20260917"),
    Column("Payment account identifier", "BT-84", "The IBAN", "BE68539007547034", place="BG-17/1/BT-84"),
    Column("Payment account name", "BT-85", "Whose account it is", "Kiln Studio Ltd", place="BG-17/1/BT-85"),
    Column("Payment service provider identifier", "BT-86", "The BIC", "HNSABEB0XXX", place="BG-17/1/BT-86"),
    Column("Paid amount", "BT-113", "What was paid before", "100.00", cells=Cells.AMOUNT),
)

_LINE = (
    Column("Invoice line identifier", "BT-126", "1, 2, … where it is empty", "1", of_line=True),
    Column("Item name", "BT-153", "What is sold", "Dinner plate", of_line=True, needed=True),
    Column("Item description", "BT-154", "More of it", "Porcelain, 27 cm", of_line=True),
    Column("Item Seller's identifier", "BT-155", "The seller's number of the item", "QW-P27", of_line=True),
    Column("Item Buyer's identifier", "BT-156", "The buyer's number of the item", "4711", of_line=True),
    Column(HS_CODE, "BT-158", "Its code in the Harmonized System", "691110", place="BT-158/1/BT-158", of_line=True),
    Column("Item country of origin", "BT-159", "A code of ISO 3166-1", "CN", of_line=True),
    Column("Invoiced quantity", "BT-129", "How many", "120", of_line=True, needed=True, cells=Cells.AMOUNT),
    Column(
        "Invoiced quantity unit of measure code", "BT-130", "UN/ECE Recommendation 20", "C62", of_line=True, needed=True
    ),
    Column("Item net price", "BT-146", "Of one, without VAT", "18.50", of_line=True, needed=True, cells=Cells.AMOUNT),
    Column("Item price base quantity", "BT-149", "The price is that of so many", "1", of_line=True, cells=Cells.AMOUNT),
    Column(
        "Invoice line net amount",
        NET,
        "Quantity by price where it is empty",
        "2220.00",
        of_line=True,
        cells=Cells.AMOUNT,
    ),
    Column("Invoiced item VAT category code", "BT-151", "S, Z, E, AE, K, G or O", "S", of_line=True, needed=True),
    Column("Invoiced item VAT rate", "BT-152", "Per cent; empty for O", "21", of_line=True, cells=Cells.AMOUNT),
    Column("VAT exemption reason text", EXEMPT[0], "Needed for E, AE, K, G and O", "Export of goods", of_line=True),
    Column("VAT exemption reason code", EXEMPT[1], "Or its code, VATEX", "VATEX-EU-G", of_line=True),
)

COLUMNS = (*_OWN, *_INVOICE, *_LINE)
"""All of them, in the order of the template."""


def folded(heading: str) -> str:
    """Give a heading as it is compared: small letters and digits alone."""
    return "".join(letter for letter in heading.casefold() if letter.isalnum())


BY_HEADING = {folded(heading): column for column in COLUMNS for heading in (column.name, column.term) if heading}
"""Which column a heading means: by its name, or by its term."""
