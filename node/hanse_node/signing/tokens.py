"""The tokens with which readers ask: each has a name, scopes and an end, and only its hash is kept.

One file, canonical JSON, mode 0600, written by `hanse token` alone. A running node takes changes up within a second.
A secret has 256 random bits, so that its SHA-256 needs neither salt nor slowness: nobody can try them out.
"""

import logging
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from hmac import compare_digest
from pathlib import Path
from time import monotonic
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from hanse_io.durable import SAVE_AS_UTF8, not_utf8, replace_durably, without_mark
from hanse_ledger.values import patterns
from hanse_ledger.values.errors import Malformed, OtherRelease
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.jsonform import decode_json, encode_json
from hanse_ledger.values.types import Digest, Moment
from hanse_node.base.bounds import TOKEN_FILE_BYTES, TOKENS
from hanse_node.base.changing import alone_with
from hanse_node.base.errors import CannotStart, NodeError

log = logging.getLogger(__name__)

FORMAT = "hanse.tokens/1"
PREFIX = "hanse_"
"""What a secret begins with, so that whoever finds one lying about knows what it is."""

SECRET_BYTES = 32
LOOK_SECONDS = 1.0
"""How often a running node looks whether the file has changed."""


class Scope(StrEnum):
    """What a token opens."""

    READ = "read"
    SUBMIT = "submit"
    ENTRIES = "entries"
    METRICS = "metrics"
    PAYLOADS = "payloads"
    PUBLISH = "publish"
    READS = "reads"


