"""Messages that banks send each other and their customers, written from what the ledger says of a payment."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from hanse_client.base.errors import DocumentError, InvalidInput, UnsupportedDocument
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import PaymentView
from hanse_client.base.views import RecordView
from hanse_client.exchange.reading import show, walk_records
from hanse_client.exchange.session import Session
from hanse_documents import DocumentError as Unwritten
from hanse_documents import UnsupportedFormat
from hanse_documents.model.documents import Charge, Direction, MessageKind, Money, PaymentDocument, PaymentReport
from hanse_documents.semantics.checkdigits import verify_iban
from hanse_documents.semantics.values import account_of
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, CorrectPayment, RejectPayment
from hanse_ledger.kinds.payment.state import PaymentState
from hanse_ledger.values.moments import moment_words


class BankMessage(StrEnum):
    """What can be written: how a payment fares, or what was booked by it."""

    NOTIFICATION = "camt.054"
    STATUS = "pacs.002"


# ExternalPaymentTransactionStatus1Code: ACCC is settled on the creditor's account, ACSP under way.
STATUSES: Mapping[PaymentState, str] = {
    PaymentState.ACCEPTED: "ACSP",
    PaymentState.CONFIRMED: "ACCC",
    PaymentState.INSTRUCTED: "RCVD",
    PaymentState.REJECTED: "RJCT",
    PaymentState.WITHDRAWN: "CANC",
}


async def bank_message(session: Session, payment: Id, kind: BankMessage | str, *, account: str | None) -> bytes:
    """Write a message: see `AsyncPayments.message`."""
    if kind not in set(BankMessage):
        raise InvalidInput(f"{str(kind)[:80]!r} is not written.", f"It is one of: {', '.join(BankMessage)}.")
    name = parse_id(payment, "payment")
    view = await show(session, name, PaymentView)
    records = [record async for record in walk_records(session, name, PaymentView)]
    known = _known(session, view, records)
    try:
        # What reads and writes XML is an extra, and loaded where it is needed.
        from hanse_documents.syntax.iso.writing import write_notification, write_status  # noqa: PLC0415 (an extra)

        if kind == BankMessage.STATUS:
            return write_status([_status(view, records, known)], created=records[0].time_ms)
        confirmed, body = _confirmation(view, records)
        return write_notification([_notice(view, confirmed, body, known, account)], created=confirmed.time_ms)
    except ModuleNotFoundError as error:
        raise UnsupportedDocument(
            "This installation writes no XML.", "Install hanse with its extra `documents`."
        ) from error
    except UnsupportedFormat as error:
        raise UnsupportedDocument(f"{error.seen}.", error.action) from error
    except Unwritten as error:
        raise DocumentError(
            f"The {kind} cannot be written: {error.faults[0]}.",
            error.action,
            field=error.field,
            seen=error.seen,
            wanted=error.wanted,
            faults=error.faults,
        ) from error


def _status(view: PaymentView, records: list[RecordView], known: PaymentDocument | None) -> PaymentReport:
    status = STATUSES.get(view.status.state)
    if status is None:
        raise InvalidInput(
            f"No status of ISO 20022 says that a payment is {_words(view)}.",
            "Of what was credited write a camt.054.",
        )
    uetr, end_to_end = view.links.uetr, known.end_to_end if known else None
    if uetr is None and end_to_end is None:
        raise InvalidInput(
            "Nothing names the payment to a bank: it has no UETR, and no message of it is kept here.",
            "Write it where the payment was confirmed.",
        )
    bodies = (body for record in records for body in record.bodies)
    transfer = known if known is not None and known.kind is MessageKind.CREDIT_TRANSFER else None
    return PaymentReport(
        amount=_money(view, view.amounts.amount_minor),
        end_to_end=end_to_end,
        instruction_id=known.instruction_id if known else None,
        kind=MessageKind.STATUS,
        message=_identifier(records[0]),
        original_kind=None if transfer is None else transfer.kind.value,
        original_message=None if transfer is None else transfer.message,
        reasons=tuple(body.reason for body in bodies if isinstance(body, RejectPayment) and body.payment == view.id),
        stated=None if view.status.accepted is None else moment_words(view.status.accepted),
        status=status,
        transaction_id=known.transaction_id if known else None,
        uetr=uetr,
    )


def _confirmation(view: PaymentView, records: list[RecordView]) -> tuple[RecordView, ConfirmPayment | CorrectPayment]:
    """Find the newest confirmation, or the correction of it."""
    bodies = ((record, body) for record in records for body in reversed(record.bodies))
    found = next(
        (
            (record, body)
            for record, body in bodies
            if isinstance(body, ConfirmPayment | CorrectPayment) and body.payment == view.id
        ),
        None,
    )
    if found is None:
        raise InvalidInput(
            f"Nothing was credited by this payment: it is {_words(view)}.",
            "Write its status: --as pacs.002.",
        )
    return found


def _notice(
    view: PaymentView,
    confirmed: RecordView,
    body: ConfirmPayment | CorrectPayment,
    known: PaymentDocument | None,
    account: str | None,
) -> PaymentDocument:
    """Say what was credited: by the record, with what the message said besides that it was confirmed from."""
    charges = tuple(
        Charge(
            agent=charge.agent,
            amount_minor=charge.amount_minor,
            bearer=None if charge.bearer is None else charge.bearer.value,
            currency=view.amounts.currency,
            exponent=view.amounts.minor_digits,
            included=True,
        )
        for charge in body.charges
    )
    plain = PaymentDocument(
        amount_minor=body.credited_minor,
        booked=moment_words(confirmed.time_ms)[:10],
        currency=view.amounts.currency,
        direction=Direction.CREDIT,
        exponent=view.amounts.minor_digits,
        kind=MessageKind.NOTIFICATION,
        message="",
    )
    number = None if account is None else account_of(account)
    is_iban = number is not None and number[:2].isalpha() and number[2:4].isdecimal()
    if is_iban and number is not None:
        _verify_iban(number)
    base = known or plain
    instructed = body.credited_minor + sum(charge.amount_minor for charge in charges)
    return replace(
        base,
        amount_minor=body.credited_minor,
        booked=base.booked or plain.booked,
        charges=charges,
        contradiction=None,
        creditor_account=base.creditor_account if number is None else None if is_iban else number,
        creditor_iban=base.creditor_iban if number is None else number if is_iban else None,
        direction=Direction.CREDIT,
        instructed=_money(view, instructed) if charges else base.instructed,
        kind=MessageKind.NOTIFICATION,
        message=_identifier(confirmed),
        status="BOOK",
        uetr=view.links.uetr or base.uetr,
    )


def _verify_iban(number: str) -> None:
    """Refuse a mistyped IBAN: a payment would be looked for on an account that nobody has. Raises DocumentError."""
    try:
        verify_iban(number, "account")
    except Unwritten as error:
        raise DocumentError(
            f"The account {number[:34]} looks like an IBAN, and is none.",
            "Type it as the bank writes it: its check digits tell a mistyped one.",
            field="account",
            seen=error.seen,
            wanted=error.wanted,
        ) from error


def _known(session: Session, view: PaymentView, records: Sequence[RecordView]) -> PaymentDocument | None:
    """Give the transaction that the payment was confirmed by, the newest whose opening is kept here."""
    kept = session.openings.newest(view.id, [(record.id, record.bodies) for record in records])
    return None if kept is None else payment_of_terms(kept.opening.terms)


def payment_of_terms(terms: Mapping[str, str]) -> PaymentDocument:
    """Make the payment of which these are the terms: the other way of `documents.terms`."""
    fields: dict[str, object] = {}
    for name, text in terms.items():
        *way, last = name.split("/")
        inner: dict[str, object] = fields
        for step in way:
            below = inner.setdefault(step, {})
            assert isinstance(below, dict), "a name is a text or a group, never both"
            inner = below
        inner[last] = text
    return msgspec.convert(_listed(fields), PaymentDocument, strict=False)


def _listed(value: object) -> object:
    """Turn groups that are counted from 1 into lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(each) for name, each in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _money(view: PaymentView, minor: int) -> Money:
    return Money(amount_minor=minor, currency=view.amounts.currency, exponent=view.amounts.minor_digits)


def _words(view: PaymentView) -> str:
    return view.status.state.value.replace("-", " ")


def _identifier(record: RecordView) -> str:
    """Name a message by its record, in 32 letters: an id there has at most 35, so that 24 bytes must do."""
    return urlsafe_b64encode(bytes(record.id)[:24]).decode()
