"""Reading payments from ISO 20022 messages: which are read, and where in them is what, stands in `iso.messagetable`.

Messages come bare or inside envelopes (a business application header, an operator's wrapper). The one `Document` is
what is read; its structure is judged by the schema of its version, its identifiers by their own rules.
"""

import re

from lxml import etree

from hanse_documents.model.documents import MessageKind, PaymentDocument, PaymentReport
from hanse_documents.model.errors import DocumentError, Examiner, Fault, FaultWeight, UnsupportedFormat
from hanse_documents.model.reports import payments_in
from hanse_documents.syntax.iso.bookings import entries
from hanse_documents.syntax.iso.checkedids import verify_identifiers
from hanse_documents.syntax.iso.messagetable import MESSAGES, OLDEST, MessageRow
from hanse_documents.syntax.iso.spots import Spot
from hanse_documents.syntax.iso.statuses import statuses
from hanse_documents.syntax.iso.structure import verify_structure
from hanse_documents.syntax.iso.transfers import places_of, transfers
from hanse_documents.syntax.xml import name_of, open_xml

_MESSAGE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.([0-9]{3}\.[0-9]{2})", re.ASCII)
_HEADER = "urn:iso:std:iso:20022:tech:xsd:head.001.001."
_READ_HERE = f"Give one of these messages: {', '.join(sorted(MESSAGES))}."

_MAY_BE_EMPTY = (MessageKind.NOTIFICATION, MessageKind.STATEMENT)
"""On some days nothing is booked."""

Payments = tuple[PaymentDocument, ...]
Reports = tuple[PaymentReport, ...]


def read_iso20022(data: bytes, name: str = "") -> Payments:
    """Read the payments that a message tells of.

    Raises:
        DocumentError: not well-formed, an element is missing or wrong without which there is no payment; with every
            fault of the message.
        UnsupportedFormat: another message, such as one that says how a payment fares, or no ISO 20022 message at all.
    """
    payments, _ = read_iso20022_root(open_xml(data, name), name)
    return payments_alone(payments, name)


def payments_alone(read: Payments | Reports, name: str = "") -> Payments:
    """Give what was read of a message as payments. Raises UnsupportedFormat: it tells of none itself."""
    payments = payments_in(read)
    if len(payments) < len(read):
        raise UnsupportedFormat(
            f"{name or 'file'} is a {read[0].kind.value}: it says how a payment fares, and tells of none itself",
            action="Give the message of the payment, such as a camt.054.",
        )
    return payments


def read_iso20022_root(root: etree._Element, name: str = "") -> tuple[Payments | Reports, tuple[Fault, ...]]:
    """Read a message that is open already: its payments, or what it says of those of another one; and what was found.

    Raises as `read_iso20022` does.
    """
    document, definition, version = _document(root, name)
    row = MESSAGES.get(definition)
    if row is None:
        raise UnsupportedFormat(f"{name or 'file'} holds the message {definition}", action=_READ_HERE)
    if int(version[-2:]) < OLDEST:
        raise UnsupportedFormat(
            f"{name or 'file'} holds the message {definition}.{version}",
            action=f"Give it in a later version, from {definition}.001.{OLDEST:02} on.",
        )
    _verify_header(root, f"{definition}.{version}")
    examiner = Examiner()
    message = _message(document, row, examiner)
    if message.element is not None:
        verify_identifiers(message.element, examiner)
    payments = _read(row, message)
    if not payments and not examiner.faults and row.kind not in _MAY_BE_EMPTY:
        examiner.refuse(definition, seen="no payment", wanted="at least one")
    return payments, examiner.finish()


def structure_of_message(root: etree._Element, name: str = "") -> tuple[bool | None, tuple[Fault, ...]]:
    """Judge the structure of a message: whether it is as its schema asks, and where it is not.

    Returns:
        None as the verdict where no schema of this version is known here: nobody has looked then. What a payment needs
        is asked for all the same.

    Raises:
        UnsupportedFormat: as `read_iso20022`.
    """
    document, definition, version = _document(root, name)
    examiner = Examiner()
    checked = verify_structure(document, definition, version, examiner)
    row = MESSAGES.get(definition)
    if checked is None and row is not None:
        _not_checked(row, _message(document, row, examiner), f"{definition}.{version}")
    return checked, tuple(dict.fromkeys(examiner.findings))


def _message(document: etree._Element, row: MessageRow, examiner: Examiner) -> Spot:
    spot = Spot(document, "", examiner)
    found = [message for name in row.bodies if (message := spot.one(name)).there]
    return (found[0] if found else spot.need(row.body)).called("")


def _read(row: MessageRow, message: Spot) -> Payments | Reports:
    identifier = message.need_text(row.identifier)
    match row.kind:
        case MessageKind.CREDIT_TRANSFER | MessageKind.INITIATION | MessageKind.RETURN:
            return tuple(transfers(row, message, identifier))
        case MessageKind.NOTIFICATION | MessageKind.STATEMENT:
            return tuple(entries(row, message, identifier))
        case MessageKind.CANCELLATION | MessageKind.RESOLUTION | MessageKind.STATUS:
            return tuple(statuses(row, message, identifier))


def _not_checked(row: MessageRow, message: Spot, definition: str) -> None:
    """Say that nobody has looked at the structure, and ask for what must be there all the same."""
    message.examiner.find(
        "Document",
        seen=definition,
        wanted="a version whose schema is known here: its structure was not checked",
        weight=FaultWeight.NOTE,
    )
    for place in places_of(row, message) if row.needed else ():
        for field in row.needed:
            if not place.first(field).there:
                start, path = place.paths(field)[0]
                message.examiner.find(
                    start.field(path), seen="nothing", wanted="this element", weight=FaultWeight.FATAL
                )


def _messages(root: etree._Element) -> list[tuple[etree._Element, re.Match[str]]]:
    return [
        (element, message)
        for element in root.iter("{*}Document")
        if (message := _MESSAGE.fullmatch(name_of(element)[0])) is not None
    ]


def _document(root: etree._Element, name: str) -> tuple[etree._Element, str, str]:
    """Find the one message in a file, inside whatever envelope; its definition such as `pacs.008`, and its version."""
    messages = _messages(root)
    if not messages:
        raise UnsupportedFormat(f"{name or 'file'} holds no ISO 20022 message", action=_READ_HERE)
    if len(messages) > 1:
        raise UnsupportedFormat(f"{name or 'file'} holds {len(messages)} messages", action="Give one message a file.")
    element, message = messages[0]
    return element, message[1], message[2]


def _verify_header(root: etree._Element, definition: str) -> None:
    """Refuse an application header that announces another message; market practices add parts behind the version."""
    for header in root.iter("{*}MsgDefIdr"):
        claimed = (header.text or "").strip()
        if name_of(header)[0].startswith(_HEADER) and not f"{claimed}.".startswith(f"{definition}."):
            raise DocumentError("AppHdr/MsgDefIdr", seen=claimed, wanted=f"{definition}, as the Document says")
