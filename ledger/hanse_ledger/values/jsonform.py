"""Canonical JSON (RFC 8785, of values without floats): the form of proof and trust files.

The Structs keep their fields in order, bytes are base64; a file whose re-encoding differs is refused. Editors, mail and
broken downloads change a file's form and nothing that it says: that is refused too, and told apart (`FormChanged`).
"""

import re
from typing import TypeVar

import msgspec

from hanse_ledger.values.errors import UNREADABLE, FormChanged, Malformed, OtherRelease
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.releases import is_read, other_release

T = TypeVar("T")

ENDS_EARLY = "ends-early"

_BEGINNING = 1_024
_BLANKS = re.compile(rb'("(?:[^"\\]+|\\.)*(?:"|\\?\Z))|[ \t]+')
"""A text, which may not end, or blanks: what begins as a text is always taken, and nothing in it is looked at twice."""
_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_TYPE = b'{"@type":"'
_TRAILING = re.compile(r"trailing characters \(byte ([0-9]+)\)")

_encoder = msgspec.json.Encoder()


def encode_json(value: object) -> bytes:
    """Write a Struct as canonical JSON: no white space, sorted keys, UTF-8, bytes as base64."""
    return _encoder.encode(value)


def decode_json(data: bytes, decoder: "msgspec.json.Decoder[T]", *, what: Said | str, most: int, form: str = "") -> T:
    """Read canonical JSON with a typed decoder.

    Args:
        data: the file's bytes.
        decoder: what it must be.
        what: the file's name in messages.
        most: how many bytes it may have.
        form: its format and number, `hanse.proof/2`, where it states one as `@type` or `format`.

    Raises:
        OtherRelease: its format has another number.
        FormChanged: it would be canonical but for what an editor, a mail or a shell adds, or it ends too early.
        Malformed: too large, not this type, or not canonical. (A type bounds the depth: what is not in it is refused.)
    """
    if len(data) > most:
        raise Malformed(
            said("file.too-large", "{file}: {bytes} bytes; at most {most} are allowed", what, len(data), most)
        )
    try:
        value = decoder.decode(data)
    except msgspec.ValidationError as error:
        _need_form(data, decoder, what)
        need_release(data, form, what=what)
        raise Malformed(_unreadable(what), precise=f"{what}: {error}") from error
    except UNREADABLE as error:
        _need_form(data, decoder, what)
        need_release(data, form, what=what)
        raise Malformed(_unreadable(what), precise=f"{what}: not JSON: {error}") from error
    if _encoder.encode(value) != data:
        _need_form(data, decoder, what)
        raise Malformed(
            said(
                "file.not-canonical",
                "{file}: not canonical JSON (RFC 8785); a changed byte makes a different file",
                what,
            )
        )
    if form and getattr(value, "format", "") != form:
        need_release(data, form, what=what)
        raise Malformed(said("file.other-format", "{file}: format is not {format}", what, form), pointer="/@type")
    return value


class _Stated(msgspec.Struct):
    """What any file may say of its format, whatever else it holds."""

    format: str = ""
    typed: str = msgspec.field(name="@type", default="")


_stated_decoder = msgspec.json.Decoder(_Stated)
_STATED = re.compile(r"(hanse\.[a-z-]{1,40})/([0-9]{1,9})", re.ASCII)
_FIRST = re.compile(rb'\{"@type":"([^"\\]{1,60})"')


def need_release(data: bytes, form: str, *, what: Said | str) -> None:
    """Find out whether a file that cannot be read is of another release. Raises OtherRelease.

    Args:
        data: the file's bytes, in whatever form.
        form: the format and number that are read here.
        what: the file's name in messages.
    """
    first = _FIRST.match(_plain(data[:_BEGINNING])[0])
    try:
        if first is not None:
            stated = first[1].decode()
        else:
            file = _stated_decoder.decode(_plain(data)[0].rstrip(b"\0"))
            stated = file.typed or file.format
    except UNREADABLE:
        return
    matched = _STATED.fullmatch(stated)
    if matched is not None and form.startswith(f"{matched[1]}/") and not is_read(matched[1], int(matched[2])):
        raise OtherRelease(
            said("file.other-release", "{file}: {why}", what, other_release(matched[1], int(matched[2])))
        )


