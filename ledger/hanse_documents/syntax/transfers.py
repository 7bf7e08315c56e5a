"""Reading a pacs.008: which payments one bank tells another to make."""

from collections.abc import Iterator

from hanse_documents.model.documents import Direction, MessageKind, PaymentDocument
from hanse_documents.syntax.iso_elements import NOTHING, Spot, charges_of
from hanse_documents.syntax.notifications import PAYMENTS, too_many


def credit_transfers(document: Spot) -> Iterator[PaymentDocument]:
    """Read every transfer of a message, as far as the examiner lets it."""
    message = document.need("FIToFICstmrCdtTrf").called("")
    identifier = message.need_text("GrpHdr/MsgId")
    transfers = message.counted("CdtTrfTxInf")
    if len(transfers) > PAYMENTS:
        too_many(message, len(transfers))
        return
    stated = message.text("GrpHdr/NbOfTxs")
    if stated is not None and stated != str(len(transfers)):
        message.examiner.find(
            message.field("GrpHdr/NbOfTxs"), seen=stated, wanted=f"{len(transfers)}, as there are transfers"
        )
    settled = message.day("GrpHdr/IntrBkSttlmDt")
    for transfer in transfers:
        yield _payment(identifier, settled, transfer)


def _payment(identifier: str, settled_on: str | None, transfer: Spot) -> PaymentDocument:
    settled = transfer.need("IntrBkSttlmAmt")
    money = settled.money() if settled.there else NOTHING
    references = transfer.references()
    iban = transfer.iban("CdtrAcct/Id/IBAN")
    return PaymentDocument(
        amount_minor=money.amount_minor,
        charges=charges_of(transfer, "ChrgsInf", transfer.text("ChrgBr")),
        creditor_account=None if iban else transfer.other_account("CdtrAcct"),
        creditor_agent=transfer.bic("CdtrAgt"),
        creditor_iban=iban,
        creditor_name=transfer.text("Cdtr/Nm"),
        creditor_reference=references[0] if references else None,
        currency=money.currency,
        debtor_agent=transfer.bic("DbtrAgt"),
        debtor_name=transfer.text("Dbtr/Nm"),
        direction=Direction.CREDIT,
        documents=transfer.texts("RmtInf/Strd/RfrdDocInf/Nb"),
        end_to_end=transfer.end_to_end("PmtId/EndToEndId"),
        exponent=money.exponent,
        further_references=references[1:],
        instructed=transfer.amount("InstdAmt"),
        kind=MessageKind.CREDIT_TRANSFER,
        message=identifier,
        uetr=transfer.uetr("PmtId/UETR"),
        unstructured=transfer.texts("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf"),
        valued=transfer.day("IntrBkSttlmDt") or settled_on,
    )
