"""Files inside a PDF: found, taken out, and added without changing a byte of what is there.

A file is added as PDF/A-3 asks (ISO 19005-3, 6.8): an associated file of the document, with its relationship, media
type and date, in a section behind the old end. So a signature over the old bytes still holds, and so does PDF/A-3.
"""

import io
import logging
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from pypdf import PdfReader
from pypdf.errors import PdfReadError, PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from hanse_documents.model.errors import DocumentError, UnsupportedFormat
from hanse_documents.paper.insidefiles import Addition, FileInside
from hanse_documents.paper.pdfsignatures import PdfSignatures, dictionary_of, signatures_of
from hanse_documents.syntax.pdfbeginnings import FIRST_BYTES, STARTS, TAIL_BYTES, counted_from, place_of_pdf

PDF_BYTES = 36 * 1024 * 1024
"""A larger PDF is not opened: a document of 20 MB, and the largest proof."""

MOST_FILES, DEEPEST = 4_096, 8
"""So many files are looked at, and so many levels of the tree of their names."""

_CONFORMS = re.compile(rb"pdfaid:part(?:>|\s*=\s*[\"'])\s*([1-4])")
_OBJECT = re.compile(rb"\s*[0-9]+\s+[0-9]+\s+obj\b")
_ASK = "Ask whoever made the PDF for a sound one."

# What pypdf raises for what is no sound PDF: its own errors, and what stands in the way of its reading a hostile one.
_UNSOUND = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def files_inside(data: bytes, *, ending: str, media_type: str, most: int) -> tuple[FileInside, ...]:
    """Find the files of one kind inside a PDF, in the order of their names; each once, however often it is named.

    Args:
        data: the PDF.
        ending: how the names of the kind end, in small letters, such as `.hanse`.
        media_type: of the kind; a file that has either is one.
        most: how many bytes each may have, unpacked.

    Raises:
        DocumentError: it is no sound PDF, or a file in it is larger.
        UnsupportedFormat: it is encrypted.
    """
    try:
        found: dict[bytes, FileInside] = {}
        for name, spec in _named_files(_opened(data)):
            inside = _inside(name, spec, ending, media_type, most)
            if inside is not None:
                found.setdefault(inside.data, inside)
        return tuple(found.values())
    except _UNSOUND as error:
        if isinstance(error, DocumentError):
            raise
        raise _unsound(error) from error


def conformance(data: bytes) -> int | None:
    """Give the part of PDF/A that a PDF says it conforms to, 1 to 4, or None. Raises as `files_inside`."""
    try:
        metadata = _root(_opened(data)).get("/Metadata")
        text = b"" if metadata is None else _bytes_of(metadata.get_object(), 1024 * 1024)
    except _UNSOUND as error:
        if isinstance(error, DocumentError):
            raise
        raise _unsound(error) from error
    said = _CONFORMS.search(text)
    return int(said[1]) if said else None


def with_file(data: bytes, added: Addition, *, instead_of: str = "") -> bytes:
    """Give a PDF with a file added; all bytes of the given one stand first, unchanged.

    Args:
        data: the PDF.
        added: the file.
        instead_of: files whose names end so are no longer named in it, in small letters; none where it is empty.

    Raises:
        DocumentError: it is no sound PDF.
        UnsupportedFormat: it is encrypted, whoever signed it allows no change, or a file that would go is signed too.
    """
    try:
        reader = _opened(data)
        root = _root(reader)
        body = data[counted_from(data) :]
        signed = signatures_of(reader, len(body))
        if signed.forbid:
            raise UnsupportedFormat(signed.forbid, action="Give the proof beside it.")
        named = _named_references(root)
        kept = [
            (name, ref)
            for name, ref in named
            if name != added.name and not (instead_of and name.lower().endswith(instead_of))
        ]
        if len(kept) < len(named) and signed.count and _names_in(body[: signed.covered]) & _names(named, but=kept):
            raise UnsupportedFormat(
                "This PDF is signed, and so is the file in it that would be taken out",
                action="Give the new proof beside it.",
            )
        return data + _section(body, reader, root, kept, added)
    except _UNSOUND as error:
        if isinstance(error, DocumentError):
            raise
        raise _unsound(error) from error


