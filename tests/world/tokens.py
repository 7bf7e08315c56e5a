"""Tokens whose secrets a test chooses: `hanse token` makes them at random."""

from collections.abc import Iterable
from pathlib import Path

from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.jsonform import encode_json
from hanse_ledger.values.types import Moment
from hanse_node.signing.tokens import FORMAT, Scope, Token, TokenBook, TokenFile

LATEST: Moment = 253_402_300_799_999
EVERYTHING = tuple(Scope)


def token_of(secret: str, name: str = "tests", scopes: Iterable[Scope] = EVERYTHING, ends: Moment = LATEST) -> Token:
    """Make a token of a secret."""
    return Token(created=0, ends=ends, name=name, scopes=tuple(sorted(scopes)), sha256=hash_bytes(secret.encode()))


def keep_tokens(file: Path, *tokens: Token) -> Path:
    """Write a node's token file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.touch(0o600)
    kept = tuple(sorted(tokens, key=lambda token: token.name))
    file.write_bytes(encode_json(TokenFile(format=FORMAT, tokens=kept)))
    return file


def book_of(file: Path, *tokens: Token, now: Moment = 1) -> TokenBook:
    """Give a node's tokens at a moment."""
    return TokenBook(keep_tokens(file, *tokens), lambda: now)
