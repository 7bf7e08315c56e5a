"""Which transaction of a message shows that a payment has arrived, and what was charged on the way.

Messages before version 8 have no place for a UETR, and some never bear one. Then the amount tells which transaction is
meant; where that fits several, the bank says which, because it signs that this one is the payment.
"""

from collections.abc import Sequence

import msgspec

from hanse_client.base.errors import DocumentError
from hanse_client.base.files import read_payments
from hanse_documents.model.documents import Charge, Direction, MessageKind, PaymentDocument
from hanse_ledger.kinds.payment.bodies import PaymentCharge
from hanse_ledger.kinds.payment.state import PaymentAmounts
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.types import Bic, ChargeBearer, Uetr

BOOKED = (None, "BOOK")
"""The statuses of an entry that is booked; a pacs.008 has none."""

LISTED = 8
"""How many transactions a refusal lists."""

SAY_WHICH = (
    "Give the message of this payment, or say which transaction is meant (--transaction): by its end-to-end id, or #1 "
    "for the first."
)


def find_transaction(
    messages: Sequence[PaymentDocument],
    amounts: PaymentAmounts,
    uetr: Uetr | None,
    transaction: str | int | None = None,
    *,
    partial: bool = False,
) -> PaymentDocument:
    """Find the transaction of a message that shows a payment.

    Args:
        messages: the transactions of the message, in its order.
        amounts: the payment's, of which this is under way.
        uetr: the payment's, where it has one.
        partial: whether a part of it may be what has arrived.
        transaction: which one the bank means: a number from 1 or `#1`, or its end-to-end id, UETR, bank's reference,
            creditor reference or invoice number.

    Raises:
        DocumentError: none is of this payment, or several may be; they are listed.
    """
    found = (
        _fitting(messages, amounts, uetr, partial) if transaction is None else _named(messages, amounts, transaction)
    )
    verify_stands(messages, reversals_of(messages), found, named=transaction is not None)
    return found


def reversals_of(messages: Sequence[PaymentDocument]) -> list[PaymentDocument]:
    """List the transactions of a message that take something back."""
    return [message for message in messages if _back(message)]


def verify_stands(
    messages: Sequence[PaymentDocument], reversals: Sequence[PaymentDocument], found: PaymentDocument, *, named: bool
) -> None:
    """Refuse a credit that its own message takes back, or may take back where nobody has named it.

    Args:
        messages: the transactions of the message.
        reversals: those of them that take something back.
        found: the credit.
        named: whether the bank has said that this transaction is meant.

    Raises:
        DocumentError: it does not stand, or that is not clear.
    """
    back = [message for message in reversals if _takes_back(message, found)]
    if back:
        raise DocumentError(
            "The message takes the credit back that it tells of.",
            "Nothing has arrived by this message; wait for one that books the credit.",
            field="RvslInd",
            seen=_listed(messages, back),
            wanted="a credit that stands",
        )
    # Who names the transaction knows that it stands.
    unclear = [message for message in reversals if not named and _may_take_back(message, found)]
    if unclear:
        raise DocumentError(
            "The message takes a credit back that may be this one, and does not say which.",
            "If it is another one, say which transaction stands (--transaction); else nothing has arrived.",
            field="RvslInd",
            seen=_listed(messages, unclear),
            wanted="the references of what was taken back",
        )


def _fitting(
    messages: Sequence[PaymentDocument], amounts: PaymentAmounts, uetr: Uetr | None, partial: bool
) -> PaymentDocument:
    """Find the one transaction that may be the payment, by its UETR, else by what is under way."""
    exact = [message for message in messages if uetr is not None and message.uetr == uetr]
    # One that bears another UETR is another payment.
    possible = exact or [message for message in messages if uetr is None or message.uetr is None]
    fitting = [message for message in possible if _counts(message) and fits_payment(message, amounts, partial=partial)]
    if len(fitting) == 1 or len(possible) == 1:
        return (fitting or possible)[0]
    instructed = f"{'at most ' if partial else ''}{money_text(amounts.under_way_minor, amounts)}"
    wanted = f"one of {instructed}" if uetr is None else f"one of {instructed}, with the UETR {uetr} or without any"
    if fitting:
        raise _unclear(f"{len(fitting)} transactions of the message may be this payment.", messages, fitting, wanted)
    raise _unclear(f"No transaction of the message shows this payment of {instructed}.", messages, messages, wanted)


