"""`hanse log`: verify a stored ledger from its first byte."""

from pathlib import Path
from typing import Annotated

import typer

from hanse_client.cli.console import progress, table
from hanse_client.cli.nodefolder import audit_folder
from hanse_client.cli.session import JsonOption, TrustOption, answer, read_trust_file

app = typer.Typer(name="log", help="The log as it is stored; needs the extra `node`.", no_args_is_help=True)


@app.callback()
def log() -> None:
    """Look at the log as it is stored."""


@app.command()
def verify(
    *,
    folder: Annotated[Path, typer.Option("--dir", help="The node's folder; the node may be running.")] = Path(),
    trust: TrustOption = None,
    json: JsonOption = False,
) -> None:
    """Re-hash every stored byte, verify every signature, apply every rule again, compare every root and checkpoint.

    Exit code 0 only if everything agrees; 10 names the first difference; 20 where it cannot be read.
    """
    trusted = read_trust_file(trust) if trust else None
    with progress() as ticker:
        audited = audit_folder(
            folder, trusted, lambda records, size: ticker.at(size, f"{size} entries, {records} records")
        )
    document = {"agrees": True, "ledger": audited.ledger, "size": audited.size, "records": audited.records}
    rows = [
        ("everything agrees", "entries, signatures, rules, tables, roots and checkpoint"),
        ("ledger", audited.ledger.hex()),
        ("entries", str(audited.size)),
        ("records", str(audited.records)),
    ]
    answer(document, table(rows), as_json=json)
