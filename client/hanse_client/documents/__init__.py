"""Real documents at the edge: files in public formats become the typed values of `hanse_ledger.documents`.

Reading XML needs the extra `documents`; importing this package does not.
"""

from hanse_client.documents.detect import read_document
from hanse_client.documents.errors import DocumentError, UnsupportedFormat

__all__ = ["DocumentError", "UnsupportedFormat", "read_document"]
