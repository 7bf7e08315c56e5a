"""What a reader keeps of a document that was opened, and agrees with its record: so its terms can be proven on."""

from hanse_client.exchange.once import opens_its_object
from hanse_client.exchange.session import Session
from hanse_client.home.openings import Opening
from hanse_client.resources.sharing.sealed import OpenedDocument
from hanse_client.sealing.content import PayloadContent
from hanse_ledger.kinds.bundle.steps import TakenStep
from hanse_ledger.kinds.object import created_id
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.types import ObjectId, RecordId
from hanse_ledger.values.verdict import Verdict


def name_of_opening(step: TakenStep, record: RecordId) -> ObjectId | RecordId:
    """Say under which id a document's terms are disclosed, here as where it was issued: see `once.keep_opening`.

    It is that of the object that the record creates; else the record's, or in a bundle that of the step.
    """
    if opens_its_object(step.body):
        return step.creates
    return record if step.creates == created_id(record) else step.creates


def keep_document(
    session: Session, belongs_to: ObjectId, step: TakenStep, record: RecordId, opened: OpenedDocument
) -> None:
    """Keep what opens the terms of a document that a step of a record has created; durable on return.

    What the home folder has already stays. Nothing is kept of what does not agree with the record, or could not be
    compared with it.

    Raises:
        SetupError: the home folder cannot be written.
    """
    name = name_of_opening(step, record)
    if opened.report.verdict is Verdict.TAMPERED or session.openings.are_here(name):
        return
    if {"file", "terms"} <= {each.what for each in opened.report.findings if each.verdict is Verdict.VALID}:
        session.openings.keep(belongs_to, record, opening_of(opened.content), name=name)


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
