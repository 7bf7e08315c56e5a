"""What a reader keeps of a document that was opened, and agrees with its record: so its terms can be proven on."""

from hanse_client.exchange.session import Session
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.sealed import OpenedDocument
from hanse_client.sealing.content import PayloadContent
from hanse_ledger.kinds.bundle.steps import TakenStep
from hanse_ledger.kinds.certificate.bodies import GrantCertificate, IssueCertificate, ReplaceCertificate
from hanse_ledger.kinds.invoice.bodies import IssueInvoice
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.shipment.bodies import DispatchShipment
from hanse_ledger.kinds.title.bodies import IssueTitle
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_ledger.values.verdict import Verdict

OWN = (DispatchShipment, GrantCertificate, IssueCertificate, IssueInvoice, IssueTitle, ReplaceCertificate)
"""What makes an object what its document says. Others add a document to one that has its own, such as credit notes."""


def name_of_opening(step: TakenStep, record: RecordId, belongs_to: ObjectId) -> ObjectId | RecordId:
    """Say under which id a document's terms are disclosed, here as where it was issued.

    It is the object's, where the record is the object's own; else the record's, or in a bundle that which follows from
    the step.
    """
    if isinstance(step.body, OWN):
        return belongs_to
    return record if step.creates == created_id(record) else step.creates


def keep_document(session: Session, name: ObjectId | RecordId, record: RecordId, opened: OpenedDocument) -> None:
    """Keep what opens a document's terms; durable on return.

    What the home folder has already stays. Nothing is kept of what does not agree with the record, or could not be
    compared with it.

    Raises:
        SetupError: the home folder cannot be written.
    """
    if opened.report.verdict is Verdict.TAMPERED or session.openings.are_here(name):
        return
    if {"file", "terms"} <= {each.what for each in opened.report.findings if each.verdict is Verdict.VALID}:
        session.openings.keep(name, record, opening_of(opened.content))


def opening_of(content: PayloadContent) -> Opening:
    """Give what opens the commitment, as it came with the file."""
    return Opening(
        discoverable=False,
        file_digest=hash_bytes(content.file),
        kind=content.opening.kind,
        name=content.name,
        seed=content.opening.seed,
        terms=dict(content.opening.terms),
    )
