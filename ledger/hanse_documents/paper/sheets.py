"""Pages for people to print and keep, as PDF/A-3 with a file attached: the same input gives the same bytes.

The fonts travel with this package, and no other is asked: what a page shows does not hang on who makes it.
"""

import json
import re
from importlib import resources
from typing import Literal

from msgspec import Struct, to_builtins

from hanse_documents.model.errors import DocumentError
from hanse_documents.paper.insidefiles import Addition

STANDARD = "a-3a"
SHEET = "sheet.typ"
MOST_TEXTS = 20_000
"""So many texts stand on one sheet."""

ID_LETTERS = 64
LONG_LETTERS = 48
"""A longer word without a blank is parted, so that it stays on the page."""

_UNSHOWN = re.compile(r'the text `?"(.*?)"`? could not be displayed', re.DOTALL)

Tone = Literal["good", "warned", "bad", "unknown"]


class SheetRow(Struct, frozen=True, kw_only=True):
    """A name and a value."""

    name: str
    value: str


class SheetSection(Struct, frozen=True, kw_only=True):
    """A part of a sheet: a title, then sentences, rows of name and value, and a table; its first line names columns."""

    title: str
    lines: tuple[str, ...] = ()
    rows: tuple[SheetRow, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


class Sheet(Struct, frozen=True, kw_only=True):
    """What stands on paper.

    Attributes:
        language: of the words, such as `zh`; leftward scripts run from the right.
        title: what it is.
        tone: how the verdict is coloured.
        verdict: in a word; and `meaning`, in a sentence.
        meaning: see there.
        sections: what follows, in order.
        code: a QR code as SVG, or nothing; `code_words` says what it holds, `code_mm` is its width.
        code_words: see there.
        code_mm: see there.
        foot: what stands below, such as that a file is attached.
        made_at_s: when the PDF says that it was made, in seconds since 1970.
    """

    language: str
    title: str
    tone: Tone
    verdict: str
    meaning: str
    sections: tuple[SheetSection, ...]
    code: str = ""
    code_words: str = ""
    code_mm: int = 28
    foot: tuple[str, ...]
    made_at_s: int


def typeset(sheet: Sheet, attached: Addition) -> bytes:
    """Write a sheet as PDF/A-3a with a file attached.

    Raises:
        DocumentError: a character stands in no font that is here; it is named.
    """
    import typst  # noqa: PLC0415 (35 MB: who reads documents alone does not load it)

    shown = to_builtins(sheet)
    shown["sections"] = [_parted(section) for section in shown["sections"]]
    words = {"name": attached.name, "media": attached.media_type, "about": attached.description}
    here = resources.files("hanse_documents.paper")
    files = {
        "main": (here / SHEET).read_bytes(),
        "sheet.json": json.dumps({**shown, "attached": words}, ensure_ascii=False, sort_keys=True).encode(),
        "attached.bin": attached.data,
        "code.svg": sheet.code.encode(),
    }
    with resources.as_file(here / "fonts") as fonts:
        try:
            made = typst.compile(  # type: ignore[call-overload] # it takes files by name, which its stub does not say
                files,
                format="pdf",
                font_paths=[str(fonts)],
                ignore_system_fonts=True,
                pdf_standards=STANDARD,
                timestamp=sheet.made_at_s,
            )
        except typst.TypstError as error:
            unshown = _UNSHOWN.search(str(error))
            if unshown is None:
                raise
            raise _without_font(unshown[1]) from error
    assert isinstance(made, bytes), "one document is one file"
    return made


def _without_font(text: str) -> DocumentError:
    named = ", ".join(f"U+{ord(letter):04X}" for letter in text[:8])
    return DocumentError(
        "text",
        seen=f"{text[:8]} ({named})",
        wanted="characters of Latin, Greek, Cyrillic, Arabic, Chinese (GB 2312) or kana",
        action="No font here shows it: write it otherwise, or leave that term out.",
    )


def _parted(value: object) -> object:
    """Let long words of any text break: a blank of no width is put in, but not into an id, which fits."""
    match value:
        case str():
            return " ".join(_breakable(word) for word in value.split(" "))
        case dict():
            return {name: _parted(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_parted(inner) for inner in value]
        case _:
            return value


def _breakable(word: str) -> str:
    if len(word) <= LONG_LETTERS or (len(word.strip(".,;:()")) == ID_LETTERS and word.isascii()):
        return word
    return "\u200b".join(word[place : place + LONG_LETTERS] for place in range(0, len(word), LONG_LETTERS))
