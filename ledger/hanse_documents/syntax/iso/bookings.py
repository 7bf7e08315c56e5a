"""Reading a camt.053 or camt.054: what was booked to an account, transaction by transaction."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hanse_documents.model.documents import Charge, Direction, MessageKind, Money, PaymentDocument
from hanse_documents.model.errors import FaultWeight
from hanse_documents.semantics.typedvalues import PAYMENTS
from hanse_documents.syntax.iso.messagetable import MessageRow
from hanse_documents.syntax.iso.spots import NOTHING, MessagePlace, Spot, charges_of
from hanse_documents.syntax.iso.totals import verify_balances, verify_count, verify_entries
from hanse_documents.syntax.iso.transfers import groups_of, too_many
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.types import Moment

BOOKED = frozenset({"BOOK", "Booked"})
"""The statuses of an entry that stands in the account: others are announcements."""

RETURNS = frozenset({"PRDD", "RPCR", "RRTN", "UPDD"})
"""Sub-families of ISO 20022's bank transaction codes for money that comes back (External Code Sets, 2Q2024)."""


class _Booked(NamedTuple):
    """What one transaction moved on the account, and what was instructed where that is another amount."""

    money: Money
    instructed: Money | None
    charges: tuple[Charge, ...]
    contradiction: str | None = None


class _Common(NamedTuple):
    """What an entry says of all transactions that it books."""

    booked: str | None
    booked_at: Moment | None
    returned: bool
    reversal: bool
    status: str | None
    valued: str | None
    valued_at: Moment | None


class _Account(NamedTuple):
    """The account that the message is about."""

    agent: str | None
    iban: str | None
    other: str | None
    owner: str | None


_NO_ACCOUNT = _Account(None, None, None, None)


def entries(row: MessageRow, message: Spot, identifier: str) -> Iterator[PaymentDocument]:
    """Read every payment of a statement or notification, as far as the examiner lets it."""
    count = 0
    accounts = groups_of(row, message)
    for whole in accounts:
        # The usual message has one: paths stay short.
        statement = whole.called("") if len(accounts) == 1 else whole
        # Looked for once: among ten thousand entries that is a search.
        account = _account_of(statement.one("Acct"))
        booked = []
        every = statement.counted("Ntry")
        for entry in every:
            details = entry.counted("NtryDtls/TxDtls")
            count += len(details) or 1
            if count > PAYMENTS:
                too_many(entry, count)
                return
            payments = list(_entry(row, identifier, account, entry, details))
            booked.append((entry.direction() or Direction.CREDIT, _whole_of(entry), payments[0].status))
            yield from payments
        _verify_statement(row, statement, booked)


def _verify_statement(row: MessageRow, statement: Spot, booked: Sequence[tuple[Direction, Money, str | None]]) -> None:
    verify_entries(statement, [(direction, money) for direction, money, _ in booked])
    if row.kind is MessageKind.STATEMENT:
        standing = [(direction, money) for direction, money, status in booked if status in BOOKED]
        verify_balances(statement, standing)


def _account_of(account: Spot) -> _Account:
    iban = account.iban()
    return _Account(
        agent=account.one("Svcr").agent(),
        iban=iban,
        other=None if iban else account.other_account(),
        owner=account.text("Ownr/Nm"),
    )


def _entry(
    row: MessageRow, identifier: str, account: _Account, entry: Spot, details: list[Spot]
) -> Iterator[PaymentDocument]:
    """Read one entry: the transactions that it books together, or the one that it is."""
    direction = entry.direction()
    if direction is None and not all(detail.there and detail.text("CdtDbtInd") for detail in details or [entry]):
        entry.refuse("CdtDbtInd", seen=entry.text("CdtDbtInd") or "nothing", wanted="CRDT or DBIT")
    _count_transactions(entry, details)
    nowhere = Spot(None, "", entry.examiner)
    alone = len(details) < 2
    places = [MessagePlace(row.paths, detail, entry if alone else nowhere, entry) for detail in details or [entry]]
    ways = [place.transaction.direction() or direction or Direction.CREDIT for place in places]
    booked = _booked(entry, places if details else [], ways, direction)
    if booked is None:
        # The entry is one payment then, of whose parts the references alone are known.
        places, ways = [MessagePlace(row.paths, entry, entry, entry)], [direction or Direction.CREDIT]
        booked = [
            _Booked(_whole_of(entry), None, charges_of(entry, "Chrgs"), "what each transaction moved is not said")
        ]
    common = _common(entry)
    for place, way, moved in zip(places, ways, booked, strict=True):
        yield _payment(row, identifier, account, common, place, way, moved)


