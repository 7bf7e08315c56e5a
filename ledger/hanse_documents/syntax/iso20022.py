"""Reading payments from ISO 20022 messages: pacs.008 credit transfers and camt.054 notifications, of any version.

Messages come bare or inside envelopes (a business application header, an operator's wrapper). Elements are found by
their local names inside the one `Document`, because the versions differ in namespace and, here and there, in depth.
"""

import re

from lxml import etree

from hanse_documents.model.documents import MessageKind, PaymentDocument
from hanse_documents.model.errors import DocumentError, Examiner, Fault, UnsupportedFormat
from hanse_documents.syntax.iso_elements import Spot
from hanse_documents.syntax.notifications import notifications
from hanse_documents.syntax.transfers import credit_transfers
from hanse_documents.syntax.xml import name_of, open_xml

_MESSAGE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.([0-9]{3}\.[0-9]{2})", re.ASCII)
_HEADER = "urn:iso:std:iso:20022:tech:xsd:head.001.001."
_READ_HERE = "Give a pacs.008 credit transfer or a camt.054 credit notification."


def read_iso20022(data: bytes, name: str = "") -> tuple[PaymentDocument, ...]:
    """Read the payments that a pacs.008 or camt.054 message tells of.

    Raises:
        DocumentError: not well-formed, an element is missing or wrong, or the message contradicts itself; with every
            fault of the message.
        UnsupportedFormat: another message, or no ISO 20022 message at all.
    """
    return read_iso20022_root(open_xml(data, name), name)[0]


def read_iso20022_root(root: etree._Element, name: str = "") -> tuple[tuple[PaymentDocument, ...], tuple[Fault, ...]]:
    """Read a message that is open already: its payments, and what was found in it. Raises as `read_iso20022` does."""
    document, definition, version = _document(root, name)
    if definition not in set(MessageKind):
        raise UnsupportedFormat(f"{name or 'file'} holds the message {definition}", action=_READ_HERE)
    _verify_header(root, f"{definition}.{version}")
    examiner = Examiner()
    spot = Spot(document, "", examiner)
    match MessageKind(definition):
        case MessageKind.CREDIT_TRANSFER:
            payments = tuple(credit_transfers(spot))
        case MessageKind.NOTIFICATION:
            payments = tuple(notifications(spot))
    if not payments and not examiner.faults:
        examiner.refuse(definition, seen="no payment", wanted="at least one")
    return payments, examiner.finish()


def holds_message(root: etree._Element) -> bool:
    """Tell whether an ISO 20022 message, of whatever kind, stands in a file."""
    return bool(_messages(root))


def _messages(root: etree._Element) -> list[tuple[etree._Element, re.Match[str]]]:
    return [
        (element, message)
        for element in root.iter("{*}Document")
        if (message := _MESSAGE.fullmatch(name_of(element)[0])) is not None
    ]


def _document(root: etree._Element, name: str) -> tuple[etree._Element, str, str]:
    """Find the one message in a file, inside whatever envelope; its definition such as `pacs.008`, and its version."""
    found = _messages(root)
    if not found:
        raise UnsupportedFormat(f"{name or 'file'} holds no ISO 20022 message", action=_READ_HERE)
    if len(found) > 1:
        raise UnsupportedFormat(f"{name or 'file'} holds {len(found)} messages", action="Give one message a file.")
    element, message = found[0]
    return element, message[1], message[2]


def _verify_header(root: etree._Element, definition: str) -> None:
    """Refuse an application header that announces another message; market practices add parts behind the version."""
    for header in root.iter("{*}MsgDefIdr"):
        claimed = (header.text or "").strip()
        if name_of(header)[0].startswith(_HEADER) and not f"{claimed}.".startswith(f"{definition}."):
            raise DocumentError("AppHdr/MsgDefIdr", seen=claimed, wanted=f"{definition}, as the Document says")
