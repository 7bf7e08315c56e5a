"""Real documents at the edge: files in public formats become the typed values of `hanse_documents.model.documents`.

Reading XML needs the extra `documents`; importing this package does not.
"""

from hanse_documents.model.errors import DocumentError, Fault, UnsupportedFormat
from hanse_documents.model.reports import DocumentReport, DocumentVerdict
from hanse_documents.pipeline.checking import check_document, examine_judged, examine_judged_credit_note
from hanse_documents.pipeline.detect import Reading, examine_credit_note, examine_document, read_document

__all__ = [
    "DocumentError",
    "DocumentReport",
    "DocumentVerdict",
    "Fault",
    "Reading",
    "UnsupportedFormat",
    "check_document",
    "examine_credit_note",
    "examine_document",
    "examine_judged",
    "examine_judged_credit_note",
    "read_document",
]
