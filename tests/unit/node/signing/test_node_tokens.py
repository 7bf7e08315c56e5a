"""Tokens have a name, scopes and an end; only their hashes are kept, and a running node follows the file."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanse_ledger.values import patterns
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import Moment
from hanse_node.base.bounds import TOKEN_FILE_BYTES, TOKENS
from hanse_node.base.errors import CannotStart
from hanse_node.signing import tokens
from hanse_node.signing.tokens import (
    FORMAT,
    Scope,
    Token,
    TokenBook,
    TokenFile,
    TokenRefused,
    create_token,
    read_tokens,
    revoke_token,
)
from tests.world.corridor_genesis import DAY, T0

LATEST = 253_402_300_799_999


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now: Moment = T0

    def __call__(self) -> Moment:
        """Give the present."""
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a token file that does not exist yet."""
    return tmp_path / "keys" / "tokens"


def make(file: Path, name: str, *scopes: Scope) -> str:
    """Make a token for a day."""
    return create_token(file, name, scopes or (Scope.READ,), ends=T0 + DAY, now=T0)


def book_of(file: Path, clock: Clock | None = None) -> TokenBook:
    """Read a file as a node does that looks at each request."""
    return TokenBook(file, clock or Clock())


def test_a_token_is_kept_without_its_secret(file: Path) -> None:
    """The file holds name, scopes, end and hash, is nobody else's to read, and no part of the secret stands in it."""
    before = os.umask(0)
    try:
        secret = make(file, "auditor", Scope.READ, Scope.ENTRIES, Scope.READ)
    finally:
        os.umask(before)
    (token,) = read_tokens(file)
    assert (token.name, token.scopes, token.created, token.ends) == (
        "auditor",
        (Scope.ENTRIES, Scope.READ),
        T0,
        T0 + DAY,
    )
    assert token.sha256 == hash_bytes(secret.encode())
    assert secret.removeprefix(tokens.PREFIX).encode() not in file.read_bytes()
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (file.parent, *file.parent.iterdir())}
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes


def test_a_secret_opens_until_its_end(file: Path) -> None:
    """It is found by the secret alone, and counts until the moment at which it ends."""
    clock, secret = Clock(), make(file, "auditor")
    book = book_of(file, clock)
    found = book.find(secret)
    assert found is not None
    for wrong in ("", secret[:-1], secret + "x", secret.swapcase(), found.sha256.hex()):
        assert book.find(wrong) is None
    clock.now = T0 + DAY - 1
    assert not book.ended(found)
    clock.now = T0 + DAY
    assert book.ended(found)


def test_changes_are_taken_up_while_the_node_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new token opens, and a revoked one does so no more, without a restart."""
    monkeypatch.setattr(tokens, "LOOK_SECONDS", 0.0)
    first = make(file, "auditor")
    book = book_of(file)
    second = make(file, "prometheus", Scope.METRICS)
    assert [book.find(secret) is not None for secret in (first, second)] == [True, True]
    revoke_token(file, "auditor")
    assert [book.find(secret) is not None for secret in (first, second)] == [False, True]


def test_a_file_that_is_gone_opens_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever removes the file of a running node takes the tokens away, and opens it to nobody."""
    monkeypatch.setattr(tokens, "LOOK_SECONDS", 0.0)
    assert not book_of(file).asked
    secret = make(file, "auditor")
    book = book_of(file)
    file.unlink()
    assert book.find(secret) is None
    assert book.asked


def test_the_last_token_that_is_revoked_opens_nothing(file: Path) -> None:
    """A node that is started again afterwards asks for a token as before, and knows none."""
    secret = make(file, "auditor")
    revoke_token(file, "auditor")
    book = book_of(file)
    assert book.asked
    assert book.find(secret) is None


def test_a_file_that_is_not_in_order_changes_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The tokens before go on to count, and it is said, once."""
    monkeypatch.setattr(tokens, "LOOK_SECONDS", 0.0)
    secret = make(file, "auditor")
    book = book_of(file)
    file.write_bytes(file.read_bytes()[:-1])
    assert book.find(secret) is not None
    assert book.find(secret) is not None
    assert "is damaged" in book.failure
    assert caplog.text.count("cannot be taken up") == 1
    file.unlink()
    second = make(file, "other")
    assert [book.find(each) is not None for each in (secret, second)] == [False, True]
    assert book.failure == ""


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ('{"format":"hanse.tokens/1","tokens":[]}', 0o640, "can be read by other users"),
        ('{"format":"hanse.tokens/1","tokens":[]}', 0o604, "can be read by other users"),
        ("a-token-of-the-old-form\nanother-token-of-it\n", 0o600, "a token file of the old form"),
        ("", 0o600, "a token file of the old form"),
        ("{}", 0o600, "is damaged"),
        ('{"format":"hanse.tokens/1","tokens":[] }', 0o600, "is damaged"),
        ('{"format":"hanse.tokens/2","tokens":[]}', 0o600, "is not of this release"),
        ('{"format":"hanse.tokens/1","tokens":[],"more":1}', 0o600, "is damaged"),
        ('{"' + "x" * TOKEN_FILE_BYTES, 0o600, "is damaged"),
    ],
)
def test_a_bad_file_is_refused(file: Path, text: str, mode: int, says: str) -> None:
    """A node does not start with a file that it does not understand, or that others can read."""
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(mode)
    with pytest.raises(CannotStart, match=says):
        read_tokens(file)
    with pytest.raises(CannotStart, match=says):
        make(file, "auditor")
    assert file.read_text() == text


@pytest.mark.parametrize("name", ["", "A", "two words", "a\n", "a" * 64, "-a", "é"])
def test_a_name_is_a_plain_word(file: Path, name: str) -> None:
    """What stands in logs and quotas is short and harmless."""
    with pytest.raises(TokenRefused, match="is no name"):
        make(file, name)
    assert not file.exists()


def test_refusals_change_nothing(file: Path) -> None:
    """A name that is taken, no scope, an end in the past, one too many, one that is not there."""
    make(file, "auditor")
    before = file.read_bytes()
    for refused, says in (
        (lambda: make(file, "auditor"), "already"),
        (lambda: create_token(file, "x", (), ends=T0 + 1, now=T0), "opens something"),
        (lambda: create_token(file, "x", (Scope.READ,), ends=T0, now=T0), "ends after now"),
        (lambda: revoke_token(file, "other"), "no token named other"),
    ):
        with pytest.raises(TokenRefused, match=says):
            refused()
    assert file.read_bytes() == before
    for number in range(TOKENS - 1):
        make(file, f"reader-{number}")
    with pytest.raises(TokenRefused, match=f"{TOKENS} tokens already"):
        make(file, "one-more")


def test_programs_change_the_file_together(file: Path) -> None:
    """Of many that make tokens at once none is lost."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: make(file, f"reader-{number}"), range(24)))
    assert len(read_tokens(file)) == 24


TOKEN_VALUES = st.builds(
    Token,
    created=st.integers(0, LATEST),
    ends=st.integers(0, LATEST),
    name=st.from_regex(patterns.NAME),
    scopes=st.lists(st.sampled_from(Scope), min_size=1, max_size=4, unique=True).map(tuple),
    sha256=st.binary(min_size=32, max_size=32),
)


@given(st.lists(TOKEN_VALUES, max_size=5))
def test_a_file_comes_back(found: list[Token]) -> None:
    """What is written is read again, byte for byte."""
    kept = TokenFile(format=FORMAT, tokens=tuple(found))
    assert decode_json(encode_json(kept), tokens._decoder, what="tokens", most=TOKEN_FILE_BYTES) == kept