def arrival_of(
    message: PaymentDocument,
    amounts: PaymentAmounts,
    uetr: Uetr | None,
    named: Sequence[PaymentCharge] = (),
    *,
    partial: bool = False,
) -> tuple[int, tuple[PaymentCharge, ...]]:
    """Tell what a transaction credited, and which charges make up the rest of what is under way, or of this part.

    Args:
        message: the transaction.
        amounts: the payment's, of which this is under way.
        uetr: the payment's, where it has one.
        named: charges that the bank names because the message does not; none of the message's are taken then.
        partial: whether it may be a part: as much as the message says was instructed, or else credited and charged.

    Raises:
        DocumentError: it is no booked credit, another payment's, in another currency, or not all of what was
            instructed is accounted for.
    """
    _require_booked(message)
    if uetr is not None and message.uetr is not None and message.uetr != uetr:
        raise DocumentError(
            "The transaction bears the UETR of another payment.",
            "Give the message of this payment.",
            field="UETR",
            seen=message.uetr,
            wanted=uetr,
        )
    if (message.currency, message.exponent) != (amounts.currency, amounts.minor_digits):
        raise DocumentError(
            f"The {message.kind.value} message tells of another currency than the payment's.",
            "Give the message of this payment.",
            field="currency",
            seen=f"{message.currency} of {message.exponent} decimal places",
            wanted=f"{amounts.currency} of {amounts.minor_digits}",
        )
    due = _due(message, amounts, named) if partial else amounts.under_way_minor
    gap = due - message.amount_minor
    charges = tuple(named) or _explaining(message, due)
    if message.amount_minor < 1 or sum(charge.amount_minor for charge in charges) != gap:
        told = sum(charge.amount_minor for charge in charges) if named else message.charged_minor()
        credited, charged, instructed = (money_text(minor, amounts) for minor in (message.amount_minor, told, due))
        of = "were instructed" if due == amounts.amount_minor else "are under way"
        raise DocumentError(
            f"The amount in the {message.kind.value} message is not that of the payment: {instructed} {of}, "
            f"{credited} credited, {charged} charged.",
            "Give the message of this payment; where banks took charges that it does not tell, name them: --charge, "
            "or charges=…; where a part has arrived, say so: --partial, or partial=True.",
            field="amount",
            seen=f"credited {credited} and charges of {charged}",
            wanted=f"together {instructed}{', as instructed' if due == amounts.amount_minor else ''}",
        )
    return message.amount_minor, charges


def instructed_of(message: PaymentDocument) -> int:
    """Give what a transaction says was instructed, in its own currency: its amount, where it says nothing else."""
    stated = message.instructed
    return stated.amount_minor if stated is not None and stated.currency == message.currency else message.amount_minor


def _due(message: PaymentDocument, amounts: PaymentAmounts, named: Sequence[PaymentCharge]) -> int:
    """Tell of what part a transaction is: as much as was instructed by it, else what was credited and charged."""
    stated, taken = instructed_of(message), sum(charge.amount_minor for charge in named)
    if named or stated == message.amount_minor:
        taken = taken or sum(
            charge.amount_minor
            for charge in _taken(message)
            if charge.currency == message.currency and charge.bearer != ChargeBearer.DEBTOR
        )
        return message.amount_minor + taken
    return min(stated, amounts.under_way_minor)


def _taken(message: PaymentDocument) -> list[Charge]:
    """List the charges that may have been taken out of what a transaction credited."""
    return [charge for charge in message.charges if charge.included is not False and charge.amount_minor > 0]


