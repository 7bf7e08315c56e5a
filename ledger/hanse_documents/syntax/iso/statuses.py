"""Reading what is said of a payment afterwards: its status, that it is to be cancelled, what came of that."""

from collections.abc import Iterator, Sequence

from hanse_documents.model.documents import PaymentReport
from hanse_documents.semantics.typedvalues import PAYMENTS
from hanse_documents.syntax.iso.messagetable import MessageRow
from hanse_documents.syntax.iso.spots import MessagePlace, Spot
from hanse_documents.syntax.iso.totals import verify_count, verify_sum
from hanse_documents.syntax.iso.transfers import groups_of, places_of, too_many


def statuses(row: MessageRow, message: Spot, identifier: str) -> Iterator[PaymentReport]:
    """Read what a message says of each payment, or of all of a message together where it names none."""
    places = list(places_of(row, message))
    if len(places) > PAYMENTS:
        too_many(message, len(places))
        return
    reports = [_report(row, place, identifier) for place in places]
    _verify(row, message, reports)
    yield from reports or _of_whole(row, message, identifier)


def _of_whole(row: MessageRow, message: Spot, identifier: str) -> Iterator[PaymentReport]:
    """Read what is said of the original message as a whole; of an investigation its outcome alone may be said."""
    places = [
        MessagePlace(row.whole_paths, whole, group, message)
        for group in groups_of(row, message)
        for path in row.whole
        for whole in group.counted(path)
    ]
    for place in places:
        yield _report(row, place, identifier)
    if not places and message.text("Sts/Conf"):
        nowhere = Spot(None, "", message.examiner)
        yield _report(row, MessagePlace(row.paths, nowhere, nowhere, message), identifier)


def _report(row: MessageRow, place: MessagePlace, identifier: str) -> PaymentReport:
    return PaymentReport(
        amount=place.money("amount"),
        case=place.text("case"),
        end_to_end=place.first("end_to_end").provided(),
        information=place.texts("information"),
        instruction_id=place.first("instruction").provided(),
        kind=row.kind,
        message=identifier,
        original_kind=place.text("original_kind"),
        original_message=place.text("original_message"),
        reasons=place.texts("reason"),
        stated=place.text("at"),
        status=place.text("status"),
        transaction_id=place.first("transaction").provided(),
        uetr=place.first("uetr").uetr(),
        valued=place.day("valued"),
    )


def _verify(row: MessageRow, message: Spot, reports: Sequence[PaymentReport]) -> None:
    """Hold count and sum against the payments that are named, where any are: a whole message may be meant."""
    if row.totals is None or not reports:
        return
    amounts = [report.amount for report in reports if report.amount is not None]
    verify_count(message, row.totals.count, len(reports), "transactions")
    if len(amounts) == len(reports):
        verify_sum(message, row.totals.sum, amounts)
