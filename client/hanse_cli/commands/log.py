"""`hanse log`: verify a stored ledger from its first byte."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_cli.base.console import progress, table
from hanse_cli.base.session import JsonOption, TrustOption, answer, read_trust_file

app = typer.Typer(name="log", help="The log as it is stored; needs the extra `node`.", no_args_is_help=True)


@app.callback()
def log() -> None:
    """Look at the log as it is stored."""


@app.command()
def verify(
    *,
    folder: Annotated[Path, typer.Option("--dir", help="The node's folder; the node may be running.")] = Path(),
    trust: TrustOption = None,
    work: Annotated[
        Path | None, typer.Option("--work", help="Where the entries are replayed; by default the user's cache.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew where an audit was interrupted.")] = False,
    json: JsonOption = False,
) -> None:
    """Re-hash every stored byte, verify every signature, apply every rule again, compare every root and checkpoint.

    It works on all cores, in a second database that needs as much room as the ledger. Interrupted, it goes on where it
    was when it is run again.

    Exit code 0 only if everything agrees; 10 names the first difference; 20 where it cannot be read.
    """
    from hanse_cli.with_node.auditing import audit_folder

    trusted = read_trust_file(trust) if trust else None
    with progress() as ticker:
        audited = audit_folder(
            folder,
            trusted,
            ticker.count,
            work=work,
            restart=restart,
        )
    document = {
        "agrees": True,
        "ledger": audited.ledger,
        "size": audited.size,
        "records": audited.records,
        "resumed_at": audited.resumed_at,
    }
    rows = [
        ("everything agrees", "entries, signatures, rules, tables, roots and checkpoint"),
        ("ledger", audited.ledger.hex()),
        ("entries", str(audited.size)),
        ("records", str(audited.records)),
        *([("went on from", f"entry {audited.resumed_at}")] if audited.resumed_at else []),
    ]
    answer(document, table(rows), as_json=json)
