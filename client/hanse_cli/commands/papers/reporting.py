"""Reading a file for whoever checks or compares it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanse_client.base.errors import DocumentError

if TYPE_CHECKING:
    from hanse_documents.model.reports import DocumentReport


def checked(path: Path, rules: Sequence[Path] = ()) -> "DocumentReport":
    """Check a file; one that is too large is invalid, and one that cannot be read at all cannot be checked."""
    from hanse_client.base.files import read_source
    from hanse_documents import check_document
    from hanse_documents.model.errors import Fault, FaultWeight
    from hanse_documents.model.reports import DocumentReport, DocumentVerdict

    try:
        data, name = read_source(path)
    except DocumentError as error:
        if not error.seen:  # it could not be read at all: that says nothing of what it holds
            why = Fault(field=str(path), seen="", wanted=error.message, id="unread", weight=FaultWeight.WARNING)
            return DocumentReport(file=path.name, kind="", verdict=DocumentVerdict.CANNOT_CHECK, findings=(why,))
        large = Fault(field=str(path), seen=error.seen, wanted=error.wanted, id="size")
        return DocumentReport(file=path.name, kind="", verdict=DocumentVerdict.INVALID, findings=(large,))
    return check_document(data, name, rules=rules)