def signatures(data: bytes) -> PdfSignatures:
    """Tell by how many a PDF is signed, and whether they let anything be added. Raises as `files_inside`."""
    try:
        return signatures_of(_opened(data), len(data) - counted_from(data))
    except _UNSOUND as error:
        if isinstance(error, DocumentError):
            raise
        raise _unsound(error) from error


def _names(named: Sequence[tuple[str, PdfObject]], *, but: Sequence[tuple[str, PdfObject]] = ()) -> set[str]:
    return {name for name, _ in named} - {name for name, _ in but}


def _names_in(signed: bytes) -> set[str]:
    """Give the names of the files in what a signature covers, as the PDF was then."""
    return _names(_named_references(_root(PdfReader(io.BytesIO(signed)))))


def _section(
    data: bytes, reader: PdfReader, root: DictionaryObject, kept: Sequence[tuple[str, PdfObject]], added: Addition
) -> bytes:
    """Write what stands behind the old end: the file, its specification, the catalogue that names it, and their places.

    By hand: pypdf's own sections take a number twice where one follows another.
    """
    ends = [int(place) for place in STARTS.findall(data[-TAIL_BYTES:])]
    table = bool(ends) and data[ends[-1] : ends[-1] + 4] == b"xref"
    if not table and not (ends and _OBJECT.match(data, ends[-1])):
        raise PdfReadError("its table of objects is not where it says")
    first = max(int(str(reader.trailer["/Size"])), *(max(part, default=0) + 1 for part in _numbers(reader)))
    content, spec = IndirectObject(first, 0, reader), IndirectObject(first + 1, 0, reader)
    root_ref = reader.trailer.raw_get("/Root")
    if not isinstance(root_ref, IndirectObject):
        raise PdfReadError("its catalogue has no number")
    objects: dict[tuple[int, int], PdfObject] = {
        (root_ref.idnum, root_ref.generation): _catalogue(root, kept, added.name, spec),
        (first, 0): _content(added),
        (first + 1, 0): _specification(added, content),
        **_emptied(root, kept),
    }
    out = io.BytesIO()
    places = {}
    out.write(b"\n")
    for (number, generation), value in objects.items():
        places[number, generation] = len(data) + out.tell()
        _write_object(out, number, generation, value)
    start = len(data) + out.tell()
    trailer = DictionaryObject(
        {
            NameObject("/Size"): NumberObject(first + (2 if table else 3)),
            NameObject("/Prev"): NumberObject(ends[-1]),
            NameObject("/Root"): root_ref,
            **{NameObject(key): reader.trailer.raw_get(key) for key in ("/Info",) if key in reader.trailer},
            NameObject("/ID"): _identifier(reader, data, added),
        }
    )
    if table:
        out.write(_table(places))
        out.write(b"trailer\n")
        trailer.write_to_stream(out)
    else:
        _write_object(out, first + 2, 0, _places_stream(trailer, {**places, (first + 2, 0): start}))
    out.write(b"\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def _numbers(reader: PdfReader) -> Iterator[Iterable[int]]:
    yield from reader.xref.values()
    yield reader.xref_objStm


def _write_object(out: io.BytesIO, number: int, generation: int, value: PdfObject) -> None:
    out.write(b"%d %d obj\n" % (number, generation))
    value.write_to_stream(out)
    out.write(b"\nendobj\n")


def _table(places: Mapping[tuple[int, int], int]) -> bytes:
    lines = [
        b"%d 1\n%010d %05d n\r\n" % (number, place, generation)
        for (number, generation), place in sorted(places.items())
    ]
    return b"xref\n" + b"".join(lines)


def _places_stream(trailer: DictionaryObject, places: Mapping[tuple[int, int], int]) -> StreamObject:
    """Write the places of objects as a stream, for a PDF that has them so (ISO 32000-1, 7.5.8)."""
    stream = DecodedStreamObject()
    ordered = sorted(places.items())
    stream.set_data(b"".join(struct.pack(">BIH", 1, place, generation) for (_, generation), place in ordered))
    stream.update(trailer)
    stream[NameObject("/Type")] = NameObject("/XRef")
    stream[NameObject("/W")] = ArrayObject([NumberObject(1), NumberObject(4), NumberObject(2)])
    index = [NumberObject(value) for (number, _), _ in ordered for value in (number, 1)]
    stream[NameObject("/Index")] = ArrayObject(index)
    return stream


def _identifier(reader: PdfReader, data: bytes, added: Addition) -> ArrayObject:
    """Keep a PDF's first name, and give it another second one, which follows from what is in it."""
    now = ByteStringObject(sha256(sha256(data).digest() + added.data).digest()[:16])
    before = reader.trailer.get("/ID")
    return ArrayObject([before.get_object()[0] if before is not None else now, now])


def _catalogue(
    root: DictionaryObject, kept: Sequence[tuple[str, PdfObject]], name: str, spec: IndirectObject
) -> DictionaryObject:
    """Copy the catalogue, with the names of the files that stay and of the new one."""
    stay = {_id_of(ref) for _, ref in kept}
    gone = {_id_of(ref) for _, ref in _named_references(root)} - stay
    flat = ArrayObject()
    for called, ref in sorted([*kept, (name, spec)], key=lambda entry: entry[0].encode("utf-16-be", "surrogatepass")):
        flat.extend((TextStringObject(called), ref))
    names = DictionaryObject(dictionary_of(root.get("/Names")))
    names[NameObject("/EmbeddedFiles")] = DictionaryObject({NameObject("/Names"): flat})
    associated = root.get("/AF")
    before = [] if associated is None else list(associated.get_object())
    copy = DictionaryObject(root)
    copy[NameObject("/Names")] = names
    copy[NameObject("/AF")] = ArrayObject([*(each for each in before if _id_of(each) not in gone), spec])
    return copy


def _emptied(root: DictionaryObject, kept: Sequence[tuple[str, PdfObject]]) -> dict[tuple[int, int], PdfObject]:
    """Give nothing in the place of files that are no longer named: in PDF/A no file is without its association."""
    stay = {_id_of(ref) for _, ref in kept}
    return {
        (ref.idnum, ref.generation): NullObject()
        for _, ref in _named_references(root)
        if isinstance(ref, IndirectObject) and _id_of(ref) not in stay
    }


def _content(added: Addition) -> StreamObject:
    stream = DecodedStreamObject()
    stream.set_data(added.data)
    packed = stream.flate_encode()
    packed[NameObject("/Type")] = NameObject("/EmbeddedFile")
    packed[NameObject("/Subtype")] = NameObject(f"/{added.media_type}")
    packed[NameObject("/Params")] = DictionaryObject(
        {NameObject("/Size"): NumberObject(len(added.data)), NameObject("/ModDate"): TextStringObject(added.date)}
    )
    return packed


def _specification(added: Addition, content: IndirectObject) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Filespec"),
            NameObject("/F"): TextStringObject(added.name),
            NameObject("/UF"): TextStringObject(added.name),
            NameObject("/AFRelationship"): NameObject("/Supplement"),
            NameObject("/Desc"): TextStringObject(added.description),
            NameObject("/EF"): DictionaryObject({NameObject("/F"): content, NameObject("/UF"): content}),
        }
    )


