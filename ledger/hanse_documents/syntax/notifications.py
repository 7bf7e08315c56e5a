"""Reading a camt.054: what was booked to an account, transaction by transaction."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hanse_documents.model.documents import Charge, Direction, MessageKind, Money, PaymentDocument
from hanse_documents.semantics import values
from hanse_documents.syntax.iso_elements import NOTHING, Spot, charges_of
from hanse_ledger.values.types import Moment

PAYMENTS = 10_000
"""The most payments that one message may hold."""

RETURNS = frozenset({"PRDD", "RPCR", "RRTN", "UPDD"})
"""Sub-families of ISO 20022's bank transaction codes for money that comes back (External Code Sets, 2Q2024)."""


class _Booked(NamedTuple):
    """What one transaction moved on the account, and what was instructed where that is another amount."""

    money: Money
    instructed: Money | None
    charges: tuple[Charge, ...]


class _Common(NamedTuple):
    """What an entry says of all transactions that it books."""

    bank_reference: str | None
    booked: str | None
    booked_at: Moment | None
    returned: bool
    reversal: bool
    status: str | None
    valued: str | None
    valued_at: Moment | None


def notifications(document: Spot) -> Iterator[PaymentDocument]:
    """Read every payment of a notification, as far as the examiner lets it."""
    message = document.need("BkToCstmrDbtCdtNtfctn").called("")
    identifier = message.need_text("GrpHdr/MsgId")
    count = 0
    found = message.all("Ntfctn")
    for notification in found:
        if len(found) == 1:
            notification = notification.called("")  # noqa: PLW2901 — the usual message has one: paths stay short
        # Looked for once: among ten thousand entries that is a search.
        account = notification.one("Acct")
        for entry in notification.counted("Ntry"):
            details = entry.counted("NtryDtls/TxDtls")
            count += len(details) or 1
            if count > PAYMENTS:
                too_many(entry, count)
                return
            yield from _entry(identifier, account, entry, details)


def too_many(spot: Spot, count: int) -> None:
    """Refuse a message that holds more payments than are read."""
    spot.refuse("", seen=f"{count} payments", wanted=f"at most {PAYMENTS} payments in one message")


def _entry(identifier: str, account: Spot, entry: Spot, details: list[Spot]) -> Iterator[PaymentDocument]:
    """Read one entry: the transactions that it books together, or the one that it is."""
    direction = entry.direction()
    if direction is None and not all(detail.there and detail.text("CdtDbtInd") for detail in details or [entry]):
        entry.refuse("CdtDbtInd", seen=entry.text("CdtDbtInd") or "nothing", wanted="CRDT or DBIT")
    _count_transactions(entry, details)
    told = details or [entry]
    ways = [detail.direction() or direction or Direction.CREDIT for detail in told]
    common = _common(entry, alone=len(told) == 1)
    for detail, way, booked in zip(told, ways, _booked(entry, details, ways, direction), strict=True):
        yield _payment(identifier, account, common, detail, way, booked)


def _count_transactions(entry: Spot, details: Sequence[Spot]) -> None:
    stated = entry.texts("NtryDtls/Btch/NbOfTxs")
    if details and stated and all(text.isdecimal() and len(text) <= 15 for text in stated):
        total = sum(map(int, stated))
        if total != len(details) and len(entry.all("NtryDtls")) == len(stated):
            entry.examiner.find(
                entry.field("NtryDtls/Btch/NbOfTxs"), seen=str(total), wanted=f"{len(details)}, as there are"
            )


def _booked(entry: Spot, details: list[Spot], ways: Sequence[Direction], direction: Direction | None) -> list[_Booked]:
    """Tell what each transaction moved: together they must come to what the entry books."""
    found = entry.need("Amt")
    whole = found.money() if found.there else NOTHING
    together = charges_of(entry, "Chrgs")
    if not details:
        return [_Booked(whole, entry.amount("AmtDtls/InstdAmt/Amt"), together)]
    signs = [1 if direction is None or way is direction else -1 for way in ways]
    own = [detail.amount("Amt", "AmtDtls/TxAmt/Amt") for detail in details]
    instructed = [detail.amount("AmtDtls/InstdAmt/Amt") for detail in details]
    charges = [charges_of(detail, "Chrgs") for detail in details]
    if len(details) == 1:
        return [_alone(entry, whole, signs[0], own[0], instructed[0], charges[0] or together)]
    moved = [
        money if money is None or money.currency == whole.currency else _counter_value(detail, whole.currency)
        for detail, money in zip(details, own, strict=True)
    ]
    missing = [detail for detail, money in zip(details, moved, strict=True) if money is None]
    for detail in missing:
        detail.refuse("Amt", seen="nothing", wanted=f"the amount of each transaction, in {whole.currency}")
    amounts = [money or NOTHING for money in moved]
    taken = [_taken(each, whole.currency) for each in charges]
    total = sum(sign * money.amount_minor for sign, money in zip(signs, amounts, strict=True))
    if total == whole.amount_minor or missing:
        return list(map(_Booked, amounts, instructed, charges))
    if total - sum(taken) == whole.amount_minor:
        net = [_less(money, minor) for money, minor in zip(amounts, taken, strict=True)]
        gross = [each or money for each, money in zip(instructed, amounts, strict=True)]
        return list(map(_Booked, net, gross, charges))
    if total - _taken(together, whole.currency) != whole.amount_minor:
        _contradicts(entry, total, whole, len(details))
    else:
        entry.examiner.find(
            entry.field("Chrgs"),
            seen=_text(_taken(together, whole.currency), whole),
            wanted="charges by transaction: which payment they were taken from is not said",
        )
    return list(map(_Booked, amounts, instructed, charges))