def _explaining(message: PaymentDocument, due: int) -> tuple[PaymentCharge, ...]:
    """Choose the charges that were taken out of the payment: charges that others bear did not make it smaller."""
    taken, gap = _taken(message), due - message.amount_minor
    for chosen in ([], taken, [charge for charge in taken if charge.bearer != ChargeBearer.DEBTOR]):
        if sum(charge.amount_minor for charge in chosen if charge.currency == message.currency) == gap:
            return tuple(_charge(charge) for charge in chosen if charge.currency == message.currency)
    if gap > 0 and not message.charges and instructed_of(message) == due:
        # The message states both amounts, and no bank says that it was the one.
        return (PaymentCharge(agent=None, amount_minor=gap, bearer=None),)
    return ()


def _charge(charge: Charge) -> PaymentCharge:
    """Take of a charge what stands in a record: of banks their BIC, and no names."""
    return PaymentCharge(
        agent=_bic(charge.agent),
        amount_minor=charge.amount_minor,
        bearer=ChargeBearer(charge.bearer) if charge.bearer in set(ChargeBearer) else None,
    )


def _bic(agent: str | None) -> Bic | None:
    try:
        return msgspec.convert(agent, Bic | None)
    except msgspec.ValidationError:
        return None


def fits_payment(message: PaymentDocument, amounts: PaymentAmounts, *, partial: bool) -> bool:
    """Tell whether a transaction comes to what is under way of a payment, charges on the way included."""
    if (message.currency, message.exponent) != (amounts.currency, amounts.minor_digits):
        return False
    if partial:
        return _due(message, amounts, ()) <= amounts.under_way_minor
    due = amounts.under_way_minor
    return sum(charge.amount_minor for charge in _explaining(message, due)) == due - message.amount_minor


def _counts(message: PaymentDocument) -> bool:
    return (
        message.direction is Direction.CREDIT
        and message.kind is not MessageKind.INITIATION
        and message.contradiction is None
        and not message.reversal
        and not message.returned
        and message.status in BOOKED
    )


def _takes_back(message: PaymentDocument, credit: PaymentDocument) -> bool:
    """Tell whether one transaction of a message takes another one back, in whole or in part.

    Banks repeat some of the references, seldom all. The first id that both bear decides: a UETR that is the same is
    enough, whatever else is not.
    """
    return message is not credit and _back(message) and next(iter(_compared(message, credit).values()), False)


def _may_take_back(message: PaymentDocument, credit: PaymentDocument) -> bool:
    """Tell whether a transaction takes a credit back that may be this one.

    One id of both is the same, though another is not; or it is of the same amount, and no id of both says that it is
    another one. (The bank has a reference for either entry: that they differ says nothing.)
    """
    if message is credit or not _back(message):
        return False
    compared = _compared(message, credit)
    return any(compared.values()) or (
        message.direction is Direction.DEBIT
        and message.status in BOOKED
        and not compared.keys() & {"uetr", "end_to_end"}
        and message.currency == credit.currency
        and message.amount_minor in (credit.amount_minor, instructed_of(credit))
    )


def _back(message: PaymentDocument) -> bool:
    """Tell whether a transaction takes something back: a reversal, or a return that was debited."""
    return message.reversal or (message.returned and message.direction is Direction.DEBIT)


def _compared(message: PaymentDocument, credit: PaymentDocument) -> dict[str, bool]:
    """Tell of each id that both transactions bear whether it is the same, the strongest first."""
    return {
        name: getattr(message, name) == getattr(credit, name)
        for name in ("uetr", "end_to_end", "bank_reference")
        if getattr(message, name) and getattr(credit, name)
    }