def _opened(data: bytes) -> PdfReader:
    """Open a PDF. Raises DocumentError, UnsupportedFormat, or one of `_UNSOUND`."""
    if len(data) > PDF_BYTES:
        raise DocumentError("PDF", seen=f"{len(data):,} bytes", wanted=f"at most {PDF_BYTES:,} bytes", action=_ASK)
    if place_of_pdf(data) is None:
        wanted = f"a file with %PDF- among its first {FIRST_BYTES:,} bytes"
        raise DocumentError("PDF", seen="another beginning", wanted=wanted, action=_ASK)
    # What it mends while it reads is no news to whoever asks for a file inside.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    reader = PdfReader(io.BytesIO(data[counted_from(data) :]))
    if reader.is_encrypted:
        raise UnsupportedFormat("This PDF is encrypted", action="Save it without a password.")
    return reader


def _root(reader: PdfReader) -> DictionaryObject:
    return dictionary_of(reader.trailer["/Root"])


def _named_files(reader: PdfReader) -> Iterator[tuple[str, DictionaryObject]]:
    """Walk over what the tree of names and the list of associated files lead to."""
    root, seen = _root(reader), set()
    for name, ref in _named_references(root):
        seen.add(_id_of(ref))
        yield name, dictionary_of(ref)
    associated = root.get("/AF")
    found = None if associated is None else associated.get_object()
    for ref in list(found)[:MOST_FILES] if isinstance(found, ArrayObject) else ():
        if _id_of(ref) not in seen:
            spec = dictionary_of(ref)
            yield str(spec.get("/UF", spec.get("/F", ""))), spec