def _alone(
    entry: Spot, whole: Money, sign: int, own: Money | None, instructed: Money | None, charges: tuple[Charge, ...]
) -> _Booked:
    """Tell what the only transaction of an entry moved: what the entry books."""
    if own is None or NOTHING in (own, whole):
        return _Booked(whole, instructed, charges)
    if own.currency != whole.currency:
        return _Booked(whole, instructed or own, charges)
    if sign * own.amount_minor == whole.amount_minor:
        return _Booked(whole, instructed, charges)
    if sign * own.amount_minor - _taken(charges, whole.currency) != whole.amount_minor:
        _contradicts(entry, sign * own.amount_minor, whole, 1)
    return _Booked(whole, instructed or own, charges)


def _contradicts(entry: Spot, total: int, whole: Money, count: int) -> None:
    entry.refuse(
        "NtryDtls/TxDtls",
        seen=f"{_text(total, whole)} in {count} transaction{'s' if count > 1 else ''}",
        wanted=f"{_text(whole.amount_minor, whole)}, as the entry books: the message contradicts itself",
    )


def _counter_value(detail: Spot, currency: str) -> Money | None:
    money = detail.amount("AmtDtls/CntrValAmt/Amt", "AmtDtls/TxAmt/Amt")
    return money if money is not None and money.currency == currency else None


def _taken(charges: tuple[Charge, ...], currency: str) -> int:
    return sum(
        charge.amount_minor for charge in charges if charge.currency == currency and charge.included is not False
    )


def _less(money: Money, minor: int) -> Money:
    return Money(amount_minor=money.amount_minor - minor, currency=money.currency, exponent=money.exponent)


def _text(minor: int, money: Money) -> str:
    return values.money_text(minor, money.exponent, money.currency)


def _common(entry: Spot, *, alone: bool) -> _Common:
    return _Common(
        bank_reference=entry.text("AcctSvcrRef") if alone else None,
        booked=entry.day("BookgDt/Dt") or entry.day("BookgDt/DtTm"),
        booked_at=entry.moment("BookgDt/DtTm"),
        returned=_returned(entry),
        reversal=entry.text("RvslInd") in {"true", "1"},
        status=entry.text("Sts/Cd") or entry.text("Sts/Prtry") or entry.text("Sts"),
        valued=entry.day("ValDt/Dt") or entry.day("ValDt/DtTm"),
        valued_at=entry.moment("ValDt/DtTm"),
    )


def _payment(
    identifier: str, account: Spot, common: _Common, detail: Spot, direction: Direction, booked: _Booked
) -> PaymentDocument:
    # The account that the notification is about is the creditor's, unless a transaction says otherwise.
    if direction is not Direction.CREDIT:
        account = Spot(None, "", detail.examiner)
    iban = detail.iban("RltdPties/CdtrAcct/Id/IBAN")
    other = detail.other_account("RltdPties/CdtrAcct")
    if iban is None and other is None:
        iban, other = account.iban("Id/IBAN"), account.other_account("")
    references = detail.references()
    return PaymentDocument(
        amount_minor=booked.money.amount_minor,
        bank_reference=detail.text("Refs/AcctSvcrRef") or common.bank_reference,
        booked=common.booked,
        booked_at=common.booked_at,
        charges=booked.charges,
        creditor_account=None if iban else other,
        creditor_agent=detail.bic("RltdAgts/CdtrAgt") or account.bic("Svcr"),
        creditor_iban=iban,
        creditor_name=detail.name("RltdPties/Cdtr") or account.text("Ownr/Nm"),
        creditor_reference=references[0] if references else None,
        currency=booked.money.currency,
        debtor_agent=detail.bic("RltdAgts/DbtrAgt"),
        debtor_name=detail.name("RltdPties/Dbtr"),
        direction=direction,
        documents=detail.texts("RmtInf/Strd/RfrdDocInf/Nb"),
        end_to_end=detail.end_to_end("Refs/EndToEndId"),
        exponent=booked.money.exponent,
        further_references=references[1:],
        instructed=booked.instructed,
        kind=MessageKind.NOTIFICATION,
        message=identifier,
        returned=common.returned or _returned(detail),
        reversal=common.reversal,
        status=common.status,
        uetr=detail.uetr("Refs/UETR"),
        unstructured=detail.texts("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf"),
        valued=common.valued,
        valued_at=common.valued_at,
    )


def _returned(spot: Spot) -> bool:
    """Tell whether a transaction is money that came back: then it pays nobody's invoice."""
    return spot.one("RtrInf").there or not RETURNS.isdisjoint(spot.texts("BkTxCd/Domn/Fmly/SubFmlyCd"))