def _count_transactions(entry: Spot, details: Sequence[Spot]) -> None:
    """Hold the counts of an entry's batches against the transactions that each of them lists."""
    for batch in entry.all("NtryDtls"):
        inside = batch.all("TxDtls")
        if inside:
            verify_count(batch, "Btch/NbOfTxs", len(inside), "transactions")


def _whole_of(entry: Spot) -> Money:
    amount = entry.one("Amt")
    return amount.money() if amount.there else NOTHING


def _booked(
    entry: Spot, places: list[MessagePlace], ways: Sequence[Direction], direction: Direction | None
) -> list[_Booked] | None:
    """Tell what each transaction moved: together they must come to what the entry books. None: it is not said."""
    entry.need("Amt")
    whole = _whole_of(entry)
    together = charges_of(entry, "Chrgs")
    if not places:
        return [_Booked(whole, entry.amount("AmtDtls/InstdAmt/Amt"), together)]
    signs = [1 if direction is None or way is direction else -1 for way in ways]
    own = [place.money("amount") for place in places]
    instructed = [place.money("instructed") for place in places]
    charges = [place.charges() for place in places]
    if len(places) == 1:
        return [_alone(entry, whole, signs[0], own[0], instructed[0], charges[0] or together)]
    moved = [
        money if money is None or money.currency == whole.currency else _counter_value(place, whole.currency)
        for place, money in zip(places, own, strict=True)
    ]
    missing = [place.transaction for place, money in zip(places, moved, strict=True) if money is None]
    for detail in missing:
        detail.examiner.find(
            detail.field("Amt"), seen="nothing", wanted=f"the amount of each transaction, in {whole.currency}"
        )
    if missing:
        return None
    amounts = [money or NOTHING for money in moved]
    taken = [_taken(charge, whole.currency) for charge in charges]
    total = sum(sign * money.amount_minor for sign, money in zip(signs, amounts, strict=True))
    if total == whole.amount_minor:
        return list(map(_Booked, amounts, instructed, charges))
    if total - sum(taken) == whole.amount_minor:
        net = [_less(money, minor) for money, minor in zip(amounts, taken, strict=True)]
        gross = [each or money for each, money in zip(instructed, amounts, strict=True)]
        return list(map(_Booked, net, gross, charges))
    contradiction = None
    if total - _taken(together, whole.currency) != whole.amount_minor:
        contradiction = _contradicts(entry, total, whole, len(places))
    else:
        entry.examiner.find(
            entry.field("Chrgs"),
            seen=money_text(_taken(together, whole.currency), whole),
            wanted="charges by transaction: which payment they were taken from is not said",
        )
    return [_Booked(*parts, contradiction) for parts in zip(amounts, instructed, charges, strict=True)]


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
        contradiction = _contradicts(entry, sign * own.amount_minor, whole, 1)
        return _Booked(whole, instructed or own, charges, contradiction)
    return _Booked(whole, instructed or own, charges)


def _contradicts(entry: Spot, total: int, whole: Money, count: int) -> str:
    """Tell that an entry and its transactions say two things; which of them is true is not for a reader to choose."""
    seen = f"{money_text(total, whole)} in {count} transaction{'s' if count > 1 else ''}"
    wanted = f"{money_text(whole.amount_minor, whole)}, as the entry books"
    entry.examiner.find(
        entry.field("NtryDtls/TxDtls"),
        seen=seen,
        wanted=f"{wanted}: the message contradicts itself",
        weight=FaultWeight.FATAL,
    )
    return f"{seen}, not {wanted}"


