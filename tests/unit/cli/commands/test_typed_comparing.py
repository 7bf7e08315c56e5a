"""`hanse document compare`: files of a trade go in, what they say of each other comes out, in words and as JSON."""

import json
from pathlib import Path

import pytest

from hanse_cli.main import run
from hanse_documents.samples import TRADE, sample


@pytest.fixture
def papers(tmp_path: Path) -> list[str]:
    """Write the four papers of the sample trade."""
    for name in TRADE:
        (tmp_path / name).write_bytes(sample(name))
    return [str(tmp_path / name) for name in TRADE]


def test_papers_that_agree(papers: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing differs: the command ends with 0, and shows what agrees where it is asked to."""
    assert run(["document", "compare", *papers]) == 0
    told = capsys.readouterr().out
    assert "invoice.xml" in told
    assert "0 differ (0 of them block), 0 cannot be compared" in told
    assert run(["document", "compare", "--all", *papers]) == 0
    assert "D-6 The goods have the same HS code: agrees: 691110" in capsys.readouterr().out


def test_a_difference_that_blocks(papers: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Both sides are shown, with what to do; the command ends with 2."""
    certificate = Path(papers[1])
    certificate.write_bytes(
        certificate.read_bytes().replace(b'"6912.00"', b'"9403.60"').replace(b'"691200"', b'"940360"')
    )
    assert run(["document", "compare", *papers[:2]]) == 2
    told = capsys.readouterr().out
    assert "D-6 The goods have the same HS code: DIFFERS (block)" in told
    assert "940360" in told
    assert "Ask the chamber or authority that issued the certificate. Tolerated: first six digits." in told


def test_what_is_not_said_cannot_be_compared(papers: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A field that is missing is told with the reason, and is no difference."""
    certificate = Path(papers[1])
    value = json.loads(certificate.read_bytes())
    del value["supplyChainConsignment"]["importCountry"]
    certificate.write_text(json.dumps(value))
    assert run(["document", "compare", *papers[:2]]) == 0
    assert "D-12 The goods go to the country of import: cannot be compared: certificate" in capsys.readouterr().out


def test_the_answer_for_programs(papers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files with their verdicts, counts, and every finding with all its parts; a file that is not read is said."""
    odd = tmp_path / "note.json"
    odd.write_text('{"note": 1}')
    assert run(["document", "compare", "--json", *papers, str(odd)]) == 14
    answer = json.loads(capsys.readouterr().out)
    assert [each["compared"] for each in answer["files"]] == [True, True, True, True, False]
    assert (answer["blocks"], answer["differ"]) == (0, 0)
    assert answer["agree"] == len(answer["findings"])
    assert set(answer["findings"][0]) == {
        *("check", "title", "left_document", "left_field", "left_value", "outcome", "right_document", "right_field"),
        *("right_value", "weight", "action", "tolerance", "why"),
    }


def test_an_invalid_file_is_no_agreement(papers: list[str]) -> None:
    """A file that is invalid ends the command with 2, whatever the others say."""
    Path(papers[0]).write_text("<not-closed>")
    assert run(["document", "compare", *papers]) == 2


def test_what_is_said_of_a_payment_is_none(
    papers: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message that says how a payment fares stands beside the papers: that it was not compared is said."""
    status = tmp_path / "status.xml"
    status.write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>S1</MsgId>'
        "<CreDtTm>2026-10-12T09:15:41</CreDtTm></GrpHdr><TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId>"
        "<TxSts>ACSC</TxSts></TxInfAndSts></FIToFIPmtStsRpt></Document>"
    )
    assert run(["document", "compare", *papers, str(status)]) == 0
    assert "pacs.002.001.10: valid, not compared" in capsys.readouterr().out
    assert run(["document", "compare", "--json", *papers, str(status)]) == 0
    assert json.loads(capsys.readouterr().out)["files"][-1]["compared"] is False
