"""Real documents at the edge: files in public formats become the typed values of `hanse_ledger.documents`.

Reading XML needs the extra `documents`; importing this package does not.
"""

from hanse_client.documents.detect import Reading, examine_document, read_document
from hanse_client.documents.errors import DocumentError, Fault, UnsupportedFormat

__all__ = ["DocumentError", "Fault", "Reading", "UnsupportedFormat", "examine_document", "read_document"]
