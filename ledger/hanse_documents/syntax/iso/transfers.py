"""Reading transfers: what a payer asks of its bank, what banks tell each other to pay, and what they send back."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from hanse_documents.model.documents import MessageKind, PaymentDocument
from hanse_documents.semantics.typedvalues import PAYMENTS, TRANSFERS
from hanse_documents.syntax.iso.messagetable import MessageRow
from hanse_documents.syntax.iso.spots import NOTHING, MessagePlace, Spot
from hanse_documents.syntax.iso.totals import verify_totals


def transfers(row: MessageRow, message: Spot, identifier: str) -> Iterator[PaymentDocument]:
    """Read every transfer of a message, as far as the examiner lets it."""
    places = list(places_of(row, message))
    if len(places) > PAYMENTS:
        too_many(message, len(places))
        return
    payments = [_transfer(row, place, identifier) for place in places]
    _verify_groups(row, message, places, payments)
    yield from payments


def places_of(row: MessageRow, message: Spot) -> Iterator[MessagePlace]:
    """List the transactions of a message, each with the group that it is in."""
    nowhere = Spot(None, "", message.examiner)
    message = message.keeping()
    for group in groups_of(row, message):
        around = group.keeping() if row.group else nowhere
        for path in row.transactions:
            for transaction in group.counted(path):
                yield MessagePlace(row.paths, transaction, around, message)


def groups_of(row: MessageRow, message: Spot) -> list[Spot]:
    """List the groups of transactions: the message itself, where it has none."""
    return message.all(row.group) if row.group else [message]


def too_many(spot: Spot, count: int) -> None:
    """Refuse a message that holds more payments than are read."""
    spot.refuse("", seen=f"{count} payments", wanted=f"at most {PAYMENTS} payments in one message")


def _transfer(row: MessageRow, place: MessagePlace, identifier: str) -> PaymentDocument:
    amount = place.need("amount")
    money = amount.money() if amount.there else NOTHING
    references = place.references()
    creditor, debtor = place.first("creditor_account"), place.first("debtor_account")
    returned = row.kind is MessageKind.RETURN
    iban, debtor_iban = creditor.iban(), debtor.iban()
    return PaymentDocument(
        amount_minor=money.amount_minor,
        charges=place.charges(place.text("bearer")),
        creditor_account=None if iban else creditor.other_account(),
        creditor_agent=place.first("creditor_agent").agent(),
        creditor_iban=iban,
        creditor_name=place.first("creditor").name(),
        creditor_reference=references[0] if references else None,
        currency=money.currency,
        debtor_account=None if debtor_iban else debtor.other_account(),
        debtor_agent=place.first("debtor_agent").agent(),
        debtor_iban=debtor_iban,
        debtor_name=place.first("debtor").name(),
        direction=TRANSFERS[row.kind],
        documents=place.documents(),
        end_to_end=place.first("end_to_end").provided(),
        exponent=money.exponent,
        further_references=references[1:],
        instructed=place.money("instructed"),
        instruction_id=place.first("instruction").provided(),
        kind=row.kind,
        message=identifier,
        reason=place.text("reason"),
        returned=returned,
        transaction_id=place.first("transaction").provided(),
        uetr=place.first("uetr").uetr(),
        unstructured=place.unstructured(),
        valued=place.day("valued"),
    )


def _verify_groups(
    row: MessageRow, message: Spot, places: Sequence[MessagePlace], payments: Sequence[PaymentDocument]
) -> None:
    """Hold the counts and sums of a message, and of each of its groups, against its transfers."""
    if row.totals is not None:
        verify_totals(row.totals, message, payments)
    if row.group_totals is not None:
        inside: defaultdict[object, list[PaymentDocument]] = defaultdict(list)
        for place, payment in zip(places, payments, strict=True):
            inside[place.group.element].append(payment)
        for group in groups_of(row, message):
            verify_totals(row.group_totals, group, inside[group.element])