def _stated_to(data: bytes) -> int:
    """Tell how far a file states its type in canonical form, where nothing can have been added; 0 if it does not."""
    if not data.startswith(_TYPE):
        return 0
    end = data.find(b'"', len(_TYPE), _BEGINNING) + 1
    return 0 if b"\n" in data[:end] or b"\r" in data[:end] else end


def begins_as(data: bytes, mark: bytes) -> bool:
    """Tell whether a file begins with a mark, or would but for a changed form."""
    if data.startswith(mark):
        return True
    end = _stated_to(data)
    if end and not mark.startswith(data[:end]):
        return False
    plain, _ = _plain(data[:_BEGINNING])
    return plain.startswith(mark)


def breaks_off_in(data: bytes, mark: bytes) -> bool:
    """Tell whether a file is the beginning of a mark, and no more: nothing, or cut off at once."""
    return _stated_to(data) < len(mark) and mark.startswith(_plain(data[:_BEGINNING])[0].rstrip(b"\0"))


def _unreadable(what: Said | str) -> Said:
    """Say the same of whatever no decoder reads: which fault it finds first, and in what words, is its own."""
    return said(
        "file.unreadable",
        "{file}: not JSON, or a value in it is missing, unknown, or of another type or bound",
        what,
    )


def ended_early(data: bytes, what: Said | str) -> FormChanged:
    """Say that a file broke off."""
    if not data.strip():
        words = said("file.empty", "{file}: it is empty; what it says was not judged: get it again", what)
    else:
        words = said(
            "file.ends-early",
            "{file}: it ends too early, after {bytes} bytes; what it says was not judged: get it again",
            what,
            len(data),
        )
    return FormChanged(words, code=ENDS_EARLY)


def _need_form(data: bytes, decoder: "msgspec.json.Decoder[T]", what: Said | str) -> None:
    """Find out whether a file that cannot be read was changed in its form alone. Raises FormChanged."""
    plain, marks = _plain(data)
    whole = plain.rstrip(b"\0")
    if len(whole) < len(plain):
        marks.append(said("form.zeros", "zero bytes follow after its end"))
    try:
        msgspec.json.decode(whole, type=msgspec.Raw)
    except UNREADABLE as error:
        if "truncated" in str(error):
            raise ended_early(data, what) from error
        trailing = _TRAILING.search(str(error))
        if trailing is None:
            return
        marks.append(said("form.trailing", "something follows after its end"))
        whole = whole[: int(trailing[1]) - 1]
    try:
        alike = _encoder.encode(decoder.decode(whole)) == whole
    except UNREADABLE:
        return
    if alike:
        raise FormChanged(
            said(
                "file.form-changed",
                "{file}: its form was changed ({changes}); what it says was not judged: get the original",
                what,
                marks,
            )
        )


def _plain(data: bytes) -> tuple[bytes, list[Said]]:
    """Take away what can be added without changing what JSON says; name what was found."""
    marks: list[Said] = []
    if data.startswith(_UTF8_MARK):
        marks.append(said("form.mark", "a byte order mark stands before it"))
        data = data.removeprefix(_UTF8_MARK)
    elif data.startswith(_UTF16_MARKS):
        marks.append(said("form.utf16", "it was saved as UTF-16"))
        data = data[: len(data) & ~1].decode("utf-16", "replace").encode()
    if b"\n" in data or b"\r" in data:
        marks.append(said("form.lines", "line ends were added"))
        data = data.translate(None, b"\r\n")
    plain = _BLANKS.sub(lambda matched: matched[1] or b"", data)
    if len(plain) < len(data):
        marks.append(said("form.blanks", "blanks were added"))
    return plain, marks