class Token(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token as it is kept: not the secret, but its SHA-256. It counts until just before `ends`."""

    created: Moment
    ends: Moment
    name: Annotated[str, Meta(pattern=patterns.NAME)]
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=len(Scope))]
    sha256: Digest


class TokenFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All tokens of a node, in the order of their names."""

    format: str
    tokens: Annotated[tuple[Token, ...], Meta(max_length=TOKENS)]


class TokenRefused(NodeError):
    """A token cannot be made or revoked. Nothing has changed; `next_step` says what to do."""

    def __init__(self, reason: str, next_step: str) -> None:
        super().__init__(f"{reason}. {next_step}")
        self.reason, self.next_step = reason, next_step


_decoder = msgspec.json.Decoder(TokenFile)


def read_tokens(path: Path) -> tuple[Token, ...]:
    """Read a token file; nothing if there is no file.

    Raises:
        CannotStart: it can be read by others, is no token file, or is one of the old form.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(path.stat().st_mode)
            data = file.read(TOKEN_FILE_BYTES + 1)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CannotStart(f"{path} cannot be read: {error.strerror}", "Restore its rights") from error
    if mode & 0o077:
        raise CannotStart(f"{path} can be read by other users (mode {mode:04o})", f"Run: chmod 600 {path}")
    if fault := not_utf8(data):
        raise CannotStart(f"{path} cannot be read: {fault}", SAVE_AS_UTF8)
    data = without_mark(data).rstrip()
    if not data.startswith(b"{"):
        raise CannotStart(
            f"{path} is a token file of the old form: its tokens stand in it as they are, with no name and no end",
            "Move it away, and make each reader a new one: hanse token create NAME --scope read",
        )
    try:
        found = decode_json(data, _decoder, what=path.name, most=TOKEN_FILE_BYTES, form=FORMAT)
    except OtherRelease as error:
        raise CannotStart(
            f"{path} is not of this release: {error.detail}", "Move it away, and make new ones: hanse token create"
        ) from error
    except Malformed as error:
        raise CannotStart(
            f"{path} is damaged: {error.detail}", "Move it away, and make new ones: hanse token create"
        ) from error
    names = [token.name for token in found.tokens]
    if names != sorted(set(names)):
        raise CannotStart(f"{path} names a token twice, or out of order", "Move it away, and make new ones")
    return found.tokens


def create_token(path: Path, name: str, scopes: tuple[Scope, ...], *, ends: Moment, now: Moment) -> str:
    """Make a token, and give its secret, which is kept nowhere; durable on return.

    Args:
        path: the token file, which may not exist yet.
        name: whose it is.
        scopes: what it opens.
        ends: until when, in milliseconds since 1970.
        now: the present.

    Raises:
        TokenRefused: the name is taken or not one, nothing is opened, the end lies in the past, or there are too many.
        CannotStart: the file is not in order.
        OSError: it cannot be written.
    """
    if not re.search(patterns.NAME, name):
        raise TokenRefused(f"{name!r} is no name of a token", "Use up to 63 of a-z, 0-9, dots and hyphens")
    if not scopes or ends <= now:
        raise TokenRefused("A token opens something, and ends after now", "Give a scope, and a number of days")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    with _changing(path) as tokens:
        if name in tokens:
            raise TokenRefused(
                f"There is a token named {name} already", "Choose another name, or revoke that one first"
            )
        if len(tokens) >= TOKENS:
            raise TokenRefused(
                f"There are {TOKENS} tokens already", "Revoke some: hanse token list, hanse token revoke"
            )
        tokens[name] = Token(
            created=now, ends=ends, name=name, scopes=tuple(sorted(set(scopes))), sha256=hash_bytes(secret.encode())
        )
    return secret


def revoke_token(path: Path, name: str) -> None:
    """Make a token open nothing any more; durable on return. Raises TokenRefused, CannotStart, OSError."""
    with _changing(path) as tokens:
        if name not in tokens:
            raise TokenRefused(f"There is no token named {name}", "See which there are: hanse token list")
        del tokens[name]


@contextmanager
def _changing(path: Path) -> Iterator[dict[str, Token]]:
    """Let tokens be changed by name, one program at a time."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone_with(path):
        tokens = {token.name: token for token in read_tokens(path)}
        yield tokens
        kept = TokenFile(format=FORMAT, tokens=tuple(tokens[name] for name in sorted(tokens)))
        replace_durably(path, encode_json(kept))


class TokenBook:
    """A node's tokens while it runs: as the file has them now. Any thread may ask."""

    def __init__(self, path: Path, clock: Callable[[], Moment]) -> None:
        """Read the file. Raises CannotStart."""
        self._path, self._clock = path, clock
        self._stamp = self._stamped()
        self._tokens = read_tokens(path)
        self._look_at = monotonic() + LOOK_SECONDS
        self._asked = self._stamp is not None
        self.failure = ""
        """Why a changed file was not taken up; nothing while all is well."""

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Those that are kept, ended ones too."""
        if monotonic() >= self._look_at:
            self.look()
        return self._tokens

    @property
    def asked(self) -> bool:
        """Whether there is a file, or ever was: one whose last token was revoked opens nothing to everybody."""
        return bool(self.tokens) or self._asked

    def find(self, secret: str) -> Token | None:
        """Give the token of a secret, whether or not it has ended."""
        shown = hash_bytes(secret.encode())
        # Every one is compared, so that the time taken says nothing.
        known = [token for token in self.tokens if compare_digest(shown, token.sha256)]
        return known[0] if known else None

    def ended(self, token: Token) -> bool:
        """Tell whether a token counts no more."""
        return self._clock() >= token.ends

    def look(self) -> None:
        """Take up a changed file. What is not in order is said, and the tokens stay as they were."""
        self._look_at = monotonic() + LOOK_SECONDS
        stamp = self._stamped()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._tokens = read_tokens(self._path)
        except CannotStart as error:
            self.failure = error.reason
            log.critical("the changed tokens cannot be taken up; those before go on to count", exc_info=error)
            return
        self.failure, self._asked = "", self._asked or stamp is not None
        log.info("the tokens have changed, and are taken up", extra={"tokens": len(self._tokens)})

    def _stamped(self) -> tuple[int, int, int, int] | None:
        """Tell one state of the file from another."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode
