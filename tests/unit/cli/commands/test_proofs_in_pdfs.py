"""A proof in a PDF as it is typed: attached, found by `hanse verify`, taken out, and a receipt of the check."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from typer.testing import CliRunner, Result

from hanse_cli.main import app
from hanse_client.verify import inpdf
from hanse_client.verify.inpdf import proofs_in
from tests.unit.documents.paper.test_signed_pdfs import DOCMDP, signed, verify_signature
from tests.web.chosen import NOW, write_all

AT = datetime.fromtimestamp(NOW / 1_000, UTC).isoformat()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of proofs, and a PDF of somebody else's."""
    place = tmp_path_factory.mktemp("pdfs")
    write_all(place)
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    (place / "invoice.pdf").write_bytes(out.getvalue())
    return place


def typed(folder: Path, *words: str) -> Result:
    """Type a command; words that end like files are files of the folder."""
    paths = [str(folder / word) if word.endswith((".pdf", ".hanse", ".json", ".xml")) else word for word in words]
    return CliRunner().invoke(app, paths)


def verify(folder: Path, *words: str) -> Result:
    """Verify a file at the story's present."""
    return typed(folder, "verify", *words, "--trust", "trust.json", "--offline", "--at", AT)


def attached(folder: Path, proof: str, to: str = "invoice.pdf", more: Sequence[str] = ()) -> Path:
    """Attach a proof to a PDF, and give the new one."""
    out = folder / f"with-{proof}-{to}"
    done = typed(folder, "proof", "attach", to, proof, "--out", out.name, "--force", *more)
    assert done.exit_code == 0, done.exception
    return out


@pytest.mark.parametrize(("proof", "code"), [("valid.hanse", 0), ("revoked.hanse", 11), ("tampered.hanse", 10)])
def test_the_verdict_is_that_of_the_proof_inside(folder: Path, proof: str, code: int) -> None:
    """A PDF has the verdict of the proof that is attached; that its pages were not checked is said."""
    done = verify(folder, attached(folder, proof).name)
    assert done.exit_code == code
    assert done.stdout == verify(folder, proof).stdout
    assert ("not what its pages show" in done.stderr) is (code == 0)


def test_a_pdf_is_told_by_its_content(folder: Path) -> None:
    """Called otherwise, it has pages that were not checked all the same."""
    called = attached(folder, "valid.hanse").rename(folder / "pdf.hanse")
    assert "not what its pages show" in verify(folder, called.name).stderr


def test_a_document_is_compared_with_the_proof_inside(folder: Path) -> None:
    """`--document` beside a PDF asks the proof that is attached."""
    pdf = attached(folder, "valid.hanse")
    done = verify(folder, pdf.name, "--document", "certificate.pdf", "--json")
    assert json.loads(done.stdout)["document"]["match"] == "same"


def test_a_pdf_without_a_proof_and_one_with_two_are_told_apart(folder: Path) -> None:
    """None is no proof file; two cannot be checked, and each can be taken out by its number."""
    none = verify(folder, "invoice.pdf")
    assert (none.exit_code, "no proof is attached" in none.stdout) == (14, True)
    with (folder / "large.pdf").open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(60 * 1024 * 1024)
    large = verify(folder, "large.pdf")
    assert (large.exit_code, "a PDF of 62914560 bytes; at most 37748736 are opened" in large.stdout) == (14, True)
    with_one = attached(folder, "valid.hanse")
    assert "has a proof attached already" in str(
        typed(folder, "proof", "attach", with_one.name, "revoked.hanse", "--out", "two.pdf").exception
    )
    replaced = attached(folder, "revoked.hanse", with_one.name, ["--replace"])
    assert verify(folder, replaced.name).exit_code == 11
    assert with_one.read_bytes() == replaced.read_bytes()[: len(with_one.read_bytes())]
    writer = PdfWriter(clone_from=io.BytesIO(with_one.read_bytes()))
    writer.add_attachment("second.hanse", (folder / "revoked.hanse").read_bytes())
    with (folder / "two.pdf").open("wb") as file:
        writer.write(file)
    two = verify(folder, "two.pdf")
    assert (two.exit_code, "2 proofs attached" in two.stdout) == (20, True)
    assert "--number 1 to 2" in str(typed(folder, "proof", "detach", "two.pdf", "--out", "out.hanse").exception)
    assert "no number 3" in str(
        typed(folder, "proof", "detach", "two.pdf", "--out", "out.hanse", "--number", "3").exception
    )
    assert typed(folder, "proof", "detach", "two.pdf", "--out", "out.hanse", "--number", "2").exit_code == 0
    assert (folder / "out.hanse").read_bytes() in proofs_in((folder / "two.pdf").read_bytes())
    assert "no proof attached" in str(typed(folder, "proof", "detach", "invoice.pdf", "--out", "none.hanse").exception)


