"""Real documents at the edge: files in public formats become the typed values of `hanse_documents.model.documents`.

Reading XML needs the extra `documents`; importing this package does not.
"""

from hanse_documents.model.errors import DocumentError, Fault, UnsupportedFormat
from hanse_documents.syntax.detect import Reading, examine_document, read_document

__all__ = ["DocumentError", "Fault", "Reading", "UnsupportedFormat", "examine_document", "read_document"]
