"""`hanse token`: create, list, revoke: who may ask a node, for what, and until when."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import say, table
from hanse_cli.base.errors import WouldOverwrite
from hanse_cli.base.extras import load_node
from hanse_cli.base.session import JsonOption, answer
from hanse_cli.folders.nodefolder import node_errors
from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput
from hanse_io.durable import write_durably
from hanse_ledger.values.moments import moment_words

app = typer.Typer(name="token", help="Tokens of a node's readers; needs the extra `node`.", no_args_is_help=True)

DAY_MS = 86_400_000
MOST_DAYS = 3_660

DirOption = Annotated[Path, typer.Option("--dir", help="The node's folder.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose it is: up to 63 of a-z, 0-9, dots and hyphens.")],
    *,
    folder: DirOption,
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            help="What it opens: read, submit, entries (the whole ledger) or metrics. Several may be given.",
        ),
    ],
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help="How long it counts.")] = 90,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it into this new file, mode 0600, instead of printing it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make a token and show it, once: the node keeps only its hash. A running node takes it up within a second."""
    tokens, file = load_node("signing.tokens"), _token_file(folder)
    known = {each.value for each in tokens.Scope}
    for word in scope:
        if word not in known:
            raise InvalidInput(f"{word} is no scope of a token.", f"Use some of: {', '.join(sorted(known))}.")
    if out is not None and out.exists():
        raise WouldOverwrite(out)
    now = now_ms()
    ends = now + days * DAY_MS
    with _refusals():
        secret = tokens.create_token(file, name, tuple(map(tokens.Scope, scope)), ends=ends, now=now)
    document = {"name": name, "scopes": sorted(set(scope)), "ends": moment_words(ends)}
    if out is None:
        answer({**document, "token": secret}, secret, as_json=json)
        say(f"Give it to {name} alone; it is not kept and cannot be shown again. It counts until {document['ends']}.")
        return
    try:
        write_durably(out, secret.encode() + b"\n", replace=False)
    except OSError as error:
        tokens.revoke_token(file, name)  # nobody could ever use it
        raise InvalidInput(f"{out} cannot be written: {error.strerror}.", "Name another file.") from error
    answer({**document, "file": str(out)}, f"{out} holds the token of {name}, until {document['ends']}", as_json=json)


@app.command("list")
def list_tokens(*, folder: DirOption, json: JsonOption = False) -> None:
    """List a node's tokens: whose, what for, until when. No secret is known here."""
    tokens = load_node("signing.tokens")
    with _refusals():
        found = tokens.read_tokens(_token_file(folder))
    now = now_ms()
    document = [
        {
            "name": token.name,
            "scopes": [each.value for each in token.scopes],
            "created": moment_words(token.created),
            "ends": moment_words(token.ends),
            "ended": token.ends <= now,
        }
        for token in found
    ]
    rows = [
        (
            token.name,
            f"{', '.join(token.scopes)}; {'ended' if token.ends <= now else 'until'} {moment_words(token.ends)}",
        )
        for token in found
    ]
    answer(document, table(rows), as_json=json)
    if not found:
        say("There are none.")


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Whose it is, as `hanse token list` names it.")],
    *,
    folder: DirOption,
    json: JsonOption = False,
) -> None:
    """Make a token open nothing any more. A running node takes that up within a second."""
    with _refusals():
        load_node("signing.tokens").revoke_token(_token_file(folder), name)
    answer({"name": name, "revoked": True}, f"The token of {name} opens nothing any more.", as_json=json)


def _token_file(folder: Path) -> Path:
    with node_errors():
        config, _ = load_node("base.folder").read_folder(folder)
    return folder / str(config.token_file)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what the node refuses into the SDK's error. Raises InvalidInput, NodeFailed."""
    tokens = load_node("signing.tokens")
    try:
        with node_errors():
            try:
                yield
            except tokens.TokenRefused as error:
                raise InvalidInput(f"{error.reason}.", f"{error.next_step}.") from error
    except OSError as error:
        raise InvalidInput(f"{error.filename} cannot be written: {error.strerror}.", "Restore its rights.") from error
