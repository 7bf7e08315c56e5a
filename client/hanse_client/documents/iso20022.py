"""Reading payments from ISO 20022 messages: pacs.008 credit transfers and camt.054 notifications, of any version.

Messages come bare or inside envelopes (a business application header, an operator's wrapper). Elements are found by
their local names inside the one `Document`, because the versions differ in namespace and, here and there, in depth.
"""

import re

from lxml import etree

from hanse_client.documents import values
from hanse_client.documents.errors import DocumentError, UnsupportedFormat
from hanse_client.documents.xml import name_of, open_xml
from hanse_ledger.documents import Direction, MessageKind, PaymentDocument

PAYMENTS = 10_000
"""The most payments that one message may hold."""

_MESSAGE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.([0-9]{3}\.[0-9]{2})", re.ASCII)
_HEADER = "urn:iso:std:iso:20022:tech:xsd:head.001.001."
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_NOT_PROVIDED = "NOTPROVIDED"

_READ_HERE = "Give a pacs.008 credit transfer or a camt.054 credit notification."


def read_iso20022(data: bytes, name: str = "") -> tuple[PaymentDocument, ...]:
    """Read the payments that a pacs.008 or camt.054 message tells of.

    Raises:
        DocumentError: not well-formed, or an element is missing or wrong.
        UnsupportedFormat: another message, or no ISO 20022 message at all.
    """
    return read_iso20022_root(open_xml(data, name), name)


def read_iso20022_root(root: etree._Element, name: str = "") -> tuple[PaymentDocument, ...]:
    """Read a message that is open already. Raises as `read_iso20022` does."""
    document, definition, version = _document(root, name)
    if definition not in set(MessageKind):
        raise UnsupportedFormat(f"{name or 'file'} holds the message {definition}", action=_READ_HERE)
    _verify_header(root, f"{definition}.{version}")
    match MessageKind(definition):
        case MessageKind.CREDIT_TRANSFER:
            payments = _credit_transfers(document)
        case MessageKind.NOTIFICATION:
            payments = _notifications(document)
    if not payments:
        raise DocumentError(definition, seen="no payment", wanted="at least one")
    return payments


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


def _credit_transfers(document: etree._Element) -> tuple[PaymentDocument, ...]:
    message = _need(document, "FIToFICstmrCdtTrf")
    transfers = _all(message, "CdtTrfTxInf")
    _bound(len(transfers), "CdtTrfTxInf")
    whole_settled = _text(message, "GrpHdr/IntrBkSttlmDt")
    payments = []
    for place, transfer in enumerate(transfers, 1):
        where = f"CdtTrfTxInf[{place}]"
        amount_minor, currency, exponent = _amount(_need(transfer, "IntrBkSttlmAmt", where), where)
        settled = _text(transfer, "IntrBkSttlmDt") or whole_settled
        payments.append(
            PaymentDocument(
                amount_minor=amount_minor,
                creditor_agent=_bic(transfer, "CdtrAgt", where),
                creditor_iban=_iban(transfer, "CdtrAcct/Id/IBAN", where),
                creditor_name=_text(transfer, "Cdtr/Nm"),
                creditor_reference=_text(transfer, "RmtInf/Strd/CdtrRefInf/Ref"),
                currency=currency,
                debtor_agent=_bic(transfer, "DbtrAgt", where),
                debtor_name=_text(transfer, "Dbtr/Nm"),
                direction=Direction.CREDIT,
                documents=_texts(transfer, "RmtInf/Strd/RfrdDocInf/Nb"),
                end_to_end=_end_to_end(transfer, "PmtId/EndToEndId"),
                exponent=exponent,
                kind=MessageKind.CREDIT_TRANSFER,
                message=_need_text(message, "GrpHdr/MsgId"),
                uetr=_uetr(transfer, "PmtId/UETR", where),
                unstructured=_texts(transfer, "RmtInf/Ustrd"),
                valued=settled and values.day_of(settled, f"{where}/IntrBkSttlmDt"),
            )
        )
    return tuple(payments)


def _notifications(document: etree._Element) -> tuple[PaymentDocument, ...]:
    message = _need(document, "BkToCstmrDbtCdtNtfctn")
    payments: list[PaymentDocument] = []
    for notification in _all(message, "Ntfctn"):
        for place, entry in enumerate(_all(notification, "Ntry"), 1):
            details: list[etree._Element | None] = [*_all(entry, "NtryDtls/TxDtls")] or [None]
            _bound(len(payments) + len(details), "Ntry")
            payments.extend(
                _notified(message, notification, entry, detail, f"Ntry[{place}]", alone=len(details) == 1)
                for detail in details
            )
    return tuple(payments)


