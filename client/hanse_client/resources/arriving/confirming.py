"""Confirming credits from a bank's message: one payment that is named, or each transaction of a statement."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from hanse_client.base.errors import NotFound, Refused
from hanse_client.base.files import read_booked, read_payments, read_source
from hanse_client.base.objects import PaymentView
from hanse_client.base.printing import Printed
from hanse_client.base.views import Receipt
from hanse_client.exchange.listing import Sought, find_objects, list_objects
from hanse_client.exchange.once import place_of, sign_opening, submit_once
from hanse_client.exchange.ownparties import acting_member
from hanse_client.exchange.reading import fetch_record, show, walk_records
from hanse_client.exchange.session import Session
from hanse_client.home.openings import KeptOpening, Opening, new_opening
from hanse_client.home.unsettled import without_chance
from hanse_client.resources.arriving.arrivals import arrival_of, find_transaction
from hanse_client.resources.arriving.matching import Match, match_transactions
from hanse_documents.model.documents import PaymentDocument, terms
from hanse_ledger.kinds.payment.banks import confirms
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, PaymentCharge
from hanse_ledger.kinds.payment.state import PaymentAmounts
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import MemberId, ObjectId, Uetr
from hanse_ledger.wire.catalogue import CommittedKind

Read = tuple[bytes, str]
"""A file that was read: its bytes and its name."""


class ConfirmationOutcome(StrEnum):
    """What became of one transaction of a message."""

    CONFIRMED = "confirmed"
    EXISTS = "exists"
    NOT_MATCHED = "not matched"
    REFUSED = "refused"


class Confirmation(Printed, frozen=True, kw_only=True):
    """What became of one transaction: of which payment it is, and by what; or why it confirms none.

    `place` is its number in the message from 1, `amount` and `names` are what the message says of it.
    """

    place: int
    outcome: ConfirmationOutcome
    amount: str
    names: tuple[str, ...] = ()
    payment: ObjectId | None = None
    matched_by: str = ""
    reason: str = ""
    receipt: Receipt | None = None


class Arrived(Struct, frozen=True):
    """What a message shows of a payment, and how its terms are opened."""

    credited_minor: int
    charges: tuple[PaymentCharge, ...]
    opening: Opening


def arrived_by(
    message: PaymentDocument,
    amounts: PaymentAmounts,
    uetr: Uetr | None,
    read: Read,
    charges: Sequence[PaymentCharge],
    *,
    partial: bool,
) -> Arrived:
    """Take from a message, whose file was read, what it shows of a payment. Raises DocumentError."""
    credited, taken = arrival_of(message, amounts, uetr, charges, partial=partial)
    return Arrived(credited, taken, _opening(message, read))


def _opening(message: PaymentDocument, read: Read) -> Opening:
    return new_opening(CommittedKind.PAYMENT, read[0], terms(message), name=read[1], discoverable=False)


async def confirm_one(
    session: Session,
    payment: ObjectId,
    file: Path | str | bytes,
    *,
    transaction: str | int | None,
    charges: Sequence[PaymentCharge],
    partial: bool,
) -> Receipt:
    """Confirm one payment: see `AsyncPayments.confirm`."""
    read = read_source(file)
    messages, findings = read_payments(*read)

    async def make() -> Signed:
        # Looked at only now: what was sent before has taken what was under way.
        view = await show(session, payment, PaymentView)
        message = find_transaction(messages, view.amounts, view.links.uetr, transaction, partial=partial)
        arrived = arrived_by(message, view.amounts, view.links.uetr, read, charges, partial=partial)
        return await sign_opening(session, _body(asked, view, arrived), arrived.opening)

    # The file as such, since what it says of the payment follows from how that stands.
    asked = _asked(payment, read, charges, partial=partial)
    place = await place_of(session, asked, (), read[0], repr(transaction).encode())
    return replace(await submit_once(session, place, make), findings=findings)


async def confirm_each(
    session: Session,
    file: Path | str | bytes,
    instructing: Sequence[Path | str | bytes],
    *,
    partial: bool,
    by_amount: bool,
) -> AsyncIterator[Confirmation]:
    """Confirm what a message shows, transaction by transaction: see `AsyncPayments.confirm_all`."""
    read = read_source(file)
    transactions = read_booked(*read)
    told = [payment for source in instructing for payment in read_payments(*read_source(source))[0]]
    member = await acting_member(session)
    kept = _kept(session, read[0])
    standing = await _standing(session, member, kept, transactions, partial=partial)
    payments = [
        view
        async for view in list_objects(session, PaymentView, Sought(open=True, whose=member))
        if confirms(view.links) == member and view.amounts.under_way_minor
    ]
    waiting = [each for place, each in enumerate(transactions, 1) if place not in standing]
    matches = iter(match_transactions(waiting, payments, told, partial=partial, by_amount=by_amount))
    for place, transaction in enumerate(transactions, 1):
        if place in standing:
            yield _said(place, transaction, ConfirmationOutcome.EXISTS, payment=standing[place])
            continue
        match = next(matches)
        if match.payment is None or match.reason:
            yield await _unmatched(session, member, match, place)
            continue
        yield await _confirmed(session, match, place, read, partial=partial)


async def _confirmed(session: Session, match: Match, place: int, read: Read, *, partial: bool) -> Confirmation:
    """Send the confirmation of a matched transaction; what the rules refuse hinders no other."""
    view, transaction = match.payment, match.transaction
    assert view is not None, "what is not matched is not sent"
    arrived = Arrived(match.credited_minor, match.charges, _opening(transaction, read))

    async def make() -> Signed:
        now = await show(session, view.id, PaymentView) if partial else view
        return await sign_opening(session, _body(asked, now, arrived), arrived.opening)

    asked = _asked(view.id, read, (), partial=partial and match.total_minor < view.amounts.under_way_minor)
    kept_at = await place_of(session, asked, (), read[0], repr(place).encode())
    by = "" if match.by is None else match.by.value
    try:
        receipt = await submit_once(session, kept_at, make)
    except Refused as error:
        outcome = ConfirmationOutcome.REFUSED
        return _said(place, transaction, outcome, payment=view.id, matched_by=by, reason=error.message)
    outcome = ConfirmationOutcome.CONFIRMED
    return _said(place, transaction, outcome, payment=view.id, matched_by=by, receipt=receipt)


async def _unmatched(session: Session, member: MemberId, match: Match, place: int) -> Confirmation:
    """Say why a transaction confirms nothing; one whose payment was confirmed before, from elsewhere, stands."""
    transaction, payment = match.transaction, None if match.payment is None else match.payment.id
    by = "" if match.by is None else match.by.value
    if payment is None and transaction.uetr and not match.reason.startswith("no booked credit"):
        async for view in find_objects(session, PaymentView, "payment_of_uetr", transaction.uetr):
            if confirms(view.links) != member:
                continue
            if view.amounts.arrived_minor and view.amounts.last_credited_minor == transaction.amount_minor:
                return _said(place, transaction, ConfirmationOutcome.EXISTS, payment=view.id, matched_by="UETR")
            reason = f"nothing of payment {view.id.hex()} is under way: it is {view.status.state.value}"
            return _said(place, transaction, ConfirmationOutcome.NOT_MATCHED, payment=view.id, reason=reason)
    outcome = ConfirmationOutcome.NOT_MATCHED
    return _said(place, transaction, outcome, payment=payment, matched_by=by, reason=match.reason)


def _said(
    place: int,
    transaction: PaymentDocument,
    outcome: ConfirmationOutcome,
    *,
    payment: ObjectId | None = None,
    matched_by: str = "",
    reason: str = "",
    receipt: Receipt | None = None,
) -> Confirmation:
    ids = (transaction.end_to_end, transaction.uetr, transaction.bank_reference)
    return Confirmation(
        place=place,
        outcome=outcome,
        amount=money_text(transaction.amount_minor, transaction),
        names=tuple(
            dict.fromkeys([*(name for name in ids if name), *transaction.documents, *transaction.references()])
        ),
        payment=payment,
        matched_by=matched_by,
        reason=reason,
        receipt=receipt,
    )


def _asked(payment: ObjectId, read: Read, charges: Sequence[PaymentCharge], *, partial: bool) -> ConfirmPayment:
    """Say what is asked for, without what only the payment as it stands will tell."""
    unread = new_opening(CommittedKind.PAYMENT, read[0], {}, name=read[1], discoverable=False)
    return ConfirmPayment(
        charges=tuple(charges),
        conditions=(),
        credited_minor=0,
        debit=None,
        document=without_chance(unread),
        partial=partial,
        payload=None,
        payment=payment,
    )


def _body(asked: ConfirmPayment, view: PaymentView, arrived: Arrived) -> ConfirmPayment:
    return replace(
        asked,
        charges=arrived.charges,
        conditions=tuple(condition.object for condition in view.links.conditions),
        credited_minor=arrived.credited_minor,
        debit=view.amounts.debit,
        document=arrived.opening.commitment(),
    )


def _key(transaction: PaymentDocument) -> frozenset[tuple[str, str]]:
    return frozenset(terms(transaction).items())


def _kept(session: Session, data: bytes) -> dict[frozenset[tuple[str, str]], list[KeptOpening]]:
    """List what was made of this very file here before, by what each transaction says."""
    kept: dict[frozenset[tuple[str, str]], list[KeptOpening]] = {}
    for each in session.openings.of_file(hash_bytes(data)):
        kept.setdefault(frozenset(each.opening.terms.items()), []).append(each)
    return kept


async def _standing(
    session: Session,
    member: MemberId,
    kept: dict[frozenset[tuple[str, str]], list[KeptOpening]],
    transactions: Sequence[PaymentDocument],
    *,
    partial: bool,
) -> dict[int, ObjectId]:
    """Tell of which transactions the confirmations stand already, and of which payment each is.

    Of a payment in parts each confirmation stands for one transaction of its amount.
    """
    standing: dict[int, ObjectId] = {}
    before: dict[str, list[tuple[ObjectId, Counter[int]]]] = {}
    for place, transaction in enumerate(transactions, 1):
        if partial and transaction.uetr:
            if transaction.uetr not in before:
                before[transaction.uetr] = [each async for each in _credited(session, member, transaction.uetr)]
            for payment, credited in before[transaction.uetr]:
                if credited[transaction.amount_minor]:
                    credited[transaction.amount_minor] -= 1
                    standing[place] = payment
        elif (found := await _stands(session, kept, transaction)) is not None:
            standing[place] = found
    return standing


async def _credited(session: Session, member: MemberId, uetr: str) -> AsyncIterator[tuple[ObjectId, Counter[int]]]:
    """Count by amount what was confirmed of the payments of a UETR that a member confirms."""
    async for view in find_objects(session, PaymentView, "payment_of_uetr", uetr):
        if confirms(view.links) == member:
            bodies = [body async for each in walk_records(session, view.id, PaymentView) for body in each.bodies]
            confirmed = (body for body in bodies if isinstance(body, ConfirmPayment) and body.payment == view.id)
            yield view.id, Counter(body.credited_minor for body in confirmed)


async def _stands(
    session: Session, kept: dict[frozenset[tuple[str, str]], list[KeptOpening]], transaction: PaymentDocument
) -> ObjectId | None:
    """Tell of which payment what was made of a transaction before stands: an opening is kept before it is sent."""
    for each in kept.get(_key(transaction), []):
        try:
            await fetch_record(session, each.record)
        except NotFound:
            continue
        return each.object
    return None
