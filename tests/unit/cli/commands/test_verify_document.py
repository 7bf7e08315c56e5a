"""`hanse verify --document`: a file beside a proof is the very one, another, or cannot be told from others."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hanse_cli.main import app
from tests.tables.verifying import told
from tests.web.chosen import NOW, write_all


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of proofs, and of documents and openings beside them."""
    place = tmp_path_factory.mktemp("chosen")
    write_all(place)
    return place


def verify(folder: Path, proof: str, *words: str) -> Result:
    """Verify a proof of the folder at the story's present; words that name a file of the folder are its path."""
    options = [str(folder / word) if (folder / word).exists() else word for word in words]
    at = datetime.fromtimestamp(NOW / 1_000, UTC).isoformat()
    command = ["verify", str(folder / proof), "--trust", str(folder / "trust.json"), "--offline", "--at", at]
    return CliRunner().invoke(app, [*command, *options])


@pytest.mark.parametrize(
    ("proof", "words", "code", "said"),
    [
        ("valid.hanse", ("--document", "certificate.pdf"), 0, "is the very document to which record"),
        ("valid.hanse", ("--document", "invoice.xml", "--opening", "opening.json"), 0, "is the very document"),
        ("valid.hanse", ("--document", "invoice.xml"), 20, "cannot be told"),
        ("certificate-alone.hanse", ("--document", "other.txt"), 13, "none of the 1 documents"),
        ("status.hanse", ("--document", "certificate.pdf"), 20, "no record that is proven commits to a document"),
        ("tampered.hanse", ("--document", "certificate.pdf"), 10, "no record that is proven commits to a document"),
        ("revoked.hanse", ("--document", "certificate.pdf"), 11, "is the very document to which record"),
    ],
)
def test_each_answer_has_its_words_and_its_code(
    folder: Path, proof: str, words: tuple[str, ...], code: int, said: str
) -> None:
    """Of a proof on which one may rely the document decides the exit code; of another the verdict does."""
    done = verify(folder, proof, *words)
    assert said in done.stdout.rpartition("\nDocument\n")[2]
    assert done.exit_code == code


def test_a_program_reads_the_answer(folder: Path) -> None:
    """As JSON the answer stands beside the report, with the record; without a document there is none."""
    done = verify(folder, "valid.hanse", "--document", "certificate.pdf", "--json")
    answer = json.loads(done.stdout)["document"]
    assert answer["match"] == "same"
    assert answer["record"] == told().signed["certificate"].id.hex()
    assert answer["said"]["id"] == "document.same"
    assert "document" not in json.loads(verify(folder, "valid.hanse", "--json").stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--opening", "opening.json"), "--opening opens a document, and none is named."),
        (("--document", "certificate.pdf", "--opening", "other.txt"), "that is no file of an opening"),
        (("--document", "missing.pdf"), "missing.pdf cannot be read"),
        (("--document", "certificate.pdf", "--opening", "missing.json"), "missing.json cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_said(folder: Path, words: tuple[str, ...], said: str) -> None:
    """An opening without a document, one that is none, and files that are not there are refused, each in its words."""
    assert said in str(verify(folder, "valid.hanse", *words).exception)


def test_a_proof_from_a_stream_has_nothing_beside_it(folder: Path) -> None:
    """The proof is read again for the document: it must lie in a file."""
    command = ["verify", "-", "--trust", str(folder / "trust.json"), "--document", str(folder / "other.txt")]
    refused = CliRunner().invoke(app, command, input=b"{}").exception
    assert "a proof in a file" in str(refused)
