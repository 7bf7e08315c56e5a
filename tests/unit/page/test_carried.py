"""The page as it is carried: whole, the same each time, with a trust file where one is baked in."""

import re
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from hanse_ledger.proofs.trustfile import TrustFile
from hanse_page import carried
from hanse_page.build import page
from hanse_page.carried import carried_page
from tests.world.corridor_genesis import GENESIS

CONTENT = re.compile(rb'<meta name="hanse-trust" content="([A-Za-z0-9+/=]*)">')


def test_the_same_sources_make_the_same_page() -> None:
    """Two builds are equal byte for byte."""
    assert page("1.0") == page("1.0")


def test_a_trust_file_is_baked_in_whole() -> None:
    """What the page finds is the file, and nothing else of it changes: its policy still names its script."""
    trust = TrustFile(GENESIS).to_bytes()
    bare, baked = carried_page(), carried_page(trust)
    (found,) = CONTENT.findall(baked)
    assert b64decode(found) == trust
    assert CONTENT.sub(b"", baked) == CONTENT.sub(b"", bare)


def test_its_policy_lets_nothing_run_but_its_own() -> None:
    """The policy names the hash of the one script and the one style that stand there, and asks no network."""
    text = carried_page().decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    for name in ("script", "style"):
        bodies = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        assert len(bodies) == 1
        named = re.search(rf"{name}-src 'sha256-([^']*)'", policy[1])
        assert named is not None
        assert b64decode(named[1]) == sha256(bodies[0].encode()).digest()
    assert "default-src 'none'" in policy[1]
    assert "connect-src" not in policy[1]
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_carried_page_is_given_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the release brought a page, that one is given."""
    brought = tmp_path / "verify.html"
    brought.write_bytes(b'<meta name="hanse-trust" content="">')
    monkeypatch.setattr("hanse_page.carried.BUILT", brought)
    carried._bare.cache_clear()
    try:
        assert carried_page() == brought.read_bytes()
    finally:
        carried._bare.cache_clear()