def _counter_value(place: MessagePlace, currency: str) -> Money | None:
    money = place.money("counter_value")
    return money if money is not None and money.currency == currency else None


def _taken(charges: tuple[Charge, ...], currency: str) -> int:
    return sum(
        charge.amount_minor for charge in charges if charge.currency == currency and charge.included is not False
    )


def _less(money: Money, minor: int) -> Money:
    return Money(amount_minor=money.amount_minor - minor, currency=money.currency, exponent=money.exponent)


def _common(entry: Spot) -> _Common:
    return _Common(
        booked=entry.day("BookgDt/Dt") or entry.day("BookgDt/DtTm"),
        booked_at=entry.moment("BookgDt/DtTm"),
        returned=_returned(entry),
        reversal=entry.text("RvslInd") in {"true", "1"},
        status=entry.first_text("Sts/Cd", "Sts/Prtry", "Sts"),
        valued=entry.day("ValDt/Dt") or entry.day("ValDt/DtTm"),
        valued_at=entry.moment("ValDt/DtTm"),
    )


def _payment(
    row: MessageRow,
    identifier: str,
    account: _Account,
    common: _Common,
    place: MessagePlace,
    direction: Direction,
    booked: _Booked,
) -> PaymentDocument:
    # The account that the message is about is the creditor's, unless a transaction says otherwise; a debited one
    # is the debtor's, but where something is taken back: that debits a creditor.
    returned = common.returned or _returned(place.transaction)
    credited = account if direction is Direction.CREDIT else _NO_ACCOUNT
    debited = _NO_ACCOUNT if direction is Direction.CREDIT or returned or common.reversal else account
    creditor, debtor = place.first("creditor_account"), place.first("debtor_account")
    iban, other = creditor.iban(), creditor.other_account()
    if iban is None and other is None:
        iban, other = credited.iban, credited.other
    debtor_iban, debtor_other = debtor.iban(), debtor.other_account()
    if debtor_iban is None and debtor_other is None:
        debtor_iban, debtor_other = debited.iban, debited.other
    references = place.references()
    return PaymentDocument(
        amount_minor=booked.money.amount_minor,
        bank_reference=place.text("bank_reference"),
        booked=common.booked,
        booked_at=common.booked_at,
        charges=booked.charges,
        contradiction=booked.contradiction,
        creditor_account=None if iban else other,
        creditor_agent=place.first("creditor_agent").agent() or credited.agent,
        creditor_iban=iban,
        creditor_name=place.first("creditor").name() or credited.owner,
        creditor_reference=references[0] if references else None,
        currency=booked.money.currency,
        debtor_account=None if debtor_iban else debtor_other,
        debtor_agent=place.first("debtor_agent").agent() or debited.agent,
        debtor_iban=debtor_iban,
        debtor_name=place.first("debtor").name(),
        direction=direction,
        documents=place.documents(),
        end_to_end=place.first("end_to_end").provided(),
        exponent=booked.money.exponent,
        further_references=references[1:],
        instructed=booked.instructed,
        instruction_id=place.first("instruction").provided(),
        kind=row.kind,
        message=identifier,
        reason=place.text("reason"),
        returned=returned,
        reversal=common.reversal,
        status=common.status,
        transaction_id=place.first("transaction").provided(),
        uetr=place.first("uetr").uetr(),
        unstructured=place.unstructured(),
        valued=common.valued,
        valued_at=common.valued_at,
    )


def _returned(spot: Spot) -> bool:
    """Tell whether a transaction is money that came back: then it pays nobody's invoice."""
    return spot.one("RtrInf").there or not RETURNS.isdisjoint(spot.texts("BkTxCd/Domn/Fmly/SubFmlyCd"))