def _named_references(root: DictionaryObject) -> list[tuple[str, PdfObject]]:
    """List the entries of the tree of names. Raises PdfReadError where they are too many, or too deep."""
    found: list[tuple[str, PdfObject]] = []
    _walk(dictionary_of(dictionary_of(root.get("/Names")).get("/EmbeddedFiles")), DEEPEST, found)
    return found


def _walk(node: DictionaryObject, deep: int, found: list[tuple[str, PdfObject]]) -> None:
    if not deep:
        raise PdfReadError("the tree of names is too deep")
    named = node.get("/Names")
    entries = list(named.get_object()) if named is not None else []
    for name, ref in zip(entries[::2], entries[1::2], strict=True):
        found.append((str(name.get_object()), ref))
    kids = node.get("/Kids")
    below = list(kids.get_object()) if kids is not None else []
    if len(found) + len(below) > MOST_FILES:
        raise PdfReadError("it names too many files")
    for kid in below:
        _walk(dictionary_of(kid), deep - 1, found)


def _id_of(ref: PdfObject) -> int:
    """Name an object by its number, else by where it lies here."""
    return ref.idnum if isinstance(ref, IndirectObject) else -id(ref)


def _inside(name: str, spec: DictionaryObject, ending: str, media_type: str, most: int) -> FileInside | None:
    content = dictionary_of(spec.get("/EF"))
    stream = content.get("/UF", content.get("/F"))
    if stream is None:
        return None
    packed = stream.get_object()
    said = str(packed.get("/Subtype", "")).removeprefix("/") if isinstance(packed, DictionaryObject) else ""
    called = str(spec.get("/UF", spec.get("/F", name)))
    if not (called.lower().endswith(ending) or name.lower().endswith(ending) or said == media_type):
        return None
    return FileInside(name=called, media_type=said, data=_bytes_of(packed, most))


def _bytes_of(stream: PdfObject, most: int) -> bytes:
    """Unpack a stream; pypdf stops at 75 MB. Raises DocumentError where it has more than `most` bytes."""
    if not isinstance(stream, StreamObject):
        raise PdfReadError("a file in it has no content")
    data = stream.get_data()
    if len(data) > most:
        raise DocumentError(
            "file in the PDF", seen=f"{len(data):,} bytes", wanted=f"at most {most:,} bytes", action=_ASK
        )
    return data


def _unsound(error: BaseException) -> DocumentError:
    why = " ".join(str(error).split()) or type(error).__name__
    return DocumentError("PDF", seen=why, wanted="a sound PDF", action=_ASK)
