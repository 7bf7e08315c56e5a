"""Identifiers that can be judged, wherever they stand in a message: accounts, banks, parties, references.

What is wrong with one is a finding, and keeps nobody from reading the payment.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from lxml import etree

from hanse_documents.model.errors import FAULTS, Examiner
from hanse_documents.semantics.checkdigits import verify_bic, verify_iban, verify_lei, verify_reference
from hanse_documents.semantics.values import account_of, verify_uetr
from hanse_documents.syntax.iso.placing import path_of

_NOT_PROVIDED = "NOTPROVIDED"


def _verify_account(text: str, field: str) -> None:
    verify_iban(account_of(text), field)


_JUDGED: Mapping[str, Callable[[str, str], None]] = MappingProxyType(
    {
        "AnyBIC": verify_bic,
        "BEI": verify_bic,
        "BIC": verify_bic,
        "BICFI": verify_bic,
        "BICOrBEI": verify_bic,
        "CdtrRef": verify_reference,
        "IBAN": _verify_account,
        "LEI": verify_lei,
        "OrgnlUETR": verify_uetr,
        "Ref": verify_reference,
        "UETR": verify_uetr,
    }
)


def verify_identifiers(message: etree._Element, examiner: Examiner) -> None:
    """Find identifiers whose form or check digits are wrong, by the names of their elements."""
    before = len(examiner.findings)
    for element in message.iter(*(f"{{*}}{name}" for name in _JUDGED)):
        if len(examiner.findings) - before > FAULTS:
            return
        verify = _JUDGED[etree.QName(element).localname]
        text = (element.text or "").strip()
        if text and text.upper() != _NOT_PROVIDED and not _right(verify, text):
            examiner.check(verify, text, path_of(element, message))


def _right(verify: Callable[[str, str], None], text: str) -> bool:
    """Judge without naming the place, which is looked up for what is wrong alone."""
    silent = Examiner()
    silent.check(verify, text, "")
    return not silent.findings
