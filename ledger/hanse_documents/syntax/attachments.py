"""Which invoice a PDF carries: Factur-X, ZUGFeRD 2 and XRechnung attach it as a file of a known name.

This runs in the process of the rule engine, within its bounds: a PDF may unpack to anything, and lead round in circles.
"""

from importlib import import_module
from io import BytesIO
from itertools import islice

from msgspec import Struct

from hanse_documents.syntax.pdfbeginnings import counted_from

INVOICES = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml")
"""The names, in any case: `ZUGFeRD-invoice.xml` was that of ZUGFeRD 1, as its content shows."""

ATTACHMENTS = 1_000
"""More are not looked at."""


class Attached(Struct, frozen=True, array_like=True):
    """Invoices that a PDF carries, each a name and its bytes; else the `fault` for which nobody can tell."""

    files: tuple[tuple[str, bytes], ...] = ()
    fault: str = ""
    too_much: bool = False


def invoices_in(data: bytes) -> Attached:
    """List the invoices that a PDF carries. Raises ModuleNotFoundError where pypdf is not installed."""
    pypdf, errors = import_module("pypdf"), import_module("pypdf.errors")
    try:
        reader = pypdf.PdfReader(BytesIO(data[counted_from(data) :]))
        if reader.is_encrypted and not reader.decrypt(""):
            return Attached(fault="it is encrypted, with a password")
        listed = islice(reader.attachment_list, ATTACHMENTS)
        found = [(str(each.name), bytes(each.content)) for each in listed if each.name.lower() in INVOICES]
    except errors.LimitReachedError as error:
        return Attached(fault=f"it unpacks to too much: {error}"[:300], too_much=True)
    # pypdf is made for sound files: it may raise any of these on another one.
    except (errors.PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        return Attached(fault=f"it is no PDF that is read here: {type(error).__name__}: {error}"[:300])
    # The same bytes are one invoice, whatever they are called beside.
    once = {content: name for name, content in reversed(found)}
    return Attached(files=tuple((name, content) for content, name in reversed(once.items())))
