"""Which member acts for a bank: itself, or where it is none the other one, which receives its messages."""

import re

from hanse_ledger.kinds.payment.state import PaymentLinks
from hanse_ledger.values import patterns
from hanse_ledger.values.types import Bank, MemberId

_BIC = re.compile(patterns.BIC)


def is_member(bank: Bank) -> bool:
    """Tell whether a bank is named as a member; one that is none is named by its BIC."""
    return _BIC.fullmatch(bank) is None


def confirms(links: PaymentLinks) -> MemberId:
    """Name the member that says what has been credited."""
    return links.payee_bank if is_member(links.payee_bank) else links.payer_bank


def carries(links: PaymentLinks) -> MemberId:
    """Name the member that says whether the payment is carried out."""
    return links.payer_bank if is_member(links.payer_bank) else links.payee_bank
