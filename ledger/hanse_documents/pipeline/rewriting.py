"""Writing a document in the syntax in which published rules judge it."""

from hanse_documents.model.errors import ReaderMissing, UnsupportedFormat
from hanse_documents.pipeline.opened import INSTALL, OpenedFile
from hanse_documents.semantics.invoiceprofiles import BASIC, EN16931, profile_of
from hanse_documents.syntax.typedpaper import typed_terms

EMBEDDED = "BT-125"
"""A document inside of an invoice: its terms have the digest, and the rules ask for nothing of it."""


def invoice_as_ubl(opened: OpenedFile) -> OpenedFile:
    """Write an invoice that is given as its terms as UBL 2.1, without what is embedded in it, for those who judge it.

    Raises:
        DocumentError: no invoice has such terms.
        UnsupportedFormat: its profile is one of a cross industry invoice, with rules of its own; or UBL has no way to
            say what it says.
        ReaderMissing: what writes XML is not installed.
    """
    terms = typed_terms(opened.data, opened.file)
    if (profile := profile_of(terms.get("BT-24", ""))) not in (EN16931, BASIC):
        raise UnsupportedFormat(
            f"the rules of the profile {profile} judge a cross industry invoice alone",
            action="Check the file that this was read from.",
        )
    try:
        from hanse_documents.syntax import ubl_needs, ubl_writing, xml  # noqa: PLC0415 (lxml is an extra: not all install it)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "lxml":
            raise
        raise ReaderMissing("lxml, which writes XML, is not installed", action=INSTALL) from error
    kept = {name: text for name, text in terms.items() if not name.rpartition("/")[2].startswith(EMBEDDED)}
    try:
        written = ubl_writing.write_ubl(kept)
    except ubl_needs.NotInUbl as error:
        raise UnsupportedFormat(f"it cannot be written as UBL: {error.faults[0]}", action=error.action) from error
    return OpenedFile(file=opened.file, data=written, root=xml.open_xml(written, opened.file))
