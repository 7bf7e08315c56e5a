"""Files inside a PDF: added behind its end, found again, and nothing worse than a refusal for what is no sound PDF."""

import io
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from hanse_documents.model.errors import DocumentError, UnsupportedFormat
from hanse_documents.paper.insidefiles import Addition
from hanse_documents.paper.pdffile import PDF_BYTES, conformance, files_inside, with_file
from hanse_documents.paper.sheets import Sheet, SheetRow, SheetSection, typeset

KIND = {"ending": ".hanse", "media_type": "application/x-proof"}
PROOF = Addition(
    name="proof.hanse", media_type="application/x-proof", description="A proof", date="D:20261130083000Z", data=b"{}"
)
XML = Addition(name="factur-x.xml", media_type="text/xml", description="Data", date="D:20261130083000Z", data=b"<x/>")
SHEET = Sheet(
    language="en",
    title="Receipt",
    tone="good",
    verdict="Valid",
    meaning="All is proven.",
    sections=(SheetSection(title="What", lines=("One.",), rows=(SheetRow(name="who", value="Qingwan Kiln"),)),),
    foot=("Keep it.",),
    made_at_s=1_790_000_000,
)
VERAPDF = os.environ.get("HANSE_VERAPDF", "")
"""The folder of veraPDF's jars, from Maven; docs/testing.md says how to get them."""


