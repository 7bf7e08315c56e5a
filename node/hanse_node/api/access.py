"""Who may ask: on loopback everybody on the machine, elsewhere whoever has a token."""

import re
import stat
from collections.abc import Mapping
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path

from msgspec import Struct

from hanse_ledger.hashing import hash_bytes
from hanse_node.access.caller import Caller, CallerKind, nobody_at
from hanse_node.api.problems import EdgeRefusal
from hanse_node.bounds import TOKEN_CHARACTERS, TOKEN_FILE_BYTES, TOKENS
from hanse_node.errors import CannotStart

PUBLIC = frozenset({"/livez", "/readyz", "/log/checkpoint"})
TILES, ENTRY_BUNDLES = "/log/tile/", "/log/tile/entries/"

_TOKEN = re.compile(rf"[\x21-\x7e]{{{TOKEN_CHARACTERS[0]},{TOKEN_CHARACTERS[1]}}}")


class Access(Struct, frozen=True, kw_only=True):
    """What a request must show.

    `tokens` are the SHA-256 of those that count; without any, none is asked for. `hosts` are the names under which
    the node answers; nil for any. (A web page that points its own name at this machine must not read the ledger.)
    """

    tokens: tuple[bytes, ...] = ()
    hosts: frozenset[str] | None = None

    def check(self, path: str, headers: Mapping[str, str], address: str = "") -> Caller:
        """Let a request pass, or not, and say who asks.

        Args:
            path: the decoded path.
            headers: by name in lower case.
            address: from which it comes.

        Raises:
            EdgeRefusal: `misdirected` or `unauthorized`.
        """
        if self.hosts is not None and _name(headers.get("host", "")) not in self.hosts:
            raise EdgeRefusal("misdirected", "the request names another host than this node's")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        shown = hash_bytes(token.strip().encode())
        # Every token is compared, so that the time taken says nothing.
        known = [compare_digest(shown, each) for each in self.tokens]
        if scheme.lower() == "bearer" and any(known):
            return Caller(CallerKind.TOKEN, shown.hex()[:16])
        if not self.tokens or path in PUBLIC or (path.startswith(TILES) and not path.startswith(ENTRY_BUNDLES)):
            return nobody_at(address)
        raise EdgeRefusal("unauthorized", "the request bears no token of this node")

    @property
    def callers(self) -> int:
        """How many callers have a share set aside: each token, and all who bear none together."""
        return len(self.tokens) + 1


def access_for(host: str, token_file: Path) -> Access:
    """Decide what a node on an address asks for.

    Args:
        host: the address on which it listens.
        token_file: its tokens, one a line, in a file of mode 0600. Needed on any address but loopback; where it
            exists its tokens are asked for on loopback too.

    Raises:
        CannotStart: the file is missing where it is needed, is readable by others, or holds no proper token.
    """
    tokens = read_tokens(token_file)
    if is_loopback(host):
        names = frozenset({"localhost", "127.0.0.1", "::1", host})
        return Access(tokens=tokens, hosts=None if tokens else names)
    if not tokens:
        raise CannotStart(
            f"{host} can be reached from other machines, and there are no tokens in {token_file}",
            f"Write tokens into it, one a line, and run: chmod 600 {token_file}; or listen on 127.0.0.1",
        )
    return Access(tokens=tokens)


def is_loopback(host: str) -> bool:
    """Tell whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False  # a name may lead anywhere


def read_tokens(path: Path) -> tuple[bytes, ...]:
    """Read a token file as SHA-256 of its tokens; nothing if there is no file. Raises CannotStart."""
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
    lines = [line for line in data.decode("ascii", "replace").split("\n") if line]
    if len(data) > TOKEN_FILE_BYTES or len(lines) > TOKENS or not all(_TOKEN.fullmatch(line) for line in lines):
        least, most = TOKEN_CHARACTERS
        raise CannotStart(
            f"{path} does not hold up to {TOKENS} tokens of {least} to {most} visible ASCII characters, one a line",
            "Correct it and start again",
        )
    return tuple(hash_bytes(line.encode()) for line in lines)


def _name(host: str) -> str:
    """Take the port off a Host header."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
