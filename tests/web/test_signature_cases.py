"""The public edge cases of Ed25519, C2SP's CCTV and Wycheproof: the page decides each as libsodium does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from hanse_ledger.values.signature_cases import signature_cases
from tests.web.asked import Asked, text
from tests.web.calls.recorded import Call
from tests.web.comparing import differences
from tests.web.engines import Engine


def cases(shared: Path) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Read key, message and signature of each case."""
    folder = shared / "vectors" / "ed25519"
    for each in json.loads((folder / "cctv-ed25519vectors.json").read_text("utf-8")):
        yield bytes.fromhex(each["key"]), each["msg"].encode(), bytes.fromhex(each["sig"])
    for group in json.loads((folder / "wycheproof-ed25519_test.json").read_text("utf-8"))["testGroups"]:
        for test in group["tests"]:
            yield bytes.fromhex(group["publicKey"]["pk"]), bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])


def accepts(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether PyNaCl accepts a signature."""
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def calls(found: Iterator[tuple[bytes, bytes, bytes]]) -> list[Call]:
    """Ask each of the page, and of PyNaCl."""
    return [Call(asked(*case), accepts(*case)) for case in found]


def asked(key: bytes, message: bytes, signature: bytes) -> Asked:
    """Ask whether a signature is verified."""
    return {"ask": "signature", "key": text(key), "message": text(message), "signature": text(signature)}


@pytest.mark.slow
def test_node_decides_the_public_cases_as_libsodium_does(node_engine: Engine, shared: Path) -> None:
    """All 1,065 public cases have the answer of PyNaCl, which accepts 131 of them."""
    expected = calls(cases(shared))
    assert (len(expected), sum(call.answer for call in expected)) == (1_065, 131)
    assert differences(node_engine, expected) == (1_065, [])


@pytest.mark.system
def test_page_decides_the_public_cases_as_libsodium_does(engine: Engine, shared: Path) -> None:
    """In the page itself, in both browsers, they have it too."""
    assert differences(engine, calls(cases(shared))) == (1_065, [])


def test_own_cases_are_decided_as_the_rule_says(node_engine: Engine) -> None:
    """The table of signatures by which a program is told to decide otherwise is decided in node as the rule says."""
    own = [Call(asked(case.key[1:], case.message, case.signature), case.valid) for case in signature_cases()]
    assert differences(node_engine, own) == (len(own), [])
