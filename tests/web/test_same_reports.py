"""What chance and recordings found to differ once, each by itself: the page says now what Python says."""

import base64
import json
from collections.abc import Callable

import msgspec
import pytest

from hanse_ledger.proofs.proof import check_proof
from hanse_ledger.proofs.samedocument import compare_document
from hanse_ledger.proofs.statuscode import check_status
from hanse_ledger.proofs.trustfile import TrustFile, read_trust
from hanse_ledger.values.errors import LedgerError
from hanse_ledger.values.hashing import hash_bytes
from tests.web.asked import Asked, flat, report_asked
from tests.web.calls.recorded import Call
from tests.web.chosen import NOW, code, opening, whole_proof
from tests.web.comparing import differences
from tests.web.engines import Engine
from tests.web.mutants import MADE, seeds, trust, written
from tests.world.corridor_bodies import INVOICE_FILE
from tests.world.corridor_genesis import GENESIS

Damage = Callable[[bytes], bytes]


def without_a_beginning(data: bytes) -> bytes:
    """Leave out the record that created what a later one names."""
    value = json.loads(data)
    first = value["records"].pop(0)
    assert first
    return written(value)


def with_an_extension(data: bytes) -> bytes:
    """Put what MessagePack has and no record may have into what a leaf holds: an extension, of one byte."""
    value = json.loads(data)
    shown = value["objects"][0]["aspects"][0]
    leaf = base64.b64decode(shown["leaf"])
    (name, salt, kept) = msgspec.msgpack.decode(leaf, type=tuple[str, bytes, msgspec.Raw])
    before = leaf[: len(leaf) - len(bytes(kept))]
    assert name
    assert len(salt) == 16
    shown["leaf"] = base64.b64encode(before + b"\xd4\x01\x00").decode()
    return written(value)


def with_an_escape(data: bytes) -> bytes:
    """Write a letter of base64 as an escape: the same text, and another file."""
    begin = data.index(b'"state"')
    at = data.index(b'"entry":"', begin) + 9
    return data[:at] + b"\\u00%02x" % data[at] + data[at + 1 :]


CASES: dict[str, Damage] = {
    "as it is": bytes,
    "a creating record is left out": without_a_beginning,
    "an aspect holds an extension": with_an_extension,
    "base64 with an escape": with_an_escape,
    "cut off within a letter of several bytes": lambda data: data.replace(b"hanse", b"h\xc3\xa4nse")[:-40],
    "cut off after a damaged byte": lambda data: data[:200] + b"\xff" + data[201:-40],
    "one letter after its end": lambda data: data + b"x",
    "twice": lambda data: data * 2,
    "half a letter of two as an escape": lambda data: data.replace(b"hanse", b"\\ud800", 1),
    "a text that never ends": lambda data: b"\n" + data[:-1] + b',"' + b'\\"' * 5_000,
    "a number with no digits behind its point": lambda data: data.replace(b'"number":', b'"number":1.', 1)[:900],
}


@pytest.mark.parametrize("damage", CASES.values(), ids=CASES)
def test_reports_of_damaged_files_are_the_same(node_engine: Engine, damage: Damage) -> None:
    """For every proof of the vectors, damaged in this way, verdict, words and steps are equal."""
    trusted = trust()
    read = read_trust(trusted)
    calls = [
        Call(report_asked(data, trusted, MADE), flat(check_proof(data, read, MADE)))
        for data in map(damage, filter(_whole, seeds()))
    ]
    assert len(calls) > 5
    assert differences(node_engine, calls) == (len(calls), [])


def _whole(data: bytes) -> bool:
    return bool(json.loads(data)["records"])


BLANKS = ("\u3000", "\xa0", "\x85", "\x1c", "\ufeff", " \n")


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_blanks_about_a_code_are_the_same(node_engine: Engine, blank: str) -> None:
    """What Python takes for a blank before and behind the digits, the page takes for one, and nothing else."""
    trusted = TrustFile(GENESIS).to_bytes()
    says = f"{blank}{code()}{blank}"
    asked = {"ask": "code", "text": says, "trust": base64.b64encode(trusted).decode(), "at": NOW}
    call = Call(asked, flat(check_status(says, read_trust(trusted), NOW)))
    assert differences(node_engine, [call]) == (1, [])


OPENINGS: dict[str, Damage] = {
    "as it is": bytes,
    "its format twice, once a number": lambda data: b'{"@type":5,' + data[1:],
    "its format twice, the last a number": lambda data: data[:-1] + b',"@type":5}',
    "its format twice": lambda data: data[:-1] + b',"@type":"hanse.opening/2"}',
    "a text that nobody reads is no UTF-8": lambda data: data[:-1] + b',"more":"\xff"}',
    "half a letter that nobody reads": lambda data: data[:-1] + b',"more":"\\ud800"}',
    "a number that nobody reads": lambda data: data[:-1] + b',"more":' + b"9" * 5_000 + b"}",
    "lists that nobody reads": lambda data: data[:-1] + b',"more":' + b"[" * 400 + b"]" * 400 + b"}",
    "its parts on lines": lambda data: data.replace(b",", b",\r\n"),
    "one letter after its end": lambda data: data + b"x",
}


@pytest.mark.parametrize("damage", OPENINGS.values(), ids=OPENINGS)
def test_openings_are_read_the_same(node_engine: Engine, damage: Damage) -> None:
    """An opening is in no canonical form: what is said twice, and what nobody reads, is judged as Python does."""
    data, digest = damage(opening()), hash_bytes(INVOICE_FILE)
    proven = [act.id for act in check_proof(whole_proof(), TrustFile(GENESIS), NOW).acts]
    try:
        expected = flat(compare_document(whole_proof(), proven, digest, data))
    except LedgerError as error:
        expected = {"refused": str(error)}
    asked = {
        "ask": "document",
        "data": base64.b64encode(whole_proof()).decode(),
        "proven": [each.hex() for each in proven],
        "digest": digest.hex(),
        "opening": base64.b64encode(data).decode(),
    }
    assert differences(node_engine, [Call(asked, expected)]) == (1, [])


def fault(engine: Engine, asked: Asked) -> str:
    """Ask for what ends in a fault of the page, and give what it says."""
    call = Call(asked, None)
    _, (said,) = differences(engine, [call])
    return said


def test_fault_is_no_report(node_engine: Engine) -> None:
    """What the runtime does not know is told as a fault, never as a verdict: the comparison would see it."""
    assert "fault" in fault(node_engine, {"ask": "transition", "data": "", "trust": None, "at": 0})
