"""The tokens of a node's readers: made, listed, ended."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.with_node.nodeerrors import node_errors, sentences
from hanse_client.base.errors import InvalidInput
from hanse_io.durable import write_durably
from hanse_ledger.values.types import Moment
from hanse_node.base.folder import read_folder
from hanse_node.signing import tokens
from hanse_node.signing.tokens import Scope, Token, TokenRefused


def create_token(
    folder: Path, name: str, scopes: Sequence[str], *, ends: Moment, now: Moment, out: Path | None = None
) -> str:
    """Make a token of a node, and give it: the node keeps only its hash.

    Args:
        folder: the node's.
        name: whose it is.
        scopes: what it opens, by the names of `Scope`.
        ends: until when it counts, in milliseconds since 1970.
        now: the present, likewise.
        out: a new file, mode 0600, that gets it too.

    Raises:
        WouldOverwrite: there is such a file. Nothing was made.
        InvalidInput: a scope or the name is none, or is taken, or a file cannot be written. Likewise.
        NodeFailed: the node's settings or its file of tokens cannot be read.
    """
    file, known = _token_file(folder), {scope.value for scope in Scope}
    for word in scopes:
        if word not in known:
            raise InvalidInput(f"{word} is no scope of a token.", f"Use some of: {', '.join(sorted(known))}.")
    if out is not None and out.exists():
        raise WouldOverwrite(out)
    with _token_errors():
        secret = tokens.create_token(file, name, tuple(map(Scope, scopes)), ends=ends, now=now)
    if out is not None:
        try:
            write_durably(out, secret.encode() + b"\n", replace=False)
        except OSError as error:
            tokens.revoke_token(file, name)  # nobody could ever use it
            raise InvalidInput(f"{out} cannot be written: {error.strerror}.", "Name another file.") from error
    return secret


def read_tokens(folder: Path) -> tuple[Token, ...]:
    """List a node's tokens, without their secrets. Raises InvalidInput, NodeFailed."""
    with _token_errors():
        return tokens.read_tokens(_token_file(folder))


def revoke_token(folder: Path, name: str) -> None:
    """Make a token open nothing any more. Raises InvalidInput: there is none of that name; NodeFailed."""
    with _token_errors():
        tokens.revoke_token(_token_file(folder), name)


@node_errors()
def _token_file(folder: Path) -> Path:
    config, _ = read_folder(folder)
    return folder / str(config.token_file)


@contextmanager
def _token_errors() -> Iterator[None]:
    """Turn what the node refuses of tokens into the SDK's error. Raises InvalidInput, NodeFailed."""
    try:
        with node_errors():
            try:
                yield
            except TokenRefused as error:
                raise InvalidInput(*sentences(error)) from error
    except OSError as error:
        raise InvalidInput(f"{error.filename} cannot be written: {error.strerror}.", "Restore its rights.") from error
