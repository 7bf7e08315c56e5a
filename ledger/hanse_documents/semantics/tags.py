"""Tags of invoices: the same for the same invoice, and nothing to whoever has not the key. See docs/formats/tags.md."""

import hmac
import unicodedata
from collections.abc import Mapping
from typing import Protocol

from hanse_documents.model.errors import DocumentError
from hanse_ledger.values.figures import decimal_text

FORM = "hanse.tag/1"
NUMBERED = ("lei", "vat", "eori")
"""The numbers of a legal identity that say by themselves who it is, in the order in which the first one is taken."""


class Tagged(Protocol):
    """What of an invoice goes into its tags: a document that was read has it, and so has a request."""

    @property
    def currency(self) -> str:
        """BT-5."""
        ...

    @property
    def exponent(self) -> int:
        """Decimal places of `payable_minor`."""
        ...

    @property
    def issued(self) -> str:
        """BT-2."""
        ...

    @property
    def number(self) -> str:
        """BT-1."""
        ...

    @property
    def payable_minor(self) -> int:
        """BT-115, in minor units."""
        ...


def legal_number(identity: Mapping[str, str]) -> str:
    """Name a party by the first of LEI, VAT, EORI, and its number in a register of its country.

    Raises:
        DocumentError: its identity has none of them.
    """
    for name in NUMBERED:
        if folded(identity.get(name, "")):
            return f"{name}:{folded(identity[name])}"
    register, country = folded(identity.get("register", "")), folded(identity.get("country", ""))
    if register and country:
        return f"register:{country}:{register}"
    raise DocumentError(
        "identity",
        seen=", ".join(sorted(identity)),
        wanted="lei, vat or eori, or register with country",
        action="A party whose invoices shall have tags is enrolled with one of these: --term lei=….",
    )


def tag_text(document: Tagged, seller: Mapping[str, str], buyer: Mapping[str, str]) -> bytes:
    """Write what a tag is made over.

    Args:
        document: the invoice.
        seller: the enrolled identity of its seller.
        buyer: that of its buyer.

    Raises:
        DocumentError: an identity has no number, or the invoice's number has no letter and no digit.
    """
    number = folded(document.number)
    if not number:
        raise DocumentError("BT-1", seen=document.number, wanted="a number with a letter or a digit")
    amount = decimal_text(document.payable_minor, document.exponent)
    whole = amount.rstrip("0").rstrip(".") if "." in amount else amount
    lines = (
        FORM,
        legal_number(seller),
        legal_number(buyer),
        number,
        document.issued,
        document.currency,
        whole,
    )
    return "\n".join(lines).encode()


def tag_value(key: bytes, text: bytes) -> bytes:
    """Make the value of a tag: HMAC-SHA-256 under the key of an epoch."""
    return hmac.digest(key, text, "sha256")


def folded(text: str) -> str:
    """Keep the letters and digits of a text in their compatible form (NFKC), in capitals: what is printed otherwise."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())
