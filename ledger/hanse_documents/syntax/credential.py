"""Reading what a wrapper holds, whatever it is: a certificate of origin, or a bill of lading."""

from hanse_documents.model.carriage import TransportDocument
from hanse_documents.model.documents import CertificateDocument
from hanse_documents.model.errors import Examiner, Fault, UnsupportedFormat
from hanse_documents.syntax.carriage.bill_credential import bill_in
from hanse_documents.syntax.certificates.shapes import as_edi3
from hanse_documents.syntax.certificates.wrappings import Wrapping, unwrapped
from hanse_documents.syntax.coo import certificate_in
from hanse_documents.syntax.jsonplaces import text_at
from hanse_documents.syntax.openjson import open_json


def read_credential(data: bytes, file: str) -> tuple[CertificateDocument | TransportDocument, tuple[Fault, ...]]:
    """Read a wrapped document.

    Raises:
        DocumentError: it was changed after it was issued, or lacks what its kind must have; with every fault.
        UnsupportedFormat: a wrapped document of another kind.
    """
    value = open_json(data, file)
    assert isinstance(value, dict), "a file is told by its keys"
    examiner = Examiner(one_a_field=True)
    wrapping = unwrapped(value, examiner)
    if (certificate := as_edi3(wrapping)) is not None:
        return certificate_in(certificate, examiner)
    if (bill := bill_in(wrapping, examiner)) is not None:
        return bill, examiner.finish()
    raise _of_another_kind(wrapping, file)


def _of_another_kind(wrapping: Wrapping, file: str) -> UnsupportedFormat:
    """Name a credential of something else; of a certificate whose goods stand on a scan alone say that."""
    if text_at(wrapping.subject, "originalDocument"):
        agreement = text_at(wrapping.subject, "freeTradeAgreement") or "origin"
        return UnsupportedFormat(
            f"{file} is a certificate of {agreement} whose goods stand on a scanned form alone",
            action="Attach it; a form is never read. Ask its issuer for one with its data.",
        )
    return UnsupportedFormat(
        f"{file} is {wrapping.kind or 'JSON'} ({wrapping.called()}), and no document that is read",
        action="Give a certificate of origin (edi3 names, UN/CEFACT D23B, USMCA), or a bill of lading with blNumber.",
    )