def foreign(*, tables: bool = True, encrypted: bool = False) -> bytes:
    """Make a PDF with another tool: with a table of its objects, or a stream."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    if encrypted:
        writer.encrypt("secret", algorithm="RC4-128")
    if not tables:
        return typeset(SHEET, XML)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def inside(data: bytes, most: int = 1_000) -> list[tuple[str, bytes]]:
    """Give the names and bytes of the proofs in a PDF."""
    return [(each.name, each.data) for each in files_inside(data, **KIND, most=most)]


@pytest.mark.parametrize("tables", [True, False])
def test_a_file_is_added_behind_the_end(tables: bool) -> None:
    """All old bytes stand first; the file is found by us and by pypdf, as an associated file with type and date."""
    before = foreign(tables=tables)
    after = with_file(before, PROOF)
    assert after.startswith(before)
    assert after == with_file(before, PROOF)
    assert inside(after) == [("proof.hanse", b"{}")]
    assert inside(before) == []
    reader = PdfReader(io.BytesIO(after))
    assert reader.attachments["proof.hanse"] == [b"{}"]
    assert len(reader.pages) == 1
    spec: Any = reader.root_object["/AF"]
    spec = spec[-1].get_object()
    assert (spec["/AFRelationship"], spec["/UF"]) == ("/Supplement", "proof.hanse")
    stream = spec["/EF"]["/F"].get_object()
    assert (stream["/Subtype"], stream["/Params"]["/ModDate"]) == ("/application/x-proof", "D:20261130083000Z")


def test_a_second_file_takes_no_others_place_but_as_told() -> None:
    """What was attached stays; one of the same kind is there twice, or taken out where that is asked for."""
    first = with_file(foreign(tables=False), PROOF)
    second = replace(PROOF, name="other.hanse", data=b"{2}")
    assert inside(with_file(first, second)) == [("other.hanse", b"{2}"), ("proof.hanse", b"{}")]
    instead = with_file(first, second, instead_of=".hanse")
    assert inside(instead) == [("other.hanse", b"{2}")]
    assert [each.data for each in files_inside(instead, ending=".xml", media_type="text/xml", most=99)] == [b"<x/>"]
    assert inside(with_file(first, replace(PROOF, data=b"{3}"))) == [("proof.hanse", b"{3}")]


def test_one_file_under_two_names_is_one() -> None:
    """The same bytes under two names are one proof; two that differ are two."""
    twice = with_file(with_file(foreign(), PROOF), replace(PROOF, name="copy.hanse"))
    assert len(inside(twice)) == 1


def test_a_type_is_enough_and_so_is_an_associated_file_without_a_name_in_the_tree() -> None:
    """A file of the media type is found whatever its name, and one that the list of associated files alone has."""
    assert inside(with_file(foreign(), replace(PROOF, name="attachment"))) == [("attachment", b"{}")]
    writer = PdfWriter(clone_from=io.BytesIO(with_file(foreign(), PROOF)))
    del writer.root_object["/Names"]
    out = io.BytesIO()
    writer.write(out)
    assert inside(out.getvalue()) == [("proof.hanse", b"{}")]


def test_a_tree_of_names_with_branches_is_walked_and_a_loop_in_it_ends() -> None:
    """Names below branches are found and stay; a branch that leads to itself is refused, and not walked for ever."""
    writer = PdfWriter(clone_from=io.BytesIO(with_file(foreign(), XML)))
    names: Any = writer.root_object["/Names"]
    leaf = writer._add_object(names["/EmbeddedFiles"])
    branch = DictionaryObject({NameObject("/Kids"): ArrayObject([leaf])})
    writer.root_object[NameObject("/Names")] = DictionaryObject(
        {NameObject("/EmbeddedFiles"): writer._add_object(branch)}
    )
    out = io.BytesIO()
    writer.write(out)
    both = with_file(out.getvalue(), PROOF)
    assert list(PdfReader(io.BytesIO(both)).attachments) == ["factur-x.xml", "proof.hanse"]
    names = writer.root_object["/Names"]
    branch[NameObject("/Kids")] = ArrayObject([names.raw_get("/EmbeddedFiles")])
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(DocumentError, match="too deep"):
        inside(out.getvalue())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "among its first"),
        (b"%PDF-1.7\n", "sound PDF"),
        (b"%PDF-1.7\nstartxref\n99999\n%%EOF", "sound PDF"),
        (b"<Invoice/>", "among its first"),
        (b"%PDF-" + b" " * PDF_BYTES, "at most"),
    ],
)
def test_what_is_no_sound_pdf_is_refused(data: bytes, words: str) -> None:
    """Each with words; nothing else is raised."""
    for use in (inside, conformance, lambda data: with_file(data, PROOF)):
        with pytest.raises(DocumentError, match=words):
            use(data)


def test_what_may_not_be_changed_or_read_is_said() -> None:
    """An encrypted PDF is not read; one that is certified against changes is not changed."""
    with pytest.raises(UnsupportedFormat, match="encrypted"):
        inside(foreign(encrypted=True))
    writer = PdfWriter(clone_from=io.BytesIO(foreign()))
    writer.root_object[NameObject("/Perms")] = DictionaryObject({NameObject("/DocMDP"): TextStringObject("x")})
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(UnsupportedFormat, match="certified"):
        with_file(out.getvalue(), PROOF)


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    """The bound is on what is unpacked; what unpacks to hundreds of megabytes is not unpacked to its end."""
    with pytest.raises(DocumentError, match="at most 1,000"):
        inside(with_file(foreign(), replace(PROOF, data=b"0" * 1_001)))
    bomb = with_file(foreign(), replace(PROOF, data=b"0" * 76_000_000))
    assert len(bomb) < 1_000_000
    with pytest.raises(DocumentError):
        inside(bomb)


def test_broken_pdfs_give_refusals_alone() -> None:
    """A PDF with bytes changed, cut out or doubled anywhere gives what is inside, or a refusal."""
    chance = random.Random(17)  # noqa: S311 (it chooses bytes to break)
    whole = with_file(foreign(tables=False), PROOF)
    refused = 0
    for _ in range(60):
        place, length = chance.randrange(len(whole)), chance.randrange(1, 400)
        middle = chance.choice([b"", chance.randbytes(length), whole[place : place + length] * 2])
        broken = whole[:place] + middle + whole[place + length :]
        for use in (inside, lambda data: with_file(data, PROOF)):
            try:
                use(broken)
            except (DocumentError, UnsupportedFormat):
                refused += 1
    assert refused


def test_what_a_pdf_says_of_itself_is_read() -> None:
    """A PDF/A says its part; another PDF none."""
    assert conformance(foreign(tables=False)) == 3
    assert conformance(foreign()) is None


def test_a_sheet_is_the_same_bytes_each_time_and_names_what_it_cannot_show() -> None:
    """The same sheet gives the same PDF; a character that stands in no font is refused by its number."""
    assert typeset(SHEET, PROOF) == typeset(SHEET, PROOF)
    for text in ("Ærøskøbing Łódź", "Ελλάδα", "Москва", "شهادة المنشأ", "原产地证书", "カタカナ"):
        assert typeset(replace(SHEET, title=text), PROOF)
    with pytest.raises(DocumentError, match=r"U\+1F600"):
        typeset(replace(SHEET, title="Kiln 😀"), PROOF)
    with pytest.raises(DocumentError, match=r"U\+0E01"):
        typeset(replace(SHEET, sections=(SheetSection(title="What", lines=("ก",)),)), PROOF)


def test_text_of_others_is_text_and_never_markup() -> None:
    """What would be typst's markup, code or a path stands on the page as it is."""
    hostile = '#read("attached.bin") *bold* $x$ \\ [content] //'
    made = typeset(replace(SHEET, sections=(SheetSection(title=hostile, lines=(hostile,)),)), PROOF)
    assert PdfReader(io.BytesIO(made)).pages[0].extract_text().count('#read("attached.bin") *bold* $x$') == 2


@pytest.mark.slow
@pytest.mark.skipif(not VERAPDF, reason="HANSE_VERAPDF names no folder with veraPDF's jars")
def test_verapdf_calls_it_pdf_a_3(tmp_path: Path) -> None:
    """What is written here, and what a proof was added to, twice, conforms to PDF/A-3."""
    made = typeset(SHEET, XML)
    for number, data in enumerate((made, with_file(made, PROOF), with_file(with_file(made, PROOF), PROOF))):
        (tmp_path / f"{number}.pdf").write_bytes(data)
    command = ["java", "-cp", f"{VERAPDF}/*", "org.verapdf.apps.GreenfieldCliWrapper", "--format", "text", "-v"]
    done = subprocess.run(
        [*command, *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True, check=False
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["PASS"] * 3, done.stdout
