"""Who signed a PDF, and what may still be added to it (ISO 32000-2, 12.8)."""

from collections.abc import Iterator

from msgspec import Struct
from pypdf import PdfReader
from pypdf.errors import PdfReadError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NumberObject, PdfObject

MOST_FIELDS = 4_096
"""So many fields of a form are looked at."""

_SIGNATURES_EXIST = 1


class PdfSignatures(Struct, frozen=True, kw_only=True):
    """The signatures of a PDF.

    Attributes:
        count: how many there are.
        covered: the bytes up to which the longest of them reaches, counted as the PDF counts.
        forbid: in words, why nothing may be added; empty where it may.
    """

    count: int = 0
    covered: int = 0
    forbid: str = ""


def dictionary_of(value: PdfObject | None) -> DictionaryObject:
    """Give what a value leads to, where that is a dictionary; else an empty one."""
    inner = None if value is None else value.get_object()
    return inner if isinstance(inner, DictionaryObject) else DictionaryObject()


def signatures_of(reader: PdfReader, length: int) -> PdfSignatures:
    """Look for the signatures of a PDF. None is verified.

    Args:
        reader: the PDF, opened.
        length: how many bytes it has; a signature of which nobody can tell what it covers covers all.

    Raises:
        PdfReadError: its form has too many fields.
    """
    root = dictionary_of(reader.trailer["/Root"])
    form = dictionary_of(root.get("/AcroForm"))
    permissions = dictionary_of(root.get("/Perms"))
    count = covered = 0
    certified, locked = "/DocMDP" in permissions, False
    for field in _fields(form):
        value = dictionary_of(field.get("/V"))
        if "/ByteRange" not in value and "/Contents" not in value:
            continue  # a place for a signature, or another field
        count += 1
        covered = max(covered, _end_of(value, length))
        certified = certified or "/DocMDP" in _methods(value)
        locked = locked or "/P" in dictionary_of(field.get("/Lock"))
    if not count and int(_number(form.get("/SigFlags"))) & _SIGNATURES_EXIST:
        count, covered = 1, length  # it says so itself, and the field was not found
    forbid = ""
    if certified:
        forbid = "This PDF is certified, and says that it may not be changed"
    elif locked:
        forbid = "This PDF is signed, and its signature locks it against changes"
    elif {"/UR", "/UR3"} & permissions.keys():
        forbid = "This PDF gives rights to its readers by a signature, which a change would end"
    return PdfSignatures(count=count, covered=covered, forbid=forbid)


def _fields(form: DictionaryObject) -> Iterator[DictionaryObject]:
    """Walk over the fields of a form, each once. Raises PdfReadError where they are too many."""
    left, seen = _list_of(form.get("/Fields")), set[int]()
    while left:
        ref = left.pop()
        if isinstance(ref, IndirectObject):
            if ref.idnum in seen:
                continue
            seen.add(ref.idnum)
        field = dictionary_of(ref)
        left += _list_of(field.get("/Kids"))
        if len(left) + len(seen) > MOST_FIELDS:
            raise PdfReadError("its form has too many fields")
        yield field


def _end_of(signature: DictionaryObject, length: int) -> int:
    """Give the end of what a signature covers: of its last range of bytes."""
    ranges = [int(_number(each)) for each in _list_of(signature.get("/ByteRange"))]
    end = ranges[-2] + ranges[-1] if len(ranges) >= 2 else length
    return end if 0 < end <= length else length


def _methods(signature: DictionaryObject) -> set[str]:
    return {str(dictionary_of(each).get("/TransformMethod")) for each in _list_of(signature.get("/Reference"))}


def _list_of(value: PdfObject | None) -> list[PdfObject]:
    inner = None if value is None else value.get_object()
    return list(inner)[:MOST_FIELDS] if isinstance(inner, ArrayObject) else []


def _number(value: PdfObject | None) -> int:
    inner = None if value is None else value.get_object()
    return int(inner) if isinstance(inner, NumberObject) else 0