def _notified(
    message: etree._Element,
    notification: etree._Element,
    entry: etree._Element,
    detail: etree._Element | None,
    where: str,
    *,
    alone: bool,
) -> PaymentDocument:
    """Read one entry, or one transaction of an entry that books several together."""
    told = entry if detail is None else detail
    own = None if detail is None else _one(detail, "Amt", where)
    if own is None and detail is not None:
        own = _one(detail, "AmtDtls/TxAmt/Amt", where)
    if own is None and not alone:
        raise DocumentError(f"{where}/NtryDtls/TxDtls/Amt", seen="nothing", wanted="the amount of each transaction")
    amount_minor, currency, exponent = _amount(own if own is not None else _need(entry, "Amt", where), where)
    direction = _direction(told, where) or _direction(entry, where)
    if direction is None:
        raise DocumentError(f"{where}/CdtDbtInd", seen="nothing", wanted="CRDT or DBIT")
    # The account that the notification is about is the creditor's, unless a transaction says otherwise.
    account = _one(notification, "Acct") if direction is Direction.CREDIT else None
    return PaymentDocument(
        amount_minor=amount_minor,
        booked=_booking_day(entry, "BookgDt", where),
        creditor_agent=_bic(told, "RltdAgts/CdtrAgt", where) or _bic(account, "Svcr", "Acct"),
        creditor_iban=_iban(told, "RltdPties/CdtrAcct/Id/IBAN", where) or _iban(account, "Id/IBAN", "Acct"),
        creditor_name=_party_name(told, "RltdPties/Cdtr") or _text(account, "Ownr/Nm"),
        creditor_reference=_text(told, "RmtInf/Strd/CdtrRefInf/Ref"),
        currency=currency,
        debtor_agent=_bic(told, "RltdAgts/DbtrAgt", where),
        debtor_name=_party_name(told, "RltdPties/Dbtr"),
        direction=direction,
        documents=_texts(told, "RmtInf/Strd/RfrdDocInf/Nb"),
        end_to_end=_end_to_end(told, "Refs/EndToEndId"),
        exponent=exponent,
        kind=MessageKind.NOTIFICATION,
        message=_need_text(message, "GrpHdr/MsgId"),
        reversal=_text(entry, "RvslInd") in {"true", "1"},
        status=_text(entry, "Sts/Cd") or _text(entry, "Sts"),
        uetr=_uetr(told, "Refs/UETR", where),
        unstructured=_texts(told, "RmtInf/Ustrd"),
        valued=_booking_day(entry, "ValDt", where),
    )


def _bound(payments: int, field: str) -> None:
    if payments > PAYMENTS:
        raise DocumentError(field, seen=f"{payments} payments", wanted=f"at most {PAYMENTS} payments in one message")


def _all(element: etree._Element | None, path: str) -> list[etree._Element]:
    """Find elements by local names, whatever their namespace; none in what is not there."""
    if element is None:
        return []
    return element.findall("/".join("{*}" + step for step in path.split("/")))


def _one(element: etree._Element, path: str, where: str = "") -> etree._Element | None:
    """Find an element that stands at most once."""
    found = _all(element, path)
    if len(found) > 1:
        raise DocumentError(f"{where}/{path}".lstrip("/"), seen=f"{len(found)} of them", wanted="one")
    return found[0] if found else None


def _need(element: etree._Element, path: str, where: str = "") -> etree._Element:
    found = _one(element, path, where)
    if found is None:
        raise DocumentError(f"{where}/{path}".lstrip("/"), seen="nothing", wanted="this element")
    return found


def _texts(element: etree._Element | None, path: str) -> tuple[str, ...]:
    """Give the texts of all such elements, without the space around them and without empty ones."""
    return tuple(text for found in _all(element, path) if (text := (found.text or "").strip()))


def _text(element: etree._Element | None, path: str) -> str | None:
    """Give an element's text, None where it is absent or empty; two different ones are refused."""
    texts = set(_texts(element, path))
    if len(texts) > 1:
        raise DocumentError(path, seen=" and ".join(sorted(texts)), wanted="one value")
    return next(iter(texts), None)


def _need_text(element: etree._Element, path: str) -> str:
    text = _text(element, path)
    if text is None:
        raise DocumentError(path, seen="nothing", wanted="this element")
    return text


def _amount(element: etree._Element, where: str) -> tuple[int, str, int]:
    """Read an amount: minor units, currency, exponent."""
    field = f"{where}/{name_of(element)[1]}"
    currency = element.get("Ccy") or ""
    exponent = values.exponent_of(currency, f"{field}/@Ccy")
    text = (element.text or "").strip()
    minor = values.minor_of(text, exponent, field)
    if minor < 0:
        raise DocumentError(field, seen=text, wanted="an amount that is not below zero")
    return minor, currency, exponent


def _direction(element: etree._Element, where: str) -> Direction | None:
    text = _text(element, "CdtDbtInd")
    if text is not None and text not in set(Direction):
        raise DocumentError(f"{where}/CdtDbtInd", seen=text, wanted="CRDT or DBIT")
    return Direction(text) if text else None


def _party_name(element: etree._Element, path: str) -> str | None:
    """Read a party's name, at its newer or its older place."""
    return _text(element, f"{path}/Pty/Nm") or _text(element, f"{path}/Nm")


def _booking_day(entry: etree._Element, path: str, where: str) -> str | None:
    text = _text(entry, f"{path}/Dt") or _text(entry, f"{path}/DtTm")
    return text and values.day_of_moment(text, f"{where}/{path}")


def _bic(element: etree._Element | None, path: str, where: str) -> str | None:
    """Read an agent's BIC, under its newer or its older name; agents named by clearing codes have none."""
    text = _text(element, f"{path}/FinInstnId/BICFI") or _text(element, f"{path}/FinInstnId/BIC")
    if text is not None and not _BIC.fullmatch(text):
        raise DocumentError(f"{where}/{path}/FinInstnId/BICFI", seen=text, wanted="a BIC of 8 or 11 characters")
    return text


def _iban(element: etree._Element | None, path: str, where: str) -> str | None:
    text = _text(element, path)
    if text is not None:
        text = values.account_of(text)
        values.verify_iban(text, f"{where}/{path}")
    return text


def _uetr(element: etree._Element, path: str, where: str) -> str | None:
    text = _text(element, path)
    return text and values.uetr_of(text, f"{where}/{path}")


def _end_to_end(element: etree._Element, path: str) -> str | None:
    """Read the end-to-end id; `NOTPROVIDED` is what ISO 20022 writes where there is none."""
    text = _text(element, path)
    return None if text == _NOT_PROVIDED else text
