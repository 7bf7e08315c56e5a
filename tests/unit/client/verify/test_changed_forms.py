"""A file that an editor, a mail or a broken download has changed is refused, and told apart from one that lies."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanse_cli.main import run
from hanse_client.verify.offline import verify_file
from hanse_client.verify.report import report_json
from hanse_ledger.proofs.prooffile import write_proof
from hanse_ledger.proofs.report import Report
from hanse_ledger.proofs.trustfile import TrustFile, read_trust, write_trust
from hanse_ledger.values.errors import FormChanged
from hanse_ledger.values.verdict import Verdict
from tests.tables.proofs import ProofMaker
from tests.world.corridor import story
from tests.world.corridor_genesis import GENESIS, T0

TRUST = TrustFile(GENESIS)


@cache
def proof_bytes() -> bytes:
    """Give a proof file that is sound."""
    corridor = story()
    return write_proof(ProofMaker(corridor).proof(corridor.id["certificate"]))


def trust_bytes() -> bytes:
    """Give its trust file."""
    return write_trust(GENESIS)


EDITED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a line end": (lambda data: data + b"\n", "line ends"),
    "a line end of Windows": (lambda data: data + b"\r\n", "line ends"),
    "a blank before": (lambda data: b" " + data, "blanks"),
    "a byte order mark": (lambda data: b"\xef\xbb\xbf" + data, "byte order mark"),
    "UTF-16, as Windows redirects": (lambda data: (data.decode() + "\r\n").encode("utf-16"), "UTF-16"),
    "UTF-16, big end first": (lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"), "UTF-16"),
    "written prettily": (
        lambda data: json.dumps(json.loads(data), indent=2, ensure_ascii=False).encode(),
        "line ends were added, blanks",
    ),
    "wrapped by a mail": (
        lambda data: b"\r\n".join(data[at : at + 76] for at in range(0, len(data), 76)),
        "line ends",
    ),
    "a mail's last words": (lambda data: data + b"\r\n-- \r\nSent from my telephone", "follows after its end"),
    "twice": (lambda data: data + data, "follows after its end"),
    "zeros behind": (lambda data: data + bytes(512), "zero bytes"),
}

ENDED: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "a line end alone": lambda _: b"\n",
    "five bytes": lambda data: data[:5],
    "cut in the middle": lambda data: data[: len(data) // 2],
    "without its last byte": lambda data: data[:-1],
    "cut, and filled with zeros": lambda data: data[: len(data) // 2] + bytes(4_096),
    "cut, with a line end": lambda data: data[: len(data) // 2] + b"\n",
}

OTHERS: dict[str, tuple[bytes, str]] = {
    "a page": (b"<!DOCTYPE html>\n<html><body>404", "a page of HTML"),
    "a page of capitals": (b"\n<HTML>", "a page of HTML"),
    "an invoice": (b'<?xml version="1.0"?><Invoice/>', "XML"),
    "a PDF": (b"%PDF-1.7\n", "a PDF"),
    "an archive": (b"PK\x03\x04....", "a ZIP archive"),
    "a trust file": (trust_bytes(), "a trust file"),
}


def judged(data: bytes) -> Report:
    """Check a file, with and without a trust file: the form is judged alike."""
    report, without = verify_file(data, TRUST, T0), verify_file(data, None, T0)
    assert (report.verdict, report.reason, report.detail) == (without.verdict, without.reason, without.detail)
    assert msgspec.json.decode(report_json(report))["reason"] == report.reason
    return report


@pytest.mark.parametrize("name", EDITED)
def test_a_changed_form_is_no_tampering(name: str) -> None:
    """What was added can be told from what was there: refused, with a reason of its own, and what to do."""
    change, words = EDITED[name]
    report = judged(change(proof_bytes()))
    assert (report.verdict, report.reason) == (Verdict.UNSUPPORTED_FORMAT, "form-changed")
    assert words in report.detail
    assert "get the original" in report.detail


@pytest.mark.parametrize("name", ENDED)
def test_what_broke_off_ends_too_early(name: str) -> None:
    """A download that broke off is named as that."""
    report = judged(ENDED[name](proof_bytes()))
    assert (report.verdict, report.reason) == (Verdict.UNSUPPORTED_FORMAT, "ends-early")
    assert "ends too early" in report.detail or "is empty" in report.detail


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", [b'"\\', b'\\"', b'"\\ ', b'\\" '], ids=ascii)
def test_texts_that_never_end_are_passed_over_once(piece: bytes) -> None:
    """A file of quotes none of which ends a text costs as much as it is long, not the square of that."""
    report = judged(b'\n{"@type":"hanse.proof/2","' + piece * 100_000)
    assert report.verdict in (Verdict.TAMPERED, Verdict.UNSUPPORTED_FORMAT)


@given(st.integers(0, len(proof_bytes()) - 1))
@example(23)
def test_every_beginning_of_a_proof_ends_too_early(size: int) -> None:
    """Wherever it broke off."""
    assert verify_file(proof_bytes()[:size], TRUST, T0).reason == "ends-early"


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_proof_is_named(name: str) -> None:
    """Whoever was given something else learns what it is."""
    data, words = OTHERS[name]
    report = judged(data)
    assert (report.verdict, report.reason) == (Verdict.UNSUPPORTED_FORMAT, "not-a-proof")
    assert words in report.detail


@pytest.mark.parametrize("name", EDITED)
def test_a_lie_in_another_form_is_not_excused(name: str) -> None:
    """A changed form says nothing in favour of what the file says: nothing in it is judged, and it is refused."""
    data = bytearray(proof_bytes())
    place = data.index(b'"entry":"') + 40
    data[place] = ord("A") if data[place] != ord("A") else ord("B")
    assert verify_file(bytes(data), TRUST, T0).verdict is Verdict.TAMPERED
    assert verify_file(EDITED[name][0](bytes(data)), TRUST, T0).verdict is Verdict.UNSUPPORTED_FORMAT


def test_other_writing_of_what_it_says_is_tampering() -> None:
    """Only what stands outside of the texts is form: keys in another order, escapes and doubles are another file."""
    text = proof_bytes().decode()
    for other in (
        text.replace("—", "\\u2014", 1),
        text.replace('"mark":null', '"mark":null,"mark":null', 1),
        json.dumps(dict(reversed(json.loads(text).items())), separators=(",", ":"), ensure_ascii=False),
    ):
        assert other != text
        assert verify_file(other.encode(), TRUST, T0).verdict in (Verdict.TAMPERED, Verdict.UNSUPPORTED_FORMAT)
    assert verify_file(text.replace("—", "\\u2014", 1).encode(), TRUST, T0).verdict is Verdict.TAMPERED


@pytest.mark.parametrize("name", EDITED)
def test_trust_files_are_told_apart_too(name: str) -> None:
    """A trust file of a changed form is refused in the same words."""
    change, words = EDITED[name]
    with pytest.raises(FormChanged, match=words):
        read_trust(change(trust_bytes()))


def test_the_command_line_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`verify` ends with 14 and the words; `inspect` does not call it damaged."""
    proof, trust = tmp_path / "a.hanse", tmp_path / "trust.json"
    trust.write_bytes(trust_bytes())
    proof.write_bytes(proof_bytes() + b"\n")
    assert run(["verify", str(proof), "--trust", str(trust), "--offline"]) == 14
    assert "get the original" in capsys.readouterr().out
    assert run(["verify", str(proof), "--trust", str(trust), "--offline", "--json"]) == 14
    assert json.loads(capsys.readouterr().out)["reason"] == "form-changed"
    assert run(["inspect", str(proof)]) == 14
    assert "its form was changed" in capsys.readouterr().err
