"""`hanse token`: create, list, revoke: who may ask a node, for what, and until when."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import say, table
from hanse_cli.base.session import JsonOption, answer
from hanse_client.base.clock import now_ms
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
            help="What it opens: read, submit, publish, entries (the whole ledger), payloads (sealed bytes), "
            "reads (who read what), metrics. "
            "Several may be given.",
        ),
    ],
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help="How long it counts.")] = 90,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write it into this new file, mode 0600, instead of printing it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make a token and show it, once: the node keeps only its hash. A running node takes it up within a second."""
    from hanse_cli.with_node.tokens import create_token

    now = now_ms()
    ends = now + days * DAY_MS
    secret = create_token(folder, name, scope, ends=ends, now=now, out=out)
    document = {"name": name, "scopes": sorted(set(scope)), "ends": moment_words(ends)}
    if out is None:
        answer({**document, "token": secret}, secret, as_json=json)
        say(f"Give it to {name} alone; it is not kept and cannot be shown again. It counts until {document['ends']}.")
        return
    answer({**document, "file": str(out)}, f"{out} holds the token of {name}, until {document['ends']}", as_json=json)


@app.command("list")
def list_tokens(*, folder: DirOption, json: JsonOption = False) -> None:
    """List a node's tokens: whose, what for, until when. No secret is known here."""
    from hanse_cli.with_node.tokens import read_tokens

    tokens, now = read_tokens(folder), now_ms()
    document = [
        {
            "name": token.name,
            "scopes": [scope.value for scope in token.scopes],
            "created": moment_words(token.created),
            "ends": moment_words(token.ends),
            "ended": token.ends <= now,
        }
        for token in tokens
    ]
    rows = [
        (
            token.name,
            f"{', '.join(token.scopes)}; {'ended' if token.ends <= now else 'until'} {moment_words(token.ends)}",
        )
        for token in tokens
    ]
    answer(document, table(rows), as_json=json)
    if not tokens:
        say("There are none.")


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="Whose it is, as `hanse token list` names it.")],
    *,
    folder: DirOption,
    json: JsonOption = False,
) -> None:
    """Make a token open nothing any more. A running node takes that up within a second."""
    from hanse_cli.with_node.tokens import revoke_token

    revoke_token(folder, name)
    answer({"name": name, "revoked": True}, f"The token of {name} opens nothing any more.", as_json=json)
