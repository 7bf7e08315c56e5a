"""What the values of a typed document tell: what no reader makes is refused, what every reader finds is found again.

For documents that come as JSON of their own fields, and were read before: each is held to what the reader of its kind
would have made of a file. An invoice is made anew of its terms, and needs none of this.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from hanse_documents.model.carriage import DeclarationDocument, TransportDocument
from hanse_documents.model.documents import (
    CertificateDocument,
    CertificateGoods,
    Charge,
    Direction,
    DocumentParty,
    MessageKind,
    Money,
    PaymentDocument,
    PaymentReport,
)
from hanse_documents.model.errors import DocumentError, Examiner, FaultWeight
from hanse_documents.semantics import values
from hanse_documents.semantics.checkdigits import verify_bic, verify_iban, verify_reference
from hanse_documents.semantics.codes import verify_country, verify_unit
from hanse_documents.semantics.profiles import verify_profile
from hanse_ledger.values import limits
from hanse_ledger.values.dates import DAY_MS, end_of, start_of
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Moment

Several = TypeVar("Several", PaymentDocument, PaymentReport)

PAYMENTS = 10_000
"""The most payments that one message may hold."""

BEARERS = frozenset({"DEBT", "CRED", "SHAR", "SLEV"})
"""Who bears charges (ISO 20022 ChargeBearerType1Code)."""

TRANSFERS: Mapping[MessageKind, Direction] = {
    MessageKind.CREDIT_TRANSFER: Direction.CREDIT,
    MessageKind.INITIATION: Direction.CREDIT,
    MessageKind.RETURN: Direction.DEBIT,
}
"""Messages that move money, and whom each of their payments credits or debits: its creditor."""

BOOKINGS = frozenset({MessageKind.NOTIFICATION, MessageKind.STATEMENT})
REPORTS = frozenset({MessageKind.CANCELLATION, MessageKind.RESOLUTION, MessageKind.STATUS})

_OF_BOOKINGS = ("bank_reference", "booked", "booked_at", "contradiction", "status", "valued_at")
_WHEN = "a date, or one with a time, as this field has it"


def examine_certificate(paper: CertificateDocument, where: str, examiner: Examiner) -> None:
    """Judge a certificate of origin."""
    _need(paper.number, f"{where}/number", examiner)
    _day(paper.issued, f"{where}/issued", examiner)
    if paper.issued_at is not None and not _within_day(paper.issued_at, paper.issued):
        wanted = f"a moment of the day of issue, {paper.issued}" if paper.issued else "none without a day of issue"
        examiner.refuse(f"{where}/issued_at", seen=str(paper.issued_at), wanted=wanted)
    _period(paper, where, examiner)
    for name in ("exporter", "consignee", "issuer"):
        _party(getattr(paper, name), f"{where}/{name}", examiner)
    for name in ("export_country", "import_country"):
        _country(getattr(paper, name), f"{where}/{name}", examiner)
    _counted(paper.lines, 1, f"{where}/lines", examiner)
    for place, line in enumerate(paper.lines, 1):
        _certified(line, f"{where}/lines/{place}", examiner)
    if not examiner.faults:
        verify_profile(paper, examiner)


def examine_transport(paper: TransportDocument, where: str, examiner: Examiner) -> None:
    """Judge a paper of carriage."""
    for name in ("issued", "loaded"):
        _day(getattr(paper, name), f"{where}/{name}", examiner)
    for name in ("carrier", "consignee", "consignor"):
        _known_party(getattr(paper, name), f"{where}/{name}", examiner)
    _known_country(paper.import_country, f"{where}/import_country", examiner)
    for place, line in enumerate(paper.lines, 1):
        _known_country(line.origin, f"{where}/lines/{place}/origin", examiner)


def examine_declaration(paper: DeclarationDocument, where: str, examiner: Examiner) -> None:
    """Judge a customs declaration."""
    _need(paper.number, f"{where}/number", examiner)
    _day(paper.issued, f"{where}/issued", examiner)
    for name in ("declarant", "exporter", "importer"):
        _known_party(getattr(paper, name), f"{where}/{name}", examiner)
    for name in ("export_country", "import_country"):
        _known_country(getattr(paper, name), f"{where}/{name}", examiner)
    _money(paper.invoice_amount, f"{where}/invoice_amount", examiner)
    _counted(paper.lines, 1, f"{where}/lines", examiner)
    for place, line in enumerate(paper.lines, 1):
        _known_country(line.origin, f"{where}/lines/{place}/origin", examiner)
        _money(line.charge, f"{where}/lines/{place}/charge", examiner)


def examine_payments(payments: Sequence[PaymentDocument], where: str, examiner: Examiner) -> None:
    """Judge the payments of one message."""
    _of_one_message(payments, where, examiner)
    for place, payment in enumerate(payments, 1):
        here = f"{where}/{place}"
        if payment.kind in TRANSFERS:
            _transfer(payment, here, examiner)
        elif payment.kind not in BOOKINGS:
            examiner.refuse(f"{here}/kind", seen=payment.kind.value, wanted="a message that tells of payments itself")
        _payment(payment, here, examiner)


def examine_reports(reports: Sequence[PaymentReport], where: str, examiner: Examiner) -> None:
    """Judge what one message says of payments."""
    _of_one_message(reports, where, examiner)
    if not reports:
        examiner.refuse(where, seen="nothing", wanted="at least one")
    for place, report in enumerate(reports, 1):
        here = f"{where}/{place}"
        if report.kind not in REPORTS:
            examiner.refuse(f"{here}/kind", seen=report.kind.value, wanted="a message that says how a payment fares")
        _money(report.amount, f"{here}/amount", examiner, least=0)
        if report.uetr is not None:
            examiner.check(values.verify_uetr, report.uetr, f"{here}/uetr")
        _day(report.valued, f"{here}/valued", examiner)


def _of_one_message(several: Sequence[Several], where: str, examiner: Examiner) -> None:
    if len(several) > PAYMENTS:
        examiner.refuse(where, seen=f"{len(several):,}", wanted=f"at most {PAYMENTS:,} payments in one message")
    for place, each in enumerate(several, 1):
        first = several[0]
        _need(each.message, f"{where}/{place}/message", examiner)
        if each.kind is not first.kind:
            examiner.refuse(f"{where}/{place}/kind", seen=each.kind.value, wanted=f"{first.kind.value}, as the first")
        if each.message != first.message:
            examiner.refuse(f"{where}/{place}/message", seen=each.message, wanted=f"{first.message}, as the first")


def _transfer(payment: PaymentDocument, where: str, examiner: Examiner) -> None:
    """Judge what a message that moves money says of a payment, and what a booking alone says."""
    direction, returned = TRANSFERS[payment.kind], payment.kind is MessageKind.RETURN
    if payment.direction is not direction:
        examiner.refuse(f"{where}/direction", seen=payment.direction.value, wanted=direction.value)
    if payment.returned is not returned:
        examiner.refuse(f"{where}/returned", seen=str(payment.returned).lower(), wanted=str(returned).lower())
    if payment.amount_minor < 0:
        wanted = "an amount that is not below zero"
        examiner.refuse(f"{where}/amount_minor", seen=str(payment.amount_minor), wanted=wanted)
    for name in (*_OF_BOOKINGS, *(("reversal",) if payment.reversal else ())):
        if (seen := getattr(payment, name)) is not None:
            wanted = f"nothing in a {payment.kind.value}: bookings alone have it"
            examiner.refuse(f"{where}/{name}", seen=str(seen), wanted=wanted)


def _payment(payment: PaymentDocument, where: str, examiner: Examiner) -> None:
    _currency(payment, where, examiner)
    _money(payment.instructed, f"{where}/instructed", examiner, least=0)
    for place, charge in enumerate(payment.charges, 1):
        _charge(charge, f"{where}/charges/{place}", examiner)
    for name in ("booked", "valued"):
        day, moment = getattr(payment, name), getattr(payment, f"{name}_at")
        _day(day, f"{where}/{name}", examiner)
        if moment is not None and day is None:
            examiner.refuse(f"{where}/{name}_at", seen=str(moment), wanted=f"none without a day ({name})")
    for side in ("creditor", "debtor"):
        iban, account = getattr(payment, f"{side}_iban"), getattr(payment, f"{side}_account")
        if iban is not None and account is not None:
            examiner.refuse(f"{where}/{side}_account", seen=account, wanted=f"nothing beside {side}_iban")
        if iban is not None:
            _account(iban, f"{where}/{side}_iban", examiner)
        agent = getattr(payment, f"{side}_agent")
        if agent is not None and agent[:6].isalpha():  # elsewhere it is a clearing number
            examiner.check(verify_bic, agent, f"{where}/{side}_agent")
    if payment.further_references and payment.creditor_reference is None:
        wanted = "nothing without creditor_reference, which is the first"
        examiner.refuse(f"{where}/further_references", seen=payment.further_references[0], wanted=wanted)
    for place, reference in enumerate(payment.references()):
        field = f"further_references/{place}" if place else "creditor_reference"
        examiner.check(verify_reference, reference, f"{where}/{field}")
    if payment.uetr is not None:
        examiner.check(values.verify_uetr, payment.uetr, f"{where}/uetr")
    if payment.contradiction is not None:
        seen, wanted = payment.contradiction, "an entry and transactions that say the same"
        examiner.find(f"{where}/contradiction", seen=seen, wanted=wanted, weight=FaultWeight.FATAL)


def _account(iban: str, field: str, examiner: Examiner) -> None:
    if values.account_of(iban) != iban:
        examiner.refuse(field, seen=iban, wanted=values.account_of(iban) or "an IBAN")
    examiner.check(verify_iban, iban, field)


def _charge(charge: Charge, where: str, examiner: Examiner) -> None:
    _currency(charge, where, examiner)
    if charge.amount_minor == 0:
        examiner.refuse(f"{where}/amount_minor", seen="0", wanted="a charge of something")
    if charge.bearer is not None and charge.bearer not in BEARERS:
        examiner.find(f"{where}/bearer", seen=charge.bearer, wanted=f"one of {', '.join(sorted(BEARERS))}")


def _certified(line: CertificateGoods, where: str, examiner: Examiner) -> None:
    _country(line.origin, f"{where}/origin", examiner)
    if line.unit is not None:
        if line.quantity_micro is None:
            examiner.refuse(f"{where}/unit", seen=line.unit, wanted="nothing without quantity_micro")
        examiner.check(verify_unit, line.unit, f"{where}/unit")


def _period(paper: CertificateDocument, where: str, examiner: Examiner) -> None:
    """Hold the moments from and to which a certificate holds against each other."""
    start = _moment(paper.valid_from, start_of, f"{where}/valid_from", examiner)
    end = _moment(paper.valid_until, end_of, f"{where}/valid_until", examiner)
    if (paper.valid_from is None) != (paper.valid_until is None):
        wanted = "both or neither: from when it holds, and until when"
        examiner.refuse(f"{where}/valid_from", seen=paper.valid_from or "nothing", wanted=wanted)
    if start is not None and end is not None and end <= start:
        examiner.refuse(f"{where}/valid_until", seen=paper.valid_until or "", wanted="an end after its start")


def _moment(text: str | None, read: Callable[[str], Moment], field: str, examiner: Examiner) -> Moment | None:
    if text is None:
        return None
    try:
        return read(text)
    except Malformed:
        examiner.refuse(field, seen=text, wanted=_WHEN)
        return None


def _within_day(moment: Moment, day: str | None) -> bool:
    """Tell whether a moment may be of a calendar day, in whatever zone."""
    try:
        return day is not None and -DAY_MS <= moment - start_of(day) <= 2 * DAY_MS
    except Malformed:
        return False


def _day(text: str | None, field: str, examiner: Examiner) -> None:
    if text is not None:
        examiner.attempt("", values.day_of, text, field)


def _need(text: str, field: str, examiner: Examiner) -> None:
    if not text or text != text.strip():
        examiner.refuse(field, seen=repr(text) if text else "nothing", wanted="a text, without space around it")


def _counted(lines: Sequence[object], least: int, field: str, examiner: Examiner) -> None:
    if not least <= len(lines) <= limits.LINES:
        examiner.refuse(field, seen=f"{len(lines)} lines", wanted=f"{least} to {limits.LINES} lines of goods")


def _party(party: DocumentParty | None, where: str, examiner: Examiner) -> None:
    if party is not None:
        _country(party.country, f"{where}/country", examiner)


def _country(code: str | None, field: str, examiner: Examiner) -> None:
    """Judge a country, where one is said: one that the table does not have is told, as it is of a file."""
    if code and examiner.attempt("", values.country_of, code, field):
        examiner.check(verify_country, code, field)


def _known_party(party: DocumentParty | None, where: str, examiner: Examiner) -> None:
    if party is not None:
        _known_country(party.country, f"{where}/country", examiner)


def _known_country(code: str | None, field: str, examiner: Examiner) -> None:
    """Judge a country of papers of carriage and customs: their readers leave out what the table does not have."""
    if code is not None and examiner.attempt("", values.country_of, code, field):
        examiner.attempt(None, verify_country, code, field)


def _money(money: Money | None, where: str, examiner: Examiner, *, least: int | None = None) -> None:
    if money is None:
        return
    _currency(money, where, examiner)
    if least is not None and money.amount_minor < least:
        wanted = "an amount that is not below zero"
        examiner.refuse(f"{where}/amount_minor", seen=str(money.amount_minor), wanted=wanted)


def _currency(money: Money | Charge | PaymentDocument, where: str, examiner: Examiner) -> None:
    """Hold the decimal places of amounts against those of their currency."""
    try:
        exponent = values.exponent_of(money.currency, f"{where}/currency")
    except DocumentError as error:
        examiner.refuse(error.field, seen=error.seen, wanted=error.wanted)
        return
    if money.exponent != exponent:
        wanted = f"{exponent}, the decimal places of {money.currency}"
        examiner.refuse(f"{where}/exponent", seen=str(money.exponent), wanted=wanted)
