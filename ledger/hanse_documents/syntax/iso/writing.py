"""Writing messages: a notification of what was booked (camt.054), a report of how payments fare (pacs.002).

What is written is read back as it was, and its structure is judged as that of any message: what does not fit it is
refused.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone

from lxml import etree

from hanse_documents.model.documents import Charge, Direction, MessageKind, Money, PaymentDocument, PaymentReport
from hanse_documents.model.errors import DocumentError, Examiner, UnsupportedFormat
from hanse_documents.syntax.iso.structure import verify_structure
from hanse_ledger.values.figures import decimal_text
from hanse_ledger.values.types import Moment

NOTIFICATION, STATUS = "camt.054.001.08", "pacs.002.001.10"
"""The versions that are written: the oldest that have a place for the UETR, which all who read later ones read."""

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)
_CODE = re.compile(r"[A-Z0-9]{1,4}", re.ASCII)
_ACT = "Write the message by hand, or correct what it is made of."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _MessageElement:
    """An element that is being written; what has no value is left out."""

    def __init__(self, element: etree._Element, namespace: str) -> None:
        self.element, self._namespace = element, namespace

    def add(self, path: str, text: str | None = None, **attributes: str) -> "_MessageElement":
        """Write an element, and those on the way to it anew; its text where it has one."""
        element = self.element
        for step in path.split("/"):
            element = etree.SubElement(element, f"{self._namespace}{step}")
        element.text = text
        for name, value in attributes.items():
            element.set(name, value)
        return _MessageElement(element, self._namespace)

    def maybe(self, path: str, text: str | None) -> None:
        """Write an element if there is something to write."""
        if text is not None:
            self.add(path, text)

    def money(self, path: str, money: Money | PaymentDocument | Charge) -> None:
        """Write an amount with its currency; what is below zero is written by its direction."""
        text = decimal_text(abs(money.amount_minor), money.exponent)
        self.add(path, text, Ccy=money.currency)


def write_notification(payments: Sequence[PaymentDocument], *, created: Moment) -> bytes:
    """Write what was booked to one account as a camt.054, an entry a payment.

    Args:
        payments: of one message, and of one account; each with that account.
        created: when the message is written.

    Raises:
        DocumentError: there is no account, there are several, one contradicts itself, or a value does not fit.
        UnsupportedFormat: what judges the structure is not installed.
    """
    if not payments:
        raise DocumentError("Ntry", seen="no payment", wanted="at least one", action=_ACT)
    document = _document(NOTIFICATION)
    message = document.add("BkToCstmrDbtCdtNtfctn")
    header = message.add("GrpHdr")
    header.add("MsgId", payments[0].message)
    header.add("CreDtTm", _moment_text(created))
    notification = message.add("Ntfctn")
    notification.add("Id", payments[0].message)
    notification.add("CreDtTm", _moment_text(created))
    _account(notification, "Acct", *_booked_to(payments))
    for payment in payments:
        _entry(notification.add("Ntry"), payment)
    return _finished(document, NOTIFICATION)


def write_status(reports: Sequence[PaymentReport], *, created: Moment) -> bytes:
    """Write how payments fare as a pacs.002.

    Args:
        reports: of one message; each names its payment, or the original message as a whole.
        created: when the message is written.

    Raises:
        DocumentError: there is none, or a value does not fit.
        UnsupportedFormat: what judges the structure is not installed.
    """
    if not reports:
        raise DocumentError("TxInfAndSts", seen="no payment", wanted="at least one", action=_ACT)
    document = _document(STATUS)
    message = document.add("FIToFIPmtStsRpt")
    header = message.add("GrpHdr")
    header.add("MsgId", reports[0].message)
    header.add("CreDtTm", _moment_text(created))
    for report in reports:
        named = (report.uetr, report.end_to_end, report.instruction_id, report.transaction_id)
        if any(named):
            _transaction(message.add("TxInfAndSts"), report)
        else:
            _whole(message.add("OrgnlGrpInfAndSts"), report)
    return _finished(document, STATUS)


def _document(definition: str) -> _MessageElement:
    namespace = f"{_NAMESPACE}{definition}"
    return _MessageElement(etree.XML(f'<Document xmlns="{namespace}"/>'), f"{{{namespace}}}")


def _finished(document: _MessageElement, definition: str) -> bytes:
    """Judge what was written, and give its bytes."""
    examiner = Examiner()
    valid = verify_structure(document.element, definition[:8], definition[9:], examiner)
    if valid is None:
        raise UnsupportedFormat(
            f"A {definition} cannot be written: what judges its structure is not installed",
            action="Install hanse with its extra `documents`.",
        )
    if not valid:
        raise DocumentError.of(examiner.findings, _ACT)
    etree.indent(document.element)
    return etree.tostring(document.element, encoding="UTF-8", xml_declaration=True) + b"\n"


def _booked_to(payments: Iterable[PaymentDocument]) -> tuple[str | None, str | None]:
    """Name the account that payments were booked to, by its IBAN or otherwise."""
    accounts = {_own_account(payment) for payment in payments}
    if len(accounts) > 1 or accounts & {(None, None)}:
        listed = ", ".join(iban or other or "none" for iban, other in sorted(accounts, key=str))
        raise DocumentError("Acct", seen=listed, wanted="the one account of all payments", action=_ACT)
    return next(iter(accounts))


def _own_account(payment: PaymentDocument) -> tuple[str | None, str | None]:
    if payment.direction is Direction.CREDIT or payment.returned or payment.reversal:
        return payment.creditor_iban, payment.creditor_account
    return payment.debtor_iban, payment.debtor_account


def _entry(entry: _MessageElement, payment: PaymentDocument) -> None:
    if payment.contradiction is not None or payment.amount_minor < 0:
        seen = payment.contradiction or decimal_text(payment.amount_minor, payment.exponent)
        raise DocumentError("Ntry/Amt", seen=seen, wanted="an amount that was booked", action=_ACT)
    entry.money("Amt", payment)
    entry.add("CdtDbtInd", payment.direction.value)
    if payment.reversal:
        entry.add("RvslInd", "true")
    status = payment.status or "BOOK"
    entry.add("Sts/Cd" if _CODE.fullmatch(status) else "Sts/Prtry", status)
    _date(entry, "BookgDt", payment.booked, payment.booked_at)
    _date(entry, "ValDt", payment.valued, payment.valued_at)
    entry.add("BkTxCd")
    _detail(entry.add("NtryDtls/TxDtls"), payment)


def _detail(detail: _MessageElement, payment: PaymentDocument) -> None:
    references = detail.add("Refs")
    references.maybe("AcctSvcrRef", payment.bank_reference)
    references.maybe("InstrId", payment.instruction_id)
    references.add("EndToEndId", payment.end_to_end or "NOTPROVIDED")
    references.maybe("UETR", payment.uetr)
    references.maybe("TxId", payment.transaction_id)
    detail.money("Amt", payment)
    detail.add("CdtDbtInd", payment.direction.value)
    if payment.instructed is not None:
        detail.money("AmtDtls/InstdAmt/Amt", payment.instructed)
    _charges(detail, payment.charges)
    parties = _MessageElement(etree.Element("parties"), detail._namespace)  # noqa: SLF001 (of its own class)
    for party, name, iban, other in (
        ("Dbtr", payment.debtor_name, payment.debtor_iban, payment.debtor_account),
        ("Cdtr", payment.creditor_name, payment.creditor_iban, payment.creditor_account),
    ):
        parties.maybe(f"{party}/Pty/Nm", name)
        _account(parties, f"{party}Acct", iban, other)
    _adopt(detail, "RltdPties", parties)
    agents = _MessageElement(etree.Element("agents"), detail._namespace)  # noqa: SLF001 (of its own class)
    _agent(agents, "DbtrAgt", payment.debtor_agent)
    _agent(agents, "CdtrAgt", payment.creditor_agent)
    _adopt(detail, "RltdAgts", agents)
    _remittance(detail, payment)
    if payment.returned:
        back = detail.add("RtrInf")
        if payment.reason is not None:
            back.add("Rsn/Cd" if _CODE.fullmatch(payment.reason) else "Rsn/Prtry", payment.reason)


def _adopt(parent: _MessageElement, name: str, made: _MessageElement) -> None:
    """Put what was made into an element of its own, if anything was."""
    if len(made.element):
        parent.add(name).element.extend(list(made.element))


def _charges(detail: _MessageElement, charges: Sequence[Charge]) -> None:
    if not charges:
        return
    all_of_them = detail.add("Chrgs")
    for charge in charges:
        record = all_of_them.add("Rcrd")
        record.money("Amt", charge)
        record.add("CdtDbtInd", "CRDT" if charge.amount_minor < 0 else "DBIT")
        if charge.included is not None:
            record.add("ChrgInclInd", "true" if charge.included else "false")
        record.maybe("Br", charge.bearer)
        _agent(record, "Agt", charge.agent)


def _account(parent: _MessageElement, name: str, iban: str | None, other: str | None) -> None:
    if iban is not None:
        parent.add(f"{name}/Id/IBAN", iban)
    elif other is not None:
        parent.add(f"{name}/Id/Othr/Id", other)


def _agent(parent: _MessageElement, name: str, agent: str | None) -> None:
    """Write an agent as it was read: a BIC, a clearing system and a number there, a number alone, or a name."""
    if agent is None:
        return
    bank = parent.add(f"{name}/FinInstnId")
    system, parted, member = agent.partition(":")
    if _BIC.fullmatch(agent):
        bank.add("BICFI", agent)
    elif parted:
        clearing = bank.add("ClrSysMmbId")
        clearing.add("ClrSysId/Cd", system)
        clearing.add("MmbId", member)
    else:
        bank.add("ClrSysMmbId/MmbId" if agent.isdecimal() else "Nm", agent)


def _remittance(detail: _MessageElement, payment: PaymentDocument) -> None:
    if not (payment.unstructured or payment.documents or payment.references()):
        return
    remittance = detail.add("RmtInf")
    for text in payment.unstructured:
        remittance.add("Ustrd", text)
    if payment.documents:
        paid = remittance.add("Strd")
        for number in payment.documents:
            paid.add("RfrdDocInf/Nb", number)
    for reference in payment.references():
        remittance.add("Strd/CdtrRefInf/Ref", reference)


def _transaction(status: _MessageElement, report: PaymentReport) -> None:
    if report.original_message is not None:
        original = status.add("OrgnlGrpInf")
        original.add("OrgnlMsgId", report.original_message)
        original.add("OrgnlMsgNmId", report.original_kind or MessageKind.CREDIT_TRANSFER.value)
    status.maybe("OrgnlInstrId", report.instruction_id)
    status.maybe("OrgnlEndToEndId", report.end_to_end)
    status.maybe("OrgnlTxId", report.transaction_id)
    status.maybe("OrgnlUETR", report.uetr)
    status.maybe("TxSts", report.status)
    _reasons(status, report)
    status.maybe("AccptncDtTm", report.stated)
    if report.amount is not None or report.valued is not None:
        original = status.add("OrgnlTxRef")
        if report.amount is not None:
            original.money("IntrBkSttlmAmt", report.amount)
        original.maybe("IntrBkSttlmDt", report.valued)


def _whole(status: _MessageElement, report: PaymentReport) -> None:
    status.add("OrgnlMsgId", report.original_message)
    status.add("OrgnlMsgNmId", report.original_kind or MessageKind.CREDIT_TRANSFER.value)
    status.maybe("GrpSts", report.status)
    _reasons(status, report)


def _reasons(status: _MessageElement, report: PaymentReport) -> None:
    """Write the reasons, each by itself; what is said besides stands with the first."""
    for place, reason in enumerate(report.reasons or ((None,) if report.information else ())):
        because = status.add("StsRsnInf")
        if reason is not None:
            because.add("Rsn/Cd" if _CODE.fullmatch(reason) else "Rsn/Prtry", reason)
        for text in report.information if place == 0 else ():
            because.add("AddtlInf", text)


def _date(entry: _MessageElement, name: str, day: str | None, moment: Moment | None) -> None:
    """Write a date; a moment in a zone in which its day is the one that was stated."""
    if moment is None:
        entry.maybe(f"{name}/Dt", day)
        return
    for hours in (0, *range(1, 15), *range(-1, -13, -1)):
        text = _moment_text(moment, hours)
        if day is None or text.startswith(day):
            entry.add(f"{name}/DtTm", text)
            return
    entry.add(f"{name}/DtTm", _moment_text(moment))


def _moment_text(moment: Moment, hours: int = 0) -> str:
    when = (_EPOCH + timedelta(milliseconds=moment)).astimezone(timezone(timedelta(hours=hours)))
    return when.isoformat(timespec="milliseconds" if moment % 1_000 else "seconds")