def not_credited(message: PaymentDocument) -> str:
    """Say why a transaction is no booked credit; nothing where it is one."""
    if _counts(message):
        return ""
    return next(
        word
        for word, holds in (
            ("a reversal", message.reversal),
            ("a return", message.returned),
            ("a debit", message.direction is not Direction.CREDIT),
            ("what a payer asks of its bank", message.kind is MessageKind.INITIATION),
            (f"a contradiction: {message.contradiction}", message.contradiction is not None),
            (str(message.status), True),
        )
        if holds
    )


def _require_booked(message: PaymentDocument) -> None:
    if seen := not_credited(message):
        raise DocumentError(
            "The message does not say that the credit is booked.",
            "Wait for the message that books it.",
            field="Sts",
            seen=seen,
            wanted="BOOK",
        )


def _named(messages: Sequence[PaymentDocument], amounts: PaymentAmounts, transaction: str | int) -> PaymentDocument:
    """Find the transaction that the bank names."""
    text = str(transaction).strip()
    number = text.removeprefix("#")
    place = int(number) if number.isascii() and number.isdecimal() and len(number) <= len(str(len(messages))) else 0
    if isinstance(transaction, int) or text.startswith("#"):
        named = [messages[place - 1]] if 1 <= place <= len(messages) else []
    else:
        named = [message for message in messages if _key(text) in map(_key, _names(message))]
    if len(named) == 1:
        return named[0]
    raise _unclear(
        f"{len(named)} transactions of the message are called {text[:64]!r}; one is needed.",
        messages,
        named or messages,
        f"one of {money_text(amounts.amount_minor, amounts)}",
    )


def _names(message: PaymentDocument) -> list[str]:
    names = (message.end_to_end, message.uetr, message.bank_reference, *message.references(), *message.documents)
    return [name for name in names if name]


def _key(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _unclear(
    said: str, messages: Sequence[PaymentDocument], shown: Sequence[PaymentDocument], wanted: str
) -> DocumentError:
    listed = _listed(messages, shown)
    return DocumentError(f"{said} It tells of {listed}.", SAY_WHICH, field="transaction", seen=listed, wanted=wanted)


def _listed(messages: Sequence[PaymentDocument], shown: Sequence[PaymentDocument]) -> str:
    """List transactions by their numbers, with what tells them apart."""
    wanted = set(map(id, shown))
    places = [place for place, message in enumerate(messages, 1) if id(message) in wanted]
    lines = [f"#{place} {_words(messages[place - 1])}" for place in places[:LISTED]]
    more = [f"{len(places) - LISTED} more"] if len(places) > LISTED else []
    return "; ".join([*lines, *more])


def _words(message: PaymentDocument) -> str:
    credit = "" if _counts(message) else " (no booked credit)"
    names = ", ".join(dict.fromkeys((*_names(message), *message.unstructured)))[:96]
    return f"{money_text(message.amount_minor, message)}{credit} {names or 'without a name'}"


def instructing_message(data: bytes, name: str, total: int, uetr: Uetr | None) -> PaymentDocument:
    """Find the transfer of a message that instructs a payment: by a UETR, else the only one, else by its amount."""
    messages, _ = read_payments(data, name)
    fitting = [message for message in messages if uetr is None or message.uetr == uetr]
    if len(fitting) > 1:
        fitting = [message for message in fitting if instructed_of(message) == total]
    if len(fitting) != 1:
        raise DocumentError(
            f"{len(fitting)} payments of the message may be meant; one is needed.",
            "Say which by its UETR, or give the message of this payment alone.",
            field="UETR",
            seen=", ".join(message.uetr or message.end_to_end or "none" for message in messages)[:256],
            wanted=uetr or "one payment",
        )
    (message,) = fitting
    if instructed_of(message) != total:
        stated, allocated = (money_text(minor, message) for minor in (instructed_of(message), total))
        raise DocumentError(
            f"The amount in the {message.kind.value} message is not that of the payment: {stated}, and {allocated} are "
            "allocated to invoices.",
            "Give the message of this payment, or correct the allocations.",
            field="amount",
            seen=stated,
            wanted=allocated,
        )
    return message