def test_what_is_no_proof_is_not_attached(folder: Path) -> None:
    """Neither another file, nor a proof to what is no PDF."""
    assert "no proof" in str(typed(folder, "proof", "attach", "invoice.pdf", "trust.json", "--out", "x.pdf").exception)
    assert "cannot be read" in str(
        typed(folder, "proof", "attach", "invoice.xml", "valid.hanse", "--out", "x.pdf").exception
    )
    assert "is there already" in str(
        typed(folder, "proof", "attach", "invoice.pdf", "valid.hanse", "--out", "invoice.pdf").exception
    )


def test_a_pdf_that_begins_further_in_is_verified(folder: Path) -> None:
    """What mail has put before it is no part of it; the proof inside is found, and one is attached."""
    mailed = b"Received: by mail\r\n\r\n"
    (folder / "mailed.pdf").write_bytes(mailed + attached(folder, "valid.hanse").read_bytes())
    done = verify(folder, "mailed.pdf")
    assert (done.exit_code, done.stdout) == (0, verify(folder, "valid.hanse").stdout)
    assert "not what its pages show" in done.stderr
    (folder / "plain.pdf").write_bytes(mailed + (folder / "invoice.pdf").read_bytes())
    assert verify(folder, attached(folder, "revoked.hanse", "plain.pdf").name).exit_code == 11


def test_a_signature_is_named_where_a_proof_is_attached(folder: Path) -> None:
    """It holds as it did, and whoever attaches is told what a viewer will say; one that allows no change is refused."""
    (folder / "signed.pdf").write_bytes(signed((folder / "invoice.pdf").read_bytes()))
    done = typed(folder, "proof", "attach", "signed.pdf", "valid.hanse", "--out", "both.pdf", "--json")
    assert json.loads(done.stdout)["signatures"] == 1
    assert "does not cover the proof" in done.stderr
    verify_signature((folder / "both.pdf").read_bytes())
    assert verify(folder, "both.pdf").exit_code == 0
    (folder / "certified.pdf").write_bytes(signed((folder / "invoice.pdf").read_bytes(), reference=DOCMDP))
    refused = typed(folder, "proof", "attach", "certified.pdf", "valid.hanse", "--out", "none.pdf")
    assert "is certified" in str(refused.exception)
    assert not (folder / "none.pdf").exists()


@pytest.mark.parametrize("language", ["en", "zh", "de", "fr", "es", "ar"])
def test_a_receipt_is_a_paper_with_its_proof(folder: Path, language: str) -> None:
    """It says the verdict in each language, and is verified itself."""
    receipt = f"receipt-{language}.pdf"
    done = typed(
        folder, "--lang", language, "verify", "valid.hanse", "--trust", "trust.json", "--at", AT, "--pdf", receipt
    )
    assert done.exit_code == 0, done.exception
    assert verify(folder, receipt).stdout == verify(folder, "valid.hanse").stdout
    assert str(PdfReader(folder / receipt).root_object["/Lang"]).startswith(language)
    assert len(PdfReader(folder / receipt).pages[0].extract_text()) > 400


def test_a_receipt_needs_a_proof(folder: Path) -> None:
    """Nothing is written of a file in which there is none, of a stream, or over another file."""
    for file, words in (("invoice.pdf", "no proof is attached"), ("trust.json", "no proof"), ("-", "no file of it")):
        assert words in str(verify(folder, file, "--pdf", "none.pdf").exception)
        assert not (folder / "none.pdf").exists()
    assert "is there already" in str(verify(folder, "valid.hanse", "--pdf", "invoice.pdf").exception)


def test_without_the_extra_nothing_is_judged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks what reads PDFs cannot check, which is no verdict about the proof."""
    pdf = attached(folder, "valid.hanse")
    monkeypatch.setattr(inpdf, "find_spec", lambda name: None)
    done = verify(folder, pdf.name)
    assert (done.exit_code, "extra `documents`" in done.stdout) == (20, True)
